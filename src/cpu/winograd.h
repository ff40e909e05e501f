/* winograd.h - the transforms of F(4 x 4, 3 x 3) (Winograd 1980; Lavin & Gray 2016, arXiv:1509.09308): 4 x 4 results of a
 * 3 x 3 window from 6 x 6 inputs by 36 products, not 144.
 *   dx = A' [ (G w G') . (B' dy B) ] A, w turned      dw = G' [ sum over tiles (A dy A') . (B' x B) ] G
 * Gradients only: y that is off by twice as much changes which units are at rest, and after a few layers with
 * statistics of small batches the gradients leave the reference's tolerance; errors in dx and dw do not grow so.
 * The interpolation points are 0, 3/4, -3/4, 3/2, -3/2 and infinity: at them the error is a third of that at the usual
 * 0, 1, -1, 2, -2 (twice that of a plain sum), and all of A and B is exact in binary.  Included by *.simd.c. */
#ifndef WINOGRAD_H
#define WINOGRAD_H

#include "cpu/gemm.h"

#define SPOTS WINO_SPOTS /* products of a tile, [row][column] */
#define WIDE  6          /* inputs along a side of a tile */
#define OUTS  4          /* results along it */

#define PA  0.75F /* the points */
#define PB  1.5F
#define PA2 (PA * PA)
#define PB2 (PB * PB)
#define NO  (PA2 * PB2) /* what the products of a filter are divided by: of 0, +-PA, +-PB */
#define NA  (2.0F * PA2 * (PA2 - PB2))
#define NB  (2.0F * PB2 * (PB2 - PA2))

/* The pictures of one side of a product, cut into tiles that begin every 4 pixels, one outside. */
typedef struct Tiling {
    int64_t pictures, height, width, channels;
    int64_t down, across, tiles; /* of a picture; of all */
} Tiling;

SIMD Tiling tiling_of(const Shape *s)
{
    Tiling t = {
        .pictures = s->dim[0], .channels = s->dim[1], .height = s->dim[2], .width = s->dim[3]};

    t.down = (t.height + OUTS - 1) / OUTS, t.across = (t.width + OUTS - 1) / OUTS;
    t.tiles = t.pictures * t.down * t.across;
    return t;
}

/* Where the first channel of tile n's pixel (i, j) is, (0, 0) that of its first result: floats from the first picture's,
 * or -1 outside of the picture. */
SIMD int64_t tile_pixel(const Tiling *t, int64_t n, int64_t i, int64_t j)
{
    int64_t row = n / t->across, y = row % t->down * OUTS + i, x = n % t->across * OUTS + j;

    if (y < 0 || y >= t->height || x < 0 || x >= t->width)
        return -1;
    return ((row / t->down * t->height + y) * t->width + x) * t->channels;
}

/* ---- along one side, elements `step` vectors apart, in place ---- */

/* B': 6 -> 6 */
SIMD void wino_input(f32x *v, const int step)
{
    f32x d0 = v[0], d1 = v[step], d2 = v[2 * step], d3 = v[3 * step], d4 = v[4 * step];
    f32x d5 = v[5 * step], low = f_set(NO), mid = f_set(-(PA2 + PB2));
    f32x even = f_fma(f_set(-PB2), d2, d4), odd = f_mul(f_set(PA), f_fma(f_set(-PB2), d1, d3));

    v[0] = f_fma(mid, d2, f_fma(low, d0, d4));
    v[step] = f_add(even, odd), v[2 * step] = f_sub(even, odd);
    even = f_fma(f_set(-PA2), d2, d4), odd = f_mul(f_set(PB), f_fma(f_set(-PA2), d1, d3));
    v[3 * step] = f_add(even, odd), v[4 * step] = f_sub(even, odd);
    v[5 * step] = f_fma(mid, d3, f_fma(low, d1, d5));
}

