/* run_files.c - `engraft run`: a model folder and tensor files in, tensor files out.  The graph, the plan and
 * the update are those of training; only where numbers come from and go to differs. */
#include "task/run_files.h"

#include "task/adapter.h"
#include "task/run_batch.h"
#include "train/train.h"

#include <math.h>
#include <string.h>

typedef struct Work {
    Arena *a;
    Pool *pool;
    const RunFilesOptions *o;
    Model *model;
    Method *method;
    const char *adapter; /* given, or in the folder; NULL: none */
    Params *params;
    Graph *graph;
    ModelOutputs out;
    RunBatch *batch;
    int batches;
    bool labelled;
    Optim optim;
    Run *run;
} Work;

/* ---- what trains: everything but the prefixes asked for ---- */

static bool has_prefix(const Method *m, const char *name)
{
    for (const char *at = m->options; at && *at;) {
        size_t n = strcspn(at, ",");

        if (n && strncmp(at, name, n) == 0)
            return true;
        at += n + (at[n] == ',');
    }
    return false;
}

/* As in the reference, where frozen is what has no gradient: statistics are the mode's. */
static void statistics_move(const void *options, const char *name, ParamRule *rule)
{
    (void)options;
    (void)name;
    rule->fixed_statistics = false;
}

static const AdaptDef all_but = {.name = "full",
                                 .usage = "full",
                                 .summary = "all but some",
                                 .rules = {.on_param = statistics_move},
                                 .trains = "*",
                                 .frozen = has_prefix};

/* ---- opening ---- */

static Status open_model(Err *e, Work *w)
{
    if ((w->adapter = w->o->adapter))
        return adapter_open(e, w->a, w->o->folder, w->adapter, &w->model, &w->method);
    TRY(model_open(e, w->a, w->o->folder, &(ModelOptions){.variant = w->o->variant}, &w->model));
    TRY(adapter_beside(e, w->a, w->o->folder, w->model, &w->adapter, &w->method));
    if (w->adapter)
        return E_OK;
    MethodTarget target = {.layers = w->model->layers, .depth = model_depth, .model = w->model};
    char *freeze = arena_printf(e, w->a, "%s", w->o->freeze ? w->o->freeze : "");
    return freeze ? method_make(e, w->a, &all_but, freeze, &target, &w->method) : e->code;
}

static Status read_batches(Err *e, Work *w)
{
    Weights *file;

    TRY(weights_open(e, w->a, w->o->steps ? w->o->steps : w->o->inputs, &file));
    w->batches = w->o->steps ? run_batch_count(file, w->model) : 1;
    if (w->batches == 0) {
        fail(e, E_NOINPUT, "\"%s\" holds no batches", w->o->steps);
        return err_note(e, "expected", "tensors %s.0, labels.0, ...",
                        w->model->def->input == INPUT_PICTURES ? "pixel_values" : "input_ids");
    }
    w->batch = NEWS(e, w->a, RunBatch, w->batches);
    if (!w->batch)
        return e->code;
    w->labelled = true;
    for (int i = 0; i < w->batches; i++) {
        TRY(run_batch_read(e, w->a, file, w->o->steps ? i : -1, w->model, &w->batch[i]));
        w->labelled &= w->batch[i].labelled;
    }
    if (!w->labelled && (w->o->steps || w->o->grads)) {
        fail(e, E_USAGE, "%s need a loss, but the labels are missing",
             w->o->steps ? "updates" : "gradients");
        return err_note(e, "file", "%s", w->o->steps ? w->o->steps : w->o->inputs);
    }
    return E_OK;
}

