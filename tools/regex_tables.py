#!/usr/bin/env python3
"""regex_tables.py - writes src/text/regex.def: what the reference's regular expressions hold each code point to be.

GPT-2's pattern asks for letters, numbers and spaces of Unicode; added tokens ask for \\w around them.  Both engines have
the tables of the Unicode version they were built with, so each code point is asked once.
Needs: pip install tokenizers (0.23.3 wrote the file in the tree).  Usage: tools/regex_tables.py > src/text/regex.def
"""
from tokenizers import AddedToken, Tokenizer, __version__, models, pre_tokenizers

from bert_tables import emit, ranges

SPLIT = pre_tokenizers.ByteLevel(add_prefix_space=False)


def joins(before):
    """Whether c goes on with the run of its kind."""
    return lambda c: len(SPLIT.pre_tokenize_str(before + c)) == 1


def none_of_three(c):
    return not any(joins(b)(c) for b in "a1!")


def word():
    t = Tokenizer(models.BPE())
    t.add_tokens([AddedToken("X", single_word=True, normalized=False)])
    return lambda c: not t.encode(c + "X").ids


def main():
    print("/* regex.def - code points from 128 on as the reference's regular expressions know them, as ranges.")
    print(" * Written by tools/regex_tables.py with tokenizers %s.  LETTER, NUMBER and SPACE are \\p{L}, \\p{N} and \\s" % __version__)
    print(" * of GPT-2's pattern; WORD is the \\w that keeps a token from standing alone. */")
    for macro, keep in (("LETTER", joins("a")), ("NUMBER", joins("1")), ("SPACE", none_of_three), ("WORD", word())):
        emit(macro, ranges(keep), 100)
    print("/* SPDX-License-Identifier: MIT */")


if __name__ == "__main__":
    main()
