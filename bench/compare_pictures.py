#!/usr/bin/env python3
"""The scoreboard on pictures: training steps of 16 pictures at 224, and a frozen ResNet-50 with a new head, us and PyTorch in turn.

    bench/compare_pictures.py BUILD [--python PYTHON] [--pairs 5] [--pictures FOLDER] [--only steps,alexnet,answers,input,frozen]

FOLDER holds class folders (ucmerced-subset/train): 15 % of it is for validation, on both sides the same pictures.
"""
import argparse, csv, os, subprocess, tempfile, time

from compare import in_turn, row

ap = argparse.ArgumentParser()
ap.add_argument("build")
ap.add_argument("--python", default=os.path.expanduser("~/ref/bin/python"))
ap.add_argument("--pairs", type=int, default=5)
ap.add_argument("--pictures", default="../shared/data/images/ucmerced-subset/train")
ap.add_argument("--only", default="")
o = ap.parse_args()
NETWORKS = {"resnet18": "224", "resnet50": "224", "efficientnet_b0": "224", "alexnet": "224", "vgg16": "224", "inception_v3": "299",
            "vit_b_16": "224"}
env = dict(os.environ, CUDA_VISIBLE_DEVICES="", OMP_NUM_THREADS="2")


def steps(variant, size="224"):
    in_turn(f"{variant} step 16 x {size}", [f"{o.build}/bench/picture_step", variant, size, "2"],
            [o.python, "bench/rival_picture_step.py", variant, size, "2"], 1, o.pairs)


def answers(variant):
    onnx = subprocess.run([o.python, "-c", "import onnxruntime, onnx"], stderr=subprocess.DEVNULL).returncode == 0
    for rival in ([], ["onnx"])[: 1 + onnx]:
        in_turn(f"{variant}, one picture", [f"{o.build}/bench/infer", variant, "pictures:1", "2"],
                [o.python, "bench/rival_infer.py", variant, "pictures:1", "2"] + rival, 5, o.pairs, rival="ONNX" if rival else "PyTorch")


def decoding(work):
    files = [os.path.join(d, f) for d, _, fs in sorted(os.walk(o.pictures)) for f in sorted(fs) if f.endswith(".jpg")][:200]
    with open(f"{work}/files.txt", "w", encoding="utf-8") as f:
        f.writelines(p + "\n" for p in files)
    in_turn("JPEG to numbers, 200, one thread", [f"{o.build}/bench/input", "pictures", f"{work}/files.txt"],
            [o.python, "bench/rival_input.py", "pictures", f"{work}/files.txt"], 1, o.pairs)


def timed(command, **kw):
    """Seconds from the command's start to the end of each epoch, and the peak memory in kB."""
    p = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **kw)
    start, ends = time.perf_counter(), []
    for line in p.stdout:
        if line.startswith("epoch "):
            ends.append(time.perf_counter() - start)
    _, status, usage = os.wait4(p.pid, 0)
    if status:
        raise SystemExit(f"{command[0]} failed")
    return ends, usage.ru_maxrss


def ours(weights, out, epochs):
    """The first answer, which comes before the first epoch, counts as its part."""
    return timed([f"{o.build}/engraft", "train", o.pictures, "--model", "resnet50", "--weights", weights, "--method", "head", "--epochs", str(epochs), "--patience", "0",
                  "--augment", "none", "--test-share", "0", "--no-baselines", "--plain", "--overwrite", "-o", out])


def parts(out, work):
    """The same validation pictures for the rival."""
    with open(f"{out}/engraft/valid.csv", encoding="utf-8", newline="") as f:
        valid = {r[0] for r in csv.reader(f)}
    names = sorted(f"{c}/{n}" for c in os.listdir(o.pictures) for n in os.listdir(f"{o.pictures}/{c}"))
    for part, mine in (("train", [n for n in names if n not in valid]), ("valid", [n for n in names if n in valid])):
        with open(f"{work}/{part}.txt", "w", encoding="utf-8") as f:
            f.writelines(f"{o.pictures}/{n}\t{n.split('/')[0]}\n" for n in mine)
    return f"{work}/train.txt", f"{work}/valid.txt"


def frozen(pairs):
    with tempfile.TemporaryDirectory() as work:
        weights = f"{work}/resnet50.pth"
        subprocess.run([o.python, "-c", "import sys, torch, torchvision; torch.manual_seed(0); "
                        "torch.save(torchvision.models.resnet50(weights=None).state_dict(), sys.argv[1])", weights], check=True)
        first, later, memory = ([], []), ([], []), [0, 0]
        for _ in range(pairs):
            ends, rss = ours(weights, f"{work}/out", 20)
            first[0].append(ends[0]), later[0].append((ends[-1] - ends[0]) / 19)
            memory[0] = max(memory[0], rss)
            ends, rss = timed([o.python, "bench/rival_frozen.py", *parts(f"{work}/out", work), weights, "2"], env=env)
            first[1].append(ends[0]), later[1].append(ends[1] - ends[0])
            memory[1] = max(memory[1], rss)
    row("frozen ResNet-50, first epoch", *first, memory)
    row("frozen ResNet-50, later epochs", *later)


if not os.path.exists(o.python):
    raise SystemExit(f"no PyTorch at {o.python}: --python says where the rival lives")
wanted = lambda part: not o.only or part in o.only.split(",")
for name, size in NETWORKS.items():
    if wanted("steps") or wanted(name):
        steps(name, size)
if wanted("answers"):
    for variant in ("resnet50", "efficientnet_lite0"):
        answers(variant)
if os.path.isdir(o.pictures) and wanted("input"):
    with tempfile.TemporaryDirectory() as work:
        decoding(work)
if os.path.isdir(o.pictures) and wanted("frozen"):
    frozen(max(1, o.pairs // 2))
