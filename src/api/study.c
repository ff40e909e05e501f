/* study.c - eg_study_transferability: the study room behind the public header. */
#include "study/study.h"
#include "api/inside.h"

#include <string.h>

#define MODEL "alexnet_small"

/* A folder, or a network that we know by name: its weights are not used. */
static Status find_model(eg_ctx *ctx, Arena *a, const eg_study_options *o, StudyOptions *s)
{
    const char *name = o->model ? o->model : MODEL;

    if (!api_model(ctx, a, name, &s->model))
        return E_OK;
    if (ctx->err.code != E_NOINPUT)
        return ctx->err.code;
    ctx->err = (Err){0};
    s->model = NULL;
    s->variant = name;
    return E_OK;
}

static Status options_of(eg_ctx *ctx, Arena *a, const eg_study_options *o, StudyOptions *s)
{
    *s = (StudyOptions){.data = o->data,
                        .output = o->output,
                        .a = o->a,
                        .b = o->b,
                        .far = o->far,
                        .layers = o->layers,
                        .resume = o->resume,
                        .overwrite = o->overwrite,
                        .seeds = (int)o->seeds,
                        .seed = (uint64_t)o->seed,
                        .epochs = (int)o->epochs,
                        .batch = o->batch,
                        .size = o->size,
                        .per_class = o->per_class,
                        .test_limit = o->test_limit,
                        .lr = o->lr,
                        .weight_decay = o->weight_decay};
    if (!o->data)
        return fail(&ctx->err, E_USAGE, "no data was given to study");
    if (!s->output)
        TRY(api_beside(&ctx->err, a, o->data, "study", &s->output));
    return find_model(ctx, a, o, s);
}

static Status keep_finding(eg_ctx *ctx, const StudyFinding *f, eg_study_finding *out)
{
    *out = (eg_study_finding){.claim = f->claim,
                              .measured = f->measured,
                              .verdict = f->verdict,
                              .seeds = f->n,
                              .mean = f->mean,
                              .error = f->error,
                              .low = f->low,
                              .high = f->high};
    TRY(api_keep(ctx, &out->claim));
    TRY(api_keep(ctx, &out->measured));
    return api_keep(ctx, &out->verdict);
}

static Status keep_result(eg_ctx *ctx, const StudyResult *r, eg_study_result *out)
{
    *out = (eg_study_result){.output = r->output,
                             .report = r->report,
                             .networks_csv = r->networks_csv,
                             .summary = r->summary,
                             .networks = r->networks,
                             .trained = r->trained,
                             .base = r->base,
                             .spread = r->spread};
    for (int i = 0; i < r->findings && i < (int)LEN(out->finding); i++)
        TRY(keep_finding(ctx, &r->finding[i], &out->finding[out->findings++]));
    TRY(api_keep(ctx, &out->output));
    TRY(api_keep(ctx, &out->report));
    TRY(api_keep(ctx, &out->networks_csv));
    return api_keep(ctx, &out->summary);
}

int eg_study_transferability(eg_ctx *ctx, const eg_study_options *options, eg_study_result *result)
{
    Arena *a = ctx->pool ? arena_child(&ctx->err, ctx->arena) : NULL;
    TaskContext task = api_task(ctx);
    StudyOptions o;
    StudyResult r;

    if (!a)
        return ctx->err.code;
    Status s = options_of(ctx, a, options, &o);
    if (!s)
        s = study_transferability(&ctx->err, a, &task, &o, &r);
    if (!s && result)
        s = keep_result(ctx, &r, result);
    arena_free(a);
    return s;
}

/* SPDX-License-Identifier: MIT */
