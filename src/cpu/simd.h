/* simd.h - sixteen floats at a time: one virtual width for the scalar, AVX2 and AVX-512 builds.
 * Included by *.simd.c only, which are compiled once per instruction set.  Every function gives the same
 * bits in all three builds: fma is explicit, f_min and f_max return b when either is NaN, sums over lanes
 * use one tree (8 apart, 4, 2, 1).  Tails: n in 0..16, missing lanes read as 0 and are not written. */
#ifndef SIMD_H
#define SIMD_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define LANES ((int64_t)16)

#define K_2(name, isa) name##_##isa
#define K_1(name, isa) K_2(name, isa)
#define K(name)        K_1(name, SIMD_ISA)

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif

/* Functions and loops that must vanish, so that their vectors live in registers.  The scalar build has no such
 * registers; under a sanitizer, so much inlined code would take minutes to compile. */
#if defined(SANITIZED)
#define SIMD static __attribute__((noinline, unused))
#define UNROLL
#elif !defined(__AVX2__)
#define SIMD static inline __attribute__((unused))
#define UNROLL
#else
#define SIMD static inline __attribute__((always_inline, unused))
#ifdef __clang__
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 16")
#endif
#endif

/* Of a loop whose length is a constant at most calls only: clang takes the other for an error. */
#ifdef __clang__
#define UNROLL_KNOWN
#else
#define UNROLL_KNOWN UNROLL
#endif

#if defined(__AVX512F__)

#include <immintrin.h>

typedef __m512 f32x;
typedef __m512i i32x;
typedef __mmask16 m32x;

/* clang-format off */
SIMD m32x tail_(int64_t n) { return (m32x)((1u << n) - 1u); }
SIMD f32x f_load(const float *p) { return _mm512_loadu_ps(p); }
SIMD f32x f_load_n(const float *p, int64_t n) { return _mm512_maskz_loadu_ps(tail_(n), p); }
SIMD void f_store(float *p, f32x v) { _mm512_storeu_ps(p, v); }
SIMD void f_store_n(float *p, f32x v, int64_t n) { _mm512_mask_storeu_ps(p, tail_(n), v); }
SIMD void f_store8(float *p, f32x v) { _mm256_storeu_ps(p, _mm512_castps512_ps256(v)); }
SIMD f32x f_set(float x) { return _mm512_set1_ps(x); }
SIMD f32x f_add(f32x a, f32x b) { return _mm512_add_ps(a, b); }
SIMD f32x f_sub(f32x a, f32x b) { return _mm512_sub_ps(a, b); }
SIMD f32x f_mul(f32x a, f32x b) { return _mm512_mul_ps(a, b); }
SIMD f32x f_div(f32x a, f32x b) { return _mm512_div_ps(a, b); }
SIMD f32x f_sqrt(f32x a) { return _mm512_sqrt_ps(a); }
SIMD f32x f_fma(f32x a, f32x b, f32x c) { return _mm512_fmadd_ps(a, b, c); }
SIMD f32x f_min(f32x a, f32x b) { return _mm512_min_ps(a, b); }
SIMD f32x f_max(f32x a, f32x b) { return _mm512_max_ps(a, b); }
SIMD i32x i_set(uint32_t x) { return _mm512_set1_epi32((int)x); }
SIMD i32x i_load(const void *p) { return _mm512_loadu_si512(p); }
SIMD void i_store(void *p, i32x v) { _mm512_storeu_si512(p, v); }
SIMD i32x i_add(i32x a, i32x b) { return _mm512_add_epi32(a, b); }
SIMD i32x i_sub(i32x a, i32x b) { return _mm512_sub_epi32(a, b); }
SIMD i32x i_and(i32x a, i32x b) { return _mm512_and_si512(a, b); }
SIMD i32x i_or(i32x a, i32x b) { return _mm512_or_si512(a, b); }
SIMD i32x i_xor(i32x a, i32x b) { return _mm512_xor_si512(a, b); }
#define i_shl(a, n) _mm512_slli_epi32((a), (n))
#define i_sar(a, n) _mm512_srai_epi32((a), (n))
SIMD i32x f_bits(f32x a) { return _mm512_castps_si512(a); }
SIMD f32x f_from_bits(i32x a) { return _mm512_castsi512_ps(a); }
SIMD f32x f_from_i(i32x a) { return _mm512_cvtepi32_ps(a); }
SIMD m32x f_less(f32x a, f32x b) { return _mm512_cmp_ps_mask(a, b, _CMP_LT_OQ); }
SIMD m32x f_nan(f32x a) { return _mm512_cmp_ps_mask(a, a, _CMP_UNORD_Q); }
SIMD m32x u_at_least(i32x a, i32x b) { return _mm512_cmpge_epu32_mask(a, b); }
SIMD m32x i_same(i32x a, i32x b) { return _mm512_cmpeq_epi32_mask(a, b); }
SIMD m32x m_or(m32x a, m32x b) { return (m32x)(a | b); }
SIMD f32x f_pick(m32x m, f32x yes, f32x no) { return _mm512_mask_blend_ps(m, no, yes); }
/* clang-format on */

