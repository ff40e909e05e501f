/* reads.c - which nodes something needs, and how often those read each value. */
#include "passes/inside.h"

static void count(int *reads, Node n)
{
    if (node_valid(n))
        reads[n.id * OP_OUT_MAX + n.out]++;
}

Status value_reads(Err *e, const Graph *g, Arena *scratch, Reads *r)
{
    int *ids, n;

    TRY(graph_order(e, g, scratch, &ids, &n));
    r->live = NEWS(e, scratch, bool, graph_count(g) + 1);
    r->count = NEWS(e, scratch, int, graph_count(g) * OP_OUT_MAX + 1);
    if (!r->live || !r->count)
        return err_failed(e->code);
    for (int k = 0; k < n; k++) {
        const NodeInfo *node = graph_node(g, ids[k]);

        r->live[ids[k]] = true;
        for (int i = 0; i < node->ins; i++)
            count(r->count, node->in[i]);
    }
    for (int i = 0; i < graph_output_count(g); i++)
        count(r->count, graph_output_at(g, i, NULL));
    for (int i = 0; i < graph_store_count(g); i++) {
        Node state, value;

        graph_store_at(g, i, &state, &value);
        count(r->count, value);
    }
    for (int i = 0; i < graph_param_count(g); i++)
        count(r->count, graph_gradient(g, graph_param_at(g, i)));
    return E_OK;
}

/* SPDX-License-Identifier: MIT */
