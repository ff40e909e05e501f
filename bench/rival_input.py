"""The same in Hugging Face tokenizers, or PIL + torchvision, on one thread: each line of stdin, "N", does all N times.
    rival_input.py tokens MODEL_FOLDER FILE      rival_input.py pictures FILE"""
import os, resource, sys, time

os.environ["TOKENIZERS_PARALLELISM"] = "false"
lines = open(sys.argv[-1], encoding="utf-8").read().splitlines()
if sys.argv[1] == "tokens":
    from tokenizers import ByteLevelBPETokenizer, Tokenizer

    folder = sys.argv[2]
    if os.path.exists(folder + "/tokenizer.json"):
        tokenizer = Tokenizer.from_file(folder + "/tokenizer.json")
    else:
        tokenizer = ByteLevelBPETokenizer(folder + "/encoder.json", folder + "/vocab.bpe")
    tokenizer.no_padding()
    tokenizer.enable_truncation(128)
    work = lambda: tokenizer.encode_batch(lines)
else:
    import torch
    from PIL import Image
    from torchvision import transforms as T

    torch.set_num_threads(1)
    look = T.Compose([T.Resize(256, T.InterpolationMode.BICUBIC), T.CenterCrop(224), T.ToTensor(), T.Normalize([0.5] * 3, [0.5] * 3)])
    work = lambda: [look(Image.open(p).convert("RGB")) for p in lines]
for line in sys.stdin:
    start = time.perf_counter()
    for _ in range(int(line)):
        work()
    print(f"{time.perf_counter() - start:.6f} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}", flush=True)
