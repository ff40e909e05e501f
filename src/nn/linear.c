/* linear.c - y = x W^T + b, W: [out, in] as PyTorch stores it.  x: [.., in] -> [.., out] */
#include "nn/nn.h"

Node nn_linear(Net n, const char *name, Node x, int64_t out)
{
    Net at = nn_at(n, "%s", name);
    Node w = nn_param(at, "weight", SHAPE(out, node_dim(x, -1)), INIT_NORMAL_002);
    Node b = nn_param(at, "bias", SHAPE(out), INIT_ZERO);

    x = nn_on_input(at, x);
    graph_path(at.g, at.path);
    Node wx = op_matmul_nt(x, w);

    return op_add(nn_on_linear(at, x, w, b, wx), b); /* methods see the product before the bias */
}

/* SPDX-License-Identifier: MIT */
