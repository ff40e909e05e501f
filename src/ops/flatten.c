/* flatten.c - a picture as one row, in the order that checkpoints have: [B, C, H, W] -> [B, C H W], the channel slowest.
 * In memory pictures lie channels last, so numbers change places; the gradient puts them back. */
#include "ops/pictures.h"

static bool flatten_shape(ShapeCall *c)
{
    const int64_t *d = c->in[0].shape.dim;

    if (!want_pictures(c, 0, "flatten's x"))
        return false;
    set_out(c, 0, DT_F32, SHAPE(d[0], d[1] * d[2] * d[3]), c->in[0].space);
    return true;
}

static void flatten_grad(const GradCall *c, Node *dx)
{
    dx[0] = op_flatten_grad(c->dy[0], node_dim(c->x[0], 2), node_dim(c->x[0], 3));
}

/* pixels: of a picture; a row's number for channel k, position i is row[k pixels + i]. */
static void turn(const Tensor *picture, real *at, real *row, bool back)
{
    int64_t n = picture_channels(picture), pixels = picture_pixels(picture);

    for (int64_t i = 0; i < tensor_count(picture); i++) {
        int64_t position = i / n, b = position / pixels;
        real *r = row + (b * n + i % n) * pixels + position % pixels;

        if (back)
            at[i] = *r;
        else
            *r = at[i];
    }
}

static void flatten_ref(const OpCall *c)
{
    turn(&c->in[0], c->in[0].data, c->out[0].data, false);
}

static bool flatten_grad_shape(ShapeCall *c)
{
    const PictureAttr *a = c->attr;
    const int64_t *d = c->in[0].shape.dim;

    if (!want(c, 0, "flatten_grad's dy", DT_F32, 2))
        return false;
    if (a->h < 1 || a->w < 1 || d[1] % (a->h * a->w))
        return shape_fail(c, "flatten_grad of %s, which is no pictures of %lld x %lld",
                          IN_TEXT(c, 0), (long long)a->h, (long long)a->w);
    set_out(c, 0, DT_F32, SHAPE(d[0], d[1] / (a->h * a->w), a->h, a->w), c->in[0].space);
    return true;
}

static void flatten_grad_ref(const OpCall *c)
{
    turn(&c->out[0], c->out[0].data, c->in[0].data, true);
}

static const PictureAttr wide = {2, 5}, square = {3, 3}, one = {1, 1};
static const OpCase cases[] = {
    {.in = {DIMS(-CASE_B, 3, 2, 5)}},
    {.in = {DIMS(2, 33, 3, 3)}},
    {.in = {DIMS(1, 17, 1, 1)}},
};
static const OpCase grad_cases[] = {
    {.in = {DIMS(-CASE_B, 30)}, .attr = &wide},
    {.in = {DIMS(2, 297)}, .attr = &square},
    {.in = {DIMS(1, 17)}, .attr = &one},
};

const OpDef opdef_flatten = {
    .name = "flatten",
    .inputs = 1,
    .outputs = 1,
    .shape = flatten_shape,
    .grad = flatten_grad,
    .ref = flatten_ref,
    CASES(cases),
};

const OpDef opdef_flatten_grad = {
    .name = "flatten_grad",
    .inputs = 1,
    .outputs = 1,
    .attr_size = sizeof(PictureAttr),
    .shape = flatten_grad_shape,
    .ref = flatten_grad_ref,
    CASES(grad_cases),
};

Node op_flatten(Node x)
{
    return op_call(&opdef_flatten, (Node[]){x}, NULL);
}

Node op_flatten_grad(Node dy, int64_t h, int64_t w)
{
    return op_call(&opdef_flatten_grad, (Node[]){dy}, &(PictureAttr){h, w});
}

/* SPDX-License-Identifier: MIT */
