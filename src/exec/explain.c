/* explain.c - a plan in words: every step with its shapes, kernel and, asked for, the kernels that refused. */
#include "exec/inside.h"

#include <stdio.h>
#include <string.h>

void plan_summary(const Plan *p, PlanSummary *out)
{
    const Graph *g = p->graph;

    *out = (PlanSummary){.nodes = p->ops,
                         .params = graph_param_count(g),
                         .value_bytes = p->value_bytes,
                         .input_bytes = p->input_bytes,
                         .state_bytes = p->state_bytes,
                         .scratch_bytes = p->scratch_bytes};
    for (int i = 0; i < graph_param_count(g); i++) {
        const NodeInfo *n = graph_node(g, graph_param_at(g, i).id);
        int64_t values = shape_size(&n->desc[0].shape);

        out->param_values += values;
        out->trainable += n->trainable;
        out->trained_values += n->trainable ? values : 0;
    }
    for (int i = 0; i < p->step_ops; i++)
        out->flops += p->op[i].flops;
}

static void explain_refusals(const Plan *p, const PlanOp *op,
                             void (*line)(void *arg, const char *text), void *arg)
{
    const NodeInfo *n = graph_node(p->graph, op->node);
    char text[300];
    OpCall c;

    plan_call(p, op->node, &c);
    for (int i = 0; i < kernel_count(); i++) {
        const Kernel *k = kernel_at(i);

        if (k == op->kernel)
            return;
        if (strcmp(k->op, n->op->name) != 0)
            continue;
        snprintf(text, sizeof text, "          not %s: %s", k->name,
                 k->refuse ? k->refuse(&c) : "");
        line(arg, text);
    }
}

void plan_explain(const Plan *p, bool kernels, void (*line)(void *arg, const char *text), void *arg)
{
    char text[600];

    for (int i = 0; i < p->ops; i++) {
        const PlanOp *op = &p->op[i];
        const NodeInfo *n = graph_node(p->graph, op->node);

        if (i == p->step_ops)
            line(arg, "update");
        snprintf(text, sizeof text, "%5d  %-18s %-18s %9.1f Mflop  %-24s %s", i, n->op->name,
                 SHAPE_TEXT(&n->desc[0].shape), op->flops / 1e6, op->kernel->name,
                 n->name ? n->name : "");
        line(arg, text);
        if (kernels)
            explain_refusals(p, op, line, arg);
    }
}

/* SPDX-License-Identifier: MIT */
