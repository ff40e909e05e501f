/* linear_xent.c - cross-entropy of the scores x W^T, summed, without keeping them: a vocabulary makes them larger than
 * anything else of a step.  x: [M, D]  w: [V, D]  labels: i32 [M], negative: ignored -> sum []
 * With z = x W^T, p = softmax(z):  sum over i of lse_i - z_iy   dz = dsum (p - [c = y])   dx = dz W   dw = dz' x
 * The gradient computes the scores anew, a block of rows at a time, and the sum with them, so that what wants both
 * computes them once (the pass share_xent).  Bits are those of op_xent over op_matmul_nt. */
#include "ops/rules.h"

#include <math.h>
#include <string.h>

/* x, w and labels are inputs i, i + 1 and i + 2. */
static bool labelled(ShapeCall *c, int i)
{
    const Desc *x = &c->in[i], *w = &c->in[i + 1];

    if (!want(c, i, "linear_xent's x", DT_F32, 2) ||
        !want(c, i + 1, "linear_xent's w", DT_F32, 2) ||
        !want(c, i + 2, "linear_xent's labels", DT_I32, 1) ||
        !want_shape(c, i + 1, "linear_xent's w", SHAPE(w->shape.dim[0], x->shape.dim[1]),
                    SPACE_NONE) ||
        !want_shape(c, i + 2, "linear_xent's labels", shape_leading(x->shape), x->space))
        return false;
    if (w->shape.dim[0] < 1)
        return shape_fail(c, "linear_xent's w %s has no classes", IN_TEXT(c, i + 1));
    return true;
}

static bool linear_xent_shape(ShapeCall *c)
{
    if (!labelled(c, 0))
        return false;
    set_out(c, 0, DT_F32, SHAPE0, SPACE_NONE);
    return true;
}

static void linear_xent_grad(const GradCall *c, Node *dx)
{
    Node d = op_linear_xent_grad(c->dy[0], c->x[0], c->x[1], c->x[2]);

    for (int i = 0; i < 2; i++)
        if (c->need[i])
            dx[i] = node_out(d, i);
}

static real dot(const real *x, const real *w, int64_t d)
{
    real sum = 0;

    for (int64_t k = 0; k < d; k++)
        sum += x[k] * w[k];
    return sum;
}

/* One pass: sum is relative to the largest so far. */
static real log_sum_exp(const real *x, const real *w, int64_t d, int64_t classes)
{
    real top = dot(x, w, d), sum = 1;

    for (int64_t i = 1; i < classes; i++) {
        real z = dot(x, w + i * d, d);

        sum = z > top ? sum * exp(top - z) + 1 : sum + exp(z - top);
        top = fmax(top, z);
    }
    return top + log(sum);
}

typedef struct Row { /* of x and of w, and of their gradients; those may be NULL */
    const real *x, *w;
    real *dx, *dw;
    int64_t d;
} Row;

static void add_grad(real dz, const Row *r)
{
    for (int64_t j = 0; j < r->d; j++) {
        if (r->dx)
            r->dx[j] += dz * r->w[j];
        if (r->dw)
            r->dw[j] += dz * r->x[j];
    }
}

/* The sum over the rows of a call whose x is input i, and with dsum the gradients. */
static real each_row(const OpCall *c, int i, const real *dsum, real *dx, real *dw)
{
    int64_t rows = tensor_rows(&c->in[i]), d = shape_last(&c->in[i].shape);
    int64_t classes = c->in[i + 1].shape.dim[0];
    const real *x = c->in[i].data, *w = c->in[i + 1].data;
    const int32_t *label = c->in[i + 2].data;
    real total = 0;

    for (int64_t r = 0; r < rows; r++, x += d, dx = dx ? dx + d : NULL) {
        if (label[r] < 0)
            continue;
        real lse = log_sum_exp(x, w, d, classes);
        total += lse - dot(x, w + label[r] * d, d);
        for (int64_t k = 0; dsum && k < classes; k++)
            add_grad(*dsum * (exp(dot(x, w + k * d, d) - lse) - (k == label[r])),
                     &(Row){x, w + k * d, dx, dw ? dw + k * d : NULL, d});
    }
    return total;
}

