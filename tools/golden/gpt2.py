"""Writes tests/golden/gpt2_sequence_classification: GPT-2 with a classifier of the last token, padding at the end, and the
attention scales that its configuration may ask for; by the generator of the golden cases.
Usage: gpt2.py GOLDEN, the folder with generate.py and recipe.py; needs torch and transformers."""
import os
import sys

import torch
from transformers import GPT2Config, GPT2ForSequenceClassification

sys.path.insert(0, sys.argv[1])
import generate
import recipe

OUT = os.path.join(os.path.dirname(__file__), "..", "..", "tests", "golden")
NAME = "gpt2_sequence_classification"
PAD = 0

config = GPT2Config(vocab_size=211, n_positions=64, n_embd=48, n_layer=2, n_head=3, n_inner=80, resid_pdrop=0., embd_pdrop=0.,
                    attn_pdrop=0., scale_attn_by_inverse_layer_idx=True, reorder_and_upcast_attn=True, layer_norm_epsilon=1e-4,
                    activation_function="gelu", num_labels=3, pad_token_id=PAD)
model = GPT2ForSequenceClassification(config).eval()
spec = generate.fill(model)
lengths = [25, 7, 1, 18]
ids = torch.from_numpy(recipe.integers("ids", (4, 25), 5, 211))
mask = torch.zeros_like(ids)
for i, n in enumerate(lengths):
    mask[i, :n] = 1
ids[mask == 0] = PAD
labels = torch.tensor([0, 2, 1, 1])
out = model(input_ids=ids, attention_mask=mask, labels=labels)
out.loss.backward()
generate.write(OUT, NAME, generate.cfg(model), spec, {"input_ids": ids, "attention_mask": mask, "labels": labels},
               {"logits": out.logits, "loss": out.loss}, "classes by the last token; lengths 25 7 1 18", generate.grads_of(model))
