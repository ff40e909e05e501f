"""Writes tests/golden/pictures/variants.tsv: what torchvision and timm say of each network that src/models has a row for:
tensors, values, SHA-256 of the sorted lines "name [shape]" (num_batches_tracked left out), eps and momentum of the first
batch norm, size, resize, interpolation, mean and standard deviation of red (of timm's default weights, torchvision's V1, of vit_h_14 SWAG's linear ones).
Usage: picture_variants.py, with torch, torchvision and timm."""
import hashlib
import math
import os

import timm
import torch
import torchvision

OUT = os.path.join(os.path.dirname(__file__), "..", "..", "tests", "golden", "pictures", "variants.tsv")
TORCHVISION = ["resnet18", "resnet34", "resnet50", "resnet101", "resnet152", "wide_resnet50_2", "wide_resnet101_2",
               "resnext50_32x4d", "resnext101_32x8d"] + [f"efficientnet_b{i}" for i in range(8)] + ["alexnet"] + \
              [f"vgg{n}{norm}" for n in (11, 13, 16, 19) for norm in ("", "_bn")] + ["squeezenet1_0", "squeezenet1_1", "googlenet", "inception_v3"] + \
              [f"efficientnet_v2_{k}" for k in "sml"] + ["vit_b_16", "vit_b_32", "vit_l_16", "vit_l_32", "vit_h_14"]
INCEPTION = ["googlenet", "inception_v3"]  # as they are loaded: no auxiliary heads, transform_input: what they read is x / 127.5 - 1
TIMM = ["resnet18d", "resnet34d", "resnet50d", "resnet101d", "resnet152d"] + \
       [f"{p}efficientnet_{k}" for p in ("", "tf_") for k in
        [f"b{i}" for i in range(8)] + [f"lite{i}" for i in range(5)]] + \
       [f"vit_{k}_{side}" for k in ("tiny_patch16", "small_patch32", "small_patch16", "base_patch32", "base_patch16", "large_patch32",
                                    "large_patch16") for side in (224, 384)] + ["vit_base_patch8_224", "vit_huge_patch14_224"]
RENAMED = [("in_proj_weight", "in_proj.weight"), ("in_proj_bias", "in_proj.bias")]  # as src/models/vit.c reads them


def facts(model):
    lines = [f"{k} {list(v.shape)}\n" for k, v in model.state_dict().items() if not k.endswith("num_batches_tracked")]
    for old, new in RENAMED:
        lines = [line.replace(old, new) for line in lines]
    norm = next((m for m in model.modules() if isinstance(m, torch.nn.BatchNorm2d)), torch.nn.BatchNorm2d(1))
    values = sum(v.numel() for k, v in model.state_dict().items() if not k.endswith("num_batches_tracked"))
    return [len(lines), values, hashlib.sha256("".join(sorted(lines)).encode()).hexdigest(), norm.eps, norm.momentum]


def main():
    rows = []
    with torch.device("meta"):
        for name in TORCHVISION:
            kinds = torchvision.models.get_model_weights(name)
            how = (kinds.IMAGENET1K_SWAG_LINEAR_V1 if name == "vit_h_14" else kinds.IMAGENET1K_V1).transforms()
            inception = name in INCEPTION
            model = torchvision.models.get_model(name, weights=None, **(dict(aux_logits=False, init_weights=False) if inception else {}))
            rows.append([name, "torchvision", *facts(model), how.crop_size[0], how.resize_size[0],
                         how.interpolation.value, *([0.5, 0.5] if inception else [how.mean[0], how.std[0]])])
        for name in TIMM:
            c = timm.get_pretrained_cfg(name)
            rows.append([name, "timm", *facts(timm.create_model(name, num_classes=1000)), c.input_size[1],
                         math.floor(c.input_size[1] / c.crop_pct), c.interpolation, c.mean[0], c.std[0]])
    with open(OUT, "w") as f:
        f.writelines("\t".join(map(str, r)) + "\n" for r in rows)


main()
