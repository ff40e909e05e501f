"""The same answers in PyTorch, or in ONNX Runtime: each line of stdin, "N", runs N and prints their seconds and peak memory.
    rival_infer.py MODEL_FOLDER rows:1x8|lengths:32:FILE THREADS [onnx]      rival_infer.py VARIANT pictures:1 THREADS [onnx]
A batch is padded to its longest; VARIANT is torchvision's, or timm's."""
import io, resource, sys, time

import torch

name, what, threads = sys.argv[1:4]
torch.set_num_threads(int(threads))
torch.manual_seed(0)
if what.startswith("pictures:"):
    import timm, torchvision

    model = getattr(torchvision.models, name)(weights=None) if hasattr(torchvision.models, name) else timm.create_model("tf_" + name, pretrained=False)
    batches, names = [(torch.randn(int(what[9:]), 3, 224, 224),)], ["pixel_values"]
else:
    from transformers import AutoModel

    model = AutoModel.from_pretrained(name, attn_implementation="eager" if "onnx" in sys.argv else "sdpa")
    B = 32
    if what.startswith("rows:"):
        B, each = map(int, what[5:].split("x"))
        lengths = [each] * B
    else:
        lengths = [int(x) for x in open(what.split(":")[2]).read().split()]
        lengths = lengths[: len(lengths) // B * B]

    class Hidden(torch.nn.Module):
        def __init__(self, bert):
            super().__init__()
            self.bert = bert

        def forward(self, ids, mask):
            return self.bert(input_ids=ids, attention_mask=mask).last_hidden_state

    model = Hidden(model)
    batches, names = [], ["input_ids", "attention_mask"]
    for at in range(0, len(lengths), B):
        n = lengths[at : at + B]
        ids, mask = torch.zeros(B, max(n), dtype=torch.long), torch.zeros(B, max(n), dtype=torch.long)
        for i, k in enumerate(n):
            ids[i, :k] = torch.arange(k) * 7919 % 20000 + 1000
            mask[i, :k] = 1
        batches.append((ids, mask))
model.eval()
if "onnx" in sys.argv:
    import onnxruntime

    file = io.BytesIO()
    axes = {n: {0: "batch", 1: "length"} for n in names} if len(names) == 2 else None
    with torch.no_grad():
        torch.onnx.export(model, batches[0], file, input_names=names, dynamic_axes=axes, dynamo=False)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = int(threads)
    session = onnxruntime.InferenceSession(file.getvalue(), options, providers=["CPUExecutionProvider"])
    feeds = [{n: t.numpy() for n, t in zip(names, b)} for b in batches]
    answer = lambda i: session.run(None, feeds[i])
else:
    answer = lambda i: model(*batches[i])
at = 0
for line in sys.stdin:
    start = time.perf_counter()
    with torch.no_grad():
        for _ in range(int(line)):
            answer(at)
            at = (at + 1) % len(batches)
    print(f"{time.perf_counter() - start:.6f} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}", flush=True)
