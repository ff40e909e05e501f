#!/usr/bin/env python3
"""The scoreboard: us and PyTorch in turn, in one run (A B A B ...), medians of the paired ratios.

    bench/compare.py BUILD MODEL_FOLDER [--python PYTHON] [--pairs 7] [--lengths FILE] [--sentences FILE]
"""
import argparse, os, statistics, subprocess, sys, time


def quantile(xs, q):
    xs = sorted(xs)
    return xs[min(len(xs) - 1, max(0, round(q * (len(xs) - 1))))]


def row(name, ours, theirs, memory=None):
    ratios = [t / o for o, t in zip(ours, theirs)]
    text = (f"{name:34s} ours {statistics.median(ours) * 1e3:9.1f} ms   PyTorch {statistics.median(theirs) * 1e3:9.1f} ms   "
            f"ratio {statistics.median(ratios):5.2f} ({quantile(ratios, .1):.2f} to {quantile(ratios, .9):.2f}, n {len(ratios)})")
    if memory:
        text += f"   memory {memory[0] / 1024:.0f} / {memory[1] / 1024:.0f} MB = {memory[0] / memory[1]:.2f}"
    print(text, flush=True)


class Server:
    def __init__(self, command, env=None):
        self.p = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env,
                                  stderr=subprocess.DEVNULL if "python" in command[0] else None)

    def run(self, n):
        self.p.stdin.write(f"{n}\n")
        self.p.stdin.flush()
        seconds, rss = self.p.stdout.readline().split()
        return float(seconds) / n, int(rss)

    def close(self):
        self.p.stdin.close()
        self.p.wait()


def steps(name, build, python, model, what, n, pairs, tuned=False):
    env = dict(os.environ, HF_HUB_OFFLINE="1", OMP_NUM_THREADS="2", CUDA_VISIBLE_DEVICES="")
    if tuned:
        env.update(MALLOC_MMAP_MAX_="0", MALLOC_TRIM_THRESHOLD_="100000000000")
    a = Server([f"{build}/bench/step", model, what, "2"])
    b = Server([python, "bench/rival_step.py", model, what, "2"] + (["tuned"] if tuned else []), env)
    a.run(n), b.run(n)  # warm-up
    ours, theirs, memory = [], [], [0, 0]
    for _ in range(pairs):
        for i, s, out in ((0, a, ours), (1, b, theirs)):
            seconds, rss = s.run(n)
            out.append(seconds)
            memory[i] = max(memory[i], rss)
    a.close(), b.close()
    row(name, ours, theirs, memory)


def scaling(build, model, pairs):
    a, b = (Server([f"{build}/bench/step", model, "rows:16x128", n]) for n in ("1", "2"))
    a.run(1), b.run(1)
    one, two = zip(*((a.run(1)[0], b.run(1)[0]) for _ in range(pairs)))
    a.close(), b.close()
    ratios = [x / y for x, y in zip(one, two)]
    print(f"{'MiniLM step, 1 and 2 threads':34s} {statistics.median(one) * 1e3:9.1f} ms and {statistics.median(two) * 1e3:9.1f} ms   "
          f"ratio {statistics.median(ratios):5.2f} ({quantile(ratios, .1):.2f} to {quantile(ratios, .9):.2f}, n {pairs})", flush=True)


def start(build, python, model, pairs):
    code = ("import sys,torch;from transformers import AutoTokenizer,AutoModel;torch.set_num_threads(2);m=sys.argv[1];"
            "t=AutoTokenizer.from_pretrained(m);n=AutoModel.from_pretrained(m);x=t('hello world',return_tensors='pt');"
            "print(n(**x).last_hidden_state.mean(1)[0,:2])")
    env = dict(os.environ, HF_HUB_OFFLINE="1", CUDA_VISIBLE_DEVICES="")

    def timed(command, text=None):
        s = time.perf_counter()
        c0 = os.times()
        subprocess.run(command, input=text, text=True, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
        c1 = os.times()
        return time.perf_counter() - s, (c1.children_user - c0.children_user) + (c1.children_system - c0.children_system)

    ours, theirs, cpu = [], [], []
    for i in range(pairs + 1):
        a = timed([f"{build}/engraft", "embed", model, "--quiet"], "hello world\n")
        b = timed([python, "-c", code, model])
        if i:
            ours.append(a[0]), theirs.append(b[0]), cpu.append(a[1])
    row("start to first embedding", ours, theirs)
    print(f"{'':34s} ours {statistics.median(cpu):.3f} s of CPU")


def sst2_lengths(python, model, sentences, out):
    code = ("import sys;from tokenizers import Tokenizer;t=Tokenizer.from_file(sys.argv[1]+'/tokenizer.json');t.no_padding();"
            "L=[l.split('\\t')[0] for l in open(sys.argv[2],encoding='utf-8')][:1600];"
            "open(sys.argv[3],'w').write(' '.join(str(min(128,len(t.encode(x).ids))) for x in L))")
    subprocess.run([python, "-c", code, model, sentences, out], check=True)


if __name__ == "__main__":
    ap = argparse.ArgumentParser()
    ap.add_argument("build")
    ap.add_argument("model")
    ap.add_argument("--python", default=os.path.expanduser("~/ref/bin/python"))
    ap.add_argument("--pairs", type=int, default=7)
    ap.add_argument("--sentences", default="../shared/data/text/sst2/train.tsv")
    o = ap.parse_args()
    if not os.path.exists(o.python):
        sys.exit(f"no PyTorch at {o.python}: --python says where the rival lives")
    cpu = [l.split(":")[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name")]
    print(f"CPU {cpu[0]}, {os.cpu_count()} cores; two threads each, in turn, {o.pairs} pairs\n", flush=True)
    steps("MiniLM step 16 x 128, as shipped", o.build, o.python, o.model, "rows:16x128", 1, o.pairs)
    steps("MiniLM step 16 x 128, tuned", o.build, o.python, o.model, "rows:16x128", 1, o.pairs, True)
    if os.path.exists(o.sentences):
        lengths = f"{o.build}/bench/sst2-lengths.txt"
        sst2_lengths(o.python, o.model, o.sentences, lengths)
        steps("MiniLM steps on SST-2 as it is", o.build, o.python, o.model, f"lengths:{lengths}", 8, o.pairs)
    scaling(o.build, o.model, o.pairs)
    start(o.build, o.python, o.model, o.pairs)
