#!/usr/bin/env python3
"""Learning from few pictures: `engraft train` and PyTorch + timm, on the same parts, in turn, seed by seed.

    bench/pictures.py BUILD DATA_FOLDER [--sets ants-bees,neu-5,neu,ucmerced,colon] [--seeds 5] [--size 224] [--out FILE.jsonl]

DATA_FOLDER holds hymenoptera/, neu-steel-subset/, ucmerced-subset/ and lc25000-colon-subset/ of class folders in parts.
PyTorch's is the better on validation of frozen features + logistic regression and full tuning, whose rate of three was the best
on the first seed's validation.  From scratch: ours, three rates and three times the epochs, the best on validation, first seed.
FILE.jsonl keeps each run; those it holds are not run again.
"""
import argparse, csv, json, os, random, shutil, subprocess, tempfile, time

from evidence import Kept, paired

ap = argparse.ArgumentParser()
ap.add_argument("build")
ap.add_argument("data")
ap.add_argument("--sets", default="ants-bees,neu-5,neu,ucmerced,colon")
ap.add_argument("--seeds", type=int, default=5)
ap.add_argument("--size", type=int, default=224)
ap.add_argument("--rates", default="2e-4,5e-4,1e-3")
ap.add_argument("--model", default=os.path.expanduser("~/.cache/engraft/models/efficientnet_lite0"))
ap.add_argument("--python", default=os.path.expanduser("~/ref/bin/python"))
ap.add_argument("--out", default="build/evidence/pictures.jsonl")
o = ap.parse_args()
weights = next(os.path.join(o.model, f) for f in sorted(os.listdir(o.model)) if f.endswith(".pth"))
env = dict(os.environ, HF_HUB_OFFLINE="1", CUDA_VISIBLE_DEVICES="", OMP_NUM_THREADS="2", OMP_WAIT_POLICY="passive")
folder = {"ants-bees": "hymenoptera", "neu": "neu-steel-subset", "neu-5": "neu-steel-subset", "ucmerced": "ucmerced-subset", "colon": "lc25000-colon-subset"}


def pictures(root):
    return sorted(os.path.relpath(os.path.join(d, f), root) for d, _, fs in os.walk(root) for f in fs if f.lower().endswith((".jpg", ".jpeg", ".png")))


def link(name, seed, root):
    """The set as `engraft train` is to see it: 5 a class where that is asked; colon without its parts, which share near-copies;
    the other part than training's is the test."""
    source = os.path.join(o.data, folder[name])
    names = pictures(source)
    if name == "neu-5":
        train = [n for n in names if n.startswith("train/")]
        random.Random(seed).shuffle(train)
        kept = [n for c in sorted({n.split("/")[1] for n in train}) for n in [t for t in train if t.split("/")[1] == c][:5]]
        names = kept + [n for n in names if not n.startswith("train/")]
    for n in names:
        part, rest = n.split("/", 1)
        at = os.path.join(root, rest if name == "colon" else os.path.join("test" if part == "val" else part, rest))
        os.makedirs(os.path.dirname(at), exist_ok=True)
        os.symlink(os.path.abspath(os.path.join(source, n)), at)
    return root


def engraft(root, seed, out, *extra):
    start = time.time()
    r = subprocess.run([f"{o.build}/engraft", "train", root, "--model", "efficientnet_lite0", "--size", str(o.size), "--seed", str(seed), "-o", out,
                        "--overwrite", "--no-baselines", "--quiet", "--json", *extra], check=True, capture_output=True, text=True)
    r = json.loads(r.stdout.splitlines()[-1])
    r["wall"] = time.time() - start
    return r


