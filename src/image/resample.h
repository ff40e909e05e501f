/* resample.h - the two passes of a resize: each byte of the result is a sum of a few bytes of a row or column,
 * weighted by integers of 22 bits after the point. */
#ifndef IMAGE_RESAMPLE_H
#define IMAGE_RESAMPLE_H

#include "image/image.h"

enum { RESAMPLE_BITS = 32 - 8 - 2, RESAMPLE_LANES = 32 };

typedef struct
    Taps { /* output i is the sum of k[i * most + j] * in[first[i] + j] for j < count[i] */
    int n, most;
    int *first, *count;
    int32_t *k;
} Taps;

/* The weights that turn `in` pixels into `out`, as Pillow's precompute_coeffs. */
Status taps_make(Err *e, Arena *a, int in, int out, Filter filter, Taps *t);

typedef struct Pass {
    Taps taps;
    const uint8_t *in; /* rows of RGB, or of bytes */
    ptrdiff_t in_stride;
    uint8_t *out;
    ptrdiff_t out_stride;
    int rows;         /* across: to do */
    int width;        /* across: pixels of a row of `in`; down: bytes of a row */
    uint8_t *scratch; /* across: 3 * (width + taps.n) * RESAMPLE_LANES; down: taps.most * .. */
} Pass;

#define PASSES(isa)                                                                                \
    void resample_across_##isa(const Pass *p); /* each row: taps.n pixels from `width` */          \
    void resample_down_##isa(const Pass *p);   /* taps.n rows of `width` bytes */
PASSES(scalar)
PASSES(avx2)
PASSES(avx512)

#endif
/* SPDX-License-Identifier: MIT */
