/* ref.h - runs a graph with the plain references, in double: what kernels and golden models are held against.
 * Everything lives in the graph's arena; whatever goes wrong ends the test.
 *
 *     Ref *r = ref_new(g);                      after the last node was added
 *     ref_rows(r, tokens, (Rows){...});         before values are set or read
 *     ref_real(r, x)[0] = 0.5;                  or ref_set(r, x, floats)
 *     ref_run(r);                               the step, then its stores
 *     ref_update(r);                            the update segment, then its stores
 *     Tensor y = ref_value(r, ref_node(r, "logits")); */
#ifndef REF_H
#define REF_H

#include "ops/ops.h"

typedef struct Ref Ref;

Ref *ref_new(Graph *g);
/* The sequences of a space; those of its groups and of spaces derived from it follow.  Pointers are kept. */
void ref_rows(Ref *r, Space s, Rows rows);
Space ref_space(const Ref *r, const char *name);
void ref_clock(Ref *r, uint64_t seed, uint32_t step);

/* An input, parameter, state or output by name. */
Node ref_node(const Ref *r, const char *name);
real *ref_real(Ref *r, Node n); /* F32 values, to read or to set; memory for the capacity */
int32_t *ref_int(Ref *r, Node n);
void ref_set(Ref *r, Node n, const float *x); /* as many as the node has rows now */
Tensor ref_value(const Ref *r, Node n);       /* actual rows; F32 data is real */
int64_t ref_count(const Ref *r, Node n);

void ref_run(Ref *r);
void ref_update(Ref *r);

/* One node: its call, running it again, and the same call on fresh copies in float for a kernel. */
OpCall ref_call(const Ref *r, int id);
void ref_run_node(Ref *r, int id);
OpCall ref_call_f32(const Ref *r, int id, Arena *a);

#endif
/* SPDX-License-Identifier: MIT */
