/* tune.c - tuning the network by the method asked for, once for each seed; the best by validation is kept. */
#include "task/tune.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* On the validation part: epoch's end. */
static Status evaluate(Err *e, void *arg, FitScore *out)
{
    Tuning *t = arg;
    const Job *j = t->j;
    const int64_t *row = j->part.row[PART_VALID], n = j->part.n[PART_VALID];
    Arena *scratch = arena_child(e, t->a);
    float *z = scratch ? NEWS(e, scratch, float, n * j->outputs + 1) : NULL;

    if (!z)
        return err_failed(e->code);
    TRY(tasknet_each(e, j->c, &t->eval, &(Ask){&j->set, row, n, "logits", j->outputs, NULL}, z));
    if (!j->regression)
        softmax_rows(z, n, j->outputs);
    for (int64_t i = 0; i < n; i++)
        memcpy(t->out + row[i] * j->outputs, z + i * j->outputs, (size_t)j->outputs * sizeof *z);
    arena_free(scratch);
    return job_score_part(e, j, t->out, PART_VALID, &out->loss, &out->score);
}

static Status open_store(Err *e, Tuning *t)
{
    Job *j = t->j;
    const char *run = arena_printf(e, t->a, "seed-%llu%s%s", (unsigned long long)t->seed,
                                   t->lesson.name ? "-" : "", t->lesson.name ? t->lesson.name : "");
    const char *folder = arena_printf(e, t->a, "%s/engraft/checkpoints/%s", j->o.output, run);
    StoreKey key = {run, j->fingerprint, j->config_hash, j->o.accept_data_change};

    if (!run || !folder)
        return err_failed(e->code);
    return store_open(e, t->a, folder, &key, &t->fit.events, &t->fit.store);
}

static Status open_fit(Err *e, Tuning *t)
{
    Job *j = t->j;
    const TrainOptions *o = &j->o;
    Fit *f = &t->fit;

    t->feed.row = t->lesson.row;
    t->feed.label = t->lesson.label;
    t->feed.target = j->target;
    t->feed.class_weight = j->weight;
    t->feed.classes = j->outputs;
    t->samples = (Samples){.n = t->lesson.n,
                           .set = &t->feed,
                           .weight = j->weight ? feed_weight : NULL,
                           .fill = feed_fill};
    if (t->lesson.targets)
        TRY(domain_feed(e, t));
    f->run = t->train.run;
    f->params = t->params;
    f->graph = t->train.graph;
    f->train = &t->samples;
    f->loss = t->train.out.loss[0].name;
    f->evaluate = j->part.n[PART_VALID] > 0 ? evaluate : NULL;
    f->evaluate_arg = t;
    f->metric = j->r->metric;
    f->events = j->c->events;
    f->events.fn = t->lesson.quiet ? NULL : f->events.fn;
    f->opt = (FitOptions){.epochs = o->epochs,
                          .batch = o->batch,
                          .accumulate = o->accumulate,
                          .patience = t->lesson.last ? 0 : o->patience,
                          .last = t->lesson.last,
                          .seed = t->seed,
                          .checkpoint_steps = o->checkpoint_steps,
                          .checkpoint_seconds = o->checkpoint_seconds};
    return open_store(e, t);
}

/* After a stop the answers are still computed, whatever the flag says. */
static Status answer_all(Err *e, Tuning *t, const int64_t *row, int64_t n)
{
    Job *j = t->j;
    TaskContext quiet = *j->c;
    Arena *scratch = arena_child(e, t->a);
    float *z = scratch ? NEWS(e, scratch, float, n * j->outputs + 1) : NULL;

    if (!z)
        return err_failed(e->code);
    quiet.events.stop = NULL;
    TRY(tasknet_each(e, &quiet, &t->eval, &(Ask){&j->set, row, n, "logits", j->outputs, NULL}, z));
    if (!j->regression)
        softmax_rows(z, n, j->outputs);
    for (int64_t i = 0; i < n; i++)
        memcpy(t->out + (row ? row[i] : i) * j->outputs, z + i * j->outputs,
               (size_t)j->outputs * sizeof *z);
    arena_free(scratch);
    return E_OK;
}

Lesson job_lesson(const Job *j)
{
    return (Lesson){.row = j->part.row[PART_TRAIN], .n = j->part.n[PART_TRAIN], .label = j->label};
}

