/* delta.simd.c - ops/delta_rnorm.c: 1 / |W_i + s B_i A|.  Each number of W + s B A is one fma chain over rising r that
 * begins with W's.  Squares: rows deal their columns to sixteen lanes; where W is turned, one chain over rising j. */
#include "cpu/kernels.h"
#include "cpu/simd_math.h"

typedef struct Delta {
    const float *w, *b, *a;
    float *y;
    float scale;
    int64_t out, in, rank;
} Delta;

/* A row of W: lanes are its columns. */
static void delta_rows(void *arg, int64_t begin, int64_t end, int thread)
{
    const Delta *d = arg;

    (void)thread;
    for (int64_t i = begin; i < end; i++) {
        const float *w = d->w + i * d->in, *b = d->b + i * d->rank;
        f32x sum = f_zero();

        for (int64_t j = 0; j < d->in; j += LANES) {
            f32x v = f_get(w + j, d->in - j);

            for (int64_t r = 0; r < d->rank; r++)
                v = f_fma(f_set(d->scale * b[r]), f_get(d->a + r * d->in + j, d->in - j), v);
            sum = f_fma(v, v, sum);
        }
        d->y[i] = 1.0F / sqrt_one(f_sum(sum));
    }
}

/* Sixteen columns of a turned W: lanes are the outputs.  d->b is s B turned, [r, out]. */
static void delta_columns(void *arg, int64_t begin, int64_t end, int thread)
{
    const Delta *d = arg;

    (void)thread;
    for (int64_t at = begin * LANES; at < end * LANES && at < d->out; at += LANES) {
        int64_t n = min_of(LANES, d->out - at);
        f32x sum = f_zero();

        for (int64_t j = 0; j < d->in; j++) {
            f32x v = f_get(d->w + j * d->out + at, n);

            for (int64_t r = 0; r < d->rank; r++)
                v = f_fma(f_get(d->b + r * d->out + at, n), f_set(d->a[r * d->in + j]), v);
            sum = f_fma(v, v, sum);
        }
        f_put(d->y + at, f_div(f_set(1), f_sqrt(sum)), n);
    }
}

void K(k_delta_rnorm)(const OpCall *c)
{
    const DeltaAttr *attr = c->attr;
    Delta d = {in_f(c, 0), in_f(c, 1), in_f(c, 2), out_f(c, 0), attr->scale, 0, 0, 0};

    d.out = c->in[1].shape.dim[0];
    d.rank = c->in[1].shape.dim[1];
    d.in = c->in[2].shape.dim[1];
    if (!attr->turned) {
        par_for(c->pool, d.out, row_grain(d.in), delta_rows, &d);
        return;
    }
    float *b = c->scratch;
    for (int64_t i = 0; i < d.out; i++)
        for (int64_t r = 0; r < d.rank; r++)
            b[r * d.out + i] = d.scale * d.b[i * d.rank + r];
    d.b = b;
    par_for(c->pool, (d.out + LANES - 1) / LANES, row_grain(LANES * d.in), delta_columns, &d);
}

/* SPDX-License-Identifier: MIT */
