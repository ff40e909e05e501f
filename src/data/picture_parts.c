/* picture_parts.c - the parts of a set of pictures that its source does not give, and fewer of them. */
#include <stdlib.h>
#include <string.h>

#include "data/pictures.h"
#include "data/split.h"

Status pictureset_split(Err *e, Arena *a, PictureSet *s, double valid, double test, uint64_t seed,
                        const int64_t *group)
{
    Arena *scratch = arena_child(e, a);
    int64_t n = 0;

    if (!scratch)
        return err_failed(e->code);
    int64_t *at = NEWS(e, scratch, int64_t, s->n + 1), *of = NEWS(e, scratch, int64_t, s->n + 1);
    int32_t *label = NEWS(e, scratch, int32_t, s->n + 1);
    uint8_t *part = NEWS(e, scratch, uint8_t, s->n + 1);
    if (!at || !of || !label || !part)
        return err_failed(e->code);
    for (int64_t i = 0; i < s->n; i++) {
        if (s->at[i].part != PART_TRAIN)
            continue;
        label[n] = s->number || !s->labels.n ? 0 : s->labels.of_row[i];
        of[n] = group ? group[i] : i;
        at[n++] = i;
    }
    Split split = {.n = n, .label = label, .group = of, .seed = seed};
    split.valid = s->given[PART_VALID] ? 0 : valid;
    split.test = s->given[PART_TEST] ? 0 : test;
    TRY(split_parts(e, scratch, &split, part));
    for (int64_t i = 0; i < n; i++)
        s->at[at[i]].part = part[i];
    arena_free(scratch);
    return E_OK;
}

void pictureset_keep(PictureSet *s, const uint8_t *keep)
{
    int64_t n = 0;

    for (int k = 0; k < s->labels.n; k++)
        s->labels.count[k] = 0;
    for (int64_t i = 0; i < s->n; i++) {
        if (!keep[i])
            continue;
        s->at[n] = s->at[i];
        s->labels.of_row[n] = s->labels.of_row[i];
        if (s->number)
            s->number[n] = s->number[i];
        if (s->labels.of_row[n] >= 0)
            s->labels.count[s->labels.of_row[n]]++;
        n++;
    }
    s->n = n;
}

typedef struct Draw {
    int32_t label;
    double chance;
    int64_t sample;
} Draw;

static int by_label_then_chance(const void *x, const void *y)
{
    const Draw *a = x, *b = y;

    if (a->label != b->label)
        return a->label < b->label ? -1 : 1;
    if (a->chance != b->chance)
        return a->chance < b->chance ? -1 : 1;
    return a->sample < b->sample ? -1 : a->sample > b->sample;
}

Status pictureset_limit(Err *e, Arena *a, PictureSet *s, int64_t most, uint64_t seed)
{
    uint64_t purpose = random_purpose("few of each class");
    Arena *scratch = arena_child(e, a);
    Draw *draw = scratch ? NEWS(e, scratch, Draw, s->n + 1) : NULL;
    uint8_t *keep = draw ? NEWS(e, scratch, uint8_t, s->n + 1) : NULL;
    size_t n = 0;

    if (!keep)
        return err_failed(e->code);
    if (most < 1)
        return fail(e, E_USAGE, "at least one picture of each class is needed to learn from");
    memset(keep, 1, (size_t)s->n);
    for (int64_t i = 0; i < s->n; i++)
        if (s->at[i].part == PART_TRAIN && s->labels.of_row[i] >= 0)
            draw[n++] = (Draw){s->labels.of_row[i], random_uniform(seed, purpose, (uint64_t)i), i};
    if (n)
        qsort(draw, n, sizeof *draw, by_label_then_chance);
    for (size_t i = 0, first = 0; i < n; i++) {
        if (draw[i].label != draw[first].label)
            first = i;
        keep[draw[i].sample] = i - first < (uint64_t)most;
    }
    pictureset_keep(s, keep);
    arena_free(scratch);
    return E_OK;
}

/* SPDX-License-Identifier: MIT */
