#!/usr/bin/env python3
"""tiny_wordpiece.py - two tiny WordPiece tokenizers of our own and what the reference makes of hard texts with them.

Needs: pip install tokenizers (0.23.3 wrote the files in the tree).
Usage: tools/golden/tiny_wordpiece.py tests/golden/tokenizers
"""
import json
import pathlib
import sys

from tokenizers import Tokenizer, AddedToken, decoders, models, normalizers, pre_tokenizers, processors

OUT = pathlib.Path(sys.argv[1])
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
WORDS = """the a of and to in is we was he it on
play ##ing ##ed ##er ##s ##ly un ##believ ##able re ##start
train ##ed ##ing token ##ize ##ization trans ##fer learn ##er
naive cafe resume Naive Cafe İ istanbul Istanbul
hello world Hello World don n't ' ##ll zürich Zürich zurich""".split()
TEXTS = [
    "", " ", "\t\n\r ", "the players re-started the training", "unbelievable UNBELIEVABLE Unbelievable",
    "Hello, world!", "naïve café résumé coöperate Ångström", "Zürich ß ſ ﬁ ﬀ ½ ² Ⅷ ㎏", "İstanbul ISTANBUL ıstanbul",
    "e\u0301 combining vs \u00e9 composed; a\u0328\u0301 stacked", "中文分词，没有空格。㐀𠀀豈", "日本語のテキスト", "한국어 문장",
    "Привет, мир! Ελληνικά ΣΑΣ. עברית", "the [MASK] of [SEP]a[CLS]", "[mask] [MASK", "<<a>> a-b_c a.b/c", "x\u0001y\ufffdz",
    "zero\u200bwidth\u200djoin\u00adsoft", "a\u000bb\u000cc d\u0085e", "tab\tnew\nline\rreturn\u2028sep\u00a0nbsp\u3000wide", "\u1680\u2003\u205f",
    "a" * 99 + " " + "a" * 100 + " " + "a" * 101, "\U0001f600 \U0001f468\u200d\U0001f469 \U0001f1e6\U0001f1e8", "\u0378 \u09fd \u166d \u2e52 \U0001e95e",
    "KÅ \u212a\u212b \u037e \u1fef", "ǅ ǈ Ა ꭰ \U00010400 \u1e9e", "don't they'll I'm you've do not 's", "\ue000private \U000f0000use \udb40".replace("\udb40", ""),
    "1234567890 12.5% $3 €4", "\u0301start mark", "ｆｕｌｌｗｉｄｔｈ ＡＢＣ！", "q\u0323\u0307 \u1e9b\u0323", "a\u0e31\u0e47 \u094d\u0915",
]


def build(lower):
    vocab = {}
    for piece in SPECIAL + WORDS:
        vocab.setdefault(piece, len(vocab))
    norm = normalizers.BertNormalizer(lowercase=lower)
    for text in TEXTS:
        for c in norm.normalize_str(text):
            if not c.isspace():
                vocab.setdefault(c, len(vocab))
    for c in [p for p in vocab if len(p) == 1 and p.isalnum() and ord(c[0]) < 0x2000]:
        vocab.setdefault("##" + c, len(vocab))
    for piece in ("½", "\U0001f600", "q"):  # so that something is unknown
        vocab.pop(piece, None)
    vocab = {p: i for i, p in enumerate(vocab)}
    t = Tokenizer(models.WordPiece(vocab, unk_token="[UNK]", max_input_chars_per_word=100))
    t.normalizer = norm
    t.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    t.decoder = decoders.WordPiece()
    ids = {s: t.token_to_id(s) for s in SPECIAL}
    t.add_special_tokens(SPECIAL[:4] + [AddedToken("[MASK]", lstrip=True, special=True)])
    if lower:
        t.post_processor = processors.TemplateProcessing(
            single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", ids["[CLS]"]), ("[SEP]", ids["[SEP]"])])
    else:
        t.post_processor = processors.BertProcessing(("[SEP]", ids["[SEP]"]), ("[CLS]", ids["[CLS]"]))
        t.add_tokens([AddedToken("foo", single_word=True, normalized=False), AddedToken("<x>", rstrip=True, normalized=False)])
    return t


def row(t, first, second=None, longest=0):
    t.no_truncation()
    if longest:
        t.enable_truncation(longest)
    e = t.encode(first, second) if second is not None else t.encode(first)
    r = {"text": first, "ids": e.ids, "offsets": e.offsets, "type_ids": e.type_ids, "words": e.word_ids, "decoded": t.decode(e.ids)}
    if second is not None:
        r["second"] = second
    if longest:
        r["max"] = longest
    return r


def main():
    for name, lower in (("tiny-uncased", True), ("tiny-cased", False)):
        t = build(lower)
        texts = TEXTS + ([] if lower else ["foo", "xfoo foo", "foo! foofoo foo_ foo", "a <x>  the<x>\t<x> a", "<x>foo"])
        (OUT / (name + ".json")).write_text(t.to_str(), encoding="utf-8")
        with open(OUT / (name + ".jsonl"), "w", encoding="utf-8") as f:
            for i, text in enumerate(texts):
                other = texts[(i * 7 + 3) % len(texts)]
                rows = [row(t, text), row(t, text, other)]
                rows += [row(t, text, other, n) for n in (4, 5, 6, 9, 12, 21)] + [row(t, text, None, n) for n in (3, 8)]
                for r in rows:
                    print(json.dumps(r), file=f)


if __name__ == "__main__":
    main()
