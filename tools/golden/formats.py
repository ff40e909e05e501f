"""Writes tests/golden/formats: small files in every form that the weight readers know, and expected.tsv
(file, tensors in it, name, dtype, shape, sha256 of the values as little-endian float32).
Run with PyTorch 2.11 and safetensors; usage: formats.py [released FILE..] > lines for released.tsv"""
import argparse
import hashlib
import json
import os
import struct
import sys
import zipfile
import zlib
from collections import Counter, OrderedDict, defaultdict

import hostile_formats as hand
import numpy
import torch
from safetensors.torch import save_file

OUT = os.path.join(os.path.dirname(__file__), "..", "..", "tests", "golden", "formats")
NAMES = {torch.float32: "F32", torch.float64: "F64", torch.float16: "F16", torch.bfloat16: "BF16",
         torch.int64: "I64", torch.int32: "I32", torch.int16: "I16", torch.int8: "I8",
         torch.uint8: "U8", torch.bool: "BOOL"}


def row(file, count, name, t):
    digest = hashlib.sha256(t.detach().float().contiguous().numpy().tobytes()).hexdigest()
    shape = "[" + ", ".join(map(str, t.shape)) + "]"
    return "\t".join([file, str(count), name, NAMES[t.dtype], shape, digest])


def kinds():
    g = torch.Generator().manual_seed(3)
    x = torch.randn(5, 3, generator=g) * 100
    d = OrderedDict((n.lower(), x.to(t)) for t, n in NAMES.items())
    d["u8"] = x.abs().to(torch.uint8)
    d["big.i64"] = torch.tensor([2**53 + 1, -(2**62), 16777217])
    d["special.f32"] = torch.tensor([float("inf"), -0.0, 1e-45, 3.4e38])
    d["special.f16"] = torch.tensor([6e-8, 65504, -0.0, 6.1e-5]).half()
    return d


def views():
    base = torch.arange(48.0).reshape(4, 12)
    odd = torch.arange(700).to(torch.int32).reshape(7, 100)
    return OrderedDict([
        ("base", base), ("transposed", base.t()), ("rows", base[1:3]), ("steps", base[::2, 1::3]),
        ("column", base[:, 5]), ("cube", base.reshape(4, 3, 4).permute(2, 0, 1)), ("tied", base),
        ("scalar", base[3, 11]), ("one", base[2:3, 4:5]), ("odd", odd.t()), ("far", odd[6:, 3:]),
        ("expanded.one", torch.arange(6).expand(1, -1)), ("bf16", base.bfloat16().t())])


def edges():
    return OrderedDict([("zero_d", torch.tensor(2.5)), ("zero_d.i64", torch.tensor(7)),
                        ("empty", torch.zeros(0)), ("hollow", torch.zeros(2, 0, 3)),
                        ("deep", torch.arange(4.0).reshape(1, 2, 1, 1, 2, 1)),
                        ("naïve.名前", torch.ones(1)), ("odd.u8", torch.arange(3).to(torch.uint8)),
                        ("after", torch.arange(5.0))])


def trained():
    torch.manual_seed(1)
    net = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4))
    opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    net(torch.ones(2, 3)).sum().backward()
    opt.step()
    weights = OrderedDict(("module." + k, v) for k, v in net.state_dict().items())
    return {"step": torch.tensor(7), "size": torch.Size([3, 4]), "betas": (0.9, 0.999), "count": Counter(a=2),
            "groups": defaultdict(list, a=[1]), "device": torch.device("cpu"), "dtype": torch.float16,
            "loss": numpy.float64(0.5), "epoch": 12, "arch": "resnet20", "best_prec1": 91.78, "done": True, "note": None,
            "args": argparse.Namespace(lr=0.1, layers=[3, 3, 3]), "big": 2**80, "state_dict": weights,
            "optimizer": opt.state_dict(), "ema": {"x": torch.ones(1)}}, weights


def cases():
    """name, what is saved, what must come out"""
    saved, weights = trained()
    lin = torch.nn.Linear(3, 2)
    parts = {"encoder": {"w": torch.ones(2)}, "decoder": {"w": torch.zeros(3), "b": torch.ones(1)}}
    for name, d in (("kinds", kinds()), ("views", views()), ("edges", edges())):
        yield name, d, d
    yield "trained", saved, weights
    yield "module", lin.state_dict(), lin.state_dict()
    yield "parameters", {"w": lin.weight, "b": lin.bias}, {"w": lin.weight, "b": lin.bias}
    yield "parts", parts, {"encoder.w": parts["encoder"]["w"], "decoder.w": parts["decoder"]["w"],
                           "decoder.b": parts["decoder"]["b"]}
    yield "list", [torch.ones(2), [torch.zeros(1)]], {"0": torch.ones(2), "1.0": torch.zeros(1)}
    yield "bare", torch.arange(3.0), {"tensor": torch.arange(3.0)}


def sharded(rows):
    where = os.path.join(OUT, "sharded")
    os.makedirs(where, exist_ok=True)
    parts = [("model-00001-of-00002.safetensors", {"a.weight": torch.arange(6.0).reshape(2, 3)}),
             ("model-00002-of-00002.safetensors", {"b.weight": torch.ones(4).half(), "b.bias": torch.ones(2)})]
    weight_map = {}
    for file, tensors in parts:
        save_file(tensors, os.path.join(where, file), metadata={"format": "pt"})
        weight_map.update((name, file) for name in tensors)
        rows += [row("sharded", 3, k, v) for k, v in tensors.items()]
    with open(os.path.join(where, "model.safetensors.index.json"), "w") as f:
        json.dump({"metadata": {"total_size": 40}, "weight_map": weight_map}, f, indent=2)


