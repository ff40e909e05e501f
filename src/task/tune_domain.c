/* tune_domain.c - tuning for an unlabelled target: without adaptation, then at each strength asked for; which is kept is
 * decided by reverse validation (Zhong et al. 2010; Ganin et al. 2016, section 5.1.1), never by a label of the target: a
 * second network learns from the target under the first one's answers, and the source's validation part, whose labels
 * are known, is what it is judged on. */
#include "task/tune.h"

#include <math.h>
#include <string.h>

static Status learn(Err *e, Job *j, const Lesson *l, Tuning **out)
{
    Arena *a = arena_child(e, j->a);
    Tuning *t = a ? NEW(e, a, Tuning) : NULL;

    if (!t)
        return err_failed(e->code);
    *t = (Tuning){.j = j, .a = a, .seed = j->o.seed, .lesson = *l};
    *out = t;
    return tuning_run(e, t, &j->stopped);
}

static int best_of(const float *p, int n)
{
    int best = 0;

    for (int k = 1; k < n; k++)
        best = p[k] > p[best] ? k : best;
    return best;
}

/* What the network answers for the target, as labels by the set's order; *classes: how many different ones. */
static Status answers(Err *e, const Tuning *t, int32_t **out, int *classes)
{
    const Job *j = t->j;
    int32_t *label = NEWS(e, t->a, int32_t, j->n + j->targets + 1);
    bool *seen = NEWS(e, t->a, bool, j->outputs + 1);

    if (!label || !seen)
        return err_failed(e->code);
    memset(label, 0xff, (size_t)(j->n + j->targets) * sizeof *label);
    *classes = 0;
    for (int64_t i = 0; i < j->targets; i++) {
        int64_t row = j->target_row[i];
        int k = best_of(t->out + row * j->outputs, j->outputs);

        label[row] = k;
        *classes += !seen[k];
        seen[k] = true;
    }
    *out = label;
    return E_OK;
}

static double error_on_source(const Job *j, const float *out)
{
    const int64_t *row = j->part.row[PART_VALID], n = j->part.n[PART_VALID];
    int64_t wrong = 0;

    for (int64_t i = 0; i < n; i++)
        wrong += best_of(out + row[i] * j->outputs, j->outputs) != j->label[row[i]];
    return n > 0 ? (double)wrong / (double)n : (double)NAN;
}

/* The way back, by the method of the way there. */
static Status reverse_risk(Err *e, Tuning *t, double *risk)
{
    Job *j = t->j;
    bool adapts = t->lesson.targets > 0;
    Lesson back = {.name = arena_printf(e, t->a, "%s-reverse", t->lesson.name),
                   .row = j->target_row,
                   .n = j->targets,
                   .target = j->part.row[PART_TRAIN],
                   .targets = adapts ? j->part.n[PART_TRAIN] : 0,
                   .strength = t->lesson.strength,
                   .last = true,
                   .quiet = true};
    Tuning *b = NULL;
    int32_t *label = NULL;
    int classes = 0;

    if (!back.name)
        return err_failed(e->code);
    TRY(answers(e, t, &label, &classes));
    back.label = label;
    if (classes < 2)
        event_say(&j->c->events, EVENT_WARN,
                  "%s answers the same for every row of the target: it holds one class, or lies "
                  "too far from the source",
                  t->lesson.title);
    TRY(learn(e, j, &back, &b));
    if (!b)
        return err_failed(e->code);
    if (!j->stopped)
        *risk = error_on_source(j, b->out);
    arena_free(b->a);
    return E_OK;
}

static Status candidate(Err *e, Job *j, const Lesson *l, Tuning **out, double *risk)
{
    *risk = (double)NAN;
    event_say(&j->c->events, EVENT_SAY, "learn     %s", l->title);
    TRY(learn(e, j, l, out));
    if (j->stopped || (j->o.no_baselines && j->domain->strengths == 1))
        return E_OK;
    TRY(reverse_risk(e, *out, risk));
    if (!j->stopped)
        event_say(&j->c->events, EVENT_SAY,
                  "reverse   %s: error %.4f on the source's validation part", l->title, *risk);
    return E_OK;
}

