/* act.h - activations and their slopes, for the kernels that apply them; ops/activate.c has the formulas. */
#ifndef ACT_H
#define ACT_H

#include "cpu/simd_math.h"

typedef f32x (*Map1)(f32x x);

#define GELU_A 0.7978845608F /* sqrt(2 / pi) */
#define GELU_B 0.044715F

SIMD f32x relu(f32x x)
{
    return f_pick(f_less(f_zero(), x), x, f_mul(x, f_zero())); /* the product keeps NaN */
}

SIMD f32x relu_slope(f32x x)
{
    return f_pick(f_less(f_zero(), x), f_set(1.0F), f_zero());
}

/* Phi(x), the normal distribution */
SIMD f32x normal_below(f32x x)
{
    return f_fma(f_set(0.5F), f_erf(f_mul(x, f_set(0.7071067812F))), f_set(0.5F));
}

SIMD f32x gelu(f32x x)
{
    return f_mul(x, normal_below(x));
}

SIMD f32x gelu_slope(f32x x)
{
    f32x bell = f_exp(f_mul(f_mul(x, x), f_set(-0.5F)));

    return f_fma(f_mul(x, f_set(0.5F * GELU_A)), bell, normal_below(x));
}

SIMD f32x gelu_inner(f32x x, f32x xx)
{
    return f_tanh(f_mul(f_mul(x, f_set(GELU_A)), f_fma(xx, f_set(GELU_B), f_set(1.0F))));
}

SIMD f32x gelu_tanh(f32x x)
{
    f32x h = f_mul(x, f_set(0.5F));

    return f_fma(h, gelu_inner(x, f_mul(x, x)), h);
}

SIMD f32x gelu_tanh_slope(f32x x)
{
    f32x xx = f_mul(x, x), t = gelu_inner(x, xx), half = f_set(0.5F);
    f32x inner = f_fma(xx, f_set(3.0F * GELU_A * GELU_B), f_set(GELU_A));
    f32x bend = f_mul(f_mul(f_mul(x, half), f_fma(f_neg(t), t, f_set(1.0F))), inner);

    return f_add(f_fma(half, t, half), bend);
}

SIMD f32x gated(f32x x, float by)
{
    return f_mul(x, f_sigmoid(f_mul(x, f_set(by))));
}

SIMD f32x gated_slope(f32x x, float by)
{
    f32x t = f_sigmoid(f_mul(x, f_set(by)));

    return f_fma(f_mul(f_mul(x, f_set(by)), t), f_sub(f_set(1.0F), t), t);
}

SIMD f32x quick_gelu(f32x x)
{
    return gated(x, 1.702F);
}

SIMD f32x quick_gelu_slope(f32x x)
{
    return gated_slope(x, 1.702F);
}

SIMD f32x silu(f32x x)
{
    return gated(x, 1.0F);
}

SIMD f32x silu_slope(f32x x)
{
    return gated_slope(x, 1.0F);
}

SIMD f32x tanh_slope(f32x x)
{
    f32x t = f_tanh(x);

    return f_fma(f_neg(t), t, f_set(1.0F));
}

SIMD f32x sigmoid_slope(f32x x)
{
    f32x t = f_sigmoid(x);

    return f_mul(t, f_sub(f_set(1.0F), t));
}

SIMD f32x relu6(f32x x)
{
    return f_min(f_set(6.0F), relu(x)); /* NaN stays */
}

SIMD f32x relu6_slope(f32x x)
{
    return f_pick(f_less(x, f_set(6.0F)), relu_slope(x), f_zero());
}

SIMD f32x hardsigmoid(f32x x)
{
    return f_mul(relu6(f_add(x, f_set(3.0F))), f_set(1.0F / 6));
}

SIMD f32x hardsigmoid_slope(f32x x)
{
    return f_pick(f_less(f_abs(x), f_set(3.0F)), f_set(1.0F / 6), f_zero());
}

SIMD f32x hardswish(f32x x)
{
    return f_mul(x, hardsigmoid(x));
}

SIMD f32x hardswish_slope(f32x x)
{
    f32x bent = f_fma(x, f_set(1.0F / 3), f_set(0.5F));

    bent = f_pick(f_less(x, f_set(3.0F)), bent, f_set(1.0F));
    return f_pick(f_less(f_set(-3.0F), x), bent, f_zero());
}

/* Calls DO(fn, slope) with the functions of a kind, known when compiling. */
#define ACT_SWITCH(kind, DO)                                                                       \
    switch (kind) {                                                                                \
    case ACT_RELU:                                                                                 \
        DO(relu, relu_slope);                                                                      \
        break;                                                                                     \
    case ACT_GELU:                                                                                 \
        DO(gelu, gelu_slope);                                                                      \
        break;                                                                                     \
    case ACT_GELU_TANH:                                                                            \
        DO(gelu_tanh, gelu_tanh_slope);                                                            \
        break;                                                                                     \
    case ACT_QUICK_GELU:                                                                           \
        DO(quick_gelu, quick_gelu_slope);                                                          \
        break;                                                                                     \
    case ACT_TANH:                                                                                 \
        DO(f_tanh, tanh_slope);                                                                    \
        break;                                                                                     \
    case ACT_SIGMOID:                                                                              \
        DO(f_sigmoid, sigmoid_slope);                                                              \
        break;                                                                                     \
    case ACT_SILU:                                                                                 \
        DO(silu, silu_slope);                                                                      \
        break;                                                                                     \
    case ACT_RELU6:                                                                                \
        DO(relu6, relu6_slope);                                                                    \
        break;                                                                                     \
    case ACT_HARDSIGMOID:                                                                          \
        DO(hardsigmoid, hardsigmoid_slope);                                                        \
        break;                                                                                     \
    case ACT_HARDSWISH:                                                                            \
        DO(hardswish, hardswish_slope);                                                            \
        break;                                                                                     \
    }

#endif
/* SPDX-License-Identifier: MIT */
