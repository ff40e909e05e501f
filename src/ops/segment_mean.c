/* segment_mean.c - the mean over each sequence's visible rows, 0 where there are none.  x: [T, D] -> [B, D]
 * dx_t = dy_b / visible rows of b for rows that are visible, 0 for the others. */
#include "ops/rules.h"

#include <string.h>

static bool segment_mean_shape(ShapeCall *c)
{
    const Desc *x = &c->in[0];

    if (!want(c, 0, "segment_mean's x", DT_F32, 2) || !want_grouped(c, "segment_mean", x->space))
        return false;
    Space groups = graph_space_info(c->g, x->space)->groups;

    set_out(c, 0, DT_F32, SHAPE(graph_space_info(c->g, groups)->capacity, x->shape.dim[1]), groups);
    return true;
}

static void segment_mean_grad(const GradCall *c, Node *dx)
{
    dx[0] = op_segment_mean_grad(c->dy[0], node_space(c->x[0]));
}

static void segment_mean_ref(const OpCall *c)
{
    const Rows *r = c->in_rows[0];
    int64_t n = c->in[0].shape.dim[1];
    const real *x = c->in[0].data;
    real *y = c->out[0].data;

    memset(y, 0, (size_t)tensor_count(&c->out[0]) * sizeof *y);
    for (int64_t s = 0; s < r->groups; s++) {
        int64_t rows = group_visible(r, s);

        for (int64_t t = 0; t < rows; t++)
            for (int64_t i = 0; i < n; i++)
                y[s * n + i] += x[(r->offset[s] + t) * n + i] / (real)rows;
    }
}

static bool segment_mean_grad_shape(ShapeCall *c)
{
    const RowsAttr *a = c->attr;
    const Desc *dy = &c->in[0];

    if (!want(c, 0, "segment_mean_grad's dy", DT_F32, 2) ||
        !want_grouped(c, "segment_mean_grad", a->space))
        return false;
    const SpaceInfo *to = graph_space_info(c->g, a->space);

    if (dy->space != to->groups)
        return shape_fail(c,
                          "segment_mean_grad's dy is %s, not one row for each sequence of "
                          "\"%.60s\"",
                          IN_TEXT(c, 0), to->name);
    set_out(c, 0, DT_F32, SHAPE(to->capacity, dy->shape.dim[1]), a->space);
    return true;
}

static void segment_mean_grad_ref(const OpCall *c)
{
    const Rows *r = c->out_rows[0];
    int64_t n = c->in[0].shape.dim[1];
    const real *dy = c->in[0].data;
    real *dx = c->out[0].data;

    for (int64_t s = 0; s < r->groups; s++) {
        int64_t rows = group_visible(r, s);

        for (int64_t t = 0; t < group_length(r, s); t++)
            for (int64_t i = 0; i < n; i++)
                dx[(r->offset[s] + t) * n + i] = t < rows ? dy[s * n + i] / (real)rows : 0;
    }
}

static double segment_mean_flops(const OpCall *c)
{
    const Tensor *tokens = tensor_count(&c->in[0]) > tensor_count(&c->out[0]) ? c->in : c->out;

    return (double)tensor_count(tokens);
}

static const OpCase cases[] = {
    {.in = {DIMS(-CASE_T, 7)}},
    {.in = {DIMS(-CASE_X, 33)}},
    {.in = {DIMS(-CASE_S, 16)}},
};
static const RowsAttr tokens = {.space = CASE_T}, longer = {.space = CASE_X},
                      others = {.space = CASE_S};
static const OpCase grad_cases[] = {
    {.in = {DIMS(-CASE_B, 7)}, .attr = &tokens},
    {.in = {DIMS(-CASE_B, 33)}, .attr = &longer},
    {.in = {DIMS(-CASE_B, 16)}, .attr = &others},
};

const OpDef opdef_segment_mean = {
    .name = "segment_mean",
    .inputs = 1,
    .outputs = 1,
    .shape = segment_mean_shape,
    .grad = segment_mean_grad,
    .ref = segment_mean_ref,
    .flops = segment_mean_flops,
    CASES(cases),
};

const OpDef opdef_segment_mean_grad = {
    .name = "segment_mean_grad",
    .inputs = 1,
    .outputs = 1,
    .attr_size = sizeof(RowsAttr),
    .shape = segment_mean_grad_shape,
    .ref = segment_mean_grad_ref,
    .flops = segment_mean_flops,
    CASES(grad_cases),
};

Node op_segment_mean(Node x)
{
    return op_call(&opdef_segment_mean, (Node[]){x}, NULL);
}

Node op_segment_mean_grad(Node dy, Space tokens_space)
{
    return op_call(&opdef_segment_mean_grad, (Node[]){dy}, &(RowsAttr){.space = tokens_space});
}

/* SPDX-License-Identifier: MIT */
