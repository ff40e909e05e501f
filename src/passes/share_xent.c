/* share_xent.c - a linear_xent whose gradient is computed too is not computed itself: the gradient's op has the sum, of the
 * same bits, from the scores that it computes anyway. */
#include "passes/inside.h"

/* The gradient takes place after the sum's readers, but for those outside the graph. */
static bool read_within(const Graph *g, Node sum)
{
    for (int id = 0; id < graph_count(g); id++) {
        const NodeInfo *n = graph_node(g, id);

        for (int i = 0; i < n->ins; i++)
            if (node_valid(n->in[i]) && node_same(n->in[i], sum))
                return true;
    }
    return false;
}

Status pass_share_xent(Err *e, Graph *g, Arena *scratch)
{
    Reads reads;

    TRY(value_reads(e, g, scratch, &reads));
    for (int id = 0; id < graph_count(g); id++) {
        const NodeInfo *d = live_op(&reads, g, (Node){g, id, 0}, &opdef_linear_xent_grad);

        for (int sum = 0; d && sum < id; sum++) {
            Node loss = {g, sum, 0};
            const NodeInfo *n = live_op(&reads, g, loss, &opdef_linear_xent);
            bool same = n != NULL;

            for (int i = 0; same && i < n->ins; i++)
                same = node_same(n->in[i], d->in[i + 1]);
            if (same && !read_within(g, loss))
                graph_redirect(g, loss, (Node){g, id, 2});
        }
    }
    return E_OK;
}

/* SPDX-License-Identifier: MIT */
