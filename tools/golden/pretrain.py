"""Writes tests/golden/pretrain_gpt2: a GPT-2 that learns on from text.txt as transformers' own loop does it, with labels =
input_ids over packed rows: losses of each epoch, one update each, on what is learned from and on what is held out.
Usage: pretrain.py GOLDEN, the folder with generate.py; needs torch and transformers."""
import json
import os
import shutil
import sys
import tempfile

import torch
from transformers import AutoTokenizer, GPT2Config, GPT2LMHeadModel

sys.path.insert(0, sys.argv[1])
import generate

HERE = os.path.join(os.path.dirname(__file__), "..", "..", "tests", "golden")
OUT = os.path.join(HERE, "pretrain_gpt2")
LENGTH, HELD, EPOCHS, END = 16, 0.2, 8, 2
SAID = ["the play of the day was played by the play house", "a house is not a play, and the day is long",
        "they all say that the players play all day long", "is it a long way to the house of the players?"]

os.makedirs(OUT, exist_ok=True)
with open(f"{OUT}/text.txt", "w") as f:
    for i in range(25):
        f.write(SAID[i * 5 % 4 if i % 3 else i % 4] + ("\n" if i % 4 else ".\n\n"))
config = GPT2Config(vocab_size=321, n_positions=32, n_embd=48, n_layer=2, n_head=3, n_inner=80, resid_pdrop=0., embd_pdrop=0.,
                    attn_pdrop=0., bos_token_id=END, eos_token_id=END)
model = GPT2LMHeadModel(config).train()
spec = generate.fill(model)
with tempfile.TemporaryDirectory() as t:
    for name in ("vocab.json", "merges.txt"):
        shutil.copy(os.path.join(HERE, "tokenizers", "bpe-folder-bare", name), t)
    config.save_pretrained(t)
    tokenizer = AutoTokenizer.from_pretrained(t)
ids = []
for document in open(f"{OUT}/text.txt").read().strip().split("\n\n"):
    ids += tokenizer(document)["input_ids"] + [END]
rows = [torch.tensor([ids[i:i + LENGTH]]) for i in range(0, len(ids), LENGTH)]
rows = rows[:-1] if rows[-1].shape[1] < 3 else rows
held = int(len(rows) * HELD + 0.5)


def loss(some):
    """The mean over the labels of all rows."""
    n = sum(row.shape[1] - 1 for row in some)
    return sum(model(input_ids=row, labels=row).loss * (row.shape[1] - 1) for row in some) / n


def valid():
    with torch.no_grad():
        return loss(rows[-held:]).item()


optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.01)
curve = {"tokens": len(ids), "rows": len(rows), "held": sum(row.shape[1] - 1 for row in rows[-held:]), "before": valid(), "train": [], "valid": []}
for _ in range(EPOCHS):
    optimizer.zero_grad()
    now = loss(rows[:-held])
    now.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    curve["train"].append(now.item())
    curve["valid"].append(valid())
generate.write(os.path.dirname(OUT), "pretrain_gpt2", generate.cfg(model), spec, {"input_ids": rows[0]}, {"loss": torch.tensor(curve["before"])},
               f"next token; rows of {LENGTH} tokens, {EPOCHS} epochs of one update")
json.dump(curve, open(f"{OUT}/curve.json", "w"), indent=1)
