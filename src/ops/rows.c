/* rows.c - rows in front of every sequence (prefixes, prompts).  With P = extra rows of the extended space:
 * rows_prepend: p [P, D], x [T, D] -> [T + B P, D]      dp = rows_prefix_sum(dy)   dx = rows_drop(dy)
 * rows_drop: back to the base rows                      dx = rows_pad(dy)
 * rows_pad: base rows into the extended space, zeros in front      dx = rows_drop(dy)
 * rows_lead: i32 of base rows into the extended space, `value` in front
 * rows_prefix_sum: the front rows summed over sequences -> [P, D]  dx = rows_prepend(dy, 0) */
#include "ops/rules.h"

#include <string.h>

/* The space behind an extended one, checked. */
static bool want_extended(ShapeCall *c, const char *op, Space s)
{
    if (s != SPACE_NONE && graph_space_info(c->g, s)->base != SPACE_NONE)
        return true;
    return shape_fail(c, "%s needs rows with others in front; \"%.60s\" have none", op,
                      s == SPACE_NONE ? "plain rows" : graph_space_info(c->g, s)->name);
}

static void set_rows(ShapeCall *c, Space s, int64_t width)
{
    set_out(c, 0, DT_F32, SHAPE(graph_space_info(c->g, s)->capacity, width), s);
}

static bool rows_prepend_shape(ShapeCall *c)
{
    const Desc *p = &c->in[0], *x = &c->in[1];

    if (!want(c, 0, "rows_prepend's p", DT_F32, 2) || !want(c, 1, "rows_prepend's x", DT_F32, 2) ||
        !want_grouped(c, "rows_prepend", x->space))
        return false;
    if (p->space != SPACE_NONE || p->shape.dim[1] != x->shape.dim[1])
        return shape_fail(c, "rows_prepend cannot put %s in front of %s", IN_TEXT(c, 0),
                          IN_TEXT(c, 1));
    Space s = graph_space_extended(c->g, x->space, p->shape.dim[0]);

    if (s == SPACE_NONE)
        return false;
    set_rows(c, s, x->shape.dim[1]);
    return true;
}

static void rows_prepend_grad(const GradCall *c, Node *dx)
{
    if (c->need[0])
        dx[0] = op_rows_prefix_sum(c->dy[0]);
    if (c->need[1])
        dx[1] = op_rows_drop(c->dy[0]);
}

static void rows_prepend_ref(const OpCall *c)
{
    const Rows *from = c->in_rows[1], *to = c->out_rows[0];
    int64_t p = tensor_count(&c->in[0]), n = c->in[1].shape.dim[1];
    const real *front = c->in[0].data, *x = c->in[1].data;
    real *y = c->out[0].data;

    for (int64_t s = 0; s < from->groups; s++) {
        real *at = y + to->offset[s] * n;

        memcpy(at, front, (size_t)p * sizeof *y);
        memcpy(at + p, x + from->offset[s] * n, (size_t)(group_length(from, s) * n) * sizeof *y);
    }
}

static bool rows_drop_shape(ShapeCall *c)
{
    if (!want(c, 0, "rows_drop's x", DT_F32, 2) || !want_extended(c, "rows_drop", c->in[0].space))
        return false;
    set_rows(c, graph_space_info(c->g, c->in[0].space)->base, c->in[0].shape.dim[1]);
    return true;
}

static void rows_drop_grad(const GradCall *c, Node *dx)
{
    dx[0] = op_rows_pad(c->dy[0], node_space(c->x[0]));
}

static void rows_drop_ref(const OpCall *c)
{
    const Rows *from = c->in_rows[0], *to = c->out_rows[0];
    int64_t n = c->in[0].shape.dim[1];
    const real *x = c->in[0].data;
    real *y = c->out[0].data;

    for (int64_t s = 0; s < to->groups; s++) {
        int64_t rows = group_length(to, s);

        memcpy(y + to->offset[s] * n, x + (from->offset[s + 1] - rows) * n,
               (size_t)(rows * n) * sizeof *y);
    }
}

