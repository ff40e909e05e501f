#!/usr/bin/env python3
"""The scoreboard: us and PyTorch in turn, in one run (A B A B ...), medians of the paired ratios.

    bench/compare.py BUILD MODEL_FOLDER [--python PYTHON] [--pairs 7] [--sentences FILE] [--bytes FOLDER] [--only minilm,bert,gpt2,answers,start,input]
"""
import argparse, os, statistics, subprocess, sys, tempfile, time


def quantile(xs, q):
    xs = sorted(xs)
    return xs[min(len(xs) - 1, max(0, round(q * (len(xs) - 1))))]


def row(name, ours, theirs, memory=None, rival="PyTorch"):
    ratios = [t / o for o, t in zip(ours, theirs)]
    text = (f"{name:34s} ours {statistics.median(ours) * 1e3:9.1f} ms   {rival:7s} {statistics.median(theirs) * 1e3:9.1f} ms   "
            f"ratio {statistics.median(ratios):5.2f} ({quantile(ratios, .1):.2f} to {quantile(ratios, .9):.2f}, n {len(ratios)})")
    if memory:
        text += f"   memory {memory[0] / 1024:.0f} / {memory[1] / 1024:.0f} MB = {memory[0] / memory[1]:.2f}"
    print(text, flush=True)


class Server:
    def __init__(self, command, env=None):
        quiet = "python" in command[0] or "/bin/py" in command[0]
        self.p = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env, stderr=subprocess.DEVNULL if quiet else None)

    def run(self, n):
        self.p.stdin.write(f"{n}\n")
        self.p.stdin.flush()
        seconds, rss = self.p.stdout.readline().split()
        return float(seconds) / n, int(rss)

    def close(self):
        self.p.stdin.close()
        self.p.wait()


def in_turn(name, ours, theirs, n, pairs, env=None, rival="PyTorch"):
    """Two programs that do n pieces of work on demand, A B A B ..."""
    a = Server(ours)
    b = Server(theirs, dict(os.environ, HF_HUB_OFFLINE="1", OMP_NUM_THREADS="2", CUDA_VISIBLE_DEVICES="", **(env or {})))
    a.run(n), b.run(n)  # warm-up
    times, memory = ([], []), [0, 0]
    for _ in range(pairs):
        for i, s in enumerate((a, b)):
            seconds, rss = s.run(n)
            times[i].append(seconds)
            memory[i] = max(memory[i], rss)
    a.close(), b.close()
    row(name, *times, memory, rival)


def steps(name, o, model, what, n, tuned=False, lora=False):
    env = {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": "100000000000"} if tuned else {}
    in_turn(name, [f"{o.build}/bench/step", model, what, "2"] + (["lora:rank=8,alpha=16"] if lora else []),
            [o.python, "bench/rival_step.py", model, what, "2"] + ["tuned"] * tuned + ["lora"] * lora, n, o.pairs, env)


def answers(name, o, model, what, n, onnx=False):
    in_turn(name, [f"{o.build}/bench/infer", model, what, "2"],
            [o.python, "bench/rival_infer.py", model, what, "2"] + ["onnx"] * onnx, n, o.pairs, rival="ONNX" if onnx else "PyTorch")


def bert_base(o, work):
    """Its shapes with random weights: what it costs does not depend on them."""
    subprocess.run([o.python, "-c", "import sys;from transformers import BertConfig,BertForSequenceClassification as B;"
                    "B(BertConfig()).save_pretrained(sys.argv[1])", work], check=True, stderr=subprocess.DEVNULL)
    for tuned in (False, True):
        for lora in (False, True):
            steps(f"BERT-base {'LoRA ' if lora else ''}step 8 x 128, {'tuned' if tuned else 'as shipped'}", o, work, "rows:8x128", 1, tuned, lora)


def gpt2(o, work):
    subprocess.run([o.python, "-c", "import sys;from transformers import GPT2Config,GPT2LMHeadModel as G;"
                    "G(GPT2Config()).save_pretrained(sys.argv[1])", work], check=True, stderr=subprocess.DEVNULL)
    for lora in (False, True):
        for tuned in (False, True):
            steps(f"GPT-2 {'LoRA ' if lora else ''}step 2 x 512, {'tuned' if tuned else 'as shipped'}", o, work, "rows:2x512", 1, tuned, lora)


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
    ap.add_argument("--bytes", default="../shared/data/vocab/gpt2-bpe", help="GPT-2's encoder.json and vocab.bpe")
    ap.add_argument("--only", default="")
    o = ap.parse_args()
    if not os.path.exists(o.python):
        sys.exit(f"no PyTorch at {o.python}: --python says where the rival lives")
    cpu = [l.split(":")[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name")]
    print(f"CPU {cpu[0]}, {os.cpu_count()} cores; two threads each, in turn, {o.pairs} pairs\n", flush=True)
    wanted = lambda part: not o.only or part in o.only.split(",")
    onnx = subprocess.run([o.python, "-c", "import onnxruntime, onnx"], stderr=subprocess.DEVNULL).returncode == 0
    lengths = f"{o.build}/bench/sst2-lengths.txt"
    if os.path.exists(o.sentences) and (wanted("minilm") or wanted("answers")):
        sst2_lengths(o.python, o.model, o.sentences, lengths)
    if wanted("minilm"):
        steps("MiniLM step 16 x 128, as shipped", o, o.model, "rows:16x128", 1)
        steps("MiniLM step 16 x 128, tuned", o, o.model, "rows:16x128", 1, True)
        if os.path.exists(lengths):
            steps("MiniLM steps on SST-2, as shipped", o, o.model, f"lengths:{lengths}", 8)
            steps("MiniLM steps on SST-2, tuned", o, o.model, f"lengths:{lengths}", 8, True)
        scaling(o.build, o.model, o.pairs)
    if wanted("bert"):
        with tempfile.TemporaryDirectory() as work:
            bert_base(o, work)
    if wanted("gpt2"):
        with tempfile.TemporaryDirectory() as work:
            gpt2(o, work)
    if wanted("answers"):
        for rival in (False, True)[: 1 + onnx]:
            for n in (8, 32, 128):
                answers(f"MiniLM, one text of {n} tokens", o, o.model, f"rows:1x{n}", 20, rival)
            if os.path.exists(lengths):
                answers("MiniLM, 32 texts of SST-2", o, o.model, f"lengths:32:{lengths}", 4, rival)
    if wanted("start"):
        start(o.build, o.python, o.model, o.pairs)
    if wanted("input") and os.path.exists(o.sentences):
        lines = f"{o.build}/bench/sentences.txt"
        with open(o.sentences, encoding="utf-8") as f, open(lines, "w", encoding="utf-8") as g:
            g.writelines(l.split("\t")[0] + "\n" for l in f)
        for name, folder in (("WordPiece", o.model), ("GPT-2's BPE", o.bytes)):
            if os.path.exists(folder):
                in_turn(f"{name} of SST-2, one thread", [f"{o.build}/bench/input", "tokens", folder, lines],
                        [o.python, "bench/rival_input.py", "tokens", folder, lines], 1, o.pairs)
