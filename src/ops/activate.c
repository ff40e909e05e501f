/* activate.c - y = f(x), element by element, and dx = dy f'(x).
 * GELU: Hendrycks & Gimpel 2016, arXiv:1606.08415; SiLU: Elfwing et al. 2017, arXiv:1702.03118;
 * hard swish: Howard et al. 2019, arXiv:1905.02244.  At a corner the slope is PyTorch's. */
#include "ops/activate.h"

#include <math.h>

#define GELU_A 0.7978845608028654 /* sqrt(2 / pi) */
#define GELU_B 0.044715

static real sigmoid(real x)
{
    return x >= 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x));
}

static real relu6(real x)
{
    return x > 0 ? fmin(x, 6) : 0;
}

real act_value(Act kind, real x)
{
    switch (kind) {
    case ACT_RELU:
        return x > 0 ? x : 0;
    case ACT_GELU:
        return 0.5 * x * erfc(-x * M_SQRT1_2);
    case ACT_GELU_TANH:
        return 0.5 * x * (1 + tanh(GELU_A * (x + GELU_B * x * x * x)));
    case ACT_QUICK_GELU:
        return x * sigmoid(1.702 * x);
    case ACT_TANH:
        return tanh(x);
    case ACT_SIGMOID:
        return sigmoid(x);
    case ACT_SILU:
        return x * sigmoid(x);
    case ACT_RELU6:
        return relu6(x);
    case ACT_HARDSIGMOID:
        return relu6(x + 3) / 6;
    case ACT_HARDSWISH:
        return x * relu6(x + 3) / 6;
    }
    return x;
}

real act_slope(Act kind, real x)
{
    real t;

    switch (kind) {
    case ACT_RELU:
        return x > 0 ? 1 : 0;
    case ACT_GELU: /* Phi(x) + x phi(x) */
        return 0.5 * erfc(-x * M_SQRT1_2) + x * exp(-0.5 * x * x) * 0.5 * GELU_A;
    case ACT_GELU_TANH:
        t = tanh(GELU_A * (x + GELU_B * x * x * x));
        return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * GELU_A * (1 + 3 * GELU_B * x * x);
    case ACT_QUICK_GELU:
        t = sigmoid(1.702 * x);
        return t + 1.702 * x * t * (1 - t);
    case ACT_TANH:
        t = tanh(x);
        return 1 - t * t;
    case ACT_SIGMOID:
        t = sigmoid(x);
        return t * (1 - t);
    case ACT_SILU:
        t = sigmoid(x);
        return t + x * t * (1 - t);
    case ACT_RELU6:
        return x > 0 && x < 6 ? 1 : 0;
    case ACT_HARDSIGMOID:
        return x > -3 && x < 3 ? 1.0 / 6 : 0;
    case ACT_HARDSWISH:
        return x <= -3 ? 0 : x < 3 ? x / 3 + 0.5 : 1;
    }
    return 1;
}

static bool activate_shape(ShapeCall *c)
{
    return want(c, 0, "activate's x", DT_F32, ANY_RANK) && op_same_shape(c);
}

static void activate_grad(const GradCall *c, Node *dx)
{
    const ActivateAttr *a = c->attr;

    dx[0] = op_activate_grad(c->x[0], c->dy[0], a->kind);
}

static void activate_ref(const OpCall *c)
{
    const ActivateAttr *a = c->attr;
    const real *x = c->in[0].data;
    real *y = c->out[0].data;

    for (int64_t i = 0; i < tensor_count(&c->in[0]); i++)
        y[i] = act_value(a->kind, x[i]);
}

static bool activate_grad_shape(ShapeCall *c)
{
    return want(c, 0, "activate_grad's x", DT_F32, ANY_RANK) &&
           want_alike(c, "activate_grad", 0, 1) && op_same_shape(c);
}

static void activate_grad_ref(const OpCall *c)
{
    const ActivateAttr *a = c->attr;
    const real *x = c->in[0].data, *dy = c->in[1].data;
    real *dx = c->out[0].data;

    for (int64_t i = 0; i < tensor_count(&c->in[0]); i++)
        dx[i] = dy[i] * act_slope(a->kind, x[i]);
}

static const ActivateAttr relu = {ACT_RELU}, gelu = {ACT_GELU}, gelu_tanh = {ACT_GELU_TANH},
                          quick_gelu = {ACT_QUICK_GELU}, tanhs = {ACT_TANH},
                          sigmoids = {ACT_SIGMOID}, silu = {ACT_SILU}, relu6s = {ACT_RELU6},
                          hardsigmoid = {ACT_HARDSIGMOID}, hardswish = {ACT_HARDSWISH};
static const OpCase cases[] = {
    {.in = {DIMS(-CASE_T, 7), DIMS(-CASE_T, 7)}, .attr = &gelu},
    {.in = {DIMS(3, 33), DIMS(3, 33)}, .attr = &relu},
    {.in = {DIMS(-CASE_M), DIMS(-CASE_M)}, .attr = &gelu_tanh},
    {.in = {DIMS(19), DIMS(19)}, .attr = &quick_gelu},
    {.in = {DIMS(-CASE_B, 16), DIMS(-CASE_B, 16)}, .attr = &tanhs},
    {.in = {{0}, {0}}, .attr = &sigmoids},
    {.in = {DIMS(2, 3, 5), DIMS(2, 3, 5)}, .attr = &silu},
    {.in = {DIMS(2, 51), DIMS(2, 51)}, .attr = &gelu},
    {.in = {DIMS(5, 9), DIMS(5, 9)}, .attr = &sigmoids},
    {.in = {DIMS(-CASE_B, 5, 3, 2), DIMS(-CASE_B, 5, 3, 2)}, .attr = &relu6s},
    {.in = {DIMS(37), DIMS(37)}, .attr = &hardsigmoid},
    {.in = {DIMS(3, 21), DIMS(3, 21)}, .attr = &hardswish},
};

const OpDef opdef_activate = {
    .name = "activate",
    .inputs = 1,
    .outputs = 1,
    .attr_size = sizeof(ActivateAttr),
    .shape = activate_shape,
    .grad = activate_grad,
    .ref = activate_ref,
    .inplace = {1},
    CASES(cases),
};

const OpDef opdef_activate_grad = {
    .name = "activate_grad",
    .inputs = 2,
    .outputs = 1,
    .attr_size = sizeof(ActivateAttr),
    .shape = activate_grad_shape,
    .ref = activate_grad_ref,
    .inplace = {2},
    CASES(cases),
};

Node op_activate(Node x, Act kind)
{
    return op_call(&opdef_activate, (Node[]){x}, &(ActivateAttr){kind});
}

Node op_activate_grad(Node x, Node dy, Act kind)
{
    return op_call(&opdef_activate_grad, (Node[]){x, dy}, &(ActivateAttr){kind});
}

/* SPDX-License-Identifier: MIT */
