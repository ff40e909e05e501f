/* gradients.c - reverse mode (Linnainmaa 1970): each op's rule emits the gradients of its inputs as nodes of
 * the same graph, from the losses upwards, only where something trainable lies upstream. */
#include "passes/passes.h"

typedef struct Sweep {
    Graph *g;
    bool *reach; /* [nodes] a trainable parameter lies upstream, through float values */
    Node *grad;  /* [nodes * OP_OUT_MAX] what has come in so far */
} Sweep;

static void mark(Sweep *s, int nodes)
{
    for (int id = 0; id < nodes; id++) {
        const NodeInfo *n = graph_node(s->g, id);

        s->reach[id] = n->kind == NODE_PARAM && n->trainable;
        if (n->kind == NODE_OP && n->op->constant)
            continue;
        for (int i = 0; i < n->ins; i++)
            if (node_valid(n->in[i]) && node_desc(n->in[i])->dtype == DT_F32)
                s->reach[id] |= s->reach[n->in[i].id];
    }
}

static void add_to(Sweep *s, Node to, Node part)
{
    Node *sum = &s->grad[to.id * OP_OUT_MAX + to.out];

    if (node_valid(part))
        *sum = node_valid(*sum) ? op_add(*sum, part) : part;
}

static void sweep_node(Sweep *s, int id)
{
    NodeInfo n = *graph_node(s->g, id); /* a copy: the rule adds nodes, which moves the array */
    GradCall c = {.attr = n.attr};
    Node dx[OP_IN_MAX];
    bool any = false, wanted = false;

    for (int i = 0; i < OP_OUT_MAX; i++) {
        c.y[i] = i < n.outs ? (Node){s->g, id, i} : NO_NODE;
        c.dy[i] = i < n.outs ? s->grad[id * OP_OUT_MAX + i] : NO_NODE;
        any |= node_valid(c.dy[i]);
    }
    for (int i = 0; i < OP_IN_MAX; i++) {
        dx[i] = NO_NODE;
        c.x[i] = i < n.ins ? n.in[i] : NO_NODE;
        c.need[i] = node_valid(c.x[i]) && node_desc(c.x[i])->dtype == DT_F32 && s->reach[c.x[i].id];
        wanted |= c.need[i];
    }
    if (!any || !wanted)
        return;
    if (!n.op->grad) {
        graph_path(s->g, n.name);
        graph_fail(s->g, "%s has no gradient, but something trainable lies upstream of it",
                   n.op->name);
        return;
    }
    n.op->grad(&c, dx);
    for (int i = 0; i < n.ins; i++)
        if (c.need[i])
            add_to(s, n.in[i], dx[i]);
}

Status graph_backward(Err *e, Graph *g)
{
    int nodes = graph_count(g);
    Arena *scratch = arena_child(e, graph_arena(g));

    TRY(graph_finish(e, g));
    if (!scratch)
        return err_failed(e->code);
    Sweep s = {g, NEWS(e, scratch, bool, nodes + 1),
               NEWS(e, scratch, Node, nodes * OP_OUT_MAX + 1)};
    if (!s.reach || !s.grad)
        return err_failed(e->code);
    for (int i = 0; i < nodes * OP_OUT_MAX; i++)
        s.grad[i] = NO_NODE;
    graph_segment(g, SEG_STEP);
    mark(&s, nodes);
    for (int i = 0; i < graph_loss_count(g); i++) {
        Node sum, scale;

        graph_loss_at(g, i, &sum, &scale);
        add_to(&s, sum, scale);
    }
    for (int id = nodes - 1; id >= 0; id--)
        if (s.reach[id] && graph_node(g, id)->kind == NODE_OP)
            sweep_node(&s, id);
    for (int i = 0; i < graph_param_count(g); i++) {
        Node p = graph_param_at(g, i);

        if (graph_node(g, p.id)->trainable)
            graph_set_gradient(g, p, s.grad[(size_t)p.id * OP_OUT_MAX]);
    }
    arena_free(scratch);
    return graph_finish(e, g);
}

/* SPDX-License-Identifier: MIT */
