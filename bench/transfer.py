#!/usr/bin/env python3
"""Learning from few texts: `engraft train` and the same loop in PyTorch, in turn, seed by seed.

    bench/transfer.py BUILD MODEL_FOLDER DATA_FOLDER [--sets sst2:400,acl-arc] [--seeds 5] [--methods full,lora,ia3,bitfit] [--python PYTHON] [--out FILE.jsonl]

DATA_FOLDER holds sst2/{train,dev}.tsv and acl-arc-citation-intent/{train,dev,test}.txt.  SET:N draws N examples a seed.
A line for each pair, then the mean difference, its standard error and the bar it is held to: max(2 standard errors, 1 point).
FILE.jsonl keeps each run; those it holds are not run again.
"""
import argparse, json, os, random, shutil, subprocess, tempfile, time

from evidence import Kept, paired

ap = argparse.ArgumentParser()
ap.add_argument("build")
ap.add_argument("model")
ap.add_argument("data")
ap.add_argument("--sets", default="sst2:400,acl-arc")
ap.add_argument("--seeds", type=int, default=5)
ap.add_argument("--methods", default="full,lora")
ap.add_argument("--python", default=os.path.expanduser("~/ref/bin/python"))
ap.add_argument("--out", default="build/evidence/texts.jsonl")
o = ap.parse_args()
env = dict(os.environ, HF_HUB_OFFLINE="1", CUDA_VISIBLE_DEVICES="", OMP_NUM_THREADS="2", OMP_WAIT_POLICY="passive")
method = {"full": ["--method", "full", "--lr", "5e-5"],
          "lora": ["--method", "lora:rank=8,alpha=16,dropout=0,targets=query|value", "--lr", "1e-3"],
          "ia3": ["--method", "ia3", "--lr", "1e-2"], "bitfit": ["--method", "bitfit", "--lr", "1e-3"]}


def sst2(part):
    with open(os.path.join(o.data, "sst2", part + ".tsv"), encoding="utf-8") as f:
        return [line.rstrip("\n").split("\t") for line in f]


def acl_arc(part):
    with open(os.path.join(o.data, "acl-arc-citation-intent", part + ".txt"), encoding="utf-8") as f:
        return [(" ".join(r["text"].split()), r["label"]) for r in map(json.loads, f)]


sets = {"sst2": lambda: (sst2("train"), sst2("dev")),
        "acl-arc": lambda: (acl_arc("train"), acl_arc("dev") + acl_arc("test"))}


folder = {"sst2": "sst2", "acl-arc": "acl-arc-citation-intent"}


def write(path, rows):
    with open(path, "w", encoding="utf-8") as f:
        f.writelines(f"{text}\t{label}\n" for text, label in rows)
    return path


def ours(train, held, name, seed, out):
    start = time.time()
    subprocess.run([f"{o.build}/engraft", "train", train, "--model", o.model, "-o", out, "--valid-share", "0", "--test", held,
                    "--epochs", "5", "--max-length", "128", "--seed", str(seed), "--no-baselines", "--quiet", "--overwrite", "--json"]
                   + method[name], check=True, stdout=subprocess.DEVNULL)
    seconds = time.time() - start
    r = json.loads(subprocess.run([f"{o.build}/engraft", "eval", out, held, "--json"], check=True, capture_output=True, text=True).stdout)
    return r["score"], seconds


def theirs(train, held, name, seed, out):
    r = subprocess.run([o.python, "bench/rival_train.py", train, held, o.model, name, str(seed), out], check=True, capture_output=True, text=True, env=env)
    r = json.loads(r.stdout.splitlines()[-1])
    return r["accuracy"], r["seconds_to_saved"]


def compare(what, kept, work):
    name, _, n = what.partition(":")
    rows, held = sets[name]()
    n = int(n) if n else len(rows)
    test = write(os.path.join(work, "held.tsv"), held)
    print(f"{what}: {n} examples, {len({y for _, y in rows})} classes, {len(held)} held out", flush=True)
    for how in o.methods.split(","):
        for seed in range(o.seeds):
            key = {"set": what, "method": how, "seed": seed}
            if not kept.has(side="PyTorch", **key):
                pick = rows[:]
                random.Random(100 + seed).shuffle(pick)
                train = write(os.path.join(work, "train.tsv"), pick[:n])
                for side, run in (("engraft", ours), ("PyTorch", theirs)):
                    score, seconds = run(train, test, how, seed, os.path.join(work, side))
                    kept.add(side=side, score=score, seconds=seconds, n={"train": n, "test": len(held)}, **key)
            a, b = (kept.get(side=side, **key) for side in ("engraft", "PyTorch"))
            print(f"{how:5s} seed {seed}: ours {a['score']:.4f} in {a['seconds']:.1f} s   PyTorch {b['score']:.4f} in {b['seconds']:.1f} s", flush=True)
        print(f"{how:5s} {paired(kept.pairs(set=what, method=how))}\n", flush=True)


work = tempfile.mkdtemp()
kept = Kept(o.out)
for what in o.sets.split(","):
    if os.path.isdir(os.path.join(o.data, folder[what.partition(":")[0]])):
        compare(what, kept, work)
    else:
        print(f"{what}: no {folder[what.partition(':')[0]]}/ in {o.data} (tools/fetch.tsv says where it is from)", flush=True)
shutil.rmtree(work)
