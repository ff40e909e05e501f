/* norm.simd.c - layernorm, l2norm and softmax over the last axis.  A row's sums deal its columns to sixteen lanes,
 * so a row's bits do not depend on other rows.  ops/<op>.c has the formulas. */
#include "cpu/kernels.h"
#include "cpu/simd_math.h"

static void each_row(const OpCall *c, int64_t rows, int64_t width, ParFn fn)
{
    OpCall call = *c;

    par_for(c->pool, rows, row_grain(width), fn, &call);
}

SIMD float row_sum(const float *x, int64_t n)
{
    f32x sum = f_zero();

    for (int64_t i = 0; i < n; i += LANES)
        sum = f_add(sum, f_get(x + i, n - i));
    return f_sum(sum);
}

SIMD float row_dot(const float *x, const float *y, int64_t n)
{
    f32x sum = f_zero();

    for (int64_t i = 0; i < n; i += LANES)
        sum = f_fma(f_get(x + i, n - i), f_get(y + i, n - i), sum);
    return f_sum(sum);
}

/* sum of (x - mean)^2; lanes beyond the row count nothing */
SIMD float row_spread(const float *x, int64_t n, float mean)
{
    f32x sum = f_zero(), m = f_set(mean);
    int64_t i = 0;

    for (; i + LANES <= n; i += LANES) {
        f32x d = f_sub(f_load(x + i), m);

        sum = f_fma(d, d, sum);
    }
    if (i < n) {
        float rest[LANES];

        f_store(rest, m);
        f_store_n(rest, f_load_n(x + i, n - i), n - i);
        f32x d = f_sub(f_load(rest), m);
        sum = f_fma(d, d, sum);
    }
    return f_sum(sum);
}

static void layernorm_rows(void *arg, int64_t begin, int64_t end, int thread)
{
    const OpCall *c = arg;
    const NormAttr *a = c->attr;
    int64_t n = tensor_width(&c->in[0]);
    const float *w = in_f(c, 1), *b = in_f(c, 2);

    (void)thread;
    for (int64_t r = begin; r < end; r++) {
        const float *x = in_f(c, 0) + r * n;
        float mean = row_sum(x, n) / (float)n, var = row_spread(x, n, mean) / (float)n;
        float rstd = 1.0F / sqrt_one(var + a->eps);
        f32x m = f_set(mean), s = f_set(rstd);
        float *y = out_f(c, 0);

        for (int64_t i = 0; y && i < n; i += LANES) {
            f32x h = f_mul(f_sub(f_get(x + i, n - i), m), s);

            f_put(y + r * n + i, f_fma(h, f_get(w + i, n - i), f_get(b + i, n - i)), n - i);
        }
        if (out_f(c, 1))
            out_f(c, 1)[r] = mean;
        if (out_f(c, 2))
            out_f(c, 2)[r] = rstd;
    }
}

void K(k_layernorm)(const OpCall *c)
{
    each_row(c, tensor_rows(&c->in[0]), tensor_width(&c->in[0]), layernorm_rows);
}

/* ---- its gradient: one pass gives dx and the block's sums for dw and db ---- */

typedef struct NormGrad {
    const float *dy, *x, *w, *mean, *rstd;
    float *dx, *part; /* part: [blocks][2][D], dw then db */
    int64_t rows, width;
} NormGrad;

/* Means of dy w and dy w h over the row; adds dy h and dy to the block's sums. */
SIMD void norm_grad_sums(const NormGrad *g, int64_t r, float *dw, float mean_out[2])
{
    int64_t n = g->width;
    const float *dy = g->dy + r * n, *x = g->x + r * n;
    f32x m = f_set(g->mean[r]), s = f_set(g->rstd[r]), plain = f_zero(), bent = f_zero();
    float *db = dw + n;

    for (int64_t i = 0; i < n; i += LANES) {
        f32x d = f_get(dy + i, n - i), h = f_mul(f_sub(f_get(x + i, n - i), m), s);
        f32x v = f_mul(d, f_get(g->w + i, n - i));

        plain = f_add(plain, v);
        bent = f_fma(v, h, bent);
        f_put(dw + i, f_fma(d, h, f_get(dw + i, n - i)), n - i);
        f_put(db + i, f_add(d, f_get(db + i, n - i)), n - i);
    }
    mean_out[0] = f_sum(plain) / (float)n;
    mean_out[1] = f_sum(bent) / (float)n;
}

static void norm_grad_block(void *arg, int64_t begin, int64_t end, int thread)
{
    const NormGrad *g = arg;
    int64_t n = g->width;

    (void)thread;
    for (int64_t b = begin; b < end; b++) {
        float *dw = g->part + b * 2 * n, mean[2];

        memset(dw, 0, (size_t)(2 * n) * sizeof *dw);
        for (int64_t r = b * NORM_BLOCK; r < min_of((b + 1) * NORM_BLOCK, g->rows); r++) {
            norm_grad_sums(g, r, dw, mean);
            f32x m = f_set(g->mean[r]), s = f_set(g->rstd[r]);
            f32x plain = f_set(mean[0]), bent = f_set(mean[1]);

            for (int64_t i = 0; g->dx && i < n; i += LANES) {
                f32x h = f_mul(f_sub(f_get(g->x + r * n + i, n - i), m), s);
                f32x v = f_mul(f_get(g->dy + r * n + i, n - i), f_get(g->w + i, n - i));

                v = f_sub(f_sub(v, plain), f_mul(h, bent));
                f_put(g->dx + r * n + i, f_mul(s, v), n - i);
            }
        }
    }
}

