/* pretrain.c - learning on from plain text without labels: text to a stream of tokens, rows without padding, the loop of
 * tuning over them, the saved folder. */
#include "task/pretrain_inside.h"

#include "task/folder.h"

#include <math.h>
#include <string.h>

#define LENGTH_MAX 512 /* unasked */

static Status check(Err *e, const PretrainOptions *o, const Model *m)
{
    if (o->length < 2 || o->length > m->max_length)
        return fail(e, E_USAGE, "a row of %lld tokens cannot be; the model takes 2 to %lld",
                    (long long)o->length, (long long)m->max_length);
    if (o->batch < 1 || o->batch > 65536 || o->accumulate < 1 || o->accumulate > 65536)
        return fail(e, E_USAGE, "%lld rows a step and %lld steps an update cannot be",
                    (long long)o->batch, (long long)o->accumulate);
    if (o->batch * o->length > INT32_MAX / 2)
        return fail(e, E_USAGE,
                    "%lld tokens a step cannot be; a smaller --batch-size with "
                    "--grad-accum learns alike",
                    (long long)(o->batch * o->length));
    if (o->epochs < 1 || o->epochs > 100000)
        return fail(e, E_USAGE, "%lld epochs cannot be", (long long)o->epochs);
    if (!(o->valid_share < 1))
        return fail(e, E_USAGE, "a held-out share of %g; it must be below 1", o->valid_share);
    return E_OK;
}

static Status settings(Err *e, Pretraining *p, const Model *m)
{
    PretrainOptions *o = &p->o;
    Err ignored = {0};

    o->schedule = o->schedule ? o->schedule : "cosine";
    o->length = o->length ? o->length : m->max_length < LENGTH_MAX ? m->max_length : LENGTH_MAX;
    o->batch = o->batch ? o->batch : 8;
    o->accumulate = o->accumulate ? o->accumulate : 1;
    o->epochs = o->epochs ? o->epochs : 1;
    o->lr = or_default(o->lr, o->scratch ? 6e-4 : 5e-5);
    o->weight_decay = or_default(o->weight_decay, 0.01);
    o->clip = or_default(o->clip, 1);
    o->warmup = or_default(o->warmup, 0.05);
    o->valid_share = or_default(o->valid_share, 0.05);
    p->licence = read_licence(&ignored, p->a, o->model);
    TRY(check(e, o, m));
    long long update = o->batch * o->accumulate;
    event_say(&p->c->events, EVENT_SAY, "objective %s: %s; rows of %lld tokens, %lld an update%s",
              p->objective->name, p->objective->summary, (long long)o->length, update,
              o->scratch ? "; from scratch" : "");
    event_say(&p->c->events, EVENT_SAY,
              "settings  %lld epoch%s, AdamW, rate %g %s, warm-up %g, decay %g, clip %g",
              (long long)o->epochs, o->epochs == 1 ? "" : "s", o->lr, o->schedule, o->warmup,
              o->weight_decay, o->clip);
    return E_OK;
}

/* All that decides the bits of the result. */
static Status hash_settings(Err *e, Pretraining *p)
{
    const PretrainOptions *o = &p->o;
    char hex[65];
    Sha256 sha;
    const char *text = arena_printf(
        e, p->a, "%s|%s|%d|%s|%lld|%lld|%lld|%lld|%a|%a|%a|%a|%a|%a|%llu", p->objective->name,
        o->model_name, o->scratch, o->schedule, (long long)o->length, (long long)o->batch,
        (long long)o->accumulate, (long long)o->epochs, o->lr, o->weight_decay, o->clip, o->warmup,
        o->dropout, o->valid_share, (unsigned long long)o->seed);

    if (!text)
        return err_failed(e->code);
    sha256_start(&sha);
    sha256_add(&sha, text, strlen(text));
    sha256_end(&sha, hex);
    p->config_hash = arena_strndup(e, p->a, hex, 64);
    return p->config_hash ? E_OK : e->code;
}

