/* vectors.h - tables of word vectors: word2vec (binary, text), GloVe and fastText (text), each also under gzip. */
#ifndef FORMATS_VECTORS_H
#define FORMATS_VECTORS_H

#include "base/base.h"

#define VECTORS_DIM_MAX 65536

typedef struct Vectors {
    const char *file;
    const char *form; /* "word2vec binary", "word2vec text", "GloVe text" */
    int64_t n, dim;
    const float *value; /* [n, dim], one block */
    const char **word;  /* [n] bytes as they stand in the file, NUL after the end */
    int64_t duplicates; /* rows left out: the first of a word holds */
    const Map *place;   /* word to row */
} Vectors;

/* path: a file, or a folder with vectors.bin or vectors.txt.  What it is, its first bytes say. */
Status vectors_open(Err *e, Arena *a, const char *path, Vectors **out);
/* `file` is for messages; nothing of b is needed afterwards. */
Status vectors_read(Err *e, Arena *a, const char *file, Bytes b, Vectors **out);
int64_t vectors_find(const Vectors *v, const char *word); /* row, or -1 */
/* Binary is exact; text has the nine digits that give back the same floats.  Words must be fit for it: no white space. */
Status vectors_write(Err *e, Arena *a, const char *path, const Vectors *v, bool binary);

/* ---- inside ---- */

typedef struct VectorRows { /* a table while it is read */
    Arena *a;
    Vectors *v;
    Map *place;
    float *value;
    int64_t cap; /* rows that there is room for */
    char *text;  /* words, one behind the other */
    size_t used, room;
} VectorRows;

/* Makes room for `cap` rows of `dim`, which the caller has held against the bytes that are there. */
Status vectors_rows(Err *e, Arena *a, const char *file, int64_t cap, int64_t dim, VectorRows *out);
/* The row to fill for a word; NULL for one that was there before.  `place` says where the word stands, for messages. */
Status vectors_word(Err *e, VectorRows *r, const char *word, size_t n, const char *place,
                    float **row);

typedef struct VectorHead { /* "20330 50": word2vec's first line */
    bool here;
    int64_t n, dim;
    size_t bytes; /* the line break included */
} VectorHead;

Status vectors_text(Err *e, Arena *a, const char *file, Bytes b, const VectorHead *head,
                    Vectors **out);
Status vectors_binary(Err *e, Arena *a, const char *file, Bytes b, const VectorHead *head,
                      Vectors **out);
/* Whether a line is a word and `dim` numbers. */
bool vectors_is_row(const char *line, size_t n, int64_t dim);

/* decimal.c: a plain decimal number and nothing else; the nearest double. */
bool decimal_parse(const char *s, size_t n, double *out);

#endif
/* SPDX-License-Identifier: MIT */
