/* pool.h - the windows of pooling, for ops and kernels.  side 0 is the height, 1 the width. */
#ifndef OPS_POOL_H
#define OPS_POOL_H

#include "ops/ops.h"

typedef struct
    PoolSpan { /* begin .. end - 1; counted: with the padding that an average may count */
    int64_t begin, end, counted;
} PoolSpan;

/* Outputs along a side of n; 0 when the window does not fit. */
static inline int64_t pool_outputs(const Pool2dAttr *a, int side, int64_t n)
{
    int64_t s = a->stride[side], room = n + a->pad[side] + a->pad[side + 2] - a->k[side];
    int64_t out = room < 0 ? 0 : (a->ceil ? room + s - 1 : room) / s + 1;

    if (a->ceil && out > 0 && (out - 1) * s >= n + a->pad[side])
        out--;
    return out;
}

/* What window o covers of a side of n. */
static inline PoolSpan pool_window(const Pool2dAttr *a, int side, int64_t n, int64_t o)
{
    int64_t begin = o * a->stride[side] - a->pad[side], end = begin + a->k[side];
    int64_t edge = n + a->pad[side + 2];
    PoolSpan w = {begin > 0 ? begin : 0, end < n ? end : n, (end < edge ? end : edge) - begin};

    return w;
}

/* The windows, of `outs`, that cover place i. */
static inline PoolSpan pool_covering(const Pool2dAttr *a, int side, int64_t outs, int64_t i)
{
    int64_t s = a->stride[side], at = i + a->pad[side], low = at - a->k[side] + 1;
    PoolSpan w = {low > 0 ? (low + s - 1) / s : 0, at / s + 1, 0};

    w.end = w.end < outs ? w.end : outs;
    return w;
}

/* How many numbers window y, x is the average of. */
static inline int64_t pool_divisor(const Pool2dAttr *a, PoolSpan y, PoolSpan x)
{
    return a->count_pad ? y.counted * x.counted : (y.end - y.begin) * (x.end - x.begin);
}

/* Adaptive pooling: window o of `outs` that cover a side of n; and the windows that cover place i, which are neighbours. */
static inline PoolSpan adaptive_window(int64_t n, int64_t outs, int64_t o)
{
    return (PoolSpan){o * n / outs, ((o + 1) * n + outs - 1) / outs, 0};
}

static inline PoolSpan adaptive_covering(int64_t n, int64_t outs, int64_t i)
{
    return (PoolSpan){i * outs / n, ((i + 1) * outs + n - 1) / n, 0};
}

/* The checks of a pooling op and its output's shape from those of input 0. */
bool pool_shape(ShapeCall *c, const char *op, const Pool2dAttr *a, Shape *out);
/* Of its gradient: input 0 is dy, out[0] becomes x's shape. */
bool pool_grad_shape(ShapeCall *c, const char *op);

#endif
/* SPDX-License-Identifier: MIT */
