"""Writes tests/golden/vectors: one small table of word vectors as gensim saves it (word2vec binary and text, and GloVe's
text, which is the same without the first line), questions and pairs in the forms of questions-words.txt and of the
similarity sets, and what gensim answers to them (expected.tsv).  Also the seeds of the fuzz target, and
tests/hostile/vectors: files that must be refused, one fault each, with expected.tsv (name, part of the message).
usage: vectors.py  (needs gensim, scipy)"""
import gzip
import os
import shutil
import struct

import numpy as np
from gensim.models import KeyedVectors

ROOT = os.path.join(os.path.dirname(__file__), "..", "..")
WORDS = ("king queen man woman paris france rome italy berlin germany walk walking swim swimming good better bad worse "
         "Great great caf\u00e9 \u6771\u4eac na\u00efve e-mail 1,000 </s>").split()
DIM = 7
hostile = []


def put(folder, name, data):
    path = os.path.join(ROOT, folder)
    os.makedirs(path, exist_ok=True)
    with open(os.path.join(path, name), "wb") as f:
        f.write(data)


def table():
    rng = np.random.default_rng(3)
    kv = KeyedVectors(DIM)
    x = rng.standard_normal((len(WORDS), DIM))
    shift = rng.standard_normal((4, DIM))
    for i in range(0, 20, 2):  # the second word of a pair lies where its relation says, more or less
        relation = 0 if i < 4 else 1 if i < 10 else 2 if i < 14 else 3
        x[i + 1] = x[i] + shift[relation] + 0.45 * rng.standard_normal(DIM)
    kv.add_vectors(WORDS, x.astype(np.float32))
    return kv


def questions():
    return (": capitals\nParis France Rome Italy\nRome Italy Berlin Germany\nBerlin Germany Paris France\n"
            "Oslo Norway Paris France\n: gram-verbs\nwalk walking swim swimming\nswim swimming walk walking\n"
            ": family\nking queen man woman\nman woman king queen\ngood better bad worse\n")


def pairs():
    rng = np.random.default_rng(5)
    rows = [(WORDS[i], WORDS[j], float(rng.integers(0, 6))) for i in range(0, 20, 2) for j in (i + 1, (i + 5) % 20)]
    return rows + [("oslo", "king", 3.0)]


def expect(kv):
    """The first of equal rows wins in both; restrict_vocab covers the whole table."""
    put("tests/golden/vectors", "questions.txt", questions().encode())
    rows = pairs()
    csv = "".join(",word1,word2,similarity\n" if i == 0 else "" for i in range(1))
    csv += "".join(f"{i},{a},{b},{s}\n" for i, (a, b, s) in enumerate(rows))
    put("tests/golden/vectors", "pairs.csv", csv.encode())
    tsv = "".join(f"{a}\t{b}\t{s}\n" for a, b, s in rows)
    put("tests/golden/vectors", "pairs.tsv", tsv.encode())
    out = []
    path = os.path.join(ROOT, "tests/golden/vectors/questions.txt")
    _, sections = kv.evaluate_word_analogies(path, restrict_vocab=len(WORDS), case_insensitive=True)
    for s in sections:
        out.append(f"section\t{s['section']}\t{len(s['correct'])}\t{len(s['correct']) + len(s['incorrect'])}")
    _, spearman, oov = kv.evaluate_word_pairs(os.path.join(ROOT, "tests/golden/vectors/pairs.tsv"),
                                              restrict_vocab=len(WORDS), case_insensitive=True)
    out.append(f"spearman\t{spearman.statistic:.9f}\t{len(rows)}\t{round(oov * len(rows) / 100)}")
    for word in ("king", "caf\u00e9"):
        for w, s in kv.most_similar(word, topn=3):
            out.append(f"similar\t{word}\t{w}\t{s:.7f}")
    for w, s in kv.most_similar(positive=["woman", "king"], negative=["man"], topn=3):
        out.append(f"add\tman king woman\t{w}\t{s:.7f}")
    for w, s in kv.most_similar_cosmul(positive=["woman", "king"], negative=["man"], topn=3):
        out.append(f"mul\tman king woman\t{w}\t{s:.7f}")
    put("tests/golden/vectors", "expected.tsv", ("\n".join(out) + "\n").encode())


