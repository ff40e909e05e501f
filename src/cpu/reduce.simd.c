/* reduce.simd.c - sums over rows, sums of squares, mse, bce, clip.  Blocks of SUM_BLOCK rows, each in order, block
 * sums added in order; within a block of a sum to one number the columns are dealt to sixteen lanes. */
#include "cpu/kernels.h"
#include "cpu/simd_math.h"

/* ---- [.., suffix] -> [suffix] ---- */

typedef struct SumTo {
    const float *x;
    float *part, *y;
    int64_t rows, width;
} SumTo;

static void sum_block(void *arg, int64_t begin, int64_t end, int thread)
{
    const SumTo *s = arg;

    (void)thread;
    for (int64_t b = begin; b < end; b++) {
        const float *x = s->x + b * SUM_BLOCK * s->width;
        float *part = s->part + b * s->width;
        int64_t rows = min_of(SUM_BLOCK, s->rows - b * SUM_BLOCK);

        for (int64_t i = 0; i < s->width; i += LANES) {
            f32x sum = f_zero();

            for (int64_t r = 0; r < rows; r++)
                sum = f_add(sum, f_get(x + r * s->width + i, s->width - i));
            f_put(part + i, sum, s->width - i);
        }
    }
}

static void sum_combine(void *arg, int64_t begin, int64_t end, int thread)
{
    const SumTo *s = arg;

    (void)thread;
    for (int64_t i = begin; i < end; i += LANES) {
        f32x sum = f_zero();

        for (int64_t b = 0; b * SUM_BLOCK < s->rows; b++)
            sum = f_add(sum, f_get(s->part + b * s->width + i, end - i));
        f_put(s->y + i, sum, end - i);
    }
}

/* ---- to one number ---- */

typedef f32x (*TermFn)(f32x x, f32x t);

typedef struct SumAll {
    const float *x, *t; /* t: the second input of a term, or x again */
    float *part;
    int64_t rows, width;
} SumAll;

SIMD void sum_all_blocks(const SumAll *s, int64_t begin, int64_t end, TermFn term)
{
    for (int64_t b = begin; b < end; b++) {
        int64_t r0 = b * SUM_BLOCK, r1 = min_of(r0 + SUM_BLOCK, s->rows);
        f32x sum = f_zero();

        for (int64_t r = r0; r < r1; r++) {
            const float *x = s->x + r * s->width, *t = s->t + r * s->width;
            int64_t i = 0, left;

            for (; i + LANES <= s->width; i += LANES)
                sum = f_add(sum, term(f_load(x + i), f_load(t + i)));
            left = s->width - i;
            if (left > 0) {
                float lanes[LANES] = {0};

                f_store_n(lanes, term(f_load_n(x + i, left), f_load_n(t + i, left)), left);
                sum = f_add(sum, f_load(lanes));
            }
        }
        s->part[b] = f_sum(sum);
    }
}

static void sum_all(const OpCall *c, const float *t, ParFn fn)
{
    int64_t width = tensor_width(&c->in[0]), rows = tensor_rows(&c->in[0]);
    SumAll s = {in_f(c, 0), t, c->scratch, rows, width};
    float sum = 0;

    if (width > 0)
        par_for(c->pool, (rows + SUM_BLOCK - 1) / SUM_BLOCK, 1, fn, &s);
    for (int64_t b = 0; width > 0 && b * SUM_BLOCK < rows; b++)
        sum += s.part[b];
    *out_f(c, 0) = sum;
}

SIMD f32x term_value(f32x x, f32x t)
{
    (void)t;
    return x;
}

SIMD f32x term_square(f32x x, f32x t)
{
    return f_mul(x, t);
}

SIMD f32x term_distance(f32x x, f32x t)
{
    f32x d = f_sub(x, t);

    return f_mul(d, d);
}

/* max(x, 0) - x t + log(1 + e^-|x|) */
SIMD f32x term_bce(f32x x, f32x t)
{
    f32x log_part = f_log1p(f_exp(f_neg(f_abs(x))));

    return f_add(f_fma(f_neg(x), t, f_max(f_zero(), x)), log_part);
}

#define SUM_ALL(name)                                                                              \
    static void sum_##name(void *arg, int64_t begin, int64_t end, int thread)                      \
    {                                                                                              \
        (void)thread;                                                                              \
        sum_all_blocks(arg, begin, end, term_##name);                                              \
    }
SUM_ALL(value)
SUM_ALL(square)
SUM_ALL(distance)
SUM_ALL(bce)

void K(k_sum_to)(const OpCall *c)
{
    int64_t width = shape_size(&c->out[0].shape), n = shape_size(&c->in[0].shape);
    int64_t rows = width > 0 ? n / width : 0, blocks = (rows + SUM_BLOCK - 1) / SUM_BLOCK;
    SumTo s = {in_f(c, 0), c->scratch, out_f(c, 0), rows, width};

    if (c->out[0].shape.rank == 0) {
        sum_all(c, in_f(c, 0), sum_value);
        return;
    }
    par_for(c->pool, blocks, 1, sum_block, &s);
    par_for(c->pool, width, 4096, sum_combine, &s);
}

void K(k_sqsum)(const OpCall *c)
{
    sum_all(c, in_f(c, 0), sum_square);
}

void K(k_mse)(const OpCall *c)
{
    sum_all(c, in_f(c, 1), sum_distance);
}

void K(k_bce)(const OpCall *c)
{
    sum_all(c, in_f(c, 1), sum_bce);
}

/* ---- gradients of mse and bce: (dsum, x, t) -> dx ---- */

static void mse_grad_chunk(void *arg, int64_t begin, int64_t end, int thread)
{
    const OpCall *c = arg;
    f32x by = f_set(2.0F * in_f(c, 0)[0]);

    (void)thread;
    for (int64_t i = begin; i < end; i += LANES) {
        f32x d = f_sub(f_get(in_f(c, 1) + i, end - i), f_get(in_f(c, 2) + i, end - i));

        f_put(out_f(c, 0) + i, f_mul(by, d), end - i);
    }
}

static void bce_grad_chunk(void *arg, int64_t begin, int64_t end, int thread)
{
    const OpCall *c = arg;
    f32x by = f_set(in_f(c, 0)[0]);

    (void)thread;
    for (int64_t i = begin; i < end; i += LANES) {
        f32x p = f_sigmoid(f_get(in_f(c, 1) + i, end - i));

        f_put(out_f(c, 0) + i, f_mul(by, f_sub(p, f_get(in_f(c, 2) + i, end - i))), end - i);
    }
}

void K(k_mse_grad)(const OpCall *c)
{
    OpCall call = *c;

    par_for(c->pool, shape_size(&c->in[1].shape), ELEMENT_GRAIN, mse_grad_chunk, &call);
}

void K(k_bce_grad)(const OpCall *c)
{
    OpCall call = *c;

    par_for(c->pool, shape_size(&c->in[1].shape), ELEMENT_GRAIN, bce_grad_chunk, &call);
}

void K(k_clip)(const OpCall *c)
{
    float norm = sqrt_one(in_f(c, 0)[0]), max = in_f(c, 1)[0];
    float coef = max > 0 ? max / (norm + 1e-6F) : 1.0F;

    if (out_f(c, 0))
        *out_f(c, 0) = coef > 1.0F ? 1.0F : coef;
    if (out_f(c, 1))
        *out_f(c, 1) = norm;
}
/* SPDX-License-Identifier: MIT */
