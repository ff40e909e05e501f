/* use.c - judging, predicting and embedding with what was learned. */
#include "api/inside.h"

#include <string.h>

struct eg_model {
    eg_ctx *ctx;
    Arena *arena, *call; /* call: what the last eg_predict_json returned */
    TaskModel *task;
    float *out; /* [max(outputs, width)] */
};

static Status use_of(eg_ctx *ctx, Arena *a, const eg_use_options *o, UseOptions *u)
{
    *u = (UseOptions){.data = o->data,
                      .text = o->text,
                      .second = o->second,
                      .label = o->label,
                      .batch = o->batch,
                      .max_length = o->max_length,
                      .no_normalize = o->no_normalize};
    TRY(api_on_bad(&ctx->err, o->on_bad, &u->bad));
    if (!o->model)
        return fail(&ctx->err, E_USAGE, "no model was given");
    return api_model(ctx, a, o->model, &u->model);
}

static Status keep_eval(eg_ctx *ctx, const EvalResult *r, eg_eval_result *out)
{
    int n = r->regression ? 0 : r->confusion.classes;
    eg_class_score *score = NEWS(&ctx->err, ctx->arena, eg_class_score, n + 1);
    int64_t *confusion = NEWS(&ctx->err, ctx->arena, int64_t, n * n + 1);

    if (!score || !confusion)
        return ctx->err.code;
    *out = (eg_eval_result){.metric = r->metric,
                            .n = r->n,
                            .loss = r->loss,
                            .score = r->score,
                            .low = r->interval.low,
                            .high = r->interval.high,
                            .f1_macro = r->f1_macro,
                            .matthews = r->matthews,
                            .balanced_accuracy = r->balanced,
                            .pearson = r->pearson,
                            .spearman = r->spearman,
                            .mse = r->mse,
                            .classes = n,
                            .per_class = score,
                            .confusion = confusion};
    for (int k = 0; k < n; k++) {
        score[k] = (eg_class_score){.label = r->labels.name[k],
                                    .precision = metric_precision(&r->confusion, k),
                                    .recall = metric_recall(&r->confusion, k),
                                    .f1 = metric_f1(&r->confusion, k)};
        for (int j = 0; j < n; j++)
            score[k].n += r->confusion.count[k * n + j];
        TRY(api_keep(ctx, &score[k].label));
    }
    if (n)
        memcpy(confusion, r->confusion.count, (size_t)(n * n) * sizeof *confusion);
    return api_keep(ctx, &out->metric);
}

int eg_eval(eg_ctx *ctx, const eg_use_options *options, eg_eval_result *result)
{
    Arena *a = ctx->pool ? arena_child(&ctx->err, ctx->arena) : NULL;
    TaskContext task = api_task(ctx);
    UseOptions u;
    EvalResult r = {0};

    if (!a)
        return ctx->err.code;
    Status s = use_of(ctx, a, options, &u);
    if (!s)
        s = task_eval(&ctx->err, a, &task, &u, &r);
    if (!s)
        s = keep_eval(ctx, &r, result);
    arena_free(a);
    return s;
}

typedef Status (*TableTask)(Err *e, Arena *a, const TaskContext *c, const UseOptions *o,
                            const char *output, int64_t *rows);

static int table_task(eg_ctx *ctx, const eg_use_options *o, TableTask run, int64_t *rows)
{
    Arena *a = ctx->pool ? arena_child(&ctx->err, ctx->arena) : NULL;
    TaskContext task = api_task(ctx);
    UseOptions u;
    int64_t n = 0;

    if (!a)
        return ctx->err.code;
    Status s =
        o->output ? use_of(ctx, a, o, &u) : fail(&ctx->err, E_USAGE, "no output file was given");
    if (!s)
        s = run(&ctx->err, a, &task, &u, o->output, &n);
    if (!s && rows)
        *rows = n;
    arena_free(a);
    return s;
}

int eg_predict_file(eg_ctx *ctx, const eg_use_options *options, int64_t *rows)
{
    return table_task(ctx, options, task_predict, rows);
}

typedef struct Each {
    eg_answer_fn fn;
    void *user;
} Each;

