/* batchnorm.c - batch normalisation by given statistics (Ioffe & Szegedy 2015, arXiv:1502.03167):
 * y = (x - mean) r w + b with r = 1 / sqrt(var + eps).  x: [B, C, H, W]  w, b, mean, var: [C] -> [B, C, H, W]
 * dx = dy r w   dw = sum of dy (x - mean) r over positions   db = sum of dy over positions
 * batchnorm_grad may be given f(y), f an activation whose slope its output tells: dy is then that of f(y). */
#include "ops/activate.h"
#include "ops/pictures.h"

#include <math.h>

static bool batchnorm_shape(ShapeCall *c)
{
    static const char *const what[] = {"", "weight", "bias", "mean", "variance"};

    if (!want_pictures(c, 0, "batchnorm's x"))
        return false;
    for (int i = 1; i < 5; i++)
        if (!want_channels(c, i, "batchnorm", what[i]))
            return false;
    return op_same_shape(c);
}

static void batchnorm_grad(const GradCall *c, Node *dx)
{
    const NormAttr *a = c->attr;

    if (c->need[3] || c->need[4]) {
        graph_fail(c->y[0].g, "batchnorm's mean and variance do not learn by gradients");
        return;
    }
    bool all = c->need[1];
    Node d = NO_NODE;

    if (all || c->need[0])
        d = op_batchnorm_grad(c->dy[0], c->x[1], c->x[4], all ? c->x[0] : NO_NODE,
                              all ? c->x[3] : NO_NODE, a->eps);
    if (c->need[0])
        dx[0] = d;
    if (c->need[1])
        dx[1] = node_out(d, 1);
    if (c->need[2])
        dx[2] = all ? node_out(d, 2) : op_sum_positions(c->dy[0]);
}

static void batchnorm_ref(const OpCall *c)
{
    const NormAttr *a = c->attr;
    int64_t n = picture_channels(&c->in[0]), count = tensor_count(&c->in[0]);
    const real *x = c->in[0].data, *w = c->in[1].data, *b = c->in[2].data;
    const real *mean = c->in[3].data, *var = c->in[4].data;
    real *y = c->out[0].data;

    for (int64_t i = 0; i < count; i++) {
        int64_t k = i % n;

        y[i] = (x[i] - mean[k]) / sqrt(var[k] + (real)a->eps) * w[k] + b[k];
    }
}

/* in: dy, w, var; x and mean when dw and db are wanted; or f(y) */
static bool batchnorm_grad_shape(ShapeCall *c)
{
    if (!want_pictures(c, 0, "batchnorm_grad's dy") ||
        !want_channels(c, 1, "batchnorm_grad", "weight") ||
        !want_channels(c, 2, "batchnorm_grad", "variance"))
        return false;
    c->out[0] = c->in[0];
    c->outs = has_in(c, 3) ? 3 : 1;
    if (has_in(c, 5) && (has_in(c, 3) || !want_alike(c, "batchnorm_grad", 0, 5)))
        return shape_fail(c, "batchnorm_grad wants x or the activation's output, not both");
    if (!has_in(c, 3))
        return true;
    if (!want_alike(c, "batchnorm_grad", 0, 3) || !want_channels(c, 4, "batchnorm_grad", "mean"))
        return false;
    for (int i = 1; i < 3; i++)
        set_out(c, i, DT_F32, SHAPE(c->in[0].shape.dim[1]), SPACE_NONE);
    return true;
}

static void batchnorm_grad_ref(const OpCall *c)
{
    const BatchnormGradAttr *a = c->attr;
    int64_t n = picture_channels(&c->in[0]), count = tensor_count(&c->in[0]);
    const real *dy = c->in[0].data, *w = c->in[1].data, *var = c->in[2].data;
    const real *x = c->in[3].data, *mean = c->in[4].data, *f = c->in[5].data;
    real *dx = c->out[0].data, *dw = c->out[1].data, *db = c->out[2].data;

    for (int64_t k = 0; k < n; k++) {
        real r = 1 / sqrt(var[k] + (real)a->eps), sum = 0, dot = 0;

        for (int64_t i = k; i < count; i += n) {
            real d = f ? dy[i] * act_slope(a->kind, f[i]) : dy[i];

            sum += d;
            dot += x ? d * (x[i] - mean[k]) * r : 0;
            if (dx)
                dx[i] = d * r * w[k];
        }
        if (dw)
            dw[k] = dot;
        if (db)
            db[k] = sum;
    }
}

