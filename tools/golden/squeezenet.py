"""Writes tests/golden/torchvision_squeezenet1_0 and _1 by the generator of the golden cases.
Usage: squeezenet.py GOLDEN, the folder with generate.py and recipe.py; needs torch and torchvision."""
import os
import sys

import torchvision

sys.path.insert(0, sys.argv[1])
import generate

OUT = os.path.join(os.path.dirname(__file__), "..", "..", "tests", "golden")

for arch in ("squeezenet1_0", "squeezenet1_1"):
    generate.vision(OUT, "torchvision_" + arch, lambda: getattr(torchvision.models, arch)(weights=None, num_classes=20), arch, 128)
