/* xent.c - cross-entropy of rows of logits, summed.  logits: [M, C]  labels: i32 [M], negative: ignored
 * weights: [C] or none -> sum [], lse [M].  With n_c = lse - x_c, label smoothing s (Szegedy et al. 2015,
 * arXiv:1512.00567) and W = sum of w:
 * sum over i of (1 - s) w_y n_y + s / C sum_c w_c n_c
 * dx_c = dsum ((1 - s) w_y (p_c - [c = y]) + s / C (W p_c - w_c)),  p_c = exp(x_c - lse) */
#include "ops/rules.h"

#include <math.h>

static bool labelled(ShapeCall *c, int logits, int labels, int weights)
{
    const XentAttr *a = c->attr;

    if (!want(c, logits, "xent's logits", DT_F32, 2) ||
        !want(c, labels, "xent's labels", DT_I32, 1))
        return false;
    const Desc *x = &c->in[logits];

    if (!want_shape(c, labels, "xent's labels", shape_leading(x->shape), x->space))
        return false;
    if (has_in(c, weights) &&
        (!want(c, weights, "xent's weights", DT_F32, 1) ||
         !want_shape(c, weights, "xent's weights", SHAPE(x->shape.dim[1]), SPACE_NONE)))
        return false;
    if (x->shape.dim[1] < 1)
        return shape_fail(c, "xent's logits %s have no classes", IN_TEXT(c, logits));
    if (!(a->smoothing >= 0 && a->smoothing < 1))
        return shape_fail(c, "label smoothing of %g; it must be at least 0 and below 1",
                          (double)a->smoothing);
    return true;
}

static bool xent_shape(ShapeCall *c)
{
    if (!labelled(c, 0, 1, 2))
        return false;
    set_out(c, 0, DT_F32, SHAPE0, SPACE_NONE);
    set_out(c, 1, DT_F32, c->in[1].shape, c->in[1].space);
    return true;
}

static void xent_grad(const GradCall *c, Node *dx)
{
    const XentAttr *a = c->attr;

    if (!only_first(c, &opdef_xent))
        return;
    if (c->need[2])
        graph_fail(c->dy[0].g, "class weights of a cross-entropy cannot be trained");
    if (c->need[0])
        dx[0] =
            op_xent_grad(c->dy[0], c->x[0], c->x[1], node_out(c->y[0], 1), c->x[2], a->smoothing);
}

/* One pass: sum is relative to the largest so far. */
static real log_sum_exp(const real *x, int64_t n)
{
    real top = x[0], sum = 1;

    for (int64_t i = 1; i < n; i++) {
        if (x[i] > top) {
            sum = sum * exp(top - x[i]) + 1;
            top = x[i];
        } else {
            sum += exp(x[i] - top);
        }
    }
    return top + log(sum);
}

static void xent_ref(const OpCall *c)
{
    const XentAttr *a = c->attr;
    int64_t rows = tensor_rows(&c->in[0]), n = shape_last(&c->in[0].shape);
    const real *x = c->in[0].data, *w = c->ins > 2 ? c->in[2].data : NULL;
    const int32_t *labels = c->in[1].data;
    real *sum = c->out[0].data, *lses = c->out[1].data, s = (real)a->smoothing, total = 0;

    for (int64_t r = 0; r < rows; r++, x += n) {
        real lse = log_sum_exp(x, n);
        int32_t y = labels[r];

        if (lses)
            lses[r] = lse;
        if (y < 0)
            continue;
        total += (1 - s) * (w ? w[y] : 1) * (lse - x[y]);
        for (int64_t i = 0; i < n; i++)
            total += s / (real)n * (w ? w[i] : 1) * (lse - x[i]);
    }
    if (sum)
        *sum = total;
}

static bool xent_grad_shape(ShapeCall *c)
{
    if (!labelled(c, 1, 2, 4) || !want_shape(c, 0, "xent_grad's dsum", SHAPE0, SPACE_NONE) ||
        !want_shape(c, 3, "xent_grad's lse", c->in[2].shape, c->in[2].space))
        return false;
    c->out[0] = c->in[1];
    return true;
}

