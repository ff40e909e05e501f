#!/usr/bin/env python3
"""tiny_bpe.py - tiny byte-level BPE tokenizers of our own and what the reference makes of hard and random texts with them.

Needs: pip install tokenizers transformers (0.23.3 and 5.23.0 wrote the files in the tree).
Usage: tools/golden/tiny_bpe.py tests/golden/tokenizers [RANDOM_TEXTS [SEED]]
"""
import json
import pathlib
import random
import sys

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, processors

from tiny_wordpiece import TEXTS, row

OUT = pathlib.Path(sys.argv[1])
RANDOM = int(sys.argv[2]) if len(sys.argv) > 2 else 12
SEED = int(sys.argv[3]) if len(sys.argv) > 3 else 1
ALPHABET = sorted(pre_tokenizers.ByteLevel.alphabet())
WORDS = """the the the a of and to in is we was he it on play played player players playing restart started training
trained unbelievable believable tokens tokenization transfer learn learner hello world Hello World don't we'll it's
you've they're café naïve Zürich Привет мир 中文 日本 1234 12.5 2026 ... !!! -- == 's 're <s> mask aaaa aaaaaaaa""".split()
MORE = ["'s 't're've'm'll'd 'S '", "a's  b's 's", " 's", "don't  'll", "a\n\nb", "a \n b", " \n", "\n ", "  a   b  ", "a\u00a0b \u00a0 c", "\t\tx\t", "x\u3000\u3000y",
        "the <mask> of", "the   <mask>   of <mask>", "<mask>", " <mask>", "<mask> ", "<s>the</s> of", "a<mask>b <x> c  <x>  d", "norm NORM norm", "a 中 < b", "foo xfoo foo_ foo!",
        "12a3 4½ ²Ⅷ٣", "a-b_c!? (x)", "\U0001f600\U0001f600 \U0001f468\u200d\U0001f469", "é", "e\u0301", " é", "中", "\u200b\ufeff", "\x85\x1c\x1f", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]


def merges_of(words, most):
    """Sennrich's learner on the words, each with and without its space."""
    spell = lambda w: pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False).pre_tokenize_str(w)[0][0]
    parts = [list(spell(s + w)) for w in words for s in (" ", "")]
    rows = []
    while len(rows) < most:
        count = {}
        for p in parts:
            for x in zip(p, p[1:]):
                count[x] = count.get(x, 0) + 1
        if not count:
            break
        best = max(count, key=lambda x: (count[x], x))
        rows.append(best)
        for p in parts:
            i = 0
            while i + 1 < len(p):
                if (p[i], p[i + 1]) == best:
                    p[i:i + 2] = ["".join(best)]
                i += 1
    return rows


def build(post=None, prefix=False, regex=True, missing="", unk=None, twice=False, **model):
    merges = [m for m in merges_of(WORDS, 90) if not set(missing) & set("".join(m))]
    special = ["<s>", "<pad>", "</s>", "<unk>"]
    vocab = {p: i for i, p in enumerate(special + [c for c in ALPHABET if c not in missing])}
    for m in merges:
        vocab.setdefault("".join(m), len(vocab))
    vocab["<mask>"] = len(vocab) + 3  # a hole before it
    if twice:
        merges.append(merges[3])
    t = Tokenizer(models.BPE(vocab, merges, unk_token=unk, **model))
    t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=prefix, use_regex=regex)
    t.decoder = decoders.ByteLevel()
    t.add_special_tokens([AddedToken(s, normalized=False, special=True) for s in special] + [AddedToken("<mask>", lstrip=True, normalized=False, special=True)])
    t.add_tokens([AddedToken("<x>", rstrip=True, normalized=False), AddedToken("foo", single_word=True, normalized=True), AddedToken("norm", normalized=True),
                  AddedToken("é!", lstrip=True, rstrip=True, normalized=True), AddedToken("中 <", normalized=False)])
    if post == "bytes":
        t.post_processor = processors.ByteLevel(trim_offsets=True, add_prefix_space=prefix)
    elif post == "template":
        one = processors.TemplateProcessing(single="<s> $A", pair="<s> $A </s> $B:1", special_tokens=[("<s>", 0), ("</s>", 2)])
        t.post_processor = processors.Sequence([processors.ByteLevel(trim_offsets=True, add_prefix_space=not prefix), one])
    elif post is not None:
        t.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), trim_offsets=post, add_prefix_space=prefix)
    return t


CASES = {
    "bpe-roberta": lambda: build(True),
    "bpe-roberta-prefix": lambda: build(True, True),
    "bpe-untrimmed-prefix": lambda: build(False, True, twice=True),
    "bpe-bytes": lambda: build("bytes", True, ignore_merges=True),
    "bpe-template": lambda: build("template", False),
    "bpe-whole-texts": lambda: build(None, True, regex=False),
    "bpe-gaps": lambda: build("bytes", False, missing="eĠÃ1!"),
    "bpe-unknown": lambda: build(True, True, missing="eÃ1!", unk="<unk>"),
    "bpe-unknown-fused": lambda: build(True, False, missing="eĠÃ1!", unk="<unk>", fuse_unk=True),
}


