/* avgpool_all.c - the mean over all positions of a picture.  x: [B, C, H, W] -> [B, C].  dx = dy / (H W) */
#include "ops/pictures.h"

static bool avgpool_all_shape(ShapeCall *c)
{
    const Desc *x = &c->in[0];

    if (!want_pictures(c, 0, "avgpool_all's x"))
        return false;
    set_out(c, 0, DT_F32, SHAPE(x->shape.dim[0], x->shape.dim[1]), x->space);
    return true;
}

static void avgpool_all_grad(const GradCall *c, Node *dx)
{
    dx[0] = op_avgpool_all_grad(c->dy[0], node_dim(c->x[0], 2), node_dim(c->x[0], 3));
}

static void avgpool_all_ref(const OpCall *c)
{
    int64_t n = picture_channels(&c->in[0]), pixels = picture_pixels(&c->in[0]);
    const real *x = c->in[0].data;
    real *y = c->out[0].data;

    for (int64_t i = 0; i < tensor_count(&c->out[0]); i++)
        y[i] = 0;
    for (int64_t i = 0; i < tensor_count(&c->in[0]); i++)
        y[i / (pixels * n) * n + i % n] += x[i] / (real)pixels;
}

static bool avgpool_all_grad_shape(ShapeCall *c)
{
    const PictureAttr *a = c->attr;
    const Desc *dy = &c->in[0];

    if (!want(c, 0, "avgpool_all_grad's dy", DT_F32, 2))
        return false;
    set_out(c, 0, DT_F32, SHAPE(dy->shape.dim[0], dy->shape.dim[1], a->h, a->w), dy->space);
    return true;
}

static void avgpool_all_grad_ref(const OpCall *c)
{
    int64_t n = picture_channels(&c->out[0]), pixels = picture_pixels(&c->out[0]);
    const real *dy = c->in[0].data;
    real *dx = c->out[0].data;

    for (int64_t i = 0; i < tensor_count(&c->out[0]); i++)
        dx[i] = dy[i / (pixels * n) * n + i % n] / (real)pixels;
}

static double avgpool_all_flops(const OpCall *c)
{
    return (double)tensor_count(&c->in[0]);
}

static const PictureAttr small = {3, 2}, line = {1, 5}, large = {9, 11};
static const OpCase cases[] = {
    {.in = {DIMS(-CASE_B, 7, 3, 2)}},
    {.in = {DIMS(2, 33, 1, 5)}},
    {.in = {DIMS(-CASE_B, 16, 9, 11)}},
};
static const OpCase grad_cases[] = {
    {.in = {DIMS(-CASE_B, 7)}, .attr = &small},
    {.in = {DIMS(2, 33)}, .attr = &line},
    {.in = {DIMS(-CASE_B, 16)}, .attr = &large},
};

const OpDef opdef_avgpool_all = {
    .name = "avgpool_all",
    .inputs = 1,
    .outputs = 1,
    .shape = avgpool_all_shape,
    .grad = avgpool_all_grad,
    .ref = avgpool_all_ref,
    .flops = avgpool_all_flops,
    CASES(cases),
};

const OpDef opdef_avgpool_all_grad = {
    .name = "avgpool_all_grad",
    .inputs = 1,
    .outputs = 1,
    .attr_size = sizeof(PictureAttr),
    .shape = avgpool_all_grad_shape,
    .ref = avgpool_all_grad_ref,
    CASES(grad_cases),
};

Node op_avgpool_all(Node x)
{
    return op_call(&opdef_avgpool_all, (Node[]){x}, NULL);
}

Node op_avgpool_all_grad(Node dy, int64_t h, int64_t w)
{
    return op_call(&opdef_avgpool_all_grad, (Node[]){dy}, &(PictureAttr){h, w});
}

/* SPDX-License-Identifier: MIT */
