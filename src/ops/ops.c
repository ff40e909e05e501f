/* ops.c - the table of operations and what their files share. */
#include "ops/rules.h"

#include <stdarg.h>
#include <stdio.h>

static const OpDef *const table[] = {
#define OP(name) &opdef_##name,
#include "ops/ops.def"
#undef OP
};

int op_count(void)
{
    return LEN(table);
}

const OpDef *op_at(int i)
{
    return table[i];
}

Node op_call(const OpDef *op, const Node *in, const void *attr)
{
    for (int i = 0; i < op->inputs - op->optional; i++)
        if (!node_valid(in[i]))
            return NO_NODE;
    return graph_add(in[0].g, op, in, op->inputs, attr);
}

bool shape_fail(ShapeCall *c, const char *fmt, ...)
{
    char text[900];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    graph_fail(c->g, "%s", text);
    return false;
}

const char *in_text(const ShapeCall *c, int i, char *buf, size_t n)
{
    const Desc *d = &c->in[i];
    char shape[200];

    shape_text(&d->shape, shape, sizeof shape);
    if (d->space == SPACE_NONE)
        snprintf(buf, n, "%s", shape);
    else
        snprintf(buf, n, "%s over the rows \"%.60s\"", shape,
                 graph_space_info(c->g, d->space)->name);
    return buf;
}

bool want(ShapeCall *c, int i, const char *what, DType type, int rank)
{
    const Desc *d = &c->in[i];

    if (!has_in(c, i))
        return shape_fail(c, "%s is missing", what);
    if (d->dtype != type)
        return shape_fail(c, "%s %s is %s, wanted %s", what, IN_TEXT(c, i), dtype_name(d->dtype),
                          dtype_name(type));
    if (rank == FLAT_RANK && d->shape.rank == 4)
        return shape_fail(c, "%s is a picture, %s; this works along the last axis, wanted rows",
                          what, IN_TEXT(c, i));
    if (rank >= 0 && d->shape.rank != rank)
        return shape_fail(c, "%s is %s, wanted %d dimensions", what, IN_TEXT(c, i), rank);
    return true;
}

bool want_alike(ShapeCall *c, const char *op, int a, int b)
{
    const Desc *x = &c->in[a], *y = &c->in[b];

    if (x->dtype == y->dtype && x->space == y->space && shape_equal(&x->shape, &y->shape))
        return true;
    return shape_fail(c, "%s wants inputs alike, found %s %s and %s %s", op, dtype_name(x->dtype),
                      IN_TEXT(c, a), dtype_name(y->dtype), IN_TEXT(c, b));
}

bool want_shape(ShapeCall *c, int i, const char *what, Shape shape, Space space)
{
    const Desc *d = &c->in[i];

    if (d->space == space && shape_equal(&d->shape, &shape))
        return true;
    if (space == SPACE_NONE)
        return shape_fail(c, "%s is %s, wanted %s", what, IN_TEXT(c, i), SHAPE_TEXT(&shape));
    return shape_fail(c, "%s is %s, wanted %s over the rows \"%.60s\"", what, IN_TEXT(c, i),
                      SHAPE_TEXT(&shape), graph_space_info(c->g, space)->name);
}

bool want_grouped(ShapeCall *c, const char *op, Space space)
{
    if (space != SPACE_NONE && graph_space_info(c->g, space)->groups != SPACE_NONE)
        return true;
    return shape_fail(c, "%s needs rows that belong to sequences; \"%.60s\" are not grouped", op,
                      space == SPACE_NONE ? "plain rows" : graph_space_info(c->g, space)->name);
}

void set_out(ShapeCall *c, int k, DType type, Shape shape, Space space)
{
    c->out[k] = (Desc){type, shape, space};
}

Shape shape_leading(Shape s)
{
    if (s.rank > 0)
        s.dim[--s.rank] = 0;
    return s;
}

bool op_same_shape(ShapeCall *c)
{
    c->out[0] = c->in[0];
    return true;
}

bool only_first(const GradCall *c, const OpDef *op)
{
    for (int i = 1; i < op->outputs; i++) {
        if (node_valid(c->dy[i])) {
            graph_fail(c->dy[i].g, "%s passes gradients through its first output only", op->name);
            return false;
        }
    }
    return node_valid(c->dy[0]);
}

int64_t desc_rows(const Desc *d)
{
    Tensor t = {.shape = d->shape};

    return tensor_rows(&t);
}

/* SPDX-License-Identifier: MIT */
