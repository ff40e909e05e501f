"""The same steps in PyTorch as shipped: each line of stdin, "N", runs N and prints their seconds and peak memory.
    rival_picture_step.py VARIANT SIZE THREADS"""
import resource, sys, time

import torch, torchvision

name, size = sys.argv[1], int(sys.argv[2])
torch.set_num_threads(int(sys.argv[3]))
torch.manual_seed(0)
# ours has no auxiliary classifier from scratch; torchvision's own way to draw Inception's weights takes a minute
settings = dict(aux_logits=False, init_weights=False) if name == "inception_v3" else {}
model = getattr(torchvision.models, name)(weights=None, **settings).train()
opt = torch.optim.AdamW(model.parameters(), lr=5e-4, weight_decay=0.01)
for line in sys.stdin:
    start = time.perf_counter()
    for _ in range(int(line)):
        x, y = torch.randn(16, 3, size, size), torch.arange(16)
        opt.zero_grad()
        torch.nn.functional.cross_entropy(model(x), y).backward()
        opt.step()
    print(f"{time.perf_counter() - start:.6f} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}", flush=True)
