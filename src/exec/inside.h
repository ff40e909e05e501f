/* inside.h - plans and runs as the files of this room see them. */
#ifndef EXEC_INSIDE_H
#define EXEC_INSIDE_H

#include "exec/exec.h"

typedef enum { BUF_VALUE, BUF_INPUT, BUF_STATE, BUF_PARAM } BufferKind;

typedef struct Buffer { /* memory that one or, in place, several values use in turn */
    BufferKind kind;
    int node;        /* the first value's node */
    size_t size;     /* bytes at capacity, a multiple of 64 */
    size_t offset;   /* in the run's block; parameters have none */
    int first, last; /* positions in the order; PLAN_END: kept after the step */
} Buffer;

#define PLAN_END  INT32_MAX
#define NO_BUFFER (-1)

typedef struct PlanOp {
    int node;
    const Kernel *kernel;
    KernelFn fn;
    double flops;
} PlanOp;

typedef struct StoreCopy { /* an effect that the kernel could not do in place */
    int from, to;          /* buffers */
    size_t bytes;
    Segment segment;
} StoreCopy;

struct Plan {
    Arena *arena;
    const Graph *graph;
    PlanOptions options;
    PlanOp *op; /* the step segment first */
    int ops, step_ops;
    Buffer *buffer;
    int buffers;
    int *value; /* [nodes * OP_OUT_MAX] the buffer of a value, NO_BUFFER when nothing needs it */
    StoreCopy *copy;
    int copies;
    size_t input_bytes, state_bytes, value_bytes, scratch_bytes, block_bytes;
};

/* plan.c fills in the operations; place.c the buffers. */
Status plan_place(Err *e, Plan *p);
/* The call of a node at capacity, data pointers only marking what is there. */
void plan_call(const Plan *p, int node, OpCall *c);

#endif
/* SPDX-License-Identifier: MIT */