/* Adds up: lanes 8 apart, then 4, 2, 1. */
SIMD float f_sum(f32x v)
{
    __m256 y = _mm256_add_ps(_mm512_castps512_ps256(v), _mm512_extractf32x8_ps(v, 1));
    __m128 x = _mm_add_ps(_mm256_castps256_ps128(y), _mm256_extractf128_ps(y, 1));

    x = _mm_add_ps(x, _mm_movehl_ps(x, x));
    return _mm_cvtss_f32(_mm_add_ss(x, _mm_shuffle_ps(x, x, 1)));
}

SIMD float f_top(f32x v)
{
    __m256 y = _mm256_max_ps(_mm512_castps512_ps256(v), _mm512_extractf32x8_ps(v, 1));
    __m128 x = _mm_max_ps(_mm256_castps256_ps128(y), _mm256_extractf128_ps(y, 1));

    x = _mm_max_ps(x, _mm_movehl_ps(x, x));
    return _mm_cvtss_f32(_mm_max_ss(x, _mm_shuffle_ps(x, x, 1)));
}

/* 32 x 32 -> 64 bit products */
SIMD void u_mul(i32x a, uint32_t m, i32x *hi, i32x *lo)
{
    __m512i k = _mm512_set1_epi32((int)m);
    __m512i even = _mm512_mul_epu32(a, k), odd = _mm512_mul_epu32(_mm512_srli_epi64(a, 32), k);

    *lo = _mm512_mask_blend_epi32(0xAAAA, even, _mm512_slli_epi64(odd, 32));
    *hi = _mm512_mask_blend_epi32(0xAAAA, _mm512_srli_epi64(even, 32), odd);
}

/* Transposes the 4 x 4 block that each group of four lanes of v[0..3] makes. */
SIMD void f_turn4(f32x v[4])
{
    __m512 a = _mm512_unpacklo_ps(v[0], v[1]), b = _mm512_unpackhi_ps(v[0], v[1]);
    __m512 c = _mm512_unpacklo_ps(v[2], v[3]), d = _mm512_unpackhi_ps(v[2], v[3]);

    v[0] = _mm512_shuffle_ps(a, c, 0x44), v[1] = _mm512_shuffle_ps(a, c, 0xEE);
    v[2] = _mm512_shuffle_ps(b, d, 0x44), v[3] = _mm512_shuffle_ps(b, d, 0xEE);
}

/* to[c * to_step + r] = v[r][c], written in rising c: with a smaller to_step, what one c leaves too much the next
 * overwrites. */
SIMD void turn16_(f32x v[16], float *to, int64_t to_step)
{
    f32x w[16];

    /* after four fours: rows 4q.., columns i + 4 * lane group in v[4q + i] */
    UNROLL for (int q = 0; q < 4; q++) f_turn4(v + 4 * q);
    UNROLL for (int i = 0; i < 4; i++)
    {
        f32x a = _mm512_shuffle_f32x4(v[i], v[4 + i], 0x44);
        f32x b = _mm512_shuffle_f32x4(v[i], v[4 + i], 0xEE);
        f32x c = _mm512_shuffle_f32x4(v[8 + i], v[12 + i], 0x44);
        f32x d = _mm512_shuffle_f32x4(v[8 + i], v[12 + i], 0xEE);

        w[i] = _mm512_shuffle_f32x4(a, c, 0x88), w[4 + i] = _mm512_shuffle_f32x4(a, c, 0xDD);
        w[8 + i] = _mm512_shuffle_f32x4(b, d, 0x88), w[12 + i] = _mm512_shuffle_f32x4(b, d, 0xDD);
    }
    UNROLL for (int i = 0; i < 16; i++) f_store(to + i * to_step, w[i]);
}

