/* transplant.c - the first blocks of one network in another of the same shape (Yosinski et al. 2014, arXiv:1411.1792).
 * What a block is says the family's `depth`: the stem is the first, the head belongs to none. */
#include "models/inside.h"

#include <string.h>

int model_blocks(const Model *m)
{
    return m->layers + 1;
}

static Status lacks(Err *e, const char *name, const Param *have, const Shape *want)
{
    if (!have)
        return fail(e, E_DATA, "the network that gives its first layers has no tensor \"%s\"",
                    name);
    fail(e, E_DATA, "tensor \"%s\" has another shape in the network that gives it", name);
    err_note(e, "expected", "%s", SHAPE_TEXT(want));
    return err_note(e, "found", "%s", SHAPE_TEXT(&have->shape));
}

/* What trains gets numbers of its own; what stays is used where it lies, and nothing can write to it. */
static Status give(Err *e, const Graph *g, const NodeInfo *node, const Param *have, Params *into)
{
    Param *p;

    if (!graph_changes(g, node->name))
        return params_map(e, into, node->name, have->shape, have->data);
    TRY(params_add(e, into, node->name, have->shape, &p));
    memcpy(p->data, have->data, (size_t)shape_size(&have->shape) * sizeof *p->data);
    return E_OK;
}

Status model_transplant(Err *e, const Model *m, const Graph *g, Params *from, int n, Params *into,
                        int *given)
{
    *given = 0;
    if (n < 0 || n > model_blocks(m)) {
        fail(e, E_USAGE, "the first %d layers cannot be taken", n);
        return err_note(e, "expected", "0 to %d: %s has so many before its classifier",
                        model_blocks(m), m->architecture);
    }
    for (int i = 0; i < graph_param_count(g); i++) {
        const NodeInfo *node = graph_node(g, graph_param_at(g, i).id);
        int depth = model_depth(m, node->name);

        if (depth < 0 || depth >= n || model_is_head(m, node->name))
            continue;
        const Param *have = params_find(from, node->name);
        if (!have || !shape_equal(&have->shape, &node->desc[0].shape))
            return lacks(e, node->name, have, &node->desc[0].shape);
        TRY(give(e, g, node, have, into));
        ++*given;
    }
    return E_OK;
}

/* SPDX-License-Identifier: MIT */
