/* convert.c - any number type to float32, and the 16-bit floats: IEEE 754 binary16, and bfloat16 (the
 * upper half of a float32).  Narrowing rounds to nearest, ties to even; a NaN stays a quiet NaN. */
#include "tensor/tensor.h"

#include <string.h>

static float float_of(uint32_t bits)
{
    float f;

    memcpy(&f, &bits, sizeof f);
    return f;
}

static uint32_t bits_of(float f)
{
    uint32_t bits;

    memcpy(&bits, &f, sizeof bits);
    return bits;
}

float bf16_to_f32(uint16_t h)
{
    return float_of((uint32_t)h << 16);
}

float f16_to_f32(uint16_t h)
{
    uint32_t sign = (uint32_t)(h & 0x8000) << 16, exponent = h >> 10 & 31, fraction = h & 0x3ff;

    if (exponent == 31)
        return float_of(sign | 0x7f800000 | fraction << 13);
    if (exponent == 0) { /* fraction * 2^-24, exact */
        float magnitude = (float)fraction * 0x1p-24f;
        return float_of(sign | bits_of(magnitude));
    }
    return float_of(sign | (exponent + 112) << 23 | fraction << 13);
}

uint16_t f32_to_bf16(float f)
{
    uint32_t u = bits_of(f);

    if ((u & 0x7fffffff) > 0x7f800000)
        return (uint16_t)(u >> 16 | 0x40);
    return (uint16_t)((u + 0x7fff + (u >> 16 & 1)) >> 16);
}

uint16_t f32_to_f16(float f)
{
    uint32_t u = bits_of(f), sign = u >> 16 & 0x8000, magnitude = u & 0x7fffffff;

    if (magnitude > 0x7f800000)
        return (uint16_t)(sign | 0x7e00 | (magnitude >> 13 & 0x3ff));
    if (magnitude >= 0x477ff000) /* from 65520 up: rounds to infinity */
        return (uint16_t)(sign | 0x7c00);
    if (magnitude < 0x38800000) { /* below 2^-14: adding 1/2 lets the hardware round to 2^-24 */
        uint32_t rounded = bits_of(float_of(magnitude) + 0.5f);
        return (uint16_t)(sign | (rounded - bits_of(0.5f)));
    }
    magnitude += 0xfff + (magnitude >> 13 & 1);
    return (uint16_t)(sign | (magnitude - 0x38000000) >> 13);
}

#define FROM(type, value)                                                                          \
    do {                                                                                           \
        const char *p = src;                                                                       \
        for (int64_t i = 0; i < n; i++) {                                                          \
            type x;                                                                                \
            memcpy(&x, p + i * (int64_t)sizeof x, sizeof x); /* files need not be aligned */       \
            dst[i] = (value);                                                                      \
        }                                                                                          \
    } while (0)

void tensor_to_f32(DType from, const void *src, int64_t n, float *dst)
{
    switch (from) {
    case DT_F32:
        if (n > 0)
            memcpy(dst, src, (size_t)n * sizeof *dst);
        break;
    case DT_F64:
        FROM(double, (float)x);
        break;
    case DT_F16:
        FROM(uint16_t, f16_to_f32(x));
        break;
    case DT_BF16:
        FROM(uint16_t, bf16_to_f32(x));
        break;
    case DT_I64:
        FROM(int64_t, (float)x);
        break;
    case DT_I32:
        FROM(int32_t, (float)x);
        break;
    case DT_I16:
        FROM(int16_t, (float)x);
        break;
    case DT_I8:
        FROM(int8_t, (float)x);
        break;
    case DT_U8:
        FROM(uint8_t, (float)x);
        break;
    case DT_BOOL:
        FROM(uint8_t, x ? 1.0f : 0.0f);
        break;
    default:
        break;
    }
}
/* SPDX-License-Identifier: MIT */