/* to[c * to_step + r] = from[r * step + c], 16 x 16.  Only `rows` (1..16) rows are read, the last one stands for the
 * others. */
SIMD void f_transpose(const float *from, int64_t step, int rows, float *to, int64_t to_step)
{
    f32x v[16];

    UNROLL for (int i = 0; i < 16; i++) v[i] = f_load(from + (i < rows ? i : rows - 1) * step);
    turn16_(v, to, to_step);
}

#elif defined(__AVX2__)

#include <immintrin.h>

typedef struct f32x {
    __m256 a, b;
} f32x;
typedef struct i32x {
    __m256i a, b;
} i32x;
typedef f32x m32x;

static const int32_t tail_words_[32]
    __attribute__((unused)) = {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1};

/* clang-format off */
#define F2(x, y) ((f32x){(x), (y)})
#define I2(x, y) ((i32x){(x), (y)})
SIMD __m256i tail_(int64_t n) { return _mm256_loadu_si256((const __m256i *)(tail_words_ + 16 - n)); }
SIMD __m256i tail8_(int64_t n) { return _mm256_loadu_si256((const __m256i *)(tail_words_ + 24 - n)); }
SIMD f32x f_load(const float *p) { return F2(_mm256_loadu_ps(p), _mm256_loadu_ps(p + 8)); }
SIMD f32x f_load_n(const float *p, int64_t n) { return F2(_mm256_maskload_ps(p, tail_(n)), _mm256_maskload_ps(p + 8, tail8_(n))); }
SIMD void f_store(float *p, f32x v) { _mm256_storeu_ps(p, v.a); _mm256_storeu_ps(p + 8, v.b); }
SIMD void f_store_n(float *p, f32x v, int64_t n) { _mm256_maskstore_ps(p, tail_(n), v.a); _mm256_maskstore_ps(p + 8, tail8_(n), v.b); }
SIMD void f_store8(float *p, f32x v) { _mm256_storeu_ps(p, v.a); }
SIMD f32x f_set(float x) { __m256 v = _mm256_set1_ps(x); return F2(v, v); }
SIMD f32x f_add(f32x x, f32x y) { return F2(_mm256_add_ps(x.a, y.a), _mm256_add_ps(x.b, y.b)); }
SIMD f32x f_sub(f32x x, f32x y) { return F2(_mm256_sub_ps(x.a, y.a), _mm256_sub_ps(x.b, y.b)); }
SIMD f32x f_mul(f32x x, f32x y) { return F2(_mm256_mul_ps(x.a, y.a), _mm256_mul_ps(x.b, y.b)); }
SIMD f32x f_div(f32x x, f32x y) { return F2(_mm256_div_ps(x.a, y.a), _mm256_div_ps(x.b, y.b)); }
SIMD f32x f_sqrt(f32x x) { return F2(_mm256_sqrt_ps(x.a), _mm256_sqrt_ps(x.b)); }
SIMD f32x f_fma(f32x x, f32x y, f32x z) { return F2(_mm256_fmadd_ps(x.a, y.a, z.a), _mm256_fmadd_ps(x.b, y.b, z.b)); }
SIMD f32x f_min(f32x x, f32x y) { return F2(_mm256_min_ps(x.a, y.a), _mm256_min_ps(x.b, y.b)); }
SIMD f32x f_max(f32x x, f32x y) { return F2(_mm256_max_ps(x.a, y.a), _mm256_max_ps(x.b, y.b)); }
SIMD i32x i_set(uint32_t x) { __m256i v = _mm256_set1_epi32((int)x); return I2(v, v); }
SIMD i32x i_load(const void *p) { return I2(_mm256_loadu_si256((const __m256i *)p), _mm256_loadu_si256((const __m256i *)p + 1)); }
SIMD void i_store(void *p, i32x v) { _mm256_storeu_si256((__m256i *)p, v.a); _mm256_storeu_si256((__m256i *)p + 1, v.b); }
SIMD i32x i_add(i32x x, i32x y) { return I2(_mm256_add_epi32(x.a, y.a), _mm256_add_epi32(x.b, y.b)); }
SIMD i32x i_sub(i32x x, i32x y) { return I2(_mm256_sub_epi32(x.a, y.a), _mm256_sub_epi32(x.b, y.b)); }
SIMD i32x i_and(i32x x, i32x y) { return I2(_mm256_and_si256(x.a, y.a), _mm256_and_si256(x.b, y.b)); }
SIMD i32x i_or(i32x x, i32x y) { return I2(_mm256_or_si256(x.a, y.a), _mm256_or_si256(x.b, y.b)); }
SIMD i32x i_xor(i32x x, i32x y) { return I2(_mm256_xor_si256(x.a, y.a), _mm256_xor_si256(x.b, y.b)); }
#define i_shl(x, n) I2(_mm256_slli_epi32((x).a, (n)), _mm256_slli_epi32((x).b, (n)))
#define i_sar(x, n) I2(_mm256_srai_epi32((x).a, (n)), _mm256_srai_epi32((x).b, (n)))
SIMD i32x f_bits(f32x x) { return I2(_mm256_castps_si256(x.a), _mm256_castps_si256(x.b)); }
SIMD f32x f_from_bits(i32x x) { return F2(_mm256_castsi256_ps(x.a), _mm256_castsi256_ps(x.b)); }
SIMD f32x f_from_i(i32x x) { return F2(_mm256_cvtepi32_ps(x.a), _mm256_cvtepi32_ps(x.b)); }
SIMD m32x f_less(f32x x, f32x y) { return F2(_mm256_cmp_ps(x.a, y.a, _CMP_LT_OQ), _mm256_cmp_ps(x.b, y.b, _CMP_LT_OQ)); }
SIMD m32x f_nan(f32x x) { return F2(_mm256_cmp_ps(x.a, x.a, _CMP_UNORD_Q), _mm256_cmp_ps(x.b, x.b, _CMP_UNORD_Q)); }
SIMD m32x i_same(i32x x, i32x y) { return F2(_mm256_castsi256_ps(_mm256_cmpeq_epi32(x.a, y.a)), _mm256_castsi256_ps(_mm256_cmpeq_epi32(x.b, y.b))); }
SIMD m32x m_or(m32x x, m32x y) { return F2(_mm256_or_ps(x.a, y.a), _mm256_or_ps(x.b, y.b)); }
SIMD __m256 u_ge_(__m256i x, __m256i y) { return _mm256_castsi256_ps(_mm256_cmpeq_epi32(_mm256_max_epu32(x, y), x)); }
SIMD m32x u_at_least(i32x x, i32x y) { return F2(u_ge_(x.a, y.a), u_ge_(x.b, y.b)); }
SIMD f32x f_pick(m32x m, f32x yes, f32x no) { return F2(_mm256_blendv_ps(no.a, yes.a, m.a), _mm256_blendv_ps(no.b, yes.b, m.b)); }
/* clang-format on */

