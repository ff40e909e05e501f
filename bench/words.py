#!/usr/bin/env python3
"""Word vectors learned by engraft and by gensim in turn, on the same text with the same settings: words a second of
learning alone, processor seconds, and Spearman's correlation on the sets of pairs.  bench/words_corpus.sh makes a text.
usage: words.py ENGRAFT TEXT --pairs FOLDER --python PYTHON [--objective skipgram] [--epochs 1] [--seeds 3] [--threads 2]"""
import argparse
import json
import os
import resource
import statistics
import subprocess
import tempfile

SETS = ("wordsim353-sim", "wordsim353-rel", "simlex999", "men")


def spent():
    r = resource.getrusage(resource.RUSAGE_CHILDREN)
    return r.ru_utime + r.ru_stime


def ours(o, seed, out):
    before = spent()
    r = json.loads(subprocess.run([o.engraft, "pretrain", o.text, "--objective", o.objective, "-o", out, "--epochs", str(o.epochs),
                                   "--seed", str(seed), "--threads", str(o.threads), "--json", "-q"],
                                  check=True, capture_output=True).stdout)
    return r["words_per_second"], spent() - before


def theirs(o, seed, mode, out):
    rival = os.path.join(os.path.dirname(__file__), "rival_words.py")
    line = subprocess.run([o.python, rival, o.text, o.objective, str(o.threads), str(o.epochs), str(seed), mode, out],
                          check=True, capture_output=True, text=True, env=dict(os.environ, OMP_NUM_THREADS="1")).stdout
    words, seconds, processor = (float(x) for x in line.split())
    return words / seconds, processor


def scores(o, table):
    lines = subprocess.run([o.engraft, "vectors", table, "--eval", *(os.path.join(o.pairs, s + ".csv") for s in SETS), "--json", "-q"],
                           check=True, capture_output=True, text=True).stdout.splitlines()
    return [json.loads(line)["spearman"] for line in lines]


def main():
    p = argparse.ArgumentParser()
    p.add_argument("engraft")
    p.add_argument("text")
    p.add_argument("--pairs", required=True)
    p.add_argument("--python", default="python3")
    p.add_argument("--objective", default="skipgram")
    p.add_argument("--epochs", type=int, default=1)
    p.add_argument("--seeds", type=int, default=3)
    p.add_argument("--threads", type=int, default=2)
    o = p.parse_args()
    rows = {"engraft": [], "gensim lines": [], "gensim file": []}
    with tempfile.TemporaryDirectory() as work:
        for seed in range(1, o.seeds + 1):
            for name, found in rows.items():
                out = os.path.join(work, f"{name} {seed}")
                speed = ours(o, seed, out) if name == "engraft" else theirs(o, seed, name.split()[1], out)
                found.append((*speed, *scores(o, out)))
                print(seed, name, *(f"{x:.3f}" for x in found[-1]), flush=True)
    print("| | words/s | processor s |", " | ".join(SETS), "|")
    for name, found in rows.items():
        columns = list(zip(*found))
        spread = [f"{statistics.mean(c):.3f} ± {statistics.stdev(c) if len(c) > 1 else 0:.3f}" for c in columns[2:]]
        print(f"| {name} | {statistics.median(columns[0]):.0f} | {statistics.median(columns[1]):.1f} |", " | ".join(spread), "|")
    for name in ("gensim lines", "gensim file"):
        ratios = [a[0] / b[0] for a, b in zip(rows["engraft"], rows[name])]
        print(f"words/s over {name}: median {statistics.median(ratios):.2f}, from {min(ratios):.2f} to {max(ratios):.2f}")


if __name__ == "__main__":
    main()
