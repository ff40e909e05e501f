/* pool.c - the shape rules that pooling ops share. */
#include "ops/pool.h"
#include "ops/pictures.h"

bool pool_shape(ShapeCall *c, const char *op, const Pool2dAttr *a, Shape *out)
{
    static const char *const side_name[] = {"height", "width"};
    char what[40];

    snprintf(what, sizeof what, "%s's x", op);
    if (!want_pictures(c, 0, what))
        return false;
    *out = c->in[0].shape;
    for (int side = 0; side < 2; side++) {
        int64_t n = c->in[0].shape.dim[2 + side];

        if (a->k[side] < 1 || a->stride[side] < 1)
            return shape_fail(c, "%s of windows of %d x %d at strides %d and %d", op, a->k[0],
                              a->k[1], a->stride[0], a->stride[1]);
        for (int i = side; i < 4; i += 2)
            if (a->pad[i] < 0 || a->pad[i] >= a->k[side])
                return shape_fail(c, "%s pads the %s by %d; windows of %d allow 0 to %d", op,
                                  side_name[side], a->pad[i], a->k[side], a->k[side] - 1);
        out->dim[2 + side] = pool_outputs(a, side, n);
        if (out->dim[2 + side] < 1)
            return shape_fail(c, "%s finds no window of %d x %d in %s", op, a->k[0], a->k[1],
                              IN_TEXT(c, 0));
    }
    return true;
}

bool pool_grad_shape(ShapeCall *c, const char *op)
{
    const PoolGradAttr *a = c->attr;
    Shape x = c->in[0].shape;
    char what[40];

    snprintf(what, sizeof what, "%s's dy", op);
    if (!want_pictures(c, 0, what))
        return false;
    x.dim[2] = a->h;
    x.dim[3] = a->w;
    if (pool_outputs(&a->pool, 0, a->h) != c->in[0].shape.dim[2] ||
        pool_outputs(&a->pool, 1, a->w) != c->in[0].shape.dim[3])
        return shape_fail(c, "%s is %s, which is no pooling of %s", what, IN_TEXT(c, 0),
                          SHAPE_TEXT(&x));
    set_out(c, 0, DT_F32, x, c->in[0].space);
    return true;
}

/* SPDX-License-Identifier: MIT */
