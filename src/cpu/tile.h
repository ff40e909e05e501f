/* tile.h - the register tile under every product: c[i, j] (+)= sum over k of a(i, k) b(k, j), one fma chain in
 * rising k.  Written over simd.h; only its size belongs to an instruction set.  a(i, k) = a[k * a_step + i],
 * or with a fixed row step a[i * A_ROW + k]; b(k, j) = b[k * b_step + j], whole vectors readable. */
#ifndef TILE_H
#define TILE_H

#include "cpu/simd.h"

#if defined(__AVX512F__)
#define TILE_M      14
#define TILE_EACH_M TILE_TO_14
#define TILE_V      2
#elif defined(__AVX2__)
#define TILE_M      6
#define TILE_EACH_M TILE_TO_6
#define TILE_V      1
#else
#define TILE_M      4
#define TILE_EACH_M TILE_TO_4
#define TILE_V      1
#endif
#define TILE_N (TILE_V * LANES) /* int64_t, as LANES is */

typedef struct Tile {
    int64_t depth;
    const float *a, *b;
    int64_t a_step, b_step;
    float *c;
    int64_t c_step;
    int64_t cols; /* of c that exist, at most TILE_N */
    bool add;     /* to c, else it is written */
    const float *
        next; /* what the next tiles read, brought nearer by next_step floats per k; NULL: nothing */
    int64_t next_step;
    const float *bias; /* added last: a value per column, NULL: none */
} Tile;

SIMD void tile_store(const Tile *t, int i, int v, f32x sum)
{
    int64_t left = t->cols - v * LANES;
    float *c = t->c + i * t->c_step + v * LANES;

    if (left <= 0)
        return;
    if (t->add)
        sum = f_add(f_get(c, left), sum);
    if (t->bias)
        sum = f_add(sum, f_get(t->bias + v * LANES, left));
    f_put(c, sum, left);
}

/* rows, vectors and a_row are constants at every call: the loops vanish.  a_row 0: a is stepped by a_step. */
SIMD void tile_body(const Tile *t, const int rows, const int vectors, const int64_t a_row)
{
    const float *a = t->a, *b = t->b;
    const int64_t depth = t->depth, a_step = a_row ? 1 : t->a_step, b_step = t->b_step;
    const int64_t row = a_row ? a_row : 1, next_step = t->next_step;
    const float *next = t->next ? t->next : a;
    f32x sum[TILE_M][TILE_V];

    UNROLL for (int i = 0; i < rows; i++) UNROLL for (int v = 0; v < vectors; v++)
        __builtin_prefetch(t->c + i * t->c_step + v * LANES, 1); /* arrives while the chain runs */
    UNROLL for (int i = 0; i < rows; i++) UNROLL for (int v = 0; v < vectors; v++) sum[i][v] =
        f_zero();
    for (int64_t k = 0; k < depth; k++, a += a_step, b += b_step, next += next_step) {
        f32x y[TILE_V];

        __builtin_prefetch(a + 256);
        __builtin_prefetch(next, 0, 2);

        UNROLL for (int v = 0; v < vectors; v++) y[v] = f_load(b + v * LANES);
        UNROLL for (int i = 0; i < rows; i++)
        {
            f32x x = f_set(a[i * row]);

            UNROLL for (int v = 0; v < vectors; v++) sum[i][v] = f_fma(x, y[v], sum[i][v]);
        }
    }
    UNROLL for (int i = 0; i < rows; i++) UNROLL for (int v = 0; v < vectors; v++)
        tile_store(t, i, v, sum[i][v]);
}

typedef void (*TileFn)(const Tile *t);

#define TILE_FN(m, v, a_row, name)                                                                 \
    static void name##m##x##v(const Tile *t)                                                       \
    {                                                                                              \
        tile_body(t, m, v, a_row);                                                                 \
    }
#define TILE_TO_4(F, v, a_row, name)                                                               \
    F(1, v, a_row, name) F(2, v, a_row, name) F(3, v, a_row, name) F(4, v, a_row, name)
#define TILE_TO_6(F, v, a_row, name)                                                               \
    TILE_TO_4(F, v, a_row, name) F(5, v, a_row, name) F(6, v, a_row, name)
#define TILE_TO_10(F, v, a_row, name)                                                              \
    TILE_TO_6(F, v, a_row, name)                                                                   \
    F(7, v, a_row, name) F(8, v, a_row, name) F(9, v, a_row, name) F(10, v, a_row, name)
