#!/usr/bin/env python3
"""What engraft saves, loaded by the libraries it is meant for: transformers, PEFT, and the way of
sentence-transformers.  Logits and embeddings must be equal to 1e-4.

    python3 tools/interop.py MODEL DATA OUT [--engraft build/release/engraft]
    python3 tools/interop.py --pictures FOLDER OUT
    python3 tools/interop.py --picture-adapter FOLDER OUT
    python3 tools/interop.py --families OUT
    python3 tools/interop.py --vit PICTURES OUT

MODEL  a released sentence encoder's folder;  DATA  a table with texts and labels;  OUT  an empty folder;
FOLDER  what engraft saved of a network of pictures, for timm; with --picture-adapter, what `--method lora` saved of one of
torchvision's networks from a weight file, for PEFT.  --families: small random models of every family of texts and every head,
as transformers saves them, and PEFT's adapters, read here; merged here, read there.  --vit: small random vision transformers of
transformers, timm and torchvision, read here; trained here on class folders of pictures, read there; PEFT's LoRA likewise.
Needs torch, transformers, peft, timm, torchvision and safetensors; nothing is fetched."""
import argparse
import json
import os
import shutil
import subprocess
import sys

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")

import timm
import torch
import torchvision
from peft import IA3Config, LoraConfig, PeftModel, PrefixTuningConfig, PromptEncoderConfig, PromptTuningConfig, get_peft_model
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
    say(f"{folder}: logits in PEFT", run(args.model, batch, "--adapter", where)["logits"], theirs)
    say(f"{folder}: the merged folder against PEFT", merged, theirs)


def in_front(name, *more):
    """What cannot be merged, from the folder it is saved in: PEFT's logits, or the mean of its rows and the classifier."""
    folder = train(name, "--valid-share", "0", *more)  # nothing to choose by: the tuned one is kept
    where = f"{folder}/adapter"
    batch, config = tokens(folder), json.load(open(f"{where}/adapter_config.json"))
    base, mask = config["base_model_name_or_path"], batch["attention_mask"]
    if config["task_type"] == "SEQ_CLS":
        labels = json.load(open(f"{folder}/config.json"))["id2label"]
        theirs = PeftModel.from_pretrained(load(AutoModelForSequenceClassification, base, num_labels=len(labels)), where).eval()(**batch).logits
    else:
        dense = load_file(f"{folder}/2_Dense/model.safetensors")
        rows = PeftModel.from_pretrained(load(AutoModel, base), where).eval()(**batch).last_hidden_state[:, -mask.shape[1]:]
        theirs = mean(rows, mask) @ dense["linear.weight"].T + dense["linear.bias"]
    say(f"{folder}: logits in PEFT", run(folder, batch)["logits"], theirs)


def embeddings(folder):
    lines = call("embed", folder, input="\n".join(TEXTS) + "\n").stdout.splitlines()
    ours = torch.tensor([[float(x) for x in line.split()] for line in lines])
    batch = tokens(folder)
    hidden = load(AutoModel, folder)(**batch).last_hidden_state
    theirs = torch.nn.functional.normalize(mean(hidden, batch["attention_mask"]))
    say(f"{folder}: embeddings from texts", ours, theirs)
    say(f"{folder}: embeddings from tokens", run(folder, batch)["embedding"], theirs)


# family: its classes' name, configuration
FAMILIES = {
    "distilbert": ("DistilBert", dict(dim=32, hidden_dim=64, n_layers=2, n_heads=4)),
    "roberta": ("Roberta", dict(hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
                                pad_token_id=1, type_vocab_size=1, max_position_embeddings=130)),
    "xlm-roberta": ("XLMRoberta", dict(hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
                                       pad_token_id=1, type_vocab_size=1, max_position_embeddings=66)),
    "gpt2": ("GPT2", dict(n_embd=32, n_inner=48, n_layer=2, n_head=4, n_positions=64, pad_token_id=1,
                          scale_attn_by_inverse_layer_idx=True)),
}
HEADS = {"Model": "last_hidden_state", "ForMaskedLM": "logits", "ForSequenceClassification": "logits",
         "ForTokenClassification": "logits", "ForQuestionAnswering": "start_logits"}
