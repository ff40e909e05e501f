/* pretrain.c - eg_pretrain: learning from plain text, without labels; an objective is a row of objectives.def. */
#include "api/inside.h"
#include "words/learn.h"

#include <stdio.h>
#include <string.h>

typedef Status (*Objective)(eg_ctx *ctx, Arena *a, const eg_pretrain_options *o,
                            eg_pretrain_result *result);

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
    Learned r = {0};

    TRY(words_pretrain(&ctx->err, a, o->data, o->output, &l, &r));
    if (result)
        *result = (eg_pretrain_result){
            .words = r.words, .vocabulary = r.vectors.n, .epochs = r.epochs, .seconds = r.seconds};
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
