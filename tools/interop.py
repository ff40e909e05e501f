#!/usr/bin/env python3
"""What engraft saves, loaded by the libraries it is meant for: transformers, PEFT, and the way of
sentence-transformers.  Logits and embeddings must be equal to 1e-4.

    python3 tools/interop.py MODEL DATA OUT [--engraft build/release/engraft]
    python3 tools/interop.py --pictures FOLDER OUT
    python3 tools/interop.py --picture-adapter FOLDER OUT

MODEL  a released sentence encoder's folder;  DATA  a table with texts and labels;  OUT  an empty folder;
FOLDER  what engraft saved of a network of pictures, for timm; with --picture-adapter, what `--method lora` saved of one of
torchvision's networks from a weight file, for PEFT.
Needs torch, transformers, peft, timm, torchvision and safetensors; nothing is fetched."""
import argparse
import json
import os
import subprocess
import sys

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")

import timm
import torch
import torchvision
from peft import PeftModel
from safetensors.torch import load_file, save_file
from transformers import AutoModel, AutoModelForSequenceClassification, AutoTokenizer

TEXTS = ["The invoice lists the same item twice.", "Where is my parcel? It should have come on Monday.",
         "I cannot log in since the update: the page stays white.", "Thanks!", "naïve café, 日本語, ok?",
         "Please cancel everything that I ordered last week and tell me when the money is back."]
LIMIT = 1e-4
failed = 0


def say(what, ours, theirs):
    global failed
    difference = float((ours - theirs).abs().max())
    bad = ours.shape != theirs.shape or not difference <= LIMIT
    failed += bad
    print(f"{'FAILED' if bad else 'equal '}  {what}: {difference:.1e} over {tuple(theirs.shape)}")


def call(*words, **options):
    done = subprocess.run([args.engraft, *words], capture_output=True, text=True, **options)
    if done.returncode:
        sys.exit(f"engraft {' '.join(words)}\n{done.stderr}")
    return done


def run(folder, batch, *more):
    inputs, outputs = f"{args.out}/in.safetensors", f"{args.out}/out.safetensors"
    save_file({k: v.contiguous() for k, v in batch.items()}, inputs)
    call("run", folder, "--inputs", inputs, "--outputs", outputs, *more)
    return load_file(outputs)


def mean(hidden, mask):
    mask = mask[..., None].to(hidden.dtype)
    return (hidden * mask).sum(1) / mask.sum(1)


def pictures(folder):
    """A saved network of pictures in timm: logits, preprocessing, label names; and another head fits on it."""
    name = f"local-dir:{os.path.abspath(folder)}"
    model = timm.create_model(name, pretrained=True).eval()
    how = timm.data.resolve_model_data_config(model)
    said = json.load(open(f"{folder}/config.json"))["pretrained_cfg"]
    batch = {"pixel_values": torch.randn(3, *how["input_size"], generator=torch.Generator().manual_seed(1))}
    say(f"{folder}: logits in timm", run(folder, batch)["logits"], model(batch["pixel_values"]))
    for key, value in how.items():
        if said[key] != (list(value) if isinstance(value, tuple) else value):
            sys.exit(f"{folder}: timm takes {key} {value}, the folder says {said[key]}")
    print("        labels", model.pretrained_cfg["label_names"][:10])
    timm.create_model(name, pretrained=True, num_classes=model.num_classes + 1)


def picture_adapter(folder):
    """The adapter of a tuned network of torchvision over its base weights in PEFT, against the merged folder."""
    said = json.load(open(f"{folder}/config.json"))
    how = json.load(open(f"{folder}/adapter/adapter_config.json"))
    base = torchvision.models.get_model(said["architecture"])
    base.load_state_dict(torch.load(how["base_model_name_or_path"], weights_only=True))
    head = how["modules_to_save"][0]
    base.set_submodule(head, torch.nn.Linear(base.get_submodule(head).in_features, said["num_classes"]))
    batch = {"pixel_values": torch.randn(3, *said["pretrained_cfg"]["input_size"], generator=torch.Generator().manual_seed(1))}
    theirs = PeftModel.from_pretrained(base, f"{folder}/adapter").eval()(batch["pixel_values"])
    say(f"{folder}: the merged folder against PEFT", run(folder, batch)["logits"], theirs)


