/* split.c - training, validation and test parts of a table, by seed.
 * Rows of one text are one group and stay together, however they are cased, spaced or punctuated, so that
 * no duplicate leaks.  Within each class the groups come in a random order and fill test, then validation;
 * the shares are carried over from class to class, so that many small classes still add up. */
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "data/table.h"
#include "text/utf8.h"

typedef struct Group {
    int64_t first, rows;
    int32_t label;
    double at; /* its place in the random order */
} Group;

typedef struct Groups {
    Group *group;
    size_t n, cap;
    int64_t *of_row;
} Groups;

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

static Status groups_find(Err *e, Arena *scratch, const Table *t, const Schema *s, const Labels *l,
                          Groups *g)
{
    Map *seen = map_new(e, scratch, (size_t)t->rows);

    g->of_row = NEWS(e, scratch, int64_t, t->rows);
    if (!seen || !g->of_row)
        return err_failed(e->code);
    for (int64_t i = 0; i < t->rows; i++) {
        int64_t k;
        Cell key = {0};

        TRY(key_of(e, scratch, t, s, i, &key));
        if (!map_get(seen, key.s, key.n, &k)) {
            k = (int64_t)g->n;
            TRY(map_put(e, seen, key.s, key.n, k));
            TRY(GROW(e, scratch, g->group, g->cap, g->n + 1));
            g->group[g->n++] = (Group){.first = i, .label = l ? l->of_row[i] : 0};
        }
        g->group[k].rows++;
        g->of_row[i] = k;
    }
    return E_OK;
}

static int by_label_then_chance(const void *x, const void *y)
{
    const Group *a = x, *b = y;

    if (a->label != b->label)
        return a->label < b->label ? -1 : 1;
    if (a->at != b->at)
        return a->at < b->at ? -1 : 1;
    return a->first < b->first ? -1 : 1;
}

typedef struct Share {
    double want; /* rows of this part so far, if they could be cut */
    int64_t given;
} Share;

/* One class: groups [0, n) in random order, `rows` rows in all; the last group is left for training. */
static void class_split(const Group *g, size_t n, const double share[3], Share part[3],
                        uint8_t *of_first)
{
    int64_t rows = 0;
    size_t at = 0;

    for (size_t i = 0; i < n; i++)
        rows += g[i].rows;
    for (int p = PART_TEST; p >= PART_VALID; p--) {
        part[p].want += share[p] * (double)rows;
        for (; at + 1 < n; at++) {
            double missing = part[p].want - (double)part[p].given;

            if (missing < 0.5 * (double)g[at].rows)
                break;
            of_first[g[at].first] = (uint8_t)p;
            part[p].given += g[at].rows;
        }
    }
}

/* NOLINTNEXTLINE(readability-function-size): the contract names its many inputs one by one */
Status table_split(Err *e, Arena *a, const Table *t, const Schema *s, const Labels *l, double valid,
                   double test, uint64_t seed, uint8_t **part, int64_t *duplicates)
{
    Arena *scratch = arena_child(e, a);
    uint8_t *of = NEWS(e, a, uint8_t, t->rows);
    const double share[3] = {0, valid, test};
    Share given[3] = {{0, 0}, {0, 0}, {0, 0}};
    uint64_t purpose = random_purpose("split");
    Groups g = {0};

    if (!scratch || !of)
        return err_failed(e->code);
    if (!(valid >= 0 && test >= 0 && valid + test < 1))
        return fail(e, E_USAGE,
                    "the parts for validation and test, %g and %g, leave nothing to train on",
                    valid, test);
    TRY(groups_find(e, scratch, t, s, l, &g));
    for (size_t i = 0; i < g.n; i++)
        g.group[i].at = random_uniform(seed, purpose, (uint64_t)g.group[i].first);
    Group *order = NEWS(e, scratch, Group, g.n);
    if (!order)
        return err_failed(e->code);
    memcpy(order, g.group, g.n * sizeof(*order));
    qsort(order, g.n, sizeof(*order), by_label_then_chance);
    for (size_t i = 0, end; i < g.n; i = end) {
        for (end = i; end < g.n && order[end].label == order[i].label;)
            end++;
        if (order[i].label >=
            0) /* rows without a label stay in training, where they are seen to be so */
            class_split(order + i, end - i, share, given, of);
    }
    for (int64_t i = 0; i < t->rows; i++)
        of[i] = of[g.group[g.of_row[i]].first];
    *part = of;
    *duplicates = t->rows - (int64_t)g.n;
    arena_free(scratch);
    return E_OK;
}

/* SPDX-License-Identifier: MIT */
