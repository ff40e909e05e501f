/* broadcast.c - the shape rule that add and mul share. */
#include "ops/broadcast.h"

#include <stdio.h>

bool broadcast_shape(ShapeCall *c, const char *op)
{
    const Desc *a = &c->in[0], *b = &c->in[1];
    int lead = a->shape.rank - b->shape.rank;
    char what[40];

    for (int i = 0; i < 2; i++) {
        snprintf(what, sizeof what, "%s's %c", op, 'a' + i);
        if (!want(c, i, what, DT_F32, ANY_RANK))
            return false;
    }
    if (lead == 0 && a->shape.rank > 0)
        return want_alike(c, op, 0, 1) && op_same_shape(c);
    if (a->shape.rank == 4 && b->shape.rank > 0)
        return shape_fail(c, "%s cannot spread %s over pictures %s", op, IN_TEXT(c, 1),
                          IN_TEXT(c, 0));
    bool suffix = lead >= 0 && b->space == SPACE_NONE;

    for (int i = 0; suffix && i < b->shape.rank; i++)
        suffix = b->shape.dim[i] == a->shape.dim[lead + i];
    if (!suffix)
        return shape_fail(c, "%s cannot spread %s over %s", op, IN_TEXT(c, 1), IN_TEXT(c, 0));
    return op_same_shape(c);
}

Node broadcast_back(Node d, Node b)
{
    return node_valid(b) ? op_sum_to(d, node_desc(b)->shape) : NO_NODE;
}

/* SPDX-License-Identifier: MIT */
