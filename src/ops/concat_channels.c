/* concat_channels.c - two to four pictures' channels one after the other: [B, C_i, H, W] -> [B, sum of C_i, H, W].
 * Each dx is its part of dy. */
#include "ops/pictures.h"

static bool concat_channels_shape(ShapeCall *c)
{
    int64_t channels = 0;

    for (int i = 0; i < c->ins; i++) {
        if (c->in[i].dtype == DT_COUNT)
            continue;
        if (!want_pictures(c, i, "concat_channels' x"))
            return false;
        Shape like = c->in[0].shape;
        like.dim[1] = c->in[i].shape.dim[1];
        if (!want_shape(c, i, "concat_channels' x", like, c->in[0].space))
            return false;
        channels += like.dim[1];
    }
    c->out[0] = c->in[0];
    c->out[0].shape.dim[1] = channels;
    return true;
}

static void concat_channels_grad(const GradCall *c, Node *dx)
{
    int64_t all = node_dim(c->y[0], 1), before = 0;

    for (int i = 0; i < 4 && node_valid(c->x[i]); i++) {
        int64_t n = node_dim(c->x[i], 1);

        if (c->need[i])
            dx[i] = op_pad_channels_grad(c->dy[0], before, all - before - n);
        before += n;
    }
}

static void concat_channels_ref(const OpCall *c)
{
    int64_t wide = picture_channels(&c->out[0]), before = 0;
    real *y = c->out[0].data;

    for (int k = 0; k < c->ins && c->in[k].data; k++) {
        int64_t n = picture_channels(&c->in[k]);
        const real *x = c->in[k].data;

        for (int64_t i = 0; i < tensor_count(&c->in[k]); i++)
            y[i / n * wide + before + i % n] = x[i];
        before += n;
    }
}

static const OpCase cases[] = {
    {.in = {DIMS(-CASE_B, 3, 2, 5), DIMS(-CASE_B, 4, 2, 5)}},
    {.in = {DIMS(2, 1, 3, 3), DIMS(2, 17, 3, 3), DIMS(2, 2, 3, 3)}},
    {.in = {DIMS(1, 8, 1, 2), DIMS(1, 16, 1, 2), DIMS(1, 33, 1, 2), DIMS(1, 1, 1, 2)}},
};

const OpDef opdef_concat_channels = {
    .name = "concat_channels",
    .inputs = 4,
    .optional = 2,
    .outputs = 1,
    .shape = concat_channels_shape,
    .grad = concat_channels_grad,
    .ref = concat_channels_ref,
    CASES(cases),
};

Node op_concat_channels(Node a, Node b, Node c, Node d)
{
    return op_call(&opdef_concat_channels, (Node[]){a, b, c, d}, NULL);
}

/* SPDX-License-Identifier: MIT */