def load(cls, folder, **options):
    model, info = cls.from_pretrained(folder, output_loading_info=True, **options)
    for key in ("missing_keys", "unexpected_keys", "mismatched_keys"):
        if info.get(key) and not options:
            sys.exit(f"{folder}: {key} {info[key]}")
    return model.eval()


def tokens(folder):
    return dict(AutoTokenizer.from_pretrained(folder)(TEXTS, padding=True, return_tensors="pt"))


def train(name, *more):
    folder = f"{args.out}/{name}"
    call("train", args.data, "--model", args.model, "-o", folder, "--no-baselines", "--quiet", *more)
    return folder


def classifier(name, *more):
    """A saved classifier: the whole folder in transformers, or the modules in the way of sentence-transformers."""
    folder = train(name, *more)
    batch = tokens(folder)
    ours = run(folder, batch)["logits"]
    config = json.load(open(f"{folder}/config.json"))
    if config["architectures"] == ["BertModel"]:
        dense = load_file(f"{folder}/2_Dense/model.safetensors")
        hidden = load(AutoModel, folder)(**batch).last_hidden_state
        theirs = mean(hidden, batch["attention_mask"]) @ dense["linear.weight"].T + dense["linear.bias"]
        say(f"{name}: logits of the modules (mean, dense)", ours, theirs)
    else:
        model = load(AutoModelForSequenceClassification, folder)
        say(f"{name}: logits in transformers", ours, model(**batch).logits)
        print("        labels", [model.config.id2label[i] for i in range(model.config.num_labels)])
    return folder, batch, ours


def adapter(folder, batch, merged):
    where = f"{folder}/adapter"
    if not os.path.isdir(where):
        sys.exit(f"{folder}: the adapter did not win, so there is none to load; give it more epochs")
    config = json.load(open(f"{where}/adapter_config.json"))
    labels = json.load(open(f"{folder}/config.json"))["id2label"]
    base = load(AutoModelForSequenceClassification, config["base_model_name_or_path"], num_labels=len(labels))
    theirs = PeftModel.from_pretrained(base, where).eval()(**batch).logits
    say("lora: logits in PEFT", run(args.model, batch, "--adapter", where)["logits"], theirs)
    say("lora: the merged folder against PEFT", merged, theirs)


def embeddings():
    lines = call("embed", args.model, input="\n".join(TEXTS) + "\n").stdout.splitlines()
    ours = torch.tensor([[float(x) for x in line.split()] for line in lines])
    batch = tokens(args.model)
    hidden = load(AutoModel, args.model)(**batch).last_hidden_state
    theirs = torch.nn.functional.normalize(mean(hidden, batch["attention_mask"]))
    say("embeddings from texts", ours, theirs)
    say("embeddings from tokens", run(args.model, batch)["embedding"], theirs)


parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("model", nargs="?")
parser.add_argument("data", nargs="?")
parser.add_argument("out")
parser.add_argument("--pictures", metavar="FOLDER", action="append")
parser.add_argument("--picture-adapter", metavar="FOLDER", action="append")
parser.add_argument("--engraft", default="build/release/engraft")
args = parser.parse_args()
os.makedirs(args.out, exist_ok=True)
with torch.no_grad():
    for folder in args.pictures or []:
        pictures(folder)
    for folder in args.picture_adapter or []:
        picture_adapter(folder)
    if args.model:
        args.model = os.path.abspath(args.model)
        embeddings()
        classifier("first", "--no-tuning")
        classifier("full", "--method", "full", "--epochs", "5", "--lr", "1e-4")
        classifier("mean", "--method", "full", "--epochs", "3", "--lr", "1e-4", "--pooling", "mean")
        adapter(*classifier("lora", "--method", "lora", "--epochs", "8", "--lr", "3e-3"))
sys.exit(failed > 0)
