/* features.h - examples that are numbers already: svmlight files and tables of numbers, as a table of two columns, the
 * label and "features".  A row's features are one cell, "0:6 3:1.5": column and value of what is not 0, as svmlight has it. */
#ifndef DATA_FEATURES_H
#define DATA_FEATURES_H

#include "data/data.h"

#define FEATURES_NAME        "features"
#define FEATURES_COLUMNS_MAX ((int64_t)1 << 22)

/* By what is in the file: a label and pairs column:value in each of the first lines, or a table whose columns are numbers
 * (but one, with the label, where there are three or more of them). */
Status features_told(Err *e, Arena *a, const char *path, bool *features);
/* The same of a file's first bytes, whole lines; what is unreadable is none. */
bool features_look(Arena *scratch, const char *path, Bytes head);

typedef struct FeatureOptions {
    const char
        *label; /* its column in a table of numbers, NULL: found by name, else the one that holds no
                          numbers, else the last; svmlight has its place for it */
    bool
        want_label; /* else rows may lack it (a table's column named like one is left out all the same) */
    TableBad bad;
} FeatureOptions;

/* A table that has a column "features" already is taken as it is.  out->form: "svmlight", or "numbers in " and the
 * table's. */
Status features_open(Err *e, Arena *a, const char *path, const FeatureOptions *o, Table **out);
/* The same of a file's bytes. */
Status features_read(Err *e, Arena *a, const char *path, Bytes b, const FeatureOptions *o,
                     Table **out);

/* The column of the label: where it was put, or the one asked for. */
const char *features_label(const Table *t, const char *asked);

/* The pairs of a cell in turn. */
typedef struct FeatureScan {
    const char *at, *end;
    int64_t next; /* columns rise: the lowest that may come */
} FeatureScan;

FeatureScan feature_scan(Cell c);
/* 1: a pair, 0: no more, -1: what stands at s->at is none. */
int feature_next(FeatureScan *s, int64_t *column, float *value);

#endif
/* SPDX-License-Identifier: MIT */
