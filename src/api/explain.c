/* explain.c - eg_explain: a training step of a model on 16 texts of 128 tokens, or 16 pictures, in lines. */
#include "api/inside.h"
#include "models/models.h"

static Status explain(Err *e, eg_ctx *ctx, Arena *a, const char *name, bool kernels,
                      void (*line)(void *user, const char *text), void *user)
{
    ModelOptions options = {.head = HEAD_AUTO, .scratch = true};
    ModelShape shape = {.sequences = 16, .tokens = (int64_t)16 * 128, .labels = true};
    PlanOptions plan_options = {.isa = ctx->isa, .threads = pool_threads(ctx->pool)};
    ModelOutputs out;
    const char *folder;
    Model *model;
    Plan *plan;
    Graph *g = graph_new(e, a, MODE_TRAIN);

    if (!g)
        return e->code;
    TRY(api_model(ctx, a, name, &folder));
    TRY(model_open(e, a, folder, &options, &model));
    options = (ModelOptions){.head = HEAD_SEQUENCE, .labels = 2};
    if (model->def->input == INPUT_PICTURES) {
        options.head = HEAD_PICTURE;
        shape = (ModelShape){
            .pictures = 16, .height = model->pre.size, .width = model->pre.size, .labels = true};
    }
    TRY(model_open(e, a, folder, &options, &model));
    TRY(model_build(e, model, g, NULL, &shape, &out));
    TRY(graph_backward(e, g));
    TRY(plan_make(e, a, g, &plan_options, &plan));
    plan_explain(plan, kernels, line, user);
    return E_OK;
}

int eg_explain(eg_ctx *ctx, const char *model, int kernels,
               void (*line)(void *user, const char *text), void *user)
{
    Arena *a = ctx->pool ? arena_child(&ctx->err, ctx->arena) : NULL;

    if (!a)
        return ctx->err.code;
    Status s = explain(&ctx->err, ctx, a, model, kernels != 0, line, user);
    arena_free(a);
    return s;
}

/* SPDX-License-Identifier: MIT */