Status tuning_run(Err *e, Tuning *t, bool *stopped)
{
    Job *j = t->j;

    t->out = NEWS(e, j->a, float, (j->n + j->targets) * j->outputs + 1);
    if (!t->out)
        return err_failed(e->code);
    TRY(tuning_open(e, t));
    TRY(open_fit(e, t));
    event_send(&t->fit.events, &(Event){.kind = EVENT_STAGE,
                                        .text = "tuning",
                                        .steps = (t->lesson.n + j->o.batch * j->o.accumulate - 1) /
                                                 (j->o.batch * j->o.accumulate) * j->o.epochs});
    Status code = fit(e, t->a, &t->fit);
    if (code && code != E_STOPPED)
        return code;
    *stopped = code == E_STOPPED;
    if (*stopped && t->fit.rows == 0)
        return E_OK;
    if (*stopped)
        return answer_all(e, t, j->part.row[PART_VALID], j->part.n[PART_VALID]);
    return answer_all(e, t, NULL, j->n + j->targets);
}

Status tuning_keep(Err *e, Tuning *t)
{
    Job *j = t->j;

    j->tuned.out = t->out;
    j->best_epoch = t->fit.best_epoch;
    j->history_rows = t->fit.rows;
    j->updates = t->fit.step;
    j->weights_hash = t->fit.weights_hash;
    j->state_hash = t->fit.state_hash;
    j->history = NEWS(e, j->a, FitRow, t->fit.rows + 1);
    if (!j->history)
        return err_failed(e->code);
    for (int i = 0; i < t->fit.rows; i++)
        j->history[i] = t->fit.history[i];
    return job_score_part(e, j, t->out, PART_VALID, &j->tuned.valid_loss,
                          &j->tuned.score[PART_VALID]);
}

static bool better(const Scores *x, const Scores *than)
{
    double a = x->score[PART_VALID], b = than->score[PART_VALID];

    return !than->out || a > b || (a == b && x->valid_loss < than->valid_loss);
}

static Status tune_seed(Err *e, Job *j, int i, Tuning **best)
{
    Arena *a = arena_child(e, j->a);
    Tuning *t = a ? NEW(e, a, Tuning) : NULL; /* its nets know each other by address */
    Scores now = {0};

    if (!t)
        return err_failed(e->code);
    *t = (Tuning){.j = j, .a = a, .seed = j->o.seed + (uint64_t)i, .lesson = job_lesson(j)};
    if (j->o.seeds > 1)
        event_say(&j->c->events, EVENT_SAY, "seed      %llu (%d of %d)",
                  (unsigned long long)t->seed, i + 1, j->o.seeds);
    TRY(tuning_run(e, t, &j->stopped));
    j->seed_out[i] = t->out;
    j->seeds_done += !j->stopped;
    if (j->stopped && t->fit.rows == 0)
        return E_OK;
    TRY(job_score_part(e, j, t->out, PART_VALID, &now.valid_loss, &now.score[PART_VALID]));
    if (!better(&now, &j->tuned)) {
        arena_free(a);
        return E_OK;
    }
    if (*best)
        arena_free((*best)->a);
    *best = t;
    return tuning_keep(e, t);
}

Status job_tune(Err *e, Job *j)
{
    Tuning *best = NULL;
    double began = clock_seconds();

    if (j->domain)
        return job_tune_domain(e, j);
    j->tuned.name = !j->o.model && model_drawn(j->o.variant) ? j->o.model_name
                    : j->o.scratch                           ? "the same network from scratch"
                                   : arena_printf(e, j->a, "tuned (%s)", j->o.method);
    j->seed_out = NEWS(e, j->a, float *, j->o.seeds + 1);
    if (!j->tuned.name || !j->seed_out)
        return err_failed(e->code);
    for (int i = 0; i < j->o.seeds && !j->stopped; i++)
        TRY(tune_seed(e, j, i, &best));
    j->tuned.seconds = clock_seconds() - began;
    j->r->tuning_won = best && (j->part.n[PART_VALID] == 0 || better(&j->tuned, &j->frozen));
    if (j->r->tuning_won)
        TRY(job_save_net(e, j, &best->eval, best->params));
    return E_OK;
}

/* SPDX-License-Identifier: MIT */
