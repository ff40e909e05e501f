/* table.c - opens a person's table: the form from its content, the header by what its first row is. */
#include <string.h>

#include "data/table.h"

#define HEADER_ROWS  1000 /* rows looked at to tell a header from data */
#define HEADER_WORDS 4    /* a column's name is not longer */

Status rows_bad(Err *e, Rows *r)
{
    if (r->mode == TABLE_FAIL)
        return err_note(e, "hint", "Mend the row, or skip such rows with --on-bad skip.");
    r->bad++;
    *e = (Err){0};
    return E_OK;
}

Cell table_cell(const Table *t, int64_t row, int column)
{
    return t->cell[row * t->columns + column];
}

int table_column(const Table *t, const char *name)
{
    for (int i = 0; i < t->columns; i++)
        if (!strcmp(t->name[i], name))
            return i;
    return -1;
}

static int words(Cell c)
{
    int n = 0;

    for (size_t i = 0; i < c.n; i++)
        n += c.s[i] > ' ' && (i == 0 || c.s[i - 1] == ' ');
    return n;
}

/* Evidence of one column that the first row names it: its other cells are numbers, or few values of which
 * the first is none. */
static Status names_column(Err *e, Arena *a, const Rows *r, int column, bool comma, bool *out)
{
    size_t columns = (size_t)r->columns, rows = r->rows < HEADER_ROWS ? r->rows : HEADER_ROWS;
    Cell first = cell_trim(r->cell[column]);
    size_t numbers = 0, filled = 0;
    Map *seen = map_new(e, a, 64);
    int64_t times;
    double value;
    bool whole;

    if (!seen)
        return err_failed(e->code);
    for (size_t i = 1; i < rows; i++) {
        Cell c = cell_trim(r->cell[i * columns + (size_t)column]);

        filled += c.n > 0;
        numbers += number_parse(c, comma, &value, &whole);
        TRY(map_put(e, seen, c.s, c.n, 1));
    }
    bool few = filled >= 4 && 2 * map_count(seen) <= filled;
    *out = filled && (numbers == filled ||
                      (few && words(first) <= 2 && !map_get(seen, first.s, first.n, &times)));
    return E_OK;
}

/* The first row is a header when it can be one (short, filled, all different, no number) and either holds a
 * well-known name or differs in kind from a column below it. */
static Status header_find(Err *e, Arena *a, const Rows *r, bool comma, bool *out)
{
    Map *names = map_new(e, a, (size_t)r->columns);
    bool known = false, named = false, whole;
    int64_t before;
    double value;

    if (!names)
        return err_failed(e->code);
    *out = false;
    for (int i = 0; i < r->columns; i++) {
        Cell c = cell_trim(r->cell[i]);

        if (number_parse(c, comma, &value, &whole) || words(c) > HEADER_WORDS)
            return E_OK;
        if (!c.n && i) /* only the first may be nameless: the row numbers that pandas writes */
            return E_OK;
        if (map_get(names, c.s, c.n, &before))
            return E_OK;
        TRY(map_put(e, names, c.s, c.n, i));
        known |= known_text(c) >= 0 || known_label(c) >= 0 || known_id(c) || known_file(c);
    }
    for (int i = 0; i < r->columns && !known && !named; i++)
        TRY(names_column(e, a, r, i, comma, &named));
    *out = known || named;
    return E_OK;
}

static Status header_take(Err *e, Arena *a, Table *t, Rows *r)
{
    t->name = NEWS(e, a, const char *, r->columns);
    if (!t->name)
        return err_failed(e->code);
    for (int i = 0; i < r->columns; i++) {
        Cell c = t->header ? cell_trim(r->cell[i]) : (Cell){"", 0};

        t->name[i] = r->name ? r->name[i]
                     : c.n   ? arena_strndup(e, a, c.s, c.n)
                             : arena_printf(e, a, "column %d", i + 1);
        if (!t->name[i])
            return err_failed(e->code);
    }
    if (t->header && !r->name) {
        r->cell += r->columns;
        r->line++;
        r->rows--;
    }
    return E_OK;
}

static Status rows_take(Err *e, Arena *a, Arena *scratch, Table *t, Rows *r)
{
    if (!r->rows) {
        fail(e, E_DATA, "the file holds no rows");
        err_note(e, "file", "%s", t->path);
        return r->bad ? err_note(e, "found", "%lld rows, all of them bad", (long long)r->bad)
                      : e->code;
    }
    t->columns = r->columns;
    t->header = r->name != NULL;
    if (!t->header)
        TRY(header_find(e, scratch, r, table_comma(t), &t->header));
    TRY(header_take(e, a, t, r));
    if (!r->rows) {
        fail(e, E_DATA, "the file holds a header and no rows");
        err_note(e, "file", "%s", t->path);
        return err_note(e, "found", "%d column%s, the first named \"%.40s\"", t->columns,
                        t->columns == 1 ? "" : "s", t->name[0]);
    }
    t->rows = (int64_t)r->rows;
    t->cell = r->cell;
    t->line = r->line;
    t->bad_rows = r->bad;
    return E_OK;
}

static bool looks_json(const Source *s)
{
    size_t i = 0;

    while (i < s->n && memchr(" \t\r\n", s->text[i], 4))
        i++;
    return i < s->n && s->text[i] == '{';
}

Status table_read(Err *e, Arena *a, const char *path, Bytes b, TableBad bad, Table **out)
{
    Table *t = NEW(e, a, Table);
    Arena *scratch = arena_child(e, a);
    Rows rows = {.a = a, .mode = bad};
    Source source;

    if (!t || !scratch)
        return err_failed(e->code);
    t->path = arena_strndup(e, a, path, strlen(path));
    if (!t->path)
        return err_failed(e->code);
    TRY(source_read(e, scratch, t->path, b, &source));
    t->encoding = source.encoding;
    t->form = "JSONL";
    TRY(looks_json(&source) ? jsonl_read(e, a, &source, &rows)
                            : csv_read(e, a, &source, &rows, &t->form));
    TRY(rows_take(e, a, scratch, t, &rows));
    arena_free(scratch);
    *out = t;
    return E_OK;
}

Status table_open(Err *e, Arena *a, const char *path, TableBad bad, Table **out)
{
    Arena *file = arena_child(e, a);
    Bytes b;

    if (!file)
        return err_failed(e->code);
    TRY(file_read_all(e, file, path, TABLE_FILE_MAX, &b));
    TRY(table_read(e, a, path, b, bad, out));
    arena_free(file);
    return E_OK;
}

/* SPDX-License-Identifier: MIT */