static Status build(Err *e, Work *w)
{
    bool update = w->o->steps != NULL;
    ModelShape shape = {.labels = w->labelled, .scores = !update};

    for (int i = 0; i < w->batches; i++) {
        const RunBatch *b = &w->batch[i];

        shape.sequences = b->sequences > shape.sequences ? b->sequences : shape.sequences;
        shape.tokens = b->rows.count > shape.tokens ? b->rows.count : shape.tokens;
        shape.positions |= b->positions;
        if (b->height != w->batch->height || (b->pixels && b->width != w->batch->width))
            return fail(e, E_DATA, "batch %d has pictures of %lld x %lld, the first of %lld x %lld",
                        i, (long long)b->height, (long long)b->width, (long long)w->batch->height,
                        (long long)w->batch->width);
    }
    shape.pictures = shape.sequences;
    shape.height = w->batch->height;
    shape.width = w->batch->width;
    w->graph = graph_new(e, w->a, w->o->train || update ? MODE_TRAIN : MODE_EVAL);
    if (!w->graph)
        return e->code;
    const Hook *hooks = w->adapter || w->o->grads || update ? w->method->hooks : NULL;
    TRY(model_build(e, w->model, w->graph, hooks, &shape, &w->out));
    if (w->o->grads || update)
        TRY(graph_backward(e, w->graph));
    if (!update)
        return E_OK;
    TRY(optim_parse(e, w->o->optim ? w->o->optim : "adamw", &w->optim));
    OptimBuild b = {.hooks = hooks, .rate = method_rate, .rate_arg = w->method};
    return optim_build(e, w->graph, &w->optim, &b);
}

static Status load(Err *e, Work *w, RunFilesReport *report)
{
    LoadReport base;
    PeftReport peft;

    if (!(w->params = params_new(e, w->a)))
        return e->code;
    if (w->adapter)
        TRY(peft_load(e, w->a, w->adapter, w->method, w->graph, w->params, &peft));
    TRY(model_load(e, w->a, w->model, w->graph, w->params, &base));
    report->loaded = base.text;
    if (base.head_new)
        return fail(e, E_DATA, "\"%s\" lacks %d tensors of the head: %s", w->o->folder,
                    base.head_new, base.text);
    if (w->adapter)
        report->loaded = arena_printf(e, w->a, "%s; adapter %d tensors and %d of the head",
                                      base.text, peft.adapter, peft.head);
    return report->loaded ? E_OK : e->code;
}

static Status start(Err *e, Work *w)
{
    PlanOptions po = {.isa = w->o->isa, .threads = pool_threads(w->pool)};
    Plan *plan;

    TRY(plan_make(e, w->a, w->graph, &po, &plan));
    return run_new(e, w->a, plan, w->params, w->pool, 0, &w->run);
}

/* ---- results ---- */

typedef struct Results {
    NamedTensor *t;
    int n;
} Results;

static Status results_new(Err *e, const Work *w, Results *r)
{
    size_t most = (size_t)graph_output_count(w->graph) + (size_t)graph_param_count(w->graph) + 4;

    *r = (Results){NEWS(e, w->a, NamedTensor, most), 0};
    return r->t ? E_OK : e->code;
}

static Status add_loss(Err *e, const Work *w, Results *r, const float *loss, int64_t n)
{
    float *copy = NEWS(e, w->a, float, n);

    if (!copy)
        return e->code;
    memcpy(copy, loss, (size_t)n * sizeof *copy);
    r->t[r->n++] = (NamedTensor){"loss", {DT_F32, w->o->steps ? SHAPE(n) : SHAPE0, copy}};
    return E_OK;
}

static Status add_spread(Err *e, const Work *w, Results *r, const char *name, Tensor rows,
                         int column)
{
    r->t[r->n].name = name;
    return run_batch_spread(e, w->a, w->batch, rows, column, &r->t[r->n++].tensor);
}

/* Parameters that the step itself changes: running statistics. */
static void add_stored(const Work *w, Results *r)
{
    for (int i = 0; i < graph_store_count(w->graph); i++) {
        Node state, value;

        graph_store_at(w->graph, i, &state, &value);
        const NodeInfo *n = graph_node(w->graph, state.id);
        const Param *p = n->kind == NODE_PARAM ? params_find(w->params, n->name) : NULL;
        if (p)
            r->t[r->n++] = (NamedTensor){n->name, {DT_F32, p->shape, p->data}};
    }
}

static Status add_outputs(Err *e, const Work *w, Results *r)
{
    for (int i = 0; i < graph_output_count(w->graph); i++) {
        const char *name;
        Node n = graph_output_at(w->graph, i, &name);
        Tensor t = run_output(w->run, name);

        if (strncmp(name, "loss.", 5) == 0)
            continue;
        if (strcmp(name, "span_logits") == 0) {
            TRY(add_spread(e, w, r, "start_logits", t, 0));
            TRY(add_spread(e, w, r, "end_logits", t, 1));
        } else if (!w->batch->pixels && node_space(n) == w->out.tokens) {
            TRY(add_spread(e, w, r, name, t, -1));
        } else {
            r->t[r->n++] = (NamedTensor){name, t};
        }
    }
    return E_OK;
}