static Status open_model(Err *e, Pretraining *p)
{
    const PretrainOptions *o = &p->o;
    ModelOptions mo = {.head = HEAD_NONE, .dropout = (float)o->dropout, .scratch = o->scratch};
    Method *method;
    Model *m;

    TRY(model_open(e, p->a, o->model, &mo, &m)); /* which family it is of */
    TRY(objective_find(e, o->objective, m, &p->objective));
    p->r->objective = p->objective->name;
    mo.head = p->objective->head;
    TRY(model_open(e, p->a, o->model, &mo, &m));
    MethodTarget target = target_of_model(m);
    TRY(method_parse(e, p->a, "full", &target, &method));
    p->model = m;
    p->method = method;
    TRY(settings(e, p, m));
    TRY(tokenizer_open(e, p->a, o->model, &p->tokenizer));
    return objective_vocabulary(e, p->objective, p->tokenizer, m, &p->vocabulary);
}

static Status read_text(Err *e, Pretraining *p)
{
    TokenRows *t = &p->rows;
    const Events *ev = &p->c->events;
    PretrainResult *r = p->r;
    const RowSource from = {p->o.data, p->tokenizer, p->model, p->objective->around, ev};

    TRY(token_rows_read(e, p->a, &from, t));
    TRY(token_rows_cut(e, t, p->o.data, p->o.length, p->o.valid_share));
    event_say(ev, EVENT_SAY, "text      %s, %lld document%s, %lld tokens (%.2f bytes each)%s",
              t->encoding, (long long)t->documents, t->documents == 1 ? "" : "s", (long long)t->n,
              (double)t->bytes / (double)t->n,
              t->end < 0 ? "; the model has no end of text to put between them" : "");
    event_say(ev, EVENT_SAY, "rows      %lld to learn from, %lld held out (the end of the file)",
              (long long)t->train, (long long)(t->rows - t->train));
    r->documents = t->documents;
    r->tokens = t->n;
    r->rows = t->rows;
    r->train_rows = t->train;
    for (int64_t i = t->train; i < t->rows; i++)
        r->held += p->objective->labels(t, i);
    return E_OK;
}

static Status open_nets(Err *e, Pretraining *p)
{
    Arena *a = p->a;
    LoadReport report;
    PlanSummary s;
    int made;

    if (p->o.batch > p->rows.train)
        p->o.batch = p->rows.train;
    p->offset = NEWS(e, a, int32_t, p->o.batch + 1);
    p->sample = NEWS(e, a, uint32_t, p->o.batch);
    p->row = NEWS(e, a, int64_t, p->o.batch);
    p->params = params_new(e, a);
    if (!p->offset || !p->sample || !p->row || !p->params)
        return err_failed(e->code);
    TRY(rownet_open(e, a, p, p->model, &p->fit.optim, &p->train));
    TRY(rownet_open(e, a, p, p->model, NULL, &p->eval));
    TRY(model_load(e, a, p->model, p->train.graph, p->params, &report));
    TRY(params_init_missing(e, p->params, p->train.graph, p->o.seed, &made));
    TRY(run_new(e, a, p->train.plan, p->params, p->c->pool, p->o.seed, &p->train.run));
    TRY(run_new(e, a, p->eval.plan, p->params, p->c->pool, p->o.seed, &p->eval.run));
    plan_summary(p->train.plan, &s);
    long long tokens = p->o.batch * p->rows.length;
    event_say(&p->c->events, EVENT_SAY, "model     %s; %.2f million numbers train", report.text,
              (double)s.trained_values / 1e6);
    event_say(&p->c->events, EVENT_SAY,
              "memory    %.0f MiB for weights, %.0f MiB for a step of %lld tokens",
              (double)(s.param_values * 4 + (int64_t)s.state_bytes) / 1048576,
              (double)(s.value_bytes + s.input_bytes + s.scratch_bytes) / 1048576, tokens);
    return E_OK;
}

