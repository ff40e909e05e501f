"""PyTorch + transformers + PEFT as shipped: learn from TRAIN.tsv (text<TAB>label), score DEV.tsv, save.
    rival_train.py TRAIN.tsv DEV.tsv MODEL full|lora|ia3|bitfit SEED OUT
AdamW 0.01, warm-up 0.1, linear, clip 1.0, 5 epochs of batches of 16 padded to their longest."""
import json, random, sys, time

start = time.time()
import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

train, dev, folder, method, seed, out = sys.argv[1:7]
seed = int(seed)
torch.set_num_threads(2)
torch.manual_seed(seed)


def read(path):
    return [line.rstrip("\n").split("\t") for line in open(path, encoding="utf-8")]


rows, dev = read(train), read(dev)
label = {y: i for i, y in enumerate(sorted({y for _, y in rows}))}
rows, dev = [(t, label[y]) for t, y in rows], [(t, label[y]) for t, y in dev]
tok = AutoTokenizer.from_pretrained(folder)
model = AutoModelForSequenceClassification.from_pretrained(folder, num_labels=len(label))
lr = 5e-5
if method == "lora":
    from peft import LoraConfig, get_peft_model

    model, lr = get_peft_model(model, LoraConfig(task_type="SEQ_CLS", r=8, lora_alpha=16, lora_dropout=0.0, target_modules=["query", "value"])), 1e-3
if method == "ia3":
    from peft import IA3Config, get_peft_model

    model, lr = get_peft_model(model, IA3Config(task_type="SEQ_CLS", target_modules=["key", "value", "output.dense"], feedforward_modules=["output.dense"])), 1e-2
if method == "bitfit":
    lr = 1e-3
    for name, p in model.named_parameters():
        p.requires_grad = name.endswith("bias") or name.startswith("classifier")


def encode(batch):
    return tok([t for t, _ in batch], padding=True, truncation=True, max_length=128, return_tensors="pt"), torch.tensor([y for _, y in batch])


params = [p for p in model.parameters() if p.requires_grad]
optimizer = torch.optim.AdamW(params, lr=lr, weight_decay=0.01)
steps = 5 * ((len(rows) + 15) // 16)
schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda k: min(1, (k + 1) / (0.1 * steps)) * max(0, (steps - k) / steps))
model.train()
for epoch in range(5):
    order = rows[:]
    random.Random(1000 * seed + epoch).shuffle(order)
    for i in range(0, len(order), 16):
        x, y = encode(order[i : i + 16])
        optimizer.zero_grad()
        model(**x, labels=y).loss.backward()
        torch.nn.utils.clip_grad_norm_(params, 1.0)
        optimizer.step()
        schedule.step()
model.save_pretrained(out)
saved = time.time() - start
model.eval()
right = 0
with torch.no_grad():
    for i in range(0, len(dev), 32):
        x, y = encode(dev[i : i + 32])
        right += (model(**x).logits.argmax(1) == y).sum().item()
print(json.dumps({"accuracy": right / len(dev), "seconds_to_saved": saved}))
