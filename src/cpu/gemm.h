/* gemm.h - one matrix product for all: c[i, j] = sum over k of l(i, k) r(j, k), where a side is a matrix or packs
 * itself.  One fma chain within each K_BLOCK from 0, block sums added in order, the bias last; so the bits depend on
 * K alone, on no tile, chunk or thread.  Included by *.simd.c. */
#ifndef GEMM_H
#define GEMM_H

#include "cpu/kernels.h"
#include "cpu/tile.h"

typedef struct Product Product;

/* Takes rows i .. i + n - 1 and columns j .. j + m - 1 of the result, from[row * step + column]. */
typedef struct Part {
    int64_t i, n, j, m, step;
    const float *from;
} Part;
typedef void (*PutFn)(const Product *p, const Part *part);

struct Product {
    Side l, r;
    int64_t depth;
    float *c;
    int64_t c_step;
    const float *bias; /* a value for each column, NULL: none */
    /* Partial sums: each `span` K-blocks go to a c of their own, span_step floats apart.  0: one sum */
    int64_t span, span_step;
    bool add;  /* to what c holds, else it is written */
    PutFn put; /* instead of writing c */
    const void *to;
};

/* How a product is cut for the threads: units of rows x columns x span, each packed and multiplied by one thread in
 * its own memory; with `shared` the right side is packed before, by all. */
void K(gemm_units)(const Product *p, bool shared, Pool *pool, float *scratch);
void K(tile)(const Tile *t, int rows);
void K(tile_along)(const Tile *t, int rows); /* a's rows are LEFT_STEP apart */

#define LINE ((int64_t)16) /* floats that come from memory at a time */

/* Whole vectors are written. */
SIMD void copy_row(const float *from, int64_t n, float *to)
{
    for (int64_t x = 0; x < n; x += LANES)
        f_store(to + x, f_get(from + x, n - x));
}

SIMD int64_t panels(int64_t n, int64_t size)
{
    return (n + size - 1) / size;
}

#endif
/* SPDX-License-Identifier: MIT */
