/* prefix.c - the frozen beginning of a network: what no update changes and what depends on a sample alone gives the
 * same value in every epoch, so it is computed once and kept.  Everything up to one value is such a beginning; the
 * value then becomes an input of the graph that learns. */
#include "passes/passes.h"

#include <string.h>

typedef enum {
    CHANGES,
    CONSTANT,
    OF_SAMPLE
} Part; /* between updates; a constant is the same for all samples */

static Part part_of_op(const NodeInfo *n, const Part *part)
{
    Part p = CONSTANT;

    for (int i = 0; i < n->ins; i++) {
        if (!node_valid(n->in[i]))
            continue;
        if (part[n->in[i].id] == CHANGES)
            return CHANGES;
        if (part[n->in[i].id] == OF_SAMPLE)
            p = OF_SAMPLE;
    }
    if (n->op->of_batch || n->segment != SEG_STEP)
        return CHANGES;
    return p == OF_SAMPLE && n->desc[0].space == SPACE_NONE ? CHANGES : p; /* a sum over samples */
}

static Part part_of(const NodeInfo *n, const Part *part, const Graph *training)
{
    switch (n->kind) {
    case NODE_PARAM:
        return graph_changes(training, n->name) ? CHANGES : CONSTANT;
    case NODE_INPUT:
        return n->desc[0].space == SPACE_NONE ? CHANGES : OF_SAMPLE;
    case NODE_OP:
        return part_of_op(n, part);
    case NODE_STATE:
        break;
    }
    return CHANGES;
}

/* Whether something frozen reads this input: then it belongs to the beginning, and what also learns from it keeps
 * the beginning from being cut off. */
static bool feeds_frozen(const Graph *g, const Part *part, Node input)
{
    for (int id = 0; id < graph_count(g); id++) {
        const NodeInfo *n = graph_node(g, id);

        for (int i = 0; part[id] == OF_SAMPLE && i < n->ins; i++)
            if (node_same(n->in[i], input))
                return true;
    }
    return false;
}

/* A value that is read from outside of the beginning. */
static void take(Beginning *b, const Graph *g, const Part *part, Node n)
{
    if (!node_valid(n) || part[n.id] != OF_SAMPLE || node_same(n, b->end))
        return;
    if (graph_node(g, n.id)->kind == NODE_INPUT) {
        if (feeds_frozen(g, part, n))
            b->why = "what trains reads the inputs themselves";
    } else if (node_valid(b->end) || n.out != 0) { /* where a maximum lay is a second value */
        b->why = "the frozen part does not end in one value";
    } else {
        b->end = n;
    }
}

/* Whether frozen numbers go into the beginning: moving a sample's own about is not worth keeping. */
static bool has_frozen(const Graph *g, const Part *part)
{
    for (int id = 0; id < graph_count(g); id++) {
        const NodeInfo *n = graph_node(g, id);

        for (int i = 0; part[id] == OF_SAMPLE && n->kind == NODE_OP && i < n->ins; i++)
            if (node_valid(n->in[i]) && part[n->in[i].id] == CONSTANT)
                return true;
    }
    return false;
}

int64_t prefix_size(Node end)
{
    const Desc *d = node_desc(end);
    bool grouped = graph_space_info(end.g, d->space)->groups != SPACE_NONE;

    return shape_size(&d->shape) / d->shape.dim[0] *
           (grouped ? graph_space_even(end.g, d->space) : 1);
}

Status prefix_find(Err *e, const Graph *g, const Graph *training, Beginning *out)
{
    Arena *scratch = arena_child(e, graph_arena((Graph *)g));
    Part *part = scratch ? NEWS(e, scratch, Part, graph_count(g) + 1) : NULL;

    *out = (Beginning){.end = NO_NODE};
    if (!part)
        return err_failed(e->code);
    for (int id = 0; id < graph_count(g); id++) {
        part[id] = part_of(graph_node(g, id), part, training);
        out->ops += part[id] == OF_SAMPLE && graph_node(g, id)->kind == NODE_OP;
    }
    for (int id = 0; id < graph_count(g); id++)
        for (int i = 0; part[id] == CHANGES && i < graph_node(g, id)->ins; i++)
            take(out, g, part, graph_node(g, id)->in[i]);
    for (int i = 0; i < graph_output_count(g); i++)
        take(out, g, part, graph_output_at(g, i, NULL));
    if (!out->why && (!node_valid(out->end) || !has_frozen(g, part)))
        out->why = "no part of it stays as it is";
    if (!out->why && prefix_size(out->end) == 0)
        out->why = "the frozen part ends in sequences of many lengths";
    if (out->why)
        out->end = NO_NODE;
    if (node_valid(out->end)) {
        const NodeInfo *n = graph_node(g, out->end.id);

        out->op = n->op;
        out->at = n->name;
        out->size = prefix_size(out->end);
    }
    arena_free(scratch);
    return E_OK;
}

bool prefix_same(const Beginning *x, const Beginning *y)
{
    return x->op && x->op == y->op && x->ops == y->ops && x->size == y->size &&
           strcmp(x->at, y->at) == 0;
}

void prefix_alone(Graph *g, Node end)
{
    graph_only(g, PREFIX, end);
}

void prefix_given(Graph *g, Node end)
{
    NodeInfo *n = graph_node_edit(g, end.id);

    n->kind = NODE_INPUT;
    n->name = PREFIX;
    n->op = NULL;
    n->ins = 0;
    n->outs = 1;
}

/* SPDX-License-Identifier: MIT */
