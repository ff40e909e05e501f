/* explain.c - eg_explain: a training step of a model on 16 texts of 128 tokens, or 16 pictures, in lines. */
#include "api/inside.h"
#include "models/models.h"

/* Of a model on this computer, else of a network that we know by name; what is neither is said as absent. */
static Status open_shape(Err *e, eg_ctx *ctx, Arena *a, const char *name, ModelOptions *o,
                         Model **out)
{
    const char *folder = NULL;
    Err absent;

    o->scratch = true;
    if (!api_model(ctx, a, name, &folder))
        return model_open(e, a, folder, o, out);
    if (e->code != E_NOINPUT)
        return e->code;
    absent = *e;
    *e = (Err){0};
    o->variant = name;
    if (model_open(e, a, NULL, o, out))
        *e = absent;
    return e->code;
}

static Status explain(Err *e, eg_ctx *ctx, Arena *a, const char *name, bool kernels,
                      void (*line)(void *user, const char *text), void *user)
{
    ModelOptions options = {.head = HEAD_AUTO};
    ModelShape shape = {.sequences = 16, .tokens = (int64_t)16 * 128, .labels = true};
    PlanOptions plan_options = {.isa = ctx->isa, .threads = pool_threads(ctx->pool)};
    ModelOutputs out;
    Model *model = NULL;
    Plan *plan;
    Graph *g = graph_new(e, a, MODE_TRAIN);

    if (!g)
        return e->code;
    TRY(open_shape(e, ctx, a, name, &options, &model));
    if (!model)
        return fail(e, E_INTERNAL, "\"%s\" gave no model", name);
    options = (ModelOptions){.head = HEAD_SEQUENCE, .labels = 2};
    if (model->def->input == INPUT_PICTURES) {
        options.head = HEAD_PICTURE;
        shape = (ModelShape){
            .pictures = 16, .height = model->pre.size, .width = model->pre.size, .labels = true};
    }
    TRY(open_shape(e, ctx, a, name, &options, &model));
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
