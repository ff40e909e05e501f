/* bce.c - sum of binary cross-entropies of logits x against targets t in 0 .. 1 -> [].
 * max(x, 0) - x t + log(1 + exp(-|x|))    dx = dsum (sigmoid(x) - t), dt = -dsum x */
#include "ops/rules.h"

#include <math.h>

static bool bce_shape(ShapeCall *c)
{
    if (!want(c, 0, "bce's logits", DT_F32, ANY_RANK) || !want_alike(c, "bce", 0, 1))
        return false;
    set_out(c, 0, DT_F32, SHAPE0, SPACE_NONE);
    return true;
}

static void bce_grad(const GradCall *c, Node *dx)
{
    if (c->need[0])
        dx[0] = op_bce_grad(c->dy[0], c->x[0], c->x[1]);
    if (c->need[1])
        dx[1] = op_scale(op_mul(c->x[0], c->dy[0]), -1);
}

static void bce_ref(const OpCall *c)
{
    const real *x = c->in[0].data, *t = c->in[1].data;
    real sum = 0;

    for (int64_t i = 0; i < tensor_count(&c->in[0]); i++)
        sum += fmax(x[i], 0) - x[i] * t[i] + log1p(exp(-fabs(x[i])));
    *(real *)c->out[0].data = sum;
}

static bool bce_grad_shape(ShapeCall *c)
{
    if (!want(c, 1, "bce_grad's logits", DT_F32, ANY_RANK) || !want_alike(c, "bce_grad", 1, 2) ||
        !want_shape(c, 0, "bce_grad's dsum", SHAPE0, SPACE_NONE))
        return false;
    c->out[0] = c->in[1];
    return true;
}

static void bce_grad_ref(const OpCall *c)
{
    const real *dsum = c->in[0].data, *x = c->in[1].data, *t = c->in[2].data;
    real *dx = c->out[0].data;

    for (int64_t i = 0; i < tensor_count(&c->in[1]); i++)
        dx[i] = *dsum * (1 / (1 + exp(-x[i])) - t[i]);
}

static double bce_flops(const OpCall *c)
{
    return 8.0 * (double)tensor_count(&c->in[0]);
}

static const OpCase cases[] = {
    {.in = {DIMS(-CASE_B, 1), DIMS(-CASE_B, 1)}},
    {.in = {DIMS(-CASE_M), DIMS(-CASE_M)}},
    {.in = {DIMS(-CASE_T, 33), DIMS(-CASE_T, 33)}},
    {.in = {DIMS(5, 16), DIMS(5, 16)}},
};
static const OpCase grad_cases[] = {
    {.in = {{0}, DIMS(-CASE_B, 1), DIMS(-CASE_B, 1)}},
    {.in = {{0}, DIMS(-CASE_M), DIMS(-CASE_M)}},
    {.in = {{0}, DIMS(-CASE_T, 33), DIMS(-CASE_T, 33)}},
    {.in = {{0}, DIMS(5, 16), DIMS(5, 16)}},
};

const OpDef opdef_bce = {
    .name = "bce",
    .inputs = 2,
    .outputs = 1,
    .shape = bce_shape,
    .grad = bce_grad,
    .ref = bce_ref,
    .flops = bce_flops,
    CASES(cases),
};

const OpDef opdef_bce_grad = {
    .name = "bce_grad",
    .inputs = 3,
    .outputs = 1,
    .shape = bce_grad_shape,
    .ref = bce_grad_ref,
    CASES(grad_cases),
};

Node op_bce(Node logits, Node target)
{
    return op_call(&opdef_bce, (Node[]){logits, target}, NULL);
}

Node op_bce_grad(Node dsum, Node logits, Node target)
{
    return op_call(&opdef_bce_grad, (Node[]){dsum, logits, target}, NULL);
}

/* SPDX-License-Identifier: MIT */
