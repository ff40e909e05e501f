/* depthwise.h - what the kernels of depthwise convolution share: a few positions side by side and the pixels that
 * their windows read.  Included by *.simd.c. */
#ifndef DEPTHWISE_H
#define DEPTHWISE_H

#include "cpu/window.h"

#if defined(__AVX512F__)
#define ABREAST                                                                                    \
    7 /* positions at a time: as many sums as registers hold beside pixels and weights */
#else
#define ABREAST 4
#endif
#define COLUMNS_MAX ((ABREAST - 1) * DEPTH_STRIDE_MAX + DEPTH_SPREAD_MAX)

typedef struct Source { /* pictures that windows read */
    const float *at, *zeros;
    int64_t channels;
    Axis down, across;
} Source;

typedef struct Block {
    /* [row][column]: pixels, or zeros; tap t of position j reads column j * stride + t * step - low */
    const float *pixel[DEPTH_SPREAD_MAX * COLUMNS_MAX];
    int64_t rows, columns;
    int64_t low;               /* the column of the first position's leftmost tap, at most 0 */
    int tap[DEPTH_SPREAD_MAX]; /* of each row: those outside the picture are left out */
    const float
        *fresh[DEPTH_STRIDE_MAX]; /* where a later block's pixels are that no row above has read */
    int64_t fresh_rows, fresh_columns;
} Block;

SIMD int64_t picture_floats(const Source *s)
{
    return s->down.size * s->across.size * s->channels;
}

/* Positions j .. of row i. */
static void block_fill(Block *t, const Source *s, const float *picture, int64_t i, int64_t j)
{
    const Axis *y = &s->down, *x = &s->across;
    int64_t reach = (x->taps - 1) * x->step;

    t->low = min_of(0, reach);
    t->columns = (ABREAST - 1) * x->stride + max_of(reach, -reach) + 1;
    t->rows = 0;
    for (int64_t tap = 0; tap < y->taps; tap++) {
        int64_t row = i * y->stride + y->first + tap * y->step;
        int64_t at = j * x->stride + x->first + t->low;
        const float **to = t->pixel + t->rows * t->columns;
        const float *from = picture + (row * x->size + at) * s->channels;

        if (row < 0 || row >= y->size)
            continue;
        for (int64_t n = 0; n < t->columns; n++, at++, from += s->channels)
            to[n] = at >= 0 && at < x->size ? from : s->zeros;
        t->tap[t->rows++] = (int)tap;
    }
}

#define AHEAD (2 * ABREAST) /* positions: how far off what comes nearer is */

static void block_ahead(Block *t, const Source *s, const float *picture, int64_t i, int64_t j)
{
    const Axis *y = &s->down, *x = &s->across;
    int64_t low = i * y->stride + y->first + max_of(0, (y->taps - 1) * y->step);

    t->fresh_rows = 0, t->fresh_columns = ABREAST * x->stride;
    for (int64_t row = max_of(0, low - y->stride + 1); row <= min_of(low, y->size - 1); row++)
        t->fresh[t->fresh_rows++] =
            picture + (row * x->size + (j + AHEAD) * x->stride) * s->channels;
}

/* Channels c .. of these come nearer.  With each vector a few lines: the processor does not guess such steps, and
 * many requests at a time are lost. */
SIMD void block_fetch(const Block *t, int64_t channels, int64_t c)
{
    for (int64_t r = 0; r < t->fresh_rows; r++)
        for (int64_t n = 0; n < t->fresh_columns; n++)
            __builtin_prefetch(t->fresh[r] + n * channels + c);
}

#endif
/* SPDX-License-Identifier: MIT */
