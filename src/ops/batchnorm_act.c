/* batchnorm_act.c - batch normalisation, a residual and an activation in one pass over memory; what the pass
 * fold_batchnorm makes of the three.  x: [B, C, H, W]  w, b, mean: [C]  spread: [C] variance, or 1 / sqrt(variance +
 * eps)  residual: as x, or left out -> [B, C, H, W].  It is made after the gradients and has none of its own. */
#include "ops/activate.h"
#include "ops/pictures.h"

#include <math.h>

static bool batchnorm_act_shape(ShapeCall *c)
{
    static const char *const what[] = {"", "weight", "bias", "mean", "spread"};

    if (!want_pictures(c, 0, "batchnorm_act's x"))
        return false;
    for (int i = 1; i < 5; i++)
        if (!want_channels(c, i, "batchnorm_act", what[i]))
            return false;
    if (has_in(c, 5) && !want_alike(c, "batchnorm_act", 0, 5))
        return false;
    return op_same_shape(c);
}

static void batchnorm_act_ref(const OpCall *c)
{
    const BatchnormActAttr *a = c->attr;
    int64_t n = picture_channels(&c->in[0]), count = tensor_count(&c->in[0]);
    const real *x = c->in[0].data, *w = c->in[1].data, *b = c->in[2].data;
    const real *mean = c->in[3].data, *spread = c->in[4].data, *residual = c->in[5].data;
    real *y = c->out[0].data;

    for (int64_t i = 0; i < count; i++) {
        int64_t k = i % n;
        real r = a->rstd_given ? spread[k] : 1 / sqrt(spread[k] + (real)a->eps);
        real v = (x[i] - mean[k]) * r * w[k] + b[k] + (residual ? residual[i] : 0);

        y[i] = a->activate ? act_value(a->kind, v) : v;
    }
}

static double batchnorm_act_flops(const OpCall *c)
{
    return 4.0 * (double)tensor_count(&c->in[0]);
}

static const BatchnormActAttr relu = {1e-5F, false, true, ACT_RELU},
                              silu = {0, true, true, ACT_SILU}, sum = {1e-3F, false, false, 0},
                              relu6 = {1e-5F, false, true, ACT_RELU6};
#define FILL                                                                                       \
    {                                                                                              \
        0, 0, 0, CASE_FIXED, CASE_FIXED, CASE_ANY                                                  \
    }
static const OpCase cases[] = {
    {.in = {DIMS(-CASE_B, 7, 3, 2), DIMS(7), DIMS(7), DIMS(7), DIMS(7)},
     .attr = &silu,
     .fill = FILL},
    {.in = {DIMS(-CASE_B, 7, 3, 2), DIMS(7), DIMS(7), DIMS(7), DIMS(7), DIMS(-CASE_B, 7, 3, 2)},
     .attr = &relu,
     .fill = FILL},
    {.in = {DIMS(2, 33, 1, 5), DIMS(33), DIMS(33), DIMS(33), DIMS(33), DIMS(2, 33, 1, 5)},
     .attr = &sum,
     .fill = FILL},
    {.in = {DIMS(3, 24, 5, 5), DIMS(24), DIMS(24), DIMS(24), DIMS(24)},
     .attr = &relu6,
     .fill = FILL},
};

const OpDef opdef_batchnorm_act = {
    .name = "batchnorm_act",
    .inputs = 6,
    .optional = 1,
    .outputs = 1,
    .attr_size = sizeof(BatchnormActAttr),
    .shape = batchnorm_act_shape,
    .ref = batchnorm_act_ref,
    .flops = batchnorm_act_flops,
    .inplace = {1},
    CASES(cases),
};

/* SPDX-License-Identifier: MIT */
