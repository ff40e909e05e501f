#!/usr/bin/env python3
"""domain.py - adaptation to an unlabelled target: Amazon reviews, books and dvd, as Ganin et al. 2016 (arXiv:1505.07818)
had them: 5,000 counts a review, one hidden layer of 50, plain gradient descent, the epoch kept by the source's validation
part and the strength by reverse validation, never by the target's labels.

For each direction and seed one run of `engraft train SOURCE --target T --test T-TEST --adapt dann:..`, which learns
without adaptation too, under the same seed; the difference is paired.  Prints each run and a table in Markdown, beside
the paper's figures (its table 1: NN and DANN on the raw counts, one run each, full test sets).

    bench/domain.py FOLDER [--seeds 10] [--strengths "0.03|0.1|0.3"] [--keep DIR]

FOLDER: {books,dvd}_{train,test}.svmlight.  Needs build/release/engraft.
"""
import argparse
import json
import math
import os
import subprocess
import sys
import tempfile

PAPER = {("books", "dvd"): (0.790, 0.784), ("dvd", "books"): (0.720, 0.723)}
T95 = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365, 8: 2.306, 9: 2.262, 14: 2.145, 19: 2.093}


def mean(x):
    return sum(x) / len(x)


def interval(x):
    """Half width of the 95 % interval of the mean, by Student's t."""
    if len(x) < 2:
        return float("nan")
    sd = math.sqrt(sum((v - mean(x)) ** 2 for v in x) / (len(x) - 1))
    return T95.get(len(x) - 1, 1.96) * sd / math.sqrt(len(x))


def run(o, source, target, seed, out):
    file = lambda domain, part: os.path.join(o.folder, f"{domain}_{part}.svmlight")
    command = [o.engraft, "train", file(source, "train"), "--target", file(target, "train"), "--test", file(target, "test"),
               "--model", "mlp:50", "--adapt", f"dann:strength={o.strengths},ramp={o.ramp},hidden=0",
               "--optimizer", "sgd", "--lr", "0.1", "--weight-decay", "0",
               "--valid-share", "0.1", "--epochs", str(o.epochs), "--seed", str(seed), "-o", out, "--overwrite", "--json"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr)
    r = json.loads(done.stdout)
    row = {s["name"].split(",")[0]: s["held_out"] for s in r["scores"]}
    d = r["domain"]
    print(f"{source} > {target} seed {seed}: logistic {row['logistic regression']:.4f}, source only {row['source only']:.4f}, "
          f"dann {row['dann']:.4f} (strength {d['strength']:g}), reverse error {d['plain_risk']:.4f} and {d['risk']:.4f}, "
          f"A-distance {d['distance_raw']:.3f} raw, {d['distance_plain']:.3f} and {d['distance']:.3f}", flush=True)
    return row, d


def main():
    p = argparse.ArgumentParser()
    p.add_argument("folder")
    p.add_argument("--engraft", default="build/release/engraft")
    p.add_argument("--seeds", type=int, default=10)
    p.add_argument("--epochs", type=int, default=15)
    p.add_argument("--strengths", default="0.03|0.1|0.3")
    p.add_argument("--ramp", default="0")
    p.add_argument("--source", choices=["books", "dvd"], help="this direction alone")
    p.add_argument("--keep", default=None)
    o = p.parse_args()
    table = []
    with tempfile.TemporaryDirectory() as folder:
        for (source, target), paper in PAPER.items():
            if o.source not in (None, source):
                continue
            runs = [run(o, source, target, s, os.path.join(o.keep or folder, f"{source}-{target}-{s}"))
                    for s in range(o.seeds)]
            plain = [r["source only"] for r, _ in runs]
            dann = [r["dann"] for r, _ in runs]
            gain = [b - a for a, b in zip(plain, dann)]
            far = [mean([d[k] for _, d in runs]) for k in ("distance_raw", "distance_plain", "distance")]
            fell = sum(d["distance"] < d["distance_plain"] for _, d in runs)
            table.append(f"| {source} > {target} | {mean([r['logistic regression'] for r, _ in runs]):.4f} | {mean(plain):.4f} "
                         f"({paper[0]:.3f}) | {mean(dann):.4f} ({paper[1]:.3f}) | {mean(gain):+.4f} +- {interval(gain):.4f} | "
                         f"{far[0]:.2f} | {far[1]:.2f} | {far[2]:.2f} ({fell} of {len(runs)}) |")
    print("\n| | logistic regression | source only (paper) | DANN (paper) | difference, 95 % | A-distance, data | source only | "
          "DANN (fell in) |\n|---|---|---|---|---|---|---|---|")
    print("\n".join(table))


if __name__ == "__main__":
    main()
