/* picture_tables.c - pictures that a table names: labels.csv, metadata.csv or metadata.jsonl beside them, or any
 * table with a column whose cells are paths of files, seen from the table's folder. */
#include <stdio.h>
#include <string.h>

#include "data/making.h"
#include "data/schema.h"
#include "data/table.h"

#define CELLS_TRIED 20
#define PATH_MOST   1024

const char *folder_table(const Look *l)
{
    static const char *const names[] = {"metadata.csv", "metadata.jsonl", "metadata.tsv",
                                        "labels.csv",   "labels.jsonl",   "labels.tsv"};

    for (size_t k = 0; k < LEN(names); k++)
        for (size_t i = 0; i < l->files; i++)
            if (cell_is((Cell){l->file[i], strlen(l->file[i])}, names[k]))
                return l->file[i];
    return NULL;
}

static bool can_be_path(Cell c)
{
    return c.n > 0 && c.n <= PATH_MOST;
}

static const char *cell_path(Err *e, Arena *a, const Table *t, Cell c)
{
    int folder = (int)(path_base(t->path) - t->path);

    return arena_printf(e, a, "%.*s%.*s", c.s[0] == '/' ? 0 : folder, t->path, (int)c.n, c.s);
}

static Status column_is_files(Err *e, Arena *a, const Table *t, int column, bool *out)
{
    int tried = 0, files = 0;
    bool here;

    for (int64_t i = 0; i < t->rows && tried < CELLS_TRIED; i++) {
        Cell c = cell_trim(table_cell(t, i, column));

        tried += c.n > 0;
        if (!can_be_path(c))
            continue;
        const char *path = cell_path(e, a, t, c);
        if (!path)
            return err_failed(e->code);
        TRY(path_file(e, arena_sys(a), path, &here));
        files += here;
    }
    *out = files > 0 && 2 * files > tried;
    return E_OK;
}

Status table_picture_column(Err *e, Arena *a, const Table *t, const char *asked, int *column)
{
    Arena *scratch = arena_child(e, a);
    bool files = false;

    if (!scratch)
        return err_failed(e->code);
    *column = -1;
    if (asked && (*column = table_column(t, asked)) < 0) {
        fail(e, E_NOINPUT, "there is no column \"%.40s\" of pictures", asked);
        return err_note(e, "file", "%s", t->path);
    }
    for (int i = 0; i < t->columns && *column < 0; i++) {
        TRY(column_is_files(e, scratch, t, i, &files));
        if (files)
            *column = i;
    }
    arena_free(scratch);
    return E_OK;
}

typedef struct Rowing { /* the rows of one table */
    Making *m;
    const Table *t;
    Schema schema;
    const float *number;
    const char *prefix;
    Part part;
    int column;
    Map *seen;
    int64_t missing, again;
    const char *first_missing;
} Rowing;

static Status row_missing(Err *e, Rowing *r, int64_t row, Cell c)
{
    if (!r->missing++)
        r->first_missing = arena_strndup(e, r->m->scratch, c.s, c.n < 100 ? c.n : 100);
    if (r->m->o->bad == TABLE_SKIP)
        return r->first_missing ? E_OK : e->code;
    fail(e, E_DATA, c.n ? "the picture \"%.*s\" is not there" : "no picture is named%.*s",
         (int)(c.n < 200 ? c.n : 200), c.s);
    err_note(e, "file", "%s:%lld, column \"%.40s\"", r->t->path, (long long)r->t->line[row],
             r->t->name[r->column]);
    return err_note(e, "hint", "Mend the row, or skip such rows with --on-bad skip.");
}