static void xent_grad_ref(const OpCall *c)
{
    const XentAttr *a = c->attr;
    int64_t rows = tensor_rows(&c->in[1]), n = shape_last(&c->in[1].shape);
    const real *dsum = c->in[0].data, *x = c->in[1].data, *lse = c->in[3].data;
    const real *w = c->ins > 4 ? c->in[4].data : NULL;
    const int32_t *labels = c->in[2].data;
    real *dx = c->out[0].data, s = (real)a->smoothing, all = 0;

    for (int64_t i = 0; i < n; i++)
        all += w ? w[i] : 1;
    for (int64_t r = 0; r < rows; r++, x += n, dx += n) {
        int32_t y = labels[r];

        for (int64_t i = 0; i < n; i++) {
            real p = exp(x[i] - lse[r]);

            dx[i] = y < 0 ? 0
                          : *dsum * ((1 - s) * (w ? w[y] : 1) * (p - (i == y)) +
                                     s / (real)n * (all * p - (w ? w[i] : 1)));
        }
    }
}

static double xent_flops(const OpCall *c)
{
    return 8.0 * (double)tensor_count(&c->in[0]);
}

static double xent_grad_flops(const OpCall *c)
{
    return 8.0 * (double)tensor_count(&c->in[1]);
}

static const XentAttr plain = {0}, smooth = {0.1F};
static const OpCase cases[] = {
    {.in = {DIMS(-CASE_M, 7), DIMS(-CASE_M)}, .attr = &plain, .fill = {0, CASE_LABEL}, .below = 7},
    {.in = {DIMS(-CASE_B, 2), DIMS(-CASE_B), DIMS(2)},
     .attr = &plain,
     .fill = {0, CASE_INDEX, CASE_FIXED},
     .below = 2},
    {.in = {DIMS(-CASE_T, 33), DIMS(-CASE_T), DIMS(33)},
     .attr = &smooth,
     .fill = {0, CASE_LABEL, CASE_FIXED},
     .below = 33},
    {.in = {DIMS(5, 16), DIMS(5)}, .attr = &smooth, .fill = {0, CASE_LABEL}, .below = 16},
};
static const OpCase grad_cases[] = {
    {.in = {{0}, DIMS(-CASE_M, 7), DIMS(-CASE_M), DIMS(-CASE_M)},
     .attr = &plain,
     .fill = {0, 0, CASE_LABEL},
     .below = 7},
    {.in = {{0}, DIMS(-CASE_B, 2), DIMS(-CASE_B), DIMS(-CASE_B), DIMS(2)},
     .attr = &plain,
     .fill = {0, 0, CASE_INDEX, 0, CASE_FIXED},
     .below = 2},
    {.in = {{0}, DIMS(-CASE_T, 33), DIMS(-CASE_T), DIMS(-CASE_T), DIMS(33)},
     .attr = &smooth,
     .fill = {0, 0, CASE_LABEL, 0, CASE_FIXED},
     .below = 33},
    {.in = {{0}, DIMS(5, 16), DIMS(5), DIMS(5)},
     .attr = &smooth,
     .fill = {0, 0, CASE_LABEL},
     .below = 16},
};

const OpDef opdef_xent = {
    .name = "xent",
    .inputs = 3,
    .optional = 1,
    .outputs = 2,
    .attr_size = sizeof(XentAttr),
    .shape = xent_shape,
    .grad = xent_grad,
    .ref = xent_ref,
    .flops = xent_flops,
    CASES(cases),
};

const OpDef opdef_xent_grad = {
    .name = "xent_grad",
    .inputs = 5,
    .optional = 1,
    .outputs = 1,
    .attr_size = sizeof(XentAttr),
    .shape = xent_grad_shape,
    .ref = xent_grad_ref,
    .flops = xent_grad_flops,
    .inplace = {2},
    CASES(grad_cases),
};

Node op_xent(Node logits, Node labels, Node weights, float smoothing)
{
    return op_call(&opdef_xent, (Node[]){logits, labels, weights}, &(XentAttr){smoothing});
}

Node op_xent_grad(Node dsum, Node logits, Node labels, Node lse, Node weights, float smoothing)
{
    return op_call(&opdef_xent_grad, (Node[]){dsum, logits, labels, lse, weights},
                   &(XentAttr){smoothing});
}

/* SPDX-License-Identifier: MIT */
