/* learn.h - learning word vectors from plain text: lines are sentences, words stand between white space. */
#ifndef WORDS_LEARN_H
#define WORDS_LEARN_H

#include "formats/vectors.h"
#include "train/train.h"

typedef struct Corpus { /* a text as numbers, in a file without a name */
    Spill *tokens;      /* int32: a word by first appearance, or LINE_END */
    int64_t count;      /* of tokens, line ends included */
    int64_t words;      /* running words that the vocabulary holds, of `all` */
    int64_t all;
    int64_t vocabulary;
    const char **word; /* [vocabulary] commonest first, then by first appearance */
    int64_t *times;    /* [vocabulary] */
    int32_t *row_of;   /* by first appearance: row, or -1 when too rare */
    int64_t distinct;
} Corpus;

#define LINE_END (-1)

/* `folder`: where the file without a name goes.  Words met fewer than min_count times are left out. */
Status corpus_read(Err *e, Arena *a, const char *path, const char *folder, int64_t min_count,
                   Corpus *out);
/* Tokens [at, at + n) as rows of the vocabulary or LINE_END, rare words left out: how many. */
Status corpus_get(Err *e, const Corpus *c, int64_t at, int64_t n, int32_t *to, int64_t *got);

typedef struct LearnOptions {
    const char *objective; /* "skipgram", "cbow" */
    /* words_pretrain takes 100, 5, 5, 5, 5, 0.025 and 1e-3 where they are 0 */
    int64_t width, window, negative, min_count, epochs;
    double rate, sample; /* sample below 0: no word is left out at times */
    uint64_t seed;
    bool overwrite;
    Pool *pool;
    Isa isa;
    const Events *events;
} LearnOptions;

typedef struct Learned {
    Vectors vectors;
    int64_t words, epochs; /* running words of an epoch */
    double seconds;        /* of learning alone */
} Learned;

/* Into folder/vectors.bin, with pretrain.json beside it; E_TAKEN where there is one already. */
Status words_pretrain(Err *e, Arena *a, const char *text, const char *folder, const LearnOptions *o,
                      Learned *out);
Status learn_word2vec(Err *e, Arena *a, const Corpus *c, const LearnOptions *o, Learned *out);

#endif
/* SPDX-License-Identifier: MIT */
