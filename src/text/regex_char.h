/* regex_char.h - what a code point is to the reference's regular expressions (regex.def). */
#ifndef REGEX_CHAR_H
#define REGEX_CHAR_H

#include "text/utf8.h"

enum { REGEX_OTHER, REGEX_LETTER, REGEX_NUMBER, REGEX_SPACE };

#define REGEX_TABLE 0x20000 /* the first two planes: any living language, and emoji */

unsigned regex_class(uint32_t c); /* \p{L}, \p{N} or \s, else REGEX_OTHER */
bool regex_word(uint32_t c);      /* \w */
/* The classes of the first REGEX_TABLE code points. */
void regex_table(uint8_t *class);

#endif

/* SPDX-License-Identifier: MIT */
