/* dropout.c - dropout (Srivastava et al. 2014) keyed by its place: 32 bits of the path's hash, so that a mask
 * depends on nothing that is built elsewhere. */
#include "nn/inside.h"

#include <string.h>

uint32_t nn_site(Net n)
{
    uint64_t h = hash_fnv1a(n.path, strlen(n.path), 0);

    return (uint32_t)(h ^ (h >> 32));
}

Node nn_dropout(Net n, const char *name, Node x, float p)
{
    Net at = nn_at(n, "%s", name);

    graph_path(at.g, at.path);
    return op_dropout(x, p, nn_site(at));
}

Node nn_drop_path(Net n, const char *name, Node x, float p)
{
    Net at = nn_at(n, "%s", name);

    graph_path(at.g, at.path);
    return op_drop_path(x, p, nn_site(at));
}

/* SPDX-License-Identifier: MIT */
