/* adaptive_avgpool.c - averages of h x w windows that cover a picture of any size: window o of a side of n is
 * floor(o n / h) .. ceil((o + 1) n / h) - 1, as PyTorch's AdaptiveAvgPool2d has it; windows may overlap.
 * x: [B, C, H, W] -> [B, C, h, w].  dx = sum of dy / (its window's size) over the windows that cover it. */
#include "ops/pictures.h"
#include "ops/pool.h"

#include <string.h>

static bool adaptive_avgpool_shape(ShapeCall *c)
{
    const PictureAttr *a = c->attr;

    if (!want_pictures(c, 0, "adaptive_avgpool's x"))
        return false;
    if (a->h < 1 || a->w < 1)
        return shape_fail(c, "adaptive_avgpool to %lld x %lld", (long long)a->h, (long long)a->w);
    c->out[0] = c->in[0];
    c->out[0].shape.dim[2] = a->h;
    c->out[0].shape.dim[3] = a->w;
    return true;
}

static void adaptive_avgpool_grad(const GradCall *c, Node *dx)
{
    dx[0] = op_adaptive_avgpool_grad(c->dy[0], node_dim(c->x[0], 2), node_dim(c->x[0], 3));
}

/* Each pair of a place of `wide` and a window of `pooled` that covers it. */
static void each_pair(const Tensor *wide, real *x, const Tensor *pooled, real *y, bool back)
{
    const int64_t *d = wide->shape.dim, *o = pooled->shape.dim, n = d[1];

    for (int64_t i = 0; i < d[0] * o[2] * o[3]; i++) {
        PoolSpan v = adaptive_window(d[2], o[2], i / o[3] % o[2]);
        PoolSpan u = adaptive_window(d[3], o[3], i % o[3]);
        real size = (real)((v.end - v.begin) * (u.end - u.begin));

        for (int64_t r = v.begin; r < v.end; r++)
            for (int64_t s = u.begin; s < u.end; s++)
                for (int64_t k = 0; k < n; k++) {
                    int64_t at = ((i / (o[2] * o[3]) * d[2] + r) * d[3] + s) * n + k;

                    if (back)
                        x[at] += y[i * n + k] / size;
                    else
                        y[i * n + k] += x[at] / size;
                }
    }
}

static void adaptive_avgpool_ref(const OpCall *c)
{
    memset(c->out[0].data, 0, (size_t)tensor_count(&c->out[0]) * sizeof(real));
    each_pair(&c->in[0], c->in[0].data, &c->out[0], c->out[0].data, false);
}

static bool adaptive_avgpool_grad_shape(ShapeCall *c)
{
    const PictureAttr *a = c->attr;

    if (!want_pictures(c, 0, "adaptive_avgpool_grad's dy"))
        return false;
    c->out[0] = c->in[0];
    c->out[0].shape.dim[2] = a->h;
    c->out[0].shape.dim[3] = a->w;
    return true;
}

static void adaptive_avgpool_grad_ref(const OpCall *c)
{
    memset(c->out[0].data, 0, (size_t)tensor_count(&c->out[0]) * sizeof(real));
    each_pair(&c->out[0], c->out[0].data, &c->in[0], c->in[0].data, true);
}

static const PictureAttr three = {3, 3}, seven = {7, 5}, same = {2, 4};
static const PictureAttr of_five = {5, 7}, of_two = {2, 3}, of_same = {2, 4};
static const OpCase cases[] = {
    {.in = {DIMS(-CASE_B, 7, 5, 7)}, .attr = &three},
    {.in = {DIMS(2, 33, 2, 3)}, .attr = &seven},
    {.in = {DIMS(1, 16, 2, 4)}, .attr = &same},
};
static const OpCase grad_cases[] = {
    {.in = {DIMS(-CASE_B, 7, 3, 3)}, .attr = &of_five},
    {.in = {DIMS(2, 33, 7, 5)}, .attr = &of_two},
    {.in = {DIMS(1, 16, 2, 4)}, .attr = &of_same},
};

const OpDef opdef_adaptive_avgpool = {
    .name = "adaptive_avgpool",
    .inputs = 1,
    .outputs = 1,
    .attr_size = sizeof(PictureAttr),
    .shape = adaptive_avgpool_shape,
    .grad = adaptive_avgpool_grad,
    .ref = adaptive_avgpool_ref,
    CASES(cases),
};

const OpDef opdef_adaptive_avgpool_grad = {
    .name = "adaptive_avgpool_grad",
    .inputs = 1,
    .outputs = 1,
    .attr_size = sizeof(PictureAttr),
    .shape = adaptive_avgpool_grad_shape,
    .ref = adaptive_avgpool_grad_ref,
    CASES(grad_cases),
};

Node op_adaptive_avgpool(Node x, int64_t h, int64_t w)
{
    return op_call(&opdef_adaptive_avgpool, (Node[]){x}, &(PictureAttr){h, w});
}

Node op_adaptive_avgpool_grad(Node dy, int64_t h, int64_t w)
{
    return op_call(&opdef_adaptive_avgpool_grad, (Node[]){dy}, &(PictureAttr){h, w});
}

/* SPDX-License-Identifier: MIT */
