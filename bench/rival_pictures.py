"""PyTorch + timm as shipped, on pictures: the better on validation of frozen features + logistic regression and full tuning.
    rival_pictures.py TRAIN.txt VALID.txt TEST.txt WEIGHTS SIZE RATES SEED OUT
A list holds path<TAB>class in each line.  RATES: 2e-4,5e-4 or one.  AdamW, one cycle, 6 epochs of batches of 16, crop and flip;
    evaluated as timm.data.create_transform does with the released crop_pct."""
import json, math, sys, time

start = time.time()
import random
import numpy as np, timm, torch
from PIL import Image
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler
from torchvision import transforms as T
from torchvision.transforms import InterpolationMode as I

train, valid, test, weights, size, rates, seed, out = sys.argv[1:9]
size, seed = int(size), int(seed)
torch.set_num_threads(2)
norm = T.Normalize([0.5] * 3, [0.5] * 3)
plain = T.Compose([T.Resize(math.floor(size / 0.875), I.BICUBIC), T.CenterCrop(size), T.ToTensor(), norm])
varied = T.Compose([T.RandomResizedCrop(size, (0.5, 1)), T.RandomHorizontalFlip(), T.ToTensor(), norm])


def rows(path):
    with open(path, encoding="utf-8") as f:
        return [line.rstrip("\n").split("\t") for line in f]


names = sorted({c for _, c in rows(train)})
number = {c: i for i, c in enumerate(names)}


class Pictures(torch.utils.data.Dataset):
    def __init__(self, path, look):
        self.rows, self.look = rows(path), look

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        return self.look(Image.open(self.rows[i][0]).convert("RGB")), number[self.rows[i][1]]


def loader(path, look, shuffle=False):
    return torch.utils.data.DataLoader(Pictures(path, look), 16, shuffle=shuffle)


def network():
    model = timm.create_model("tf_efficientnet_lite0", pretrained=False)
    state = torch.load(weights, map_location="cpu", weights_only=True)
    model.load_state_dict(dict(zip(model.state_dict(), state.values())))
    model.reset_classifier(len(names))
    return model


def accuracy(model, path):
    model.eval()
    right = n = 0
    with torch.no_grad():
        for x, y in loader(path, plain):
            right += (model(x).argmax(1) == y).sum().item()
            n += len(y)
    return right / n


def frozen():
    model = network().eval()

    def features(path):
        x, y = [], []
        with torch.no_grad():
            for a, b in loader(path, plain):
                x.append(model.forward_head(model.forward_features(a), pre_logits=True))
                y.append(b)
        return torch.cat(x).numpy(), torch.cat(y).numpy()

    (x, y), (xv, yv), (xt, yt) = features(train), features(valid), features(test)
    scale = StandardScaler().fit(x)
    fits = [LogisticRegression(max_iter=500, C=c).fit(scale.transform(x), y) for c in (0.01, 0.1, 1, 10)]
    best = max(fits, key=lambda f: f.score(scale.transform(xv), yv))
    return best.score(scale.transform(xv), yv), best.score(scale.transform(xt), yt)


def full(rate):
    torch.manual_seed(seed), random.seed(seed), np.random.seed(seed)
    model, batches = network(), loader(train, varied, True)
    opt = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=0.01)
    cycle = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=rate, total_steps=6 * len(batches))
    for _ in range(6):
        model.train()
        for x, y in batches:
            if len(y) > 1:
                opt.zero_grad()
                torch.nn.functional.cross_entropy(model(x), y).backward()
                opt.step()
            cycle.step()
    torch.save(model.state_dict(), out)
    return accuracy(model, valid), accuracy(model, test)


tried = [("frozen", 0.0) + frozen() + (time.time() - start,)]
for rate in map(float, rates.split(",")):
    begun = time.time()
    tried.append(("full", rate) + full(rate) + (time.time() - begun,))
print(json.dumps([dict(zip(("method", "rate", "valid", "test", "seconds"), t)) for t in tried]))
