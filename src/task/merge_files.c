/* merge_files.c - W + (alpha / r) B A written as a plain folder, then opened again: both ways must say the same
 * of random tokens but for rounding, and how much they differ is told. */
#include "task/merge_files.h"

#include "task/adapter.h"

#include <math.h>
#include <string.h>

#define PROBES 8

typedef struct Side { /* one of the two that are compared */
    Model *model;
    Graph *graph;
    Params *params;
    Run *run;
} Side;

static ModelShape probe_shape(const Model *m)
{
    int64_t longest = m->max_length < 48 ? m->max_length : 48;

    return (ModelShape){.sequences = PROBES, .tokens = PROBES * longest};
}

static Status build(Err *e, Arena *a, Side *s, const Method *method)
{
    ModelShape shape = probe_shape(s->model);
    ModelOutputs out;

    s->graph = graph_new(e, a, MODE_EVAL);
    s->params = params_new(e, a);
    if (!s->graph || !s->params)
        return e->code;
    return model_build(e, s->model, s->graph, method ? method->hooks : NULL, &shape, &out);
}

/* Sequences of different lengths of random tokens, the same for both sides. */
static Status probe(Err *e, Arena *a, Pool *pool, Side *s)
{
    ModelShape shape = probe_shape(s->model);
    PlanOptions po = {.isa = isa_best(), .threads = pool_threads(pool)};
    int32_t *offset = NEWS(e, a, int32_t, PROBES + 1);
    Plan *plan;

    if (!offset)
        return e->code;
    TRY(plan_make(e, a, s->graph, &po, &plan));
    TRY(run_new(e, a, plan, s->params, pool, 0, &s->run));
    for (int i = 0; i < PROBES; i++)
        offset[i + 1] = offset[i] + (int32_t)(shape.tokens / PROBES * (i + 1) / PROBES);
    TRY(run_rows(e, s->run, "tokens",
                 &(Rows){.count = offset[PROBES], .groups = PROBES, .offset = offset}));
    int32_t *ids = run_input(s->run, "input_ids"), *type = run_input(s->run, "token_type_ids");
    for (int32_t i = 0; i < offset[PROBES]; i++) {
        ids[i] = (int32_t)(random_uniform(1, random_purpose("probe"), (uint64_t)i) *
                           (double)s->model->vocab);
        type[i] = 0;
    }
    return run_step(e, s->run);
}

static void compare(const Side *x, const Side *y, MergeReport *r)
{
    Tensor p = run_output(x->run, "logits"), q;

    r->output = p.data ? "logits" : "last_hidden_state";
    p = run_output(x->run, r->output);
    q = run_output(y->run, r->output);
    const float *u = p.data;
    int64_t n = shape_size(&p.shape), where;
    r->difference = tensor_difference(u, q.data, n, &where);
    for (int64_t i = 0; i < n; i++)
        r->largest = fmax(r->largest, fabs((double)u[i]));
}

Status merge_files(Err *e, Arena *a, Pool *pool, const char *folder, const char *adapter,
                   const char *out, MergeReport *report)
{
    Side with = {0}, merged = {0};
    Method *method;
    PeftReport peft;
    LoadReport base;

    *report = (MergeReport){0};
    TRY(adapter_open(e, a, folder, adapter, &with.model, &method));
    TRY(build(e, a, &with, method));
    TRY(peft_load(e, a, adapter, method, with.graph, with.params, &peft));
    TRY(model_load(e, a, with.model, with.graph, with.params, &base));
    if (base.head_new)
        return fail(e, E_DATA, "neither the base nor the adapter has the head: %s", base.text);
    TRY(probe(e, a, pool, &with));
    TRY(method_merge(e, method, with.params, &report->merged));
    TRY(model_save(e, a, with.model, with.params, out));
    TRY(model_open(e, a, out, &(ModelOptions){.head = HEAD_AUTO}, &merged.model));
    TRY(build(e, a, &merged, NULL));
    TRY(model_load(e, a, merged.model, merged.graph, merged.params, &base));
    TRY(probe(e, a, pool, &merged));
    compare(&with, &merged, report);
    return E_OK;
}

/* SPDX-License-Identifier: MIT */