DECODER_HEADS = {"Model": "last_hidden_state", "LMHeadModel": "logits", "ForSequenceClassification": "logits"}
# family: layers of LoRA; of IA3, the last one's input
TARGETS = {"distilbert": (["q_lin", "v_lin"], ["k_lin", "v_lin", "ffn.lin2"]),
           "gpt2": (["c_attn", "c_proj"], ["c_attn", "mlp.c_proj"])}
USUAL = (["query", "value"], ["key", "value", "output.dense"])


def with_bytes(folder):
    """A tokenizer over bytes as two files, and the mean of a text's tokens: embeddings from words on."""
    for file in ("vocab.json", "merges.txt"):
        shutil.copy(f"tests/golden/tokenizers/bpe-folder-bare/{file}", folder)
    os.makedirs(f"{folder}/1_Pooling")
    with open(f"{folder}/1_Pooling/config.json", "w") as f:
        json.dump({"word_embedding_dimension": 32, "pooling_mode_mean_tokens": True}, f)
    with open(f"{folder}/modules.json", "w") as f:
        json.dump([{"idx": i, "name": str(i), "path": path, "type": f"sentence_transformers.models.{kind}"}
                   for i, (path, kind) in enumerate([("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize")])], f)
    embeddings(folder)


def family_batch(config):
    """Padding, and padding ids in the middle of the last text, where the mask does not hide them."""
    ids = torch.randint(5, config.vocab_size, (4, 12), generator=torch.Generator().manual_seed(3))
    mask = torch.ones_like(ids)
    mask[1, 9:] = mask[2, 10:] = 0
    pad = config.pad_token_id
    ids[mask == 0] = pad
    ids[3, 5:7] = pad
    return {"input_ids": ids, "attention_mask": mask}


def family(name):
    import transformers
    prefix, settings = FAMILIES[name]
    config = transformers.AutoConfig.for_model(name, vocab_size=330, **settings)
    for head, output in (DECODER_HEADS if name == "gpt2" else HEADS).items():
        folder = f"{args.out}/{name}-{head}"
        torch.manual_seed(1)
        cls = getattr(transformers, prefix + head)
        made = cls(config)
        for p in made.parameters():
            torch.nn.init.normal_(p, std=0.3)
        made.save_pretrained(folder)
        batch = family_batch(config)
        theirs = load(cls, folder)(**batch)[output]
        shown = batch["attention_mask"].bool()
        ours = run(folder, batch)[output]
        say(f"{folder}: {output}", *((ours, theirs) if theirs.shape[1] != 12 else (ours[shown], theirs[shown])))
    if name == "roberta":
        with_bytes(f"{args.out}/{name}-Model")
    base = f"{args.out}/{name}-ForSequenceClassification"
    lora, ia3 = TARGETS.get(name, USUAL)
    turned = name == "gpt2"
    theirs_ours(base, f"{args.out}/{name}-lora", LoraConfig(task_type="SEQ_CLS", r=4, target_modules=lora, fan_in_fan_out=turned), batch)
    theirs_ours(base, f"{args.out}/{name}-lora-layers",
                LoraConfig(task_type="SEQ_CLS", r=4, target_modules=lora, fan_in_fan_out=turned, bias="all", use_rslora=True,
                           rank_pattern={lora[0]: 2}, alpha_pattern={lora[-1]: 3.5}), batch)
    front = [PromptTuningConfig(task_type="SEQ_CLS", num_virtual_tokens=5),
             PromptEncoderConfig(task_type="SEQ_CLS", num_virtual_tokens=5, encoder_hidden_size=16)]
    if name != "distilbert":  # PEFT: no keys and values from before
        front.append(PrefixTuningConfig(task_type="SEQ_CLS", num_virtual_tokens=5))
    if name != "gpt2":  # PEFT pools its last column, be it padding
        for how in front:
            theirs_ours(base, f"{args.out}/{name}-{how.peft_type.value.lower()}", how, {k: v[:3] for k, v in batch.items()})
    theirs_ours(base, f"{args.out}/{name}-dora", LoraConfig(task_type="SEQ_CLS", r=4, target_modules=lora, use_dora=True), batch)
    theirs_ours(base, f"{args.out}/{name}-ia3",
                IA3Config(task_type="SEQ_CLS", target_modules=ia3, feedforward_modules=ia3[-1:], fan_in_fan_out=turned), batch)


