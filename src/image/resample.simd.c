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

/* Rows lie beside one another in the lanes, so a step along a row is a step of LANES bytes. */
void K(resample_across)(const Pass *p)
{
    const Taps *t = &p->taps;
    uint8_t lanes[LANES];

    for (int y = 0; y < p->rows; y += RESAMPLE_LANES) {
        int rows = p->rows - y < LANES ? p->rows - y : RESAMPLE_LANES;
        const uint8_t *in = p->in + y * p->in_stride;
        uint8_t *out = p->out + y * p->out_stride;

        for (int r = 0; r < rows; r++)
            for (ptrdiff_t i = 0; i < 3 * (ptrdiff_t)p->width; i++)
                p->scratch[i * LANES + r] = in[r * p->in_stride + i];
        for (ptrdiff_t i = 0; i < 3 * (ptrdiff_t)t->n; i++) {
            ptrdiff_t x = i / 3, c = i % 3;

            sums(lanes, p->scratch + (3 * (ptrdiff_t)t->first[x] + c) * LANES, 3 * LANES,
                 t->k + x * t->most, t->count[x]);
            for (int r = 0; r < rows; r++)
                out[r * p->out_stride + i] = lanes[r];
        }
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
