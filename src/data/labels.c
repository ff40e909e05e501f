/* labels.c - the label column as class numbers or as measurements. */
#include <stdlib.h>
#include <string.h>

#include "data/schema.h"

typedef struct Name {
    Cell c;
    double value;
    bool number;
} Name;

static int by_name(const void *x, const void *y)
{
    const Name *a = x, *b = y;

    if (a->number && b->number && a->value != b->value)
        return a->value < b->value ? -1 : 1;
    if (a->number != b->number)
        return a->number ? -1 : 1;
    int order = memcmp(a->c.s, b->c.s, a->c.n < b->c.n ? a->c.n : b->c.n);
    return order ? order : a->c.n < b->c.n ? -1 : a->c.n > b->c.n;
}

/* The different cells in order. */
static Status names_collect(Err *e, Arena *a, Arena *scratch, const Cell *cell, int64_t cells,
                            const LabelRule *rule, Labels *out)
{
    Map *seen = map_new(e, scratch, 64);
    Name *name = NULL;
    size_t n = 0, cap = 0;
    int64_t known;
    bool whole;

    if (!seen)
        return err_failed(e->code);
    for (int64_t i = 0; i < cells; i++) {
        Name x = {.c = cell[i]};

        if (!x.c.n || map_get(seen, x.c.s, x.c.n, &known))
            continue;
        x.number = !rule->by_bytes && number_parse(x.c, rule->comma, &x.value, &whole);
        TRY(map_put(e, seen, x.c.s, x.c.n, 1));
        TRY(GROW(e, scratch, name, cap, n + 1));
        name[n++] = x;
    }
    if (n > INT32_MAX / 2)
        return fail(e, E_DATA, "there are %zu different labels", n);
    if (n)
        qsort(name, n, sizeof(*name), by_name);
    out->n = (int)n;
    out->name = NEWS(e, a, const char *, n ? n : 1);
    for (size_t i = 0; i < n && out->name; i++)
        if (!(out->name[i] = arena_strndup(e, a, name[i].c.s, name[i].c.n)))
            return err_failed(e->code);
    return out->name ? E_OK : e->code;
}

Status labels_of(Err *e, Arena *a, const Cell *cell, int64_t n, const LabelRule *rule, Labels *out,
                 int64_t *unknown)
{
    Arena *scratch = arena_child(e, a);
    Map *number = scratch ? map_new(e, scratch, 64) : NULL;

    *out = (Labels){0};
    *unknown = -1;
    if (!number)
        return err_failed(e->code);
    if (rule->known) {
        out->n = rule->known->n;
        out->name = rule->known->name;
    } else {
        TRY(names_collect(e, a, scratch, cell, n, rule, out));
    }
    out->of_row = NEWS(e, a, int32_t, n > 0 ? n : 1);
    out->count = NEWS(e, a, int64_t, out->n > 0 ? out->n : 1);
    if (!out->of_row || !out->count)
        return err_failed(e->code);
    for (int i = 0; i < out->n; i++)
        TRY(map_put(e, number, out->name[i], strlen(out->name[i]), i));
    for (int64_t i = 0; i < n && *unknown < 0; i++) {
        int64_t k = -1;

        if (cell[i].n && !map_get(number, cell[i].s, cell[i].n, &k))
            *unknown = i;
        out->of_row[i] = (int32_t)k;
        if (k >= 0)
            out->count[k]++;
    }
    arena_free(scratch);
    return E_OK;
}

Status label_unknown(Err *e, Cell c, const Labels *known, const char *place)
{
    char list[300];
    size_t used = 0;

    list[0] = 0;
    for (int i = 0; i < known->n; i++) {
        size_t n = strlen(known->name[i]);

        if (used + n + 6 >= sizeof list) {
            memcpy(list + used, " ...", 5);
            break;
        }
        if (used)
            list[used++] = ' ';
        memcpy(list + used, known->name[i], n + 1);
        used += n;
    }
    fail(e, E_DATA, "label \"%.*s\" is none that the model knows", (int)(c.n < 60 ? c.n : 60), c.s);
    err_note(e, "file", "%s", place);
    return err_note(e, "expected", "one of %s", list);
}

Status table_labels(Err *e, Arena *a, const Table *t, int column, const Labels *known, Labels *out)
{
    LabelRule rule = {.known = known, .comma = table_comma(t)};
    Arena *scratch = arena_child(e, a);
    Cell *cell = scratch ? NEWS(e, scratch, Cell, t->rows > 0 ? t->rows : 1) : NULL;
    int64_t unknown;

    if (!cell)
        return err_failed(e->code);
    for (int64_t i = 0; i < t->rows; i++)
        cell[i] = cell_trim(table_cell(t, i, column));
    TRY(labels_of(e, a, cell, t->rows, &rule, out, &unknown));
    if (unknown >= 0) {
        const char *place = arena_printf(e, scratch, "%s:%lld, column \"%.40s\"", t->path,
                                         (long long)t->line[unknown], t->name[column]);
        return place ? label_unknown(e, cell[unknown], out, place) : e->code;
    }
    arena_free(scratch);
    return E_OK;
}

Status table_numbers(Err *e, Arena *a, const Table *t, int column, float **out)
{
    float *v = NEWS(e, a, float, t->rows > 0 ? t->rows : 1);

    if (!v)
        return err_failed(e->code);
    for (int64_t i = 0; i < t->rows; i++) {
        Cell c = cell_trim(table_cell(t, i, column));
        double value;
        bool whole;

        if (number_parse(c, table_comma(t), &value, &whole) && value <= 3e38 && value >= -3e38) {
            v[i] = (float)value;
            continue;
        }
        fail(e, E_DATA, c.n ? "\"%.*s\" is not a number" : "the label is empty%.*s",
             (int)(c.n < 60 ? c.n : 60), c.s);
        return err_note(e, "file", "%s:%lld, column \"%.40s\"", t->path, (long long)t->line[i],
                        t->name[column]);
    }
    *out = v;
    return E_OK;
}

/* SPDX-License-Identifier: MIT */
