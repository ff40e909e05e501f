/* reverse.c - y = x, and a gradient that comes back reversed: dx = -strength dy, for a strength that changes from step to
 * step (Ganin & Lempitsky 2015, arXiv:1409.7495, section 3).  x: any, strength: rank 0 */
#include "ops/rules.h"

static bool reverse_shape(ShapeCall *c)
{
    return want(c, 0, "reverse's x", DT_F32, ANY_RANK) &&
           want(c, 1, "reverse's strength", DT_F32, 0) && op_same_shape(c);
}

/* Nothing learns the strength. */
static void reverse_grad(const GradCall *c, Node *dx)
{
    if (c->need[0])
        dx[0] = op_scale(op_mul(c->dy[0], c->x[1]), -1);
}

static void reverse_ref(const OpCall *c)
{
    const real *x = c->in[0].data;
    real *y = c->out[0].data;

    for (int64_t i = 0; i < tensor_count(&c->in[0]); i++)
        y[i] = x[i];
}

static const OpCase cases[] = {
    {.in = {DIMS(-CASE_B, 7), {0}}, .fill = {CASE_ANY, CASE_FIXED}},
    {.in = {DIMS(-CASE_T, 33), {0}}, .fill = {CASE_ANY, CASE_FIXED}},
    {.in = {DIMS(2, 3, 5), {0}}, .fill = {CASE_ANY, CASE_FIXED}},
};

const OpDef opdef_reverse = {
    .name = "reverse",
    .inputs = 2,
    .outputs = 1,
    .shape = reverse_shape,
    .grad = reverse_grad,
    .ref = reverse_ref,
    .inplace = {1},
    CASES(cases),
};

Node op_reverse(Node x, Node strength)
{
    return op_call(&opdef_reverse, (Node[]){x, strength}, NULL);
}

/* SPDX-License-Identifier: MIT */
