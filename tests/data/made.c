/* made.c - small tables written by a test. */
#include <stdio.h>

#include "made.h"

const char *made_bytes(const char *name, const void *bytes, size_t n)
{
    static char path[600];

    CHECK(snprintf(path, sizeof path, "%s/%s", test_folder(), name) < (int)sizeof path);
    FILE *f = fopen(path, "wb");
    CHECK(f != NULL);
    CHECK_INT((int64_t)fwrite(bytes, 1, n, f), (int64_t)n);
    CHECK_INT(fclose(f), 0);
    return path;
}

Table *made_table(Err *e, Arena *a, const char *path)
{
    Table *t = NULL;

    check_ok_at(__FILE__, __LINE__, table_open(e, a, path, TABLE_FAIL, &t), e);
    return t;
}

const char *table_text(Arena *a, const Table *t)
{
    Err err = {0};
    const char *all = "";

    for (int64_t i = 0; i < t->rows * t->columns; i++)
        all = arena_printf(&err, a, "%s%s%s", all,
                           i == 0           ? ""
                           : i % t->columns ? "/"
                                            : "|",
                           t->cell[i].s);
    return all;
}

/* SPDX-License-Identifier: MIT */
