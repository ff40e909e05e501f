/* layernorm.c - Ba et al. 2016, arXiv:1607.06450.  x: [.., D] -> [.., D] */
#include "nn/inside.h"

Node nn_layernorm(Net n, const char *name, Node x, float eps)
{
    Net at = nn_at(n, "%s", name);
    Node w = nn_norm_param(at, "weight", SHAPE(node_dim(x, -1)), INIT_ONE);
    Node b = nn_norm_param(at, "bias", SHAPE(node_dim(x, -1)), INIT_ZERO);

    graph_path(at.g, at.path);
    return op_layernorm(x, w, b, eps);
}

/* SPDX-License-Identifier: MIT */
