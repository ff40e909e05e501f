/* random.c - counter-based random numbers: a number is a function of (seed, purpose, index), so there is no
 * state to save and a resume skips nothing.
 * Philox4x32 (Salmon, Moraes, Dror, Shaw: Parallel random numbers: as easy as 1, 2, 3; SC 2011), 7 rounds.
 * Normal deviates by inversion (Wichura: AS 241, 1988) with a logarithm of our own: the same bits anywhere. */
#include "base/random.h"

#include <math.h>
#include <string.h>

void philox4x32_rounds(int rounds, const uint32_t counter[4], const uint32_t key[2],
                       uint32_t out[4])
{
    uint32_t c[4], k0 = key[0], k1 = key[1];

    memcpy(c, counter, sizeof c);
    for (int i = 0; i < rounds; i++) {
        uint64_t p0 = (uint64_t)0xD2511F53u * c[0], p1 = (uint64_t)0xCD9E8D57u * c[2];
        uint32_t next[4] = {(uint32_t)(p1 >> 32) ^ c[1] ^ k0, (uint32_t)p1,
                            (uint32_t)(p0 >> 32) ^ c[3] ^ k1, (uint32_t)p0};
        memcpy(c, next, sizeof c);
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    memcpy(out, c, sizeof c);
}

void philox4x32(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4])
{
    philox4x32_rounds(7, counter, key, out);
}

static uint64_t bits64(uint64_t seed, uint64_t purpose, uint64_t index)
{
    uint32_t counter[4] = {(uint32_t)index, (uint32_t)(index >> 32), (uint32_t)purpose,
                           (uint32_t)(purpose >> 32)};
    uint32_t key[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)}, out[4];

    philox4x32(counter, key, out);
    return (uint64_t)out[1] << 32 | out[0];
}

double random_uniform(uint64_t seed, uint64_t purpose, uint64_t index)
{
    return (double)(bits64(seed, purpose, index) >> 11) * 0x1p-53;
}

/* log x for normal x > 0: x = 2^k m, m in [sqrt 1/2, sqrt 2), log m = 2 atanh s, s = (m - 1) / (m + 1). */
static double own_log(double x)
{
    uint64_t bits;

    memcpy(&bits, &x, sizeof bits);
    int k = (int)(bits >> 52) - 1023;
    bits = (bits & 0xfffffffffffffu) | 0x3ff0000000000000u;
    double m, sum = 0;
    memcpy(&m, &bits, sizeof m);
    if (m > 1.4142135623730951) {
        m *= 0.5;
        k++;
    }
    double s = (m - 1) / (m + 1), s2 = s * s;
    for (int i = 23; i >= 1; i -= 2)
        sum = sum * s2 + 1.0 / i;
    return 2 * s * sum + k * 0.69314718055994531;
}

/* (c[0] + c[1] x + ... + c[7] x^7) / (d[0] + ... + d[7] x^7) */
static double ratio(const double c[8], const double d[8], double x)
{
    double top = 0, bottom = 0;

    for (int i = 7; i >= 0; i--) {
        top = top * x + c[i];
        bottom = bottom * x + d[i];
    }
    return top / bottom;
}

double normal_quantile(double p)
{
    static const double a[8] = {3.3871328727963666080e0,  1.3314166789178437745e+2,
                                1.9715909503065514427e+3, 1.3731693765509461125e+4,
                                4.5921953931549871457e+4, 6.7265770927008700853e+4,
                                3.3430575583588128105e+4, 2.5090809287301226727e+3};
    static const double b[8] = {1.0,
                                4.2313330701600911252e+1,
                                6.8718700749205790830e+2,
                                5.3941960214247511077e+3,
                                2.1213794301586595867e+4,
                                3.9307895800092710610e+4,
                                2.8729085735721942674e+4,
                                5.2264952788528545610e+3};
    static const double c[8] = {1.42343711074968357734e0,  4.63033784615654529590e0,
                                5.76949722146069140550e0,  3.64784832476320460504e0,
                                1.27045825245236838258e0,  2.41780725177450611770e-1,
                                2.27238449892691845833e-2, 7.74545014278341407640e-4};
    static const double d[8] = {1.0,
                                2.05319162663775882187e0,
                                1.67638483018380384940e0,
                                6.89767334985100004550e-1,
                                1.48103976427480074590e-1,
                                1.51986665636164571966e-2,
                                5.47593808499534494600e-4,
                                1.05075007164441684324e-9};
    static const double f[8] = {6.65790464350110377720e0,  5.46378491116411436990e0,
                                1.78482653991729133580e0,  2.96560571828504891230e-1,
                                2.65321895265761230930e-2, 1.24266094738807843860e-3,
                                2.71155556874348757815e-5, 2.01033439929228813265e-7};
    static const double g[8] = {1.0,
                                5.99832206555887937690e-1,
                                1.36929880922735805310e-1,
                                1.48753612908506148525e-2,
                                7.86869131145613259100e-4,
                                1.84631831751005468180e-5,
                                1.42151175831644588870e-7,
                                2.04426310338993978564e-15};
    double q = p - 0.5;

    if (q >= -0.425 && q <= 0.425)
        return q * ratio(a, b, 0.180625 - q * q);
    double r = sqrt(-own_log(q < 0 ? p : 1 - p)); /* sqrt is exact by IEEE 754 */
    double x = r <= 5 ? ratio(c, d, r - 1.6) : ratio(f, g, r - 5);
    return q < 0 ? -x : x;
}

double random_normal(uint64_t seed, uint64_t purpose, uint64_t index)
{
    /* 52 bits and a half: exact, and neither 0 nor 1 */
    return normal_quantile(((double)(bits64(seed, purpose, index) >> 12) + 0.5) * 0x1p-52);
}

uint64_t random_purpose(const char *name)
{
    return hash_fnv1a(name, strlen(name), 0);
}

/* The finaliser of SplitMix64 (Steele, Lea, Flood 2014). */
static uint64_t mix(uint64_t x)
{
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return x ^ x >> 31;
}

uint64_t random_permute(uint64_t i, uint64_t n, uint64_t key)
{
    enum { ROUNDS = 8 };
    int half = 2;

    while (half < 32 && (uint64_t)1 << 2 * half < n)
        half++;
    uint64_t mask = ((uint64_t)1 << half) - 1;
    do { /* the network permutes 0 .. 4^half - 1; walk its cycle until back below n */
        uint64_t left = i >> half, right = i & mask;
        for (uint64_t r = 0; r < ROUNDS; r++) {
            uint64_t f = mix(right + mix(key + (r + 1) * 0x9e3779b97f4a7c15u));
            uint64_t next = left ^ (f & mask);
            left = right;
            right = next;
        }
        i = left << half | right;
    } while (i >= n);
    return i;
}
/* SPDX-License-Identifier: MIT */