SIMD float f_sum(f32x v)
{
    __m256 y = _mm256_add_ps(v.a, v.b);
    __m128 x = _mm_add_ps(_mm256_castps256_ps128(y), _mm256_extractf128_ps(y, 1));

    x = _mm_add_ps(x, _mm_movehl_ps(x, x));
    return _mm_cvtss_f32(_mm_add_ss(x, _mm_shuffle_ps(x, x, 1)));
}

SIMD float f_top(f32x v)
{
    __m256 y = _mm256_max_ps(v.a, v.b);
    __m128 x = _mm_max_ps(_mm256_castps256_ps128(y), _mm256_extractf128_ps(y, 1));

    x = _mm_max_ps(x, _mm_movehl_ps(x, x));
    return _mm_cvtss_f32(_mm_max_ss(x, _mm_shuffle_ps(x, x, 1)));
}

SIMD void u_mul8_(__m256i a, __m256i k, __m256i *hi, __m256i *lo)
{
    __m256i even = _mm256_mul_epu32(a, k), odd = _mm256_mul_epu32(_mm256_srli_epi64(a, 32), k);

    *lo = _mm256_blend_epi32(even, _mm256_slli_epi64(odd, 32), 0xAA);
    *hi = _mm256_blend_epi32(_mm256_srli_epi64(even, 32), odd, 0xAA);
}

SIMD void u_mul(i32x a, uint32_t m, i32x *hi, i32x *lo)
{
    __m256i k = _mm256_set1_epi32((int)m);

    u_mul8_(a.a, k, &hi->a, &lo->a);
    u_mul8_(a.b, k, &hi->b, &lo->b);
}

SIMD void turn4_(__m256 *v0, __m256 *v1, __m256 *v2, __m256 *v3)
{
    __m256 a = _mm256_unpacklo_ps(*v0, *v1), b = _mm256_unpackhi_ps(*v0, *v1);
    __m256 c = _mm256_unpacklo_ps(*v2, *v3), d = _mm256_unpackhi_ps(*v2, *v3);

    *v0 = _mm256_shuffle_ps(a, c, 0x44), *v1 = _mm256_shuffle_ps(a, c, 0xEE);
    *v2 = _mm256_shuffle_ps(b, d, 0x44), *v3 = _mm256_shuffle_ps(b, d, 0xEE);
}