/* Adapter tensors and saved modules are named as PEFT names them. */
static const char *file_name(Err *e, const Work *w, const char *param)
{
    return w->adapter && method_trains(w->method, param) ? peft_name(e, w->a, w->method, param)
                                                         : param;
}

static Status write_grads(Err *e, const Work *w, RunFilesReport *report)
{
    Results r;

    TRY(results_new(e, w, &r));
    for (int i = 0; i < graph_param_count(w->graph); i++) {
        const char *name = graph_node(w->graph, graph_param_at(w->graph, i).id)->name;
        Tensor g = run_gradient(w->run, name);

        if (!g.data)
            continue;
        r.t[r.n] = (NamedTensor){file_name(e, w, name), g};
        if (!r.t[r.n++].name)
            return e->code;
    }
    report->grads = r.n;
    return safetensors_write(e, w->a, w->o->grads, r.t, r.n, NULL);
}

static Status add_weights(Err *e, const Work *w, Results *r)
{
    for (int i = 0; i < graph_param_count(w->graph); i++) {
        const char *name = graph_node(w->graph, graph_param_at(w->graph, i).id)->name;
        const Param *p = params_find(w->params, name);

        r->t[r->n] = (NamedTensor){file_name(e, w, name), {DT_F32, p->shape, p->data}};
        if (!r->t[r->n++].name)
            return e->code;
    }
    return E_OK;
}

/* ---- the two kinds of run ---- */

static Status one_step(Err *e, Work *w, RunFilesReport *report)
{
    Results r;
    float loss;

    TRY(run_batch_fill(e, w->batch, &w->out, w->run));
    TRY(run_step(e, w->run));
    TRY(results_new(e, w, &r));
    TRY(add_outputs(e, w, &r));
    add_stored(w, &r);
    report->loss = run_batch_loss(w->batch, &w->out, w->run);
    loss = (float)report->loss;
    if (w->labelled)
        TRY(add_loss(e, w, &r, &loss, 1));
    report->outputs = r.n;
    if (w->o->grads)
        TRY(write_grads(e, w, report));
    return w->o->outputs ? safetensors_write(e, w->a, w->o->outputs, r.t, r.n, NULL) : E_OK;
}

static Status updates(Err *e, Work *w, RunFilesReport *report)
{
    int64_t n = w->o->n > 0 ? w->o->n : w->batches;
    Schedule schedule = optim_schedule(&w->optim, n);
    float *loss = NEWS(e, w->a, float, n);
    Results r;

    if (!loss)
        return e->code;
    for (int64_t i = 0; i < n; i++) {
        const RunBatch *b = &w->batch[i % w->batches];

        run_clock(w->run, (uint32_t)i);
        TRY(run_batch_fill(e, b, &w->out, w->run));
        TRY(run_step(e, w->run));
        loss[i] = (float)run_batch_loss(b, &w->out, w->run);
        TRY(optim_set(e, w->run, &w->optim, i, schedule_at(&schedule, i)));
        TRY(run_update(e, w->run));
    }
    report->updates = n;
    report->loss = (double)loss[n - 1];
    TRY(results_new(e, w, &r));
    TRY(add_loss(e, w, &r, loss, n));
    TRY(add_weights(e, w, &r));
    report->outputs = r.n;
    return w->o->outputs ? safetensors_write(e, w->a, w->o->outputs, r.t, r.n, NULL) : E_OK;
}

Status run_files(Err *e, Arena *a, Pool *pool, const RunFilesOptions *o, RunFilesReport *report)
{
    Work w = {.a = a, .pool = pool, .o = o};

    *report = (RunFilesReport){.loss = (double)NAN};
    if (!o->inputs == !o->steps)
        return fail(e, E_USAGE, "run wants one of --inputs and --steps");
    if (o->adapter && o->freeze)
        return fail(e, E_USAGE, "an adapter leaves its base as it is: --freeze has nothing to do");
    TRY(open_model(e, &w));
    TRY(read_batches(e, &w));
    TRY(build(e, &w));
    TRY(load(e, &w, report));
    TRY(start(e, &w));
    return o->steps ? updates(e, &w, report) : one_step(e, &w, report);
}

/* SPDX-License-Identifier: MIT */
