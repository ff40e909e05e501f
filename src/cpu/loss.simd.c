/* loss.simd.c - cross-entropy over classes and over the rows of a sequence.  ops/xent.c and ops/span_xent.c have
 * the formulas.  A row's sums deal its columns to 64 lanes; rows are added in blocks of SUM_BLOCK. */
#include "cpu/kernels.h"
#include "cpu/simd_math.h"

SIMD f32x lowest(void)
{
    return f_from_bits(i_set(0xFF800000U)); /* -inf */
}

SIMD f32x get_or(const float *x, int64_t n, f32x other)
{
    float rest[LANES];

    if (n >= LANES)
        return f_load(x);
    f_store(rest, other);
    if (n > 0)
        f_store_n(rest, f_load_n(x, n), n);
    return f_load(rest);
}

static float row_top(const float *x, int64_t n)
{
    f32x top[4] = {lowest(), lowest(), lowest(), lowest()};

    for (int64_t i = 0; i < n; i += 4 * LANES)
        UNROLL for (int j = 0; j < 4; j++) top[j] =
            f_max(top[j], get_or(x + i + j * LANES, n - i - j * LANES, lowest()));
    return f_top(f_max(f_max(top[0], top[1]), f_max(top[2], top[3])));
}

static float log_sum_exp(const float *x, int64_t n)
{
    float top = row_top(x, n);
    f32x m = f_set(top), s[4] = {f_zero(), f_zero(), f_zero(), f_zero()};

    for (int64_t i = 0; i < n; i += 4 * LANES)
        UNROLL for (int j = 0; j < 4; j++)
        {
            f32x v = get_or(x + i + j * LANES, n - i - j * LANES, lowest());

            s[j] = f_add(s[j], f_exp(f_sub(v, m)));
        }
    return top + log_one(f_sum(f_add(f_add(s[0], s[1]), f_add(s[2], s[3]))));
}

/* sum of w (lse - x); w NULL: 1 */
static float smooth_sum(const float *x, const float *w, int64_t n, float lse)
{
    f32x s[4] = {f_zero(), f_zero(), f_zero(), f_zero()}, l = f_set(lse);

    for (int64_t i = 0; i < n; i += 4 * LANES)
        UNROLL for (int j = 0; j < 4; j++)
        {
            int64_t at = i + j * LANES;
            f32x d = f_sub(l, get_or(x + at, n - at, l)); /* 0 beyond the end */

            s[j] = w ? f_fma(get_or(w + at, n - at, f_zero()), d, s[j]) : f_add(s[j], d);
        }
    return f_sum(f_add(f_add(s[0], s[1]), f_add(s[2], s[3])));
}

static float weight_sum(const float *w, int64_t n)
{
    f32x sum = f_zero();

    for (int64_t i = 0; w && i < n; i += LANES)
        sum = f_add(sum, f_get(w + i, n - i));
    return w ? f_sum(sum) : (float)n;
}

static void xent_rows(void *arg, int64_t begin, int64_t end, int thread)
{
    const OpCall *c = arg;
    const XentAttr *a = c->attr;
    int64_t n = tensor_width(&c->in[0]);
    const float *w = c->ins > 2 ? in_f(c, 2) : NULL;
    const int32_t *label = c->in[1].data;
    float *loss = c->scratch, s = a->smoothing;

    (void)thread;
    for (int64_t r = begin; r < end; r++) {
        const float *x = in_f(c, 0) + r * n;
        float lse = log_sum_exp(x, n);
        int32_t y = label[r];

        if (out_f(c, 1))
            out_f(c, 1)[r] = lse;
        loss[r] = y < 0 ? 0.0F : (1.0F - s) * (w ? w[y] : 1.0F) * (lse - x[y]);
        if (y >= 0 && s > 0)
            loss[r] += s / (float)n * smooth_sum(x, w, n, lse);
    }
}

void K(k_xent)(const OpCall *c)
{
    OpCall call = *c;
    int64_t rows = tensor_rows(&c->in[0]);

    par_for(c->pool, rows, row_grain(tensor_width(&c->in[0])), xent_rows, &call);
    if (out_f(c, 0))
        *out_f(c, 0) = sum_blocks(c->scratch, rows);
}

