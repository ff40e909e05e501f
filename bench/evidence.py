#!/usr/bin/env python3
"""The tables of docs/RESULTS.md, run again on whatever sets are at hand; nothing is fetched.

    bench/evidence.py BUILD --pictures FOLDER --texts FOLDER [--python PYTHON] [--size 224] [--seeds 5] [--only texts,pictures,release]

Each run is kept in build/evidence/*.jsonl with its CPU, date and commit: cut off, it goes on; the page is written from what is
there.  A set that is missing is named, with the line of tools/fetch.tsv that says where it is from.
"""
import argparse, json, math, os, statistics, subprocess, time


def cpu():
    with open("/proc/cpuinfo") as f:
        name = next((l.split(":")[1].strip() for l in f if l.startswith("model name")), "unknown CPU")
    with open("/proc/cpuinfo") as f:
        flags = next((l.split() for l in f if l.startswith("flags")), [])
    return f"{name}, {os.cpu_count()} cores, {'AVX-512' if 'avx512f' in flags else 'AVX2' if 'avx2' in flags else 'no AVX2'}"


def commit():
    r = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True, text=True)
    return r.stdout.strip() or "unknown"


class Kept:
    """Finished runs, a JSON line each; a key is any of a row's fields."""

    def __init__(self, path):
        self.path = path
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        self.rows = [json.loads(l) for l in open(path, encoding="utf-8")] if os.path.exists(path) else []

    def add(self, **row):
        row.update(cpu=cpu(), date=time.strftime("%Y-%m-%d"), commit=commit())
        self.rows.append(row)
        with open(self.path, "a", encoding="utf-8") as f:
            f.write(json.dumps(row) + "\n")

    def all(self, **key):
        return [r for r in self.rows if all(r.get(k) == v for k, v in key.items())]

    def has(self, **key):
        return bool(self.all(**key))

    def get(self, **key):
        return self.all(**key)[-1]

    def pairs(self, **key):
        theirs = {r["seed"]: r for r in self.all(side="PyTorch", **key)}
        return [(r, theirs[r["seed"]]) for r in self.all(side="engraft", **key) if r["seed"] in theirs]


def statistics_of(pairs):
    d = [a["score"] - b["score"] for a, b in pairs]
    se = statistics.stdev(d) / math.sqrt(len(d)) if len(d) > 1 else float("nan")
    return {"ours": statistics.mean(a["score"] for a, _ in pairs), "theirs": statistics.mean(b["score"] for _, b in pairs), "difference": statistics.mean(d),
            "se": se, "bar": -max(2 * se, 0.01) if len(d) > 1 else -0.01, "time": statistics.median(b["seconds"] / a["seconds"] for a, b in pairs), "n": len(d)}


def paired(pairs):
    s = statistics_of(pairs)
    return (f"ours {s['ours']:.4f}, PyTorch {s['theirs']:.4f}: difference {s['difference']:+.4f}, standard error {s['se']:.4f}, bar {s['bar']:+.4f}, "
            f"{s['n']} seeds; PyTorch's wall time is {s['time']:.2f} times ours (shell to saved model)")


def table(head, rows):
    return "\n".join(["| " + " | ".join(head) + " |", "|" + "---|" * len(head)] + ["| " + " | ".join(r) + " |" for r in rows]) + "\n"


def row_of(s):
    """ours, PyTorch, difference with its 95 % interval, whether the bar holds, ratio of wall times"""
    held = "held" if s["difference"] >= s["bar"] else "**not held**"
    return [f"{s['ours']:.3f}", f"{s['theirs']:.3f}", f"{s['difference']:+.3f} ± {2 * s['se']:.3f}", f"{held} ({s['bar']:+.3f})", f"{s['time']:.1f}", str(s["n"])]


def runs_of(kept):
    commits = {}
    for r in kept.rows:
        commits.setdefault((r["cpu"], r["date"]), set()).add(r["commit"])
    return "Run on " + "; ".join(f"{c}, {d}, commit {', '.join(sorted(h))}" for (c, d), h in sorted(commits.items())) + ".\n"


def texts_page(kept):
    if not kept.rows:
        return "Not run yet.\n"
    rows = [[f"{what}", method] + row_of(statistics_of(kept.pairs(set=what, method=method)))
            for what, method in dict.fromkeys((r["set"], r["method"]) for r in kept.rows) if kept.pairs(set=what, method=method)]
    return table(["set", "trained", "ours", "PyTorch", "difference", "bar", "their time / ours", "seeds"], rows) + "\n" + runs_of(kept)


