/* fuse_bias.c - x W^T + b becomes one product: the bias is added where the sums leave the registers.  The
 * numeric contract adds it last, so the bits are those of the plain composition. */
#include "passes/inside.h"

static bool is_bias(Node b, Node product)
{
    const Shape *s = &node_desc(b)->shape;

    return s->rank == 1 && node_space(b) == SPACE_NONE && node_desc(product)->shape.rank > 1 &&
           s->dim[0] == node_dim(product, -1);
}

Status pass_fuse_bias(Err *e, Graph *g, Arena *scratch)
{
    Reads reads;

    TRY(value_reads(e, g, scratch, &reads));
    for (int id = 0; id < graph_count(g); id++) {
        NodeInfo *sum = graph_node_edit(g, id);

        if (sum->kind != NODE_OP || sum->op != &opdef_add || !node_valid(sum->in[0]))
            continue;
        Node product = sum->in[0], bias = sum->in[1];
        const NodeInfo *m = graph_node(g, product.id);
        if (m->kind != NODE_OP || m->op != &opdef_matmul || reads_of(&reads, product) != 1 ||
            (m->ins > 2 && node_valid(m->in[2])) || !is_bias(bias, product))
            continue;
        sum->op = m->op;
        sum->attr = m->attr;
        sum->in[0] = m->in[0];
        sum->in[1] = m->in[1];
        sum->in[2] = bias;
        sum->ins = 3;
    }
    return E_OK;
}

/* SPDX-License-Identifier: MIT */
