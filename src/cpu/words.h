/* words.h - the arithmetic of learning word vectors: groups of a batch computed against the rows as they stand, then all
 * changes of a row added in the batch's order.  Neither depends on who computes which part. */
#ifndef CPU_WORDS_H
#define CPU_WORDS_H

#include "base/base.h"

#define WORDS_CONTEXTS_MAX 64 /* 2 * window */
#define WORDS_OUTS_MAX     32 /* 1 + negatives */

/* A group is a word with the words around it: contexts give rows of `in`, the word and its negatives rows of `out`. */
typedef struct WordBatch {
    int64_t groups, contexts, outs; /* room a group */
    const int32_t *context;         /* [groups, contexts] */
    const int32_t *contexts_of;     /* [groups] how many; 0: the group is empty */
    const int32_t *outs_row;        /* [groups, outs] the word first */
    const int32_t *outs_of;         /* [groups] */
    float *in, *out;                /* [vocabulary, step] */
    int64_t step;                   /* floats a row, a multiple of 16, 0 behind the vector */
    bool mean; /* CBOW: the mean of the contexts is what predicts; else (skip-gram) each of them */
    float rate;
    float *d_in;  /* [groups, contexts, step]; mean: [groups, 1, step], the same for all of them */
    float *d_out; /* [groups, outs, step] */
} WordBatch;

typedef struct WordKernels {
    void (*compute)(const WordBatch *b, int64_t begin,
                    int64_t end); /* d_in, d_out of these groups */
    /* Adds what belongs to the rows with row % parts == part. */
    void (*apply)(const WordBatch *b, int64_t part, int64_t parts);
} WordKernels;

const WordKernels *word_kernels(Isa isa);

#endif
/* SPDX-License-Identifier: MIT */