def pictures_page(kept):
    if not kept.rows:
        return "Not run yet.\n"
    rows = []
    for what, size in dict.fromkeys((r["set"], r["size"]) for r in kept.rows):
        pairs = kept.pairs(set=what, size=size)
        if not pairs:
            continue
        n = pairs[0][0]["n"]
        alone = kept.all(set=what, size=size, side="scratch")
        bare = f"{alone[-1]['train']:.3f} / {alone[-1]['score']:.3f}" if alone else ""
        rows.append([what, str(size), f"{n['train']} + {n['valid']} / {n['test']}"] + row_of(statistics_of(pairs)) + [bare])
    return table(["set", "pixels", "training + validation / test", "ours", "PyTorch", "difference", "bar", "their time / ours", "seeds",
                  "from scratch, training / test"], rows) + "\n" + runs_of(kept)


def release_page(kept):
    if not kept.rows:
        return "Not run yet.\n"
    rows = []
    for start in ("own release", "from scratch"):
        s = [r["score"] for r in kept.all(start=start)]
        rows.append([start, f"{statistics.mean(s):.3f}", f"{statistics.stdev(s):.3f}" if len(s) > 1 else "", f"{min(s):.3f} to {max(s):.3f}", str(len(s))])
    return table(["start", "accuracy", "standard deviation", "range", "seeds"], rows) + "\n" + runs_of(kept)


PAGE = """# Results

Written by `make evidence`; each figure is a run on a real set, and the run's rows lie in `build/evidence/`.
**Bar**: ours is not below PyTorch's by more than two standard errors of the paired difference or one point, whichever is more.
**Time** is from the shell to a saved model, imports and decoding included, on two threads each; runs may have shared the computer
with other work, so it is no measurement: that is `make bench`.

## Texts, few labels: all-MiniLM-L6-v2

`bench/transfer.py`: same rows, same trainable set, same epochs and schedule; PyTorch 2.11, transformers and PEFT as shipped.

{texts}
## Pictures, few labels: EfficientNet-Lite0

`bench/pictures.py`: ours is what `engraft train` saves with its defaults; PyTorch's is the better on validation of frozen features with
logistic regression and full tuning at the best of three rates. Same training, validation and test pictures. Ants and bees are classes of
ImageNet, on which the network was trained; colon is split so that near-copies stay together.

{pictures}
## Our own release serves the next task

`bench/release.py`: ResNet-20 trained on classes 0 to 4 of Fashion-MNIST, saved, and that folder as `--model` for classes 5 to 9 with
100 labels, against the same network from random weights; both at the best of four rates by validation loss,
judged on 2,000 pictures; under the release running statistics move to the new classes (`--batch-norm adapt`).

{release}"""


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("build")
    ap.add_argument("--pictures", default="../shared/data/images")
    ap.add_argument("--texts", default="../shared/data/text")
    ap.add_argument("--python", default=os.path.expanduser("~/ref/bin/python"))
    ap.add_argument("--size", default="224")
    ap.add_argument("--seeds", default="5")
    ap.add_argument("--only", default="texts,pictures,release")
    ap.add_argument("--page", default="docs/RESULTS.md")
    o = ap.parse_args()
    minilm = os.path.expanduser("~/.cache/engraft/models/all-MiniLM-L6-v2")
    command = {"texts": ["bench/transfer.py", o.build, minilm, o.texts, "--sets", "sst2:400,acl-arc:400", "--seeds", o.seeds, "--python", o.python],
               "pictures": ["bench/pictures.py", o.build, o.pictures, "--seeds", o.seeds, "--size", o.size, "--python", o.python],
               "release": ["bench/release.py", o.build]}
    for what in filter(None, o.only.split(",")):
        if what != "release" and not os.path.exists(o.python):
            print(f"{what}: no PyTorch at {o.python}, --python says where it is", flush=True)
        else:
            subprocess.run(command[what], check=True)
    kept = {what: Kept(f"build/evidence/{what}.jsonl") for what in command}
    with open(o.page, "w", encoding="utf-8") as f:
        f.write(PAGE.format(texts=texts_page(kept["texts"]), pictures=pictures_page(kept["pictures"]), release=release_page(kept["release"])))
    print(f"written: {o.page}")


if __name__ == "__main__":
    main()
