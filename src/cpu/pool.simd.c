/* pool.simd.c - pooling.  A piece of work is a row of outputs, in the gradients a row of inputs, which collects from
 * the windows that cover it, row by row: nothing is scattered, and a picture's bits do not depend on the others. */
#include "ops/pool.h"
#include "cpu/pictures.h"

typedef struct Pooling {
    const Pool2dAttr *a;
    int64_t h, w, oh, ow, n; /* of the picture, of the windows; channels */
    const OpCall *c;
} Pooling;

static Pooling pooling(const OpCall *c, const Pool2dAttr *a, const Tensor *in, const Tensor *out)
{
    return (Pooling){a,
                     in->shape.dim[2],
                     in->shape.dim[3],
                     out->shape.dim[2],
                     out->shape.dim[3],
                     channels_of(in),
                     c};
}

/* ---- maximum ---- */

typedef struct Window { /* what it covers, and where it would begin without padding */
    PoolSpan v, u;
    int64_t top, left;
} Window;

static Window window_at(const Pooling *p, int64_t oy, int64_t ox)
{
    return (Window){pool_window(p->a, 0, p->h, oy), pool_window(p->a, 1, p->w, ox),
                    oy * p->a->stride[0] - p->a->pad[0], ox * p->a->stride[1] - p->a->pad[1]};
}

/* One window at one vector of channels.  x: the picture there; which: the place is wanted */
SIMD void max_window(const Pooling *p, const Window *o, const float *x, int64_t n, float *y,
                     int32_t *index, const bool which)
{
    f32x best = f_get(x + (o->v.begin * p->w + o->u.begin) * p->n, n);
    i32x place = i_set((uint32_t)((o->v.begin - o->top) * p->a->k[1] + o->u.begin - o->left));

    for (int64_t iy = o->v.begin; iy < o->v.end; iy++)
        for (int64_t ix = o->u.begin; ix < o->u.end; ix++) {
            f32x here = f_get(x + (iy * p->w + ix) * p->n, n);
            m32x more = m_or(f_less(best, here), f_nan(here));
            uint32_t at = (uint32_t)((iy - o->top) * p->a->k[1] + ix - o->left);

            best = f_pick(more, here, best);
            if (which)
                place = f_bits(f_pick(more, f_from_bits(i_set(at)), f_from_bits(place)));
        }
    if (y)
        f_put(y, best, n);
    if (which)
        f_put((float *)(void *)index, f_from_bits(place), n);
}

SIMD void max_row(const Pooling *p, int64_t row, const bool which)
{
    const float *x = in_f(p->c, 0) + row / p->oh * p->h * p->w * p->n;
    float *y = out_f(p->c, 0);
    int32_t *index = p->c->out[1].data;

    for (int64_t ox = 0; ox < p->ow; ox++) {
        Window o = window_at(p, row % p->oh, ox);
        int64_t at = (row * p->ow + ox) * p->n;

        for (int64_t i = 0; i < p->n; i += LANES)
            max_window(p, &o, x + i, p->n - i, y ? y + at + i : NULL, which ? index + at + i : NULL,
                       which);
    }
}

static void max_rows(void *arg, int64_t begin, int64_t end, int thread)
{
    const Pooling *p = arg;

    (void)thread;
    for (int64_t row = begin; row < end; row++) {
        if (p->c->out[1].data)
            max_row(p, row, true);
        else
            max_row(p, row, false);
    }
}

static void each_output_row(const Pooling *p, ParFn fn)
{
    Pooling copy = *p;
    int64_t rows = tensor_dim0(&p->c->in[0]) * p->oh;

    par_for(p->c->pool, rows, row_grain(p->ow * p->n), fn, &copy);
}

void K(k_maxpool2d)(const OpCall *c)
{
    Pooling p = pooling(c, c->attr, &c->in[0], &c->out[0]);

    each_output_row(&p, max_rows);
}

typedef struct Covered { /* a place of the picture and the windows that cover it */
    int64_t y, x;
    PoolSpan v, u;
} Covered;

static Covered covered(const Pooling *p, int64_t y, int64_t x)
{
    return (Covered){y, x, pool_covering(p->a, 0, p->oh, y), pool_covering(p->a, 1, p->ow, x)};
}

/* The place's number in window oy, ox. */
SIMD uint32_t place_in(const Pooling *p, const Covered *o, int64_t oy, int64_t ox)
{
    int64_t ky = o->y + p->a->pad[0] - oy * p->a->stride[0];
    int64_t kx = o->x + p->a->pad[1] - ox * p->a->stride[1];

    return (uint32_t)(ky * p->a->k[1] + kx);
}

static void clear(float *x, int64_t n)
{
    memset(x, 0, (size_t)n * sizeof *x);
}

