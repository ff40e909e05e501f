/* train.c - eg_train and eg_plan: the task room behind the public header. */
#include "api/inside.h"

#include <string.h>

static Status choice(Err *e, const char *what, const char *given, const char *const *names, int n,
                     int *out)
{
    if (!given)
        return E_OK;
    for (int i = 0; i < n; i++)
        if (names[i] && strcmp(names[i], given) == 0) {
            *out = i;
            return E_OK;
        }
    fail(e, E_USAGE, "there is no %s \"%s\"", what, given);
    return err_note(e, "expected", "%s or %s", names[1], names[2]);
}

static Status words(Err *e, const eg_train_options *o, TrainOptions *t)
{
    static const char *const task[] = {NULL, "classify", "regression"};
    static const char *const pooling[] = {NULL, "cls", "mean", "last"};
    int kind = 0, pool = 0;

    TRY(choice(e, "task", o->task, task, (int)LEN(task), &kind));
    TRY(choice(e, "pooling", o->pooling, pooling, (int)LEN(pooling), &pool));
    TRY(api_on_bad(e, o->on_bad, &t->bad));
    t->kind = (TaskKind)kind;
    t->pool = o->pooling;
    return E_OK;
}

/* reviews.csv -> reviews, photos/ -> photos; *plain: it had no ending to lose. */
static char *stem_of(Err *e, Arena *a, const char *data, bool *plain)
{
    size_t n = strlen(data);

    while (n > 1 && data[n - 1] == '/')
        n--;
    char *path = arena_strndup(e, a, data, n);
    if (!path)
        return NULL;
    char *name = path + (path_base(path) - path), *dot = strrchr(name, '.');
    *plain = !dot || dot == name || path_kind(arena_sys(a), path) == PATH_DIR;
    if (!*plain)
        *dot = 0;
    return path;
}

Status api_beside(Err *e, Arena *a, const char *data, const char *what, const char **out)
{
    bool plain;
    const char *stem = stem_of(e, a, data, &plain);

    *out = stem ? arena_printf(e, a, "%s-%s", stem, what) : NULL;
    return *out ? E_OK : e->code;
}

/* reviews.csv -> reviews, photos/ -> photos-model */
static const char *default_output(Err *e, Arena *a, const char *data)
{
    bool plain;
    const char *stem = stem_of(e, a, data, &plain);

    return stem && plain ? arena_printf(e, a, "%s-model", stem) : stem;
}

/* A bare file of weights needs a name only where its tensors fit several networks; a network from scratch needs no
 * file at all. */
static Status find_model(eg_ctx *ctx, Arena *a, const eg_train_options *o, TrainOptions *t)
{
    const char *why;

    t->model_name = o->model;
    if (o->weights) {
        t->variant = o->model;
        t->model_name = o->model ? o->model : path_base(o->weights);
        return api_model(ctx, a, o->weights, &t->model);
    }
    if (!o->model) {
        TRY(task_default_model(&ctx->err, a, o->data, &t->model_name, &why));
        api_note(ctx, "model     %s: %s; --model chooses another", t->model_name, why);
    }
    if (!api_model(ctx, a, t->model_name, &t->model))
        return E_OK;
    t->scratch |= task_drawn(t->model_name);
    if (!t->scratch || ctx->err.code != E_NOINPUT)
        return ctx->err.code;
    ctx->err = (Err){0}; /* not on this computer: a network that we know by name may do */
    t->model = NULL;
    t->variant = t->model_name;
    return E_OK;
}

Status api_train_options(eg_ctx *ctx, Arena *a, const eg_train_options *o, TrainOptions *t)
{
    Err *e = &ctx->err;

    *t = (TrainOptions){.data = o->data,
                        .valid = o->valid,
                        .test = o->test,
                        .target = o->target,
                        .adapt = o->adapt,
                        .resume = o->resume,
                        .overwrite = o->overwrite,
                        .accept_data_change = o->accept_data_change,
                        .text = o->text,
                        .second = o->second,
                        .label = o->label,
                        .method = o->method,
                        .scratch = o->scratch,
                        .layer_decay = o->layer_decay,
                        .epochs = (int)o->epochs,
                        .batch = o->batch,
                        .accumulate = o->accumulate,
                        .lr = o->lr,
                        .weight_decay = o->weight_decay,
                        .clip = o->clip,
                        .warmup = o->warmup,
                        .optimizer = o->optimizer,
                        .schedule = o->schedule,
                        .smoothing = o->smoothing,
                        .dropout = o->dropout,
                        .class_weights = o->class_weights,
                        .patience = (int)o->patience,
                        .max_length = o->max_length,
                        .size = o->size,
                        .augment = o->augment,
                        .views = o->views,
                        .batch_norm = o->batch_norm,
                        .labels = o->labels,
                        .per_class = o->per_class,
                        .test_limit = o->test_limit,
                        .valid_share = o->valid_share,
                        .test_share = o->test_share,
                        .seed = (uint64_t)o->seed,
                        .seeds = (int)o->seeds,
                        .no_tuning = o->no_tuning,
                        .no_baselines = o->no_baselines,
                        .checkpoint_steps = o->checkpoint_steps,
                        .checkpoint_seconds = o->checkpoint_seconds};
    if (!o->data)
        return fail(e, E_USAGE, "no data was given to learn from");
    TRY(words(e, o, t));
    t->output = o->output ? o->output : default_output(e, a, o->data);
    if (!t->output)
        return e->code;
    return find_model(ctx, a, o, t);
}

