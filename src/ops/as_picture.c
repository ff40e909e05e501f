/* as_picture.c - a row as a picture of one position, which 1x1 convolutions take: [B, C] -> [B, C, 1, 1].  The mean over
 * positions leads back, and is the gradient. */
#include "ops/rules.h"

#include <string.h>

static bool as_picture_shape(ShapeCall *c)
{
    if (!want(c, 0, "as_picture's x", DT_F32, 2))
        return false;
    const Shape *s = &c->in[0].shape;

    set_out(c, 0, DT_F32, SHAPE(s->dim[0], s->dim[1], 1, 1), c->in[0].space);
    return true;
}

static void as_picture_grad(const GradCall *c, Node *dx)
{
    dx[0] = op_avgpool_all(c->dy[0]);
}

static void as_picture_ref(const OpCall *c)
{
    memcpy(c->out[0].data, c->in[0].data, (size_t)tensor_count(&c->in[0]) * sizeof(real));
}

static const OpCase cases[] = {
    {.in = {DIMS(-CASE_T, 7)}},
    {.in = {DIMS(3, 33)}},
    {.in = {DIMS(1, 1)}},
};

const OpDef opdef_as_picture = {
    .name = "as_picture",
    .inputs = 1,
    .outputs = 1,
    .shape = as_picture_shape,
    .grad = as_picture_grad,
    .ref = as_picture_ref,
    CASES(cases),
};

Node op_as_picture(Node x)
{
    return op_call(&opdef_as_picture, (Node[]){x}, NULL);
}

/* SPDX-License-Identifier: MIT */