/* What a place collects from the windows in turn.  dy, index: of the picture */
SIMD void max_back(const Pooling *p, const Covered *o, const float *dy, const int32_t *index,
                   float *dx)
{
    clear(dx, p->n);
    for (int64_t oy = o->v.begin; oy < o->v.end; oy++)
        for (int64_t ox = o->u.begin; ox < o->u.end; ox++) {
            int64_t at = (oy * p->ow + ox) * p->n;
            i32x here = i_set(place_in(p, o, oy, ox));

            for (int64_t i = 0; i < p->n; i += LANES) {
                const void *which = index + at + i;
                i32x chosen = f_bits(f_get(which, p->n - i));
                f32x d = f_pick(i_same(chosen, here), f_get(dy + at + i, p->n - i), f_zero());

                f_put(dx + i, f_add(f_get(dx + i, p->n - i), d), p->n - i);
            }
        }
}

static void max_grad_rows(void *arg, int64_t begin, int64_t end, int thread)
{
    const Pooling *p = arg;

    (void)thread;
    for (int64_t row = begin; row < end; row++) {
        int64_t picture = row / p->h * p->oh * p->ow * p->n;
        const int32_t *index = (const int32_t *)p->c->in[1].data + picture;

        for (int64_t ix = 0; ix < p->w; ix++) {
            Covered o = covered(p, row % p->h, ix);

            max_back(p, &o, in_f(p->c, 0) + picture, index,
                     out_f(p->c, 0) + (row * p->w + ix) * p->n);
        }
    }
}

static void each_input_row(const Pooling *p, ParFn fn)
{
    Pooling copy = *p;
    int64_t rows = tensor_dim0(&p->c->in[0]) * p->h;

    par_for(p->c->pool, rows, row_grain(p->w * p->n), fn, &copy);
}

void K(k_maxpool2d_grad)(const OpCall *c)
{
    const PoolGradAttr *a = c->attr;
    Pooling p = pooling(c, &a->pool, &c->out[0], &c->in[0]);

    each_input_row(&p, max_grad_rows);
}

/* ---- average ---- */

/* One window at one vector of channels.  x: the picture there */
SIMD f32x avg_window(const Pooling *p, const Window *o, const float *x, int64_t n)
{
    f32x sum = f_zero();

    for (int64_t iy = o->v.begin; iy < o->v.end; iy++)
        for (int64_t ix = o->u.begin; ix < o->u.end; ix++)
            sum = f_add(sum, f_get(x + (iy * p->w + ix) * p->n, n));
    return f_div(sum, f_set((float)pool_divisor(p->a, o->v, o->u)));
}

static void avg_rows(void *arg, int64_t begin, int64_t end, int thread)
{
    const Pooling *p = arg;

    (void)thread;
    for (int64_t row = begin; row < end; row++) {
        const float *x = in_f(p->c, 0) + row / p->oh * p->h * p->w * p->n;
        float *y = out_f(p->c, 0) + row * p->ow * p->n;

        for (int64_t ox = 0; ox < p->ow; ox++, y += p->n) {
            Window o = window_at(p, row % p->oh, ox);

            for (int64_t i = 0; i < p->n; i += LANES)
                f_put(y + i, avg_window(p, &o, x + i, p->n - i), p->n - i);
        }
    }
}

void K(k_avgpool2d)(const OpCall *c)
{
    Pooling p = pooling(c, c->attr, &c->in[0], &c->out[0]);

    each_output_row(&p, avg_rows);
}

/* What a place collects from the windows in turn.  dy: of the picture */
SIMD void avg_back(const Pooling *p, const Covered *o, const float *dy, float *dx)
{
    clear(dx, p->n);
    for (int64_t oy = o->v.begin; oy < o->v.end; oy++)
        for (int64_t ox = o->u.begin; ox < o->u.end; ox++) {
            Window w = window_at(p, oy, ox);
            f32x share = f_set(1.0F / (float)pool_divisor(p->a, w.v, w.u));
            const float *d = dy + (oy * p->ow + ox) * p->n;

            for (int64_t i = 0; i < p->n; i += LANES)
                f_put(dx + i, f_fma(f_get(d + i, p->n - i), share, f_get(dx + i, p->n - i)),
                      p->n - i);
        }
}

static void avg_grad_rows(void *arg, int64_t begin, int64_t end, int thread)
{
    const Pooling *p = arg;

    (void)thread;
    for (int64_t row = begin; row < end; row++)
        for (int64_t ix = 0; ix < p->w; ix++) {
            Covered o = covered(p, row % p->h, ix);

            avg_back(p, &o, in_f(p->c, 0) + row / p->h * p->oh * p->ow * p->n,
                     out_f(p->c, 0) + (row * p->w + ix) * p->n);
        }
}

void K(k_avgpool2d_grad)(const OpCall *c)
{
    const PoolGradAttr *a = c->attr;
    Pooling p = pooling(c, &a->pool, &c->out[0], &c->in[0]);

    each_input_row(&p, avg_grad_rows);
}
/* SPDX-License-Identifier: MIT */
