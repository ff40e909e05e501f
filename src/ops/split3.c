/* split3.c - three values that lie side by side in a row, as queries, keys and values of one product do:
 * [.., 3 D] -> three of [.., D].  The gradient puts three side by side. */
#include "ops/rules.h"

#define PARTS 3

static bool split3_shape(ShapeCall *c)
{
    if (!want(c, 0, "split3's x", DT_F32, FLAT_RANK))
        return false;
    Desc part = c->in[0];
    int64_t wide = shape_last(&part.shape);

    if (part.shape.rank < 1 || wide % PARTS)
        return shape_fail(c, "the columns of %s do not divide into three", IN_TEXT(c, 0));
    part.shape.dim[part.shape.rank - 1] = wide / PARTS;
    for (int i = 0; i < PARTS; i++)
        c->out[i] = part;
    return true;
}

static void split3_grad(const GradCall *c, Node *dx)
{
    Node part[PARTS];

    for (int i = 0; i < PARTS; i++) {
        const Desc *d = node_desc(c->y[i]);

        part[i] = node_valid(c->dy[i]) ? c->dy[i] : op_fill(c->x[0].g, d->shape, d->space, 0.0F);
    }
    dx[0] = op_split3_grad(part[0], part[1], part[2]);
}

static void split3_ref(const OpCall *c)
{
    int64_t wide = shape_last(&c->in[0].shape), n = wide / PARTS;
    const real *x = c->in[0].data;

    for (int k = 0; k < PARTS; k++) {
        real *y = c->out[k].data;

        for (int64_t i = 0; y && i < tensor_count(&c->out[k]); i++)
            y[i] = x[i / n * wide + k * n + i % n];
    }
}

static bool joined_shape(ShapeCall *c)
{
    if (!want(c, 0, "split3_grad's x", DT_F32, FLAT_RANK) || !want_alike(c, "split3_grad", 0, 1) ||
        !want_alike(c, "split3_grad", 0, 2))
        return false;
    if (c->in[0].shape.rank < 1)
        return shape_fail(c, "split3_grad of %s: there are no columns", IN_TEXT(c, 0));
    c->out[0] = c->in[0];
    c->out[0].shape.dim[c->out[0].shape.rank - 1] *= PARTS;
    return true;
}

static void joined_ref(const OpCall *c)
{
    int64_t wide = shape_last(&c->out[0].shape), n = wide / PARTS;
    real *y = c->out[0].data;

    for (int k = 0; k < PARTS; k++) {
        const real *x = c->in[k].data;

        for (int64_t i = 0; i < tensor_count(&c->in[k]); i++)
            y[i / n * wide + k * n + i % n] = x[i];
    }
}

static const OpCase split_cases[] = {
    {.in = {DIMS(-CASE_T, 21)}},
    {.in = {DIMS(2, 3, 51)}},
    {.in = {DIMS(-CASE_B, 96)}},
    {.in = {DIMS(99)}},
};
static const OpCase grad_cases[] = {
    {.in = {DIMS(-CASE_T, 7), DIMS(-CASE_T, 7), DIMS(-CASE_T, 7)}},
    {.in = {DIMS(2, 3, 17), DIMS(2, 3, 17), DIMS(2, 3, 17)}},
    {.in = {DIMS(-CASE_B, 32), DIMS(-CASE_B, 32), DIMS(-CASE_B, 32)}},
    {.in = {DIMS(33), DIMS(33), DIMS(33)}},
};

const OpDef opdef_split3 = {
    .name = "split3",
    .inputs = 1,
    .outputs = PARTS,
    .shape = split3_shape,
    .grad = split3_grad,
    .ref = split3_ref,
    CASES(split_cases),
};

const OpDef opdef_split3_grad = {
    .name = "split3_grad",
    .inputs = PARTS,
    .outputs = 1,
    .shape = joined_shape,
    .ref = joined_ref,
    CASES(grad_cases),
};

Node op_split3(Node x)
{
    return op_call(&opdef_split3, (Node[]){x}, NULL);
}

Node op_split3_grad(Node a, Node b, Node c)
{
    return op_call(&opdef_split3_grad, (Node[]){a, b, c}, NULL);
}

/* SPDX-License-Identifier: MIT */