void K(k_layernorm_grad)(const OpCall *c)
{
    int64_t n = tensor_width(&c->in[1]), rows = tensor_rows(&c->in[1]);
    NormGrad g = {in_f(c, 0),  in_f(c, 1), in_f(c, 2), in_f(c, 3), in_f(c, 4),
                  out_f(c, 0), c->scratch, rows,       n};

    par_for(c->pool, (rows + NORM_BLOCK - 1) / NORM_BLOCK, 1, norm_grad_block, &g);
    for (int out = 1; out < 3; out++) {
        float *y = out_f(c, out);

        for (int64_t i = 0; y && i < n; i += LANES) {
            f32x sum = f_zero();

            for (int64_t b = 0; b * NORM_BLOCK < rows; b++)
                sum = f_add(sum, f_get(g.part + (2 * b + out - 1) * n + i, n - i));
            f_put(y + i, sum, n - i);
        }
    }
}

/* ---- l2norm ---- */

static void l2norm_rows(void *arg, int64_t begin, int64_t end, int thread)
{
    const OpCall *c = arg;
    const NormAttr *a = c->attr;
    int64_t n = tensor_width(&c->in[0]);

    (void)thread;
    for (int64_t r = begin; r < end; r++) {
        const float *x = in_f(c, 0) + r * n;
        float norm = sqrt_one(row_dot(x, x, n));
        f32x by = f_set(norm > a->eps ? norm : a->eps);
        float *y = out_f(c, 0);

        for (int64_t i = 0; y && i < n; i += LANES)
            f_put(y + r * n + i, f_div(f_get(x + i, n - i), by), n - i);
        if (out_f(c, 1))
            out_f(c, 1)[r] = norm;
    }
}

void K(k_l2norm)(const OpCall *c)
{
    each_row(c, tensor_rows(&c->in[0]), tensor_width(&c->in[0]), l2norm_rows);
}

static void l2norm_grad_rows(void *arg, int64_t begin, int64_t end, int thread)
{
    const OpCall *c = arg;
    const NormAttr *a = c->attr;
    int64_t n = tensor_width(&c->in[0]);

    (void)thread;
    for (int64_t r = begin; r < end; r++) {
        const float *dy = in_f(c, 0) + r * n, *y = in_f(c, 1) + r * n;
        float norm = in_f(c, 2)[r], dot = norm >= a->eps ? row_dot(dy, y, n) : 0.0F;
        f32x d = f_set(-dot), by = f_set(norm >= a->eps ? norm : a->eps);
        float *dx = out_f(c, 0) + r * n;

        for (int64_t i = 0; i < n; i += LANES)
            f_put(dx + i, f_div(f_fma(d, f_get(y + i, n - i), f_get(dy + i, n - i)), by), n - i);
    }
}

void K(k_l2norm_grad)(const OpCall *c)
{
    each_row(c, tensor_rows(&c->in[0]), tensor_width(&c->in[0]), l2norm_grad_rows);
}

/* ---- softmax ---- */

SIMD f32x lowest(void)
{
    return f_from_bits(i_set(0xFF800000U)); /* -inf */
}

/* x where the row has it, -inf beyond its end */
SIMD f32x get_low(const float *x, int64_t n)
{
    float rest[LANES];

    if (n >= LANES)
        return f_load(x);
    f_store(rest, lowest());
    f_store_n(rest, f_load_n(x, n), n);
    return f_load(rest);
}

static void softmax_rows(void *arg, int64_t begin, int64_t end, int thread)
{
    const OpCall *c = arg;
    int64_t n = tensor_width(&c->in[0]);

    (void)thread;
    for (int64_t r = begin; r < end; r++) {
        const float *x = in_f(c, 0) + r * n;
        float *y = out_f(c, 0) + r * n;
        f32x top = lowest(), sum = f_zero();

        for (int64_t i = 0; i < n; i += LANES)
            top = f_max(top, get_low(x + i, n - i));
        top = f_set(f_top(top));
        for (int64_t i = 0; i < n; i += LANES) {
            f32x e = f_exp(f_sub(get_low(x + i, n - i), top));

            sum = f_add(sum, e); /* e is 0 beyond the end */
            f_put(y + i, e, n - i);
        }
        sum = f_set(f_sum(sum));
        for (int64_t i = 0; i < n; i += LANES)
            f_put(y + i, f_div(f_get(y + i, n - i), sum), n - i);
    }
}

void K(k_softmax)(const OpCall *c)
{
    each_row(c, tensor_rows(&c->in[0]), tensor_width(&c->in[0]), softmax_rows);
}

static void softmax_grad_rows(void *arg, int64_t begin, int64_t end, int thread)
{
    const OpCall *c = arg;
    int64_t n = tensor_width(&c->in[0]);

    (void)thread;
    for (int64_t r = begin; r < end; r++) {
        const float *dy = in_f(c, 0) + r * n, *y = in_f(c, 1) + r * n;
        float *dx = out_f(c, 0) + r * n;
        f32x dot = f_set(row_dot(dy, y, n));

        for (int64_t i = 0; i < n; i += LANES)
            f_put(dx + i, f_mul(f_get(y + i, n - i), f_sub(f_get(dy + i, n - i), dot)), n - i);
    }
}

void K(k_softmax_grad)(const OpCall *c)
{
    each_row(c, tensor_rows(&c->in[0]), tensor_width(&c->in[0]), softmax_grad_rows);
}
/* SPDX-License-Identifier: MIT */
