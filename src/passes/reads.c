/* reads.c - how often each value is read. */
#include "passes/passes.h"

static void count(int *reads, Node n)
{
    if (node_valid(n))
        reads[n.id * OP_OUT_MAX + n.out]++;
}

int *value_reads(Err *e, const Graph *g, Arena *scratch)
{
    int *reads = NEWS(e, scratch, int, graph_count(g) * OP_OUT_MAX + 1);

    for (int id = 0; reads && id < graph_count(g); id++)
        for (int i = 0; i < graph_node(g, id)->ins; i++)
            count(reads, graph_node(g, id)->in[i]);
    for (int i = 0; reads && i < graph_output_count(g); i++)
        count(reads, graph_output_at(g, i, NULL));
    for (int i = 0; reads && i < graph_store_count(g); i++) {
        Node state, value;

        graph_store_at(g, i, &state, &value);
        count(reads, value);
    }
    for (int i = 0; reads && i < graph_param_count(g); i++)
        count(reads, graph_gradient(g, graph_param_at(g, i)));
    return reads;
}

/* SPDX-License-Identifier: MIT */
