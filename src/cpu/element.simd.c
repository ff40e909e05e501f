/* element.simd.c - element by element: add, mul, scale, fill, activations, dropout.  Outputs may lie on an input. */
#include "cpu/kernels.h"
#include "cpu/simd_math.h"

typedef f32x (*Map1)(f32x x);
typedef f32x (*Map2)(f32x x, f32x y);

/* y = fn(x) on elements begin .. end; fn is known when compiling */
SIMD void map1(const float *x, float *y, int64_t begin, int64_t end, Map1 fn)
{
    int64_t i = begin;

    for (; i + LANES <= end; i += LANES)
        f_store(y + i, fn(f_load(x + i)));
    if (i < end)
        f_store_n(y + i, fn(f_load_n(x + i, end - i)), end - i);
}

SIMD void map2(const float *a, const float *b, float *y, int64_t n, Map2 fn)
{
    int64_t i = 0;

    for (; i + LANES <= n; i += LANES)
        f_store(y + i, fn(f_load(a + i), f_load(b + i)));
    if (i < n)
        f_store_n(y + i, fn(f_load_n(a + i, n - i), f_load_n(b + i, n - i)), n - i);
}

/* ---- add and mul: b is repeated along a ---- */

SIMD void broadcast(const OpCall *c, int64_t begin, int64_t end, Map2 fn)
{
    const float *a = in_f(c, 0), *b = in_f(c, 1);
    float *y = out_f(c, 0);
    int64_t period = shape_size(&c->in[1].shape);

    if (period == 1) {
        f32x v = f_set(b[0]);

        for (int64_t i = begin; i < end; i += LANES)
            f_put(y + i, fn(f_get(a + i, end - i), v), end - i);
        return;
    }
    while (begin < end) {
        int64_t at = begin % period, n = min_of(period - at, end - begin);

        map2(a + begin, b + at, y + begin, n, fn);
        begin += n;
    }
}

static void add_chunk(void *arg, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    broadcast(arg, begin, end, f_add);
}

static void mul_chunk(void *arg, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    broadcast(arg, begin, end, f_mul);
}

static void each_element(const OpCall *c, const Tensor *t, ParFn fn)
{
    OpCall call = *c;

    par_for(c->pool, shape_size(&t->shape), ELEMENT_GRAIN, fn, &call);
}

void K(k_add)(const OpCall *c)
{
    each_element(c, &c->in[0], add_chunk);
}

void K(k_mul)(const OpCall *c)
{
    each_element(c, &c->in[0], mul_chunk);
}

/* ---- scale, fill ---- */

static void scale_chunk(void *arg, int64_t begin, int64_t end, int thread)
{
    const OpCall *c = arg;
    const ScaleAttr *s = c->attr;
    f32x by = f_set(s->factor);

    (void)thread;
    for (int64_t i = begin; i < end; i += LANES)
        f_put(out_f(c, 0) + i, f_mul(f_get(in_f(c, 0) + i, end - i), by), end - i);
}

void K(k_scale)(const OpCall *c)
{
    each_element(c, &c->in[0], scale_chunk);
}

static void fill_chunk(void *arg, int64_t begin, int64_t end, int thread)
{
    const OpCall *c = arg;
    const FillAttr *f = c->attr;
    f32x v = f_set(f->value);

    (void)thread;
    for (int64_t i = begin; i < end; i += LANES)
        f_put(out_f(c, 0) + i, v, end - i);
}

void K(k_fill)(const OpCall *c)
{
    each_element(c, &c->out[0], fill_chunk);
}

/* ---- activations and their slopes: ops/activate.c has the formulas ---- */

#define GELU_A 0.7978845608F /* sqrt(2 / pi) */
#define GELU_B 0.044715F

SIMD f32x relu(f32x x)
{
    return f_pick(f_less(f_zero(), x), x, f_mul(x, f_zero())); /* the product keeps NaN */
}

SIMD f32x relu_slope(f32x x)
{
    return f_pick(f_less(f_zero(), x), f_set(1.0F), f_zero());
}

/* Phi(x), the normal distribution */
SIMD f32x normal_below(f32x x)
{
    return f_fma(f_set(0.5F), f_erf(f_mul(x, f_set(0.7071067812F))), f_set(0.5F));
}

SIMD f32x gelu(f32x x)
{
    return f_mul(x, normal_below(x));
}

SIMD f32x gelu_slope(f32x x)
{
    f32x bell = f_exp(f_mul(f_mul(x, x), f_set(-0.5F)));

    return f_fma(f_mul(x, f_set(0.5F * GELU_A)), bell, normal_below(x));
}

SIMD f32x gelu_inner(f32x x, f32x xx)
{
    return f_tanh(f_mul(f_mul(x, f_set(GELU_A)), f_fma(xx, f_set(GELU_B), f_set(1.0F))));
}

SIMD f32x gelu_tanh(f32x x)
{
    f32x h = f_mul(x, f_set(0.5F));

    return f_fma(h, gelu_inner(x, f_mul(x, x)), h);
}

SIMD f32x gelu_tanh_slope(f32x x)
{
    f32x xx = f_mul(x, x), t = gelu_inner(x, xx), half = f_set(0.5F);
    f32x inner = f_fma(xx, f_set(3.0F * GELU_A * GELU_B), f_set(GELU_A));
    f32x bend = f_mul(f_mul(f_mul(x, half), f_fma(f_neg(t), t, f_set(1.0F))), inner);

    return f_add(f_fma(half, t, half), bend);
}

SIMD f32x gated(f32x x, float by)
{
    return f_mul(x, f_sigmoid(f_mul(x, f_set(by))));
}

