/* table.c - fuzz target: a table's bytes.  Oracle: rows written again with every cell quoted read back as
 * the same cells.
 * Parser: data/csv.c data/jsonl.c data/encoding.c data/number.c data/names.c data/table.c data/facts.c */
#include <stdlib.h>
#include <string.h>

#include "data/table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void columns_and_parts(Err *e, Arena *a, const Table *t)
{
    Schema s;
    Labels l;
    float *numbers;
    uint8_t *part;
    int64_t duplicates;

    if (table_schema(e, a, t, NULL, NULL, NULL, true, &s))
        return;
    if (table_labels(e, a, t, s.label, NULL, &l) ||
        table_split(e, a, t, &s, &l, 0.2, 0.1, 1, &part, &duplicates))
        abort();
    if (s.regression)
        (void)table_numbers(e, a, t, s.label, &numbers);
    for (int64_t i = 0; i < t->rows; i++)
        if (part[i] > PART_TEST || l.of_row[i] >= l.n)
            abort();
}

static void write_again(Err *e, Arena *a, const Table *t)
{
    size_t cells = (size_t)t->rows * (size_t)t->columns, room = 1, n = 0;
    Rows rows = {.a = a, .mode = TABLE_FAIL};
    const char *form;

    for (size_t i = 0; i < cells; i++)
        room += 2 * t->cell[i].n + 3;
    char *text = NEWS(e, a, char, room);
    if (!text)
        return;
    for (size_t i = 0; i < cells; i++) {
        text[n++] = '"';
        for (size_t k = 0; k < t->cell[i].n; k++) {
            if (t->cell[i].s[k] == '"')
                text[n++] = '"';
            text[n++] = t->cell[i].s[k];
        }
        text[n++] = '"';
        text[n++] = (i + 1) % (size_t)t->columns ? ',' : '\n';
    }
    Source s = {.path = "again.csv", .text = text, .n = n};
    if (csv_read(e, a, &s, &rows, &form) || rows.cells != cells)
        abort();
    for (size_t i = 0; i < cells; i++)
        if (rows.cell[i].n != t->cell[i].n ||
            memcmp(rows.cell[i].s, t->cell[i].s, t->cell[i].n) != 0 ||
            rows.cell[i].s[rows.cell[i].n])
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    for (TableBad bad = TABLE_FAIL; bad <= TABLE_SKIP; bad++) {
        Err err = {0};
        Arena *a = arena_new(&err, sys_real());
        Table *t;

        if (a && !table_read(&err, a, "input.csv", (Bytes){data, n}, bad, &t)) {
            write_again(&err, a, t);
            columns_and_parts(&err, a, t);
        } else if (!err.used) {
            abort(); /* a refusal says why */
        }
        arena_free(a);
    }
    return 0;
}

/* SPDX-License-Identifier: MIT */
