/* embedding.c - a table looked up by row.  ids i32: [T] -> [T, D] */
#include "nn/nn.h"

Node nn_embedding(Net n, const char *name, Node ids, int64_t rows, int64_t dim, int64_t pad)
{
    Net at = nn_at(n, "%s", name);
    Node table = nn_param(at, "weight", SHAPE(rows, dim), INIT_NORMAL_002);

    graph_path(at.g, at.path);
    return op_embed(table, ids, pad);
}

/* SPDX-License-Identifier: MIT */