static double batchnorm_flops(const OpCall *c)
{
    return 3.0 * (double)tensor_count(&c->in[0]);
}

static double batchnorm_grad_flops(const OpCall *c)
{
    return (c->outs > 1 ? 5.0 : 1.0) * (double)tensor_count(&c->in[0]);
}

static const NormAttr usual = {1e-5F}, large = {1e-3F};
static const OpCase cases[] = {
    {.in = {DIMS(-CASE_B, 7, 3, 2), DIMS(7), DIMS(7), DIMS(7), DIMS(7)},
     .attr = &usual,
     .fill = {0, 0, 0, CASE_FIXED, CASE_FIXED}},
    {.in = {DIMS(2, 33, 1, 5), DIMS(33), DIMS(33), DIMS(33), DIMS(33)},
     .attr = &large,
     .fill = {0, 0, 0, CASE_FIXED, CASE_FIXED}},
    {.in = {DIMS(-CASE_B, 16, 2, 2), DIMS(16), DIMS(16), DIMS(16), DIMS(16)},
     .attr = &usual,
     .fill = {0, 0, 0, CASE_FIXED, CASE_FIXED}},
    {.in = {DIMS(1, 24, 3, 3), DIMS(24), DIMS(24), DIMS(24), DIMS(24)},
     .attr = &usual,
     .fill = {0, 0, 0, CASE_FIXED, CASE_FIXED}},
};
static const BatchnormGradAttr plain = {1e-5F, 0}, relu6 = {1e-3F, ACT_RELU6};
static const OpCase grad_cases[] = {
    {.in = {DIMS(-CASE_B, 7, 3, 2), DIMS(7), DIMS(7), DIMS(-CASE_B, 7, 3, 2), DIMS(7)},
     .attr = &plain,
     .fill = {0, 0, CASE_FIXED}},
    {.in = {DIMS(2, 33, 1, 5), DIMS(33), DIMS(33)}, .attr = &plain, .fill = {0, 0, CASE_FIXED}},
    {.in = {DIMS(2, 80, 9, 15), DIMS(80), DIMS(80), DIMS(2, 80, 9, 15), DIMS(80)},
     .attr = &plain,
     .fill = {0, 0, CASE_FIXED}},
    {.in = {DIMS(-CASE_B, 24, 3, 3), DIMS(24), DIMS(24), {0}, {0}, DIMS(-CASE_B, 24, 3, 3)},
     .attr = &relu6,
     .fill = {0, 0, CASE_FIXED}},
};

const OpDef opdef_batchnorm = {
    .name = "batchnorm",
    .inputs = 5,
    .outputs = 1,
    .attr_size = sizeof(NormAttr),
    .shape = batchnorm_shape,
    .grad = batchnorm_grad,
    .ref = batchnorm_ref,
    .flops = batchnorm_flops,
    .inplace = {1},
    CASES(cases),
};

const OpDef opdef_batchnorm_grad = {
    .name = "batchnorm_grad",
    .inputs = 6,
    .optional = 3,
    .outputs = 3,
    .attr_size = sizeof(BatchnormGradAttr),
    .shape = batchnorm_grad_shape,
    .ref = batchnorm_grad_ref,
    .flops = batchnorm_grad_flops,
    .inplace = {1},
    CASES(grad_cases),
};

Node op_batchnorm(Node x, Node w, Node b, Node mean, Node var, float eps)
{
    return op_call(&opdef_batchnorm, (Node[]){x, w, b, mean, var}, &(NormAttr){eps});
}

Node op_batchnorm_grad(Node dy, Node w, Node var, Node x, Node mean, float eps)
{
    return op_call(&opdef_batchnorm_grad, (Node[]){dy, w, var, x, mean, NO_NODE},
                   &(BatchnormGradAttr){eps, ACT_RELU});
}

/* SPDX-License-Identifier: MIT */
