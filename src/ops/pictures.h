/* pictures.h - what ops on [B, C, H, W] share.  In memory a picture lies as H, W, C: a position is C numbers. */
#ifndef OPS_PICTURES_H
#define OPS_PICTURES_H

#include "ops/rules.h"

#include <stdio.h>

static inline bool want_pictures(ShapeCall *c, int i, const char *what)
{
    return want(c, i, what, DT_F32, 4);
}

/* One number for each channel of input 0. */
static inline bool want_channels(ShapeCall *c, int i, const char *op, const char *what)
{
    char text[60];

    snprintf(text, sizeof text, "%s's %s", op, what);
    return want(c, i, text, DT_F32, 1) &&
           want_shape(c, i, text, SHAPE(c->in[0].shape.dim[1]), SPACE_NONE);
}

static inline int64_t picture_channels(const Tensor *t)
{
    return t->shape.dim[1];
}

static inline int64_t picture_pixels(const Tensor *t)
{
    return t->shape.dim[2] * t->shape.dim[3];
}

static inline int64_t picture_positions(const Tensor *t)
{
    return t->shape.dim[0] * picture_pixels(t);
}

#endif
/* SPDX-License-Identifier: MIT */
