/* simd_math.h - exp, log, tanh and erf of sixteen floats: polynomials over simd.h, the same bits in every build.
 * Coefficients are minimax fits of our own; the error of each is below 2 units in the last place of float. */
#ifndef SIMD_MATH_H
#define SIMD_MATH_H

#include "cpu/simd.h"

/* 2^n by its exponent bits; n in -126..127 */
SIMD f32x pow2_(i32x n)
{
    return f_from_bits(i_shl(i_add(n, i_set(127)), 23));
}

/* Rounds to an integer by adding 1.5 * 2^23; |x| < 2^22.  *n: the integer. */
SIMD f32x round_(f32x x, i32x *n)
{
    f32x big = f_set(12582912.0F), y = f_add(x, big);

    *n = i_sub(f_bits(y), f_bits(big));
    return f_sub(y, big);
}

/* e^x; 0 below -104, infinity above 88.73, NaN stays */
SIMD f32x f_exp(f32x x)
{
    i32x n, half;
    f32x r, p, k;

    x = f_max(f_set(-104.0F), f_min(f_set(89.0F), x));
    k = round_(f_mul(x, f_set(1.44269504F)), &n);
    r = f_fma(k, f_set(-0.693145752F), x); /* ln 2 in two parts, the first with few bits */
    r = f_fma(k, f_set(-1.42860677e-6F), r);
    p = f_set(1.395047875e-03F);
    p = f_fma(p, r, f_set(8.368882351e-03F));
    p = f_fma(p, r, f_set(4.166620597e-02F));
    p = f_fma(p, r, f_set(1.666651964e-01F));
    p = f_fma(p, r, f_set(0.5F));
    p = f_add(f_fma(p, f_mul(r, r), r), f_set(1.0F));
    half = i_sar(n, 1); /* in two steps, so that n may leave the exponent's range */
    return f_mul(f_mul(p, pow2_(half)), pow2_(i_sub(n, half)));
}

/* ln x of normal positive x; what else comes in gives no useful number */
SIMD f32x f_log(f32x x)
{
    i32x n = i_sar(i_sub(f_bits(x), i_set(0x3F3504F3U)), 23);
    f32x f = f_sub(f_from_bits(i_sub(f_bits(x), i_shl(n, 23))), f_set(1.0F));
    f32x k = f_from_i(n), s = f_mul(f, f), p = f_set(6.746640056e-02F);

    p = f_fma(p, f, f_set(-1.167565212e-01F));
    p = f_fma(p, f, f_set(1.188816205e-01F));
    p = f_fma(p, f, f_set(-1.240558922e-01F));
    p = f_fma(p, f, f_set(1.421955228e-01F));
    p = f_fma(p, f, f_set(-1.666799635e-01F));
    p = f_fma(p, f, f_set(2.000211924e-01F));
    p = f_fma(p, f, f_set(-2.500000894e-01F));
    p = f_fma(p, f, f_set(3.333331347e-01F));
    p = f_fma(f_mul(p, f), s, f_mul(k, f_set(1.42860677e-6F)));
    p = f_fma(s, f_set(-0.5F), p);
    return f_fma(k, f_set(0.693145752F), f_add(f, p));
}

/* ln (1 + x), x in 0..1: the lost low bits of 1 + x come back as a quotient */
SIMD f32x f_log1p(f32x x)
{
    f32x y = f_add(f_set(1.0F), x), lost = f_sub(x, f_sub(y, f_set(1.0F)));

    return f_add(f_log(y), f_div(lost, y));
}

SIMD f32x f_tanh(f32x x)
{
    f32x a = f_abs(x), s = f_mul(x, x), p = f_set(-5.717045162e-03F), e;

    p = f_fma(p, s, f_set(2.065058798e-02F));
    p = f_fma(p, s, f_set(-5.374349654e-02F));
    p = f_fma(p, s, f_set(1.333149076e-01F));
    p = f_fma(p, s, f_set(-3.333328366e-01F));
    p = f_fma(f_mul(p, s), x, x);
    e = f_exp(f_add(a, a)); /* 1 - 2 / (e^2a + 1) */
    e = f_sub(f_set(1.0F), f_div(f_set(2.0F), f_add(e, f_set(1.0F))));
    return f_pick(f_less(a, f_set(0.625F)), p, f_sign(e, x));
}

