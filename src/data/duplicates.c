/* duplicates.c - the parts of a table: rows of one text are one group, however they are cased, spaced or
 * punctuated. */
#include <string.h>
#include <utf8proc.h>

#include "data/split.h"
#include "data/table.h"
#include "text/utf8.h"

/* Whether c keeps texts apart: not blanks, not punctuation, not marks of either. */
static bool tells_apart(uint32_t c)
{
    if (c < 128)
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               (c && strchr("$+<=>^`|~", (int)c));
    utf8proc_category_t k = utf8proc_category((utf8proc_int32_t)c);

    return !(k >= UTF8PROC_CATEGORY_PC && k <= UTF8PROC_CATEGORY_PO) && k < UTF8PROC_CATEGORY_ZS;
}

/* Lower case, one blank for any run of blanks and punctuation; returns the bytes written. */
static size_t normalise(Cell c, uint8_t *out)
{
    const uint8_t *p = (const uint8_t *)c.s, *end = p + c.n;
    bool blank = false, bad = false;
    size_t k = 0;

    while (p < end) {
        uint32_t u;

        p += utf8_get(p, end, &u, &bad);
        if (!tells_apart(u)) {
            blank = k > 0;
            continue;
        }
        if (blank)
            out[k++] = ' ';
        blank = false;
        if (u >= 'A' && u <= 'Z')
            u += 'a' - 'A';
        k += (size_t)utf8_put(out + k,
                              u < 128 ? u : (uint32_t)utf8proc_tolower((utf8proc_int32_t)u));
    }
    return k;
}

/* The key of a row: its normalised texts; one without any letter stays as it was written. */
static Status key_of(Err *e, Arena *a, const Table *t, const Schema *s, int64_t row, Cell *out)
{
    Cell cell[2] = {table_cell(t, row, s->text),
                    s->second < 0 ? (Cell){"", 0} : table_cell(t, row, s->second)};
    uint8_t *key = arena_alloc(e, a, 2 * (cell[0].n + cell[1].n) + 2);
    size_t n = 0;

    if (!key)
        return err_failed(e->code);
    for (int i = 0; i < 2; i++) {
        size_t k = normalise(cell[i], key + n);

        if (!k) {
            memcpy(key + n, cell[i].s, cell[i].n);
            k = cell[i].n;
        }
        n += k;
        key[n++] = 0;
    }
    *out = (Cell){(const char *)key, n};
    return E_OK;
}

/* The group of each row: the number of the first row of its text. */
static Status texts_group(Err *e, Arena *scratch, const Table *t, const Schema *s, int64_t *group,
                          int64_t *duplicates)
{
    Map *seen = map_new(e, scratch, (size_t)t->rows);

    if (!seen)
        return err_failed(e->code);
    for (int64_t i = 0; i < t->rows; i++) {
        Cell key = {0};

        TRY(key_of(e, scratch, t, s, i, &key));
        if (map_get(seen, key.s, key.n, &group[i]))
            continue;
        group[i] = i;
        TRY(map_put(e, seen, key.s, key.n, i));
    }
    *duplicates = t->rows - (int64_t)map_count(seen);
    return E_OK;
}

/* NOLINTNEXTLINE(readability-function-size): the contract names its many inputs one by one */
Status table_split(Err *e, Arena *a, const Table *t, const Schema *s, const Labels *l, double valid,
                   double test, uint64_t seed, uint8_t **part, int64_t *duplicates)
{
    Arena *scratch = arena_child(e, a);
    uint8_t *of = NEWS(e, a, uint8_t, t->rows);
    int64_t *group = scratch ? NEWS(e, scratch, int64_t, t->rows) : NULL;
    Split split = {t->rows, l ? l->of_row : NULL, group, valid, test, seed};

    if (!group || !of)
        return err_failed(e->code);
    TRY(texts_group(e, scratch, t, s, group, duplicates));
    TRY(split_parts(e, a, &split, of));
    *part = of;
    arena_free(scratch);
    return E_OK;
}

/* SPDX-License-Identifier: MIT */