def random_text(rng):
    """Runs of the kinds that the pattern tells apart, with added tokens and parts of words among them."""
    pools = [" ", "  ", "\n", "\t ", "'s", "'ll", "'", "a", "the", "play", "aaaa", "é", "Привет", "中文", "1", "½٣", "!", "--", "😀", "\u0301", "<mask>", "<x>", "foo", "norm", "é!", "</s>", "\u00a0"]
    out = []
    for _ in range(rng.randrange(1, 14)):
        out.append(rng.choice(pools) if rng.random() < 0.8 else chr(rng.choice([rng.randrange(128), rng.randrange(0x3000), rng.randrange(0xE000, 0x1FFFF)])))
    return "".join(out)


FOLDERS = {
    "bpe-folder-roberta": ("RobertaTokenizer", {
        "tokenizer_config.json": {"add_prefix_space": True, "model_max_length": 512, "tokenizer_class": "RobertaTokenizer"},
        "special_tokens_map.json": {"cls_token": "<s>", "mask_token": {"content": "<mask>", "lstrip": True, "normalized": True, "rstrip": False, "single_word": False}},
        "added_tokens.json": {"<new>": 400},
    }),
    "bpe-folder-gpt2": ("GPT2Tokenizer", {
        "tokenizer_config.json": {"add_bos_token": True, "bos_token": "<s>", "eos_token": "</s>", "unk_token": "<s>", "tokenizer_class": "GPT2TokenizerFast",
                                  "added_tokens_decoder": {"0": {"content": "<s>", "lstrip": False, "normalized": True, "rstrip": True, "single_word": False, "special": True},
                                                           "400": {"content": "norm", "lstrip": False, "normalized": True, "rstrip": False, "single_word": False, "special": False}}},
        "special_tokens_map.json": {"bos_token": "</s>"},
    }),
    "bpe-folder-bare": ("RobertaTokenizer", {"config.json": {"model_type": "roberta"}}),
}


def folders():
    """vocab.json and merges.txt with what stands beside them, through transformers."""
    import transformers

    for name, (kind, files) in FOLDERS.items():
        d = OUT / name
        d.mkdir(exist_ok=True)
        merges = merges_of(WORDS, 60)
        special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
        vocab = {p: i for i, p in enumerate(special + ALPHABET)}
        for m in merges:
            vocab.setdefault("".join(m), len(vocab))
        while len(vocab) < 400 and "400" in json.dumps(files):
            vocab["spare%d" % len(vocab)] = len(vocab)
        (d / "vocab.json").write_text(json.dumps(vocab, ensure_ascii=False), encoding="utf-8")
        (d / "merges.txt").write_text("#version: 0.2\n" + "".join("%s %s\n" % m for m in merges), encoding="utf-8")
        for f, content in files.items():
            (d / f).write_text(json.dumps(content) + "\n", encoding="utf-8")
        t = getattr(transformers, kind).from_pretrained(d)._tokenizer
        if name == "bpe-folder-bare":  # as released, and as transformers had it before version 5
            t.add_special_tokens([AddedToken("<mask>", lstrip=True, normalized=False, special=True)])
        texts = MORE + ["a <new>the", "<new>", " the <s> of"]
        with open(OUT / (name + ".jsonl"), "w", encoding="utf-8") as f:
            for i, text in enumerate(texts):
                for r in [row(t, text), row(t, text, texts[(i * 7 + 3) % len(texts)])]:
                    print(json.dumps(r), file=f)


def main():
    folders()
    for k, (name, make) in enumerate(CASES.items()):
        t = make()
        rng = random.Random(SEED * 100 + k)
        text = t.to_str()
        if k % 2:  # the older form of merges
            d = json.loads(text)
            d["model"]["merges"] = ["%s %s" % tuple(m) for m in d["model"]["merges"]]
            text = json.dumps(d, ensure_ascii=False)
        (OUT / (name + ".json")).write_text(text, encoding="utf-8")
        texts = [x for x in TEXTS if len(x) < 120] + MORE if RANDOM < 100 else []
        texts = (texts if k < 2 else MORE if texts else []) + [random_text(rng) for _ in range(RANDOM)]
        with open(OUT / (name + ".jsonl"), "w", encoding="utf-8") as f:
            for i, text in enumerate(texts):
                other = texts[(i * 7 + 3) % len(texts)]
                rows = [row(t, text)] + ([row(t, text, other), row(t, text, other, 7 + i % 9), row(t, text, None, 5)] if i % 6 == 0 else [])
                for r in rows:
                    print(json.dumps(r), file=f)


if __name__ == "__main__":
    main()
