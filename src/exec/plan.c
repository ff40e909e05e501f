/* plan.c - what a step does, decided once: passes, order, kernels, memory, effects. */
#include "exec/inside.h"

#include <string.h>

static const char present; /* its address marks an input or output that exists */

void plan_call(const Plan *p, int node, OpCall *c)
{
    const NodeInfo *n = graph_node(p->graph, node);

    memset(c, 0, sizeof *c);
    c->attr = n->attr;
    c->ins = n->ins;
    c->outs = n->outs;
    for (int i = 0; i < n->ins; i++) {
        const Desc *d = node_desc(n->in[i]);

        if (node_valid(n->in[i]))
            c->in[i] = (Tensor){d->dtype, d->shape, (void *)&present};
    }
    for (int i = 0; i < n->outs; i++)
        c->out[i] = (Tensor){n->desc[i].dtype, n->desc[i].shape, (void *)&present};
}

static double default_flops(const NodeInfo *n)
{
    double sum = 0;

    for (int i = 0; i < n->outs; i++)
        sum += (double)shape_size(&n->desc[i].shape);
    return sum;
}

static Status choose(Err *e, Plan *p, PlanOp *op)
{
    const NodeInfo *n = graph_node(p->graph, op->node);
    OpCall c;

    plan_call(p, op->node, &c);
    op->kernel = kernel_choose(n->op, &c);
    if (!op->kernel) {
        fail(e, E_INTERNAL, "no kernel computes %s of %s", n->op->name,
             SHAPE_TEXT(&n->desc[0].shape));
        return err_note(e, "at", "%s", n->name);
    }
    op->fn = op->kernel->fn[p->options.isa];
    op->flops = n->op->flops ? n->op->flops(&c) : default_flops(n);
    if (op->kernel->scratch) {
        size_t bytes = op->kernel->scratch(&c, p->options.threads);

        p->scratch_bytes = bytes > p->scratch_bytes ? bytes : p->scratch_bytes;
    }
    return E_OK;
}

/* An update may read what a step made, never the other way round. */
static Status check_segments(Err *e, const Graph *g, int id)
{
    const NodeInfo *n = graph_node(g, id);

    for (int i = 0; i < n->ins; i++)
        if (n->segment == SEG_STEP && node_valid(n->in[i]) &&
            graph_node(g, n->in[i].id)->segment == SEG_UPDATE)
            return fail(e, E_INTERNAL, "a step reads %s of the update segment",
                        graph_node(g, n->in[i].id)->name);
    return E_OK;
}

static Status list_ops(Err *e, Plan *p)
{
    int *order, n;

    TRY(graph_order(e, p->graph, p->arena, &order, &n));
    p->op = NEWS(e, p->arena, PlanOp, n + 1);
    if (!p->op)
        return err_failed(e->code);
    for (Segment s = SEG_STEP; s <= SEG_UPDATE; s++) {
        for (int i = 0; i < n; i++) {
            const NodeInfo *node = graph_node(p->graph, order[i]);

            if (node->kind != NODE_OP || node->segment != s)
                continue;
            TRY(check_segments(e, p->graph, order[i]));
            p->op[p->ops].node = order[i];
            TRY(choose(e, p, &p->op[p->ops++]));
        }
        if (s == SEG_STEP)
            p->step_ops = p->ops;
    }
    return E_OK;
}

Status plan_make(Err *e, Arena *a, Graph *g, const PlanOptions *o, Plan **out)
{
    Plan *p = NEW(e, a, Plan);

    if (!p)
        return err_failed(e->code);
    TRY(graph_finish(e, g));
    TRY(passes_run(e, g, o->except));
    p->arena = a;
    p->graph = g;
    p->options = *o;
    if (p->options.isa > isa_best())
        p->options.isa = isa_best();
    if (p->options.threads < 1)
        p->options.threads = 1;
    TRY(list_ops(e, p));
    TRY(plan_place(e, p));
    *out = p;
    return E_OK;
}

/* SPDX-License-Identifier: MIT */
