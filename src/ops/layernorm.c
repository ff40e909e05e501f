/* layernorm.c - y = w (x - mean) rstd + b over the last axis (Ba et al. 2016, arXiv:1607.06450).
 * rstd = 1 / sqrt(var + eps) with the biased variance.  x: [.., D]  w, b: [D] -> y [.., D], mean, rstd [..]
 * With h = (x - mean) rstd and g = dy w:
 * dx = rstd (g - avg(g) - h avg(g h))   dw = sum of dy h over rows   db = sum of dy over rows */
#include "ops/rules.h"

#include <math.h>

static bool layernorm_shape(ShapeCall *c)
{
    if (!want(c, 0, "layernorm's x", DT_F32, FLAT_RANK))
        return false;
    const Desc *x = &c->in[0];
    int64_t width = shape_last(&x->shape);

    if (x->shape.rank < 1 || width < 1 || (x->shape.rank == 1 && x->space != SPACE_NONE))
        return shape_fail(c, "layernorm cannot normalise %s", IN_TEXT(c, 0));
    if (!want(c, 1, "layernorm's weight", DT_F32, 1) ||
        !want_shape(c, 1, "layernorm's weight", SHAPE(width), SPACE_NONE) ||
        !want(c, 2, "layernorm's bias", DT_F32, 1) ||
        !want_shape(c, 2, "layernorm's bias", SHAPE(width), SPACE_NONE))
        return false;
    c->out[0] = *x;
    for (int i = 1; i < 3; i++)
        set_out(c, i, DT_F32, shape_leading(x->shape), leading_space(x));
    return true;
}

static void layernorm_grad(const GradCall *c, Node *dx)
{
    if (!only_first(c, &opdef_layernorm))
        return;
    Node d =
        op_layernorm_grad(c->dy[0], c->x[0], c->x[1], node_out(c->y[0], 1), node_out(c->y[0], 2));

    for (int i = 0; i < 3; i++)
        if (c->need[i])
            dx[i] = node_out(d, i);
}

static void layernorm_ref(const OpCall *c)
{
    const NormAttr *a = c->attr;
    int64_t n = shape_last(&c->in[0].shape), rows = tensor_rows(&c->in[0]);
    const real *x = c->in[0].data, *w = c->in[1].data, *b = c->in[2].data;
    real *y = c->out[0].data, *means = c->out[1].data, *rstds = c->out[2].data;

    for (int64_t r = 0; r < rows; r++, x += n) {
        real mean = 0, var = 0;

        for (int64_t i = 0; i < n; i++)
            mean += x[i] / (real)n;
        for (int64_t i = 0; i < n; i++)
            var += (x[i] - mean) * (x[i] - mean) / (real)n;
        real rstd = 1 / sqrt(var + (real)a->eps);
        for (int64_t i = 0; y && i < n; i++)
            y[r * n + i] = (x[i] - mean) * rstd * w[i] + b[i];
        if (means)
            means[r] = mean;
        if (rstds)
            rstds[r] = rstd;
    }
}

static bool layernorm_grad_shape(ShapeCall *c)
{
    if (!want(c, 0, "layernorm_grad's dy", DT_F32, ANY_RANK) ||
        !want_alike(c, "layernorm_grad", 0, 1))
        return false;
    const Desc *x = &c->in[1];
    Shape width = SHAPE(shape_last(&x->shape));

    if (!want_shape(c, 2, "layernorm_grad's weight", width, SPACE_NONE) ||
        !want_shape(c, 3, "layernorm_grad's mean", shape_leading(x->shape), leading_space(x)) ||
        !want_alike(c, "layernorm_grad", 3, 4))
        return false;
    c->out[0] = *x;
    set_out(c, 1, DT_F32, width, SPACE_NONE);
    set_out(c, 2, DT_F32, width, SPACE_NONE);
    return true;
}

static void layernorm_grad_ref(const OpCall *c)
{
    int64_t n = shape_last(&c->in[1].shape), rows = tensor_rows(&c->in[1]);
    const real *dy = c->in[0].data, *x = c->in[1].data, *w = c->in[2].data;
    const real *mean = c->in[3].data, *rstd = c->in[4].data;
    real *dx = c->out[0].data, *dw = c->out[1].data, *db = c->out[2].data;

    for (int64_t i = 0; i < n; i++) {
        if (dw)
            dw[i] = 0;
        if (db)
            db[i] = 0;
    }
    for (int64_t r = 0; r < rows; r++, x += n, dy += n) {
        real g = 0, gh = 0;

        for (int64_t i = 0; i < n; i++) {
            real h = (x[i] - mean[r]) * rstd[r];

            g += dy[i] * w[i] / (real)n;
            gh += dy[i] * w[i] * h / (real)n;
            if (dw)
                dw[i] += dy[i] * h;
            if (db)
                db[i] += dy[i];
        }
        for (int64_t i = 0; dx && i < n; i++)
            dx[r * n + i] = rstd[r] * (dy[i] * w[i] - g - (x[i] - mean[r]) * rstd[r] * gh);
    }
}

static double layernorm_flops(const OpCall *c)
{
    return 8.0 * (double)tensor_count(&c->in[0]);
}

static double layernorm_grad_flops(const OpCall *c)
{
    return 14.0 * (double)tensor_count(&c->in[0]);
}

static const NormAttr small = {1e-12F}, usual = {1e-5F}, large = {0.5F};
static const OpCase cases[] = {
    {.in = {DIMS(-CASE_T, 7), DIMS(7), DIMS(7)}, .attr = &usual},
    {.in = {DIMS(-CASE_B, 33), DIMS(33), DIMS(33)}, .attr = &small},
    {.in = {DIMS(17), DIMS(17), DIMS(17)}, .attr = &large},
    {.in = {DIMS(2, 3, 16), DIMS(16), DIMS(16)}, .attr = &usual},
};
static const OpCase grad_cases[] = {
    {.in = {DIMS(-CASE_T, 7), DIMS(-CASE_T, 7), DIMS(7), DIMS(-CASE_T), DIMS(-CASE_T)}},
    {.in = {DIMS(-CASE_B, 33), DIMS(-CASE_B, 33), DIMS(33), DIMS(-CASE_B), DIMS(-CASE_B)}},
    {.in = {DIMS(17), DIMS(17), DIMS(17), {0}, {0}}},
    {.in = {DIMS(2, 3, 16), DIMS(2, 3, 16), DIMS(16), DIMS(2, 3), DIMS(2, 3)}},
    {.in = {DIMS(600, 5), DIMS(600, 5), DIMS(5), DIMS(600), DIMS(600)}},
};

const OpDef opdef_layernorm = {
    .name = "layernorm",
    .inputs = 3,
    .outputs = 3,
    .attr_size = sizeof(NormAttr),
    .shape = layernorm_shape,
    .grad = layernorm_grad,
    .ref = layernorm_ref,
    .flops = layernorm_flops,
    CASES(cases),
};

const OpDef opdef_layernorm_grad = {
    .name = "layernorm_grad",
    .inputs = 5,
    .outputs = 3,
    .shape = layernorm_grad_shape,
    .ref = layernorm_grad_ref,
    .flops = layernorm_grad_flops,
    CASES(grad_cases),
};

Node op_layernorm(Node x, Node w, Node b, float eps)
{
    return op_call(&opdef_layernorm, (Node[]){x, w, b}, &(NormAttr){eps});
}

Node op_layernorm_grad(Node dy, Node x, Node w, Node mean, Node rstd)
{
    return op_call(&opdef_layernorm_grad, (Node[]){dy, x, w, mean, rstd}, NULL);
}

/* SPDX-License-Identifier: MIT */
