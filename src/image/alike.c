/* alike.c - groups of pictures whose hashes differ in few bits.  Two hashes that differ in d bits agree in one of d + 1
 * parts at least, so only those that share a part are compared. */
#include <stdlib.h>

#include "image/image.h"

typedef struct Entry {
    uint64_t part, hash;
    int64_t index;
} Entry;

static int compare(const void *a, const void *b)
{
    const Entry *x = a, *y = b;

    if (x->part != y->part)
        return x->part < y->part ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

static int64_t root(int64_t *group, int64_t i)
{
    while (group[i] != i)
        i = group[i] = group[group[i]];
    return i;
}

static void unite(int64_t *group, int64_t i, int64_t j)
{
    i = root(group, i);
    j = root(group, j);
    if (i < j)
        group[j] = i;
    else
        group[i] = j;
}

/* In the order of the bits of `mask` */
static void sort_by(Entry *entry, int64_t n, uint64_t mask)
{
    for (int64_t i = 0; i < n; i++)
        entry[i].part = entry[i].hash & mask;
    qsort(entry, (size_t)n, sizeof *entry, compare);
}

/* Unites equal hashes and keeps the first of each: sets with many copies stay quick. */
static int64_t unite_equal(Entry *entry, int64_t n, int64_t *group)
{
    int64_t kept = 0;

    sort_by(entry, n, ~(uint64_t)0);
    for (int64_t i = 0; i < n; i++)
        if (kept && entry[kept - 1].hash == entry[i].hash)
            unite(group, entry[kept - 1].index, entry[i].index);
        else
            entry[kept++] = entry[i];
    return kept;
}

static void unite_near(Entry *entry, int64_t n, uint64_t mask, int distance, int64_t *group)
{
    sort_by(entry, n, mask);
    for (int64_t begin = 0, i = 0; i < n; i++) {
        if (entry[i].part != entry[begin].part)
            begin = i;
        for (int64_t j = begin; j < i; j++)
            if (__builtin_popcountll(entry[j].hash ^ entry[i].hash) <= distance)
                unite(group, entry[j].index, entry[i].index);
    }
}

Status picture_groups(Err *e, Arena *a, const uint64_t *hash, int64_t n, int distance,
                      int64_t *group)
{
    Arena *work = arena_child(e, a);
    Entry *entry = work ? NEWS(e, work, Entry, n + 1) : NULL;
    int parts = distance + 1;

    for (int64_t i = 0; entry && i < n; i++) {
        entry[i] = (Entry){.hash = hash[i], .index = i};
        group[i] = i;
    }
    int64_t kept = entry ? unite_equal(entry, n, group) : 0;
    for (int part = 0; entry && distance && part < parts; part++) {
        int from = 64 * part / parts, to = 64 * (part + 1) / parts;
        uint64_t below = to < 64 ? ((uint64_t)1 << to) - 1 : ~(uint64_t)0;

        unite_near(entry, kept, below & ~(((uint64_t)1 << from) - 1), distance, group);
    }
    for (int64_t i = 0; entry && i < n; i++)
        group[i] = root(group, i);
    arena_free(work);
    return entry ? E_OK : e->code;
}
/* SPDX-License-Identifier: MIT */