static void answer(void *arg, const char *sample, const char *label, float probability)
{
    const Each *each = arg;

    each->fn(each->user, sample, label, probability);
}

int eg_predict_each(eg_ctx *ctx, const eg_use_options *options, eg_answer_fn fn, void *user)
{
    Arena *a = ctx->pool ? arena_child(&ctx->err, ctx->arena) : NULL;
    TaskContext task = api_task(ctx);
    Each each = {fn, user};
    UseOptions u;
    int64_t n;

    if (!a)
        return ctx->err.code;
    Status s = use_of(ctx, a, options, &u);
    if (!s)
        s = task_predict_each(&ctx->err, a, &task, &u, &(AnswerFn){answer, &each}, &n);
    arena_free(a);
    return s;
}

int eg_embed_file(eg_ctx *ctx, const eg_use_options *options, int64_t *rows)
{
    return table_task(ctx, options, task_embed, rows);
}

static Status load(Err *e, eg_ctx *ctx, Arena *a, const char *path, eg_model **model)
{
    eg_model *m = NEW(e, a, eg_model);
    TaskContext *task = NEW(e, a, TaskContext); /* the model keeps it */
    UseOptions u = {0};

    if (!m || !task)
        return e->code;
    *task = api_task(ctx);
    TRY(api_model(ctx, a, path, &u.model));
    TRY(taskmodel_open(e, a, task, &u, &m->task));
    m->ctx = ctx;
    m->arena = a;
    int outputs = taskmodel_outputs(m->task), width = taskmodel_width(m->task);
    m->out = NEWS(e, a, float, outputs > width ? outputs : width);
    m->call = arena_child(e, a);
    if (!m->out || !m->call)
        return e->code;
    *model = m;
    return E_OK;
}

int eg_model_load(eg_ctx *ctx, const char *path, eg_model **model)
{
    Arena *a = ctx->pool ? arena_child(&ctx->err, ctx->arena) : NULL;

    if (!a)
        return ctx->err.code;
    Status s = load(&ctx->err, ctx, a, path, model);
    if (s)
        arena_free(a);
    return s;
}

int eg_model_pictures(const eg_model *model)
{
    return taskmodel_pictures(model->task);
}

int eg_model_classes(const eg_model *model)
{
    return taskmodel_outputs(model->task);
}

const char *eg_model_label(const eg_model *model, int k)
{
    return taskmodel_label(model->task, k);
}

int eg_model_width(const eg_model *model)
{
    return taskmodel_width(model->task);
}

static Status new_call(Err *e, eg_model *m)
{
    arena_free(m->call);
    m->call = arena_child(e, m->arena);
    return m->call ? E_OK : e->code;
}

int eg_classify(eg_model *model, const char *text, const char *second, eg_prediction *out)
{
    Err *e = &model->ctx->err;
    int n = taskmodel_outputs(model->task), best = 0;
    Raw raw;

    if (n == 0)
        return fail(e, E_DATA, "the model is an encoder, it has no classes");
    TRY(new_call(e, model));
    TRY(taskmodel_raw(e, model->call, model->task, text, second, &raw));
    TRY(taskmodel_predict(e, model->task, &raw, model->out));
    for (int k = 1; k < n; k++)
        best = model->out[k] > model->out[best] ? k : best;
    *out = (eg_prediction){taskmodel_regression(model->task) ? NULL
                                                             : taskmodel_label(model->task, best),
                           model->out[best]};
    return E_OK;
}

int eg_embed(eg_model *model, const char *text, float *out)
{
    Err *e = &model->ctx->err;
    Raw raw;

    TRY(new_call(e, model));
    TRY(taskmodel_raw(e, model->call, model->task, text, NULL, &raw));
    return taskmodel_embed(e, model->task, &raw, out);
}

int eg_predict_json(eg_model *model, const char *line, size_t n, const char **out)
{
    Err *e = &model->ctx->err;
    char *text = NULL;

    TRY(new_call(e, model));
    TRY(task_predict_line(e, model->call, model->task, line, n, &text));
    *out = text;
    return E_OK;
}

/* SPDX-License-Identifier: MIT */