static Status row_take(Err *e, Rowing *r, int64_t row)
{
    Making *m = r->m;
    Cell c = cell_trim(table_cell(r->t, row, r->column));
    PictureSample s = {.part = (uint8_t)r->part};
    PictureLabel label = {.place = r->t->path};
    int64_t before;
    bool wanted, here;

    if (!can_be_path(c))
        return row_missing(e, r, row, c);
    if (!(s.file = cell_path(e, m->a, r->t, c)))
        return err_failed(e->code);
    TRY(path_file(e, arena_sys(m->a), s.file, &here));
    if (!here)
        return row_missing(e, r, row, c);
    s.name = arena_printf(e, m->a, "%s%.*s", r->prefix, (int)c.n, c.s);
    if (r->schema.label >= 0) {
        label.name = cell_trim(table_cell(r->t, row, r->schema.label));
        label.number = r->number ? r->number[row] : 0;
        label.place = arena_printf(e, m->scratch, "%s:%lld, column \"%.40s\"", r->t->path,
                                   (long long)r->t->line[row], r->t->name[r->schema.label]);
    }
    if (!s.name || !label.place)
        return err_failed(e->code);
    TRY(picture_wanted(e, m, s.file, s.name, &wanted));
    if (!wanted)
        return E_OK;
    r->again += map_get(r->seen, c.s, c.n, &before);
    TRY(map_put(e, r->seen, c.s, c.n, row));
    return making_add(e, m, s, label);
}

static Status rows_take(Err *e, Rowing *r)
{
    const Table *t = r->t;

    for (int64_t i = 0; i < t->rows; i++)
        TRY(row_take(e, r, i));
    if (r->missing)
        TRY(making_note(e, r->m, "%lld rows of %s name no picture that is there, the first \"%s\"",
                        (long long)r->missing, path_base(t->path), r->first_missing));
    if (r->again)
        TRY(making_note(e, r->m, "%lld rows of %s name a picture that a row before names already",
                        (long long)r->again, path_base(t->path)));
    if (t->bad_rows)
        TRY(making_note(e, r->m, "%lld rows of %s could not be read and are left out",
                        (long long)t->bad_rows, path_base(t->path)));
    return E_OK;
}

/* The column that an earlier table of the set had, or that a model learned from: it is not judged again. */
static Status label_as_before(Err *e, Rowing *r, const char *name)
{
    r->schema = (Schema){.label = table_column(r->t, name), .reason = "the label as before"};
    if (r->schema.label >= 0)
        return E_OK;
    fail(e, E_NOINPUT, "there is no column \"%.40s\" to be the label", name);
    return err_note(e, "file", "%s", r->t->path);
}

/* The label's column: a class, or a measurement (then in all tables of the set). */
static Status table_label(Err *e, Rowing *r)
{
    Making *m = r->m;
    const Table *t = r->t;
    const char *before = m->set->label_name;
    float *number = NULL;

    if (!before && m->o->known)
        before = m->o->label;
    if (before)
        TRY(label_as_before(e, r, before));
    else
        TRY(schema_label(e, m->a, t, r->column, m->o->label, m->o->want_label && !m->o->known,
                         &r->schema));
    if (r->schema.label < 0)
        return E_OK;
    if (!m->set->label_name)
        m->measured = m->o->as == LABEL_AUTO ? r->schema.regression : m->o->as == LABEL_NUMBER;
    m->labelled = !m->measured;
    m->rule.comma = table_comma(t);
    m->set->label_name =
        arena_strndup(e, m->a, t->name[r->schema.label], strlen(t->name[r->schema.label]));
    if (m->measured)
        TRY(table_numbers(e, m->scratch, t, r->schema.label, &number));
    r->number = number;
    return m->set->label_name ? E_OK : e->code;
}

Status table_pictures(Err *e, Making *m, const Table *t, int column, const char *prefix, Part part)
{
    Rowing r = {.m = m, .t = t, .prefix = prefix, .part = part, .column = column};

    if (!(r.seen = map_new(e, m->scratch, (size_t)t->rows)))
        return err_failed(e->code);
    TRY(table_label(e, &r));
    m->set->reason = arena_printf(e, m->a, "pictures from column \"%.40s\" of %s, %s; %s",
                                  t->name[column], path_base(t->path), t->form, r.schema.reason);
    return m->set->reason ? rows_take(e, &r) : e->code;
}

/* SPDX-License-Identifier: MIT */