static bool rows_pad_shape(ShapeCall *c)
{
    const RowsAttr *a = c->attr;

    if (!want(c, 0, "rows_pad's x", DT_F32, 2) || !want_extended(c, "rows_pad", a->space))
        return false;
    if (graph_space_info(c->g, a->space)->base != c->in[0].space)
        return shape_fail(c, "rows_pad cannot put %s into the rows \"%.60s\"", IN_TEXT(c, 0),
                          graph_space_info(c->g, a->space)->name);
    set_rows(c, a->space, c->in[0].shape.dim[1]);
    return true;
}

static void rows_pad_grad(const GradCall *c, Node *dx)
{
    dx[0] = op_rows_drop(c->dy[0]);
}

static void rows_pad_ref(const OpCall *c)
{
    const Rows *from = c->in_rows[0], *to = c->out_rows[0];
    int64_t n = c->in[0].shape.dim[1];
    const real *x = c->in[0].data;
    real *y = c->out[0].data;

    memset(y, 0, (size_t)tensor_count(&c->out[0]) * sizeof *y);
    for (int64_t s = 0; s < from->groups; s++) {
        int64_t rows = group_length(from, s);

        memcpy(y + (to->offset[s + 1] - rows) * n, x + from->offset[s] * n,
               (size_t)(rows * n) * sizeof *y);
    }
}

static bool rows_lead_shape(ShapeCall *c)
{
    const RowsAttr *a = c->attr;

    if (!want(c, 0, "rows_lead's ids", DT_I32, 1) || !want_extended(c, "rows_lead", a->space))
        return false;
    const SpaceInfo *to = graph_space_info(c->g, a->space);

    if (to->base != c->in[0].space)
        return shape_fail(c, "rows_lead cannot put %s into the rows \"%.60s\"", IN_TEXT(c, 0),
                          to->name);
    set_out(c, 0, DT_I32, SHAPE(to->capacity), a->space);
    return true;
}

static void rows_lead_ref(const OpCall *c)
{
    const RowsAttr *a = c->attr;
    const Rows *from = c->in_rows[0], *to = c->out_rows[0];
    const int32_t *x = c->in[0].data;
    int32_t *y = c->out[0].data;

    for (int64_t s = 0; s < from->groups; s++) {
        int64_t rows = group_length(from, s), front = group_length(to, s) - rows;

        for (int64_t i = 0; i < front; i++)
            y[to->offset[s] + i] = (int32_t)a->value;
        memcpy(y + to->offset[s] + front, x + from->offset[s], (size_t)rows * sizeof *y);
    }
}

static bool rows_prefix_sum_shape(ShapeCall *c)
{
    if (!want(c, 0, "rows_prefix_sum's x", DT_F32, 2) ||
        !want_extended(c, "rows_prefix_sum", c->in[0].space))
        return false;
    int64_t extra = graph_space_info(c->g, c->in[0].space)->extra;

    set_out(c, 0, DT_F32, SHAPE(extra, c->in[0].shape.dim[1]), SPACE_NONE);
    return true;
}

static void rows_prefix_sum_grad(const GradCall *c, Node *dx)
{
    Graph *g = c->x[0].g;
    Space base = graph_space_info(g, node_space(c->x[0]))->base;
    Shape shape = SHAPE(graph_space_info(g, base)->capacity, node_dim(c->x[0], 1));

    dx[0] = op_rows_prepend(c->dy[0], op_fill(g, shape, base, 0));
}

static void rows_prefix_sum_ref(const OpCall *c)
{
    const Rows *from = c->in_rows[0];
    int64_t n = c->in[0].shape.dim[1], p = tensor_count(&c->out[0]);
    const real *x = c->in[0].data;
    real *y = c->out[0].data;

    memset(y, 0, (size_t)p * sizeof *y);
    for (int64_t s = 0; s < from->groups; s++)
        for (int64_t i = 0; i < p; i++)
            y[i] += x[from->offset[s] * n + i];
}