def lists(root, out, work):
    """The parts that engraft cut, as lists of path and class; what it holds out is written beside the model."""
    held = {}
    for part in ("valid", "test"):
        with open(f"{out}/engraft/{part}.csv", encoding="utf-8", newline="") as f:
            held[part] = [row[0] for row in csv.reader(f)][1:]
    away = set(held["valid"]) | set(held["test"])
    held["train"] = [n for n in pictures(root) if n not in away and not n.startswith(("val/", "test/"))]
    for part, names in held.items():
        with open(f"{work}/{part}.txt", "w", encoding="utf-8") as f:
            f.writelines(f"{root}/{n}\t{n.split('/')[-2]}\n" for n in names)
    return [f"{work}/{part}.txt" for part in ("train", "valid", "test")], {p: len(n) for p, n in held.items()}


def ours(name, root, seed, out):
    r = engraft(root, seed, out)
    chosen = next(s for s in r["scores"] if s["chosen"])
    return {"score": chosen["held_out"], "method": chosen["name"], "seconds": r["wall"],
            "each": {s["name"]: [s["train"], s["valid"], s["held_out"]] for s in r["scores"]}, "classes": r["classes"]}


def theirs(parts, seed, rates, out):
    r = subprocess.run([o.python, "bench/rival_pictures.py", *parts, weights, str(o.size), rates, str(seed), out], check=True,
                       capture_output=True, text=True, env=env)
    tried = json.loads(r.stdout.splitlines()[-1])
    best = max(tried, key=lambda t: t["valid"])
    full = max((t for t in tried if t["method"] == "full"), key=lambda t: t["valid"])
    return {"score": best["test"], "method": best["method"], "rate": full["rate"], "seconds": tried[0]["seconds"] + full["seconds"], "tried": tried}


def scratch(root, out):
    """What the same network learns from random weights: the best rate on validation."""
    tried = []
    for rate in ("5e-4", "1e-3", "2e-3"):
        r = engraft(root, 0, out, "--scratch", "--epochs", "18", "--lr", rate)
        s = next(s for s in r["scores"] if s["chosen"])
        tried.append({"rate": rate, "train": s["train"], "valid": s["valid"], "score": s["held_out"]})
    return max(tried, key=lambda t: t["valid"])


def compare(name, kept, work):
    rate = o.rates
    for seed in range(o.seeds):
        key = {"set": name, "size": o.size, "seed": seed}
        if not kept.has(side="engraft", **key) or not kept.has(side="PyTorch", **key):
            root = link(name, seed, tempfile.mkdtemp(dir=work))
            a = ours(name, root, seed, f"{work}/ours")
            parts, n = lists(root, f"{work}/ours", work)
            if not kept.has(side="engraft", **key):
                kept.add(side="engraft", n=n, **key, **a)
            if not kept.has(side="PyTorch", **key):
                kept.add(side="PyTorch", n=n, **key, **theirs(parts, seed, rate, f"{work}/theirs.pt"))
        b = kept.get(side="PyTorch", **key)
        rate = str(b["rate"])
        a = kept.get(side="engraft", **key)
        print(f"{name} seed {seed}: ours {a['score']:.4f} ({a['method']}) in {a['seconds']:.0f} s   PyTorch {b['score']:.4f} ({b['method']}) in {b['seconds']:.0f} s", flush=True)
    if not kept.has(set=name, size=o.size, side="scratch"):
        kept.add(set=name, size=o.size, side="scratch", **scratch(link(name, 0, tempfile.mkdtemp(dir=work)), f"{work}/scratch"))
    s = kept.get(set=name, size=o.size, side="scratch")
    print(f"{name} from scratch: training {s['train']:.4f}, held out {s['score']:.4f}\n{paired(kept.pairs(set=name, size=o.size))}\n", flush=True)


work = tempfile.mkdtemp()
kept = Kept(o.out)
for name in o.sets.split(","):
    if os.path.isdir(os.path.join(o.data, folder[name])):
        compare(name, kept, work)
    else:
        print(f"{name}: no {folder[name]}/ in {o.data} (tools/fetch.tsv says where it is from)", flush=True)
shutil.rmtree(work)
