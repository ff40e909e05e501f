/* sum_to.c - sums leading dimensions away: [.., suffix] -> [suffix]; to rank 0: everything.
 * The attribute is the suffix.  dx_i = dy, spread over x's shape. */
#include "ops/rules.h"

static bool sum_to_shape(ShapeCall *c)
{
    const Shape *to = c->attr, *x = &c->in[0].shape;
    int lead = x->rank - to->rank;
    bool fits = lead > 0 && (x->rank != 4 || to->rank == 0);

    if (!want(c, 0, "sum_to's x", DT_F32, ANY_RANK))
        return false;
    for (int i = 0; fits && i < to->rank; i++)
        fits = to->dim[i] == x->dim[lead + i];
    if (!fits)
        return shape_fail(c, "sum_to cannot sum %s to %s", IN_TEXT(c, 0), SHAPE_TEXT(to));
    set_out(c, 0, DT_F32, *to, SPACE_NONE);
    return true;
}

static void sum_to_grad(const GradCall *c, Node *dx)
{
    const Desc *d = node_desc(c->x[0]);

    dx[0] = op_add(op_fill(c->x[0].g, d->shape, d->space, 0), c->dy[0]);
}

static void sum_to_ref(const OpCall *c)
{
    const real *x = c->in[0].data;
    real *y = c->out[0].data;
    int64_t m = tensor_count(&c->out[0]), n = tensor_count(&c->in[0]);

    for (int64_t j = 0; j < m; j++)
        y[j] = 0;
    for (int64_t i = 0; i < n; i++)
        y[i % m] += x[i];
}

static const Shape scalar = {0}, seven = DIMS(7), wide = DIMS(33), three = DIMS(3),
                   block = DIMS(3, 5);
static const OpCase cases[] = {
    {.in = {DIMS(-CASE_T, 7)}, .attr = &seven}, {.in = {DIMS(20, 33)}, .attr = &wide},
    {.in = {DIMS(2, 3, 5)}, .attr = &block},    {.in = {DIMS(-CASE_T, 16)}, .attr = &scalar},
    {.in = {DIMS(-CASE_M)}, .attr = &scalar},   {.in = {DIMS(300, 3)}, .attr = &scalar},
    {.in = {DIMS(1031)}, .attr = &scalar},      {.in = {DIMS(600, 3)}, .attr = &three},
};

const OpDef opdef_sum_to = {
    .name = "sum_to",
    .inputs = 1,
    .outputs = 1,
    .attr_size = sizeof(Shape),
    .shape = sum_to_shape,
    .grad = sum_to_grad,
    .ref = sum_to_ref,
    CASES(cases),
};

Node op_sum_to(Node x, Shape suffix)
{
    if (node_valid(x) && shape_equal(&node_desc(x)->shape, &suffix))
        return x; /* nothing to sum */
    return op_call(&opdef_sum_to, (Node[]){x}, &suffix);
}

/* SPDX-License-Identifier: MIT */
