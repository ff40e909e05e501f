/* jsonl.c - JSON lines: one object a line, columns the union of the keys in order of first appearance.
 * Strings are taken as they are, numbers as written, true and false by name, null is empty; a list or an
 * object inside is kept as its JSON text. */
#include <string.h>

#include "data/table.h"

#define LEVELS        64
#define FIRST_COLUMNS 16
#define ROWS_A_SCAN   4096 /* the scanner's copies of strings are let go after so many rows */

typedef struct
    Extent { /* where a row's cells begin in rows->cell, and how many columns there were by then */
    size_t first;
    int width;
} Extent;

typedef struct Lines {
    const Source *src;
    Rows *rows;
    Map *key; /* name to column */
    size_t name_cap;
    Cell *row; /* [row_cap] of the line in hand; s NULL: absent */
    size_t row_cap;
    char *out;
    size_t used;
    Extent *extent; /* per row */
    size_t extent_cap;
} Lines;

static Status column_of(Err *e, Lines *l, JsonScan *s, const JsonToken *k, int *column)
{
    Rows *r = l->rows;
    int64_t known;

    if (map_get(l->key, k->text, k->len, &known)) {
        *column = (int)known;
        return E_OK;
    }
    if (r->columns == TABLE_COLUMNS_MAX)
        return json_fail(e, s, k->offset, "more than %d different keys", TABLE_COLUMNS_MAX);
    const char *name = arena_strndup(e, r->a, k->text, k->len);
    if (!name)
        return err_failed(e->code);
    TRY(GROW(e, r->a, r->name, l->name_cap, r->columns + 1));
    TRY(GROW(e, r->a, l->row, l->row_cap, r->columns + 1));
    r->name[r->columns] = name;
    l->row[r->columns] = (Cell){0};
    TRY(map_put(e, l->key, name, k->len, r->columns));
    *column = r->columns++;
    return E_OK;
}

/* The value as text, behind the others. */
static Status value_read(Err *e, Lines *l, JsonScan *s, const JsonToken *v, Cell *out)
{
    const char *text = v->text;
    size_t n = v->len;
    JsonToken x;

    switch (v->kind) {
    case JSON_STRING:
    case JSON_NUMBER:
        break;
    case JSON_TRUE:
        text = "true", n = 4;
        break;
    case JSON_FALSE:
        text = "false", n = 5;
        break;
    case JSON_OBJECT:
    case JSON_ARRAY:
        text = l->src->text + v->offset;
        for (int depth = 1; depth;) {
            TRY(json_next(e, s, &x));
            depth += (x.kind == JSON_OBJECT || x.kind == JSON_ARRAY) -
                     (x.kind == JSON_OBJECT_END || x.kind == JSON_ARRAY_END);
        }
        n = (size_t)(l->src->text + x.offset + 1 - text);
        break;
    default:
        text = "", n = 0;
    }
    if (n > TABLE_FIELD_MAX)
        return json_fail(e, s, v->offset, "a field of more than %zu bytes", TABLE_FIELD_MAX);
    memcpy(l->out + l->used, text, n);
    l->out[l->used + n] = 0;
    *out = (Cell){l->out + l->used, n};
    l->used += n + 1;
    return E_OK;
}

static Status line_read(Err *e, Lines *l, JsonScan *s)
{
    JsonToken k, v;
    int column = 0;

    for (int i = 0; i < l->rows->columns; i++)
        l->row[i] = (Cell){0};
    TRY(json_expect(e, s, JSON_OBJECT, &v));
    for (;;) {
        TRY(json_next(e, s, &k));
        if (k.kind == JSON_OBJECT_END)
            break;
        TRY(column_of(e, l, s, &k, &column));
        if (l->row[column].s)
            return json_fail(e, s, k.offset, "the key \"%.40s\" stands twice in one object",
                             k.text);
        TRY(json_next(e, s, &v));
        TRY(value_read(e, l, s, &v, &l->row[column]));
    }
    return json_expect(e, s, JSON_END, &v);
}