static Status open_fit(Err *e, Pretraining *p)
{
    const PretrainOptions *o = &p->o;
    Fit *f = &p->fit;
    const char *folder = arena_printf(e, p->a, "%s/engraft/checkpoints", o->output);
    StoreKey key = {"pretrain", p->rows.fingerprint, p->config_hash, o->accept_data_change};

    if (!folder)
        return err_failed(e->code);
    p->samples = pretrain_samples(p);
    p->updates = (p->rows.train - 1) / (o->batch * o->accumulate) + 1;
    f->run = p->train.run;
    f->params = p->params;
    f->graph = p->train.graph;
    f->train = &p->samples;
    f->loss = p->train.out.loss[0].name;
    f->evaluate = p->rows.rows > p->rows.train ? pretrain_evaluate : NULL;
    f->evaluate_arg = p;
    f->events = p->c->events;
    f->opt = (FitOptions){.epochs = (int)o->epochs,
                          .batch = o->batch,
                          .accumulate = o->accumulate,
                          .seed = o->seed,
                          .checkpoint_steps = o->checkpoint_steps,
                          .checkpoint_seconds = o->checkpoint_seconds};
    return store_open(e, p->a, folder, &key, &f->events, &f->store);
}

static Status set_optim(Err *e, Pretraining *p)
{
    Optim *optim = &p->fit.optim;

    TRY(optim_parse(e, "adamw", optim));
    optim->lr = p->o.lr;
    optim->weight_decay = p->o.weight_decay;
    optim->clip = p->o.clip;
    optim->warmup = p->o.warmup;
    if (schedule_parse(p->o.schedule, strlen(p->o.schedule), &optim->schedule))
        return E_OK;
    fail(e, E_USAGE, "there is no schedule \"%s\"", p->o.schedule);
    return err_note(e, "expected", "linear, cosine or constant");
}

/* The loss before the first update, on what is held out. */
static Status before(Err *e, Pretraining *p)
{
    const TokenRows *t = &p->rows;

    p->r->before = p->r->after = (double)NAN;
    if (t->rows == t->train)
        return E_OK;
    TRY(rownet_loss(e, p, &p->eval, t->train, t->rows - t->train, &p->r->before));
    event_say(&p->c->events, EVENT_SAY, "before    perplexity %.3f on %lld held-out tokens",
              exp(p->r->before), (long long)p->r->held);
    return E_OK;
}

static Status learn(Err *e, Pretraining *p)
{
    const FitRow *best = NULL;
    Fit *f = &p->fit;

    event_send(
        &p->c->events,
        &(Event){.kind = EVENT_STAGE, .text = "learning", .steps = p->updates * p->o.epochs});
    p->began = clock_seconds();
    Status s = fit(e, p->a, f);
    if (s == E_STOPPED)
        return err_note(e, "hint", "the same command with --resume goes on where it stopped");
    TRY(s);
    if (!f->evaluate)
        p->r->tokens_per_second = (double)p->learned / (clock_seconds() - p->began);
    for (int i = 0; i < f->rows; i++)
        if (f->history[i].best)
            best = &f->history[i];
    if (best)
        p->r->after = f->evaluate ? best->valid_loss : best->train_loss;
    p->r->epochs = p->o.epochs;
    p->r->updates = f->step;
    p->r->weights_hash = f->weights_hash;
    p->r->state_hash = f->state_hash;
    return E_OK;
}

Status task_pretrain(Err *e, Arena *a, const TaskContext *c, const PretrainOptions *o,
                     PretrainResult *out)
{
    Pretraining *p = NEW(e, a, Pretraining);

    *out = (PretrainResult){.output = o->output};
    if (!p)
        return err_failed(e->code);
    *p = (Pretraining){.a = a, .c = c, .o = *o, .r = out};
    TRY(open_model(e, p));
    TRY(set_optim(e, p));
    TRY(read_text(e, p));
    TRY(hash_settings(e, p));
    TRY(run_folder(e, a, o->output, o->overwrite, o->resume));
    TRY(open_nets(e, p));
    TRY(open_fit(e, p));
    TRY(before(e, p));
    TRY(learn(e, p));
    TRY(pretrain_save(e, p));
    const char *says = arena_printf(e, a, "perplexity %.9g", exp(out->after));
    return says ? run_finished(e, a, o->output, says) : err_failed(e->code);
}

/* SPDX-License-Identifier: MIT */
