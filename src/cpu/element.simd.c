/* element.simd.c - element by element: add, mul, scale, fill, activations, dropout, running averages.
 * Outputs may lie on an input. */
#include "cpu/act.h"
#include "cpu/kernels.h"

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

/* ---- scale, copy, fill ---- */

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

static void copy_chunk(void *arg, int64_t begin, int64_t end, int thread)
{
    const OpCall *c = arg;

    (void)thread;
    for (int64_t i = begin; i < end; i += LANES)
        f_put(out_f(c, 0) + i, f_get(in_f(c, 0) + i, end - i), end - i);
}

void K(k_copy)(const OpCall *c)
{
    if (out_f(c, 0) != in_f(c, 0))
        each_element(c, &c->in[0], copy_chunk);
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

/* ---- activations ---- */

static void activate_chunk(void *arg, int64_t begin, int64_t end, int thread)
{
    const OpCall *c = arg;
    const ActivateAttr *a = c->attr;

    (void)thread;
#define DO(fn, slope) map1(in_f(c, 0), out_f(c, 0), begin, end, fn)
    ACT_SWITCH(a->kind, DO)
#undef DO
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
#define DO(fn, slope) slopes(c, begin, end, slope)
    ACT_SWITCH(a->kind, DO)
#undef DO
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

/* ---- drop_path: one factor for a sample ---- */

SIMD f32x path_factor(const OpCall *c, uint32_t sample)
{
    const DropoutAttr *a = c->attr;
    Philox p = {.counter = {i_set(0), i_set(0), i_set(sample), i_set(c->step)},
                .key = {c->seed[0], c->seed[1] ^ a->site}};
    i32x word[4];

    philox(&p, word);
    return keep_scale(word[0], drop_threshold(a->p), 1.0F / (1.0F - a->p));
}

static void drop_path_chunk(void *arg, int64_t begin, int64_t end, int thread)
{
    const OpCall *c = arg;
    const Rows *r = c->in_rows[0];
    bool grouped = r && r->groups > 0;
    int64_t n = tensor_stride0(&c->in[0]), row = begin / n, g = grouped ? group_of(r, row) : row;

    (void)thread;
    while (begin < end) {
        int64_t last = grouped ? r->offset[g + 1] : g + 1, stop = min_of(last * n, end);
        f32x by = path_factor(c, sample_of(r, g));

        for (int64_t i = begin; i < stop; i += LANES)
            f_put(out_f(c, 0) + i, f_mul(f_get(in_f(c, 0) + i, stop - i), by), stop - i);
        begin = max_of(begin, stop);
        g++;
    }
}

void K(k_drop_path)(const OpCall *c)
{
    each_element(c, &c->in[0], drop_path_chunk);
}

/* ---- running averages ---- */

static void running_chunk(void *arg, int64_t begin, int64_t end, int thread)
{
    const OpCall *c = arg;
    const RunningAttr *a = c->attr;
    f32x keep = f_set(1.0F - a->momentum), take = f_set(a->momentum);
    f32x infinity = f_from_bits(i_set(0x7F800000U));

    (void)thread;
    for (int64_t i = begin; i < end; i += LANES) {
        f32x old = f_get(in_f(c, 0) + i, end - i), value = f_get(in_f(c, 1) + i, end - i);
        f32x y = f_fma(take, value, f_mul(keep, old));

        f_put(out_f(c, 0) + i, f_pick(f_less(f_abs(value), infinity), y, old), end - i);
    }
}

void K(k_running)(const OpCall *c)
{
    each_element(c, &c->in[0], running_chunk);
}
/* SPDX-License-Identifier: MIT */
