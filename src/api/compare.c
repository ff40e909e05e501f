/* compare.c - eg_compare: methods side by side, behind the public header. */
#include "study/compare.h"
#include "api/inside.h"

static Status keep_row(eg_ctx *ctx, const CompareRow *row, eg_compare_row *out)
{
    *out = (eg_compare_row){.method = row->method,
                            .folder = row->folder,
                            .held = row->held.mean,
                            .spread = row->held.sd,
                            .less = row->less.mean,
                            .low = row->less.low,
                            .high = row->less.high,
                            .trained = row->trained,
                            .bytes = row->bytes,
                            .seconds = row->seconds,
                            .work = row->work};
    TRY(api_keep(ctx, &out->method));
    return api_keep(ctx, &out->folder);
}

static Status keep_result(eg_ctx *ctx, const CompareResult *r, eg_compare_result *out)
{
    *out = (eg_compare_result){.output = r->output,
                               .report = r->report,
                               .runs = r->runs,
                               .metric = r->metric,
                               .verdict = r->verdict,
                               .learned = r->learned,
                               .judged = r->judged,
                               .seeds = r->seeds,
                               .made = r->made,
                               .best = r->best,
                               .smallest = r->smallest};
    for (int i = 0; i < r->rows && i < (int)LEN(out->row); i++)
        TRY(keep_row(ctx, &r->row[i], &out->row[out->rows++]));
    TRY(api_keep(ctx, &out->output));
    TRY(api_keep(ctx, &out->report));
    TRY(api_keep(ctx, &out->runs));
    TRY(api_keep(ctx, &out->metric));
    return api_keep(ctx, &out->verdict);
}

int eg_compare(eg_ctx *ctx, const eg_compare_options *options, eg_compare_result *result)
{
    Arena *a = ctx->pool ? arena_child(&ctx->err, ctx->arena) : NULL;
    TaskContext task = api_task(ctx);
    eg_train_options train = options->train;
    CompareOptions o = {.methods = options->methods};
    CompareResult r;

    if (!a)
        return ctx->err.code;
    Status s = E_OK;
    if (train.data && !train.output)
        s = api_beside(&ctx->err, a, train.data, "compare", &train.output);
    if (!s)
        s = api_train_options(ctx, a, &train, &o.train);
    if (!s)
        s = study_compare(&ctx->err, a, &task, &o, &r);
    if (!s && result)
        s = keep_result(ctx, &r, result);
    arena_free(a);
    return s;
}

/* SPDX-License-Identifier: MIT */