def theirs_ours(base, adapter, how, batch):
    """An adapter of PEFT's over a base, by us; and merged by us, in transformers."""
    made = get_peft_model(load(AutoModelForSequenceClassification, base), how)
    for p in made.parameters():
        if p.requires_grad:
            torch.nn.init.normal_(p, std=0.3)
    made.save_pretrained(adapter)
    theirs = made.eval()(**batch).logits
    say(f"{adapter}: logits", run(base, batch, "--adapter", adapter)["logits"], theirs)
    if how.is_prompt_learning:
        return
    call("merge", adapter, "--base", base, "-o", f"{adapter}-merged")
    merged = load(AutoModelForSequenceClassification, f"{adapter}-merged")
    say(f"{adapter}-merged: logits in transformers", merged(**batch).logits, theirs)


# ---- vision transformers: 4 layers of 64, patches of 16, pictures of 64 ----


def vit_draw(model, std):
    """Random weights that leave logits in sight."""
    for p in model.parameters():
        if p.dim() > 1:
            torch.nn.init.normal_(p, std=std)


def vit_transformers(folder):
    import transformers
    config = transformers.ViTConfig(hidden_size=64, num_hidden_layers=4, num_attention_heads=4, intermediate_size=128, image_size=64,
                                    num_labels=7)
    model = transformers.ViTForImageClassification(config)
    vit_draw(model, 0.1)
    model.save_pretrained(folder)
    transformers.ViTImageProcessor(size={"height": 64, "width": 64}).save_pretrained(folder)
    return load(transformers.ViTForImageClassification, folder)


def vit_file(model, path):
    vit_draw(model, 0.05)
    torch.save(model.state_dict(), path)
    return model.eval()


def in_memory(adapter, folder):
    """The adapter under the names that the fifth transformers gives the modules of a released file."""
    names = [("encoder.layer.", "layers."), ("attention.attention.query", "attention.q_proj"), ("attention.attention.key", "attention.k_proj"),
             ("attention.attention.value", "attention.v_proj"), ("attention.output.dense", "attention.o_proj"), ("output.dense", "mlp.fc2")]
    tensors, how = load_file(f"{adapter}/adapter_model.safetensors"), json.load(open(f"{adapter}/adapter_config.json"))
    for old, new in names:
        tensors = {k.replace(old, new): v for k, v in tensors.items()}
    os.makedirs(folder, exist_ok=True)
    save_file(tensors, f"{folder}/adapter_model.safetensors")
    json.dump(how, open(f"{folder}/adapter_config.json", "w"))
    return folder


