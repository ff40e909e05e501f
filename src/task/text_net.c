/* text_net.c - a model of texts made ready: graph, plan, run; and a set of texts sent through it. */
#include "task/inside.h"

#include <math.h>
#include <string.h>

#define EVAL_SEQUENCES 64
#define EVAL_TOKENS    1024

MethodTarget target_of_model(const Model *m)
{
    return (MethodTarget){.layers = m->layers,
                          .depth = model_depth,
                          .is_head = model_is_head,
                          .lora_targets = m->def->lora_targets,
                          .model = m};
}

Status textnet_plan(Err *e, Arena *a, const TaskContext *c, const Model *m, const Method *method,
                    const NetOptions *o, TextNet *out)
{
    const Hook *hooks = method ? method->hooks : NULL;
    ModelShape shape = {.sequences = o->sequences,
                        .tokens = o->tokens,
                        .labels = o->labels,
                        .class_weights = o->class_weights,
                        .smoothing = o->smoothing};
    PlanOptions po = {.isa = c->isa, .threads = pool_threads(c->pool)};

    out->model = m;
    out->method = method;
    out->options = *o;
    out->graph = graph_new(e, a, o->mode);
    if (!out->graph)
        return err_failed(e->code);
    TRY(model_build(e, m, out->graph, hooks, &shape, &out->out));
    if (o->mode == MODE_EVAL)
        graph_output(out->graph, "features", out->out.pooled);
    if (o->optim) {
        OptimBuild b = {.accumulate = o->accumulate,
                        .hooks = hooks,
                        .rate = method ? method_rate : NULL,
                        .rate_arg = method};

        TRY(method_check(e, method, out->graph));
        TRY(graph_backward(e, out->graph));
        TRY(optim_build(e, out->graph, o->optim, &b));
    }
    TRY(graph_finish(e, out->graph));
    return plan_make(e, a, out->graph, &po, &out->plan);
}

Status textnet_start(Err *e, Arena *a, const TaskContext *c, TextNet *n, Params *params,
                     uint64_t seed)
{
    return run_new(e, a, n->plan, params, c->pool, seed, &n->run);
}

Status textnet_eval(Err *e, Arena *a, const TaskContext *c, TextNet *out, Params *params,
                    int64_t longest, uint64_t seed)
{
    NetOptions o = {.mode = MODE_EVAL, .sequences = EVAL_SEQUENCES};
    int made;

    o.tokens = longest > EVAL_TOKENS ? longest : EVAL_TOKENS;
    TRY(textnet_plan(e, a, c, out->model, out->method, &o, out));
    TRY(model_load(e, a, out->model, out->graph, params, &out->loaded));
    TRY(params_init_missing(e, params, out->graph, seed, &made));
    return textnet_start(e, a, c, out, params, seed);
}

/* How many of the texts from `first` on fit into one run. */
static int64_t fit_in(const TextNet *n, const TextAsk *ask, int64_t first)
{
    int64_t k = 0, tokens = 0;

    for (; first + k < ask->rows && k < n->options.sequences; k++) {
        int64_t i = ask->row ? ask->row[first + k] : first + k;

        tokens += ask->set->start[i + 1] - ask->set->start[i];
        if (tokens > n->options.tokens)
            break;
    }
    return k;
}

static Status run_some(Err *e, TextNet *n, TextFeed *feed, const TextAsk *ask, int64_t at,
                       int64_t k, float *out)
{
    int64_t sample[EVAL_SEQUENCES];

    if (k == 0)
        return fail(e, E_INTERNAL, "a text has more tokens than the plan was made for");
    for (int64_t i = 0; i < k; i++)
        sample[i] = at + i;
    TRY(textfeed_fill(e, feed, n->run, sample, k));
    TRY(run_step(e, n->run));
    Tensor t = run_output(n->run, ask->output);
    if (!t.data || shape_size(&t.shape) != k * ask->width)
        return fail(e, E_INTERNAL, "the model's output \"%s\" is not [%lld, %lld]", ask->output,
                    (long long)k, (long long)ask->width);
    memcpy(out + at * ask->width, t.data, (size_t)(k * ask->width) * sizeof *out);
    return E_OK;
}

Status textnet_each(Err *e, const TaskContext *c, TextNet *n, const TextAsk *ask, float *out)
{
    Arena *scratch = arena_child(e, graph_arena(n->graph));
    TextFeed feed;
    int64_t k;

    if (!scratch)
        return err_failed(e->code);
    TRY(textfeed_new(e, scratch, ask->set, EVAL_SEQUENCES, &feed));
    feed.row = ask->row;
    for (int64_t at = 0; at < ask->rows; at += k) {
        if (event_stop(&c->events))
            return fail(e, E_STOPPED, "stopped");
        k = fit_in(n, ask, at);
        TRY(run_some(e, n, &feed, ask, at, k, out));
        if (ask->stage)
            event_send(&c->events, &(Event){.kind = EVENT_STEP,
                                            .text = ask->stage,
                                            .step = at + k,
                                            .steps = ask->rows});
    }
    arena_free(scratch);
    return E_OK;
}

void softmax_rows(float *x, int64_t rows, int classes)
{
    for (int64_t i = 0; i < rows; i++, x += classes) {
        double top = (double)x[0], sum = 0;

        for (int k = 1; k < classes; k++)
            top = fmax(top, (double)x[k]);
        for (int k = 0; k < classes; k++)
            sum += exp((double)x[k] - top);
        for (int k = 0; k < classes; k++)
            x[k] = (float)(exp((double)x[k] - top) / sum);
    }
}

/* SPDX-License-Identifier: MIT */
