/* test_resample.c - the two passes at every instruction set of this processor against the formula in plain loops. */
#include <string.h>

#include "image/resample.h"
#include "pictures.h"

static Err err;

typedef void (*PassFn)(const Pass *p);

static uint8_t plain(const Pass *p, ptrdiff_t at, ptrdiff_t step, int i)
{
    const Taps *t = &p->taps;
    int64_t sum = 1 << (RESAMPLE_BITS - 1);

    for (int j = 0; j < t->count[i]; j++)
        sum += (int64_t)p->in[at + (t->first[i] + j) * step] * t->k[i * t->most + j];
    sum >>= RESAMPLE_BITS;
    return (uint8_t)(sum < 0 ? 0 : sum > 255 ? 255 : sum);
}

static void check_pass(PassFn fn, Pass p, bool down, const char *isa)
{
    int rows = down ? p.taps.n : p.rows, columns = down ? p.width : 3 * p.taps.n;

    memset(p.out, 0xaa, (size_t)rows * (size_t)p.out_stride);
    fn(&p);
    for (ptrdiff_t y = 0; y < rows; y++) {
        for (ptrdiff_t x = 0; x < columns; x++) {
            int wanted = down ? plain(&p, x, p.in_stride, (int)y)
                              : plain(&p, y * p.in_stride + x % 3, 3, (int)(x / 3));
            check_int_at(isa, (int)y, down ? "down" : "across", p.out[y * p.out_stride + x],
                         wanted);
        }
        for (ptrdiff_t x = columns; x < p.out_stride; x++) /* nothing beside the rows */
            check_int_at(isa, (int)y, "beside", p.out[y * p.out_stride + x], 0xaa);
    }
}

static void check_isa(Isa isa, PassFn across, PassFn down)
{
    static const int sizes[][3] = {{1, 1, 7},   {9, 5, 4},    {33, 32, 96},
                                   {70, 40, 9}, {64, 31, 65}, {200, 65, 17}};
    Arena *a = arena();

    if (isa > isa_best())
        return;
    for (size_t i = 0; i < LEN(sizes); i++)
        for (Filter f = FILTER_BOX; f < FILTER_COUNT; f++) {
            int in = sizes[i][0], rows = sizes[i][1], out = sizes[i][2];
            Pass p = {
                .in_stride = 3 * in + 5, .rows = rows, .width = in, .out_stride = 3 * out + 3};
            uint8_t *bytes = NEWS(&err, a, uint8_t, p.in_stride * rows);

            for (ptrdiff_t k = 0; k < p.in_stride * rows; k++)
                bytes[k] = (uint8_t)(random_uniform(2, i, (uint64_t)k) * 256);
            p.in = bytes;
            p.out = NEWS(&err, a, uint8_t, p.out_stride * rows);
            p.scratch = NEWS(&err, a, uint8_t, 3LL * (in + out) * RESAMPLE_LANES);
            CHECK_OK(taps_make(&err, a, in, out, f, &p.taps));
            check_pass(across, p, false, isa_name(isa));

            CHECK_OK(taps_make(&err, a, rows, out, f, &p.taps));
            p.width = 3 * in;
            p.out_stride = 3 * in + 1;
            p.out = NEWS(&err, a, uint8_t, p.out_stride * out);
            p.scratch = NEWS(&err, a, uint8_t, (int64_t)p.taps.most * RESAMPLE_LANES);
            check_pass(down, p, true, isa_name(isa));
        }
}

TEST(image_resample_every_instruction_set)
{
    check_isa(ISA_SCALAR, resample_across_scalar, resample_down_scalar);
    check_isa(ISA_AVX2, resample_across_avx2, resample_down_avx2);
    check_isa(ISA_AVX512, resample_across_avx512, resample_down_avx512);
}

/* Weights sum to 1 within the roundings of their number, and lie inside. */
TEST(image_resample_weights)
{
    for (Filter f = FILTER_BOX; f < FILTER_COUNT; f++)
        for (int in = 1; in < 90; in += 4)
            for (int out = 1; out < 200; out += 7) {
                Taps t;

                CHECK_OK(taps_make(&err, arena(), in, out, f, &t));
                for (int i = 0; i < out; i++) {
                    int64_t sum = 0;

                    CHECK(t.first[i] >= 0 && t.count[i] > 0 && t.first[i] + t.count[i] <= in);
                    CHECK(t.count[i] <= t.most);
                    for (int j = 0; j < t.count[i]; j++)
                        sum += t.k[i * t.most + j];
                    CHECK_NEAR(sum, 1 << RESAMPLE_BITS, t.count[i]);
                }
            }
}
/* SPDX-License-Identifier: MIT */
