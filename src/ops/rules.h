/* rules.h - what the files of ops share: calls, checks of shapes, test shapes, walking over rows. */
#ifndef OPS_RULES_H
#define OPS_RULES_H

#include "ops/ops.h"

#define DIMS(...)                                                                                  \
    {                                                                                              \
        .rank = sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t), .dim = { __VA_ARGS__ }         \
    }
#define CASES(list) .cases = (list), .case_count = LEN(list)
#define ANY_RANK    (-1)
#define FLAT_RANK   (-2) /* any but a picture's 4, whose last axis is not what lies last in memory */

/* A node of op; NO_NODE, quietly, when an input that must be there is not. */
Node op_call(const OpDef *op, const Node *in, const void *attr);

/* The checks record what is wrong and return false.  `what` reads "attention's q". */
bool want(ShapeCall *c, int i, const char *what, DType type, int rank);
bool want_alike(ShapeCall *c, const char *op, int a, int b); /* type, shape and row space */
bool want_shape(ShapeCall *c, int i, const char *what, Shape shape, Space space);
bool want_grouped(ShapeCall *c, const char *op, Space space);
const char *in_text(const ShapeCall *c, int i, char *buf, size_t n);
#define IN_TEXT(c, i) in_text((c), (i), (char[300]){0}, 300)

void set_out(ShapeCall *c, int k, DType type, Shape shape, Space space);
Shape shape_leading(Shape s); /* without the last dimension */

/* For rules of ops whose further outputs only serve the gradient: records the misuse. */
bool only_first(const GradCall *c, const OpDef *op);

static inline bool has_in(const ShapeCall *c, int i)
{
    return i < c->ins && c->in[i].dtype != DT_COUNT;
}

/* The row space of what has one value for each row of d. */
static inline Space leading_space(const Desc *d)
{
    return d->shape.rank > 1 ? d->space : SPACE_NONE;
}

static inline int64_t tensor_count(const Tensor *t)
{
    return shape_size(&t->shape);
}

/* All but the last dimension, taken together. */
static inline int64_t tensor_rows(const Tensor *t)
{
    int64_t n = 1;

    for (int i = 0; i + 1 < t->shape.rank; i++)
        n *= t->shape.dim[i];
    return n;
}

static inline int64_t group_length(const Rows *r, int64_t group)
{
    return r->offset[group + 1] - r->offset[group];
}

static inline int64_t group_visible(const Rows *r, int64_t group)
{
    int64_t n = group_length(r, group);

    return r->visible && r->visible[group] < n ? r->visible[group] : n;
}

#endif
/* SPDX-License-Identifier: MIT */
