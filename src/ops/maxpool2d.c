/* maxpool2d.c - the largest of each window, and which one it was.  x: [B, C, H, W] -> y, index i32 [B, C, H', W']
 * The gradient goes to the first maximum, row by row within the window. */
#include "ops/pictures.h"
#include "ops/pool.h"

#include <math.h>

static bool maxpool2d_shape(ShapeCall *c)
{
    Shape out;

    if (!pool_shape(c, "maxpool2d", c->attr, &out))
        return false;
    set_out(c, 0, DT_F32, out, c->in[0].space);
    set_out(c, 1, DT_I32, out, c->in[0].space);
    return true;
}

static void maxpool2d_grad(const GradCall *c, Node *dx)
{
    const Pool2dAttr *a = c->attr;

    if (only_first(c, &opdef_maxpool2d))
        dx[0] = op_maxpool2d_grad(c->dy[0], node_out(c->y[0], 1),
                                  (PoolGradAttr){*a, node_dim(c->x[0], 2), node_dim(c->x[0], 3)});
}

typedef struct Walk { /* over all windows of all pictures */
    const Pool2dAttr *a;
    int64_t h, w, oh, ow, channels, pictures;
} Walk;

/* One window, one channel: x and the outputs at its channel. */
static void largest(const Walk *k, const real *x, int64_t oy, int64_t ox, real *y, int32_t *index)
{
    PoolSpan v = pool_window(k->a, 0, k->h, oy), u = pool_window(k->a, 1, k->w, ox);
    int64_t top = oy * k->a->stride[0] - k->a->pad[0], left = ox * k->a->stride[1] - k->a->pad[1];
    bool first = true;

    for (int64_t iy = v.begin; iy < v.end; iy++)
        for (int64_t ix = u.begin; ix < u.end; ix++) {
            real here = x[(iy * k->w + ix) * k->channels];

            if (!first && !(here > *y) && !isnan(here))
                continue;
            first = false;
            *y = here;
            *index = (int32_t)((iy - top) * k->a->k[1] + ix - left);
        }
}

static void maxpool2d_ref(const OpCall *c)
{
    const int64_t *in = c->in[0].shape.dim, *out = c->out[0].shape.dim;
    Walk k = {c->attr, in[2], in[3], out[2], out[3], in[1], in[0]};
    const real *x = c->in[0].data;
    real *y = c->out[0].data;
    int32_t *index = c->out[1].data;

    for (int64_t b = 0; b < k.pictures; b++, x += k.h * k.w * k.channels)
        for (int64_t i = 0; i < k.oh * k.ow * k.channels; i++) {
            int64_t o = i / k.channels, at = b * k.oh * k.ow * k.channels + i;
            int32_t place = 0;
            real top = 0;

            largest(&k, x + i % k.channels, o / k.ow, o % k.ow, &top, &place);
            if (y)
                y[at] = top;
            if (index)
                index[at] = place;
        }
}

static bool maxpool2d_grad_shape(ShapeCall *c)
{
    return pool_grad_shape(c, "maxpool2d_grad") &&
           want(c, 1, "maxpool2d_grad's index", DT_I32, 4) &&
           want_shape(c, 1, "maxpool2d_grad's index", c->in[0].shape, c->in[0].space);
}

/* An index that lies in the padding belongs to nothing. */
static void maxpool2d_grad_ref(const OpCall *c)
{
    const PoolGradAttr *a = c->attr;
    const int64_t *d = c->in[0].shape.dim;
    int64_t n = d[1], count = tensor_count(&c->in[0]);
    const real *dy = c->in[0].data;
    const int32_t *index = c->in[1].data;
    real *dx = c->out[0].data;

    for (int64_t i = 0; i < tensor_count(&c->out[0]); i++)
        dx[i] = 0;
    for (int64_t i = 0; i < count; i++) {
        int64_t at = i / n, ox = at % d[3], oy = at / d[3] % d[2], b = at / d[3] / d[2];
        int64_t iy = oy * a->pool.stride[0] - a->pool.pad[0] + index[i] / a->pool.k[1];
        int64_t ix = ox * a->pool.stride[1] - a->pool.pad[1] + index[i] % a->pool.k[1];

        if (iy >= 0 && iy < a->h && ix >= 0 && ix < a->w)
            dx[((b * a->h + iy) * a->w + ix) * n + i % n] += dy[i];
    }
}

static double maxpool2d_flops(const OpCall *c)
{
    const Pool2dAttr *a = c->attr;

    return (double)a->k[0] * a->k[1] * (double)tensor_count(&c->out[0]);
}

static const Pool2dAttr stem = {.k = {3, 3}, .stride = {2, 2}, .pad = {1, 1, 1, 1}},
                        plain = {.k = {2, 2}, .stride = {2, 2}},
                        uneven = {.k = {3, 2}, .stride = {1, 3}, .pad = {0, 1, 2, 0}, .ceil = true};
static const OpCase cases[] = {
    {.in = {DIMS(-CASE_B, 7, 5, 6)}, .attr = &stem},
    {.in = {DIMS(2, 33, 4, 5)}, .attr = &plain},
    {.in = {DIMS(-CASE_B, 16, 4, 6)}, .attr = &uneven},
    {.in = {DIMS(1, 24, 3, 3)}, .attr = &stem},
};
static const PoolGradAttr stem_grad = {{.k = {3, 3}, .stride = {2, 2}, .pad = {1, 1, 1, 1}}, 5, 6},
                          plain_grad = {{.k = {2, 2}, .stride = {2, 2}}, 4, 5},
                          uneven_grad = {
                              {.k = {3, 2}, .stride = {1, 3}, .pad = {0, 1, 2, 0}, .ceil = true},
                              4,
                              6};
static const OpCase grad_cases[] = {
    {.in = {DIMS(-CASE_B, 7, 3, 3), DIMS(-CASE_B, 7, 3, 3)},
     .attr = &stem_grad,
     .fill = {0, CASE_INDEX},
     .below = 9},
    {.in = {DIMS(2, 33, 2, 2), DIMS(2, 33, 2, 2)},
     .attr = &plain_grad,
     .fill = {0, CASE_INDEX},
     .below = 4},
    {.in = {DIMS(-CASE_B, 16, 4, 3), DIMS(-CASE_B, 16, 4, 3)},
     .attr = &uneven_grad,
     .fill = {0, CASE_INDEX},
     .below = 6},
};

const OpDef opdef_maxpool2d = {
    .name = "maxpool2d",
    .inputs = 1,
    .outputs = 2,
    .attr_size = sizeof(Pool2dAttr),
    .shape = maxpool2d_shape,
    .grad = maxpool2d_grad,
    .ref = maxpool2d_ref,
    .flops = maxpool2d_flops,
    CASES(cases),
};

const OpDef opdef_maxpool2d_grad = {
    .name = "maxpool2d_grad",
    .inputs = 2,
    .outputs = 1,
    .attr_size = sizeof(PoolGradAttr),
    .shape = maxpool2d_grad_shape,
    .ref = maxpool2d_grad_ref,
    CASES(grad_cases),
};

Node op_maxpool2d(Node x, Pool2dAttr attr)
{
    return op_call(&opdef_maxpool2d, (Node[]){x}, &attr);
}

Node op_maxpool2d_grad(Node dy, Node index, PoolGradAttr attr)
{
    return op_call(&opdef_maxpool2d_grad, (Node[]){dy, index}, &attr);
}

/* SPDX-License-Identifier: MIT */
