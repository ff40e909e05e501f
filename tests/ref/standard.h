/* standard.h - the graph, sequences and numbers behind an op's cases. */
#ifndef REF_STANDARD_H
#define REF_STANDARD_H

#include "ref/ref.h"

typedef struct CaseGraph {
    Graph *g;
    const OpDef *op;
    const OpCase *c;
    Node in[OP_IN_MAX]; /* NODE_INPUT, or NO_NODE for an optional one left out */
    Node y;             /* its outputs are graph outputs */
} CaseGraph;

/* The sequences: short ones, short ones partly visible and with sample numbers, and for kernels long ones. */
enum { STANDARD_SHORT, STANDARD_VISIBLE, STANDARD_LONG, STANDARD_COUNT };

void standard_spaces(Graph *g);
void standard_rows(Ref *r, int which);
/* The op of a case on fresh inputs, in a graph for training. */
CaseGraph case_graph(Arena *a, const OpDef *op, const OpCase *c);
/* Numbers for all inputs, floats that are exact in f32. */
void case_fill(Ref *r, const CaseGraph *c, uint64_t seed);
void fill_any(Ref *r, Node n, uint64_t seed, uint64_t purpose); /* floats in -1 .. 1 */

#endif
/* SPDX-License-Identifier: MIT */
