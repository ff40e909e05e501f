/* batchnorm_train.c - batch normalisation by the batch's own statistics (Ioffe & Szegedy 2015,
 * arXiv:1502.03167).  x: [B, C, H, W]  w, b: [C] -> y [B, C, H, W], mean, rstd, unbiased variance [C]
 * y = (x - mean) rstd w + b over N = B H W positions, rstd = 1 / sqrt(biased variance + eps)
 * With h = (x - mean) rstd:  dx = w rstd (dy - avg(dy) - h avg(dy h))   dw = sum of dy h   db = sum of dy
 * With a bias batchnorm_train_grad takes dy for the gradient of f(y), as the pass fold_batchnorm asks it to, and
 * computes y again instead of having it kept. */
#include "ops/activate.h"
#include "ops/pictures.h"

#include <math.h>

static bool batchnorm_train_shape(ShapeCall *c)
{
    if (!want_pictures(c, 0, "batchnorm's x") || !want_channels(c, 1, "batchnorm", "weight") ||
        !want_channels(c, 2, "batchnorm", "bias"))
        return false;
    c->out[0] = c->in[0];
    for (int i = 1; i < 4; i++)
        set_out(c, i, DT_F32, SHAPE(c->in[0].shape.dim[1]), SPACE_NONE);
    return true;
}

static void batchnorm_train_grad(const GradCall *c, Node *dx)
{
    if (!only_first(c, &opdef_batchnorm_train))
        return;
    Node d = op_batchnorm_train_grad(c->dy[0], c->x[0], c->x[1], node_out(c->y[0], 1),
                                     node_out(c->y[0], 2));

    for (int i = 0; i < 3; i++)
        if (c->need[i])
            dx[i] = node_out(d, i);
}

static void batchnorm_train_ref(const OpCall *c)
{
    const NormAttr *a = c->attr;
    int64_t n = picture_channels(&c->in[0]), count = tensor_count(&c->in[0]);
    const real *x = c->in[0].data, *w = c->in[1].data, *b = c->in[2].data;
    real *y = c->out[0].data, *means = c->out[1].data, *rstds = c->out[2].data;
    real *vars = c->out[3].data, positions = (real)picture_positions(&c->in[0]);

    for (int64_t k = 0; k < n; k++) {
        real mean = 0, spread = 0;

        for (int64_t i = k; i < count; i += n)
            mean += x[i] / positions;
        for (int64_t i = k; i < count; i += n)
            spread += (x[i] - mean) * (x[i] - mean);
        real rstd = 1 / sqrt(spread / positions + (real)a->eps);
        for (int64_t i = k; y && i < count; i += n)
            y[i] = (x[i] - mean) * rstd * w[k] + b[k];
        if (means)
            means[k] = mean;
        if (rstds)
            rstds[k] = rstd;
        if (vars)
            vars[k] = spread / (positions - 1);
    }
}

static bool batchnorm_train_grad_shape(ShapeCall *c)
{
    if (!want_pictures(c, 0, "batchnorm_train_grad's dy") ||
        !want_alike(c, "batchnorm_train_grad", 0, 1) ||
        !want_channels(c, 2, "batchnorm_train_grad", "weight") ||
        !want_channels(c, 3, "batchnorm_train_grad", "mean") ||
        !want_channels(c, 4, "batchnorm_train_grad", "rstd") ||
        (has_in(c, 5) && !want_channels(c, 5, "batchnorm_train_grad", "bias")))
        return false;
    c->out[0] = c->in[0];
    for (int i = 1; i < 3; i++)
        set_out(c, i, DT_F32, SHAPE(c->in[0].shape.dim[1]), SPACE_NONE);
    return true;
}

/* What comes in at element i, h there given. */
static real incoming(const OpCall *c, int64_t i, int64_t k, real h)
{
    const ActivateAttr *a = c->attr;
    const real *dy = c->in[0].data, *w = c->in[2].data, *b = c->in[5].data;

    return b ? dy[i] * act_slope(a->kind, h * w[k] + b[k]) : dy[i];
}

