/* graph.h - what to compute: nodes, row spaces, parameters, state, gradients.  Building calls return nodes;
 * the first error sticks, later calls are no-ops on an invalid node, graph_finish reports it.
 * Everything lives in the graph's arena.  Dimension 0 of a node may name its row space: the node then has
 * one row for each token, label or sample of a run, and its shape holds the capacity. */
#ifndef GRAPH_H
#define GRAPH_H

#include "tensor/tensor.h"

#define OP_IN_MAX  8
#define OP_OUT_MAX 4

typedef struct Graph Graph;
typedef struct OpDef OpDef;

typedef struct Node { /* a value; id < 0 is "no node" */
    Graph *g;
    int32_t id;
    int32_t out; /* which output of the node */
} Node;

#define NO_NODE ((Node){.id = -1})

typedef int32_t Space; /* index of a row space; SPACE_NONE: dimension 0 is an ordinary dimension */
#define SPACE_NONE 0

typedef struct SpaceInfo {
    const char *name;
    int64_t capacity; /* rows at most */
    Space groups;     /* the space with one row a sequence, SPACE_NONE when rows are not grouped */
    Space base;       /* a derived space: base's groups, each with `extra` rows put in front */
    int64_t extra;
    int64_t
        each; /* every group has this many rows, which nobody has to say; 0: as many as are given */
} SpaceInfo;

typedef struct Desc {
    DType dtype; /* DT_F32 or DT_I32 */
    Shape shape;
    Space space;
} Desc;

typedef enum { MODE_TRAIN, MODE_EVAL } Mode;

/* INIT_KAIMING: uniform in +-1/sqrt(fan in), PyTorch's default for linear layers; INIT_NORMAL_002: N(0, 0.02). */
typedef enum { INIT_ZERO, INIT_ONE, INIT_NORMAL_002, INIT_KAIMING } Init;

typedef enum { NODE_OP, NODE_INPUT, NODE_PARAM, NODE_STATE } NodeKind;

typedef enum { SEG_STEP, SEG_UPDATE } Segment;

typedef struct NodeInfo {
    NodeKind kind;
    const OpDef *op; /* NODE_OP */
    const void *attr;
    int ins, outs;
    Node in[OP_IN_MAX];
    Desc desc[OP_OUT_MAX];
    const char *name; /* input, parameter or state: its own name; op: the path it was built under */
    Init init;        /* NODE_PARAM, NODE_STATE */
    bool trainable;   /* NODE_PARAM */
    Segment segment;
} NodeInfo;

Graph *graph_new(Err *e, Arena *a, Mode mode); /* NULL with e set */
Mode graph_mode(const Graph *g);
Arena *graph_arena(Graph *g);

/* ---- building ---- */

Space graph_space(Graph *g, const char *name, int64_t capacity, Space groups);
/* A group of `each` rows for every row of `groups` (patches of pictures); the same (groups, each) gives the same space. */
Space graph_space_each(Graph *g, const char *name, Space groups, int64_t each);
/* The same (base, extra) gives the same space. */
Space graph_space_extended(Graph *g, Space base, int64_t extra);
const SpaceInfo *graph_space_info(const Graph *g, Space s);
/* Rows that every group of the space has; 0: they differ. */
int64_t graph_space_even(const Graph *g, Space s);
int graph_space_count(const Graph *g); /* SPACE_NONE included */

/* A tensor the caller fills before each step.  Rank 0 floats are the scalars that change (rates, weights). */
Node graph_input(Graph *g, const char *name, DType dtype, Shape shape, Space space);
/* The same name is the same parameter: shapes must agree.  f32. */
Node graph_param(Graph *g, const char *name, Shape shape, Init init, bool trainable);
/* A persistent buffer, f32, zero or one at first. */
Node graph_state(Graph *g, const char *name, Shape shape, Init init);
/* After every read of the old value, exactly once a step (or update), never dropped.
 * state: NODE_STATE or NODE_PARAM. */
void graph_store(Graph *g, Node state, Node value);
Node graph_add(Graph *g, const OpDef *op, const Node *in, int ins, const void *attr);
Node node_out(Node n, int out);
void graph_output(Graph *g, const char *name, Node n); /* readable after a step under this name */
/* Nothing but this is wanted of the graph: no other output, loss or effect. */
void graph_only(Graph *g, const char *name, Node n);
/* One named term of the loss: `sum` is a rank 0 sum, scaled each step by the input "loss.NAME.scale"
 * (weight / normaliser of the whole update window).  The sum is readable as the output "loss.NAME". */
void graph_loss(Graph *g, const char *name, Node sum);
/* Nodes made from here on belong to this segment (the optimiser's: SEG_UPDATE). */
void graph_segment(Graph *g, Segment s);
void graph_path(Graph *g, const char *path); /* for messages: where the next nodes are built */
Status graph_fail(Graph *g, const char *fmt, ...) PRINTF(2, 3); /* sticks */
bool graph_failed(const Graph *g);
Status graph_finish(Err *e, Graph *g);

/* ---- reading ---- */

int graph_count(const Graph *g);
/* For passes: outputs and losses that were `from` are `to`. */
void graph_redirect(Graph *g, Node from, Node to);
const NodeInfo *graph_node(const Graph *g, int id);
NodeInfo *graph_node_edit(Graph *g, int id); /* for passes */
const Desc *node_desc(Node n);
int64_t node_dim(Node n, int i); /* negative counts from the end; 1 on an invalid node */
Space node_space(Node n);
int graph_param_count(const Graph *g);
Node graph_param_at(const Graph *g, int i);
int graph_output_count(const Graph *g);
Node graph_output_at(const Graph *g, int i, const char **name);
int graph_store_count(const Graph *g);
void graph_store_at(const Graph *g, int i, Node *state, Node *value);
int graph_loss_count(const Graph *g);
void graph_loss_at(const Graph *g, int i, Node *sum, Node *scale);
Node graph_gradient(const Graph *g, Node param);              /* NO_NODE when no loss reaches it */
void graph_set_gradient(Graph *g, Node param, Node gradient); /* for the gradients pass */
/* Whether a step or an update may leave this parameter with other numbers: it trains, or is stored to. */
bool graph_changes(const Graph *g, const char *param);
/* Something is stored in the update segment: gradients are then for it alone, else they are what the step is for. */
bool graph_updates(const Graph *g);
/* Nodes in an order in which every input comes first, parts that nothing needs left out. */
Status graph_order(Err *e, const Graph *g, Arena *a, int **ids, int *n);
void graph_print(const Graph *g, void (*line)(void *arg, const char *text), void *arg);

static inline bool node_valid(Node n)
{
    return n.id >= 0;
}

static inline bool node_same(Node a, Node b)
{
    return a.id == b.id && a.out == b.out;
}

#endif
/* SPDX-License-Identifier: MIT */