/* A': 6 -> 4 */
SIMD void wino_output(f32x *v, const int step)
{
    f32x sum_a = f_add(v[step], v[2 * step]), sum_b = f_add(v[3 * step], v[4 * step]);
    f32x odd_a = f_mul(f_set(PA), f_sub(v[step], v[2 * step]));
    f32x odd_b = f_mul(f_set(PB), f_sub(v[3 * step], v[4 * step]));

    v[0] = f_add(v[0], f_add(sum_a, sum_b));
    v[step] = f_add(odd_a, odd_b);
    v[2 * step] = f_fma(f_set(PA2), sum_a, f_mul(f_set(PB2), sum_b));
    v[3 * step] = f_add(f_fma(f_set(PA2), odd_a, f_mul(f_set(PB2), odd_b)), v[5 * step]);
}

/* A: 4 -> 6 */
SIMD void wino_spread(f32x *v, const int step)
{
    f32x y0 = v[0], y1 = v[step], y2 = v[2 * step], y3 = v[3 * step];
    f32x even = f_fma(f_set(PA2), y2, y0), odd = f_mul(f_set(PA), f_fma(f_set(PA2), y3, y1));

    v[step] = f_add(even, odd), v[2 * step] = f_sub(even, odd);
    even = f_fma(f_set(PB2), y2, y0), odd = f_mul(f_set(PB), f_fma(f_set(PB2), y3, y1));
    v[3 * step] = f_add(even, odd), v[4 * step] = f_sub(even, odd);
    v[5 * step] = y3;
}

/* G: 3 -> 6 */
SIMD void wino_filter(f32x *v, const int step)
{
    f32x g0 = v[0], g1 = v[step], g2 = v[2 * step];
    f32x even = f_mul(f_set(1 / NA), f_fma(f_set(PA2), g2, g0)), odd = f_mul(f_set(PA / NA), g1);

    v[0] = f_mul(f_set(1 / NO), g0);
    v[step] = f_add(even, odd), v[2 * step] = f_sub(even, odd);
    even = f_mul(f_set(1 / NB), f_fma(f_set(PB2), g2, g0)), odd = f_mul(f_set(PB / NB), g1);
    v[3 * step] = f_add(even, odd), v[4 * step] = f_sub(even, odd);
    v[5 * step] = g2;
}

/* G': 6 -> 3 */
SIMD void wino_filter_back(f32x *v, const int step)
{
    f32x sum_a = f_mul(f_set(1 / NA), f_add(v[step], v[2 * step]));
    f32x sum_b = f_mul(f_set(1 / NB), f_add(v[3 * step], v[4 * step]));
    f32x odd_a = f_mul(f_set(PA / NA), f_sub(v[step], v[2 * step]));
    f32x odd_b = f_mul(f_set(PB / NB), f_sub(v[3 * step], v[4 * step]));

    v[0] = f_fma(f_set(1 / NO), v[0], f_add(sum_a, sum_b));
    v[step] = f_add(odd_a, odd_b);
    v[2 * step] = f_add(f_fma(f_set(PA2), sum_a, f_mul(f_set(PB2), sum_b)), v[5 * step]);
}

/* The 36 inputs of a tile, all channels, transformed: spot s to[s * spot_step + channel], K-blocks block_step apart. */
static void transform_input(const Tiling *t, const float *x, const float *zeros, int64_t n,
                            float *to, int64_t spot_step, int64_t block_step)
{
    const float *from[SPOTS];
    f32x v[SPOTS];

    for (int i = 0; i < SPOTS; i++) {
        int64_t at = tile_pixel(t, n, i / WIDE - 1, i % WIDE - 1);

        from[i] = at < 0 ? zeros : x + at;
    }
    for (int64_t c = 0; c < t->channels; c += LANES) {
        float *out = to + c / K_BLOCK * block_step + c % K_BLOCK;

        for (int i = 0; i < SPOTS; i++)
            v[i] = f_get(from[i] + c, t->channels - c);
        for (int i = 0; i < WIDE; i++)
            wino_input(v + i, WIDE);
        for (int i = 0; i < WIDE; i++)
            wino_input(v + i * WIDE, 1);
        for (int i = 0; i < SPOTS; i++)
            f_store(out + i * spot_step, v[i]);
    }
}

#endif
/* SPDX-License-Identifier: MIT */