def write_tables(kv):
    folder = os.path.join(ROOT, "tests/golden/vectors")
    kv.save_word2vec_format(os.path.join(folder, "word2vec.bin"), binary=True)
    kv.save_word2vec_format(os.path.join(folder, "word2vec.txt"), binary=False)
    kv.save_word2vec_format(os.path.join(folder, "glove.txt"), binary=False, write_header=False)
    with open(os.path.join(folder, "word2vec.txt"), "rb") as f:
        put("tests/golden/vectors", "word2vec.txt.gz", gzip.compress(f.read(), 9, mtime=0))


def row(word, values):
    return word + b" " + struct.pack(f"<{len(values)}f", *values) + b"\n"


def seeds():
    values = [(0.5, -1.25, 3e-5), (1.0, 2.0, 3.0), (-0.125, 0.0, 7.5)]
    words = [b"one", "zwei\u00e4".encode(), b". . ."]
    text = b"".join(w + b"".join(b" %g" % v for v in x) + b"\n" for w, x in zip(words, values))
    binary = b"3 3\n" + b"".join(row(w.replace(b" ", b"_"), x) for w, x in zip(words, values))
    put("fuzz/seeds/vectors", "glove.txt", text)
    put("fuzz/seeds/vectors", "word2vec.txt", b"3 3\n" + text)
    put("fuzz/seeds/vectors", "fasttext.vec", b"3 3\r\n" + text.replace(b"\n", b" \r\n"))
    put("fuzz/seeds/vectors", "binary", binary)
    put("fuzz/seeds/vectors", "binary_without_breaks", b"3 3\n" + binary[4:].replace(b"\n", b""))
    put("fuzz/seeds/vectors", "numbers.txt", b"a +1.5e+3 .5 5. 1e-320\nb 123456789012345678901 -0 0.1e22 1E5\n")
    put("fuzz/seeds/vectors", "twice.txt", text + text)
    put("fuzz/seeds/vectors", "glove.gz", gzip.compress(text, 9, mtime=0))
    put("fuzz/seeds/vectors", "binary.gz", gzip.compress(binary, 9, mtime=0))
    return text, binary


def bad(name, data, message):
    assert all(name != h[0] for h in hostile), name
    put("tests/hostile/vectors", name, data)
    hostile.append((name, message))


