/* inside.h - what passes share. */
#ifndef PASSES_INSIDE_H
#define PASSES_INSIDE_H

#include "passes/passes.h"

typedef struct Reads {
    bool *live; /* [nodes] something needs it */
    int *
        count; /* [nodes * OP_OUT_MAX] how often what is live reads a value; outputs, effects and gradients too */
} Reads;
Status value_reads(Err *e, const Graph *g, Arena *scratch, Reads *r);

static inline int reads_of(const Reads *r, Node n)
{
    return r->count[(int64_t)n.id * OP_OUT_MAX + n.out];
}

/* The node, when it is live and of this op; else NULL. */
static inline const NodeInfo *live_op(const Reads *r, const Graph *g, Node n, const OpDef *op)
{
    const NodeInfo *info = node_valid(n) && r->live[n.id] ? graph_node(g, n.id) : NULL;

    return info && info->kind == NODE_OP && info->op == op ? info : NULL;
}

/* f'(x) is told by f(x) alone, bit for bit. */
static inline bool output_tells_slope(Act kind)
{
    return kind == ACT_RELU || kind == ACT_RELU6;
}

#endif
/* SPDX-License-Identifier: MIT */
