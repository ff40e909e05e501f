/* train.c - learning from samples of any kind: the answer that comes first, what needs no network, tuning,
 * judgement on the test part, the saved folder. */
#include "data/features.h"
#include "task/folder.h"
#include "task/tune.h"

#include <math.h>
#include <string.h>

static Status open_job(Err *e, Job *j, bool folder)
{
    Err ignored = {0};

    j->r->metric = "accuracy";
    j->r->tuned = j->r->frozen = -1;
    j->r->output = j->o.output;
    TRY(job_settings(e, j));
    TRY(job_data(e, j));
    j->r->metric = j->regression ? "Spearman" : "accuracy";
    j->r->regression = j->regression;
    j->r->pictures = j->kind == &sample_picture;
    j->r->classes = j->regression ? 0 : j->outputs;
    j->r->train_n = j->part.n[PART_TRAIN];
    j->r->valid_n = j->part.n[PART_VALID];
    j->r->test_n = j->part.n[PART_TEST];
    const char *stated = j->o.model ? read_licence(&ignored, j->a, j->o.model) : NULL;
    j->licence = stated ? stated : j->licence; /* else that of the network as we know it */
    if (j->o.model || !model_drawn(j->o.variant))
        event_say(&j->c->events, EVENT_SAY, "licence   base model %s: %s", j->o.model_name,
                  j->licence ? j->licence : "not stated in its folder");
    if (folder)
        TRY(job_folder(e, j));
    TRY(j->kind->prepare(e, j));
    return job_config_hash(e, j);
}

/* Mean and spread of the tuned model over seeds, on the test part. */
static Status over_seeds(Err *e, Job *j)
{
    double sum = 0, square = 0, score;
    int n = j->seeds_done;

    for (int i = 0; i < n; i++) {
        TRY(job_score_part(e, j, j->seed_out[i], PART_TEST, NULL, &score));
        sum += score;
        square += score * score;
    }
    j->r->seeds = n;
    j->r->seeds_mean = n ? sum / n : 0;
    double spread = n > 1 ? (square - sum * sum / n) / (n - 1) : 0;
    j->r->seeds_spread = spread > 0 ? sqrt(spread) : 0;
    return E_OK;
}

static Status stopped(Err *e, Job *j)
{
    TRY(job_save_run(e, j));
    fail(e, E_STOPPED, "stopped during tuning; what was learned so far is kept");
    err_note(e, "saved", "%s: %s", j->o.output,
             j->r->tuning_won ? "the best epoch so far"
             : j->frozen.out  ? "frozen features and a linear head"
                              : "checkpoints only");
    return err_note(e, "hint", "the same command with --resume goes on where it stopped");
}

static Status finish(Err *e, Job *j)
{
    TRY(job_rows(e, j));
    TRY(over_seeds(e, j));
    TRY(job_save_run(e, j));
    TRY(job_card(e, j));
    TRY(job_report(e, j));
    return run_finished(e, j->a, j->o.output, j->r->verdict);
}

static Status learn(Err *e, Job *j)
{
    TRY(open_job(e, j, true));
    if (!j->o.scratch)
        TRY(job_first_answer(e, j));
    TRY(job_majority(e, j));
    if (!j->o.no_baselines)
        TRY(j->kind->baseline(e, j));
    if (!j->o.no_tuning || j->o.scratch)
        TRY(job_tune(e, j));
    if (j->stopped)
        return stopped(e, j);
    return finish(e, j);
}

static Status kind_of(Err *e, Arena *a, const char *data, const SampleKind **kind)
{
    bool pictures, features = false;

    TRY(pictures_told(e, a, data, &pictures));
    *kind = pictures ? &sample_picture : &sample_text;
    if (!pictures)
        TRY(features_told(e, a, data, &features));
    *kind = features ? &sample_numbers : *kind;
    return E_OK;
}

bool task_drawn(const char *name)
{
    return model_drawn(name) != NULL;
}

Status task_default_model(Err *e, Arena *a, const char *data, const char **name, const char **why)
{
    const SampleKind *kind;

    TRY(kind_of(e, a, data, &kind));
    *name = kind->model;
    *why = kind->model_why;
    return E_OK;
}

Status task_train(Err *e, Arena *a, const TaskContext *c, const TrainOptions *o, TrainResult *out)
{
    Job *j = NEW(e, a, Job);

    *out = (TrainResult){0};
    if (!j)
        return err_failed(e->code);
    *j = (Job){.a = a, .c = c, .o = *o, .r = out, .began = clock_seconds()};
    TRY(kind_of(e, a, o->data, &j->kind));
    Status s = learn(e, j);
    if (s == E_STOPPED && !j->stopped)
        err_note(e, "hint", "the same command with --resume goes on, --overwrite begins anew");
    return s;
}

/* ---- what it would take ---- */

Status task_plan(Err *e, Arena *a, const TaskContext *c, const TrainOptions *o, PlanResult *out)
{
    Job *j = NEW(e, a, Job);
    TrainResult *r = NEW(e, a, TrainResult);
    Optim optim;
    Model *m;
    Method *method;
    TaskNet net;

    *out = (PlanResult){0};
    if (!j || !r)
        return err_failed(e->code);
    *j = (Job){.a = a, .c = c, .o = *o, .r = r};
    TRY(kind_of(e, a, o->data, &j->kind));
    TRY(open_job(e, j, false));
    TRY(job_tuned_optim(e, j, &optim));
    TRY(job_open_tuned(e, j, a, &m, &method));
    net = (TaskNet){.model = m, .method = method};
    Lesson lesson = job_lesson(j);
    TRY(job_tuned_plan(e, j, &lesson, a, &optim, NET_WHOLE, &net));
    plan_summary(net.plan, &out->step);
    out->task = j->regression ? "regression" : "classify";
    if (j->kind == &sample_picture)
        out->why = arena_printf(e, a, "pictures, label \"%s\"", j->label_name);
    else if (j->kind == &sample_numbers)
        out->why = arena_printf(e, a, "rows of %lld numbers, label \"%s\"",
                                (long long)j->reader.size, j->label_name);
    else
        out->why = arena_printf(e, a, "text \"%s\"%s%s, label \"%s\"", j->text_name,
                                j->second_name ? ", second " : "",
                                j->second_name ? j->second_name : "", j->label_name);
    out->train_n = j->part.n[PART_TRAIN];
    out->valid_n = j->part.n[PART_VALID];
    out->test_n = j->part.n[PART_TEST];
    out->classes = r->classes;
    out->fingerprint = j->fingerprint;
    out->max_length = j->kind == &sample_text ? j->set.longest : 0;
    out->size = j->o.size;
    out->tokens = set_units_of(&j->set, j->part.row[PART_TRAIN], out->train_n);
    out->capacity = net.options.units;
    int64_t update = j->o.batch * j->o.accumulate;
    out->updates = (out->train_n + update - 1) / update * j->o.epochs;
    out->bytes = (size_t)out->step.param_values * 4 + out->step.value_bytes +
                 out->step.input_bytes + out->step.state_bytes + out->step.scratch_bytes +
                 (size_t)out->step.trained_values * 4; /* the best epoch's copy */
    out->flops = out->step.flops / (double)net.options.units * (double)out->tokens * j->o.epochs;
    return out->why ? E_OK : e->code;
}

/* SPDX-License-Identifier: MIT */
