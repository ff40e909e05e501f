/* passes.h - rewrites of a finished graph, in the order of passes.def. */
#ifndef PASSES_H
#define PASSES_H

#include "ops/ops.h"

/* Gradients of all loss terms as nodes of the same graph, only where something trainable lies upstream
 * (reverse mode, Linnainmaa 1970); read them with graph_gradient. */
Status graph_backward(Err *e, Graph *g);

/* The frozen beginning of a network (prefix.c). */
#define PREFIX "prefix"
typedef struct Beginning {
    Node end;        /* the one value that it ends in; NO_NODE: there is none */
    const OpDef *op; /* what makes it, and where */
    const char *at;
    int64_t size;    /* numbers of a sample */
    int ops;         /* how many ops of the beginning depend on a sample */
    const char *why; /* there is none */
} Beginning;
/* training: the graph that says what an update changes, g itself or that of the same model and method. */
Status prefix_find(Err *e, const Graph *g, const Graph *training, Beginning *out);
/* Numbers of a sample: all rows of a sequence together; 0: sequences have as many rows as they happen to have. */
int64_t prefix_size(Node end);
/* Whether two graphs of one model and method, training and evaluating, begin alike. */
bool prefix_same(const Beginning *x, const Beginning *y);
void prefix_alone(Graph *g, Node end); /* g computes the beginning only: output PREFIX */
void prefix_given(Graph *g, Node end); /* g begins there: input PREFIX */

typedef Status (*PassFn)(Err *e, Graph *g, Arena *scratch);

#define PASS(name) Status pass_##name(Err *e, Graph *g, Arena *scratch);
#include "passes/passes.def"
#undef PASS

/* except: passes whose names begin so are left out; NULL: none */
Status passes_run(Err *e, Graph *g, const char *except);

#endif
/* SPDX-License-Identifier: MIT */