SIMD void f_turn4(f32x v[4])
{
    turn4_(&v[0].a, &v[1].a, &v[2].a, &v[3].a);
    turn4_(&v[0].b, &v[1].b, &v[2].b, &v[3].b);
}

SIMD void turn8_(__m256 v[8], float *to, int64_t to_step)
{
    turn4_(&v[0], &v[1], &v[2], &v[3]);
    turn4_(&v[4], &v[5], &v[6], &v[7]);
    UNROLL for (int i = 0; i < 4; i++)
        _mm256_storeu_ps(to + i * to_step, _mm256_permute2f128_ps(v[i], v[4 + i], 0x20));
    UNROLL for (int i = 0; i < 4; i++)
        _mm256_storeu_ps(to + (4 + i) * to_step, _mm256_permute2f128_ps(v[i], v[4 + i], 0x31));
}

SIMD void transpose8_(const float *from, int64_t step, int rows, float *to, int64_t to_step)
{
    __m256 v[8];

    UNROLL for (int i = 0; i < 8; i++) v[i] =
        _mm256_loadu_ps(from + (i < rows ? i : rows - 1) * step);
    turn8_(v, to, to_step);
}

SIMD void f_transpose(const float *from, int64_t step, int rows, float *to, int64_t to_step)
{
    for (int c = 0; c < 16; c += 8) {
        transpose8_(from + c, step, rows, to + c * to_step, to_step);
        if (rows > 8)
            transpose8_(from + 8 * step + c, step, rows - 8, to + c * to_step + 8, to_step);
        else if (to_step >= 16)
            transpose8_(from + (rows - 1) * step + c, step, 1, to + c * to_step + 8, to_step);
    }
}

#else

#include <math.h>

typedef struct f32x {
    float v[LANES];
} f32x;
typedef struct i32x {
    uint32_t v[LANES];
} i32x;
typedef struct m32x {
    bool v[LANES];
} m32x;

/* clang-format off */
#define EACH(type, expr) type r; for (int i = 0; i < LANES; i++) r.v[i] = (expr); return r
SIMD uint32_t word_(float x) { uint32_t u; memcpy(&u, &x, 4); return u; }
SIMD float real_(uint32_t u) { float x; memcpy(&x, &u, 4); return x; }
SIMD f32x f_load(const float *p) { f32x r; memcpy(&r, p, sizeof r); return r; }
SIMD f32x f_load_n(const float *p, int64_t n) { EACH(f32x, i < n ? p[i] : 0); }
SIMD void f_store(float *p, f32x v) { memcpy(p, &v, sizeof v); }
SIMD void f_store_n(float *p, f32x v, int64_t n) { for (int i = 0; i < n; i++) p[i] = v.v[i]; }
SIMD void f_store8(float *p, f32x v) { memcpy(p, &v, sizeof v / 2); }
SIMD f32x f_set(float x) { EACH(f32x, x); }
SIMD f32x f_add(f32x a, f32x b) { EACH(f32x, a.v[i] + b.v[i]); }
SIMD f32x f_sub(f32x a, f32x b) { EACH(f32x, a.v[i] - b.v[i]); }
SIMD f32x f_mul(f32x a, f32x b) { EACH(f32x, a.v[i] * b.v[i]); }
SIMD f32x f_div(f32x a, f32x b) { EACH(f32x, a.v[i] / b.v[i]); }
SIMD f32x f_sqrt(f32x a) { EACH(f32x, sqrtf(a.v[i])); }
SIMD f32x f_fma(f32x a, f32x b, f32x c) { EACH(f32x, fmaf(a.v[i], b.v[i], c.v[i])); }
SIMD f32x f_min(f32x a, f32x b) { EACH(f32x, a.v[i] < b.v[i] ? a.v[i] : b.v[i]); }
SIMD f32x f_max(f32x a, f32x b) { EACH(f32x, a.v[i] > b.v[i] ? a.v[i] : b.v[i]); }
SIMD i32x i_set(uint32_t x) { EACH(i32x, x); }
SIMD i32x i_load(const void *p) { i32x r; memcpy(&r, p, sizeof r); return r; }
SIMD void i_store(void *p, i32x v) { memcpy(p, &v, sizeof v); }
SIMD i32x i_add(i32x a, i32x b) { EACH(i32x, a.v[i] + b.v[i]); }
SIMD i32x i_sub(i32x a, i32x b) { EACH(i32x, a.v[i] - b.v[i]); }
SIMD i32x i_and(i32x a, i32x b) { EACH(i32x, a.v[i] & b.v[i]); }
SIMD i32x i_or(i32x a, i32x b) { EACH(i32x, a.v[i] | b.v[i]); }
SIMD i32x i_xor(i32x a, i32x b) { EACH(i32x, a.v[i] ^ b.v[i]); }
SIMD i32x i_shl(i32x a, int n) { EACH(i32x, a.v[i] << n); }
SIMD i32x i_sar(i32x a, int n) { EACH(i32x, (uint32_t)((int32_t)a.v[i] >> n)); }
SIMD i32x f_bits(f32x a) { EACH(i32x, word_(a.v[i])); }
SIMD f32x f_from_bits(i32x a) { EACH(f32x, real_(a.v[i])); }
SIMD f32x f_from_i(i32x a) { EACH(f32x, (float)(int32_t)a.v[i]); }
SIMD m32x f_less(f32x a, f32x b) { EACH(m32x, a.v[i] < b.v[i]); }
SIMD m32x f_nan(f32x a) { EACH(m32x, a.v[i] != a.v[i]); }
SIMD m32x i_same(i32x a, i32x b) { EACH(m32x, a.v[i] == b.v[i]); }
SIMD m32x m_or(m32x a, m32x b) { EACH(m32x, a.v[i] || b.v[i]); }
SIMD m32x u_at_least(i32x a, i32x b) { EACH(m32x, a.v[i] >= b.v[i]); }
SIMD f32x f_pick(m32x m, f32x yes, f32x no) { EACH(f32x, m.v[i] ? yes.v[i] : no.v[i]); }
/* clang-format on */

