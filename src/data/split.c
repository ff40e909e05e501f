/* split.c - training, validation and test parts of samples, by seed.
 * Samples of one group stay together, so that no duplicate leaks.  Within each class the groups come in a
 * random order and fill test, then validation; the shares are carried over from class to class, so that many
 * small classes still add up. */
#include "data/split.h"

#include <stdlib.h>
#include <string.h>

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

static Status groups_find(Err *e, Arena *scratch, const Split *s, Groups *g)
{
    Map *seen = map_new(e, scratch, (size_t)s->n);

    g->of_row = NEWS(e, scratch, int64_t, s->n + 1);
    if (!seen || !g->of_row)
        return err_failed(e->code);
    for (int64_t i = 0; i < s->n; i++) {
        const char *key = s->group ? (const char *)&s->group[i] : NULL;
        int64_t k = -1;

        if (!key || !map_get(seen, key, sizeof *s->group, &k)) {
            k = (int64_t)g->n;
            if (key)
                TRY(map_put(e, seen, key, sizeof *s->group, k));
            TRY(GROW(e, scratch, g->group, g->cap, g->n + 1));
            g->group[g->n++] = (Group){.first = i, .label = s->label ? s->label[i] : 0};
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

Status split_parts(Err *e, Arena *a, const Split *s, uint8_t *part)
{
    const double share[3] = {0, s->valid, s->test};
    Share given[3] = {{0, 0}, {0, 0}, {0, 0}};
    uint64_t purpose = random_purpose("split");
    Arena *scratch = arena_child(e, a);
    Groups g = {0};

    if (!scratch)
        return err_failed(e->code);
    if (!(s->valid >= 0 && s->test >= 0 && s->valid + s->test < 1))
        return fail(e, E_USAGE,
                    "the parts for validation and test, %g and %g, leave nothing to train on",
                    s->valid, s->test);
    TRY(groups_find(e, scratch, s, &g));
    for (size_t i = 0; i < g.n; i++)
        g.group[i].at = random_uniform(s->seed, purpose, (uint64_t)g.group[i].first);
    Group *order = NEWS(e, scratch, Group, g.n + 1);
    if (!order)
        return err_failed(e->code);
    if (g.n) {
        memcpy(order, g.group, g.n * sizeof(*order));
        qsort(order, g.n, sizeof(*order), by_label_then_chance);
    }
    for (size_t i = 0, end; i < g.n; i = end) {
        for (end = i; end < g.n && order[end].label == order[i].label;)
            end++;
        if (order[i].label >= 0)
            class_split(order + i, end - i, share, given, part);
    }
    for (int64_t i = 0; i < s->n; i++)
        part[i] = part[g.group[g.of_row[i]].first];
    arena_free(scratch);
    return E_OK;
}

/* SPDX-License-Identifier: MIT */
