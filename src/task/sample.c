/* sample.c - samples made ready, whatever they are: their sizes, and batches of them with what is wanted. */
#include "task/sample.h"

#include <stdlib.h>
#include <string.h>

const SampleKind *sample_kind(InputKind input)
{
    static const SampleKind *const kinds[] = {&sample_text, &sample_picture, &sample_numbers};

    for (size_t i = 0; i < LEN(kinds); i++)
        if (kinds[i]->input == input)
            return kinds[i];
    return NULL;
}

Status sample_table(Err *e, Arena *a, const SampleKind *kind, const char *path,
                    const FeatureOptions *o, Table **out)
{
    if (kind->table)
        return kind->table(e, a, path, o, out);
    return table_open(e, a, path, o->bad, out);
}

int64_t set_units(const SampleSet *s, int64_t i)
{
    return s->start[i + 1] - s->start[i];
}

int64_t set_units_of(const SampleSet *s, const int64_t *row, int64_t rows)
{
    int64_t sum = 0;

    for (int64_t i = 0; i < rows; i++)
        sum += set_units(s, row ? row[i] : i);
    return sum;
}

static int falling(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return x > y ? -1 : x < y;
}

Status set_capacity(Err *e, Arena *a, const SampleSet *s, const int64_t *row, int64_t rows,
                    int64_t n, int64_t *units)
{
    Arena *scratch = arena_child(e, a);
    int64_t *length = scratch ? NEWS(e, scratch, int64_t, rows + 1) : NULL;

    if (!length)
        return err_failed(e->code);
    for (int64_t i = 0; i < rows; i++)
        length[i] = set_units(s, row ? row[i] : i);
    qsort(length, (size_t)rows, sizeof *length, falling);
    *units = 0;
    for (int64_t i = 0; i < rows && i < n; i++)
        *units += length[i];
    arena_free(scratch);
    return E_OK;
}

Status feed_new(Err *e, Arena *a, const SampleSet *s, int64_t capacity, Feed *out)
{
    *out = (Feed){.set = s, .capacity = capacity};
    out->offset = NEWS(e, a, int32_t, capacity + 1);
    out->sample = NEWS(e, a, uint32_t, capacity + 1);
    return out->offset && out->sample ? E_OK : e->code;
}

int64_t vary_view(const Vary *v)
{
    return v->views ? *v->epoch % v->views : *v->epoch;
}

static int64_t sample_of(const Feed *f, int64_t sample)
{
    return f->row ? f->row[sample] : sample;
}

double feed_weight(const void *feed, int64_t sample)
{
    const Feed *f = feed;

    return f->class_weight ? (double)f->class_weight[f->label[sample_of(f, sample)]] : 1;
}

static void fill_labels(const Feed *f, Run *r, const int64_t *sample, int64_t n)
{
    int32_t *label = f->label ? run_input(r, "labels") : NULL;
    float *target = f->target ? run_input(r, "labels") : NULL;
    float *weight = f->class_weight ? run_input(r, "class_weights") : NULL;

    for (int64_t i = 0; i < n; i++) {
        if (target)
            target[i] = f->target[sample_of(f, sample[i])];
        else if (label)
            label[i] = f->label[sample_of(f, sample[i])];
    }
    if (weight)
        memcpy(weight, f->class_weight, (size_t)f->classes * sizeof *weight);
}

Status feed_fill(Err *e, void *feed, Run *r, const int64_t *sample, int64_t n)
{
    Feed *f = feed;

    if (n > f->capacity)
        return fail(e, E_INTERNAL, "a batch of %lld in a plan for %lld", (long long)n,
                    (long long)f->capacity);
    for (int64_t i = 0; i < n; i++)
        f->sample[i] = (uint32_t)sample_of(f, sample[i]);
    TRY(f->prefix ? prefix_fill(e, f->prefix, f, r, n) : f->set->kind->fill(e, f, r, n));
    fill_labels(f, r, sample, n);
    return E_OK;
}

/* SPDX-License-Identifier: MIT */
