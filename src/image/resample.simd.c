/* resample.simd.c - the passes of a resize in plain loops of LANES bytes, which the compiler turns into vectors of
 * each instruction set.  Sums of integers: the same bits everywhere. */
#include <string.h>

#include "image/resample.h"

#define PASTE(name, isa) name##_##isa
#define NAME(name, isa)  PASTE(name, isa)
#define K(name)          NAME(name, SIMD_ISA)

#define LANES ((ptrdiff_t)RESAMPLE_LANES)

/* LANES sums over `n` bytes that lie `stride` apart */
static inline void sums(uint8_t *restrict out, const uint8_t *restrict in, ptrdiff_t stride,
                        const int32_t *k, int n)
{
    int32_t acc[LANES];

    for (int l = 0; l < LANES; l++)
        acc[l] = 1 << (RESAMPLE_BITS - 1);
    for (int t = 0; t < n; t++, in += stride)
        for (int l = 0; l < LANES; l++)
            acc[l] += in[l] * k[t];
    for (int l = 0; l < LANES; l++) {
        int32_t v = acc[l] >> RESAMPLE_BITS;

        v = v < 0 ? 0 : v;
        out[l] = (uint8_t)(v > 255 ? 255 : v);
    }
}

/* Exchanges between 8 numbers of 8 bytes: the high part of a and the low part of b, `bits` wide, masked by low. */
static inline void exchange(uint64_t *a, uint64_t *b, int bits, uint64_t low)
{
    uint64_t x = *a, y = *b;

    *a = (x & low) | (y & low) << bits;
    *b = (x >> bits & low) | (y & ~low);
}

/* out[c][r] = in[r][c], 8 x 8 bytes: halves, quarters, eighths change places (Warren: Hacker's Delight, 7-3) */
static inline void turn8(const uint8_t *in, ptrdiff_t in_stride, uint8_t *out, ptrdiff_t out_stride)
{
    uint64_t r[8];

    for (int i = 0; i < 8; i++)
        memcpy(&r[i], in + i * in_stride, 8);
    for (int i = 0; i < 4; i++)
        exchange(&r[i], &r[i + 4], 32, 0x00000000ffffffff);
    for (int i = 0; i < 4; i++) /* 0, 1, 4, 5 */
        exchange(&r[i + (i & 2)], &r[i + (i & 2) + 2], 16, 0x0000ffff0000ffff);
    for (int i = 0; i < 8; i += 2)
        exchange(&r[i], &r[i + 1], 8, 0x00ff00ff00ff00ff);
    for (int i = 0; i < 8; i++)
        memcpy(out + i * out_stride, &r[i], 8);
}

/* out[c][r] = in[r][c] */
static void turn(const uint8_t *in, ptrdiff_t in_stride, ptrdiff_t rows, ptrdiff_t columns,
                 uint8_t *out, ptrdiff_t out_stride)
{
    for (ptrdiff_t r = 0; r < rows; r += 8)
        for (ptrdiff_t c = 0; c < columns; c += 8) {
            const uint8_t *from = in + r * in_stride + c;
            uint8_t *to = out + c * out_stride + r;

            if (rows - r >= 8 && columns - c >= 8) {
                turn8(from, in_stride, to, out_stride);
                continue;
            }
            for (ptrdiff_t i = 0; i < 8 && i < rows - r; i++)
                for (ptrdiff_t j = 0; j < 8 && j < columns - c; j++)
                    to[j * out_stride + i] = from[i * in_stride + j];
        }
}

/* Rows lie beside one another in the lanes, so a step along a row is a step of LANES bytes. */
void K(resample_across)(const Pass *p)
{
    const Taps *t = &p->taps;
    ptrdiff_t columns = 3 * (ptrdiff_t)p->width, results = 3 * (ptrdiff_t)t->n;
    uint8_t *result = p->scratch + columns * LANES;

    for (int y = 0; y < p->rows; y += RESAMPLE_LANES) {
        ptrdiff_t rows = p->rows - y < LANES ? p->rows - y : LANES;

        turn(p->in + y * p->in_stride, p->in_stride, rows, columns, p->scratch, LANES);
        for (ptrdiff_t x = 0; x < t->n; x++)
            for (int c = 0; c < 3; c++)
                sums(result + (3 * x + c) * LANES,
                     p->scratch + (3 * (ptrdiff_t)t->first[x] + c) * LANES, 3 * LANES,
                     t->k + x * t->most, t->count[x]);
        turn(result, LANES, results, rows, p->out + y * p->out_stride, p->out_stride);
    }
}

/* One row of the result; the last LANES of a row overlap those before. */
void K(resample_down)(const Pass *p)
{
    const Taps *t = &p->taps;

    for (ptrdiff_t y = 0; y < t->n; y++) {
        const uint8_t *in = p->in + t->first[y] * p->in_stride;
        const int32_t *k = t->k + y * t->most;
        uint8_t *out = p->out + y * p->out_stride;

        if (p->width < LANES) {
            uint8_t lanes[LANES];
            memset(p->scratch, 0, (size_t)t->count[y] * LANES);
            for (int j = 0; j < t->count[y]; j++)
                memcpy(p->scratch + j * LANES, in + j * p->in_stride, (size_t)p->width);
            sums(lanes, p->scratch, LANES, k, t->count[y]);
            memcpy(out, lanes, (size_t)p->width);
            continue;
        }
        for (ptrdiff_t x = 0; x < p->width; x += LANES) {
            ptrdiff_t at = x + LANES <= p->width ? x : p->width - LANES;

            sums(out + at, in + at, p->in_stride, k, t->count[y]);
        }
    }
}
/* SPDX-License-Identifier: MIT */
