/* run.c - eg_run: tensor files through a model, for anyone who wants to check us. */
#include "api/inside.h"
#include "task/run_files.h"

int eg_run(eg_ctx *ctx, const eg_run_options *o, eg_run_result *result)
{
    Arena *a = ctx->pool ? arena_child(&ctx->err, ctx->arena) : NULL;
    RunFilesReport report = {0};
    const char *folder = NULL;

    if (!a)
        return ctx->err.code;
    Status s = hub_resolve(&ctx->err, a, &ctx->places, o->weights ? o->weights : o->model, &folder);
    RunFilesOptions files = {.folder = folder,
                             .variant = o->weights ? o->model : NULL,
                             .inputs = o->inputs,
                             .outputs = o->outputs,
                             .adapter = o->adapter,
                             .grads = o->grads,
                             .steps = o->steps,
                             .optim = o->optim,
                             .freeze = o->freeze,
                             .n = o->updates,
                             .train = o->train,
                             .isa = ctx->isa};
    if (!s)
        s = run_files(&ctx->err, a, ctx->pool, &files, &report);
    if (!s) {
        api_note(ctx, "%s", report.loaded);
        if (result)
            *result = (eg_run_result){report.outputs, report.grads, report.updates, report.loss};
    }
    arena_free(a);
    return s;
}

/* SPDX-License-Identifier: MIT */
