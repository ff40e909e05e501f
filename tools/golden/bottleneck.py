"""Writes tests/golden/hub_*: bottlenecks after BERT's and GPT-2's sublayers as AdapterHub's library computes and saves them, by
the generator of the golden cases.
Usage: bottleneck.py GOLDEN, the folder with generate.py and recipe.py; needs torch, transformers and adapters (1.3.0, which
wants transformers 4.57)."""
import json
import os
import sys

import adapters
import torch
from transformers import GPT2Config, GPT2ForSequenceClassification

sys.path.insert(0, sys.argv[1])
import generate
import recipe

OUT = os.path.join(os.path.dirname(__file__), "..", "..", "tests", "golden")
NAME = "demo"


def gpt2():
    config = GPT2Config(vocab_size=211, n_positions=64, n_embd=48, n_layer=2, n_head=3, n_inner=80, resid_pdrop=0., embd_pdrop=0.,
                        attn_pdrop=0., num_labels=3, pad_token_id=0)
    return GPT2ForSequenceClassification(config)


def write(case, model, form):
    base = generate.fill(model.eval())
    config = generate.cfg(model)
    adapters.init(model)
    model.add_adapter(NAME, config=form, set_active=True)
    model.train_adapter(NAME)
    model.eval()
    spec = {"seed": generate.SEED, "tensors": []}
    with torch.no_grad():
        for k, v in model.state_dict().items():
            if f".adapters.{NAME}." in k:
                off, scale = generate.rule(k, list(v.shape), v)
                spec["tensors"].append({"name": k, "shape": list(v.shape), "dtype": "F32", "offset": off, "scale": scale})
                v.copy_(torch.from_numpy(recipe.tensor(k, list(v.shape), off, scale, generate.SEED)))
    saved = "/".join([OUT, case])
    model.save_adapter(saved, NAME, with_head=False, use_safetensors=True)
    os.remove(f"{saved}/adapter.safetensors")
    how = json.load(open(f"{saved}/adapter_config.json"))
    inputs, labels = generate.bert_inputs()
    out = model(**inputs, **labels)
    out.loss.backward()
    generate.write(OUT, case, config, base, {**inputs, **labels}, {"logits": out.logits, "loss": out.loss},
                   f"a bottleneck by adapters {adapters.__version__}, eval mode", generate.grads_of(model), extra={"adapter_config.json": how, "adapter_weights.json": spec})


write("hub_bert_pfeiffer", generate.bert_for_peft(), adapters.SeqBnConfig(reduction_factor=6, scaling=1.5))
write("hub_bert_houlsby", generate.bert_for_peft(), adapters.DoubleSeqBnConfig(reduction_factor=8, non_linearity="gelu"))
write("hub_gpt2_pfeiffer", gpt2(), adapters.SeqBnConfig(reduction_factor=16))
