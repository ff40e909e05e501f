/* linear.c - y = x W^T + b, W: [out, in] as PyTorch stores it, or y = x W + b, W: [in, out] as transformers' Conv1D does.
 * x: [.., in] -> [.., out] */
#include "nn/nn.h"

/* x through the product alone; methods see it before the bias. */
static Node product(Net at, Node x, Node w, Node b, bool turned)
{
    x = nn_on_input(at, x);
    graph_path(at.g, at.path);
    return nn_on_linear(at, x, w, b, op_matmul(x, w, NO_NODE, false, !turned));
}

Node nn_linear(Net n, const char *name, Node x, int64_t out)
{
    return nn_linear_init(n, name, x, out, INIT_NORMAL_002);
}

Node nn_linear_init(Net n, const char *name, Node x, int64_t out, Init init)
{
    Net at = nn_at(n, "%s", name);
    Node w = nn_param(at, "weight", SHAPE(out, node_dim(x, -1)), init);
    Node b = nn_param(at, "bias", SHAPE(out), INIT_ZERO);

    return op_add(product(at, x, w, b, false), b);
}

Node nn_conv1d(Net n, const char *name, Node x, int64_t out)
{
    Net at = nn_at(n, "%s", name);
    Node w = nn_param(at, "weight", SHAPE(node_dim(x, -1), out), INIT_NORMAL_002);
    Node b = nn_param(at, "bias", SHAPE(out), INIT_ZERO);

    return op_add(product(at, x, w, b, true), b);
}

Node nn_product(Net n, const char *name, Node x, int64_t out)
{
    Net at = nn_at(n, "%s", name);
    Node w = nn_param(at, "weight", SHAPE(out, node_dim(x, -1)), INIT_NORMAL_002);

    return product(at, x, w, NO_NODE, false);
}

/* SPDX-License-Identifier: MIT */
