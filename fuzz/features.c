/* features.c - fuzz target: the bytes of a feature file.  Oracle: every row is a label and pairs whose columns rise, below
 * the limit, with finite values; a table of numbers has no column beyond its own; svmlight is known for it by a look.
 * Parser: data/features.c */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "data/features.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check_row(const Table *t, int64_t row)
{
    FeatureScan s = feature_scan(t->cell[row * t->columns + 1]);
    int64_t column, last = -1;
    float value;
    int found;

    while ((found = feature_next(&s, &column, &value)) > 0) {
        if (column <= last || column >= FEATURES_COLUMNS_MAX || !isfinite(value) ||
            (t->features && column >= t->features))
            abort();
        last = column;
    }
    if (found < 0)
        abort();
}

static void check_table(const Table *t)
{
    if (table_column(t, FEATURES_NAME) != 1 || t->columns != 2)
        return; /* a table that had the column: its cells are read when they are needed */
    for (int64_t i = 0; i < t->rows && t->header; i++)
        check_row(t, i);
}

static void read_one(Arena *a, Bytes b, const FeatureOptions *o)
{
    Err err = {0};
    Table *t;
    bool looks = features_look(a, "input", b);

    if (features_read(&err, a, "input", b, o, &t)) {
        if (!err.used)
            abort(); /* a refusal says why */
        return;
    }
    if (!t->cell || !t->form)
        return;
    if (!t->features && strcmp(t->form, "svmlight") != 0)
        return;
    if (!t->features && !looks)
        abort();
    if (features_label(t, o->label) != t->name[0])
        abort();
    check_table(t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    for (int how = 0; how < 8; how++) {
        Err err = {0};
        Arena *a = arena_new(&err, sys_real());

        if (a)
            read_one(a, (Bytes){data, n},
                     &(FeatureOptions){how & 4 ? "class" : NULL, how & 1,
                                       how & 2 ? TABLE_SKIP : TABLE_FAIL});
        arena_free(a);
    }
    return 0;
}

/* SPDX-License-Identifier: MIT */
