#!/usr/bin/env python3
"""conv2d.py - convolutions and their gradients as PyTorch computes them in float64.

x, w, b and dy come from the recipe of tests/golden_case.h by the names "CASE.x" and so on (x: B, C, H, W row-major);
the file holds norm and projection (on the recipe's "CASE.y.p" ..) of y, dx and dw in PyTorch's order of elements.
Needs: pip install numpy torch (2.11 wrote the file in the tree).
Usage: tools/golden/conv2d.py > tests/golden/conv2d.json
"""
import json

import numpy as np
import torch
import torch.nn.functional as F

CASES = {  # x, w, stride, pad (top, left, bottom, right), dilation, groups
    "pointwise": ([2, 20, 7, 5], [33, 20, 1, 1], 1, [0, 0, 0, 0], 1, 1),
    "three": ([2, 19, 9, 8], [17, 19, 3, 3], 1, [1, 1, 1, 1], 1, 1),
    "three_half": ([1, 32, 15, 14], [16, 32, 3, 3], 2, [1, 1, 1, 1], 1, 1),
    "same_end": ([1, 8, 12, 12], [24, 8, 3, 3], 2, [0, 0, 1, 1], 1, 1),
    "dilated": ([1, 5, 11, 12], [7, 5, 3, 3], 1, [2, 2, 2, 2], 2, 1),
    "stem": ([2, 3, 23, 21], [20, 3, 7, 7], 2, [3, 3, 3, 3], 1, 1),
    "shortcut": ([2, 24, 9, 9], [40, 24, 1, 1], 2, [0, 0, 0, 0], 1, 1),
    "groups": ([2, 12, 8, 9], [18, 4, 3, 3], 1, [1, 1, 1, 1], 1, 3),
    "depthwise": ([2, 37, 10, 9], [37, 1, 3, 3], 1, [1, 1, 1, 1], 1, 37),
    "depthwise_half": ([2, 40, 11, 12], [40, 1, 5, 5], 2, [1, 1, 2, 2], 1, 40),
    "patches": ([1, 3, 32, 16], [24, 3, 8, 8], 8, [0, 0, 0, 0], 1, 1),
}


def uniform(name, shape):
    key = 0xCBF29CE484222325
    for b in name.encode():
        key = ((key ^ b) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    u = np.uint64
    with np.errstate(over="ignore"):
        z = np.arange(int(np.prod(shape)), dtype=u) + u(key) + u(0x9E3779B97F4A7C15)
        z = (z ^ (z >> u(30))) * u(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> u(27))) * u(0x94D049BB133111EB)
        z ^= z >> u(31)
    return torch.tensor(((z >> u(40)).astype(np.float64) / 2.0**24 * 2 - 1).reshape(shape))


def numbers(name, t):
    t = t.detach().reshape(-1)
    return {"norm": float(t.norm()), "projection": float(t @ uniform(name + ".p", t.shape))}


def main():
    rows = []
    for name, (x, w, stride, pad, dilation, groups) in CASES.items():
        tx, tw = uniform(name + ".x", x).requires_grad_(), uniform(name + ".w", w).requires_grad_()
        padded = F.pad(tx, (pad[1], pad[3], pad[0], pad[2]))
        y = F.conv2d(padded, tw, uniform(name + ".b", [w[0]]), stride, 0, dilation, groups)
        y.backward(uniform(name + ".dy", list(y.shape)))
        rows.append({"name": name, "x": x, "w": w, "stride": stride, "pad": pad, "dilation": dilation, "groups": groups,
                     "out": list(y.shape), "y": numbers(name + ".y", y), "dx": numbers(name + ".dx", tx.grad),
                     "dw": numbers(name + ".dw", tw.grad)})
    print('{"made": "torch %s", "cases": [\n%s]}' % (torch.__version__, ",\n".join(map(json.dumps, rows))))


if __name__ == "__main__":
    main()
