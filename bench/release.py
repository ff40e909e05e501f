#!/usr/bin/env python3
"""Pre-train, release, fine-tune, all with our own command: Fashion-MNIST's classes 0 to 4 teach a ResNet-20, its saved folder is
`--model` for classes 5 to 9 with 100 labels; the same network from random weights beside it; both at the rate of least loss on
validation, whose 15 pictures tie too often on accuracy.  The release is kept beside FILE.jsonl.

    bench/release.py BUILD [--seeds 5] [--fashion FOLDER] [--out FILE.jsonl]
"""
import argparse, gzip, json, os, shutil, struct, subprocess, tempfile, time

from evidence import Kept, statistics_of

ap = argparse.ArgumentParser()
ap.add_argument("build")
ap.add_argument("--seeds", type=int, default=5)
ap.add_argument("--fashion", default="/usr/share/datasets/fashion-mnist")
ap.add_argument("--out", default="build/evidence/release.jsonl")
o = ap.parse_args()

RATES = ("5e-4", "1e-3", "3e-3", "1e-2")
OTHER = ("--batch-norm", "adapt")  # shoes and bags are no clothes: the release's running statistics do not hold for them


def halves(work):
    """Two IDX sets, of classes 0 to 4 and 5 to 9."""
    for part in ("train", "t10k"):
        pictures = gzip.open(f"{o.fashion}/{part}-images-idx3-ubyte.gz").read()[16:]
        labels = gzip.open(f"{o.fashion}/{part}-labels-idx1-ubyte.gz").read()[8:]
        for half in (0, 1):
            mine = [i for i, y in enumerate(labels) if y // 5 == half]
            os.makedirs(f"{work}/half{half}", exist_ok=True)
            with open(f"{work}/half{half}/{part}-images-idx3-ubyte", "wb") as f:
                f.write(struct.pack(">IIII", 0x803, len(mine), 28, 28) + b"".join(pictures[784 * i : 784 * i + 784] for i in mine))
            with open(f"{work}/half{half}/{part}-labels-idx1-ubyte", "wb") as f:
                f.write(struct.pack(">II", 0x801, len(mine)) + bytes(labels[i] for i in mine))


def engraft(data, model, out, seed, *extra):
    start = time.time()
    r = subprocess.run([f"{o.build}/engraft", "train", data, "--model", model, "-o", out, "--seed", str(seed), "--overwrite", "--no-baselines",
                        "--quiet", "--json", *extra], check=True, capture_output=True, text=True)
    return json.loads(r.stdout.splitlines()[-1]), time.time() - start


def learned(r):
    """What came out of the run: the model that was saved."""
    s = next(s for s in r["scores"] if s["chosen"])
    return {"score": s["held_out"], "valid": s["valid"], "valid_loss": s["valid_loss"], "train": s["train"], "method": s["name"], "n": s["n"]}


def best_rate(data, base, out, seed, *extra):
    """The best of four rates on validation, each side's."""
    few = ("--per-class", "20", "--epochs", "30", "--patience", "0", "--test-limit", "2000")
    tried = [(rate, *engraft(data, base, out, seed, "--lr", rate, *few, *extra)) for rate in RATES]
    rate, r, took = min(tried, key=lambda t: learned(t[1])["valid_loss"])
    return {"seconds": took, "rate": rate, "tried": {t[0]: learned(t[1]) for t in tried}, **learned(r)}


def main():
    kept = Kept(o.out)
    work = tempfile.mkdtemp()
    if not os.path.isdir(o.fashion):
        raise SystemExit(f"no {o.fashion}: apt-get install dataset-fashion-mnist")
    halves(work)
    base = os.path.join(os.path.dirname(o.out), "release")
    if not os.path.isdir(base):
        r, seconds = engraft(f"{work}/half0", "resnet20", f"{work}/release", 0, "--scratch", "--per-class", "6000", "--epochs", "3", "--lr", "2e-3", "--test-limit", "2000")
        print(f"released after {seconds:.0f} s: {learned(r)['score']:.4f} on its own classes", flush=True)
        shutil.move(f"{work}/release", base)
    pairs = []
    for seed in range(o.seeds):
        for start, extra in (("own release", OTHER), ("from scratch", ("--scratch",))):
            if not kept.has(seed=seed, start=start):
                kept.add(seed=seed, start=start, **best_rate(f"{work}/half1", base, f"{work}/out", seed, *extra))
        a, b = (kept.get(seed=seed, start=s) for s in ("own release", "from scratch"))
        pairs.append((a, b))
        print(f"seed {seed}: 100 labels of the other classes: {a['score']:.4f} ({a['method']}), from scratch {b['score']:.4f}", flush=True)
    s = statistics_of(pairs)
    print(f"own release {s['ours']:.4f}, from scratch {s['theirs']:.4f}: {s['difference']:+.4f} +- {2 * s['se']:.4f} (2 standard errors, {s['n']} seeds)")
    shutil.rmtree(work)


main()