def bad_text(text):
    none, promise = "no table of word vectors", "more than the file can hold"
    bad("empty", b"", none)
    bad("line_break", b"\n", none)
    bad("prose.txt", b"It was a dark and stormy night.\nThe rain fell.\n", none)
    bad("png", b"\x89PNG\r\n\x1a\n" + bytes(40), none)
    bad("numbers_alone", b"0.5\n0.25\n", none)
    bad("nul_bytes", bytes(200), none)
    for name, line in (("one_less", b"zwei 1 2\n"), ("one_more", b"zwei 1 2 3 4\n"), ("none", b"zwei\n"), ("empty", b"\n")):
        message = "an empty line" if name == "empty" else "the line has a word and"
        bad("columns_" + name, text + line, message)
        bad("columns_" + name + "_first", b"1 3\n" + line, message)
    for name, number in (("nan", b"nan"), ("inf", b"-inf"), ("infinity", b"Infinity"), ("word", b"x"), ("hex", b"0x1p3"),
                         ("comma", b"0,5"), ("two_points", b"1.2.3"), ("exponent", b"1e"), ("sign", b"-"), ("double_sign", b"--1"),
                         ("overflow", b"1e39"), ("overflow_double", b"1e999"), ("long", b"1" * 400), ("grouped", b"1_000"),
                         ("nul", b"1\x002"), ("underscore", b"1_")):
        bad("number_" + name, text + b"zwei 1 " + number + b" 3\n", "is no finite number")
    bad("nul_in_word", text + b"zw\0ei 1 2 3\n", "a NUL byte in a word")
    bad("head_more_text", b"4 3\n" + text, "has 3 words where its first line says 4")
    bad("head_less_text", b"2 3\n" + text, "has 3 words where its first line says 2")
    bad("head_dim_less_text", b"3 2\n" + text, "the line has a word and 3 numbers")
    bad("head_dim_more_text", b"3 4\n" + text, "the line has a word and 3 numbers")
    bad("head_zero_words", b"0 3\n", "0 words of 3 numbers")
    bad("head_zero_dim", b"3 0\na\nb\nc\n", "3 words of 0 numbers")
    bad("head_alone", b"3 3\n", promise)
    bad("head_huge", b"999999999999 3\n" + text, promise)
    bad("head_huge_dim", b"3 999999999999\n" + text, "are no table of vectors")
    bad("head_13_digits", b"9999999999999 3\n" + text, "the line has a word and 3 numbers")
    bad("head_dim_65537", b"1 65537\nx 1\n", "are no table of vectors")
    bad("head_and_more", b"3 3x\n" + text, "this is no table of word vectors")
    bad("wide", b"x" + b" 1" * 65537 + b"\n", "65537 numbers a word")


def bad_binary(binary):
    early = "the file ends too early"
    bad("binary_cut_in_floats", binary[:-5], early)
    bad("binary_cut_in_word", binary[:4] + row(b"one", (0.5, -1.25, 3e-5)) + b"tw" + bytes(20), early)
    bad("binary_one_word_less", b"4 3\n" + binary[4:], early)
    bad("binary_huge_count", b"999999999999 3\n" + binary[4:], "more than the file can hold")
    bad("binary_huge_dim", b"3 60000\n" + binary[4:], "")
    bad("binary_more", binary + b"more", "there is more behind the last word")
    bad("binary_count_less", b"2 3\n" + binary[4:], "there is more behind the last word")
    for name, x in (("nan", float("nan")), ("inf", float("inf")), ("minus_inf", float("-inf"))):
        bad("binary_" + name, b"1 3\n" + row(b"one", (0.5, x, 1.0)), "a number that is not finite")
    bad("binary_nul_in_word", b"1 3\n" + row(b"o\0e", (0.5, 3e-5, 1.0)), "a NUL byte in a word")
    bad("binary_no_space", b"1 3\n" + b"a" * 40 + bytes(40), "")


def bad_gzip(text):
    packed = gzip.compress(text * 40, 9, mtime=0)
    bad("gzip_cut", packed[:-9], "the gzip file ends too early")
    bad("gzip_sum", packed[:-8] + b"\0\0\0\0" + packed[-4:], "the gzip file is damaged")
    bad("gzip_damaged", packed[:20] + b"\xff\xff" + packed[22:], "the gzip file is damaged")
    bad("gzip_behind", packed + b"more", "bytes behind the end")
    bad("gzip_bomb", gzip.compress(bytes(8 << 20), 9, mtime=0), "more than 64 times its size")
    bad("gzip_of_prose", gzip.compress(b"It was a dark and stormy night.\n", 9, mtime=0), "no table of word vectors")


def main():
    for folder in ("tests/golden/vectors", "tests/hostile/vectors", "fuzz/seeds/vectors"):
        shutil.rmtree(os.path.join(ROOT, folder), ignore_errors=True)
        os.makedirs(os.path.join(ROOT, folder))
    kv = table()
    write_tables(kv)
    expect(kv)
    text, binary = seeds()
    bad_text(text)
    bad_binary(binary)
    bad_gzip(text)
    put("tests/hostile/vectors", "expected.tsv", "".join(f"{n}\t{m}\n" for n, m in hostile).encode())


if __name__ == "__main__":
    main()
