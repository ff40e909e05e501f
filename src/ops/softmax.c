/* softmax.c - y_i = exp(x_i - max x) / sum_j exp(x_j - max x) over the last axis.
 * dx = y (dy - sum(dy y)) */
#include "ops/rules.h"

#include <math.h>

static bool softmax_shape(ShapeCall *c)
{
    const Desc *x = &c->in[0];

    if (!want(c, 0, "softmax's x", DT_F32, FLAT_RANK))
        return false;
    if (x->shape.rank < 1 || shape_last(&x->shape) < 1 ||
        (x->shape.rank == 1 && x->space != SPACE_NONE))
        return shape_fail(c, "softmax has no last axis to normalise in %s", IN_TEXT(c, 0));
    return op_same_shape(c);
}

static void softmax_grad(const GradCall *c, Node *dx)
{
    dx[0] = op_softmax_grad(c->dy[0], c->y[0]);
}

static void softmax_ref(const OpCall *c)
{
    int64_t n = shape_last(&c->in[0].shape), rows = tensor_rows(&c->in[0]);
    const real *x = c->in[0].data;
    real *y = c->out[0].data;

    for (int64_t r = 0; r < rows; r++, x += n, y += n) {
        real top = x[0], sum = 0;

        for (int64_t i = 1; i < n; i++)
            top = fmax(top, x[i]);
        for (int64_t i = 0; i < n; i++)
            sum += y[i] = exp(x[i] - top);
        for (int64_t i = 0; i < n; i++)
            y[i] /= sum;
    }
}

static bool softmax_grad_shape(ShapeCall *c)
{
    return want(c, 0, "softmax_grad's dy", DT_F32, ANY_RANK) &&
           want_alike(c, "softmax_grad", 0, 1) && op_same_shape(c);
}

static void softmax_grad_ref(const OpCall *c)
{
    int64_t n = shape_last(&c->in[0].shape), rows = tensor_rows(&c->in[0]);
    const real *dy = c->in[0].data, *y = c->in[1].data;
    real *dx = c->out[0].data;

    for (int64_t r = 0; r < rows; r++, dy += n, y += n, dx += n) {
        real dot = 0;

        for (int64_t i = 0; i < n; i++)
            dot += dy[i] * y[i];
        for (int64_t i = 0; i < n; i++)
            dx[i] = y[i] * (dy[i] - dot);
    }
}

static double softmax_flops(const OpCall *c)
{
    return 8.0 * (double)tensor_count(&c->in[0]);
}

static const OpCase cases[] = {
    {.in = {DIMS(-CASE_T, 7), DIMS(-CASE_T, 7)}},
    {.in = {DIMS(1), DIMS(1)}},
    {.in = {DIMS(33), DIMS(33)}},
    {.in = {DIMS(2, 5, 100), DIMS(2, 5, 100)}},
};

const OpDef opdef_softmax = {
    .name = "softmax",
    .inputs = 1,
    .outputs = 1,
    .shape = softmax_shape,
    .grad = softmax_grad,
    .ref = softmax_ref,
    .flops = softmax_flops,
    CASES(cases),
};

const OpDef opdef_softmax_grad = {
    .name = "softmax_grad",
    .inputs = 2,
    .outputs = 1,
    .shape = softmax_grad_shape,
    .ref = softmax_grad_ref,
    .flops = softmax_flops,
    CASES(cases),
};

Node op_softmax(Node x)
{
    return op_call(&opdef_softmax, (Node[]){x}, NULL);
}

Node op_softmax_grad(Node dy, Node y)
{
    return op_call(&opdef_softmax_grad, (Node[]){dy, y}, NULL);
}

/* SPDX-License-Identifier: MIT */
