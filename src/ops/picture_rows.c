/* picture_rows.c - the positions of pictures as rows of sequences: [B, C, H, W] -> [T, C], T = B H W (patches, of
 * Dosovitskiy et al. 2020, arXiv:2010.11929).  Pictures lie channels last, so nothing changes its place; the gradient is
 * the way back. */
#include "ops/pictures.h"

#include <string.h>

static bool picture_rows_shape(ShapeCall *c)
{
    const RowsAttr *a = c->attr;
    const int64_t *d = c->in[0].shape.dim;

    if (!want_pictures(c, 0, "picture_rows' x") || !want_grouped(c, "picture_rows", a->space))
        return false;
    const SpaceInfo *s = graph_space_info(c->g, a->space);

    if (s->groups != c->in[0].space || s->each != d[2] * d[3])
        return shape_fail(c, "picture_rows of %s cannot be the rows \"%.60s\", %lld for each",
                          IN_TEXT(c, 0), s->name, (long long)s->each);
    set_out(c, 0, DT_F32, SHAPE(s->capacity, d[1]), a->space);
    return true;
}

static void picture_rows_grad(const GradCall *c, Node *dx)
{
    dx[0] = op_rows_picture(c->dy[0], node_dim(c->x[0], 2), node_dim(c->x[0], 3));
}

static bool rows_picture_shape(ShapeCall *c)
{
    const PictureAttr *a = c->attr;

    if (!want(c, 0, "rows_picture's x", DT_F32, 2) ||
        !want_grouped(c, "rows_picture", c->in[0].space))
        return false;
    const SpaceInfo *s = graph_space_info(c->g, c->in[0].space);

    if (a->h < 1 || a->w < 1 || s->each != a->h * a->w)
        return shape_fail(c, "rows_picture of %s, which is no pictures of %lld x %lld",
                          IN_TEXT(c, 0), (long long)a->h, (long long)a->w);
    Space groups = s->groups;
    int64_t n = graph_space_info(c->g, groups)->capacity;

    set_out(c, 0, DT_F32, SHAPE(n, c->in[0].shape.dim[1], a->h, a->w), groups);
    return true;
}

static void rows_picture_grad(const GradCall *c, Node *dx)
{
    dx[0] = op_picture_rows(c->dy[0], node_space(c->x[0]));
}

static void copy_ref(const OpCall *c)
{
    memcpy(c->out[0].data, c->in[0].data, (size_t)tensor_count(&c->in[0]) * sizeof(real));
}

static const RowsAttr each = {.space = CASE_E};
static const OpCase cases[] = {
    {.in = {DIMS(-CASE_B, 7, 2, 3)}, .attr = &each},
    {.in = {DIMS(-CASE_B, 33, 1, 6)}, .attr = &each},
    {.in = {DIMS(-CASE_B, 1, 3, 2)}, .attr = &each},
};
static const PictureAttr wide = {2, 3}, flat = {1, 6}, high = {3, 2};
static const OpCase back_cases[] = {
    {.in = {DIMS(-CASE_E, 7)}, .attr = &wide},
    {.in = {DIMS(-CASE_E, 33)}, .attr = &flat},
    {.in = {DIMS(-CASE_E, 1)}, .attr = &high},
};

const OpDef opdef_picture_rows = {
    .name = "picture_rows",
    .inputs = 1,
    .outputs = 1,
    .attr_size = sizeof(RowsAttr),
    .shape = picture_rows_shape,
    .grad = picture_rows_grad,
    .ref = copy_ref,
    CASES(cases),
};

const OpDef opdef_rows_picture = {
    .name = "rows_picture",
    .inputs = 1,
    .outputs = 1,
    .attr_size = sizeof(PictureAttr),
    .shape = rows_picture_shape,
    .grad = rows_picture_grad,
    .ref = copy_ref,
    CASES(back_cases),
};

Node op_picture_rows(Node x, Space space)
{
    return op_call(&opdef_picture_rows, (Node[]){x}, &(RowsAttr){.space = space});
}

Node op_rows_picture(Node x, int64_t h, int64_t w)
{
    return op_call(&opdef_rows_picture, (Node[]){x}, &(PictureAttr){h, w});
}

/* SPDX-License-Identifier: MIT */
