/* tune_nets.c - the networks of a tuning: the one that learns and the one that evaluates, over the same weights. */
#include "task/tune.h"

#include <string.h>

Status job_open_tuned(Err *e, Job *j, Arena *a, Model **model, Method **method)
{
    ModelOptions o = {.head = j->kind->head(j, false),
                      .labels = j->outputs,
                      .label = j->regression ? NULL : j->labels.name,
                      .problem = j->regression ? PROBLEM_REGRESSION : PROBLEM_SINGLE,
                      .dropout = (float)j->o.dropout,
                      .scratch = j->o.scratch};

    TRY(job_model(e, j, a, &o, model));
    MethodTarget target = target_of_model(*model);
    target.statistics = job_statistics(j);
    return method_parse(e, a, j->o.method, &target, method);
}

Status job_tuned_optim(Err *e, const Job *j, Optim *out)
{
    const TrainOptions *o = &j->o;

    TRY(optim_parse(e, o->optimizer, out));
    out->lr = o->lr;
    out->weight_decay = o->weight_decay;
    out->clip = o->clip;
    out->warmup = o->warmup;
    schedule_parse(o->schedule, strlen(o->schedule), &out->schedule);
    return E_OK;
}

/* Rows of the other domain come beside as many of this one. */
static Status capacity(Err *e, Arena *a, const Job *j, const Lesson *l, NetOptions *o)
{
    int64_t units;

    TRY(set_capacity(e, a, &j->set, l->row, l->n, o->samples, &o->units));
    if (!l->targets)
        return E_OK;
    TRY(set_capacity(e, a, &j->set, l->target, l->targets, o->samples, &units));
    if (l->targets < o->samples) /* some come twice */
        units *= (o->samples + l->targets - 1) / l->targets;
    o->units += units;
    o->samples *= 2;
    return E_OK;
}

Status job_tuned_plan(Err *e, Job *j, const Lesson *l, Arena *a, const Optim *optim, NetPart part,
                      TaskNet *out)
{
    NetOptions o = {.mode = MODE_TRAIN,
                    .part = part,
                    .samples = j->o.batch < l->n ? j->o.batch : l->n,
                    .domain = l->targets ? j->domain : NULL,
                    .labels = true,
                    .class_weights = j->weight != NULL,
                    .smoothing = (float)j->o.smoothing,
                    .optim = optim,
                    .accumulate = j->o.accumulate > 1};

    out->reader = &j->reader;
    TRY(capacity(e, a, j, l, &o));
    return tasknet_plan(e, a, j->c, &o, out);
}

/* Of all epochs: a step's, by its units. */
static double tuning_flops(const Tuning *t, const PlanSummary *s)
{
    const Job *j = t->j;
    double units = (double)set_units_of(&j->set, j->part.row[PART_TRAIN], j->part.n[PART_TRAIN]);

    return s->flops / (double)t->train.options.units * units * j->o.epochs * j->o.seeds;
}

static void say_plan(const Tuning *t, const LoadReport *report)
{
    const Events *ev = &t->j->c->events;
    PlanSummary s;

    plan_summary(t->train.plan, &s);
    t->j->trained_values = s.trained_values;
    t->j->param_values = s.param_values;
    event_say(ev, EVENT_SAY, "tuning    %s%s; %.2f of %.2f million numbers train", report->text,
              t->first_head ? ", begun with the first answer's" : "",
              (double)s.trained_values / 1e6, (double)s.param_values / 1e6);
    if (t->j->flop_rate > 0)
        event_say(ev, EVENT_SAY, "time      about %.1f min at the speed of the features",
                  tuning_flops(t, &s) / t->j->flop_rate / 60);
    event_say(ev, EVENT_SAY,
              "memory    %.0f MiB for weights, %.0f MiB for a step of at most %lld %s",
              (double)(s.param_values * 4 + (int64_t)s.state_bytes) / 1048576,
              (double)(s.value_bytes + s.input_bytes + s.scratch_bytes) / 1048576,
              (long long)t->train.options.units, t->j->kind->unit);
}

/* In the few updates of a small set a method that trains little would not get far from a random head. */
static bool head_fits(const Tuning *t)
{
    const AdaptDef *def = adapt_named(t->j->o.method);

    return t->model->head == HEAD_PICTURE ||
           (t->model->head == HEAD_MEAN && def && def->fitted_head);
}

/* The head of the first answer is where tuning begins, when it reads the same features: a head of random numbers
 * would first pull them about (Kumar et al. 2022, arXiv:2202.10054). */
static bool begin_with_first_head(const Tuning *t)
{
    const Job *j = t->j;

    if (t->lesson.label != j->label || !j->head[2] || !head_fits(t) || t->model->clipped_head)
        return false;
    for (int i = 0; i < params_count(t->params); i++) {
        Param *p = params_at(t->params, i);
        int rank = p->shape.rank > 1 ? 2 : 1;
        int64_t width = rank == 1 ? 1 : j->features_width;

        if (model_is_head(t->model, p->name) && p->shape.rank > 0 &&
            p->shape.dim[0] == j->outputs && shape_size(&p->shape) == j->outputs * width)
            memcpy(p->data, j->head[rank], (size_t)shape_size(&p->shape) * sizeof(float));
    }
    return true;
}

Status tuning_open(Err *e, Tuning *t)
{
    Job *j = t->j;
    LoadReport report;
    int made;

    TRY(job_tuned_optim(e, j, &t->fit.optim));
    TRY(job_open_tuned(e, j, t->a, &t->model, &t->method));
    TRY(feed_new(e, t->a, &j->set, j->o.batch * (t->lesson.targets ? 2 : 1), &t->feed));
    t->vary = (Vary){j->augment, t->seed, &t->fit.epoch, (int)j->o.views};
    t->feed.vary = j->augment.any ? &t->vary : NULL;
    TRY(tuning_plan(e, t));
    if (!(t->params = params_new(e, t->a)))
        return err_failed(e->code);
    TRY(model_load(e, t->a, t->model, t->train.graph, t->params, &report));
    TRY(method_begin(e, t->method, t->train.graph, t->params, t->seed));
    TRY(params_init_missing(e, t->params, t->train.graph, t->seed, &made));
    t->first_head = begin_with_first_head(t);
    TRY(tasknet_start(e, t->a, j->c, &t->train, t->params, t->seed));
    TRY(tasknet_load(e, t->a, j->c, &t->eval, t->params, t->seed));
    TRY(tuning_prefix(e, t));
    if (t->seed == j->o.seed && !j->told++) {
        say_plan(t, &report);
        tuning_say_prefix(t);
    }
    return E_OK;
}

/* SPDX-License-Identifier: MIT */
