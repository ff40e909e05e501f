#!/usr/bin/env python3
"""blend.py - Fashion-MNIST on coloured backgrounds, made as Ganin et al. 2016 made MNIST-M of MNIST: a patch of a photo,
and |patch - picture| in each channel.

Writes class folders of PNG: OUT/source/{train,test}/CLASS, OUT/target/{train,test}/CLASS, and the target's training
pictures once more without labels, OUT/unlabelled.  Pictures of source and target are different ones; patches of the target's test
part come from other photos than those of its training part.

    bench/blend.py IDX_FOLDER PHOTO_FOLDER OUT [--train 4000] [--test 2000] [--seed 0]

IDX_FOLDER: train-images-idx3-ubyte.gz and so on (Debian: dataset-fashion-mnist, in /usr/share/datasets/fashion-mnist).
PHOTO_FOLDER: JPEG or PNG photos, searched to any depth.  Needs: pip install numpy pillow.
"""
import argparse
import gzip
import os
import sys

import numpy as np
from PIL import Image

NAMES = ["t-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "boot"]


def idx(folder, name):
    for path in (os.path.join(folder, name), os.path.join(folder, name + ".gz")):
        if os.path.exists(path):
            data = (gzip.open if path.endswith(".gz") else open)(path, "rb").read()
            dims = [int.from_bytes(data[4 + 4 * i:8 + 4 * i], "big") for i in range(data[3])]
            return np.frombuffer(data, np.uint8, offset=4 + 4 * len(dims)).reshape(dims)
    sys.exit(f"{folder} has no {name}")


def photos(folder):
    found = sorted(os.path.join(d, f) for d, _, files in os.walk(folder) for f in files
                   if f.lower().endswith((".jpg", ".jpeg", ".png")))
    out = []
    for path in found:
        try:
            with Image.open(path) as p:
                p = p.convert("RGB")
                p.thumbnail((256, 256))
                if min(p.size) > 28:
                    out.append(np.asarray(p))
        except OSError:
            continue
    if len(out) < 10:
        sys.exit(f"{folder} has {len(out)} photos; it takes 10")
    return out


def blend(picture, photo, random):
    y, x = (random.integers(0, n - 28) for n in photo.shape[:2])
    return np.abs(photo[y:y + 28, x:x + 28].astype(np.int16) - picture[:, :, None]).astype(np.uint8)


def save(folder, name, picture):
    os.makedirs(folder, exist_ok=True)
    Image.fromarray(picture).save(os.path.join(folder, name + ".png"))


def main():
    p = argparse.ArgumentParser()
    p.add_argument("idx"), p.add_argument("photos"), p.add_argument("out")
    p.add_argument("--train", type=int, default=4000)
    p.add_argument("--test", type=int, default=2000)
    p.add_argument("--seed", type=int, default=0)
    o = p.parse_args()
    random = np.random.default_rng(o.seed)
    seen = photos(o.photos)
    order = random.permutation(len(seen))
    part = {"train": [seen[i] for i in order[len(seen) // 5:]], "test": [seen[i] for i in order[:len(seen) // 5]]}
    for name, n in (("train", o.train), ("test", o.test)):
        stem = "train" if name == "train" else "t10k"
        x, y = idx(o.idx, stem + "-images-idx3-ubyte"), idx(o.idx, stem + "-labels-idx1-ubyte")
        pick = random.permutation(len(x))[:2 * n]
        for i in pick[:n]:
            save(os.path.join(o.out, "source", name, NAMES[y[i]]), f"{i:05d}", np.repeat(x[i][:, :, None], 3, 2))
        for i in pick[n:]:
            made = blend(x[i], part[name][random.integers(len(part[name]))], random)
            save(os.path.join(o.out, "target", name, NAMES[y[i]]), f"{i:05d}", made)
            if name == "train":
                save(os.path.join(o.out, "unlabelled"), f"{i:05d}", made)
        print(f"{name}: {n} of the source, {n} of the target, patches of {len(part[name])} photos")


if __name__ == "__main__":
    main()
