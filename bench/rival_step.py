"""The same steps in PyTorch + transformers as shipped: each line of stdin, "N", runs N and prints their seconds and peak memory.
    rival_step.py MODEL_FOLDER rows:16x128|lengths:FILE THREADS [tuned] [lora]"""
import sys, time, resource, torch
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForSequenceClassification

folder, what = sys.argv[1:3]
torch.set_num_threads(int(sys.argv[3]))
torch.manual_seed(0)
B = 16
if what.startswith("rows:"):
    B, each = map(int, what[5:].split("x"))
    lengths = [each] * B
else:
    lengths = [int(x) for x in open(what[8:]).read().split()]
    lengths = lengths[: len(lengths) // B * B]
tuned = "tuned" in sys.argv[4:]
following = AutoConfig.from_pretrained(folder).model_type == "gpt2"
if following:
    extra = dict(resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0) if tuned else {}
    model = AutoModelForCausalLM.from_pretrained(folder, **extra).train()
else:
    extra = dict(hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0) if tuned else {}
    model = AutoModelForSequenceClassification.from_pretrained(folder, num_labels=2, **extra).train()
if "lora" in sys.argv[4:]:
    from peft import LoraConfig, get_peft_model

    how = dict(r=8, lora_alpha=16, lora_dropout=0.0)
    how |= (dict(task_type="CAUSAL_LM", target_modules=["c_attn"], fan_in_fan_out=True) if following
            else dict(task_type="SEQ_CLS", target_modules=["query", "value"]))
    model = get_peft_model(model, LoraConfig(**how))
params = [p for p in model.parameters() if p.requires_grad]
opt = torch.optim.AdamW(params, lr=5e-5, weight_decay=0.01, **({"fused": True} if tuned else {}))
at = step = 0


def one():
    global at, step
    n = lengths[at : at + B]
    at = (at + B) % len(lengths)
    L = max(n)
    ids = torch.zeros(B, L, dtype=torch.long)
    mask = torch.zeros(B, L, dtype=torch.long)
    for i, k in enumerate(n):
        ids[i, :k] = torch.arange(k) * 7919 % 20000 + 1000
        mask[i, :k] = 1
    opt.zero_grad()
    out = model(input_ids=ids, labels=ids) if following else model(input_ids=ids, attention_mask=mask, labels=torch.arange(B) % 2)
    out.loss.backward()
    torch.nn.utils.clip_grad_norm_(params, 1.0)
    opt.step()
    step += 1


for line in sys.stdin:
    start = time.perf_counter()
    for _ in range(int(line)):
        one()
    print(f"{time.perf_counter() - start:.6f} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}", flush=True)
