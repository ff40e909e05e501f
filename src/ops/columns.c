/* columns.c - n columns from `from` on: [.., W] -> [.., n]; the gradient puts them back among zeros. */
#include "ops/rules.h"

#include <string.h>

static bool columns_shape(ShapeCall *c)
{
    const ColumnsAttr *a = c->attr;

    if (!want(c, 0, "columns' x", DT_F32, FLAT_RANK))
        return false;
    Desc out = c->in[0];
    int64_t wide = out.shape.rank ? shape_last(&out.shape) : 0;

    if (a->from < 0 || a->n < 1 || a->from > wide - a->n)
        return shape_fail(c, "%s has no %lld columns from %lld on", IN_TEXT(c, 0), (long long)a->n,
                          (long long)a->from);
    out.shape.dim[out.shape.rank - 1] = a->n;
    c->out[0] = out;
    return true;
}

static void columns_grad(const GradCall *c, Node *dx)
{
    const ColumnsAttr *a = c->attr;

    dx[0] = op_columns_grad(c->dy[0], a->from, node_dim(c->x[0], -1));
}

static void columns_ref(const OpCall *c)
{
    const ColumnsAttr *a = c->attr;
    int64_t wide = shape_last(&c->in[0].shape);
    const real *x = c->in[0].data;
    real *y = c->out[0].data;

    for (int64_t i = 0; i < tensor_count(&c->out[0]); i++)
        y[i] = x[i / a->n * wide + a->from + i % a->n];
}

static bool columns_grad_shape(ShapeCall *c)
{
    const ColumnsAttr *a = c->attr;

    if (!want(c, 0, "columns_grad's dy", DT_F32, FLAT_RANK))
        return false;
    Desc out = c->in[0];
    int64_t n = out.shape.rank ? shape_last(&out.shape) : 0;

    if (n < 1 || a->from < 0 || a->from > a->n - n)
        return shape_fail(c, "%s does not fit into %lld columns from %lld on", IN_TEXT(c, 0),
                          (long long)a->n, (long long)a->from);
    out.shape.dim[out.shape.rank - 1] = a->n;
    c->out[0] = out;
    return true;
}

static void columns_grad_ref(const OpCall *c)
{
    const ColumnsAttr *a = c->attr;
    int64_t n = shape_last(&c->in[0].shape);
    const real *dy = c->in[0].data;
    real *dx = c->out[0].data;

    memset(dx, 0, (size_t)tensor_count(&c->out[0]) * sizeof *dx);
    for (int64_t i = 0; i < tensor_count(&c->in[0]); i++)
        dx[i / n * a->n + a->from + i % n] = dy[i];
}

static const ColumnsAttr first = {0, 3}, middle = {5, 16}, last = {31, 2};
static const ColumnsAttr wide_first = {0, 7}, wide_middle = {5, 40}, wide_last = {31, 33};
static const OpCase cases[] = {
    {.in = {DIMS(-CASE_T, 7)}, .attr = &first},
    {.in = {DIMS(2, 3, 40)}, .attr = &middle},
    {.in = {DIMS(5, 33)}, .attr = &last},
};
static const OpCase grad_cases[] = {
    {.in = {DIMS(-CASE_T, 3)}, .attr = &wide_first},
    {.in = {DIMS(2, 3, 16)}, .attr = &wide_middle},
    {.in = {DIMS(5, 2)}, .attr = &wide_last},
};

const OpDef opdef_columns = {
    .name = "columns",
    .inputs = 1,
    .outputs = 1,
    .attr_size = sizeof(ColumnsAttr),
    .shape = columns_shape,
    .grad = columns_grad,
    .ref = columns_ref,
    CASES(cases),
};

const OpDef opdef_columns_grad = {
    .name = "columns_grad",
    .inputs = 1,
    .outputs = 1,
    .attr_size = sizeof(ColumnsAttr),
    .shape = columns_grad_shape,
    .ref = columns_grad_ref,
    CASES(grad_cases),
};

Node op_columns(Node x, int64_t from, int64_t n)
{
    return op_call(&opdef_columns, (Node[]){x}, &(ColumnsAttr){from, n});
}

Node op_columns_grad(Node dy, int64_t from, int64_t wide)
{
    return op_call(&opdef_columns_grad, (Node[]){dy}, &(ColumnsAttr){from, wide});
}

/* SPDX-License-Identifier: MIT */