static const OpCase prepend_cases[] = {
    {.in = {DIMS(CASE_EXTRA, 7), DIMS(-CASE_T, 7)}},
    {.in = {DIMS(5, 33), DIMS(-CASE_S, 33)}},
    {.in = {DIMS(1, 16), DIMS(-CASE_X, 16)}},
};
static const OpCase extended_cases[] = {
    {.in = {DIMS(-CASE_X, 7)}},
    {.in = {DIMS(-CASE_X, 33)}},
    {.in = {DIMS(-CASE_X, 16)}},
};
static const RowsAttr longer = {.space = CASE_X}, threes = {.space = CASE_X, .value = 3};
static const OpCase lead_cases[] = {
    {.in = {DIMS(-CASE_T)}, .attr = &longer, .fill = {CASE_INDEX}},
    {.in = {DIMS(-CASE_T)}, .attr = &threes, .fill = {CASE_INDEX}},
    {.in = {DIMS(-CASE_T)}, .attr = &threes, .fill = {CASE_LABEL}, .below = 9},
};
static const OpCase pad_cases[] = {
    {.in = {DIMS(-CASE_T, 7)}, .attr = &longer},
    {.in = {DIMS(-CASE_T, 33)}, .attr = &longer},
    {.in = {DIMS(-CASE_T, 16)}, .attr = &longer},
};

const OpDef opdef_rows_prepend = {
    .name = "rows_prepend",
    .inputs = 2,
    .outputs = 1,
    .shape = rows_prepend_shape,
    .grad = rows_prepend_grad,
    .ref = rows_prepend_ref,
    CASES(prepend_cases),
};

const OpDef opdef_rows_drop = {
    .name = "rows_drop",
    .inputs = 1,
    .outputs = 1,
    .shape = rows_drop_shape,
    .grad = rows_drop_grad,
    .ref = rows_drop_ref,
    CASES(extended_cases),
};

const OpDef opdef_rows_pad = {
    .name = "rows_pad",
    .inputs = 1,
    .outputs = 1,
    .attr_size = sizeof(RowsAttr),
    .shape = rows_pad_shape,
    .grad = rows_pad_grad,
    .ref = rows_pad_ref,
    CASES(pad_cases),
};

const OpDef opdef_rows_lead = {
    .name = "rows_lead",
    .inputs = 1,
    .outputs = 1,
    .attr_size = sizeof(RowsAttr),
    .shape = rows_lead_shape,
    .ref = rows_lead_ref,
    CASES(lead_cases),
};

const OpDef opdef_rows_prefix_sum = {
    .name = "rows_prefix_sum",
    .inputs = 1,
    .outputs = 1,
    .shape = rows_prefix_sum_shape,
    .grad = rows_prefix_sum_grad,
    .ref = rows_prefix_sum_ref,
    CASES(extended_cases),
};

Node op_rows_prepend(Node p, Node x)
{
    return op_call(&opdef_rows_prepend, (Node[]){p, x}, NULL);
}

Node op_rows_drop(Node x)
{
    return op_call(&opdef_rows_drop, (Node[]){x}, NULL);
}

Node op_rows_pad(Node x, Space extended)
{
    return op_call(&opdef_rows_pad, (Node[]){x}, &(RowsAttr){.space = extended});
}

Node op_rows_lead(Node ids, Space extended, int64_t value)
{
    return op_call(&opdef_rows_lead, (Node[]){ids}, &(RowsAttr){.space = extended, .value = value});
}

Node op_rows_prefix_sum(Node x)
{
    return op_call(&opdef_rows_prefix_sum, (Node[]){x}, NULL);
}

/* SPDX-License-Identifier: MIT */
