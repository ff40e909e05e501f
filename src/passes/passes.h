/* passes.h - rewrites of a finished graph, in the order of passes.def. */
#ifndef PASSES_H
#define PASSES_H

#include "ops/ops.h"

/* Gradients of all loss terms as nodes of the same graph, only where something trainable lies upstream
 * (reverse mode, Linnainmaa 1970); read them with graph_gradient. */
Status graph_backward(Err *e, Graph *g);

typedef Status (*PassFn)(Err *e, Graph *g, Arena *scratch);

#define PASS(name) Status pass_##name(Err *e, Graph *g, Arena *scratch);
#include "passes/passes.def"
#undef PASS

Status passes_run(Err *e, Graph *g, const char *except); /* except: a pass to leave out, or NULL */

#endif
/* SPDX-License-Identifier: MIT */