static Status without(Err *e, Job *j, Tuning **plain)
{
    Lesson l = job_lesson(j);

    l.name = "source-only";
    l.title = "source only";
    j->plain.name = "source only";
    TRY(candidate(e, j, &l, plain, &j->r->domain.plain_risk));
    j->plain.out = j->stopped ? NULL : (*plain)->out;
    return E_OK;
}

/* Strengths in turn; the lowest risk is kept, of equal ones the first. */
static Status with(Err *e, Job *j, Tuning **best)
{
    DomainResult *d = &j->r->domain;

    for (int i = 0; i < j->domain->strengths && !j->stopped; i++) {
        Lesson l = job_lesson(j);
        Tuning *t;
        double risk;

        l.target = j->target_row;
        l.targets = j->targets;
        l.strength = j->domain->strength[i];
        l.last = j->domain->ramp > 0;
        l.name = arena_printf(e, j->a, "strength-%g", l.strength);
        l.title = arena_printf(e, j->a, "%s, strength %g", j->domain->def->name, l.strength);
        if (!l.name || !l.title)
            return err_failed(e->code);
        TRY(candidate(e, j, &l, &t, &risk));
        if (j->stopped || (*best && !(risk < d->risk))) {
            arena_free(t->a);
            continue;
        }
        if (*best)
            arena_free((*best)->a);
        *best = t;
        d->risk = risk;
        d->strength = l.strength;
    }
    return E_OK;
}

static Status measure(Err *e, Job *j, Tuning *plain, Tuning *best)
{
    DomainResult *d = &j->r->domain;

    TRY(domain_accuracy(e, best, &d->accuracy));
    if (j->kind->matrix)
        TRY(domain_distance_raw(e, j, &d->distance_raw));
    if (plain)
        TRY(domain_distance(e, plain, &d->distance_plain));
    return domain_distance(e, best, &d->distance);
}

/* Reverse validation is worse by more than its own noise, or the source's validation is. */
static void warn(Job *j)
{
    DomainResult *d = &j->r->domain;
    double n = (double)j->part.n[PART_VALID];
    double noise = n > 0 ? sqrt(d->plain_risk * (1 - d->plain_risk) / n) : 0;
    double source = j->plain.score[PART_VALID] - j->tuned.score[PART_VALID];

    d->hurts = d->risk > d->plain_risk + noise || source > 2 * noise;
    if (d->hurts)
        event_say(&j->c->events, EVENT_WARN,
                  "adaptation may hurt: reverse validation's error is %.4f, %.4f without it; "
                  "on the source's validation part %s %.4f, %.4f without it",
                  d->risk, d->plain_risk, j->r->metric, j->tuned.score[PART_VALID],
                  j->plain.score[PART_VALID]);
}

Status job_tune_domain(Err *e, Job *j)
{
    Tuning *plain = NULL, *best = NULL;
    DomainResult *d = &j->r->domain;
    double began = clock_seconds();

    *d = (DomainResult){.method = j->domain->def->name,
                        .targets = j->targets,
                        .risk = (double)NAN,
                        .plain_risk = (double)NAN,
                        .distance_raw = (double)NAN,
                        .distance_plain = (double)NAN};
    if (!j->o.no_baselines)
        TRY(without(e, j, &plain));
    j->plain.seconds = clock_seconds() - began;
    if (!j->stopped)
        TRY(with(e, j, &best));
    if (j->stopped || !best)
        return E_OK;
    j->tuned.name = best->lesson.title;
    TRY(tuning_keep(e, best));
    TRY(measure(e, j, plain, best));
    if (plain) {
        TRY(job_score_part(e, j, plain->out, PART_VALID, &j->plain.valid_loss,
                           &j->plain.score[PART_VALID]));
        warn(j);
    }
    j->tuned.seconds = clock_seconds() - began - j->plain.seconds;
    j->r->tuning_won = true;
    return job_save_net(e, j, &best->eval, best->params);
}

/* SPDX-License-Identifier: MIT */
