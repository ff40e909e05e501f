/* add.c - y = a + b.  b: a's shape, a suffix of it, or rank 0.  da = dy, db = dy summed to b's shape. */
#include "ops/broadcast.h"

static bool add_shape(ShapeCall *c)
{
    return broadcast_shape(c, "add");
}

static void add_grad(const GradCall *c, Node *dx)
{
    if (c->need[0])
        dx[0] = c->dy[0];
    if (c->need[1])
        dx[1] = broadcast_back(c->dy[0], c->x[1]);
}

static void add_ref(const OpCall *c)
{
    const real *a = c->in[0].data, *b = c->in[1].data;
    real *y = c->out[0].data;
    int64_t n = tensor_count(&c->in[0]), m = tensor_count(&c->in[1]);

    for (int64_t i = 0; i < n; i++)
        y[i] = a[i] + b[i % m];
}

static const OpCase cases[] = {
    {.in = {DIMS(-CASE_T, 7), DIMS(-CASE_T, 7)}},
    {.in = {DIMS(-CASE_T, 33), DIMS(33)}},
    {.in = {DIMS(-CASE_B, 16), {0}}},
    {.in = {{0}, {0}}},
    {.in = {DIMS(2, 3, 5), DIMS(3, 5)}},
    {.in = {DIMS(-CASE_M), DIMS(-CASE_M)}},
    {.in = {DIMS(19), DIMS(19)}},
};

const OpDef opdef_add = {
    .name = "add",
    .inputs = 2,
    .outputs = 1,
    .shape = add_shape,
    .grad = add_grad,
    .ref = add_ref,
    .inplace = {1},
    CASES(cases),
};

Node op_add(Node a, Node b)
{
    return op_call(&opdef_add, (Node[]){a, b}, NULL);
}

/* SPDX-License-Identifier: MIT */
