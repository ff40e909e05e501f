/* test_convert.c - all 65536 values of each 16-bit float against the plain formula, and rounding. */
#include <math.h>
#include <string.h>

#include "tensor/tensor.h"
#include "test.h"

/* (-1)^s 2^(e - bias) (1 + f / 2^bits), and the subnormals without the 1 */
static double plain(uint16_t h, int fraction_bits, int bias)
{
    int exponent = (h & 0x7fff) >> fraction_bits, most = (1 << (15 - fraction_bits)) - 1;
    double fraction = (double)(h & ((1 << fraction_bits) - 1)) / (1 << fraction_bits);
    double v = exponent == most ? (fraction != 0 ? (double)NAN : (double)INFINITY)
               : exponent == 0  ? ldexp(fraction, 1 - bias)
                                : ldexp(1 + fraction, exponent - bias);
    return h & 0x8000 ? -v : v;
}

static void check_all(float (*widen)(uint16_t), uint16_t (*narrow)(float), int bits, int bias)
{
    for (int i = 0; i < 65536; i++) {
        uint16_t h = (uint16_t)i;
        double wanted = plain(h, bits, bias);
        float found = widen(h);
        if (isnan(wanted)) {
            CHECK(isnan(found));
            CHECK(isnan(widen(narrow(found))));
            continue;
        }
        CHECK((double)found == wanted && !signbit(found) == !signbit(wanted));
        CHECK_INT(narrow(found), h);
    }
}

TEST(tensor_convert_f16_all_values)
{
    check_all(f16_to_f32, f32_to_f16, 10, 15);
}

TEST(tensor_convert_bf16_all_values)
{
    check_all(bf16_to_f32, f32_to_bf16, 7, 127);
}

/* Between neighbours: below the middle down, above it up, in the middle to the even one. */
static void check_rounding(float (*widen)(uint16_t), uint16_t (*narrow)(float), int last)
{
    for (int i = 0; i < last; i++) {
        uint16_t low = (uint16_t)i, high = (uint16_t)(i + 1);
        float middle = (float)(0.5 * ((double)widen(low) + (double)widen(high)));
        CHECK_INT(narrow(middle), i & 1 ? high : low);
        CHECK_INT(narrow(nextafterf(middle, 0)), low);
        CHECK_INT(narrow(nextafterf(middle, INFINITY)), high);
        CHECK_INT(narrow(-middle), 0x8000 | (i & 1 ? high : low));
    }
}

TEST(tensor_convert_rounds_to_nearest_even)
{
    check_rounding(f16_to_f32, f32_to_f16, 0x7bff);
    check_rounding(bf16_to_f32, f32_to_bf16, 0x7f7f);
    CHECK_INT(f32_to_f16(65519.996f), 0x7bff);
    CHECK_INT(f32_to_f16(65520.0f), 0x7c00);
    CHECK_INT(f32_to_bf16(3.4e38f), 0x7f80);
    CHECK_INT(f32_to_bf16(-INFINITY), 0xff80);
}

TEST(tensor_convert_every_type_to_f32)
{
    struct __attribute__((packed)) { /* one byte off: data in a file need not be aligned */
        char off;
        int64_t i64[2];
        double f64[2];
    } odd = {0, {-3, ((int64_t)1 << 24) + 1}, {0.1, 1e300}};
    int32_t i32[] = {INT32_MIN};
    int16_t i16[] = {-32768};
    int8_t i8[] = {-128};
    uint8_t u8[] = {255}, truth[] = {2, 0};
    float f[2];

    tensor_to_f32(DT_I64, (const char *)&odd + 1, 2, f);
    CHECK(f[0] == -3 && f[1] == 16777216);
    tensor_to_f32(DT_F64, (const char *)&odd + 17, 2, f);
    CHECK(f[0] == 0.1f && isinf(f[1]));
    tensor_to_f32(DT_I32, i32, 1, f);
    CHECK(f[0] == -2147483648.0f);
    tensor_to_f32(DT_I16, i16, 1, f);
    CHECK(f[0] == -32768);
    tensor_to_f32(DT_I8, i8, 1, f);
    CHECK(f[0] == -128);
    tensor_to_f32(DT_U8, u8, 1, f);
    CHECK(f[0] == 255);
    tensor_to_f32(DT_BOOL, truth, 2, f);
    CHECK(f[0] == 1 && f[1] == 0);
}
/* SPDX-License-Identifier: MIT */
