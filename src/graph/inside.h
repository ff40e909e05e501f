/* inside.h - the graph's own fields, for the files of this room. */
#ifndef GRAPH_INSIDE_H
#define GRAPH_INSIDE_H

#include "graph/op.h"

typedef struct Named { /* an output or a loss term */
    const char *name;
    Node node, scale;
} Named;

typedef struct Store {
    Node state, value;
} Store;

struct Graph {
    Arena *arena;
    Mode mode;
    Err err; /* the first error; building is a no-op from then on */
    bool failed;
    Segment segment;
    const char *path;
    NodeInfo *node;
    size_t node_cap;
    int nodes;
    SpaceInfo *space;
    size_t space_cap;
    int spaces;
    Map *source; /* kind letter + name -> node id, for inputs, parameters and states */
    int *param;  /* node ids in order of making */
    Node *gradient;
    size_t param_cap, gradient_cap;
    int params;
    Named *output, *loss;
    size_t output_cap, loss_cap;
    int outputs, losses;
    Store *store;
    size_t store_cap;
    int stores;
};

/* A fresh node with `outs` outputs, or -1 after a refused allocation (which sticks). */
int graph_grow(Graph *g, NodeKind kind, const char *name);

#endif
/* SPDX-License-Identifier: MIT */
