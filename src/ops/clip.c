/* clip.c - what gradients are multiplied with so that their norm stays below `max`, as PyTorch's
 * clip_grad_norm_: sum of squares [], max [] -> min(1, max / (norm + 1e-6)) [], norm [].  max <= 0: 1. */
#include "ops/rules.h"

#include <math.h>

static bool clip_shape(ShapeCall *c)
{
    if (!want(c, 0, "clip's sum of squares", DT_F32, 0) || !want(c, 1, "clip's maximum", DT_F32, 0))
        return false;
    for (int i = 0; i < 2; i++)
        set_out(c, i, DT_F32, SHAPE0, SPACE_NONE);
    return true;
}

static void clip_ref(const OpCall *c)
{
    real norm = sqrt(*(const real *)c->in[0].data), max = *(const real *)c->in[1].data;
    real *coef = c->out[0].data, *norm_out = c->out[1].data;

    if (coef)
        *coef = max > 0 ? fmin(1, max / (norm + 1e-6)) : 1;
    if (norm_out)
        *norm_out = norm;
}

static const OpCase cases[] = {
    {.in = {{0}, {0}}, .fill = {CASE_FIXED, CASE_FIXED}},
    {.in = {{0}, {0}}, .fill = {CASE_FIXED, CASE_ANY}},
    {.in = {{0}, {0}}, .fill = {CASE_FIXED, CASE_ANY}},
};

const OpDef opdef_clip = {
    .name = "clip",
    .inputs = 2,
    .outputs = 2,
    .shape = clip_shape,
    .ref = clip_ref,
    CASES(cases),
};

Node op_clip(Node sqsum, Node max_norm)
{
    return op_call(&opdef_clip, (Node[]){sqsum, max_norm}, NULL);
}

/* SPDX-License-Identifier: MIT */
