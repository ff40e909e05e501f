/* span_xent.c - which row of its sequence?  Cross-entropy of a softmax over the rows of each sequence, in one
 * column of the scores, summed.  scores: [T, C]  target: i32 [B], row within the sequence; negative or beyond
 * its end: ignored -> sum [], lse [B].   dscores = dsum (p - [row = target]) in that column, 0 elsewhere. */
#include "ops/rules.h"

#include <math.h>
#include <string.h>

static bool targeted(ShapeCall *c, int scores, int target)
{
    const SpanAttr *a = c->attr;

    if (!want(c, scores, "span_xent's scores", DT_F32, 2) ||
        !want(c, target, "span_xent's target", DT_I32, 1) ||
        !want_grouped(c, "span_xent", c->in[scores].space))
        return false;
    if (c->in[target].space != graph_space_info(c->g, c->in[scores].space)->groups)
        return shape_fail(c, "span_xent's target %s does not have one row for each sequence of %s",
                          IN_TEXT(c, target), IN_TEXT(c, scores));
    if (a->column < 0 || a->column >= c->in[scores].shape.dim[1])
        return shape_fail(c, "span_xent asks for column %lld of %s", (long long)a->column,
                          IN_TEXT(c, scores));
    return true;
}

static bool span_xent_shape(ShapeCall *c)
{
    if (!targeted(c, 0, 1))
        return false;
    set_out(c, 0, DT_F32, SHAPE0, SPACE_NONE);
    set_out(c, 1, DT_F32, c->in[1].shape, c->in[1].space);
    return true;
}

static void span_xent_grad(const GradCall *c, Node *dx)
{
    const SpanAttr *a = c->attr;

    if (only_first(c, &opdef_span_xent))
        dx[0] = op_span_xent_grad(c->dy[0], c->x[0], c->x[1], node_out(c->y[0], 1), a->column);
}

static void span_xent_ref(const OpCall *c)
{
    const SpanAttr *a = c->attr;
    const Rows *r = c->in_rows[0];
    int64_t n = c->in[0].shape.dim[1];
    const int32_t *target = c->in[1].data;
    real *sum = c->out[0].data, *lses = c->out[1].data, total = 0;

    for (int64_t s = 0; s < r->groups; s++) {
        const real *x = (const real *)c->in[0].data + r->offset[s] * n + a->column;
        int64_t rows = group_length(r, s);
        real top = -HUGE_VAL, parts = 0;

        for (int64_t i = 0; i < rows; i++)
            top = fmax(top, x[i * n]);
        for (int64_t i = 0; i < rows; i++)
            parts += exp(x[i * n] - top);
        real lse = top + (rows ? log(parts) : 0);
        if (lses)
            lses[s] = lse;
        if (target[s] >= 0 && target[s] < rows)
            total += lse - x[target[s] * n];
    }
    if (sum)
        *sum = total;
}

static bool span_xent_grad_shape(ShapeCall *c)
{
    if (!targeted(c, 1, 2) || !want_shape(c, 0, "span_xent_grad's dsum", SHAPE0, SPACE_NONE) ||
        !want_shape(c, 3, "span_xent_grad's lse", c->in[2].shape, c->in[2].space))
        return false;
    c->out[0] = c->in[1];
    return true;
}

static void span_xent_grad_ref(const OpCall *c)
{
    const SpanAttr *a = c->attr;
    const Rows *r = c->in_rows[1];
    int64_t n = c->in[1].shape.dim[1];
    const real *dsum = c->in[0].data, *x = c->in[1].data, *lse = c->in[3].data;
    const int32_t *target = c->in[2].data;
    real *dx = c->out[0].data;

    memset(dx, 0, (size_t)tensor_count(&c->out[0]) * sizeof *dx);
    for (int64_t s = 0; s < r->groups; s++) {
        int64_t rows = group_length(r, s);

        for (int64_t i = 0; target[s] >= 0 && target[s] < rows && i < rows; i++) {
            int64_t at = (r->offset[s] + i) * n + a->column;

            dx[at] = *dsum * (exp(x[at] - lse[s]) - (i == target[s]));
        }
    }
}

static const SpanAttr first = {0}, second = {1};
static const OpCase cases[] = {
    {.in = {DIMS(-CASE_T, 2), DIMS(-CASE_B)}, .attr = &first, .fill = {0, CASE_INDEX}, .below = 1},
    {.in = {DIMS(-CASE_T, 2), DIMS(-CASE_B)}, .attr = &second, .fill = {0, CASE_LABEL}, .below = 4},
    {.in = {DIMS(-CASE_X, 3), DIMS(-CASE_B)}, .attr = &second, .fill = {0, CASE_INDEX}, .below = 3},
};
static const OpCase grad_cases[] = {
    {.in = {{0}, DIMS(-CASE_T, 2), DIMS(-CASE_B), DIMS(-CASE_B)},
     .attr = &first,
     .fill = {0, 0, CASE_INDEX},
     .below = 1},
    {.in = {{0}, DIMS(-CASE_T, 2), DIMS(-CASE_B), DIMS(-CASE_B)},
     .attr = &second,
     .fill = {0, 0, CASE_LABEL},
     .below = 4},
    {.in = {{0}, DIMS(-CASE_X, 3), DIMS(-CASE_B), DIMS(-CASE_B)},
     .attr = &second,
     .fill = {0, 0, CASE_INDEX},
     .below = 3},
};

const OpDef opdef_span_xent = {
    .name = "span_xent",
    .inputs = 2,
    .outputs = 2,
    .attr_size = sizeof(SpanAttr),
    .shape = span_xent_shape,
    .grad = span_xent_grad,
    .ref = span_xent_ref,
    CASES(cases),
};

const OpDef opdef_span_xent_grad = {
    .name = "span_xent_grad",
    .inputs = 4,
    .outputs = 1,
    .attr_size = sizeof(SpanAttr),
    .shape = span_xent_grad_shape,
    .ref = span_xent_grad_ref,
    CASES(grad_cases),
};

Node op_span_xent(Node scores, Node target, int64_t column)
{
    return op_call(&opdef_span_xent, (Node[]){scores, target}, &(SpanAttr){column});
}

Node op_span_xent_grad(Node dsum, Node scores, Node target, Node lse, int64_t column)
{
    return op_call(&opdef_span_xent_grad, (Node[]){dsum, scores, target, lse}, &(SpanAttr){column});
}

/* SPDX-License-Identifier: MIT */
