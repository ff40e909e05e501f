/* resize_grid.c - a table of positions for pictures of another size: after `front` rows that stay (class tokens) its rows
 * are a grid, resized bicubically: [front + from_h from_w, D] -> [front + h w, D]. */
#include "ops/grid.h"
#include "ops/rules.h"

#include <string.h>

static bool sizes_fit(ShapeCall *c, const char *op, int64_t rows, int64_t sides)
{
    const ResizeGridAttr *a = c->attr;
    const int64_t side[] = {a->from_h, a->from_w, a->h, a->w};

    for (size_t i = 0; i < LEN(side); i++)
        if (side[i] < 1 || side[i] > GRID_MAX)
            return shape_fail(c, "%s with a side of %lld; it lies from 1 to %d", op,
                              (long long)side[i], GRID_MAX);
    if (c->in[0].space != SPACE_NONE || a->front < 0 || rows != a->front + sides)
        return shape_fail(c, "%s of %s, which is no such grid", op, IN_TEXT(c, 0));
    return true;
}

static bool resize_grid_shape(ShapeCall *c)
{
    const ResizeGridAttr *a = c->attr;
    const int64_t *d = c->in[0].shape.dim;

    if (!want(c, 0, "resize_grid's x", DT_F32, 2) ||
        !sizes_fit(c, "resize_grid", d[0], a->from_h * a->from_w))
        return false;
    set_out(c, 0, DT_F32, SHAPE(a->front + a->h * a->w, d[1]), SPACE_NONE);
    return true;
}

static void resize_grid_grad(const GradCall *c, Node *dx)
{
    const ResizeGridAttr *a = c->attr;

    dx[0] = op_resize_grid_grad(c->dy[0], *a);
}

/* to += w from: one row, times what it counts for. */
static void add_row(real *to, const real *from, int64_t n, real w)
{
    for (int64_t i = 0; i < n; i++)
        to[i] += w * from[i];
}

/* Every pair of a row of the large table's grid and one of the small's; back: from the resized to the first. */
static void spread(const ResizeGridAttr *a, const real *from, real *to, int64_t n, bool back)
{
    GridTaps ty = {0}, tx = {0};

    for (int64_t i = 0; i < a->h * a->w; i++) {
        grid_taps(a->antialias, i / a->w, a->h, a->from_h, &ty);
        grid_taps(a->antialias, i % a->w, a->w, a->from_w, &tx);
        for (int k = 0; k < ty.n * tx.n; k++) {
            int64_t y = ty.first + k / tx.n, x = tx.first + k % tx.n;
            int64_t first = (a->front + y * a->from_w + x) * n, resized = (a->front + i) * n;
            real w = ty.w[k / tx.n] * tx.w[k % tx.n];

            add_row(to + (back ? first : resized), from + (back ? resized : first), n, w);
        }
    }
}

static void run(const OpCall *c, bool back)
{
    const ResizeGridAttr *a = c->attr;
    int64_t n = c->in[0].shape.dim[1];

    memset(c->out[0].data, 0, (size_t)tensor_count(&c->out[0]) * sizeof(real));
    memcpy(c->out[0].data, c->in[0].data, (size_t)(a->front * n) * sizeof(real));
    spread(a, c->in[0].data, c->out[0].data, n, back);
}

static void resize_grid_ref(const OpCall *c)
{
    run(c, false);
}

static bool resize_grid_grad_shape(ShapeCall *c)
{
    const ResizeGridAttr *a = c->attr;
    const int64_t *d = c->in[0].shape.dim;

    if (!want(c, 0, "resize_grid_grad's dy", DT_F32, 2) ||
        !sizes_fit(c, "resize_grid_grad", d[0], a->h * a->w))
        return false;
    set_out(c, 0, DT_F32, SHAPE(a->front + a->from_h * a->from_w, d[1]), SPACE_NONE);
    return true;
}

static void resize_grid_grad_ref(const OpCall *c)
{
    run(c, true);
}

static const ResizeGridAttr grow = {1, 3, 2, 5, 4, false}, shrink = {2, 6, 5, 2, 3, true},
                            one = {0, 1, 1, 2, 1, true}, cut = {1, 7, 7, 3, 9, false};
static const OpCase cases[] = {
    {.in = {DIMS(7, 7)}, .attr = &grow},
    {.in = {DIMS(32, 33)}, .attr = &shrink},
    {.in = {DIMS(1, 16)}, .attr = &one},
    {.in = {DIMS(50, 5)}, .attr = &cut},
};
static const OpCase grad_cases[] = {
    {.in = {DIMS(21, 7)}, .attr = &grow},
    {.in = {DIMS(8, 33)}, .attr = &shrink},
    {.in = {DIMS(2, 16)}, .attr = &one},
};

const OpDef opdef_resize_grid = {
    .name = "resize_grid",
    .inputs = 1,
    .outputs = 1,
    .attr_size = sizeof(ResizeGridAttr),
    .shape = resize_grid_shape,
    .grad = resize_grid_grad,
    .ref = resize_grid_ref,
    CASES(cases),
};

const OpDef opdef_resize_grid_grad = {
    .name = "resize_grid_grad",
    .inputs = 1,
    .outputs = 1,
    .attr_size = sizeof(ResizeGridAttr),
    .shape = resize_grid_grad_shape,
    .ref = resize_grid_grad_ref,
    CASES(grad_cases),
};

Node op_resize_grid(Node x, ResizeGridAttr attr)
{
    return op_call(&opdef_resize_grid, (Node[]){x}, &attr);
}

Node op_resize_grid_grad(Node dy, ResizeGridAttr attr)
{
    return op_call(&opdef_resize_grid_grad, (Node[]){dy}, &attr);
}

/* SPDX-License-Identifier: MIT */
