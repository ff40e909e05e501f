/* scale.c - y = factor x, for a factor that never changes.  dx = factor dy. */
#include "ops/rules.h"

static bool scale_shape(ShapeCall *c)
{
    return want(c, 0, "scale's x", DT_F32, ANY_RANK) && op_same_shape(c);
}

static void scale_grad(const GradCall *c, Node *dx)
{
    const ScaleAttr *s = c->attr;

    dx[0] = op_scale(c->dy[0], s->factor);
}

static void scale_ref(const OpCall *c)
{
    const ScaleAttr *s = c->attr;
    const real *x = c->in[0].data;
    real *y = c->out[0].data;

    for (int64_t i = 0; i < tensor_count(&c->in[0]); i++)
        y[i] = (real)s->factor * x[i];
}

static const ScaleAttr third = {1.0F / 3}, minus = {-2.5F};
static const OpCase cases[] = {
    {.in = {DIMS(-CASE_T, 7)}, .attr = &third},
    {.in = {DIMS(-CASE_M)}, .attr = &minus},
    {.in = {DIMS(3, 33)}, .attr = &minus},
    {.in = {{0}}, .attr = &third},
};

const OpDef opdef_scale = {
    .name = "scale",
    .inputs = 1,
    .outputs = 1,
    .attr_size = sizeof(ScaleAttr),
    .shape = scale_shape,
    .grad = scale_grad,
    .ref = scale_ref,
    .inplace = {1},
    CASES(cases),
};

Node op_scale(Node x, float factor)
{
    return op_call(&opdef_scale, (Node[]){x}, &(ScaleAttr){factor});
}

/* SPDX-License-Identifier: MIT */
