/* pretrain.c - eg_pretrain: learning from plain text, without labels; an objective is a row of objectives.def. */
#include "task/pretrain.h"
#include "api/inside.h"
#include "words/learn.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

typedef Status (*Objective)(eg_ctx *ctx, Arena *a, const eg_pretrain_options *o,
                            eg_pretrain_result *result);

typedef struct Given { /* an option that was set */
    const char *flag;
    bool is;
} Given;

/* Options of the other kind of learning would be passed over in silence. */
static Status refuse(Err *e, const eg_pretrain_options *o, const Given *given, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (given[i].is)
            return fail(e, E_USAGE, "%s has no meaning for the objective %s", given[i].flag,
                        o->objective ? o->objective : "of a model");
    return E_OK;
}

static Status pretrain_words(eg_ctx *ctx, Arena *a, const eg_pretrain_options *o,
                             eg_pretrain_result *result)
{
    TaskContext task = api_task(ctx);
    LearnOptions l = {.objective = o->objective,
                      .width = o->width,
                      .window = o->window,
                      .negative = o->negative,
                      .min_count = o->min_count,
                      .epochs = o->epochs,
                      .rate = o->lr,
                      .sample = o->sample,
                      .seed = (uint64_t)o->seed,
                      .overwrite = o->overwrite,
                      .pool = ctx->pool,
                      .isa = ctx->isa,
                      .events = &task.events};
    const Given models[] = {{"--model", o->model != NULL},
                            {"--schedule", o->schedule != NULL},
                            {"--scratch", o->scratch},
                            {"--resume", o->resume},
                            {"--length", o->length != 0},
                            {"--batch-size", o->batch != 0},
                            {"--grad-accum", o->accumulate != 0},
                            {"--weight-decay", o->weight_decay != 0},
                            {"--warmup", o->warmup != 0},
                            {"--clip-grad", o->clip != 0},
                            {"--dropout", o->dropout != 0},
                            {"--valid-share", o->valid_share != 0},
                            {"--checkpoint-steps", o->checkpoint_steps != 0},
                            {"--checkpoint-seconds", o->checkpoint_seconds != 0}};
    Learned r = {0};

    TRY(refuse(&ctx->err, o, models, LEN(models)));
    TRY(words_pretrain(&ctx->err, a, o->data, o->output, &l, &r));
    if (result)
        *result = (eg_pretrain_result){.objective = o->objective,
                                       .words = r.words,
                                       .vocabulary = r.vectors.n,
                                       .epochs = r.epochs,
                                       .seconds = r.seconds,
                                       .before = (double)NAN,
                                       .after = (double)NAN};
    return E_OK;
}

static Status model_options(eg_ctx *ctx, Arena *a, const eg_pretrain_options *o, PretrainOptions *p)
{
    const Given words[] = {{"--width", o->width != 0},
                           {"--window", o->window != 0},
                           {"--negative", o->negative != 0},
                           {"--min-count", o->min_count != 0},
                           {"--sample", o->sample != 0}};
    Err *e = &ctx->err;

    TRY(refuse(e, o, words, LEN(words)));
    if (!o->model) {
        fail(e, E_USAGE, "the objective %s needs a model to begin with", o->objective);
        return err_note(e, "hint", "--model DIR; --scratch begins with random weights");
    }
    *p = (PretrainOptions){.data = o->data,
                           .output = o->output,
                           .objective = o->objective,
                           .schedule = o->schedule,
                           .scratch = o->scratch,
                           .resume = o->resume,
                           .overwrite = o->overwrite,
                           .accept_data_change = o->accept_data_change,
                           .length = o->length,
                           .batch = o->batch,
                           .accumulate = o->accumulate,
                           .epochs = o->epochs,
                           .checkpoint_steps = o->checkpoint_steps,
                           .lr = o->lr,
                           .weight_decay = o->weight_decay,
                           .clip = o->clip,
                           .warmup = o->warmup,
                           .dropout = o->dropout,
                           .valid_share = o->valid_share,
                           .checkpoint_seconds = o->checkpoint_seconds,
                           .seed = (uint64_t)o->seed};
    TRY(api_model(ctx, a, o->model, &p->model));
    p->model_name = path_kind(arena_sys(a), o->model) == PATH_DIR ? path_base(p->model) : o->model;
    return E_OK;
}

static Status pretrain_model(eg_ctx *ctx, Arena *a, const eg_pretrain_options *o,
                             eg_pretrain_result *result)
{
    TaskContext c = api_task(ctx);
    PretrainOptions p;
    PretrainResult r;

    TRY(model_options(ctx, a, o, &p));
    TRY(task_pretrain(&ctx->err, a, &c, &p, &r));
    if (result)
        *result = (eg_pretrain_result){.objective = r.objective, /* of a table */
                                       .epochs = r.epochs,
                                       .documents = r.documents,
                                       .tokens = r.tokens,
                                       .held = r.held,
                                       .updates = r.updates,
                                       .before = exp(r.before),
                                       .after = exp(r.after),
                                       .tokens_per_second = r.tokens_per_second,
                                       .saved_difference = r.saved_difference};
    return E_OK;
}

static const struct {
    const char *name;
    Objective fn;
} objectives[] = {
#define OBJECTIVE(name, fn) {#name, fn},
#include "api/objectives.def"
#undef OBJECTIVE
};

static Status unknown_objective(Err *e, const char *name)
{
    char list[400] = "";
    size_t n = 0;

    for (size_t i = 0; i < LEN(objectives) && n < sizeof list; i++)
        n += (size_t)snprintf(list + n, sizeof list - n, "%s%s", i ? ", " : "", objectives[i].name);
    (void)fail(e, E_USAGE, "there is no objective \"%s\"", name);
    return err_note(e, "expected", "one of %s", list);
}

static Status pretrain(eg_ctx *ctx, Arena *a, const eg_pretrain_options *options,
                       eg_pretrain_result *result)
{
    eg_pretrain_options o = *options;

    if (!o.data || !o.output)
        return fail(&ctx->err, E_USAGE,
                    o.data ? "no output folder was given" : "no text was given");
    if (!o.objective && o.model)
        return pretrain_model(ctx, a, &o, result);
    o.objective = o.objective ? o.objective : objectives[0].name;
    for (size_t i = 0; i < LEN(objectives); i++)
        if (!strcmp(o.objective, objectives[i].name))
            return objectives[i].fn(ctx, a, &o, result);
    return unknown_objective(&ctx->err, o.objective);
}

int eg_pretrain(eg_ctx *ctx, const eg_pretrain_options *options, eg_pretrain_result *result)
{
    Arena *a = ctx->pool ? arena_child(&ctx->err, ctx->arena) : NULL;

    if (!a)
        return ctx->err.code;
    Status s = pretrain(ctx, a, options, result);
    arena_free(a);
    return s;
}

/* SPDX-License-Identifier: MIT */
