/* space.h - what the files of this room know of a table. */
#ifndef WORDS_SPACE_H
#define WORDS_SPACE_H

#include "words/words.h"

struct WordSpace {
    const Vectors *v;
    Pool *pool;
    Isa isa;
    float *unit;   /* [n, dim] rows of length 1 */
    Map *folded;   /* lower case to the first row */
    int64_t *fold; /* [n] that row */
};

#endif
/* SPDX-License-Identifier: MIT */
