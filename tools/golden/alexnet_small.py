"""Writes tests/golden/alexnet_small: AlexNet's form for pictures of 28 x 28, in PyTorch; weights, pixels and numbers by
the generator of the golden cases.
Usage: alexnet_small.py GOLDEN, the folder with generate.py and recipe.py; needs torch."""
import json
import os
import sys

import torch
import torch.nn as nn
import torch.nn.functional as F

sys.path.insert(0, sys.argv[1])
import generate

OUT = os.path.join(os.path.dirname(__file__), "..", "..", "tests", "golden")
NAME = "alexnet_small"


class AlexNetSmall(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 5, padding=2)
        self.conv2 = nn.Conv2d(16, 32, 3, padding=1)
        self.conv3 = nn.Conv2d(32, 64, 3, padding=1)
        self.conv4 = nn.Conv2d(64, 64, 3, padding=1)
        self.fc5 = nn.Linear(576, 128)
        self.fc6 = nn.Linear(128, 128)
        self.fc7 = nn.Linear(128, classes)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = F.relu(self.conv3(x))
        x = F.max_pool2d(F.relu(self.conv4(x)), 2)
        x = F.relu(self.fc5(F.adaptive_avg_pool2d(x, 3).flatten(1)))
        return self.fc7(F.relu(self.fc6(x)))


generate.vision(OUT, NAME, lambda: AlexNetSmall(10), NAME, 28)
path = os.path.join(OUT, NAME, "config.json")
config = json.load(open(path))
config["library"] = "engraft"
json.dump(config, open(path, "w"), indent=1)
