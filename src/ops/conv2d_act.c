/* conv2d_act.c - convolution, batch normalisation by given statistics, a residual and an activation, each but the
 * first left out at will: what the pass fold_conv makes of them, applied to sums before they go to memory.
 * x: [B, C, H, W]  w: [O, C / groups, kh, kw]  bias, bn weight, bn bias, mean, var: [O]  residual: as the result
 * -> [B, O, H', W'].  It is made after the gradients and has none of its own. */
#include "ops/activate.h"
#include "ops/pictures.h"

#include <math.h>

enum { BN = 3, RESIDUAL = 7 }; /* where batchnorm's four begin; the residual */

/* The call as the convolution alone would get it. */
static OpCall conv_call(const OpCall *c)
{
    const Conv2dActAttr *a = c->attr;
    OpCall conv = *c;

    conv.attr = &a->conv;
    conv.ins = BN;
    return conv;
}

static bool conv2d_act_shape(ShapeCall *c)
{
    static const char *const what[] = {"batchnorm's weight", "batchnorm's bias", "batchnorm's mean",
                                       "batchnorm's variance"};
    const Conv2dActAttr *a = c->attr;
    ShapeCall conv = *c;

    conv.attr = &a->conv;
    conv.ins = c->ins < BN ? c->ins : BN;
    if (!opdef_conv2d.shape(&conv))
        return false;
    c->out[0] = conv.out[0];
    const Shape *y = &c->out[0].shape;
    for (int i = 0; i < 4 && has_in(c, BN); i++)
        if (!want(c, BN + i, what[i], DT_F32, 1) ||
            !want_shape(c, BN + i, what[i], SHAPE(y->dim[1]), SPACE_NONE))
            return false;
    return !has_in(c, RESIDUAL) ||
           (want(c, RESIDUAL, "conv2d_act's residual", DT_F32, 4) &&
            want_shape(c, RESIDUAL, "conv2d_act's residual", *y, c->out[0].space));
}

static void conv2d_act_ref(const OpCall *c)
{
    const Conv2dActAttr *a = c->attr;
    OpCall conv = conv_call(c);
    int64_t n = picture_channels(&c->out[0]);
    const real *w = c->in[BN].data, *b = c->in[BN + 1].data, *mean = c->in[BN + 2].data;
    const real *var = c->in[BN + 3].data, *residual = c->in[RESIDUAL].data;
    real *y = c->out[0].data;

    opdef_conv2d.ref(&conv);
    for (int64_t i = 0; i < tensor_count(&c->out[0]); i++) {
        int64_t k = i % n;

        if (w)
            y[i] = (y[i] - mean[k]) / sqrt(var[k] + (real)a->eps) * w[k] + b[k];
        if (residual)
            y[i] += residual[i];
        if (a->activate)
            y[i] = act_value(a->kind, y[i]);
    }
}

static double conv2d_act_flops(const OpCall *c)
{
    OpCall conv = conv_call(c);

    return opdef_conv2d.flops(&conv) + 4.0 * (double)tensor_count(&c->out[0]);
}

#define PLAIN                                                                                      \
    {                                                                                              \
        .stride = {1, 1}, .dilation = {1, 1}, .groups = 1                                          \
    }
#define AROUND(s, g)                                                                               \
    {                                                                                              \
        .stride = {s, s}, .pad = {1, 1, 1, 1}, .dilation = {1, 1}, .groups = (g)                   \
    }
#define FILL                                                                                       \
    {                                                                                              \
        [5] = CASE_FIXED, [6] = CASE_FIXED                                                         \
    }
static const Conv2dActAttr whole = {AROUND(1, 1), 1e-3F, true, ACT_RELU},
                           two = {AROUND(2, 2), 1e-5F, true, ACT_SILU},
                           deep = {AROUND(1, 33), 1e-5F, true, ACT_RELU6},
                           sum = {PLAIN, 1e-5F, false, 0}, act = {PLAIN, 0, true, ACT_HARDSWISH};
static const OpCase cases[] = {
    {.in = {DIMS(-CASE_B, 5, 4, 3), DIMS(7, 5, 3, 3), DIMS(7), DIMS(7), DIMS(7), DIMS(7), DIMS(7),
            DIMS(-CASE_B, 7, 4, 3)},
     .attr = &whole,
     .fill = FILL},
    {.in = {DIMS(1, 4, 5, 6), DIMS(34, 2, 3, 3), {0}, DIMS(34), DIMS(34), DIMS(34), DIMS(34)},
     .attr = &two,
     .fill = FILL},
    {.in = {DIMS(2, 33, 4, 3), DIMS(33, 1, 3, 3), {0}, DIMS(33), DIMS(33), DIMS(33), DIMS(33)},
     .attr = &deep,
     .fill = FILL},
    {.in = {DIMS(2, 3, 5, 4),
            DIMS(16, 3, 1, 1),
            {0},
            DIMS(16),
            DIMS(16),
            DIMS(16),
            DIMS(16),
            DIMS(2, 16, 5, 4)},
     .attr = &sum,
     .fill = FILL},
    {.in = {DIMS(-CASE_B, 3, 5, 4), DIMS(6, 3, 1, 1), DIMS(6)}, .attr = &act},
    {.in = {DIMS(-CASE_B, 3, 5, 4),
            DIMS(6, 3, 1, 1),
            {0},
            {0},
            {0},
            {0},
            {0},
            DIMS(-CASE_B, 6, 5, 4)},
     .attr = &sum},
};

const OpDef opdef_conv2d_act = {
    .name = "conv2d_act",
    .inputs = 8,
    .optional = 6,
    .outputs = 1,
    .attr_size = sizeof(Conv2dActAttr),
    .shape = conv2d_act_shape,
    .ref = conv2d_act_ref,
    .flops = conv2d_act_flops,
    CASES(cases),
};

/* SPDX-License-Identifier: MIT */
