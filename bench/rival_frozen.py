"""A frozen ResNet-50 and a new head in PyTorch + torchvision as shipped: EPOCHS over TRAIN.txt with evaluation on VALID.txt.
    rival_frozen.py TRAIN.txt VALID.txt WEIGHTS.pth EPOCHS    (path<TAB>class in each line)
Prints a line after each epoch."""
import sys

import torch, torchvision
from PIL import Image
from torchvision import transforms as T

train, valid, weights, epochs = sys.argv[1:5]
torch.set_num_threads(2)
torch.manual_seed(0)
look = T.Compose([T.Resize(256), T.CenterCrop(224), T.ToTensor(), T.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])])


def rows(path):
    with open(path, encoding="utf-8") as f:
        return [line.rstrip("\n").split("\t") for line in f]


number = {c: i for i, c in enumerate(sorted({c for _, c in rows(train)}))}


class Pictures(torch.utils.data.Dataset):
    def __init__(self, path):
        self.rows = rows(path)

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        return look(Image.open(self.rows[i][0]).convert("RGB")), number[self.rows[i][1]]


model = torchvision.models.resnet50(weights=None)
model.load_state_dict(torch.load(weights, weights_only=True))
for p in model.parameters():
    p.requires_grad = False
model.fc = torch.nn.Linear(2048, len(number))
opt = torch.optim.AdamW(model.fc.parameters(), lr=1e-3, weight_decay=0.01)
batches = torch.utils.data.DataLoader(Pictures(train), 16, shuffle=True)
held = torch.utils.data.DataLoader(Pictures(valid), 16)
for epoch in range(int(epochs)):
    model.eval()  # batch norm keeps its statistics
    for x, y in batches:
        opt.zero_grad()
        torch.nn.functional.cross_entropy(model(x), y).backward()
        opt.step()
    right = 0
    with torch.no_grad():
        for x, y in held:
            right += (model(x).argmax(1) == y).sum().item()
    print(f"epoch {epoch + 1}", flush=True)