static Status row_keep(Err *e, Lines *l, const JsonScan *s, size_t at, int64_t line)
{
    Rows *r = l->rows;
    uint64_t cells = (uint64_t)r->columns * (r->rows + 1);

    /* every key is a column of every row: new keys all the time would make the table larger than its file */
    if (cells > 1000 && cells > l->src->n)
        return json_fail(e, s, at, "%d different keys in %zu rows: too sparse for a table",
                         r->columns, r->rows + 1);
    TRY(GROW(e, r->a, r->line, r->line_cap, r->rows + 1));
    TRY(GROW(e, r->a, l->extent, l->extent_cap, r->rows + 1));
    TRY(GROW(e, r->a, r->cell, r->cell_cap, r->cells + (size_t)r->columns));
    l->extent[r->rows] = (Extent){r->cells, r->columns};
    for (int i = 0; i < r->columns; i++)
        r->cell[r->cells++] = l->row[i].s ? l->row[i] : (Cell){"", 0};
    r->line[r->rows++] = line;
    return E_OK;
}

/* Rows read before a key was known get empty cells for it. */
static Status widen(Err *e, Lines *l)
{
    Rows *r = l->rows;
    size_t columns = (size_t)r->columns;

    if (r->cells == columns * r->rows)
        return E_OK;
    Cell *all = NEWS(e, r->a, Cell, columns * r->rows);
    if (!all)
        return err_failed(e->code);
    for (size_t i = 0; i < r->rows; i++)
        for (size_t k = 0; k < columns; k++)
            all[i * columns + k] =
                (int)k < l->extent[i].width ? r->cell[l->extent[i].first + k] : (Cell){"", 0};
    r->cell = all;
    r->cells = columns * r->rows;
    return E_OK;
}

static Status lines_read(Err *e, Lines *l, Arena *scratch)
{
    const char *text = l->src->text;
    Arena *batch = NULL;
    JsonScan *s = NULL;
    int64_t line = 1, in_batch = 0;

    for (size_t at = 0, end; at < l->src->n; at = end + 1, line++) {
        size_t used = l->used, blank = at;
        const char *nl = memchr(text + at, '\n', l->src->n - at);

        end = nl ? (size_t)(nl - text) : l->src->n;
        while (blank < end && memchr(" \t\r", text[blank], 3))
            blank++;
        if (blank == end)
            continue;
        if (in_batch++ % ROWS_A_SCAN == 0) {
            arena_free(batch);
            batch = arena_child(e, scratch);
            if (!batch)
                return err_failed(e->code);
            TRY(json_open(e, batch, l->src->path, text, l->src->n, LEVELS, &s));
        }
        json_again(s, at, end, (size_t)line);
        Status bad = end - at > TABLE_ROW_MAX
                         ? json_fail(e, s, at, "a row of more than %zu bytes", TABLE_ROW_MAX)
                         : line_read(e, l, s);
        if (!bad) {
            TRY(row_keep(e, l, s, at, line));
            continue;
        }
        if (bad != E_DATA)
            return bad;
        TRY(rows_bad(e, l->rows));
        l->used = used;
    }
    return E_OK;
}

Status jsonl_read(Err *e, Arena *a, const Source *s, Rows *out)
{
    Lines l = {.src = s, .rows = out};
    Arena *scratch = arena_child(e, a);

    if (!scratch)
        return err_failed(e->code);
    l.key = map_new(e, a, 16);
    l.out = arena_alloc(e, a, s->n + 2);
    l.row = NEWS(e, a, Cell, FIRST_COLUMNS);
    l.row_cap = FIRST_COLUMNS;
    l.extent = NEWS(e, a, Extent, ROWS_A_SCAN);
    l.extent_cap = ROWS_A_SCAN;
    if (!l.key || !l.out || !l.row || !l.extent)
        return err_failed(e->code);
    TRY(lines_read(e, &l, scratch));
    arena_free(scratch);
    return widen(e, &l);
}

/* SPDX-License-Identifier: MIT */