static void batchnorm_train_grad_ref(const OpCall *c)
{
    int64_t n = picture_channels(&c->in[0]), count = tensor_count(&c->in[0]);
    const real *x = c->in[1].data, *w = c->in[2].data, *mean = c->in[3].data;
    const real *rstd = c->in[4].data;
    real *dx = c->out[0].data, *dw = c->out[1].data, *db = c->out[2].data;
    real positions = (real)picture_positions(&c->in[0]);

    for (int64_t k = 0; k < n; k++) {
        real sum = 0, dot = 0;

        for (int64_t i = k; i < count; i += n) {
            real h = (x[i] - mean[k]) * rstd[k], dy = incoming(c, i, k, h);

            sum += dy;
            dot += dy * h;
        }
        for (int64_t i = k; dx && i < count; i += n) {
            real h = (x[i] - mean[k]) * rstd[k];

            dx[i] = w[k] * rstd[k] * (incoming(c, i, k, h) - sum / positions - h * dot / positions);
        }
        if (dw)
            dw[k] = dot;
        if (db)
            db[k] = sum;
    }
}

static double batchnorm_train_flops(const OpCall *c)
{
    return 6.0 * (double)tensor_count(&c->in[0]);
}

static double batchnorm_train_grad_flops(const OpCall *c)
{
    return 9.0 * (double)tensor_count(&c->in[0]);
}

static const NormAttr usual = {1e-5F}, large = {0.5F};
static const OpCase cases[] = {
    {.in = {DIMS(-CASE_B, 7, 3, 2), DIMS(7), DIMS(7)}, .attr = &usual},
    {.in = {DIMS(2, 33, 1, 5), DIMS(33), DIMS(33)}, .attr = &large},
    {.in = {DIMS(-CASE_B, 16, 2, 2), DIMS(16), DIMS(16)}, .attr = &usual},
    {.in = {DIMS(1, 24, 3, 3), DIMS(24), DIMS(24)}, .attr = &usual},
    {.in = {DIMS(3, 3, 7, 9), DIMS(3), DIMS(3)}, .attr = &usual},
};
static const ActivateAttr relu = {ACT_RELU}, silu = {ACT_SILU}, swish = {ACT_HARDSWISH};
static const OpCase grad_cases[] = {
    {.in = {DIMS(-CASE_B, 7, 3, 2), DIMS(-CASE_B, 7, 3, 2), DIMS(7), DIMS(7), DIMS(7)},
     .attr = &relu},
    {.in = {DIMS(2, 33, 1, 5), DIMS(2, 33, 1, 5), DIMS(33), DIMS(33), DIMS(33), DIMS(33)},
     .attr = &silu},
    {.in = {DIMS(2, 80, 9, 15), DIMS(2, 80, 9, 15), DIMS(80), DIMS(80), DIMS(80)}, .attr = &relu},
    {.in = {DIMS(-CASE_B, 24, 3, 3), DIMS(-CASE_B, 24, 3, 3), DIMS(24), DIMS(24), DIMS(24),
            DIMS(24)},
     .attr = &swish},
};

const OpDef opdef_batchnorm_train = {
    .name = "batchnorm_train",
    .inputs = 3,
    .outputs = 4,
    .attr_size = sizeof(NormAttr),
    .shape = batchnorm_train_shape,
    .grad = batchnorm_train_grad,
    .ref = batchnorm_train_ref,
    .flops = batchnorm_train_flops,
    .of_batch = true,
    .inplace = {1},
    CASES(cases),
};

const OpDef opdef_batchnorm_train_grad = {
    .name = "batchnorm_train_grad",
    .inputs = 6,
    .optional = 1,
    .outputs = 3,
    .attr_size = sizeof(ActivateAttr),
    .shape = batchnorm_train_grad_shape,
    .ref = batchnorm_train_grad_ref,
    .flops = batchnorm_train_grad_flops,
    .of_batch = true,
    .inplace = {1},
    CASES(grad_cases),
};

Node op_batchnorm_train(Node x, Node w, Node b, float eps)
{
    return op_call(&opdef_batchnorm_train, (Node[]){x, w, b}, &(NormAttr){eps});
}

Node op_batchnorm_train_grad(Node dy, Node x, Node w, Node mean, Node rstd)
{
    return op_call(&opdef_batchnorm_train_grad, (Node[]){dy, x, w, mean, rstd, NO_NODE},
                   &(ActivateAttr){ACT_RELU});
}

/* SPDX-License-Identifier: MIT */