static void xent_grad_rows(void *arg, int64_t begin, int64_t end, int thread)
{
    const OpCall *c = arg;
    const XentAttr *a = c->attr;
    int64_t n = tensor_width(&c->in[1]);
    const float *w = c->ins > 4 ? in_f(c, 4) : NULL, *lse = in_f(c, 3);
    const int32_t *label = c->in[2].data;
    float dsum = in_f(c, 0)[0], s = a->smoothing, spread = s / (float)n;
    float all = s > 0 ? weight_sum(w, n) : 0.0F;

    (void)thread;
    for (int64_t r = begin; r < end; r++) {
        const float *x = in_f(c, 1) + r * n;
        float *dx = out_f(c, 0) + r * n;
        int32_t y = label[r];
        float own = y < 0 ? 0.0F : (1.0F - s) * (w ? w[y] : 1.0F);
        f32x l = f_set(lse[r]), by = f_set(y < 0 ? 0.0F : dsum * (own + spread * all));
        f32x each = f_set(y < 0 ? 0.0F : dsum * spread);

        for (int64_t i = 0; i < n; i += LANES) {
            f32x d = f_mul(by, f_exp(f_sub(f_get(x + i, n - i), l)));

            if (s > 0)
                d = f_sub(d, w ? f_mul(each, f_get(w + i, n - i)) : each);
            f_put(dx + i, y < 0 ? f_zero() : d, n - i);
        }
        if (y >= 0)
            dx[y] -= dsum * own;
    }
}

void K(k_xent_grad)(const OpCall *c)
{
    OpCall call = *c;

    par_for(c->pool, tensor_rows(&c->in[1]), row_grain(tensor_width(&c->in[1])), xent_grad_rows,
            &call);
}

/* ---- which row of the sequence? ---- */

/* One number through e^x. */
static float exp_one(float x)
{
    float out[LANES];

    f_store(out, f_exp(f_set(x)));
    return out[0];
}

static float span_lse(const float *x, int64_t rows, int64_t step)
{
    float top = x[0], sum = 0;

    for (int64_t i = 1; i < rows; i++)
        top = x[i * step] > top ? x[i * step] : top;
    for (int64_t i = 0; i < rows; i++)
        sum += exp_one(x[i * step] - top);
    return top + log_one(sum);
}

void K(k_span_xent)(const OpCall *c)
{
    const SpanAttr *a = c->attr;
    const Rows *r = c->in_rows[0];
    int64_t n = tensor_width(&c->in[0]);
    const int32_t *target = c->in[1].data;
    float sum = 0;

    for (int64_t g = 0; g < r->groups; g++) {
        const float *x = in_f(c, 0) + r->offset[g] * n + a->column;
        int64_t rows = group_length(r, g);
        float lse = rows > 0 ? span_lse(x, rows, n) : -__builtin_inff();

        if (out_f(c, 1))
            out_f(c, 1)[g] = lse;
        if (target[g] >= 0 && target[g] < rows)
            sum += lse - x[target[g] * n];
    }
    if (out_f(c, 0))
        *out_f(c, 0) = sum;
}

void K(k_span_xent_grad)(const OpCall *c)
{
    const SpanAttr *a = c->attr;
    const Rows *r = c->in_rows[1];
    int64_t n = tensor_width(&c->in[1]);
    const float *x = in_f(c, 1), *lse = in_f(c, 3);
    const int32_t *target = c->in[2].data;
    float *dx = out_f(c, 0), dsum = in_f(c, 0)[0];

    memset(dx, 0, (size_t)shape_size(&c->out[0].shape) * sizeof *dx);
    for (int64_t g = 0; g < r->groups; g++) {
        int64_t rows = group_length(r, g);

        if (target[g] < 0 || target[g] >= rows)
            continue;
        for (int64_t i = 0; i < rows; i++) {
            int64_t at = (r->offset[g] + i) * n + a->column;

            dx[at] = dsum * (exp_one(x[at] - lse[g]) - (i == target[g] ? 1.0F : 0.0F));
        }
    }
}
/* SPDX-License-Identifier: MIT */
