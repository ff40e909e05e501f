/* grid.h - bicubic weights of one line of a grid (Keys 1981), as PyTorch's interpolate has them: with `antialias` as
 * PIL's, wider where the grid shrinks (a = -0.5), else over four neighbours, those outside being the border's (-0.75). */
#ifndef GRID_H
#define GRID_H

#include "ops/ops.h"

typedef struct GridTaps { /* what place `first + i` counts for */
    int64_t first;
    int n;
    double w[GRID_MAX];
} GridTaps;

static inline double grid_cubic(double x, double a)
{
    x = x < 0 ? -x : x;
    if (x < 1)
        return ((a + 2) * x - (a + 3)) * x * x + 1;
    return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
}

static inline int64_t grid_clamp(int64_t i, int64_t n)
{
    return i < 0 ? 0 : i < n ? i : n - 1;
}

/* Of place `at` of n, over a line of `from`. */
static inline void grid_wide(int64_t at, int64_t n, int64_t from, GridTaps *t)
{
    double scale = (double)from / (double)n, stretch = scale > 1 ? scale : 1, sum = 0;
    double center = scale * ((double)at + 0.5), support = 2 * stretch;
    int64_t low = (int64_t)(center - support + 0.5), high = (int64_t)(center + support + 0.5);

    t->first = center - support + 0.5 < 0 ? 0 : low;
    t->n = (int)((high < from ? high : from) - t->first);
    for (int i = 0; i < t->n; i++) {
        t->w[i] = grid_cubic(((double)(t->first + i) - center + 0.5) / stretch, -0.5);
        sum += t->w[i];
    }
    for (int i = 0; i < t->n; i++)
        t->w[i] /= sum;
}

static inline void grid_plain(int64_t at, int64_t n, int64_t from, GridTaps *t)
{
    double x = (double)from / (double)n * ((double)at + 0.5) - 0.5;
    int64_t below = x < 0 ? -1 : (int64_t)x; /* x is above -1 */

    t->first = grid_clamp(below - 1, from);
    t->n = (int)(grid_clamp(below + 2, from) - t->first + 1);
    for (int i = 0; i < t->n; i++)
        t->w[i] = 0;
    for (int64_t i = below - 1; i <= below + 2; i++)
        t->w[grid_clamp(i, from) - t->first] += grid_cubic(x - (double)i, -0.75);
}

static inline void grid_taps(bool antialias, int64_t at, int64_t n, int64_t from, GridTaps *t)
{
    if (antialias)
        grid_wide(at, n, from, t);
    else
        grid_plain(at, n, from, t);
}

#endif
/* SPDX-License-Identifier: MIT */
