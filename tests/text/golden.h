/* golden.h - rows of a golden file: one JSON object a line. */
#ifndef TEXT_GOLDEN_H
#define TEXT_GOLDEN_H

#include "base/base.h"
#include "text/text.h"

typedef struct GoldenRow {
    const char *text, *second, *decoded; /* NULL when absent */
    size_t text_n, second_n, decoded_n;
    int64_t max;                                /* 0: absent */
    int64_t ids_n, offsets_n, types_n, words_n; /* -1: absent */
    int64_t ids[4096], offsets[8192], types[4096], words[4096];
} GoldenRow;

/* Calls `check` with each row of the file; ends the test when a row cannot be read. */
void golden_rows(const char *path, void (*check)(const GoldenRow *row, void *arg), void *arg);
/* Ends the test, naming the text, when t's answer is not the row's. */
void golden_check(const Tokenizer *t, const GoldenRow *row);

#endif

/* SPDX-License-Identifier: MIT */
