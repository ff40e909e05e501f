/* reshape.c - the same numbers in another shape, in the same order: tables that checkpoints hold as [1, T, D] are rows.
 * Pictures, which lie channels last, have no such thing; their ops are flatten, as_picture, picture_rows. */
#include "ops/rules.h"

#include <string.h>

static bool reshape_shape(ShapeCall *c)
{
    const ReshapeAttr *a = c->attr;

    if (!want(c, 0, "reshape's x", DT_F32, FLAT_RANK))
        return false;
    if (c->in[0].space != SPACE_NONE || a->shape.rank == 4 ||
        shape_size(&a->shape) != shape_size(&c->in[0].shape))
        return shape_fail(c, "reshape cannot make %s of %s", SHAPE_TEXT(&a->shape), IN_TEXT(c, 0));
    set_out(c, 0, DT_F32, a->shape, SPACE_NONE);
    return true;
}

static void reshape_grad(const GradCall *c, Node *dx)
{
    dx[0] = op_reshape(c->dy[0], node_desc(c->x[0])->shape);
}

static void reshape_ref(const OpCall *c)
{
    memcpy(c->out[0].data, c->in[0].data, (size_t)tensor_count(&c->in[0]) * sizeof(real));
}

static const ReshapeAttr row = {DIMS(1, 7)}, table = {DIMS(5, 33)}, line = {DIMS(24)};
static const OpCase cases[] = {
    {.in = {DIMS(1, 1, 7)}, .attr = &row},
    {.in = {DIMS(1, 5, 33)}, .attr = &table},
    {.in = {DIMS(6, 4)}, .attr = &line},
};

const OpDef opdef_reshape = {
    .name = "reshape",
    .inputs = 1,
    .outputs = 1,
    .attr_size = sizeof(ReshapeAttr),
    .shape = reshape_shape,
    .grad = reshape_grad,
    .ref = reshape_ref,
    CASES(cases),
};

Node op_reshape(Node x, Shape shape)
{
    return op_call(&opdef_reshape, (Node[]){x}, &(ReshapeAttr){shape});
}

/* SPDX-License-Identifier: MIT */