#define TILE_TO_14(F, v, a_row, name)                                                              \
    TILE_TO_10(F, v, a_row, name)                                                                  \
    F(11, v, a_row, name) F(12, v, a_row, name) F(13, v, a_row, name) F(14, v, a_row, name)
#define TILE_ROW(m, v, a_row, name) name##m##x##v,

/* Defines `static void name(const Tile *, int rows)`: the tile of so many rows, as many vectors as t->cols asks. */
#if TILE_V == 2
#define TILE_FAMILY(name, a_row)                                                                   \
    TILE_EACH_M(TILE_FN, 1, a_row, name##_)                                                        \
    TILE_EACH_M(TILE_FN, 2, a_row, name##_)                                                        \
    static void name(const Tile *t, int rows)                                                      \
    {                                                                                              \
        static const TileFn fn[2][TILE_M] = {{TILE_EACH_M(TILE_ROW, 1, a_row, name##_)},           \
                                             {TILE_EACH_M(TILE_ROW, 2, a_row, name##_)}};          \
        fn[t->cols > LANES][rows - 1](t);                                                          \
    }
#else
#define TILE_FAMILY(name, a_row)                                                                   \
    TILE_EACH_M(TILE_FN, 1, a_row, name##_)                                                        \
    static void name(const Tile *t, int rows)                                                      \
    {                                                                                              \
        static const TileFn fn[TILE_M] = {TILE_EACH_M(TILE_ROW, 1, a_row, name##_)};               \
        fn[rows - 1](t);                                                                           \
    }
#endif

/* Rows are split evenly: 128 rows as ten tiles of 13, not nine of 14 and one of 2. */
SIMD int64_t tile_rows(int64_t rows)
{
    int64_t tiles = (rows + TILE_M - 1) / TILE_M;

    return tiles > 0 ? (rows + tiles - 1) / tiles : 1;
}

typedef struct Panels { /* at[p * step + k * height + i]: element p * height + i at k */
    float *at;
    int64_t height, step;
} Panels;

typedef struct Side Side;

/* Packs elements first .. first + n - 1 at k0 .. k0 + depth - 1, of a turned side as rows `step` apart, which it may
 * spill to their whole vectors. */
typedef void (*PackFn)(const Side *s, int64_t first, int64_t n, int64_t k0, int64_t depth,
                       const Panels *to);

/* One factor of a product: element (i, k) is at[i * step + k] when turned, else at[k * step + i]; or what a function
 * of its own packs. */
struct Side {
    const float *at;
    int64_t count, step;
    bool turned; /* is read along k */
    PackFn pack;
    const float *(*near)(const Side *s, int64_t k, int64_t i); /* about there element (i, k) is */
    const void *from;
};

SIMD Side matrix(const float *at, int64_t count, int64_t step, bool turned)
{
    return (Side){.at = at, .count = count, .step = step, .turned = turned};
}

SIMD void pack_turned(const float *from, int64_t step, int64_t n, int64_t depth, float *to,
                      int64_t height)
{
    int64_t k = 0;

    for (; k + LANES <= depth; k += LANES)
        for (int64_t i = 0; i < n; i += LANES)
            f_transpose(from + i * step + k, step, (int)(n - i < LANES ? n - i : LANES),
                        to + k * height + i, height);
    for (; k < depth; k++)
        for (int64_t i = 0; i < height; i++)
            to[k * height + i] = i < n ? from[i * step + k] : 0.0F;
}

/* Packs elements first .. first + n - 1 at k0 .. k0 + depth - 1.  Writes up to TILE_PAD floats behind each panel;
 * what stands in the last panel's rows from n on is of no use. */
SIMD void pack(const Side *s, int64_t first, int64_t n, int64_t k0, int64_t depth, const Panels *to)
{
    const float *from = s->turned ? s->at + first * s->step + k0 : s->at + k0 * s->step + first;
    int64_t height = to->height;
    float *out = to->at;

    if (s->turned) {
        for (int64_t p = 0; p < n; p += height, out += to->step)
            pack_turned(from + p * s->step, s->step, n - p < height ? n - p : height, depth, out,
                        height);
        return;
    }
    for (int64_t k = 0; k < depth; k++, from += s->step) { /* rows once, for all panels */
        out = to->at + k * height;
        if (height <= LANES / 2)
            for (int64_t p = 0; p < n; p += height, out += to->step)
                f_store8(out, f_get(from + p, n - p));
        else
            for (int64_t p = 0; p < n; p += height, out += to->step)
                for (int64_t i = 0; i < height && p + i < n; i += LANES)
                    f_store(out + i, f_get(from + p + i, n - p - i));
    }
}

#endif
/* SPDX-License-Identifier: MIT */
