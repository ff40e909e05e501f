/* exec.h - plan once, run many times.  A Plan is read-only and made for one graph; Params (names to numbers)
 * are separate, so one plan serves several sets of weights; a Run is the only thing that changes. */
#ifndef EXEC_H
#define EXEC_H

#include "cpu/cpu.h"
#include "passes/passes.h"

/* ---- parameters by name (params.c) ---- */

typedef struct Param {
    const char *name;
    Shape shape;
    float *data; /* memory of a mapped file, never written, when !owned */
    bool owned;
} Param;

typedef struct Params Params;

Params *params_new(Err *e, Arena *a);
int params_count(const Params *p);
Param *params_at(Params *p, int i);
Param *params_find(Params *p, const char *name);
/* Memory owned by the set, zeroed. */
Status params_add(Err *e, Params *p, const char *name, Shape shape, Param **out);
/* Frozen weights used where they lie. */
Status params_map(Err *e, Params *p, const char *name, Shape shape, const float *data);
/* Own memory for a parameter that will be written (copies a mapped one).  Runs notice. */
Status params_own(Err *e, Params *p, Param *param);
int params_moves(const Params *p); /* how often that happened: pointers from before are stale */
/* Makes every parameter of the graph that the set lacks, by its Init, keyed by seed and name. */
Status params_init_missing(Err *e, Params *p, const Graph *g, uint64_t seed, int *made);

/* ---- plans (plan.c, place.c) ---- */

typedef struct PlanOptions {
    Isa isa;       /* cap; at most isa_best() */
    int threads;   /* for scratch */
    bool keep_all; /* no memory is shared: every value stays readable (tests) */
    const char
        *except; /* passes to leave out, by the beginning of their names; NULL: none (tests) */
} PlanOptions;

typedef struct Plan Plan;

/* Runs the passes, chooses kernels, places memory.  g must be finished (and have its gradients). */
Status plan_make(Err *e, Arena *a, Graph *g, const PlanOptions *o, Plan **out);

typedef struct PlanSummary {
    int nodes, params, trainable;
    int64_t param_values, trained_values;
    size_t value_bytes; /* values of a step, shared by lifetime */
    size_t input_bytes, state_bytes, scratch_bytes;
    double flops; /* of one step at capacity */
} PlanSummary;

void plan_summary(const Plan *p, PlanSummary *out);
void plan_explain(const Plan *p, bool kernels, void (*line)(void *arg, const char *text),
                  void *arg);

/* ---- runs (run.c) ---- */

typedef struct Run Run;

/* Trainable parameters are made the set's own first.  Other parameters are read where they lie. */
Status run_new(Err *e, Arena *a, const Plan *p, Params *params, Pool *pool, uint64_t seed,
               Run **out);
/* Pointers in rows must stay valid until the step is done.  Not needed for spaces that follow from others. */
Status run_rows(Err *e, Run *r, const char *space, const Rows *rows);
void *run_input(Run *r,
                const char *name); /* to fill: capacity rows; NULL: the plan has no such input */
Status run_scalar(Err *e, Run *r, const char *name, float value);
Tensor run_output(const Run *r, const char *name); /* actual rows; data NULL when there is none */
Tensor run_gradient(const Run *r,
                    const char *param); /* after run_step, before the next; data NULL: none */
float *run_state(Run *r, const char *name, int64_t *n);
int run_state_count(const Run *r);
const char *run_state_name(const Run *r, int i);
void run_clock(Run *r, uint32_t step); /* update number: keys dropout */
Status run_step(Err *e, Run *r);       /* once (first time) and step segments */
Status run_update(Err *e, Run *r);     /* update segment */

#endif
/* SPDX-License-Identifier: MIT */
