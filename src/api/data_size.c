/* data_size.c - eg_study_data_size: the curve of labels, behind the public header. */
#include "study/data_size.h"
#include "api/inside.h"

static Status keep_result(eg_ctx *ctx, const SizeResult *r, eg_size_result *out)
{
    *out = (eg_size_result){.output = r->output,
                            .report = r->report,
                            .runs = r->runs,
                            .metric = r->metric,
                            .verdict = r->verdict,
                            .all = r->all,
                            .judged = r->judged,
                            .seeds = r->seeds,
                            .made = r->made};
    for (int i = 0; i < r->points && i < (int)LEN(out->point); i++) {
        const SizePoint *p = &r->point[i];

        out->point[out->points++] = (eg_size_point){.labels = p->labels,
                                                    .released_seeds = p->released.n,
                                                    .scratch_seeds = p->fresh.n,
                                                    .released = p->released.mean,
                                                    .released_spread = p->released.sd,
                                                    .scratch = p->fresh.mean,
                                                    .scratch_spread = p->fresh.sd,
                                                    .released_work = p->work[0],
                                                    .scratch_work = p->work[1]};
    }
    for (int i = 0; i < r->worths && i < (int)LEN(out->worth); i++) {
        const SizeWorth *w = &r->worth[i];

        out->worth[out->worths++] = (eg_size_worth){.labels = w->labels,
                                                    .seeds = w->seeds,
                                                    .reached = w->reached,
                                                    .score = w->score,
                                                    .factor = w->factor,
                                                    .low = w->low,
                                                    .high = w->high,
                                                    .work = w->work};
    }
    TRY(api_keep(ctx, &out->output));
    TRY(api_keep(ctx, &out->report));
    TRY(api_keep(ctx, &out->runs));
    TRY(api_keep(ctx, &out->metric));
    return api_keep(ctx, &out->verdict);
}

int eg_study_data_size(eg_ctx *ctx, const eg_size_options *options, eg_size_result *result)
{
    Arena *a = ctx->pool ? arena_child(&ctx->err, ctx->arena) : NULL;
    TaskContext task = api_task(ctx);
    eg_train_options train = options->train;
    SizeOptions o = {.labels = options->labels,
                     .scratch = options->scratch,
                     .scratch_lr = options->scratch_lr,
                     .updates = options->updates};
    Status s = E_OK;
    SizeResult r;

    if (!a)
        return ctx->err.code;
    if (train.data && !train.output)
        s = api_beside(&ctx->err, a, train.data, "data-size", &train.output);
    if (!s)
        s = api_train_options(ctx, a, &train, &o.train);
    if (!s)
        s = study_data_size(&ctx->err, a, &task, &o, &r);
    if (!s && result)
        s = keep_result(ctx, &r, result);
    arena_free(a);
    return s;
}

/* SPDX-License-Identifier: MIT */
