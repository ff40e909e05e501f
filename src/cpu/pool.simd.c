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

/* One window at one vector of channels.  x: the picture there */
SIMD void max_window(const Pooling *p, const Window *o, const float *x, int64_t n, float *y,
                     int32_t *index)
{
    f32x best = f_get(x + (o->v.begin * p->w + o->u.begin) * p->n, n);
    i32x place = i_set((uint32_t)((o->v.begin - o->top) * p->a->k[1] + o->u.begin - o->left));

    for (int64_t iy = o->v.begin; iy < o->v.end; iy++)
        for (int64_t ix = o->u.begin; ix < o->u.end; ix++) {
            f32x here = f_get(x + (iy * p->w + ix) * p->n, n);
            m32x more = m_or(f_less(best, here), f_nan(here));
            uint32_t at = (uint32_t)((iy - o->top) * p->a->k[1] + ix - o->left);

            best = f_pick(more, here, best);
            place = f_bits(f_pick(more, f_from_bits(i_set(at)), f_from_bits(place)));
        }
    if (y)
        f_put(y, best, n);
    if (index)
        f_put((float *)(void *)index, f_from_bits(place), n);
}

static void max_rows(void *arg, int64_t begin, int64_t end, int thread)
{
    const Pooling *p = arg;
    float *y = out_f(p->c, 0);
    int32_t *index = p->c->out[1].data;

    (void)thread;
    for (int64_t row = begin; row < end; row++) {
        const float *x = in_f(p->c, 0) + row / p->oh * p->h * p->w * p->n;

        for (int64_t ox = 0; ox < p->ow; ox++) {
            Window o = window_at(p, row % p->oh, ox);
            int64_t at = (row * p->ow + ox) * p->n;

            for (int64_t i = 0; i < p->n; i += LANES)
                max_window(p, &o, x + i, p->n - i, y ? y + at + i : NULL,
                           index ? index + at + i : NULL);
        }
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

/* What one place collects at one vector of channels.  dy, index: the picture's windows there */
SIMD f32x max_back(const Pooling *p, const Covered *o, const float *dy, const int32_t *index,
                   int64_t n)
{
    f32x sum = f_zero();

    for (int64_t oy = o->v.begin; oy < o->v.end; oy++)
        for (int64_t ox = o->u.begin; ox < o->u.end; ox++) {
            int64_t at = (oy * p->ow + ox) * p->n;
            int64_t ky = o->y + p->a->pad[0] - oy * p->a->stride[0];
            int64_t kx = o->x + p->a->pad[1] - ox * p->a->stride[1];
            i32x chosen = f_bits(f_get((const float *)(const void *)(index + at), n));
            m32x mine = i_same(chosen, i_set((uint32_t)(ky * p->a->k[1] + kx)));

            sum = f_add(sum, f_pick(mine, f_get(dy + at, n), f_zero()));
        }
    return sum;
}

static void max_grad_rows(void *arg, int64_t begin, int64_t end, int thread)
{
    const Pooling *p = arg;

    (void)thread;
    for (int64_t row = begin; row < end; row++) {
        int64_t picture = row / p->h * p->oh * p->ow * p->n;
        const float *dy = in_f(p->c, 0) + picture;
        const int32_t *index = (const int32_t *)p->c->in[1].data + picture;
        float *dx = out_f(p->c, 0) + row * p->w * p->n;

        for (int64_t ix = 0; ix < p->w; ix++, dx += p->n) {
            Covered o = covered(p, row % p->h, ix);

            for (int64_t i = 0; i < p->n; i += LANES)
                f_put(dx + i, max_back(p, &o, dy + i, index + i, p->n - i), p->n - i);
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

/* What one place collects at one vector of channels.  dy: the picture's windows there */
SIMD f32x avg_back(const Pooling *p, const Covered *o, const float *dy, int64_t n)
{
    f32x sum = f_zero();

    for (int64_t oy = o->v.begin; oy < o->v.end; oy++)
        for (int64_t ox = o->u.begin; ox < o->u.end; ox++) {
            Window w = window_at(p, oy, ox);
            f32x by = f_set((float)pool_divisor(p->a, w.v, w.u));

            sum = f_add(sum, f_div(f_get(dy + (oy * p->ow + ox) * p->n, n), by));
        }
    return sum;
}

static void avg_grad_rows(void *arg, int64_t begin, int64_t end, int thread)
{
    const Pooling *p = arg;

    (void)thread;
    for (int64_t row = begin; row < end; row++) {
        const float *dy = in_f(p->c, 0) + row / p->h * p->oh * p->ow * p->n;
        float *dx = out_f(p->c, 0) + row * p->w * p->n;

        for (int64_t ix = 0; ix < p->w; ix++, dx += p->n) {
            Covered o = covered(p, row % p->h, ix);

            for (int64_t i = 0; i < p->n; i += LANES)
                f_put(dx + i, avg_back(p, &o, dy + i, p->n - i), p->n - i);
        }
    }
}

void K(k_avgpool2d_grad)(const OpCall *c)
{
    const PoolGradAttr *a = c->attr;
    Pooling p = pooling(c, &a->pool, &c->out[0], &c->in[0]);

    each_input_row(&p, avg_grad_rows);
}
/* SPDX-License-Identifier: MIT */
