/* text_set.c - texts tokenised once, and batches of them without padding. */
#include "task/inside.h"

#include <stdlib.h>
#include <string.h>

static Status add_tokens(Err *e, Arena *a, const Model *m, const Tokens *t, TextSet *s,
                         size_t cap[2], int64_t i)
{
    int64_t at = s->start[i];

    TRY(GROW(e, a, s->id, cap[0], at + (int64_t)t->n));
    TRY(GROW(e, a, s->type, cap[1], at + (int64_t)t->n));
    for (size_t k = 0; k < t->n; k++) {
        if (t->id[k] < 0 || t->id[k] >= m->vocab) {
            fail(e, E_DATA, "the tokenizer gives token %d, but the model knows %lld", t->id[k],
                 (long long)m->vocab);
            return err_note(e, "folder", "%s", m->folder);
        }
        s->id[at + (int64_t)k] = t->id[k];
        s->type[at + (int64_t)k] = t->type[k] < m->types ? t->type[k] : 0;
    }
    s->start[i + 1] = at + (int64_t)t->n;
    if ((int64_t)t->n > s->longest)
        s->longest = (int64_t)t->n;
    return E_OK;
}

Status textset_make(Err *e, Arena *a, const TextReader *r, const Texts *texts, TextSet *out)
{
    Arena *scratch = arena_child(e, a);
    size_t cap[2] = {0};
    Tokens tokens = {0};

    *out = (TextSet){.n = texts->n};
    out->start = NEWS(e, a, int64_t, texts->n + 1);
    if (!scratch || !out->start)
        return err_failed(e->code);
    for (int64_t i = 0; i < texts->n; i++) {
        const Cell *first = &texts->first[i], *other = texts->second ? &texts->second[i] : NULL;

        if (i % 64 == 0 && event_stop(r->events))
            return fail(e, E_STOPPED, "stopped while reading the texts");
        TRY(tokenizer_encode(e, scratch, r->tokenizer, first->s, first->n, other ? other->s : NULL,
                             other ? other->n : 0, r->max_length, &tokens));
        if (tokens.n == 0) { /* a tokenizer without special tokens, and an empty text */
            fail(e, E_DATA, "a text has no tokens");
            return err_note(e, "text", "number %lld of %lld", (long long)i + 1,
                            (long long)texts->n);
        }
        out->cut += (int64_t)tokens.n == r->max_length;
        TRY(add_tokens(e, a, r->model, &tokens, out, cap, i));
    }
    arena_free(scratch);
    return E_OK;
}

static int falling(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return x > y ? -1 : x < y;
}

Status textset_capacity(Err *e, Arena *a, const TextSet *s, const int64_t *row, int64_t rows,
                        int64_t n, int64_t *tokens)
{
    Arena *scratch = arena_child(e, a);
    int64_t *length = scratch ? NEWS(e, scratch, int64_t, rows + 1) : NULL;

    if (!length)
        return err_failed(e->code);
    for (int64_t i = 0; i < rows; i++) {
        int64_t k = row ? row[i] : i;

        length[i] = s->start[k + 1] - s->start[k];
    }
    qsort(length, (size_t)rows, sizeof *length, falling);
    *tokens = 0;
    for (int64_t i = 0; i < rows && i < n; i++)
        *tokens += length[i];
    arena_free(scratch);
    return E_OK;
}

Status textfeed_new(Err *e, Arena *a, const TextSet *s, int64_t capacity, TextFeed *out)
{
    *out = (TextFeed){.set = s, .capacity = capacity};
    out->offset = NEWS(e, a, int32_t, capacity + 1);
    out->sample = NEWS(e, a, uint32_t, capacity + 1);
    return out->offset && out->sample ? E_OK : e->code;
}

static int64_t text_of(const TextFeed *f, int64_t sample)
{
    return f->row ? f->row[sample] : sample;
}

double textfeed_weight(const void *feed, int64_t sample)
{
    const TextFeed *f = feed;

    return f->class_weight ? (double)f->class_weight[f->label[text_of(f, sample)]] : 1;
}

static void fill_labels(const TextFeed *f, Run *r, const int64_t *sample, int64_t n)
{
    int32_t *label = f->label ? run_input(r, "labels") : NULL;
    float *target = f->target ? run_input(r, "labels") : NULL;
    float *weight = f->class_weight ? run_input(r, "class_weights") : NULL;

    for (int64_t i = 0; i < n; i++) {
        if (target)
            target[i] = f->target[text_of(f, sample[i])];
        else if (label)
            label[i] = f->label[text_of(f, sample[i])];
    }
    if (weight)
        memcpy(weight, f->class_weight, (size_t)f->classes * sizeof *weight);
}

Status textfeed_fill(Err *e, void *feed, Run *r, const int64_t *sample, int64_t n)
{
    TextFeed *f = feed;
    const TextSet *s = f->set;
    int32_t *id = run_input(r, "input_ids"), *type = run_input(r, "token_type_ids"), at = 0;

    if (n > f->capacity)
        return fail(e, E_INTERNAL, "a batch of %lld in a plan for %lld", (long long)n,
                    (long long)f->capacity);
    for (int64_t i = 0; i < n; i++) {
        f->sample[i] = (uint32_t)text_of(f, sample[i]);
        f->offset[i] = at;
        at += (int32_t)(s->start[f->sample[i] + 1] - s->start[f->sample[i]]);
    }
    f->offset[n] = at;
    TRY(run_rows(e, r, "tokens",
                 &(Rows){.count = at, .groups = n, .offset = f->offset, .sample = f->sample}));
    for (int64_t i = 0; i < n; i++) { /* run_rows has checked that they fit */
        int64_t from = s->start[f->sample[i]];
        size_t bytes = (size_t)(f->offset[i + 1] - f->offset[i]) * sizeof *id;

        memcpy(id + f->offset[i], s->id + from, bytes);
        if (type)
            memcpy(type + f->offset[i], s->type + from, bytes);
    }
    fill_labels(f, r, sample, n);
    return E_OK;
}

/* SPDX-License-Identifier: MIT */
