/* grid.simd.c - resizing of a grid of rows and its gradient: one chain for each number, over the taps of a row or over
 * the resized rows in order.  A piece of work is a group of columns. */
#include "ops/grid.h"

#include "cpu/kernels.h"

typedef struct Grid {
    const ResizeGridAttr *a;
    const float *from;
    float *to;
    int64_t n; /* columns */
    bool back;
} Grid;

SIMD void add_tap(const Grid *g, int64_t first, int64_t resized, float w, int64_t i)
{
    const float *from = g->from + (g->back ? resized : first) * g->n + i;
    float *to = g->to + (g->back ? first : resized) * g->n + i;

    f_put(to, f_fma(f_set(w), f_get(from, g->n - i), f_get(to, g->n - i)), g->n - i);
}

static void grid_chunk(void *arg, int64_t begin, int64_t end, int thread)
{
    const Grid *g = arg;
    const ResizeGridAttr *a = g->a;
    GridTaps ty = {0}, tx = {0};

    (void)thread;
    for (int64_t i = 0; i < a->h * a->w; i++) {
        grid_taps(a->antialias, i / a->w, a->h, a->from_h, &ty);
        grid_taps(a->antialias, i % a->w, a->w, a->from_w, &tx);
        for (int k = 0; k < ty.n * tx.n; k++) {
            int64_t y = ty.first + k / tx.n, x = tx.first + k % tx.n;
            float w = (float)(ty.w[k / tx.n] * tx.w[k % tx.n]);

            for (int64_t at = begin; at < end; at++)
                add_tap(g, a->front + y * a->from_w + x, a->front + i, w, at * LANES);
        }
    }
}

static void run(const OpCall *c, bool back)
{
    const ResizeGridAttr *a = c->attr;
    int64_t n = tensor_width(&c->in[0]);
    Grid g = {a, in_f(c, 0), out_f(c, 0), n, back};

    memset(g.to, 0, (size_t)shape_size(&c->out[0].shape) * sizeof *g.to);
    memcpy(g.to, g.from, (size_t)(a->front * n) * sizeof *g.to);
    par_for(c->pool, (n + LANES - 1) / LANES, 4, grid_chunk, &g);
}

void K(k_resize_grid)(const OpCall *c)
{
    run(c, false);
}

void K(k_resize_grid_grad)(const OpCall *c)
{
    run(c, true);
}

/* SPDX-License-Identifier: MIT */
