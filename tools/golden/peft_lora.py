"""Writes tests/golden/peft_bert_lora_*: LoRA with ranks and alphas of single layers, rank-stabilised, with every bias
learned, or those of LoRA's layers; by the generator of the golden cases.  PEFT saves its two copies of a head's bias,
too; that of the trained head is equal to the head's own and is left out.
Usage: peft_lora.py GOLDEN, the folder with generate.py and recipe.py; needs torch, transformers and peft."""
import os
import sys

import peft
from peft import LoraConfig

sys.path.insert(0, sys.argv[1])
import generate

OUT = os.path.join(os.path.dirname(__file__), "..", "..", "tests", "golden")
state_of = peft.get_peft_model_state_dict
peft.get_peft_model_state_dict = lambda m: {k: v for k, v in state_of(m).items() if ".modules_to_save." not in k}

common = dict(task_type="SEQ_CLS", r=4, lora_alpha=8, target_modules=["query", "value", "output.dense"])
for name, more in {
        "peft_bert_lora_all": dict(bias="all", use_rslora=True, rank_pattern={"value": 2, "^bert.encoder.layer.1.output.dense": 5},
                                   alpha_pattern={"layer.0.output.dense": 3.5, "query": 6}),
        "peft_bert_lora_only": dict(bias="lora_only", alpha_pattern={"layer.2.attention.self.value": 20})}.items():
    generate.with_adapter(OUT, name, generate.bert_for_peft(), LoraConfig(**common, **more), *generate.bert_inputs())
