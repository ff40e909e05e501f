/* blocks.h - constants of the numeric contract (changing one changes results) and scratch sizes. */
#ifndef BLOCKS_H
#define BLOCKS_H

#include "cpu/cpu.h"

#define K_BLOCK     ((int64_t)256) /* a product's fma chain */
#define SPAN_BLOCKS ((int64_t)16)  /* K-blocks of a partial sum of dw of a convolution */
#define DEPTH_ROWS  ((int64_t)16) /* rows of positions of a chain of a depthwise convolution's dw */
#define SUM_BLOCK   ((int64_t)256) /* rows of op_sum_to, op_sqsum and the losses */
#define XENT_ROWS   K_BLOCK /* rows of scores that linear_xent holds: a block of dw's chains */
#define NORM_BLOCK  ((int64_t)64)  /* rows of the weight gradients of a norm */
#define STATS_BLOCK ((int64_t)128) /* positions of batchnorm's statistics */
#define STATS_FOLD  ((int64_t)64)  /* their blocks that are added before these sums are */
#define QUERY_BLOCK ((int64_t)64)  /* queries per block of attention: chain of dk and dv */
#define KEY_BLOCK                                                                                  \
    ((int64_t)256) /* keys per chain of attention's y and dq, and of its sum of exponentials */

#define PACKED_MAX ((int64_t)4 << 20) /* floats of packed panels, beyond the first K-block */

/* How many K-blocks of a product with m + n rows and columns are packed at a time. */
static inline int64_t packed_blocks(int64_t m_and_n, int64_t depth)
{
    int64_t all = depth > K_BLOCK ? (depth + K_BLOCK - 1) / K_BLOCK : 1;
    int64_t fit = PACKED_MAX / K_BLOCK / (m_and_n > 0 ? m_and_n : 1);

    return fit < 1 ? 1 : fit < all ? fit : all;
}

#define STREAM_MAX ((int64_t)192) /* the same, when that side is stored along k */
#define FEW_MAX                                                                                    \
    ((int64_t)16) /* a product with at most so many rows (or columns) streams its other side */
/* Rows and columns at most of what one thread packs and multiplies at a time (gemm.h), half the columns when it packs
 * them itself; floats of its panels and of its result. */
#define UNIT_ROWS    ((int64_t)256)
#define UNIT_COLUMNS ((int64_t)512)
#define UNIT_LEFT    (UNIT_ROWS * (K_BLOCK + TILE_PAD) + UNIT_SPILL)
#define UNIT_RIGHT   (UNIT_COLUMNS / 2 * (K_BLOCK + TILE_PAD) + UNIT_SPILL)
#define UNIT_SPILL   (16 * PANEL_MAX)
#define UNIT_FLOATS  (UNIT_LEFT + UNIT_RIGHT + UNIT_ROWS * UNIT_COLUMNS)
#define TILE_PAD     ((int64_t)16) /* floats that packing may write beyond a panel */
#define PANEL_MAX    ((int64_t)32) /* columns of the widest tile */

/* 3 x 3 convolutions by transforms (winograd.h): spots of a tile; tiles and output channels that a thread has at hand,
 * floats of its transformed inputs and its sums.  Steps from spot to spot are an odd number of lines, or the spots of a
 * tile would share a set of the cache. */
#define WINO_SPOTS              36
#define WINO_TILES              ((int64_t)48)
#define WINO_COLUMNS            ((int64_t)64)
#define WINO_INPUT_STEP(blocks) ((blocks)*WINO_TILES * LEFT_STEP + 48)
#define WINO_SUM_STEP           (WINO_TILES * WINO_COLUMNS + 16)
#define WINO_FLOATS(blocks)     (WINO_SPOTS * (WINO_INPUT_STEP(blocks) + WINO_SUM_STEP))
#define LEFT_STEP                                                                                  \
    (K_BLOCK +                                                                                     \
     16) /* K_BLOCK and a line: rows of a left side that lies along k, as the tile reads them */

/* Floats from row to row of transformed tiles: an odd number of lines too. */
static inline int64_t wino_row(int64_t channels)
{
    return ((channels + 15) / 16 | 1) * 16;
}

#define COLUMN_GROUP ((int64_t)256) /* channels of one piece of work on sums over positions */

/* Numbers in a table that repeats what belongs to `channels` channels: whole vectors, and not too few. */
static inline int64_t channel_period(int64_t channels)
{
    int64_t even = channels & -channels, common = even > 16 ? 16 : even;
    int64_t least = common > 0 ? channels / common * 16 : 16;

    return least >= 256 ? least : (256 + least - 1) / least * least;
}

/* Windows that the depthwise kernels take: strides, and from the first tap to the last and one more. */
#define DEPTH_STRIDE_MAX 4
#define DEPTH_SPREAD_MAX 15

const char *refuse_winograd_grad_x(const OpCall *c);
const char *refuse_winograd_grad_w(const OpCall *c);
const char *refuse_depthwise(const OpCall *c);
const char *refuse_depthwise_act(const OpCall *c);
const char *refuse_depthwise_grad_x(const OpCall *c);
const char *refuse_depthwise_grad_w(const OpCall *c);

/* Floats of scratch for one thread of attention over at most `keys` keys, heads `d` wide in whole vectors. */
int64_t attention_floats(int64_t keys, int64_t d, bool backward);

size_t scratch_matmul(const OpCall *c, int threads);
size_t scratch_sum_to(const OpCall *c, int threads);
size_t scratch_norm_grad(const OpCall *c, int threads);
size_t scratch_attention(const OpCall *c, int threads);
size_t scratch_attention_grad(const OpCall *c, int threads);
size_t scratch_linear_xent(const OpCall *c, int threads);
size_t scratch_rows(const OpCall *c, int threads);
size_t scratch_delta(const OpCall *c, int threads);
size_t scratch_conv2d(const OpCall *c, int threads);
size_t scratch_conv2d_act(const OpCall *c, int threads);
size_t scratch_batchnorm(const OpCall *c, int threads);
size_t scratch_batchnorm_grad(const OpCall *c, int threads);
size_t scratch_batchnorm_train(const OpCall *c, int threads);
size_t scratch_batchnorm_train_grad(const OpCall *c, int threads);
size_t scratch_conv2d_grad_x(const OpCall *c, int threads);
size_t scratch_conv2d_grad_w(const OpCall *c, int threads);
size_t scratch_winograd_grad_x(const OpCall *c, int threads);
size_t scratch_winograd_grad_w(const OpCall *c, int threads);
size_t scratch_depthwise(const OpCall *c, int threads);
size_t scratch_depthwise_act(const OpCall *c, int threads);
size_t scratch_depthwise_grad_w(const OpCall *c, int threads);
size_t scratch_blocks(const OpCall *c, int threads);

#endif
/* SPDX-License-Identifier: MIT */
