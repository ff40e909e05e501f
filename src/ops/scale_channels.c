/* scale_channels.c - y = x s, one factor for each channel of each picture (squeeze and excite; Hu et al. 2017,
 * arXiv:1709.01507).  x: [B, C, H, W], s: [B, C].  dx = dy s   ds = sum of dy x over H, W */
#include "ops/pictures.h"

/* Input i has one number for each picture and channel of input 0. */
static bool want_factors(ShapeCall *c, int i, const char *what)
{
    const Desc *x = &c->in[0];

    return want(c, i, what, DT_F32, 2) &&
           want_shape(c, i, what, SHAPE(x->shape.dim[0], x->shape.dim[1]), x->space);
}

static bool scale_channels_shape(ShapeCall *c)
{
    return want_pictures(c, 0, "scale_channels' x") &&
           want_factors(c, 1, "scale_channels' factors") && op_same_shape(c);
}

static void scale_channels_grad(const GradCall *c, Node *dx)
{
    if (!c->need[1]) {
        dx[0] = op_scale_channels(c->dy[0], c->x[1]);
        return;
    }
    Node d = op_scale_channels_grad(c->dy[0], c->x[0], c->x[1]);

    if (c->need[0])
        dx[0] = d;
    dx[1] = node_out(d, 1);
}

static void scale_channels_ref(const OpCall *c)
{
    int64_t n = picture_channels(&c->in[0]), pixels = picture_pixels(&c->in[0]);
    const real *x = c->in[0].data, *s = c->in[1].data;
    real *y = c->out[0].data;

    for (int64_t i = 0; i < tensor_count(&c->in[0]); i++)
        y[i] = x[i] * s[i / (pixels * n) * n + i % n];
}

static bool scale_channels_grad_shape(ShapeCall *c)
{
    if (!want_pictures(c, 0, "scale_channels_grad's dy") ||
        !want_alike(c, "scale_channels_grad", 0, 1) ||
        !want_factors(c, 2, "scale_channels_grad's factors"))
        return false;
    c->out[0] = c->in[0];
    c->out[1] = c->in[2];
    return true;
}

static void scale_channels_grad_ref(const OpCall *c)
{
    int64_t n = picture_channels(&c->in[0]), pixels = picture_pixels(&c->in[0]);
    const real *dy = c->in[0].data, *x = c->in[1].data, *s = c->in[2].data;
    real *dx = c->out[0].data, *ds = c->out[1].data;

    for (int64_t i = 0; ds && i < tensor_count(&c->out[1]); i++)
        ds[i] = 0;
    for (int64_t i = 0; i < tensor_count(&c->in[0]); i++) {
        int64_t k = i / (pixels * n) * n + i % n;

        if (dx)
            dx[i] = dy[i] * s[k];
        if (ds)
            ds[k] += dy[i] * x[i];
    }
}

static double scale_channels_grad_flops(const OpCall *c)
{
    return 3.0 * (double)tensor_count(&c->in[0]);
}

static const OpCase cases[] = {
    {.in = {DIMS(-CASE_B, 7, 3, 2), DIMS(-CASE_B, 7)}},
    {.in = {DIMS(2, 33, 1, 5), DIMS(2, 33)}},
    {.in = {DIMS(-CASE_B, 16, 2, 3), DIMS(-CASE_B, 16)}},
};
static const OpCase grad_cases[] = {
    {.in = {DIMS(-CASE_B, 7, 3, 2), DIMS(-CASE_B, 7, 3, 2), DIMS(-CASE_B, 7)}},
    {.in = {DIMS(2, 33, 17, 18), DIMS(2, 33, 17, 18), DIMS(2, 33)}},
    {.in = {DIMS(-CASE_B, 16, 2, 3), DIMS(-CASE_B, 16, 2, 3), DIMS(-CASE_B, 16)}},
};

const OpDef opdef_scale_channels = {
    .name = "scale_channels",
    .inputs = 2,
    .outputs = 1,
    .shape = scale_channels_shape,
    .grad = scale_channels_grad,
    .ref = scale_channels_ref,
    .inplace = {1},
    CASES(cases),
};

const OpDef opdef_scale_channels_grad = {
    .name = "scale_channels_grad",
    .inputs = 3,
    .outputs = 2,
    .shape = scale_channels_grad_shape,
    .ref = scale_channels_grad_ref,
    .flops = scale_channels_grad_flops,
    .inplace = {1},
    CASES(grad_cases),
};

Node op_scale_channels(Node x, Node s)
{
    return op_call(&opdef_scale_channels, (Node[]){x, s}, NULL);
}

Node op_scale_channels_grad(Node dy, Node x, Node s)
{
    return op_call(&opdef_scale_channels_grad, (Node[]){dy, x, s}, NULL);
}

/* SPDX-License-Identifier: MIT */
