/* token_rows.h - plain text as one stream of tokens, cut into rows without padding. */
#ifndef TASK_TOKEN_ROWS_H
#define TASK_TOKEN_ROWS_H

#include "data/data.h"
#include "models/models.h"
#include "text/text.h"
#include "train/train.h"

typedef struct TokenRows { /* lives in the arena of token_rows_read */
    const int32_t *id;
    int64_t n, documents, bytes; /* tokens; of the file */
    int32_t end;                 /* the token after each document; -1: none */
    int32_t before, after;       /* around each row; -1: none */
    int64_t length;              /* tokens of a row; the last one may have fewer */
    int64_t rows, train;         /* rows; the first of them are learned from, the others held out */
    const char *encoding, *fingerprint;
} TokenRows;

typedef struct RowSource {
    const char *path;
    const Tokenizer *tokenizer;
    const Model *model;
    /* A row is what a text is to the tokenizer, with its special tokens about it ([CLS], [SEP]), the last of which ends
     * documents; else that is the model's end of text. */
    bool around;
    const Events *events;
} RowSource;

/* Every document's tokens and a token that ends it. */
Status token_rows_read(Err *e, Arena *a, const RowSource *from, TokenRows *out);
/* Rows of `length` tokens, the last `share` of them held out. */
Status token_rows_cut(Err *e, TokenRows *r, const char *path, int64_t length, double share);
/* The tokens of a row without those around it: how many. */
int64_t token_row_inner(const TokenRows *r, int64_t row, const int32_t **id);
/* All tokens of a row: how many. */
int64_t token_row(const TokenRows *r, int64_t row, int32_t *id);

#endif
/* SPDX-License-Identifier: MIT */
