/* attention.c - scaled dot-product attention (Vaswani et al. 2017, arXiv:1706.03762), heads side by side.
 * q: [Tq, D], k, v: [Tk, D] -> [Tq, D]; sequence borders are the row spaces'. */
#include "nn/inside.h"

#include <math.h>

Node nn_attention(Net n, Node q, Node k, Node v, Attention a)
{
    AttentionParts p = {q, k, v};
    int64_t dim = node_dim(q, -1);

    if (graph_failed(n.g))
        return NO_NODE;
    if (a.heads <= 0 || dim % a.heads != 0) {
        graph_path(n.g, n.path);
        graph_fail(n.g, "%lld channels cannot be split into %d heads", (long long)dim, a.heads);
        return NO_NODE;
    }
    float scale = a.scale > 0 ? a.scale : (float)(1.0 / sqrt((double)dim / (double)a.heads));

    nn_on_attention(n, &p);
    graph_path(n.g, n.path);
    return op_attention(p.q, p.k, p.v,
                        (AttentionAttr){.heads = a.heads,
                                        .causal = a.causal,
                                        .scale = scale,
                                        .dropout = graph_mode(n.g) == MODE_TRAIN ? a.dropout : 0,
                                        .site = nn_site(n)});
}

/* SPDX-License-Identifier: MIT */
