/* pictures.simd.c - the mean of a picture and factors for its channels.  Sums run in blocks of
 * SUM_BLOCK positions, each in order, block sums in order; a picture's bits do not depend on the others. */
#include "cpu/pictures.h"

/* ---- the mean of each picture: one piece of work is a picture and a group of channels ---- */

static void mean_items(void *arg, int64_t begin, int64_t end, int thread)
{
    const OpCall *c = arg;
    int64_t n = channels_of(&c->in[0]), pixels = pixels_of(&c->in[0]);
    Cut cut = cut_of(tensor_dim0(&c->in[0]), n, 1);

    (void)thread;
    for (int64_t item = begin; item < end; item++) {
        CutItem b = cut_item(&cut, item);
        const float *x = in_f(c, 0) + b.block * pixels * n;

        for (int64_t i = b.c0; i < b.c1; i += LANES) {
            f32x all = f_zero();

            for (int64_t r0 = 0; r0 < pixels; r0 += SUM_BLOCK) {
                f32x sum = f_zero();

                for (int64_t r = r0; r < min_of(r0 + SUM_BLOCK, pixels); r++)
                    sum = f_add(sum, f_get(x + r * n + i, b.c1 - i));
                all = f_add(all, sum);
            }
            f_put(out_f(c, 0) + b.block * n + i, f_div(all, f_set((float)pixels)), b.c1 - i);
        }
    }
}

static void each_picture(const OpCall *c, ParFn fn)
{
    OpCall call = *c;
    Cut cut = cut_of(tensor_dim0(&c->in[0]), channels_of(&c->in[0]), 1);

    par_for(c->pool, cut_blocks(&cut) * cut.groups, 1, fn, &call);
}

void K(k_avgpool_all)(const OpCall *c)
{
    each_picture(c, mean_items);
}

/* ---- what a picture's channels have in common goes to all its positions ---- */

static void each_position(const OpCall *c, const Tensor *t, ParFn fn)
{
    OpCall call = *c;

    par_for(c->pool, positions_of(t), row_grain(channels_of(t)), fn, &call);
}

static void spread_rows(void *arg, int64_t begin, int64_t end, int thread)
{
    const OpCall *c = arg;
    int64_t n = channels_of(&c->out[0]), pixels = pixels_of(&c->out[0]);
    f32x by = f_set((float)pixels);

    (void)thread;
    for (int64_t r = begin; r < end; r++) {
        const float *dy = in_f(c, 0) + r / pixels * n;
        float *dx = out_f(c, 0) + r * n;

        for (int64_t i = 0; i < n; i += LANES)
            f_put(dx + i, f_div(f_get(dy + i, n - i), by), n - i);
    }
}

void K(k_avgpool_all_grad)(const OpCall *c)
{
    each_position(c, &c->out[0], spread_rows);
}

static void scale_rows(void *arg, int64_t begin, int64_t end, int thread)
{
    const OpCall *c = arg;
    int64_t n = channels_of(&c->in[0]), pixels = pixels_of(&c->in[0]);

    (void)thread;
    for (int64_t r = begin; r < end; r++) {
        const float *x = in_f(c, 0) + r * n, *s = in_f(c, 1) + r / pixels * n;
        float *y = out_f(c, 0) + r * n;

        for (int64_t i = 0; i < n; i += LANES)
            f_put(y + i, f_mul(f_get(x + i, n - i), f_get(s + i, n - i)), n - i);
    }
}

void K(k_scale_channels)(const OpCall *c)
{
    each_position(c, &c->in[0], scale_rows);
}

typedef struct ScaleGrad { /* of one picture at one vector of channels; dx may be NULL */
    const float *dy, *x;
    float *dx;
    int64_t step, pixels;
} ScaleGrad;

/* One pass: dx = dy by; the sum of dy x comes back. */
SIMD f32x scale_grad(const ScaleGrad *g, f32x by, int64_t n)
{
    f32x all = f_zero();

    for (int64_t r0 = 0; r0 < g->pixels; r0 += SUM_BLOCK) {
        f32x sum = f_zero();

        for (int64_t r = r0; r < min_of(r0 + SUM_BLOCK, g->pixels); r++) {
            f32x d = f_get(g->dy + r * g->step, n);

            sum = f_fma(d, f_get(g->x + r * g->step, n), sum);
            if (g->dx)
                f_put(g->dx + r * g->step, f_mul(d, by), n);
        }
        all = f_add(all, sum);
    }
    return all;
}

static void scale_grad_items(void *arg, int64_t begin, int64_t end, int thread)
{
    const OpCall *c = arg;
    int64_t n = channels_of(&c->in[0]), pixels = pixels_of(&c->in[0]);
    Cut cut = cut_of(tensor_dim0(&c->in[0]), n, 1);

    (void)thread;
    for (int64_t item = begin; item < end; item++) {
        CutItem b = cut_item(&cut, item);
        int64_t picture = b.block * pixels * n;

        for (int64_t i = b.c0; i < b.c1; i += LANES) {
            ScaleGrad g = {in_f(c, 0) + picture + i, in_f(c, 1) + picture + i,
                           out_f(c, 0) ? out_f(c, 0) + picture + i : NULL, n, pixels};
            f32x ds = scale_grad(&g, f_get(in_f(c, 2) + b.block * n + i, b.c1 - i), b.c1 - i);

            if (out_f(c, 1))
                f_put(out_f(c, 1) + b.block * n + i, ds, b.c1 - i);
        }
    }
}

void K(k_scale_channels_grad)(const OpCall *c)
{
    each_picture(c, scale_grad_items);
}
/* SPDX-License-Identifier: MIT */
