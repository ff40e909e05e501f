#!/usr/bin/env python3
"""dann.py - one step of domain-adversarial training as PyTorch computes it in float64.

A network of one hidden layer with a classifier over it and a domain classifier behind a gradient reversal (an autograd
Function); the first rows are the source's, the others the target's, which have no label.  The loss is Ganin et al.'s
(2016, equation 9): the mean over the source's labels, and the means of the domain's loss over both sides.
x and the tensors come from the recipe of tests/golden_case.h by the names "dann.x", "dann.hidden.weight" and so on; the
file holds norm and projection (on "gradient of NAME") of every gradient, for each strength.
Needs: pip install numpy torch (2.11 wrote the file in the tree).
Usage: tools/golden/dann.py > tests/golden/dann.json
"""
import json

import torch
import torch.nn.functional as F

from conv2d import uniform

SOURCE, TARGET, D, HIDDEN, CLASSES, DOMAIN = 4, 4, 7, 5, 3, 6


class Reverse(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, strength):
        ctx.strength = strength
        return x.view_as(x)

    @staticmethod
    def backward(ctx, dy):
        return -ctx.strength * dy, None


def norms(name, x):
    r = uniform("gradient of " + name, list(x.shape))
    return {"shape": list(x.shape), "norm": x.norm().item(), "projection": (x * r).sum().item()}


rows = []
for strength in (0.0, 0.3, 1.5):
    t = {name: uniform("dann." + name, shape).requires_grad_() for name, shape in {
        "hidden.weight": [HIDDEN, D], "hidden.bias": [HIDDEN],
        "classifier.weight": [CLASSES, HIDDEN], "classifier.bias": [CLASSES],
        "domain.0.weight": [DOMAIN, HIDDEN], "domain.0.bias": [DOMAIN],
        "domain.2.weight": [2, DOMAIN], "domain.2.bias": [2]}.items()}
    label = torch.arange(SOURCE) % CLASSES
    h = torch.sigmoid(F.linear(uniform("dann.x", [SOURCE + TARGET, D]), t["hidden.weight"], t["hidden.bias"]))
    y = F.cross_entropy(F.linear(h[:SOURCE], t["classifier.weight"], t["classifier.bias"]), label)
    z = F.relu(F.linear(Reverse.apply(h, strength), t["domain.0.weight"], t["domain.0.bias"]))
    z = F.linear(z, t["domain.2.weight"], t["domain.2.bias"])
    d = F.cross_entropy(z[:SOURCE], torch.zeros(SOURCE, dtype=torch.long)) + \
        F.cross_entropy(z[SOURCE:], torch.ones(TARGET, dtype=torch.long))
    (y + d).backward()
    rows.append({"strength": strength, "labels": y.item(), "domain": d.item(),
                 "gradients": {k: norms(k, v.grad) for k, v in t.items()}})
print('{"made": "torch %s", "rows": [%d, %d], "cases": [\n%s]}' %
      (torch.__version__, SOURCE, TARGET, ",\n".join(map(json.dumps, rows))))
