/* kernels.h - what the kernel files share: declarations from kernels.def, block constants of the numeric
 * contract, small helpers.  Included by *.simd.c. */
#ifndef KERNELS_H
#define KERNELS_H

#include "cpu/blocks.h"
#include "cpu/cpu.h"
#include "cpu/simd.h"

#define KERNEL(op, name, refuse, scratch) void K(name)(const OpCall *c);
#include "cpu/kernels.def"
#undef KERNEL

SIMD int64_t min_of(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

SIMD int64_t max_of(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

SIMD const float *in_f(const OpCall *c, int i)
{
    return c->in[i].data;
}

SIMD float *out_f(const OpCall *c, int i)
{
    return c->out[i].data;
}

/* Rows of the last axis. */
SIMD int64_t tensor_width(const Tensor *t)
{
    return shape_last(&t->shape);
}

SIMD int64_t tensor_rows(const Tensor *t)
{
    int64_t rows = 1;

    for (int i = 0; i + 1 < t->shape.rank; i++)
        rows *= t->shape.dim[i];
    return rows;
}

/* Elements in one row of dimension 0. */
SIMD int64_t tensor_stride0(const Tensor *t)
{
    int64_t n = 1;

    for (int i = 1; i < t->shape.rank; i++)
        n *= t->shape.dim[i];
    return n;
}

SIMD int64_t tensor_dim0(const Tensor *t)
{
    return t->shape.rank > 0 ? t->shape.dim[0] : 1;
}

/* The sequence that holds a row: the last g with offset[g] <= row. */
SIMD int64_t group_of(const Rows *r, int64_t row)
{
    int64_t lo = 0, hi = r->groups;

    while (hi - lo > 1) {
        int64_t mid = (lo + hi) / 2;

        if (r->offset[mid] <= row)
            lo = mid;
        else
            hi = mid;
    }
    return lo;
}

SIMD uint32_t sample_of(const Rows *r, int64_t i)
{
    return r && r->sample ? r->sample[i] : (uint32_t)i;
}

SIMD int64_t group_length(const Rows *r, int64_t g)
{
    return r->offset[g + 1] - r->offset[g];
}

SIMD int64_t group_visible(const Rows *r, int64_t g)
{
    int64_t n = group_length(r, g);

    return r->visible ? min_of(r->visible[g], n) : n;
}

/* Blocks of SUM_BLOCK in order, block sums in order. */
SIMD float sum_blocks(const float *x, int64_t n)
{
    float all = 0;

    for (int64_t i = 0; i < n; i += SUM_BLOCK) {
        float sum = 0;

        for (int64_t j = i; j < min_of(i + SUM_BLOCK, n); j++)
            sum += x[j];
        all += sum;
    }
    return all;
}

/* Elements per chunk of an elementwise kernel, rows per chunk of a row kernel. */
#define ELEMENT_GRAIN 16384

SIMD int64_t row_grain(int64_t width)
{
    return max_of(1, ELEMENT_GRAIN / max_of(width, 1));
}

#endif
/* SPDX-License-Identifier: MIT */
