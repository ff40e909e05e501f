/* window.h - the window of a convolution along one axis of a picture, as it is slid over the input and, for the
 * input's gradient, over the output's.  Included by *.simd.c. */
#ifndef WINDOW_H
#define WINDOW_H

#include "cpu/kernels.h"

typedef struct Axis {  /* position p's tap t reads p * stride + first + t * step, of `size` */
    int64_t size, out; /* of what is read; positions */
    int64_t taps, stride, first, step;
    int64_t tap, every; /* t is the weight's tap + t * every */
} Axis;

/* Axis i (0: down, 1: across) of x's windows. */
SIMD Axis window_over(const Conv2dAttr *a, const Shape *x, const Shape *y, const Shape *w, int i)
{
    return (Axis){.size = x->dim[2 + i],
                  .out = y->dim[2 + i],
                  .taps = w->dim[2 + i],
                  .stride = a->stride[i],
                  .first = -a->pad[i],
                  .step = a->dilation[i],
                  .every = 1};
}

/* The positions p * stride + residue of x and the taps that reach dy from them: dy's number is
 * (position + pad - tap dilation) / stride. */
SIMD Axis window_back(const Conv2dAttr *a, const Shape *x, const Shape *y, const Shape *w, int i,
                      int64_t residue)
{
    int64_t s = a->stride[i], d = a->dilation[i], k = w->dim[2 + i], size = x->dim[2 + i];
    int64_t tap = 0, every = 1;

    while (tap < k && (residue + a->pad[i] - tap * d) % s != 0)
        tap++;
    while (every * d % s != 0)
        every++;
    return (Axis){.size = y->dim[2 + i],
                  .out = size > residue ? (size - residue - 1) / s + 1 : 0,
                  .taps = tap < k ? (k - tap - 1) / every + 1 : 0,
                  .stride = 1,
                  .first = (residue + a->pad[i] - tap * d) / s,
                  .step = -every * d / s,
                  .tap = tap,
                  .every = every};
}

#endif
/* SPDX-License-Identifier: MIT */
