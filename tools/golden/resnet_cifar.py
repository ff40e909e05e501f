"""Writes tests/golden/resnet20_cifar: the residual network of section 4.2 of He et al. 2015 with shortcuts that pad (option
A), as pytorch_resnet_cifar10 names its parts; weights, pixels and numbers by the generator of the golden cases.
Usage: resnet_cifar.py GOLDEN, the folder with generate.py and recipe.py; needs torch."""
import json
import os
import sys

import torch
import torch.nn as nn
import torch.nn.functional as F

sys.path.insert(0, sys.argv[1])
import generate

OUT = os.path.join(os.path.dirname(__file__), "..", "..", "tests", "golden")
NAME = "resnet20_cifar"


class Block(nn.Module):
    def __init__(self, inside, out, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inside, out, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(out)
        self.conv2 = nn.Conv2d(out, out, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(out)
        self.stride, self.more = stride, out - inside

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        if self.stride != 1:
            x = F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, self.more // 2, self.more // 2))
        return F.relu(y + x)


class ResNet(nn.Module):
    def __init__(self, n, classes):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        for stage, (inside, out) in enumerate([(16, 16), (16, 32), (32, 64)]):
            blocks = [Block(inside, out, 2 if stage else 1)] + [Block(out, out, 1) for _ in range(n - 1)]
            setattr(self, f"layer{stage + 1}", nn.Sequential(*blocks))
        self.linear = nn.Linear(64, classes)

    def forward(self, x):
        x = self.layer3(self.layer2(self.layer1(F.relu(self.bn1(self.conv1(x))))))
        return self.linear(x.mean((2, 3)))


generate.vision(OUT, NAME, lambda: ResNet(3, 10), "resnet20", 32)
path = os.path.join(OUT, NAME, "config.json")
config = json.load(open(path))
config["library"] = "pytorch_resnet_cifar10"
json.dump(config, open(path, "w"), indent=1)
