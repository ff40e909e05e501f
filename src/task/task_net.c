/* task_net.c - a model made ready: graph, plan, run; and a set of samples sent through it. */
#include "task/sample.h"

#include <math.h>
#include <string.h>

MethodTarget target_of_model(const Model *m)
{
    return (MethodTarget){.layers = m->layers,
                          .depth = model_depth,
                          .is_head = model_is_head,
                          .is_turned = model_is_turned,
                          .lora_targets = m->def->lora_targets,
                          .ia3_targets = m->def->ia3_targets,
                          .ia3_feedforward = m->def->ia3_feedforward,
                          .words = m->def->words,
                          .folder = m->folder,
                          .dim = m->dim,
                          .heads = m->heads,
                          .headless = m->head == HEAD_NONE,
                          .model = m};
}

/* Leaves of the graph what is asked for. */
static Status cut(Err *e, TaskNet *n)
{
    const NetOptions *o = &n->options;

    if (o->part == NET_WHOLE)
        return E_OK;
    TRY(prefix_find(e, n->graph, o->training ? o->training->graph : n->graph, &n->begin));
    if (!node_valid(n->begin.end))
        return o->part == NET_REST ? E_OK : fail(e, E_INTERNAL, "%s", n->begin.why);
    if (o->part == NET_BEGINNING)
        prefix_alone(n->graph, n->begin.end);
    else
        prefix_given(n->graph, n->begin.end);
    return E_OK;
}

Status tasknet_plan(Err *e, Arena *a, const TaskContext *c, const NetOptions *o, TaskNet *out)
{
    const Method *method = out->method;
    const Hook *hooks = method ? method->hooks : NULL;
    ModelShape shape = {
        .labels = o->labels, .class_weights = o->class_weights, .smoothing = o->smoothing};
    PlanOptions po = {.isa = c->isa, .threads = pool_threads(c->pool)};

    out->reader->kind->shape(out->reader, o, &shape);
    out->options = *o;
    out->graph = graph_new(e, a, o->mode);
    if (!out->graph)
        return err_failed(e->code);
    TRY(model_build(e, out->model, out->graph, hooks, &shape, &out->out));
    if (o->domain)
        domain_build(o->domain, out->graph, &(DomainParts){out->out.pooled, out->out.logits});
    if (o->mode == MODE_EVAL)
        graph_output(out->graph, "features", out->out.pooled);
    if (o->optim) {
        OptimBuild b = {.accumulate = o->accumulate,
                        .hooks = hooks,
                        .apart = o->domain ? domain_owns : NULL,
                        .rate = method ? method_rate : NULL,
                        .rate_arg = method};

        TRY(method_check(e, method, out->graph));
        TRY(graph_backward(e, out->graph));
        TRY(optim_build(e, out->graph, o->optim, &b));
    }
    TRY(graph_finish(e, out->graph));
    TRY(cut(e, out));
    return plan_make(e, a, out->graph, &po, &out->plan);
}

Status tasknet_start(Err *e, Arena *a, const TaskContext *c, TaskNet *n, Params *params,
                     uint64_t seed)
{
    if (n->run_arena)
        arena_free(n->run_arena);
    n->run = NULL;
    if (!(n->run_arena = arena_child(e, a)))
        return err_failed(e->code);
    return run_new(e, n->run_arena, n->plan, params, c->pool, seed, &n->run);
}

NetOptions tasknet_eval_options(const Reader *r, int64_t longest)
{
    const SampleKind *kind = r->kind;

    return (NetOptions){.mode = MODE_EVAL,
                        .samples = kind->eval_samples,
                        .units = longest > kind->eval_units ? longest : kind->eval_units};
}

Status tasknet_eval(Err *e, Arena *a, const TaskContext *c, TaskNet *out, Params *params,
                    int64_t longest, uint64_t seed)
{
    NetOptions o = tasknet_eval_options(out->reader, longest);

    TRY(tasknet_plan(e, a, c, &o, out));
    return tasknet_load(e, a, c, out, params, seed);
}

Status tasknet_load(Err *e, Arena *a, const TaskContext *c, TaskNet *out, Params *params,
                    uint64_t seed)
{
    PeftReport peft;
    int made;

    if (out->adapter)
        TRY(peft_load(e, a, out->adapter, out->method, out->graph, params, &peft));
    TRY(model_load(e, a, out->model, out->graph, params, &out->loaded));
    TRY(params_init_missing(e, params, out->graph, seed, &made));
    return tasknet_start(e, a, c, out, params, seed);
}

/* How many of the samples from `first` on fit into one run. */
static int64_t fit_in(const TaskNet *n, const Ask *ask, int64_t first)
{
    int64_t k = 0, units = 0;

    for (; first + k < ask->rows && k < n->options.samples; k++) {
        units += set_units(ask->set, ask->row ? ask->row[first + k] : first + k);
        if (units > n->options.units)
            break;
    }
    return k;
}

static Status run_some(Err *e, TaskNet *n, Feed *feed, const Ask *ask, const int64_t *sample,
                       int64_t k, float *out)
{
    if (k == 0)
        return fail(e, E_INTERNAL, "a %s has more %s than the plan was made for",
                    ask->set->kind->one, ask->set->kind->unit);
    TRY(feed_fill(e, feed, n->run, sample, k));
    TRY(run_step(e, n->run));
    Tensor t = run_output(n->run, ask->output);
    if (!t.data || shape_size(&t.shape) != k * ask->width)
        return fail(e, E_INTERNAL, "the model's output \"%s\" is not [%lld, %lld]", ask->output,
                    (long long)k, (long long)ask->width);
    memcpy(out, t.data, (size_t)(k * ask->width) * sizeof *out);
    return E_OK;
}

Status tasknet_each(Err *e, const TaskContext *c, TaskNet *n, const Ask *ask, float *out)
{
    Arena *scratch = arena_child(e, graph_arena(n->graph));
    int64_t *sample = scratch ? NEWS(e, scratch, int64_t, n->options.samples + 1) : NULL;
    Feed feed;
    int64_t k;

    if (!sample)
        return err_failed(e->code);
    TRY(feed_new(e, scratch, ask->set, n->options.samples, &feed));
    feed.row = ask->row;
    feed.prefix = n->prefix;
    for (int64_t at = 0; at < ask->rows; at += k) {
        if (event_stop(&c->events))
            return fail(e, E_STOPPED, "stopped");
        k = fit_in(n, ask, at);
        for (int64_t i = 0; i < k; i++)
            sample[i] = at + i;
        TRY(run_some(e, n, &feed, ask, sample, k, out + at * ask->width));
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