def vits(pictures_folder):
    import transformers
    gen, kept = torch.Generator().manual_seed(1), ["--no-baselines", "--quiet", "--epochs", "2", "--batch-size", "8", "--method"]
    batch = {"pixel_values": torch.randn(3, 3, 64, 64, generator=gen)}
    wide = {"pixel_values": torch.randn(2, 3, 96, 48, generator=gen)}
    full = {"pixel_values": torch.randn(2, 3, 224, 224, generator=gen)}
    base = f"{args.out}/vit"
    model = vit_transformers(base)
    say("transformers: logits", run(base, batch)["logits"], model(**batch).logits)
    say("transformers: positions of another size", run(base, wide)["logits"], model(**wide, interpolate_pos_encoding=True).logits)
    for method in ("full", "lora:rank=4", "bitfit", "ia3", "freeze:2", "head"):
        tuned = f"{args.out}/vit-{method.split(':')[0]}"
        call("train", pictures_folder, "--model", base, "-o", tuned, *kept, method)
        ours = run(tuned, batch)["logits"]
        model = load(transformers.ViTForImageClassification, tuned)
        how = transformers.AutoImageProcessor.from_pretrained(tuned)
        say(f"{tuned}: logits in transformers", ours, model(**batch).logits)
        print("        labels", list(model.config.id2label.values())[:5], how.size, how.image_mean)
        if os.path.isdir(f"{tuned}/adapter"):
            lone = load(transformers.ViTForImageClassification, base, num_labels=ours.shape[1], ignore_mismatched_sizes=True)
            fifth = in_memory(f"{tuned}/adapter", f"{tuned}-adapter")
            say(f"{tuned}: the merged folder against PEFT", ours, PeftModel.from_pretrained(lone, fifth).eval()(**batch).logits)
    path = f"{args.out}/timm.pth"
    model = vit_file(timm.create_model("vit_tiny_patch16_224"), path)
    say("timm: logits", run("vit_tiny_patch16_224", full, "--weights", path)["logits"], model(full["pixel_values"]))
    large = {"pixel_values": torch.randn(2, 3, 320, 256, generator=gen)}
    other = timm.create_model("vit_tiny_patch16_224", img_size=(320, 256)).eval()
    other.load_state_dict(timm.models.vision_transformer.checkpoint_filter_fn(torch.load(path), other))
    say("timm: positions of another size", run("vit_tiny_patch16_224", large, "--weights", path)["logits"], other(large["pixel_values"]))
    path = f"{args.out}/torchvision.pth"
    model = vit_file(torchvision.models.vit_b_32(), path)
    say("torchvision: logits", run("vit_b_32", full, "--weights", path)["logits"], model(full["pixel_values"]))
    call("train", pictures_folder, "--model", "vit_b_32", "--weights", path, "-o", f"{args.out}/vit_b_32", "--per-class", "8", "--test-limit", "16", *kept, "head")
    pictures(f"{args.out}/vit_b_32")


parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("model", nargs="?")
parser.add_argument("data", nargs="?")
parser.add_argument("out")
parser.add_argument("--pictures", metavar="FOLDER", action="append")
parser.add_argument("--picture-adapter", metavar="FOLDER", action="append")
parser.add_argument("--families", action="store_true")
parser.add_argument("--vit", metavar="PICTURES")
parser.add_argument("--engraft", default="build/release/engraft")
args = parser.parse_args()
os.makedirs(args.out, exist_ok=True)
with torch.no_grad():
    for folder in args.pictures or []:
        pictures(folder)
    for folder in args.picture_adapter or []:
        picture_adapter(folder)
    for name in FAMILIES if args.families else ():
        family(name)
    if args.vit:
        vits(args.vit)
    if args.model and not args.families:
        args.model = os.path.abspath(args.model)
        embeddings(args.model)
        classifier("first", "--no-tuning")
        classifier("full", "--method", "full", "--epochs", "5", "--lr", "1e-4")
        classifier("mean", "--method", "full", "--epochs", "3", "--lr", "1e-4", "--pooling", "mean")
        adapter(*classifier("lora", "--method", "lora", "--epochs", "8", "--lr", "3e-3"))
        adapter(*classifier("dora", "--method", "dora", "--epochs", "8", "--lr", "3e-3"))
        adapter(*classifier("ia3", "--method", "ia3", "--epochs", "8", "--lr", "1e-2"))
        in_front("prompt", "--method", "prompt", "--epochs", "2")
        in_front("prefix", "--method", "prefix", "--epochs", "2")
        in_front("prompt-cls", "--method", "prompt", "--pooling", "cls", "--epochs", "2")
        in_front("prefix-cls", "--method", "prefix", "--pooling", "cls", "--epochs", "2")
        classifier("bitfit", "--method", "bitfit", "--epochs", "8", "--lr", "3e-3")
sys.exit(failed > 0)
