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

typedef struct Search {
    const Graph *g;
    const Part *part;
    Node end;
    const char *why; /* NULL so far */
} Search;

/* A value that is read from outside of the beginning. */
static void take(Search *s, Node n)
{
    if (!node_valid(n) || s->part[n.id] != OF_SAMPLE || node_same(n, s->end))
        return;
    if (graph_node(s->g, n.id)->kind == NODE_INPUT) {
        if (feeds_frozen(s->g, s->part, n))
            s->why = "what trains reads the inputs themselves";
    } else if (node_valid(s->end) || graph_node(s->g, n.id)->outs != 1) {
        s->why = "the frozen part does not end in one value";
    } else {
        s->end = n;
    }
}

Status prefix_find(Err *e, const Graph *g, const Graph *training, Node *end, const char **why)
{
    Arena *scratch = arena_child(e, graph_arena((Graph *)g));
    Part *part = scratch ? NEWS(e, scratch, Part, graph_count(g) + 1) : NULL;
    Search s = {.g = g, .part = part, .end = NO_NODE};

    if (!part)
        return err_failed(e->code);
    for (int id = 0; id < graph_count(g); id++)
        part[id] = part_of(graph_node(g, id), part, training);
    for (int id = 0; id < graph_count(g); id++)
        for (int i = 0; part[id] == CHANGES && i < graph_node(g, id)->ins; i++)
            take(&s, graph_node(g, id)->in[i]);
    for (int i = 0; i < graph_output_count(g); i++)
        take(&s, graph_output_at(g, i, NULL));
    if (!s.why && !node_valid(s.end))
        s.why = "no part of it stays as it is";
    *end = s.why ? NO_NODE : s.end;
    *why = s.why;
    arena_free(scratch);
    return E_OK;
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
}

/* SPDX-License-Identifier: MIT */
