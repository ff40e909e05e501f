/* words.simd.c - skip-gram and CBOW with negative sampling (Mikolov et al. 2013, arXiv:1310.4546), the negatives of a
 * word shared by its contexts (Ji et al. 2016, arXiv:1604.04661), so that a group is three small matrix products:
 * f = x u', g = rate (label - sigmoid f), dx = g u, du = g' x. */
#include "cpu/words.h"
#include "cpu/simd.h"
#include "cpu/simd_math.h"

void K(words_compute)(const WordBatch *b, int64_t begin, int64_t end);
void K(words_apply)(const WordBatch *b, int64_t part, int64_t parts);

enum { TOGETHER = 4 }; /* sums at a time */

typedef struct Group {
    int64_t xs, us, step;
    const float *x[WORDS_CONTEXTS_MAX], *u[WORDS_OUTS_MAX];
    float g[WORDS_CONTEXTS_MAX * WORDS_OUTS_MAX]; /* [xs, us] */
} Group;

/* x times up to TOGETHER rows of u. */
SIMD void dots(const float *x, const float *const *u, int64_t n, int64_t step, float *f)
{
    f32x sum[TOGETHER];

    UNROLL for (int i = 0; i < TOGETHER; i++) sum[i] = f_zero();
    if (n == TOGETHER) {
        for (int64_t k = 0; k < step; k += LANES) {
            f32x v = f_load(x + k);
            UNROLL for (int i = 0; i < TOGETHER; i++) sum[i] = f_fma(v, f_load(u[i] + k), sum[i]);
        }
        UNROLL for (int i = 0; i < TOGETHER; i++) f[i] = f_sum(sum[i]);
        return;
    }
    for (int64_t i = 0; i < n; i++) {
        f32x s = f_zero();

        for (int64_t k = 0; k < step; k += LANES)
            s = f_fma(f_load(x + k), f_load(u[i] + k), s);
        f[i] = f_sum(s);
    }
}

/* g = rate (label - sigmoid f); the label of the word itself is 1, of negatives 0. */
SIMD void gradients(Group *q, float rate)
{
    int64_t n = q->xs * q->us;

    for (int64_t i = 0; i < q->xs; i++)
        for (int64_t j = 0; j < q->us; j += TOGETHER)
            dots(q->x[i], q->u + j, q->us - j < TOGETHER ? q->us - j : TOGETHER, q->step,
                 q->g + i * q->us + j);
    for (int64_t i = 0; i < n; i += LANES) {
        f32x f = f_get(q->g + i, n - i);
        f_put(q->g + i, f_mul(f_set(-rate), f_sigmoid(f)), n - i);
    }
    for (int64_t i = 0; i < q->xs; i++)
        q->g[i * q->us] += rate;
}

/* to = sum over n of g[i * g_step] row[i] */
SIMD void add_up(const float *g, int64_t g_step, const float *const *row, int64_t n, int64_t step,
                 float *to)
{
    int64_t k = 0;

    for (; k + 2 * LANES <= step; k += 2 * LANES) {
        f32x a = f_zero(), b = f_zero();

        for (int64_t i = 0; i < n; i++) {
            f32x s = f_set(g[i * g_step]);
            a = f_fma(s, f_load(row[i] + k), a);
            b = f_fma(s, f_load(row[i] + k + LANES), b);
        }
        f_store(to + k, a);
        f_store(to + k + LANES, b);
    }
    if (k < step) {
        f32x a = f_zero();

        for (int64_t i = 0; i < n; i++)
            a = f_fma(f_set(g[i * g_step]), f_load(row[i] + k), a);
        f_store(to + k, a);
    }
}

/* The mean of the contexts, in the group's d_in. */
SIMD void take_mean(Group *q, float *mean)
{
    float share[WORDS_CONTEXTS_MAX];

    for (int64_t i = 0; i < q->xs; i++)
        share[i] = 1.0F / (float)q->xs;
    add_up(share, 1, q->x, q->xs, q->step, mean);
    q->xs = 1;
    q->x[0] = mean;
}

static void compute_one(const WordBatch *b, int64_t at)
{
    int64_t xs = b->contexts_of[at], us = b->outs_of[at];
    Group q = {.xs = xs, .us = us, .step = b->step};
    float *d_in = b->d_in + at * (b->mean ? 1 : b->contexts) * b->step;
    float *d_out = b->d_out + at * b->outs * b->step;

    if (xs < 1 || us < 1)
        return;
    for (int64_t i = 0; i < xs; i++)
        q.x[i] = b->in + b->context[at * b->contexts + i] * b->step;
    for (int64_t j = 0; j < us; j++)
        q.u[j] = b->out + b->outs_row[at * b->outs + j] * b->step;
    if (b->mean)
        take_mean(&q, d_in);
    gradients(&q, b->rate);
    for (int64_t j = 0; j < q.us; j++)
        add_up(q.g + j, q.us, q.x, q.xs, q.step, d_out + j * b->step);
    for (int64_t i = 0; i < q.xs; i++) /* last: the mean lies where its change goes */
        add_up(q.g + i * q.us, 1, q.u, q.us, q.step, d_in + i * b->step);
}

void K(words_compute)(const WordBatch *b, int64_t begin, int64_t end)
{
    for (int64_t i = begin; i < end; i++)
        compute_one(b, i);
}

SIMD void add_row(float *to, const float *change, int64_t step)
{
    for (int64_t k = 0; k < step; k += LANES)
        f_store(to + k, f_add(f_load(to + k), f_load(change + k)));
}

void K(words_apply)(const WordBatch *b, int64_t part, int64_t parts)
{
    for (int64_t at = 0; at < b->groups; at++) {
        const int32_t *context = b->context + at * b->contexts, *out = b->outs_row + at * b->outs;
        const float *d_in = b->d_in + at * (b->mean ? 1 : b->contexts) * b->step;
        const float *d_out = b->d_out + at * b->outs * b->step;

        if (!b->contexts_of[at])
            continue;
        for (int64_t i = 0; i < b->contexts_of[at]; i++)
            if ((uint32_t)context[i] % (uint32_t)parts == (uint32_t)part)
                add_row(b->in + context[i] * b->step, d_in + (b->mean ? 0 : i) * b->step, b->step);
        for (int64_t j = 0; j < b->outs_of[at]; j++)
            if ((uint32_t)out[j] % (uint32_t)parts == (uint32_t)part)
                add_row(b->out + out[j] * b->step, d_out + j * b->step, b->step);
    }
}

/* SPDX-License-Identifier: MIT */
