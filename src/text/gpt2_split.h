/* gpt2_split.h - a text into GPT-2's words. */
#ifndef GPT2_SPLIT_H
#define GPT2_SPLIT_H

#include "text/regex_char.h"

/* The bytes of the word at p < end.  after_space: a space that is not in the text stands before p, and the
 * word begins with it (then it may hold nothing more: 0).  *bad is set where it is not UTF-8. */
size_t gpt2_word(const uint8_t *class, const uint8_t *p, const uint8_t *end, bool after_space,
                 bool *bad);

#endif

/* SPDX-License-Identifier: MIT */