static Status keep_result(eg_ctx *ctx, const TrainResult *r, eg_train_result *out)
{
    *out = (eg_train_result){.output = r->output,
                             .report = r->report,
                             .metric = r->metric,
                             .verdict = r->verdict,
                             .pictures = r->pictures,
                             .classes = r->classes,
                             .train_n = r->train_n,
                             .valid_n = r->valid_n,
                             .test_n = r->test_n,
                             .first_answer_seconds = r->first_answer_seconds,
                             .saved_difference = r->saved_difference,
                             .seeds = r->seeds,
                             .seeds_mean = r->seeds_mean,
                             .seeds_spread = r->seeds_spread};
    for (int i = 0; i < r->rows && i < (int)LEN(out->score); i++) {
        const ScoreRow *s = &r->row[i];

        out->score[out->scores++] = (eg_score){.name = s->name,
                                               .train = s->train,
                                               .valid = s->valid,
                                               .held = s->held,
                                               .valid_loss = s->valid_loss,
                                               .train_n = s->train_n,
                                               .valid_n = s->valid_n,
                                               .held_n = s->held_n,
                                               .low = s->interval.low,
                                               .high = s->interval.high,
                                               .seconds = s->seconds,
                                               .chosen = s->chosen};
        TRY(api_keep(ctx, &out->score[i].name));
    }
    out->domain = (eg_domain){.method = r->domain.method,
                              .targets = r->domain.targets,
                              .strength = r->domain.strength,
                              .risk = r->domain.risk,
                              .plain_risk = r->domain.plain_risk,
                              .accuracy = r->domain.accuracy,
                              .distance_raw = r->domain.distance_raw,
                              .distance_plain = r->domain.distance_plain,
                              .distance = r->domain.distance,
                              .hurts = r->domain.hurts};
    TRY(api_keep(ctx, &out->domain.method));
    TRY(api_keep(ctx, &out->output));
    TRY(api_keep(ctx, &out->report));
    TRY(api_keep(ctx, &out->metric));
    return api_keep(ctx, &out->verdict);
}

int eg_train(eg_ctx *ctx, const eg_train_options *options, eg_train_result *result)
{
    Arena *a = ctx->pool ? arena_child(&ctx->err, ctx->arena) : NULL;
    TaskContext task = api_task(ctx);
    TrainOptions t;
    TrainResult r = {0};

    if (!a)
        return ctx->err.code;
    Status s = api_train_options(ctx, a, options, &t);
    if (!s)
        s = task_train(&ctx->err, a, &task, &t, &r);
    if (!s && result)
        s = keep_result(ctx, &r, result);
    arena_free(a);
    return s;
}

int eg_plan(eg_ctx *ctx, const eg_train_options *options, eg_plan_result *result)
{
    Arena *a = ctx->pool ? arena_child(&ctx->err, ctx->arena) : NULL;
    TaskContext task = api_task(ctx);
    TrainOptions t;
    PlanResult p = {0};

    if (!a)
        return ctx->err.code;
    Status s = api_train_options(ctx, a, options, &t);
    if (!s)
        s = task_plan(&ctx->err, a, &task, &t, &p);
    if (!s) {
        *result = (eg_plan_result){.task = p.task,
                                   .why = p.why,
                                   .train_n = p.train_n,
                                   .valid_n = p.valid_n,
                                   .test_n = p.test_n,
                                   .max_length = p.max_length,
                                   .size = p.size,
                                   .tokens = p.tokens,
                                   .updates = p.updates,
                                   .classes = p.classes,
                                   .parameters = p.step.param_values,
                                   .trained = p.step.trained_values,
                                   .bytes = p.bytes,
                                   .flops = p.flops};
        s = api_keep(ctx, &result->task);
        if (!s)
            s = api_keep(ctx, &result->why);
    }
    arena_free(a);
    return s;
}

/* SPDX-License-Identifier: MIT */
