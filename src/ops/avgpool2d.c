/* avgpool2d.c - the average of each window, padding left out or counted as zeros.
 * x: [B, C, H, W] -> [B, C, H', W'].  dx = sum of dy / divisor over the windows that cover it. */
#include "ops/pictures.h"
#include "ops/pool.h"

static bool avgpool2d_shape(ShapeCall *c)
{
    Shape out;

    if (!pool_shape(c, "avgpool2d", c->attr, &out))
        return false;
    set_out(c, 0, DT_F32, out, c->in[0].space);
    return true;
}

static void avgpool2d_grad(const GradCall *c, Node *dx)
{
    PoolGradAttr a = {*(const Pool2dAttr *)c->attr, node_dim(c->x[0], 2), node_dim(c->x[0], 3)};

    dx[0] = op_avgpool2d_grad(c->dy[0], a);
}

/* Calls visit for each pair of an output and an input that it covers: element numbers of one channel. */
typedef struct Pairs {
    const Pool2dAttr *a;
    int64_t h, w, oh, ow, n, pictures;
    const real *from;
    real *to;
    bool back; /* from outputs to inputs */
} Pairs;

static void window_pairs(const Pairs *p, int64_t picture, int64_t oy, int64_t ox)
{
    PoolSpan v = pool_window(p->a, 0, p->h, oy), u = pool_window(p->a, 1, p->w, ox);
    real divisor = (real)pool_divisor(p->a, v, u);
    int64_t out = ((picture * p->oh + oy) * p->ow + ox) * p->n;

    for (int64_t iy = v.begin; iy < v.end; iy++)
        for (int64_t ix = u.begin; ix < u.end; ix++)
            for (int64_t i = 0; i < p->n; i++) {
                int64_t in = ((picture * p->h + iy) * p->w + ix) * p->n + i;

                if (p->back)
                    p->to[in] += p->from[out + i] / divisor;
                else
                    p->to[out + i] += p->from[in] / divisor;
            }
}

static void all_pairs(const Pairs *p, const Tensor *to)
{
    for (int64_t i = 0; i < tensor_count(to); i++)
        p->to[i] = 0;
    for (int64_t b = 0; b < p->pictures; b++)
        for (int64_t o = 0; o < p->oh * p->ow; o++)
            window_pairs(p, b, o / p->ow, o % p->ow);
}

static void avgpool2d_ref(const OpCall *c)
{
    const int64_t *in = c->in[0].shape.dim, *out = c->out[0].shape.dim;
    Pairs p = {c->attr, in[2], in[3],         out[2],         out[3],
               in[1],   in[0], c->in[0].data, c->out[0].data, false};

    all_pairs(&p, &c->out[0]);
}

static bool avgpool2d_grad_shape(ShapeCall *c)
{
    return pool_grad_shape(c, "avgpool2d_grad");
}

static void avgpool2d_grad_ref(const OpCall *c)
{
    const PoolGradAttr *a = c->attr;
    const int64_t *d = c->in[0].shape.dim;
    Pairs p = {&a->pool, a->h, a->w, d[2], d[3], d[1], d[0], c->in[0].data, c->out[0].data, true};

    all_pairs(&p, &c->out[0]);
}

static double avgpool2d_flops(const OpCall *c)
{
    const Pool2dAttr *a = c->attr;

    return (double)a->k[0] * a->k[1] * (double)tensor_count(&c->out[0]);
}

#define HALF                                                                                       \
    {                                                                                              \
        .k = {2, 2}, .stride = { 2, 2 }                                                            \
    }
#define INSIDE                                                                                     \
    {                                                                                              \
        .k = {3, 3}, .stride = {2, 2}, .pad = {1, 1, 1, 1}, .ceil = true                           \
    }
#define COUNTED                                                                                    \
    {                                                                                              \
        .k = {3, 2}, .stride = {2, 1}, .pad = {1, 0, 2, 1}, .ceil = true, .count_pad = true        \
    }
static const Pool2dAttr half = HALF, inside = INSIDE, counted = COUNTED;
static const PoolGradAttr half_grad = {HALF, 4, 5}, inside_grad = {INSIDE, 6, 4},
                          counted_grad = {COUNTED, 4, 3};
static const OpCase cases[] = {
    {.in = {DIMS(2, 33, 4, 5)}, .attr = &half},
    {.in = {DIMS(-CASE_B, 7, 6, 4)}, .attr = &inside},
    {.in = {DIMS(-CASE_B, 16, 4, 3)}, .attr = &counted},
};
static const OpCase grad_cases[] = {
    {.in = {DIMS(2, 33, 2, 2)}, .attr = &half_grad},
    {.in = {DIMS(-CASE_B, 7, 4, 3)}, .attr = &inside_grad},
    {.in = {DIMS(-CASE_B, 16, 3, 3)}, .attr = &counted_grad},
};

const OpDef opdef_avgpool2d = {
    .name = "avgpool2d",
    .inputs = 1,
    .outputs = 1,
    .attr_size = sizeof(Pool2dAttr),
    .shape = avgpool2d_shape,
    .grad = avgpool2d_grad,
    .ref = avgpool2d_ref,
    .flops = avgpool2d_flops,
    CASES(cases),
};

const OpDef opdef_avgpool2d_grad = {
    .name = "avgpool2d_grad",
    .inputs = 1,
    .outputs = 1,
    .attr_size = sizeof(PoolGradAttr),
    .shape = avgpool2d_grad_shape,
    .ref = avgpool2d_grad_ref,
    CASES(grad_cases),
};

Node op_avgpool2d(Node x, Pool2dAttr attr)
{
    return op_call(&opdef_avgpool2d, (Node[]){x}, &attr);
}

Node op_avgpool2d_grad(Node dy, PoolGradAttr attr)
{
    return op_call(&opdef_avgpool2d_grad, (Node[]){dy}, &attr);
}

/* SPDX-License-Identifier: MIT */
