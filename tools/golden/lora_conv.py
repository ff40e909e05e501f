#!/usr/bin/env python3
"""lora_conv.py - LoRA on convolutions as PEFT computes and merges it, in float64.

x, w, b, A, B and t come from the recipe of tests/golden_case.h by the names "CASE.x" and so on; the file holds norm
and projection of y, of the gradients of A and B (of the sum of (y - t)^2), and of the merged weight, in PyTorch's
order of elements.
Needs: pip install numpy torch peft (torch 2.11, peft 0.21.2 wrote the file in the tree).
Usage: tools/golden/lora_conv.py > tests/golden/lora_conv.json
"""
import json

import peft
import torch

from conv2d import numbers, uniform

RANK, ALPHA = 3, 6
CASES = {  # x, w, stride, pad
    "three_half": ([2, 5, 9, 8], [7, 5, 3, 3], 2, 1),
    "pointwise": ([2, 12, 6, 5], [16, 12, 1, 1], 1, 0),
}


class One(torch.nn.Module):
    def __init__(self, w, stride, pad):
        super().__init__()
        self.conv = torch.nn.Conv2d(w[1], w[0], w[2], stride, pad, dtype=torch.float64)

    def forward(self, x):
        return self.conv(x)


rows = []
for name, (x, w, stride, pad) in CASES.items():
    model = peft.get_peft_model(
        One(w, stride, pad), peft.LoraConfig(r=RANK, lora_alpha=ALPHA, target_modules=["conv"])).double()
    conv = model.base_model.model.conv
    a, b = conv.lora_A["default"].weight, conv.lora_B["default"].weight
    with torch.no_grad():
        conv.base_layer.weight.copy_(uniform(name + ".w", w))
        conv.base_layer.bias.copy_(uniform(name + ".b", [w[0]]))
        a.copy_(uniform(name + ".A", a.shape))
        b.copy_(uniform(name + ".B", b.shape))
    y = model(uniform(name + ".x", x))
    ((y - uniform(name + ".t", list(y.shape))) ** 2).sum().backward()
    row = {"name": name, "x": x, "w": w, "stride": stride, "pad": [pad] * 4, "out": list(y.shape),
           "A": list(a.shape), "B": list(b.shape), "y": numbers(name + ".y", y),
           "dA": numbers(name + ".dA", a.grad), "dB": numbers(name + ".dB", b.grad)}
    conv.merge()
    rows.append(row | {"merged": numbers(name + ".merged", conv.base_layer.weight)})
print('{"made": "torch %s, peft %s", "cases": [\n%s]}' %
      (torch.__version__, peft.__version__, ",\n".join(map(json.dumps, rows))))
