/* conv.simd.c - convolutions of channels-last pictures, plainly: every sum in the order of the contract, vectors
 * over output channels (input channels for dx) of weights turned once into scratch. */
#include "cpu/kernels.h"

typedef struct Conv {
    const Conv2dAttr *a;
    const Shape *x, *y, *w;
    const float *px, *py, *pw, *bias; /* two of three are read; pw is turned */
    float *out, *turned;
    int64_t c, o, taps; /* channels of a group; kh kw */
} Conv;

static Conv conv_of(const OpCall *c, const Conv2dAttr *a, const Shape *x, const Shape *y,
                    const Shape *w)
{
    Conv v = {.a = a, .x = x, .y = y, .w = w, .out = out_f(c, 0), .turned = c->scratch};

    v.c = w->dim[1], v.o = w->dim[0] / a->groups, v.taps = w->dim[2] * w->dim[3];
    return v;
}

/* The position of picture `s` number i down and j across, NULL outside. */
SIMD const float *at_(const float *p, const Shape *s, int64_t b, int64_t i, int64_t j)
{
    bool in = i >= 0 && j >= 0 && i < s->dim[2] && j < s->dim[3];

    return in ? p + ((b * s->dim[2] + i) * s->dim[3] + j) * s->dim[1] : NULL;
}

typedef struct Chain { /* blocks of K_BLOCK terms, added in order */
    f32x total, sum;
    int64_t n;
} Chain;

SIMD void chain_add(Chain *s, float a, f32x b)
{
    if (s->n > 0 && s->n % K_BLOCK == 0) {
        s->total = s->n == K_BLOCK ? s->sum : f_add(s->total, s->sum);
        s->sum = f_zero();
    }
    s->sum = f_fma(f_set(a), b, s->sum);
    s->n++;
}

SIMD f32x chain_end(const Chain *s)
{
    return s->n > K_BLOCK ? f_add(s->total, s->sum) : s->sum;
}

#define CHAIN ((Chain){f_zero(), f_zero(), 0})

/* ---- y ---- */

/* [O, C, taps] -> [group][tap][c][o] or, for dx, [group][tap][o][c] */
static void turn(void *arg, int64_t begin, int64_t end, int thread)
{
    const Conv *v = arg;
    bool forward = v->px != NULL;

    (void)thread;
    for (int64_t o = begin; o < end; o++)
        for (int64_t c = 0; c < v->c; c++)
            for (int64_t t = 0; t < v->taps; t++) {
                int64_t tap = o / v->o * v->taps + t, i = o % v->o;

                v->turned[forward ? (tap * v->c + c) * v->o + i : (tap * v->o + i) * v->c + c] =
                    v->pw[(o * v->c + c) * v->taps + t];
            }
}

static void put_y(const Conv *v, const int64_t at[4], int64_t o)
{
    const float *w = v->turned + at[1] * v->taps * v->c * v->o + o;
    Chain s = CHAIN;

    for (int64_t t = 0; t < v->taps; t++) {
        int64_t ky = t / v->w->dim[3], kx = t % v->w->dim[3];
        const float *x =
            at_(v->px, v->x, at[0], at[2] * v->a->stride[0] + ky * v->a->dilation[0] - v->a->pad[0],
                at[3] * v->a->stride[1] + kx * v->a->dilation[1] - v->a->pad[1]);

        for (int64_t c = 0; c < v->c; c++, w += v->o)
            chain_add(&s, x ? x[at[1] * v->c + c] : 0.0F, f_get(w, v->o - o));
    }
    f32x y = chain_end(&s);
    o += at[1] * v->o;
    int64_t left = (at[1] + 1) * v->o - o;
    if (v->bias)
        y = f_add(y, f_get(v->bias + o, left));
    f_put(v->out + ((at[0] * v->y->dim[2] + at[2]) * v->y->dim[3] + at[3]) * v->y->dim[1] + o, y,
          left);
}

/* begin .. end: positions of y */
static void y_chunk(void *arg, int64_t begin, int64_t end, int thread)
{
    const Conv *v = arg;
    int64_t at[4];

    (void)thread;
    for (int64_t p = begin; p < end; p++) {
        at[3] = p % v->y->dim[3], at[2] = p / v->y->dim[3] % v->y->dim[2];
        at[0] = p / v->y->dim[3] / v->y->dim[2];
        for (at[1] = 0; at[1] < v->a->groups; at[1]++)
            for (int64_t o = 0; o < v->o; o += LANES)
                put_y(v, at, o);
    }
}