static void linear_xent_ref(const OpCall *c)
{
    real *sum = c->out[0].data, total = each_row(c, 0, NULL, NULL, NULL);

    if (sum)
        *sum = total;
}

static bool linear_xent_grad_shape(ShapeCall *c)
{
    if (!labelled(c, 1) || !want_shape(c, 0, "linear_xent_grad's dsum", SHAPE0, SPACE_NONE))
        return false;
    c->out[0] = c->in[1];
    c->out[1] = c->in[2];
    set_out(c, 2, DT_F32, SHAPE0, SPACE_NONE);
    return true;
}

static void linear_xent_grad_ref(const OpCall *c)
{
    for (int i = 0; i < 2; i++)
        if (c->out[i].data)
            memset(c->out[i].data, 0, (size_t)tensor_count(&c->out[i]) * sizeof(real));
    real *sum = c->out[2].data,
         total = each_row(c, 1, c->in[0].data, c->out[0].data, c->out[1].data);

    if (sum)
        *sum = total;
}

static double linear_xent_flops(const OpCall *c)
{
    return 2.0 * (double)tensor_count(&c->in[0]) * (double)c->in[1].shape.dim[0];
}

static double linear_xent_grad_flops(const OpCall *c)
{
    return 6.0 * (double)tensor_count(&c->in[1]) * (double)c->in[2].shape.dim[0];
}

static const OpCase cases[] = {
    {.in = {DIMS(-CASE_M, 7), DIMS(5, 7), DIMS(-CASE_M)}, .fill = {0, 0, CASE_LABEL}, .below = 5},
    {.in = {DIMS(-CASE_T, 33), DIMS(19, 33), DIMS(-CASE_T)},
     .fill = {0, 0, CASE_LABEL},
     .below = 19},
    {.in = {DIMS(5, 16), DIMS(64, 16), DIMS(5)}, .fill = {0, 0, CASE_INDEX}, .below = 64},
};
static const OpCase grad_cases[] = {
    {.in = {{0}, DIMS(-CASE_M, 7), DIMS(5, 7), DIMS(-CASE_M)},
     .fill = {0, 0, 0, CASE_LABEL},
     .below = 5},
    {.in = {{0}, DIMS(-CASE_T, 33), DIMS(19, 33), DIMS(-CASE_T)},
     .fill = {0, 0, 0, CASE_LABEL},
     .below = 19},
    {.in = {{0}, DIMS(300, 16), DIMS(64, 16), DIMS(300)},
     .fill = {0, 0, 0, CASE_INDEX},
     .below = 64},
};

const OpDef opdef_linear_xent = {
    .name = "linear_xent",
    .inputs = 3,
    .outputs = 1,
    .shape = linear_xent_shape,
    .grad = linear_xent_grad,
    .ref = linear_xent_ref,
    .flops = linear_xent_flops,
    CASES(cases),
};

const OpDef opdef_linear_xent_grad = {
    .name = "linear_xent_grad",
    .inputs = 4,
    .outputs = 3,
    .shape = linear_xent_grad_shape,
    .ref = linear_xent_grad_ref,
    .flops = linear_xent_grad_flops,
    CASES(grad_cases),
};

Node op_linear_xent(Node x, Node w, Node labels)
{
    return op_call(&opdef_linear_xent, (Node[]){x, w, labels}, NULL);
}

Node op_linear_xent_grad(Node dsum, Node x, Node w, Node labels)
{
    return op_call(&opdef_linear_xent_grad, (Node[]){dsum, x, w, labels}, NULL);
}

/* SPDX-License-Identifier: MIT */