SIMD f32x f_erf(f32x x)
{
    f32x a = f_abs(x), s = f_mul(x, x), p = f_set(7.889122935e-05F), q;
    f32x t = f_min(f_set(4.0F), a); /* NaN stays */

    p = f_fma(p, s, f_set(-8.020842215e-04F));
    p = f_fma(p, s, f_set(5.189535674e-03F));
    p = f_fma(p, s, f_set(-2.685444430e-02F));
    p = f_fma(p, s, f_set(1.128360033e-01F));
    p = f_fma(p, s, f_set(-3.761262596e-01F));
    p = f_fma(p, s, f_set(1.283791661e-01F));
    p = f_fma(p, x, x);
    q = f_set(3.557049467e-06F); /* ln(1 - erf t) = -t q(t) */
    q = f_fma(q, t, f_set(-2.843590300e-05F));
    q = f_fma(q, t, f_set(-1.387469092e-04F));
    q = f_fma(q, t, f_set(3.182007698e-03F));
    q = f_fma(q, t, f_set(-2.309162915e-02F));
    q = f_fma(q, t, f_set(1.056690514e-01F));
    q = f_fma(q, t, f_set(6.354101300e-01F));
    q = f_fma(q, t, f_set(1.128599524F));
    q = f_sub(f_set(1.0F), f_exp(f_neg(f_mul(q, t))));
    return f_pick(f_less(a, f_set(1.0F)), p, f_sign(q, x));
}

SIMD f32x f_sigmoid(f32x x)
{
    return f_div(f_set(1.0F), f_add(f_set(1.0F), f_exp(f_neg(x))));
}

/* One value through a vector function: scalars take the same road as vectors. */
SIMD float log_one(float x)
{
    float out[LANES];

    f_store(out, f_log(f_set(x)));
    return out[0];
}

SIMD float sqrt_one(float x)
{
    float out[LANES];

    f_store(out, f_sqrt(f_set(x)));
    return out[0];
}

/* ---- Philox4x32-7 (Salmon et al. 2011) at sixteen counters ---- */

typedef struct Philox {
    i32x counter[4];
    uint32_t key[2];
} Philox;

SIMD void philox(const Philox *p, i32x out[4])
{
    i32x c0 = p->counter[0], c1 = p->counter[1], c2 = p->counter[2], c3 = p->counter[3];
    uint32_t k0 = p->key[0], k1 = p->key[1];

    UNROLL for (int round = 0; round < 7; round++)
    {
        i32x h0, l0, h1, l1;

        u_mul(c0, 0xD2511F53U, &h0, &l0);
        u_mul(c2, 0xCD9E8D57U, &h1, &l1);
        c0 = i_xor(i_xor(h1, c1), i_set(k0));
        c2 = i_xor(i_xor(h0, c3), i_set(k1));
        c1 = l1, c3 = l0;
        k0 += 0x9E3779B9U, k1 += 0xBB67AE85U;
    }
    out[0] = c0, out[1] = c1, out[2] = c2, out[3] = c3;
}

/* Kept: 1 / (1 - p), dropped: 0. */
SIMD f32x keep_scale(i32x word, uint32_t threshold, float scale)
{
    return f_pick(u_at_least(word, i_set(threshold)), f_set(scale), f_zero());
}

SIMD uint32_t drop_threshold(float p)
{
    double t = (double)p * 4294967296.0;

    return t >= 4294967295.0 ? 0xFFFFFFFFU : (uint32_t)t;
}

#endif
/* SPDX-License-Identifier: MIT */