void K(k_conv2d)(const OpCall *c)
{
    const Shape *y = &c->out[0].shape;
    Conv v = conv_of(c, c->attr, &c->in[0].shape, y, &c->in[1].shape);

    v.px = in_f(c, 0), v.pw = in_f(c, 1), v.bias = c->ins > 2 ? in_f(c, 2) : NULL;
    par_for(c->pool, v.w->dim[0], 1, turn, &v);
    par_for(c->pool, y->dim[0] * y->dim[2] * y->dim[3], 16, y_chunk, &v);
}

/* ---- dx: the taps whose step is a multiple of the stride ---- */

static void put_dx(const Conv *v, const int64_t at[4], int64_t c)
{
    const float *w = v->turned + at[1] * v->taps * v->c * v->o + c;
    Chain s = CHAIN;

    for (int64_t t = 0; t < v->taps; t++) {
        int64_t i = at[2] + v->a->pad[0] - t / v->w->dim[3] * v->a->dilation[0];
        int64_t j = at[3] + v->a->pad[1] - t % v->w->dim[3] * v->a->dilation[1];

        if (i % v->a->stride[0] != 0 || j % v->a->stride[1] != 0)
            continue;
        const float *y = at_(v->py, v->y, at[0], i / v->a->stride[0], j / v->a->stride[1]);
        for (int64_t o = 0; o < v->o; o++)
            chain_add(&s, y ? y[at[1] * v->o + o] : 0.0F,
                      f_get(w + (t * v->o + o) * v->c, v->c - c));
    }
    int64_t left = v->c - c;
    c += at[1] * v->c;
    f_put(v->out + ((at[0] * v->x->dim[2] + at[2]) * v->x->dim[3] + at[3]) * v->x->dim[1] + c,
          chain_end(&s), left);
}

static void dx_chunk(void *arg, int64_t begin, int64_t end, int thread)
{
    const Conv *v = arg;
    int64_t at[4];

    (void)thread;
    for (int64_t p = begin; p < end; p++) {
        at[3] = p % v->x->dim[3], at[2] = p / v->x->dim[3] % v->x->dim[2];
        at[0] = p / v->x->dim[3] / v->x->dim[2];
        for (at[1] = 0; at[1] < v->a->groups; at[1]++)
            for (int64_t c = 0; c < v->c; c += LANES)
                put_dx(v, at, c);
    }
}

void K(k_conv2d_grad_x)(const OpCall *c)
{
    const Conv2dGradXAttr *a = c->attr;
    const Shape *x = &c->out[0].shape;
    Conv v = conv_of(c, &a->conv, x, &c->in[0].shape, &c->in[1].shape);

    v.py = in_f(c, 0), v.pw = in_f(c, 1);
    par_for(c->pool, v.w->dim[0], 1, turn, &v);
    par_for(c->pool, x->dim[0] * x->dim[2] * x->dim[3], 16, dx_chunk, &v);
}

/* ---- dw ---- */

static void put_dw(const Conv *v, int64_t group, int64_t t, int64_t c, int64_t o)
{
    float lanes[LANES];
    Chain s = CHAIN;

    for (int64_t b = 0; b < v->y->dim[0]; b++)
        for (int64_t i = 0; i < v->y->dim[2]; i++)
            for (int64_t j = 0; j < v->y->dim[3]; j++) {
                const float *y = at_(v->py, v->y, b, i, j);
                const float *x =
                    at_(v->px, v->x, b,
                        i * v->a->stride[0] + t / v->w->dim[3] * v->a->dilation[0] - v->a->pad[0],
                        j * v->a->stride[1] + t % v->w->dim[3] * v->a->dilation[1] - v->a->pad[1]);

                chain_add(&s, x ? x[group * v->c + c] : 0.0F,
                          f_get(y + group * v->o + o, v->o - o));
            }
    f_store(lanes, chain_end(&s));
    for (int64_t i = 0; i < LANES && o + i < v->o; i++)
        v->out[((group * v->o + o + i) * v->c + c) * v->taps + t] = lanes[i];
}

/* begin .. end: (group, tap, c) */
static void dw_chunk(void *arg, int64_t begin, int64_t end, int thread)
{
    const Conv *v = arg;

    (void)thread;
    for (int64_t i = begin; i < end; i++)
        for (int64_t o = 0; o < v->o; o += LANES)
            put_dw(v, i / v->c / v->taps, i / v->c % v->taps, i % v->c, o);
}

void K(k_conv2d_grad_w)(const OpCall *c)
{
    const Conv2dGradWAttr *a = c->attr;
    Conv v = conv_of(c, &a->conv, &c->in[1].shape, &c->in[0].shape, &c->out[0].shape);

    v.py = in_f(c, 0), v.px = in_f(c, 1);
    par_for(c->pool, a->conv.groups * v.taps * v.c, 1, dw_chunk, &v);
}
/* SPDX-License-Identifier: MIT */
