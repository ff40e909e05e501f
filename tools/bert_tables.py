#!/usr/bin/env python3
"""bert_tables.py - writes src/text/bert.def: what the reference BERT tokenizer holds about each code point.

Its tables are frozen at the Unicode version it was built with (unassigned code points are kept, younger marks and
signs are not known), so a newer Unicode library would differ; asking it once makes us equal for good.
Needs: pip install tokenizers (0.23.3 wrote the file in the tree).  Usage: tools/bert_tables.py > src/text/bert.def
"""
from tokenizers import __version__, normalizers, pre_tokenizers


def only(**on):
    flags = dict(clean_text=False, handle_chinese_chars=False, strip_accents=False, lowercase=False)
    return normalizers.BertNormalizer(**{**flags, **on})


CLEAN, STRIP, LOWER = only(clean_text=True), only(strip_accents=True), only(lowercase=True)
HAN, SPLIT = only(handle_chinese_chars=True), pre_tokenizers.BertPreTokenizer()


def ranges(keep):
    rows = []
    for c in range(128, 0x110000):
        if 0xD800 <= c < 0xE000 or not keep(chr(c)):
            continue
        if rows and rows[-1][1] == c - 1:
            rows[-1][1] = c
        else:
            rows.append([c, c])
    return rows


def lower_rows():
    """(first, last, step, delta): every step-th code point from first to last moves by delta."""
    pairs = []
    for c in range(128, 0x110000):
        if 0xD800 <= c < 0xE000:
            continue
        low = LOWER.normalize_str(chr(c))
        if len(low) == 1 and low != chr(c):
            pairs.append((c, ord(low) - c))
    rows = []
    for c, d in pairs:
        if rows:
            r = rows[-1]
            if r[3] == d and (c - r[1] == r[2] or (r[0] == r[1] and c - r[1] in (1, 2))):
                r[2] = c - r[1]
                r[1] = c
                continue
        rows.append([c, c, 1, d])
    return rows


def emit(macro, rows, width):
    line = ""
    for r in rows:
        cells = ["0x%x" % r[0], "0x%x" % r[1]] + [str(v) for v in r[2:]]
        cell = "%s(%s) " % (macro, ", ".join(cells))
        if len(line) + len(cell) > width:
            print(line.rstrip())
            line = ""
        line += cell
    print(line.rstrip())


def main():
    removed = ranges(lambda c: CLEAN.normalize_str(c) == "")
    spaces = ranges(lambda c: len(SPLIT.pre_tokenize_str("a" + c + "b")) == 2)
    marks = ranges(lambda c: STRIP.normalize_str(c) == "")
    punct = ranges(lambda c: len(SPLIT.pre_tokenize_str("a" + c + "b")) == 3)
    han = ranges(lambda c: HAN.normalize_str(c) == " " + c + " ")
    print("/* bert.def - the reference BERT tokenizer's code points from 128 on, as ranges.")
    print(" * Written by tools/bert_tables.py with tokenizers %s.  REMOVED by cleaning (before SPACE); MARK is" % __version__)
    print(" * dropped with accents; PUNCT stands alone as a word; HAN gets a word of its own; LOWER moves each")
    print(" * step-th code point by delta (U+0130 alone becomes two and is in the code). */")
    for macro, rows in (("REMOVED", removed), ("SPACE", spaces), ("MARK", marks), ("PUNCT", punct), ("HAN", han)):
        emit(macro, rows, 100)
    emit("LOWER", lower_rows(), 100)
    print("/* SPDX-License-Identifier: MIT */")


if __name__ == "__main__":
    main()