SIMD float f_sum(f32x v)
{
    for (int half = 8; half > 0; half /= 2)
        for (int i = 0; i < half; i++)
            v.v[i] += v.v[i + half];
    return v.v[0];
}

SIMD float f_top(f32x v)
{
    for (int half = 8; half > 0; half /= 2)
        for (int i = 0; i < half; i++)
            v.v[i] = v.v[i] > v.v[i + half] ? v.v[i] : v.v[i + half];
    return v.v[0];
}

SIMD void u_mul(i32x a, uint32_t m, i32x *hi, i32x *lo)
{
    for (int i = 0; i < LANES; i++) {
        uint64_t p = (uint64_t)a.v[i] * m;

        hi->v[i] = (uint32_t)(p >> 32), lo->v[i] = (uint32_t)p;
    }
}

SIMD void f_turn4(f32x v[4])
{
    for (int g = 0; g < LANES; g += 4)
        for (int i = 0; i < 4; i++)
            for (int j = 0; j < i; j++) {
                float t = v[i].v[g + j];

                v[i].v[g + j] = v[j].v[g + i], v[j].v[g + i] = t;
            }
}

SIMD void f_transpose(const float *from, int64_t step, int rows, float *to, int64_t to_step)
{
    for (int c = 0; c < 16; c++)
        for (int r = 0; r < 16; r++)
            to[c * to_step + r] = from[(r < rows ? r : rows - 1) * step + c];
}

#endif

/* ---- the same for all ---- */

SIMD f32x f_zero(void)
{
    return f_set(0.0F);
}

SIMD f32x f_abs(f32x x)
{
    return f_from_bits(i_and(f_bits(x), i_set(0x7FFFFFFFU)));
}

SIMD f32x f_neg(f32x x)
{
    return f_from_bits(i_xor(f_bits(x), i_set(0x80000000U)));
}

/* |size| with the sign of `sign` */
SIMD f32x f_sign(f32x size, f32x sign)
{
    return f_from_bits(i_or(f_bits(f_abs(size)), i_and(f_bits(sign), i_set(0x80000000U))));
}

/* Lanes of a possibly partial vector: n at least 16 is a whole one. */
SIMD f32x f_get(const float *p, int64_t n)
{
    return n >= LANES ? f_load(p) : f_load_n(p, n);
}

SIMD void f_put(float *p, f32x v, int64_t n)
{
    if (n >= LANES)
        f_store(p, v);
    else
        f_store_n(p, v, n);
}

#endif
/* SPDX-License-Identifier: MIT */
