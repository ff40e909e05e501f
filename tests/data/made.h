/* made.h - small tables written by a test. */
#ifndef DATA_MADE_H
#define DATA_MADE_H

#include "data/data.h"
#include "test.h"

const char *made_bytes(const char *name, const void *bytes,
                       size_t n); /* the path, good until the next call */
#define made(name, text) made_bytes((name), (text), sizeof(text) - 1)
Table *made_table(Err *e, Arena *a, const char *path); /* opened, or the test ends */
/* The cells of the table, rows by '|' and cells by '/'. */
const char *table_text(Arena *a, const Table *t);

#endif

/* SPDX-License-Identifier: MIT */
