#!/usr/bin/env python3
"""SST-2 with 400 sentences: `engraft train` and the same loop in PyTorch, in turn, seed by seed.

    bench/transfer.py BUILD MODEL_FOLDER SST2_FOLDER [--seeds 5] [--methods full,lora] [--python PYTHON]
"""
import argparse, json, math, os, random, shutil, statistics, subprocess, tempfile, time

ap = argparse.ArgumentParser()
ap.add_argument("build")
ap.add_argument("model")
ap.add_argument("sst2")
ap.add_argument("--seeds", type=int, default=5)
ap.add_argument("--methods", default="full,lora")
ap.add_argument("--python", default=os.path.expanduser("~/ref/bin/python"))
o = ap.parse_args()
env = dict(os.environ, HF_HUB_OFFLINE="1", CUDA_VISIBLE_DEVICES="", OMP_NUM_THREADS="2")
method = {"full": ["--method", "full", "--lr", "5e-5"],
          "lora": ["--method", "lora:rank=8,alpha=16,dropout=0,targets=query|value", "--lr", "1e-3"]}


def ours(train, dev, name, seed, out):
    start = time.time()
    subprocess.run([f"{o.build}/engraft", "train", train, "--model", o.model, "-o", out, "--valid-share", "0", "--test", dev,
                    "--epochs", "5", "--max-length", "128", "--seed", str(seed), "--no-baselines", "--quiet", "--overwrite", "--json"]
                   + method[name], check=True, stdout=open(out + ".json", "w"))
    seconds = time.time() - start
    r = json.loads(subprocess.run([f"{o.build}/engraft", "eval", out, dev, "--json"], check=True, capture_output=True, text=True).stdout)
    return r["score"], seconds


def theirs(train, dev, name, seed, out):
    r = subprocess.run([o.python, "bench/rival_train.py", train, dev, o.model, name, str(seed), out], check=True, capture_output=True, text=True, env=env)
    r = json.loads(r.stdout.splitlines()[-1])
    return r["accuracy"], r["seconds_to_saved"]


lines = open(os.path.join(o.sst2, "train.tsv"), encoding="utf-8").read().splitlines()
dev = os.path.join(o.sst2, "dev.tsv")
work = tempfile.mkdtemp()
for name in o.methods.split(","):
    a, b = [], []
    for seed in range(o.seeds):
        pick = lines[:]
        random.Random(100 + seed).shuffle(pick)
        train = os.path.join(work, f"train-{seed}.tsv")
        open(train, "w", encoding="utf-8").write("\n".join(pick[:400]) + "\n")
        a.append(ours(train, dev, name, seed, os.path.join(work, "ours")))
        b.append(theirs(train, dev, name, seed, os.path.join(work, "theirs")))
        print(f"{name:5s} seed {seed}: ours {a[-1][0]:.4f} in {a[-1][1]:.1f} s   PyTorch {b[-1][0]:.4f} in {b[-1][1]:.1f} s", flush=True)
    d = [x[0] - y[0] for x, y in zip(a, b)]
    se = statistics.stdev(d) / math.sqrt(len(d)) if len(d) > 1 else float("nan")
    ratio = statistics.median(y[1] / x[1] for x, y in zip(a, b))
    print(f"{name:5s} ours minus PyTorch {statistics.mean(d):+.4f}, standard error {se:.4f}, bar {-max(2 * se, 0.01):+.4f}; "
          f"PyTorch's wall time is {ratio:.2f} times ours (shell to saved model)\n", flush=True)
shutil.rmtree(work)
