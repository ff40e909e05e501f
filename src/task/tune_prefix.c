/* tune_prefix.c - where the first layers are frozen, what they make of a sample is computed once and kept: evaluation
 * begins there, and so does training when it sees samples as they are (or in a few ways that come back). */
#include "task/tune.h"

#define KEPT_MAX ((size_t)1 << 30)

static bool varies(const Tuning *t)
{
    return t->feed.vary != NULL;
}

static int views(const Tuning *t)
{
    return varies(t) ? t->vary.views : 1;
}

static size_t kept_bytes(const Tuning *t, const Beginning *b, int times)
{
    return (size_t)t->j->n * (size_t)times * (size_t)b->size * sizeof(float);
}

static Status plan_train(Err *e, Tuning *t)
{
    Job *j = t->j;
    NetPart part = j->kind->one_size && views(t) > 0 && !j->domain ? NET_REST : NET_WHOLE;

    t->train = (TaskNet){.model = t->model, .method = t->method};
    TRY(job_tuned_plan(e, j, &t->lesson, t->a, &t->fit.optim, part, &t->train));
    if (kept_bytes(t, &t->train.begin, views(t)) <= KEPT_MAX)
        return E_OK;
    t->train.begin = (Beginning){0};
    TRY(job_tuned_plan(e, j, &t->lesson, t->a, &t->fit.optim, NET_WHOLE, &t->train));
    t->train.begin.why = "it would take more than 1 GiB to keep";
    return E_OK;
}

static Status plan_eval(Err *e, Tuning *t)
{
    const Job *j = t->j;
    NetOptions o = tasknet_eval_options(&j->reader, j->set.longest);

    t->eval = (TaskNet){.model = t->model, .method = t->method, .reader = &j->reader};
    o.training = &t->train;
    o.domain = t->lesson.targets ? j->domain : NULL;
    o.part = j->kind->one_size && !j->domain ? NET_REST : NET_WHOLE;
    TRY(tasknet_plan(e, t->a, j->c, &o, &t->eval));
    if (kept_bytes(t, &t->eval.begin, 1) <= KEPT_MAX)
        return E_OK;
    o.part = NET_WHOLE;
    t->eval.begin = (Beginning){0};
    return tasknet_plan(e, t->a, j->c, &o, &t->eval);
}

Status tuning_plan(Err *e, Tuning *t)
{
    TRY(plan_train(e, t));
    return plan_eval(e, t);
}

/* The beginning of `rest`, alone, and what keeps what it makes. */
static Status keep(Err *e, Tuning *t, TaskNet *rest, TaskNet *begin, const Feed *feed)
{
    const Job *j = t->j;
    NetOptions o = tasknet_eval_options(&j->reader, j->set.longest);

    *begin = (TaskNet){.model = t->model, .method = t->method, .reader = &j->reader};
    o.mode = rest->options.mode;
    o.part = NET_BEGINNING;
    o.training = &t->train;
    TRY(tasknet_plan(e, t->a, j->c, &o, begin));
    if (!prefix_same(&begin->begin, &rest->begin))
        return fail(e, E_INTERNAL, "the frozen beginning is another one by itself");
    TRY(tasknet_load(e, t->a, j->c, begin, t->params, t->seed));
    return prefix_new(e, t->a, begin, feed, &rest->prefix);
}

Status tuning_prefix(Err *e, Tuning *t)
{
    Job *j = t->j;
    Feed plain;

    TRY(feed_new(e, t->a, &j->set, t->eval.options.samples, &plain));
    if (t->eval.begin.op) {
        TRY(keep(e, t, &t->eval, &t->eval_begin, &plain));
        if (j->features && j->features_width == t->eval.begin.size &&
            node_same(t->eval.begin.end, t->eval.out.pooled))
            prefix_know(t->eval.prefix, j->features);
    }
    if (!t->train.begin.op)
        return E_OK;
    if (!varies(t) && prefix_same(&t->train.begin, &t->eval.begin))
        t->train.prefix = t->eval.prefix;
    else
        TRY(keep(e, t, &t->train, &t->begin, varies(t) ? &t->feed : &plain));
    t->feed.prefix = t->train.prefix;
    return E_OK;
}

void tuning_say_prefix(const Tuning *t)
{
    const Events *ev = &t->j->c->events;

    if (!t->j->kind->one_size)
        return;
    if (t->train.prefix)
        event_say(
            ev, EVENT_SAY,
            "frozen    layers up to %s are computed once for each of %d ways of a %s and kept "
            "(%.0f MiB)%s",
            t->train.begin.at, views(t), t->j->kind->one,
            (double)kept_bytes(t, &t->train.begin, views(t)) / 1048576,
            prefix_known(t->train.prefix) ? ": the first answer's serve" : "");
    else if (t->eval.prefix)
        event_say(ev, EVENT_SAY,
                  "frozen    layers up to %s are computed anew in each epoch, which varies the "
                  "%s (--views 4 comes back to four ways of each, --augment none to one)",
                  t->eval.begin.at, t->j->kind->many);
}

/* SPDX-License-Identifier: MIT */
