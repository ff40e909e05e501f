/* op.h - what an op is to the graph: its rules, and the calls that references and kernels answer. */
#ifndef GRAPH_OP_H
#define GRAPH_OP_H

#include "graph/graph.h"

/* What a run knows of a row space.  Sequences are groups of consecutive rows. */
typedef struct Rows {
    int64_t count;         /* rows in use */
    int64_t groups;        /* sequences; 0 when rows are not grouped */
    const int32_t *offset; /* [groups + 1] first row of each sequence */
    const int32_t
        *visible; /* [groups] how many leading rows attention may see as keys; NULL: all */
    const uint32_t *
        sample; /* [groups], or [count] when not grouped: sample numbers for dropout; NULL: 0, 1 .. */
} Rows;

typedef struct OpCall { /* one execution of an op, by a reference or a kernel */
    const void *attr;
    int ins, outs;
    Tensor in[OP_IN_MAX];   /* actual rows, not capacity.  data NULL: optional input left out */
    Tensor out[OP_OUT_MAX]; /* data NULL: this output is not needed, do not compute it */
    const Rows *in_rows[OP_IN_MAX]; /* of dimension 0's space, NULL for SPACE_NONE */
    const Rows *out_rows[OP_OUT_MAX];
    uint32_t seed[2]; /* the run's seed */
    uint32_t step;    /* update number */
    Pool *pool;       /* kernels only */
    void *scratch;    /* kernels only: what the kernel asked for */
} OpCall;

typedef struct ShapeCall {
    Graph *g;
    const void *attr;
    int ins;
    Node node_in[OP_IN_MAX];
    Desc in[OP_IN_MAX]; /* absent optional inputs: dtype DT_COUNT */
    Desc out[OP_OUT_MAX];
    int outs;
} ShapeCall;

typedef struct GradCall {
    const void *attr;
    Node x[OP_IN_MAX];    /* inputs */
    Node y[OP_OUT_MAX];   /* outputs */
    Node dy[OP_OUT_MAX];  /* NO_NODE where no gradient comes in; dy[0] may be absent too */
    bool need[OP_IN_MAX]; /* fill dx[i] only where set */
} GradCall;

/* The spaces of every test graph, made in this order: sequences, their tokens, labelled rows, the tokens with
 * CASE_EXTRA rows in front, the rows that cross attention reads, CASE_EACH rows for every sequence. */
enum {
    CASE_B = 1,
    CASE_T,
    CASE_M,
    CASE_X,
    CASE_S,
    CASE_E,
    CASE_EXTRA = 2,
    CASE_EACH = 6,
    CASE_T_CAPACITY = 256
};

typedef enum { CASE_ANY, CASE_FIXED, CASE_HOLES, CASE_INDEX, CASE_LABEL } CaseFill;

typedef struct OpCase {  /* the inputs of one test; an optional input of rank 0 is left out */
    Shape in[OP_IN_MAX]; /* dimension 0 of -CASE_T: as many rows as that space has */
    const void *attr;
    /* Floats in -1 .. 1; floats in 0.1 .. 1.1, not differentiated; these with every third 0;
     * i32 in 0 .. below - 1 (below 0: a row of CASE_T); these with -1 among them. */
    CaseFill fill[OP_IN_MAX];
    int64_t below;
} OpCase;

typedef double real; /* references compute in double: F32 tensors of an OpCall hold real there */

struct OpDef {
    const char *name;
    int inputs, optional; /* at most `inputs`, the last `optional` of them may be NO_NODE */
    int outputs;
    size_t attr_size;
    bool (*shape)(ShapeCall *c);               /* fills c->out; false after graph_fail(c->g, ...) */
    void (*grad)(const GradCall *c, Node *dx); /* NULL: not differentiable */
    bool constant;                             /* gradients end here: its outputs count as given */
    void (*ref)(const OpCall *c);
    double (*flops)(const OpCall *c); /* NULL: counts as one per output element */
    bool
        of_batch; /* a row depends on the step, or on the rows beside it: never kept for the next epoch */
    int8_t inplace[OP_OUT_MAX]; /* 1 + the input whose memory output i may take over; 0: none */
    const OpCase *cases;
    int case_count;
};

#endif
/* SPDX-License-Identifier: MIT */
