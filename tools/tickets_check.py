#!/usr/bin/env python3
"""tickets_check.py - is examples/tickets.csv the data set that the demo says it is?

    python3 tools/tickets_check.py [FILE] [--encoder FOLDER]

Prints class counts, lengths, repeated messages and the pair with the most words in common (Jaccard
index of the sets of words). With scikit-learn installed also what a bag of words learns from 300
labels: counts and TF-IDF of 1-2 grams, logistic regression, the best of several C, the mean of 5
stratified draws, tested on the rest. --encoder takes a sentence encoder's folder (needs
transformers) and prints the same for its frozen, mean-pooled embeddings.
Exit status 1 when a limit below is broken.
"""
import argparse
import csv
import itertools
import re
import sys
from collections import Counter

MESSAGES_MIN, CLASSES, JACCARD_MAX, WORDS_MAX_ACCURACY = 600, 6, 0.6, 0.85
LABELS, DRAWS = 300, 5
STRENGTHS = (0.1, 1, 10, 100)


def read(path):
    """[(text, label)]; every row has exactly the two fields of the header."""
    with open(path, encoding="utf-8", newline="") as f:
        rows = list(csv.reader(f, strict=True))
    if not rows or rows[0] != ["text", "label"]:
        sys.exit(f'{path}:1: expected the header "text,label"')
    for i, row in enumerate(rows[1:], 2):
        if len(row) != 2 or not row[0].strip() or not row[1].strip():
            sys.exit(f"{path}: row {i}: expected a text and a label, found {row!r}")
    return [tuple(row) for row in rows[1:]]


def words(text):
    return frozenset(re.findall(r"\w+", text.lower().replace("'", "")))


def closest(texts):
    """The pair of messages with the highest Jaccard index: (index, text, text)."""
    sets = [words(t) for t in texts]
    pairs = itertools.combinations(range(len(texts)), 2)
    score = lambda p: len(sets[p[0]] & sets[p[1]]) / max(1, len(sets[p[0]] | sets[p[1]]))
    i, j = max(pairs, key=score)
    return score((i, j)), texts[i], texts[j]


def learn(features, labels, splits):
    """Best mean accuracy over C, and that C; features(train, test) -> two matrices."""
    from sklearn.linear_model import LogisticRegression

    total = Counter()
    for train, test in splits:
        x, z = features(train, test)
        for c in STRENGTHS:
            model = LogisticRegression(C=c, max_iter=3000).fit(x, [labels[i] for i in train])
            total[c] += model.score(z, [labels[i] for i in test]) / len(splits)
    c = max(total, key=total.get)
    return total[c], c


def bag_of_words(texts, make):
    def features(train, test):
        v = make()
        return v.fit_transform([texts[i] for i in train]), v.transform([texts[i] for i in test])
    return features


def embeddings(texts, folder):
    import torch
    from transformers import AutoModel, AutoTokenizer

    tokens, model = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder).eval()
    rows = []
    with torch.no_grad():
        for i in range(0, len(texts), 32):
            b = tokens(texts[i:i + 32], padding=True, truncation=True, return_tensors="pt")
            mask = b["attention_mask"][..., None].float()
            mean = (model(**b).last_hidden_state * mask).sum(1) / mask.sum(1)
            rows.append(torch.nn.functional.normalize(mean, dim=1))
    table = torch.cat(rows).numpy()
    return lambda train, test: (table[train], table[test])


def accuracies(texts, labels, encoder):
    """[(name, accuracy, C)], or None without scikit-learn."""
    try:
        from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
        from sklearn.model_selection import StratifiedShuffleSplit
    except ImportError:
        return None
    splits = list(StratifiedShuffleSplit(DRAWS, train_size=LABELS, random_state=0)
                  .split(texts, labels))
    kinds = [
        ("word counts", bag_of_words(texts, CountVectorizer)),
        ("TF-IDF, 1-2 grams", bag_of_words(
            texts, lambda: TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True))),
    ]
    if encoder:
        kinds.append(("frozen encoder", embeddings(texts, encoder)))
    return [(name, *learn(f, labels, splits)) for name, f in kinds]


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("file", nargs="?", default="examples/tickets.csv")
    p.add_argument("--encoder", metavar="FOLDER")
    a = p.parse_args()
    texts, labels = zip(*read(a.file))
    wrong = []

    counts = Counter(labels)
    print(f"{len(texts)} messages, {len(counts)} classes:",
          ", ".join(f"{k} {n}" for k, n in sorted(counts.items())))
    if len(texts) < MESSAGES_MIN or len(counts) != CLASSES:
        wrong.append(f"expected {MESSAGES_MIN} messages or more in {CLASSES} classes")

    sizes = sorted(len(t.split()) for t in texts)
    print(f"words a message: {sizes[0]} to {sizes[-1]}, median {sizes[len(sizes) // 2]}")

    repeated = [t for t, n in Counter(" ".join(sorted(words(t))) for t in texts).items() if n > 1]
    print(f"repeated messages: {len(repeated)}")
    wrong += [f"more than once: {t}" for t in repeated]

    top, first, second = closest(texts)
    print(f"highest Jaccard index of two messages: {top:.2f}\n  {first}\n  {second}")
    if top >= JACCARD_MAX:
        wrong.append(f"two messages share most of their words ({top:.2f})")

    result = accuracies(texts, labels, a.encoder)
    if result is None:
        print("bag of words: not measured (scikit-learn is not installed)")
    for name, accuracy, c in result or []:
        print(f"{LABELS} labels, {name} + logistic regression (C={c:g}): {100 * accuracy:.1f} %")
        if name != "frozen encoder" and accuracy > WORDS_MAX_ACCURACY:
            wrong.append(f"{name} reach {100 * accuracy:.1f} %")

    for w in wrong:
        print("wrong:", w, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

# SPDX-License-Identifier: MIT
