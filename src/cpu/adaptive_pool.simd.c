/* adaptive_pool.simd.c - averages of windows whose number is given.  A piece of work is a row of outputs, in the gradient
 * a row of inputs, which collects from the windows that cover it. */
#include "cpu/pictures.h"
#include "ops/pool.h"

typedef struct Adaptive { /* wide: the picture; pooled: its windows */
    const Tensor *wide, *pooled;
    const float *from;
    float *to;
} Adaptive;

SIMD float share_of(PoolSpan v, PoolSpan u)
{
    return 1.0F / (float)((v.end - v.begin) * (u.end - u.begin));
}

static void window_rows(void *arg, int64_t begin, int64_t end, int thread)
{
    const Adaptive *p = arg;
    const int64_t *d = p->wide->shape.dim, *o = p->pooled->shape.dim, n = d[1];

    (void)thread;
    for (int64_t row = begin; row < end; row++) {
        PoolSpan v = adaptive_window(d[2], o[2], row % o[2]);
        const float *x = p->from + row / o[2] * d[2] * d[3] * n;

        for (int64_t ox = 0; ox < o[3]; ox++) {
            PoolSpan u = adaptive_window(d[3], o[3], ox);
            float *y = p->to + (row * o[3] + ox) * n;

            for (int64_t k = 0; k < n; k += LANES) {
                f32x sum = f_zero();

                for (int64_t r = v.begin; r < v.end; r++)
                    for (int64_t s = u.begin; s < u.end; s++)
                        sum = f_add(sum, f_get(x + (r * d[3] + s) * n + k, n - k));
                f_put(y + k, f_mul(sum, f_set(share_of(v, u))), n - k);
            }
        }
    }
}

void K(k_adaptive_avgpool)(const OpCall *c)
{
    Adaptive p = {&c->in[0], &c->out[0], in_f(c, 0), out_f(c, 0)};
    const int64_t *o = c->out[0].shape.dim;

    par_for(c->pool, o[0] * o[2], row_grain(o[3] * o[1]), window_rows, &p);
}

/* What the windows v x u that cover a place give to it, of `left` channels from dy on. */
static f32x placed_at(const Adaptive *p, const float *dy, PoolSpan v, PoolSpan u, int64_t left)
{
    const int64_t *d = p->wide->shape.dim, *o = p->pooled->shape.dim;
    f32x sum = f_zero();

    for (int64_t oy = v.begin; oy < v.end; oy++)
        for (int64_t ox = u.begin; ox < u.end; ox++) {
            float share =
                share_of(adaptive_window(d[2], o[2], oy), adaptive_window(d[3], o[3], ox));

            sum = f_fma(f_get(dy + (oy * o[3] + ox) * d[1], left), f_set(share), sum);
        }
    return sum;
}

static void place_rows(void *arg, int64_t begin, int64_t end, int thread)
{
    const Adaptive *p = arg;
    const int64_t *d = p->wide->shape.dim, *o = p->pooled->shape.dim, n = d[1];

    (void)thread;
    for (int64_t row = begin; row < end; row++) {
        PoolSpan v = adaptive_covering(d[2], o[2], row % d[2]);
        const float *dy = p->from + row / d[2] * o[2] * o[3] * n;

        for (int64_t ix = 0; ix < d[3]; ix++) {
            PoolSpan u = adaptive_covering(d[3], o[3], ix);
            float *dx = p->to + (row * d[3] + ix) * n;

            for (int64_t k = 0; k < n; k += LANES)
                f_put(dx + k, placed_at(p, dy + k, v, u, n - k), n - k);
        }
    }
}

void K(k_adaptive_avgpool_grad)(const OpCall *c)
{
    Adaptive p = {&c->out[0], &c->in[0], in_f(c, 0), out_f(c, 0)};
    const int64_t *d = c->out[0].shape.dim;

    par_for(c->pool, d[0] * d[2], row_grain(d[3] * d[1]), place_rows, &p);
}

/* SPDX-License-Identifier: MIT */
