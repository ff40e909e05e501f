/* gather.c - rows of x by number.  x: [T, D]  index: i32 [M] -> [M, D]
 * The gradient adds dy's rows to zeros in the order of m: [M, D] -> [T, D]. */
#include "ops/rules.h"

#include <string.h>

static bool gather_shape(ShapeCall *c)
{
    if (!want(c, 0, "gather's x", DT_F32, 2) || !want(c, 1, "gather's index", DT_I32, 1))
        return false;
    set_out(c, 0, DT_F32, SHAPE(c->in[1].shape.dim[0], c->in[0].shape.dim[1]), c->in[1].space);
    return true;
}

static void gather_grad(const GradCall *c, Node *dx)
{
    dx[0] = op_gather_grad(c->dy[0], c->x[1], node_space(c->x[0]), node_dim(c->x[0], 0));
}

static void gather_ref(const OpCall *c)
{
    int64_t n = c->in[0].shape.dim[1];
    const real *x = c->in[0].data;
    const int32_t *index = c->in[1].data;
    real *y = c->out[0].data;

    for (int64_t m = 0; m < tensor_count(&c->in[1]); m++)
        memcpy(y + m * n, x + index[m] * n, (size_t)n * sizeof *y);
}

static bool gather_grad_shape(ShapeCall *c)
{
    const RowsAttr *a = c->attr;

    if (!want(c, 0, "gather_grad's dy", DT_F32, 2) || !want(c, 1, "gather_grad's index", DT_I32, 1))
        return false;
    if (c->in[0].shape.dim[0] != c->in[1].shape.dim[0] || c->in[0].space != c->in[1].space)
        return shape_fail(c, "gather_grad's dy %s and index %s differ in rows", IN_TEXT(c, 0),
                          IN_TEXT(c, 1));
    if (a->space != SPACE_NONE && graph_space_info(c->g, a->space)->capacity != a->value)
        return shape_fail(c, "gather_grad makes %lld rows, \"%.60s\" has %lld", (long long)a->value,
                          graph_space_info(c->g, a->space)->name,
                          (long long)graph_space_info(c->g, a->space)->capacity);
    set_out(c, 0, DT_F32, SHAPE(a->value, c->in[0].shape.dim[1]), a->space);
    return true;
}

static void gather_grad_ref(const OpCall *c)
{
    int64_t n = c->in[0].shape.dim[1];
    const real *dy = c->in[0].data;
    const int32_t *index = c->in[1].data;
    real *dx = c->out[0].data;

    memset(dx, 0, (size_t)tensor_count(&c->out[0]) * sizeof *dx);
    for (int64_t m = 0; m < tensor_count(&c->in[1]); m++)
        for (int64_t i = 0; i < n; i++)
            dx[index[m] * n + i] += dy[m * n + i];
}

static const OpCase cases[] = {
    {.in = {DIMS(-CASE_T, 7), DIMS(-CASE_M)}, .fill = {0, CASE_INDEX}},
    {.in = {DIMS(-CASE_T, 33), DIMS(-CASE_B)}, .fill = {0, CASE_INDEX}},
    {.in = {DIMS(11, 16), DIMS(6)}, .fill = {0, CASE_INDEX}, .below = 11},
};
static const RowsAttr tokens = {CASE_T, CASE_T_CAPACITY}, eleven = {SPACE_NONE, 11};
static const OpCase grad_cases[] = {
    {.in = {DIMS(-CASE_M, 7), DIMS(-CASE_M)}, .attr = &tokens, .fill = {0, CASE_INDEX}},
    {.in = {DIMS(-CASE_B, 33), DIMS(-CASE_B)}, .attr = &tokens, .fill = {0, CASE_INDEX}},
    {.in = {DIMS(26, 16), DIMS(26)}, .attr = &eleven, .fill = {0, CASE_INDEX}, .below = 11},
};

const OpDef opdef_gather = {
    .name = "gather",
    .inputs = 2,
    .outputs = 1,
    .shape = gather_shape,
    .grad = gather_grad,
    .ref = gather_ref,
    CASES(cases),
};

const OpDef opdef_gather_grad = {
    .name = "gather_grad",
    .inputs = 2,
    .outputs = 1,
    .attr_size = sizeof(RowsAttr),
    .shape = gather_grad_shape,
    .ref = gather_grad_ref,
    CASES(grad_cases),
};

Node op_gather(Node x, Node index)
{
    return op_call(&opdef_gather, (Node[]){x, index}, NULL);
}

Node op_gather_grad(Node dy, Node index, Space space, int64_t capacity)
{
    return op_call(&opdef_gather_grad, (Node[]){dy, index}, &(RowsAttr){space, capacity});
}

/* SPDX-License-Identifier: MIT */
