/* mse.c - sum of squared differences of two tensors of one shape -> [].
 * dpred = 2 dsum (pred - target), dtarget = -dpred */
#include "ops/rules.h"

static bool mse_shape(ShapeCall *c)
{
    if (!want(c, 0, "mse's pred", DT_F32, ANY_RANK) || !want_alike(c, "mse", 0, 1))
        return false;
    set_out(c, 0, DT_F32, SHAPE0, SPACE_NONE);
    return true;
}

static void mse_grad(const GradCall *c, Node *dx)
{
    Node d = op_mse_grad(c->dy[0], c->x[0], c->x[1]);

    if (c->need[0])
        dx[0] = d;
    if (c->need[1])
        dx[1] = op_scale(d, -1);
}

static void mse_ref(const OpCall *c)
{
    const real *x = c->in[0].data, *t = c->in[1].data;
    real sum = 0;

    for (int64_t i = 0; i < tensor_count(&c->in[0]); i++)
        sum += (x[i] - t[i]) * (x[i] - t[i]);
    *(real *)c->out[0].data = sum;
}

static bool mse_grad_shape(ShapeCall *c)
{
    if (!want(c, 1, "mse_grad's pred", DT_F32, ANY_RANK) || !want_alike(c, "mse_grad", 1, 2) ||
        !want_shape(c, 0, "mse_grad's dsum", SHAPE0, SPACE_NONE))
        return false;
    c->out[0] = c->in[1];
    return true;
}

static void mse_grad_ref(const OpCall *c)
{
    const real *dsum = c->in[0].data, *x = c->in[1].data, *t = c->in[2].data;
    real *dx = c->out[0].data;

    for (int64_t i = 0; i < tensor_count(&c->in[1]); i++)
        dx[i] = *dsum * (2 * (x[i] - t[i]));
}

static double mse_flops(const OpCall *c)
{
    return 3.0 * (double)tensor_count(&c->in[0]);
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

const OpDef opdef_mse = {
    .name = "mse",
    .inputs = 2,
    .outputs = 1,
    .shape = mse_shape,
    .grad = mse_grad,
    .ref = mse_ref,
    .flops = mse_flops,
    CASES(cases),
};

const OpDef opdef_mse_grad = {
    .name = "mse_grad",
    .inputs = 3,
    .outputs = 1,
    .shape = mse_grad_shape,
    .ref = mse_grad_ref,
    CASES(grad_cases),
};

Node op_mse(Node pred, Node target)
{
    return op_call(&opdef_mse, (Node[]){pred, target}, NULL);
}

Node op_mse_grad(Node dsum, Node pred, Node target)
{
    return op_call(&opdef_mse_grad, (Node[]){dsum, pred, target}, NULL);
}

/* SPDX-License-Identifier: MIT */
