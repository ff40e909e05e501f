/* depthwise_grad.simd.c - dw of a depthwise convolution: vectors over the channels; for each tap a chain over the
 * positions of DEPTH_ROWS rows, these added in order. */
#include "cpu/depthwise.h"

typedef struct Depth {
    const float *dy, *x;
    Source from;
    float *part, *dw;    /* part: [block of rows][tap][channel] */
    int64_t plane, rows; /* floats of a part; rows of dy in all pictures */
} Depth;

typedef struct Gather { /* a block of positions of dy, and what they are multiplied with */
    Source from;
    Block t;
    const float *dy[ABREAST]; /* zeros where there is none */
    const float *ahead;       /* where a later block's are */
    float *part;              /* [tap][channel], added to */
} Gather;

SIMD void gather_vector(const Gather *g, int64_t c, int64_t left, const bool whole,
                        const int64_t taps, const int64_t stride, const int64_t step)
{
    const int64_t channels = g->from.channels;
    f32x dy[ABREAST];

    block_fetch(&g->t, channels, c);
    UNROLL for (int j = 0; j < ABREAST; j++) __builtin_prefetch(g->ahead + j * channels + c);
    UNROLL for (int j = 0; j < ABREAST; j++) dy[j] =
        whole ? f_load(g->dy[j] + c) : f_load_n(g->dy[j] + c, left);
    for (int64_t row = 0; row < g->t.rows; row++) {
        const float *const *pixel = g->t.pixel + row * g->t.columns;
        float *part = g->part + g->t.tap[row] * g->from.across.taps * channels + c;

        UNROLL_KNOWN for (int64_t t = 0; t < taps; t++, part += channels)
        {
            f32x sum = whole ? f_load(part) : f_load_n(part, left);

            UNROLL for (int j = 0; j < ABREAST; j++)
            {
                const float *x = pixel[j * stride + t * step] + c;

                sum = f_fma(whole ? f_load(x) : f_load_n(x, left), dy[j], sum);
            }
            f_put(part, sum, left);
        }
    }
}

SIMD void gather_block(const Gather *g, const int64_t taps, const int64_t stride,
                       const int64_t step)
{
    int64_t c = 0, all = g->from.channels;

    for (; c + LANES <= all; c += LANES)
        gather_vector(g, c, LANES, true, taps, stride, step);
    if (c < all)
        gather_vector(g, c, all - c, false, taps, stride, step);
}

static void gather_any(const Gather *g)
{
    const Axis *x = &g->from.across;

    if (x->taps == 3 && x->step == 1 && x->stride == 1)
        gather_block(g, 3, 1, 1);
    else if (x->taps == 3 && x->step == 1 && x->stride == 2)
        gather_block(g, 3, 2, 1);
    else if (x->taps == 5 && x->step == 1 && x->stride == 1)
        gather_block(g, 5, 1, 1);
    else if (x->taps == 5 && x->step == 1 && x->stride == 2)
        gather_block(g, 5, 2, 1);
    else
        gather_block(g, x->taps, x->stride, x->step);
}

static void gather_row(const Depth *d, int64_t r, Gather *g)
{
    const Source *s = &g->from;
    int64_t b = r / s->down.out, i = r % s->down.out, n = s->across.out;
    const float *picture = d->x + b * picture_floats(s), *dy = d->dy + r * n * s->channels;

    for (int64_t j = 0; j < n; j += ABREAST) {
        block_fill(&g->t, s, picture, i, j);
        block_ahead(&g->t, s, picture, i, j);
        g->ahead = dy + (j + AHEAD) * s->channels;
        for (int64_t k = 0; k < ABREAST; k++)
            g->dy[k] = j + k < n ? dy + (j + k) * s->channels : s->zeros;
        gather_any(g);
    }
}

/* begin .. end: blocks of rows */
static void gather_rows(void *arg, int64_t begin, int64_t end, int thread)
{
    const Depth *d = arg;
    Gather g = {.from = d->from};

    (void)thread;
    for (int64_t block = begin; block < end; block++) {
        g.part = d->part + block * d->plane;
        memset(g.part, 0, (size_t)d->plane * sizeof *g.part);
        for (int64_t r = block * DEPTH_ROWS; r < min_of(d->rows, (block + 1) * DEPTH_ROWS); r++)
            gather_row(d, r, &g);
    }
}

/* begin .. end: channels */
static void add_parts(void *arg, int64_t begin, int64_t end, int thread)
{
    const Depth *d = arg;
    int64_t channels = d->from.channels, taps = d->plane / channels;

    (void)thread;
    for (int64_t t = 0; t < taps; t++)
        for (int64_t c = begin; c < end; c++) {
            const float *part = d->part + t * channels + c;
            float sum = d->rows > 0 ? *part : 0.0F;

            for (int64_t block = 1; block * DEPTH_ROWS < d->rows; block++)
                sum += part[block * d->plane];
            d->dw[c * taps + t] = sum;
        }
}

void K(k_depthwise_grad_w)(const OpCall *c)
{
    const Conv2dGradWAttr *a = c->attr;
    const Shape *y = &c->in[0].shape, *x = &c->in[1].shape, *w = &a->w;
    float *zeros = c->scratch;
    Depth d = {.dy = in_f(c, 0), .x = in_f(c, 1), .dw = out_f(c, 0), .part = zeros + w->dim[0]};

    memset(zeros, 0, (size_t)w->dim[0] * sizeof *zeros);
    d.from = (Source){d.x, zeros, w->dim[0], window_over(&a->conv, x, y, w, 0),
                      window_over(&a->conv, x, y, w, 1)};
    d.plane = shape_size(w), d.rows = y->dim[0] * y->dim[2];
    par_for(c->pool, (d.rows + DEPTH_ROWS - 1) / DEPTH_ROWS, 1, gather_rows, &d);
    par_for(c->pool, w->dim[0], 64, add_parts, &d);
}
/* SPDX-License-Identifier: MIT */
