/* l2norm.c - y = x / max(|x|, eps) over the last axis.  x: [.., D] -> y [.., D], norm = |x| [..]
 * dx = (dy - y sum(dy y)) / norm where norm >= eps, dy / eps elsewhere (PyTorch's clamp_min). */
#include "ops/rules.h"

#include <math.h>

static bool l2norm_shape(ShapeCall *c)
{
    if (!want(c, 0, "l2norm's x", DT_F32, FLAT_RANK))
        return false;
    const Desc *x = &c->in[0];

    if (x->shape.rank < 1 || (x->shape.rank == 1 && x->space != SPACE_NONE))
        return shape_fail(c, "l2norm cannot normalise %s", IN_TEXT(c, 0));
    c->out[0] = *x;
    set_out(c, 1, DT_F32, shape_leading(x->shape), leading_space(x));
    return true;
}

static void l2norm_grad(const GradCall *c, Node *dx)
{
    const NormAttr *a = c->attr;

    if (only_first(c, &opdef_l2norm))
        dx[0] = op_l2norm_grad(c->dy[0], c->y[0], node_out(c->y[0], 1), a->eps);
}

static void l2norm_ref(const OpCall *c)
{
    const NormAttr *a = c->attr;
    int64_t n = shape_last(&c->in[0].shape), rows = tensor_rows(&c->in[0]);
    const real *x = c->in[0].data;
    real *y = c->out[0].data, *norms = c->out[1].data;

    for (int64_t r = 0; r < rows; r++, x += n) {
        real sum = 0;

        for (int64_t i = 0; i < n; i++)
            sum += x[i] * x[i];
        real norm = sqrt(sum), by = fmax(norm, (real)a->eps);
        for (int64_t i = 0; y && i < n; i++)
            y[r * n + i] = x[i] / by;
        if (norms)
            norms[r] = norm;
    }
}

static bool l2norm_grad_shape(ShapeCall *c)
{
    const Desc *y = &c->in[1];

    return want(c, 0, "l2norm_grad's dy", DT_F32, ANY_RANK) && want_alike(c, "l2norm_grad", 0, 1) &&
           want_shape(c, 2, "l2norm_grad's norm", shape_leading(y->shape), leading_space(y)) &&
           op_same_shape(c);
}

static void l2norm_grad_ref(const OpCall *c)
{
    const NormAttr *a = c->attr;
    int64_t n = shape_last(&c->in[0].shape), rows = tensor_rows(&c->in[0]);
    const real *dy = c->in[0].data, *y = c->in[1].data, *norm = c->in[2].data;
    real *dx = c->out[0].data;

    for (int64_t r = 0; r < rows; r++, dy += n, y += n, dx += n) {
        bool scaled = norm[r] >= (real)a->eps;
        real dot = 0;

        for (int64_t i = 0; i < n; i++)
            dot += dy[i] * y[i];
        for (int64_t i = 0; i < n; i++)
            dx[i] = scaled ? (dy[i] - y[i] * dot) / norm[r] : dy[i] / (real)a->eps;
    }
}

static double l2norm_flops(const OpCall *c)
{
    return 4.0 * (double)tensor_count(&c->in[0]);
}

static const NormAttr small = {1e-12F}, clamps = {100};
static const OpCase cases[] = {
    {.in = {DIMS(-CASE_B, 7)}, .attr = &small},
    {.in = {DIMS(5, 33)}, .attr = &small},
    {.in = {DIMS(19)}, .attr = &small},
    {.in = {DIMS(-CASE_B, 16)}, .attr = &clamps},
};
static const OpCase grad_cases[] = {
    {.in = {DIMS(-CASE_B, 7), DIMS(-CASE_B, 7), DIMS(-CASE_B)},
     .attr = &small,
     .fill = {CASE_ANY, CASE_ANY, CASE_FIXED}},
    {.in = {DIMS(5, 33), DIMS(5, 33), DIMS(5)},
     .attr = &small,
     .fill = {CASE_ANY, CASE_ANY, CASE_FIXED}},
    {.in = {DIMS(19), DIMS(19), {0}}, .attr = &small, .fill = {CASE_ANY, CASE_ANY, CASE_FIXED}},
    {.in = {DIMS(-CASE_B, 16), DIMS(-CASE_B, 16), DIMS(-CASE_B)}, .attr = &clamps},
};

const OpDef opdef_l2norm = {
    .name = "l2norm",
    .inputs = 1,
    .outputs = 2,
    .attr_size = sizeof(NormAttr),
    .shape = l2norm_shape,
    .grad = l2norm_grad,
    .ref = l2norm_ref,
    .flops = l2norm_flops,
    CASES(cases),
};

const OpDef opdef_l2norm_grad = {
    .name = "l2norm_grad",
    .inputs = 3,
    .outputs = 1,
    .attr_size = sizeof(NormAttr),
    .shape = l2norm_grad_shape,
    .ref = l2norm_grad_ref,
    .flops = l2norm_flops,
    CASES(grad_cases),
};

Node op_l2norm(Node x, float eps)
{
    return op_call(&opdef_l2norm, (Node[]){x}, &(NormAttr){eps});
}

Node op_l2norm_grad(Node dy, Node y, Node norm, float eps)
{
    return op_call(&opdef_l2norm_grad, (Node[]){dy, y, norm}, &(NormAttr){eps});
}

/* SPDX-License-Identifier: MIT */
