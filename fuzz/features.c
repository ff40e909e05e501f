/* features.c - fuzz target: the bytes of a feature file.  Oracle: every row is a label and pairs whose columns rise, below
 * the limit, with finite values; a table of numbers has no column beyond its own.
 * Parser: data/features.c */
#include <math.h>
#include <stdlib.h>

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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    for (int how = 0; how < 4; how++) {
        Err err = {0};
        Arena *a = arena_new(&err, sys_real());
        Table *t;

        if (a && !features_read(&err, a, "input", (Bytes){data, n},
                                &(FeatureOptions){NULL, how & 1, how & 2 ? TABLE_SKIP : TABLE_FAIL},
                                &t)) {
            if (t->cell && t->form && (t->features || t->form[0] == 's'))
                check_table(t);
        } else if (!err.used) {
            abort(); /* a refusal says why */
        }
        arena_free(a);
    }
    return 0;
}

/* SPDX-License-Identifier: MIT */
