/* merge.c - eg_merge: an adapter and the base it names become one model. */
#include "api/inside.h"
#include "task/merge_files.h"

static Status no_base(Err *e, const char *adapter)
{
    fail(e, E_NOINPUT, "the adapter does not name its base model");
    err_note(e, "file", "%s/adapter_config.json", adapter);
    return err_note(e, "hint", "--base MODEL names it");
}

static Status find_both(eg_ctx *ctx, Arena *a, const eg_merge_options *o, MergeOptions *m)
{
    Err *e = &ctx->err;
    const char *given;

    if (!o->adapter || !o->output)
        return fail(e, E_USAGE, o->adapter ? "no output folder was given" : "no adapter was given");
    TRY(api_model(ctx, a, o->adapter, &given));
    TRY(merge_about(e, a, given, &m->adapter, &m->base_name));
    if (o->base)
        m->base_name = o->base;
    if (!m->base_name || !*m->base_name)
        return no_base(e, m->adapter);
    Status s = api_model(ctx, a, m->base_name, &m->folder);
    if (s && !o->base)
        return err_note(e, "", "%s names it; --base MODEL takes another", m->adapter);
    return s;
}

static Status merge(eg_ctx *ctx, Arena *a, const eg_merge_options *o, eg_merge_result *result)
{
    MergeOptions m = {.output = o->output, .isa = ctx->isa};
    MergeReport r;

    TRY(find_both(ctx, a, o, &m));
    TRY(merge_files(&ctx->err, a, ctx->pool, &m, &r));
    if (!r.tokenizer)
        api_note(ctx, "note: %s holds no tokenizer to copy", m.folder);
    if (!result)
        return E_OK;
    *result = (eg_merge_result){.base = m.folder,
                                .output = r.output,
                                .layers = r.merged,
                                .difference = r.difference,
                                .largest = r.largest};
    TRY(api_keep(ctx, &result->base));
    return api_keep(ctx, &result->output);
}

int eg_merge(eg_ctx *ctx, const eg_merge_options *options, eg_merge_result *result)
{
    Arena *a = ctx->pool ? arena_child(&ctx->err, ctx->arena) : NULL;

    if (!a)
        return ctx->err.code;
    Status s = merge(ctx, a, options, result);
    arena_free(a);
    return s;
}

/* SPDX-License-Identifier: MIT */
