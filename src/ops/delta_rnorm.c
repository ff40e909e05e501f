/* delta_rnorm.c - one over the length of each output's weights when a low product is added to them:
 * y_i = 1 / |W_i + s (B A)_i|, rows i of W [out, in], or its columns where it is turned, [in, out].
 * b: [out, r], a: [r, in] -> [out].  A constant for gradients, as DoRA has it (Liu et al. 2024, arXiv:2402.09353,
 * section 4.3).  W + s B A is stored nowhere. */
#include "ops/rules.h"

#include <math.h>

static bool delta_rnorm_shape(ShapeCall *c)
{
    const DeltaAttr *d = c->attr;

    if (!want(c, 0, "delta_rnorm's w", DT_F32, 2) || !want(c, 1, "delta_rnorm's b", DT_F32, 2) ||
        !want(c, 2, "delta_rnorm's a", DT_F32, 2))
        return false;
    const Shape *w = &c->in[0].shape, *b = &c->in[1].shape, *a = &c->in[2].shape;
    int64_t out = w->dim[d->turned ? 1 : 0], in = w->dim[d->turned ? 0 : 1];

    for (int i = 0; i < 3; i++)
        if (c->in[i].space != SPACE_NONE)
            return shape_fail(c, "delta_rnorm's %s is rows of a run", IN_TEXT(c, i));
    if (b->dim[0] != out || a->dim[1] != in || a->dim[0] != b->dim[1])
        return shape_fail(c, "delta_rnorm cannot add %s times %s to %s", IN_TEXT(c, 1),
                          IN_TEXT(c, 2), IN_TEXT(c, 0));
    set_out(c, 0, DT_F32, SHAPE(out), SPACE_NONE);
    return true;
}

static void delta_rnorm_ref(const OpCall *c)
{
    const DeltaAttr *d = c->attr;
    int64_t out = c->in[1].shape.dim[0], rank = c->in[1].shape.dim[1], in = c->in[2].shape.dim[1];
    const real *w = c->in[0].data, *b = c->in[1].data, *a = c->in[2].data;
    real *y = c->out[0].data;

    for (int64_t i = 0; i < out; i++) {
        real sum = 0;

        for (int64_t j = 0; j < in; j++) {
            real v = w[d->turned ? j * out + i : i * in + j];

            for (int64_t r = 0; r < rank; r++)
                v += (real)d->scale * b[i * rank + r] * a[r * in + j];
            sum += v * v;
        }
        y[i] = 1 / sqrt(sum);
    }
}

static double delta_rnorm_flops(const OpCall *c)
{
    return 2.0 * (double)tensor_count(&c->in[0]) * (double)(c->in[1].shape.dim[1] + 1);
}

static const DeltaAttr plain = {.scale = 2}, flipped = {.scale = -0.5F, .turned = true};
static const OpCase cases[] = {
    {.in = {DIMS(5, 7), DIMS(5, 3), DIMS(3, 7)}, .attr = &plain},
    {.in = {DIMS(33, 48), DIMS(33, 8), DIMS(8, 48)}, .attr = &plain},
    {.in = {DIMS(1, 19), DIMS(1, 1), DIMS(1, 19)}, .attr = &plain},
    {.in = {DIMS(7, 5), DIMS(5, 3), DIMS(3, 7)}, .attr = &flipped},
    {.in = {DIMS(48, 33), DIMS(33, 8), DIMS(8, 48)}, .attr = &flipped},
};

const OpDef opdef_delta_rnorm = {
    .name = "delta_rnorm",
    .inputs = 3,
    .outputs = 1,
    .attr_size = sizeof(DeltaAttr),
    .shape = delta_rnorm_shape,
    .constant = true,
    .ref = delta_rnorm_ref,
    .flops = delta_rnorm_flops,
    CASES(cases),
};

Node op_delta_rnorm(Node w, Node b, Node a, float scale, bool turned)
{
    return op_call(&opdef_delta_rnorm, (Node[]){w, b, a}, &(DeltaAttr){scale, turned});
}

/* SPDX-License-Identifier: MIT */