def by_hand(rows):
    """Header order other than data order, padding, a float at an odd offset, \\u escapes in a name."""
    f32, u8 = torch.arange(3.0) + 0.5, torch.tensor([9], dtype=torch.uint8)
    header = ('{"late":{"dtype":"F32","shape":[3],"data_offsets":[1,13]},"__metadata__":{"made":"by hand"},'
              '"e\\u0061rly":{"data_offsets":[0,1],"shape":[],"dtype":"U8"}}   ')
    with open(os.path.join(OUT, "by_hand.safetensors"), "wb") as f:
        f.write(struct.pack("<Q", len(header)) + header.encode() + b"\x09" + f32.numpy().tobytes())
    rows += [row("by_hand.safetensors", 2, "late", f32), row("by_hand.safetensors", 2, "early", u8.reshape(()))]


def pickles_by_hand(rows):
    """Forms that today's PyTorch no longer writes, and one that only files over 4 GiB have."""
    data = struct.pack("<4f", 1, 2, 3, 4)
    view = hand.tensor(hand.storage(extra=hand.tup(hand.s("v"), hand.i(1), hand.i(3))), 1, (2,), (1,))
    short = lambda text: b"U" + bytes([len(text)]) + text
    pair = hand.P.LIST + hand.P.MARK + short(b"old") + hand.tensor() + hand.P.APPENDS
    old = hand.g("collections", "OrderedDict") + hand.tup(hand.P.LIST + pair + hand.P.APPEND) + hand.P.REDUCE
    good, after = hand.prog(hand.weights(hand.tensor())), b"PK\x07\x08" + struct.pack("<IQQ", zlib.crc32(data), 16, 16)
    zip64 = hand.Zip().add("m/data.pkl", good).add("m/data/0", data, flags=8, local={"after": after, "crc": 0, "csize": 0,
                                                                                   "usize": 0}).end()
    every = torch.arange(1.0, 5)
    for file, content, name, t in (("view.stream.pth", hand.stream(hand.weights(view)), "w", every[2:]),
                                   ("python2.stream.pth", hand.stream(old), "old", every),
                                   ("descriptor64.pt", zip64, "w", every)):
        with open(os.path.join(OUT, file), "wb") as f:
            f.write(content)
        rows.append(row(file, 1, name, t))


class Pipe:
    """A file that cannot be sought: zipfile then writes data descriptors."""

    def __init__(self, f):
        self.f = f

    def write(self, data):
        return self.f.write(data)

    def flush(self):
        self.f.flush()


def archives():
    """plain.zip: stored, deflated, empty, zip64, a comment.  streamed.zip: with data descriptors."""
    text = b"all work and no play makes jack a dull boy\n" * 100
    with zipfile.ZipFile(os.path.join(OUT, "plain.zip"), "w") as z:
        z.comment = b"a comment"
        z.writestr("stored.txt", text[:43])
        z.writestr("deflated.txt", text, zipfile.ZIP_DEFLATED)
        z.writestr("empty.txt", b"")
        z.writestr("empty.deflated", b"", zipfile.ZIP_DEFLATED)
        with z.open("folder/zip64.txt", "w", force_zip64=True) as f:
            f.write(text)
    with open(os.path.join(OUT, "streamed.zip"), "wb") as f, zipfile.ZipFile(Pipe(f), "w") as z:
        z.writestr("stored.txt", text[:43])
        z.writestr("deflated.txt", text, zipfile.ZIP_DEFLATED)


def main():
    os.makedirs(OUT, exist_ok=True)
    rows = []
    for name, saved, want in cases():
        for file, new in ((name + ".pt", True), (name + ".stream.pth", False)):
            torch.save(saved, os.path.join(OUT, file), _use_new_zipfile_serialization=new)
            rows += [row(file, len(want), k, v) for k, v in want.items()]
        if name in ("kinds", "edges", "views"):
            file = name + ".safetensors"
            save_file({k: v.contiguous().clone() for k, v in want.items()}, os.path.join(OUT, file),
                      metadata={"format": "pt", "made": "with \"quotes\""})
            rows += [row(file, len(want), k, v) for k, v in want.items()]
    torch.serialization.set_crc32_options(False)
    torch.save(kinds(), os.path.join(OUT, "unchecked.pt"))
    rows += [row("unchecked.pt", len(kinds()), k, v) for k, v in kinds().items()]
    sharded(rows)
    archives()
    pickles_by_hand(rows)
    by_hand(rows)
    with open(os.path.join(OUT, "expected.tsv"), "w") as f:
        f.write("\n".join(rows) + "\n")


def load(path):
    from safetensors.torch import load_file
    if path.endswith(".safetensors"):
        return load_file(path)
    d = torch.load(path, map_location="cpu", weights_only=False)
    return d.get("state_dict", d)


def released(files):
    for path in files:
        d = load(path)
        name = path.split("/data/models/")[-1]
        for k, v in d.items():
            print(row("data/models/" + name if name != path else os.path.basename(path), len(d), k, v))


if __name__ == "__main__":
    released(sys.argv[2:]) if sys.argv[1:2] == ["released"] else main()