SIMD f32x gated_slope(f32x x, float by)
{
    f32x t = f_sigmoid(f_mul(x, f_set(by)));

    return f_fma(f_mul(f_mul(x, f_set(by)), t), f_sub(f_set(1.0F), t), t);
}

SIMD f32x quick_gelu(f32x x)
{
    return gated(x, 1.702F);
}

SIMD f32x quick_gelu_slope(f32x x)
{
    return gated_slope(x, 1.702F);
}

SIMD f32x silu(f32x x)
{
    return gated(x, 1.0F);
}

SIMD f32x silu_slope(f32x x)
{
    return gated_slope(x, 1.0F);
}

SIMD f32x tanh_slope(f32x x)
{
    f32x t = f_tanh(x);

    return f_fma(f_neg(t), t, f_set(1.0F));
}

SIMD f32x sigmoid_slope(f32x x)
{
    f32x t = f_sigmoid(x);

    return f_mul(t, f_sub(f_set(1.0F), t));
}

static void activate_chunk(void *arg, int64_t begin, int64_t end, int thread)
{
    const OpCall *c = arg;
    const ActivateAttr *a = c->attr;
    const float *x = in_f(c, 0);
    float *y = out_f(c, 0);

    (void)thread;
    switch (a->kind) {
    case ACT_RELU:
        map1(x, y, begin, end, relu);
        break;
    case ACT_GELU:
        map1(x, y, begin, end, gelu);
        break;
    case ACT_GELU_TANH:
        map1(x, y, begin, end, gelu_tanh);
        break;
    case ACT_QUICK_GELU:
        map1(x, y, begin, end, quick_gelu);
        break;
    case ACT_TANH:
        map1(x, y, begin, end, f_tanh);
        break;
    case ACT_SIGMOID:
        map1(x, y, begin, end, f_sigmoid);
        break;
    case ACT_SILU:
        map1(x, y, begin, end, silu);
        break;
    }
}

void K(k_activate)(const OpCall *c)
{
    each_element(c, &c->in[0], activate_chunk);
}

/* dx = dy fn(x) */
SIMD void slopes(const OpCall *c, int64_t begin, int64_t end, Map1 fn)
{
    const float *x = in_f(c, 0), *dy = in_f(c, 1);
    float *dx = out_f(c, 0);

    for (int64_t i = begin; i < end; i += LANES)
        f_put(dx + i, f_mul(f_get(dy + i, end - i), fn(f_get(x + i, end - i))), end - i);
}

static void activate_grad_chunk(void *arg, int64_t begin, int64_t end, int thread)
{
    const OpCall *c = arg;
    const ActivateAttr *a = c->attr;

    (void)thread;
    switch (a->kind) {
    case ACT_RELU:
        slopes(c, begin, end, relu_slope);
        break;
    case ACT_GELU:
        slopes(c, begin, end, gelu_slope);
        break;
    case ACT_GELU_TANH:
        slopes(c, begin, end, gelu_tanh_slope);
        break;
    case ACT_QUICK_GELU:
        slopes(c, begin, end, quick_gelu_slope);
        break;
    case ACT_TANH:
        slopes(c, begin, end, tanh_slope);
        break;
    case ACT_SIGMOID:
        slopes(c, begin, end, sigmoid_slope);
        break;
    case ACT_SILU:
        slopes(c, begin, end, silu_slope);
        break;
    }
}

void K(k_activate_grad)(const OpCall *c)
{
    each_element(c, &c->in[0], activate_grad_chunk);
}

/* ---- dropout: sixteen counters make the words of 64 elements ---- */

/* Counter lanes in the order in which f_turn4 puts words: lane 4 l + j holds quad 4 j + l. */
static const uint32_t quads[LANES] = {0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15};

static void drop_row(const float *x, float *y, int64_t n, Philox p, float rate)
{
    uint32_t threshold = drop_threshold(rate);
    float scale = 1.0F / (1.0F - rate);

    p.counter[0] = i_load(quads);
    for (int64_t i = 0; i < n; i += 4 * LANES) {
        i32x word[4];
        f32x by[4];

        philox(&p, word);
        UNROLL for (int j = 0; j < 4; j++) by[j] = keep_scale(word[j], threshold, scale);
        f_turn4(by);
        UNROLL for (int j = 0; j < 4; j++)
        {
            int64_t at = i + j * LANES;

            if (at < n)
                f_put(y + at, f_mul(f_get(x + at, n - at), by[j]), n - at);
        }
        p.counter[0] = i_add(p.counter[0], i_set(LANES));
    }
}

static void dropout_chunk(void *arg, int64_t begin, int64_t end, int thread)
{
    const OpCall *c = arg;
    const DropoutAttr *a = c->attr;
    const Rows *r = c->in_rows[0];
    bool grouped = r && r->groups > 0;
    int64_t n = tensor_stride0(&c->in[0]), g = grouped ? group_of(r, begin) : 0;

    (void)thread;
    for (int64_t i = begin; i < end; i++) {
        while (grouped && r->offset[g + 1] <= i)
            g++;
        uint32_t position = grouped ? (uint32_t)(i - r->offset[g]) : 0;
        Philox p = {.counter = {i_set(0), i_set(position), i_set(sample_of(r, grouped ? g : i)),
                                i_set(c->step)},
                    .key = {c->seed[0], c->seed[1] ^ a->site}};

        drop_row(in_f(c, 0) + i * n, out_f(c, 0) + i * n, n, p, a->p);
    }
}

void K(k_dropout)(const OpCall *c)
{
    OpCall call = *c;

    par_for(c->pool, tensor_dim0(&c->in[0]), row_grain(tensor_stride0(&c->in[0])), dropout_chunk,
            &call);
}
/* SPDX-License-Identifier: MIT */
