/* pictures.h - what kernels on [B, C, H, W] share.  In memory a picture lies as H, W, C: a position is C numbers.
 * Elementwise passes run over memory as it lies: what belongs to a channel is repeated in a table whose period
 * is a multiple of both C and the lanes, so that no channel count leaves lanes idle. */
#ifndef CPU_PICTURES_H
#define CPU_PICTURES_H

#include "cpu/kernels.h"

SIMD int64_t channels_of(const Tensor *t)
{
    return t->shape.dim[1];
}

SIMD int64_t pixels_of(const Tensor *t)
{
    return t->shape.dim[2] * t->shape.dim[3];
}

SIMD int64_t positions_of(const Tensor *t)
{
    return t->shape.dim[0] * pixels_of(t);
}

/* from [n] again and again to [period]; n > 0 */
SIMD void repeat(const float *from, int64_t n, float *to, int64_t period)
{
    for (int64_t at = 0; at < period; at += n)
        memcpy(to + at, from, (size_t)n * sizeof *to);
}

/* ---- sums over positions: work is cut into blocks of rows and groups of columns ---- */

typedef struct Cut { /* item number i: rows r0 .. r1 - 1, columns c0 .. c1 - 1 */
    int64_t rows, columns, block, groups;
} Cut;

typedef struct CutItem {
    int64_t block, r0, r1, c0, c1;
} CutItem;

SIMD Cut cut_of(int64_t rows, int64_t columns, int64_t block)
{
    return (Cut){rows, columns, block, (columns + COLUMN_GROUP - 1) / COLUMN_GROUP};
}

SIMD int64_t cut_blocks(const Cut *c)
{
    return (c->rows + c->block - 1) / c->block;
}

SIMD CutItem cut_item(const Cut *c, int64_t i)
{
    int64_t block = i / c->groups, c0 = i % c->groups * COLUMN_GROUP, r0 = block * c->block;

    return (CutItem){block, r0, min_of(r0 + c->block, c->rows), c0,
                     min_of(c0 + COLUMN_GROUP, c->columns)};
}

#endif
/* SPDX-License-Identifier: MIT */
