/* first_answer.c - the answer that comes first: the released encoder as it is, its features (the mean over a
 * text's tokens), and a linear head fitted in double.  It is saved as a valid model; tuning has to beat it.  When there are
 * many samples a first head is fitted on as many as fit into some seconds, and the final one on all. */
#include "task/inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define QUICK_FLOPS 6e11 /* what two cores do in about five seconds */

typedef struct First {
    Job *j;
    Arena *a;
    Model *model;
    Params *params;
    TaskNet net;
    int64_t *order;  /* training and validation texts by turns, then the test part */
    int64_t quick;   /* how many of them the quick head takes */
    float *features; /* [n, dim] by sample; the job's: tuning may begin with them */
    bool *known;     /* [n] */
} First;

static Status open_encoder(Err *e, First *f)
{
    const Job *j = f->j;
    ModelOptions o = {.head = j->kind->head(j, true),
                      .labels = j->outputs,
                      .label = j->regression ? NULL : j->labels.name,
                      .problem = j->regression ? PROBLEM_REGRESSION : PROBLEM_SINGLE};

    TRY(job_model(e, j, f->a, &o, &f->model));
    f->model->new_head = true; /* even where the folder has one for the same labels */
    f->model->clipped_head = false;
    if (!(f->params = params_new(e, f->a)))
        return err_failed(e->code);
    f->net = (TaskNet){.model = f->model, .reader = &j->reader};
    TRY(tasknet_eval(e, f->a, j->c, &f->net, f->params, j->set.longest, j->o.seed));
    event_say(&j->c->events, EVENT_SAY, "features  %s", f->net.loaded.text);
    return E_OK;
}

static Status make_order(Err *e, First *f)
{
    const Job *j = f->j;
    int64_t both = j->part.n[PART_TRAIN] + j->part.n[PART_VALID];
    PlanSummary s;

    f->order = NEWS(e, f->a, int64_t, j->n + 1);
    f->known = NEWS(e, f->a, bool, j->n + 1);
    f->features = NEWS(e, j->a, float, (size_t)j->n *(size_t)f->model->dim);
    if (!f->order || !f->known || !f->features)
        return err_failed(e->code);
    for (int64_t i = 0; i < both; i++) {
        int64_t k = (int64_t)random_permute((uint64_t)i, (uint64_t)both, j->o.seed);

        f->order[i] = k < j->part.n[PART_TRAIN]
                          ? j->part.row[PART_TRAIN][k]
                          : j->part.row[PART_VALID][k - j->part.n[PART_TRAIN]];
    }
    memcpy(f->order + both, j->part.row[PART_TEST],
           (size_t)j->part.n[PART_TEST] * sizeof *f->order);
    plan_summary(f->net.plan, &s);
    double units = QUICK_FLOPS / (s.flops / (double)f->net.options.units);
    for (; f->quick < both && units > 0; f->quick++)
        units -= (double)set_units(&j->set, f->order[f->quick]);
    return E_OK;
}

/* Features of order[from .. to-1]. */
static Status compute(Err *e, First *f, int64_t from, int64_t to)
{
    int64_t dim = f->model->dim, n = to - from;
    Arena *scratch = arena_child(e, f->a);
    float *rows = scratch ? NEWS(e, scratch, float, (size_t)n *(size_t)dim + 1) : NULL;

    if (!rows)
        return err_failed(e->code);
    event_send(&f->j->c->events, &(Event){.kind = EVENT_STAGE, .text = "features", .steps = n});
    double began = clock_seconds();
    TRY(tasknet_each(e, f->j->c, &f->net,
                     &(Ask){&f->j->set, f->order + from, n, "features", dim, "features"}, rows));
    double seconds = clock_seconds() - began;
    double units = (double)set_units_of(&f->j->set, f->order + from, n);
    PlanSummary s;
    plan_summary(f->net.plan, &s);
    for (int64_t i = 0; i < n; i++) {
        int64_t k = f->order[from + i];

        memcpy(f->features + k * dim, rows + i * dim, (size_t)dim * sizeof *rows);
        f->known[k] = true;
    }
    if (seconds > 0.05 && from == 0)
        f->j->flop_rate = s.flops / (double)f->net.options.units * units / seconds;
    arena_free(scratch);
    return E_OK;
}

static Status known_rows(Err *e, First *f, Part p, int64_t **row, int64_t *n)
{
    const Job *j = f->j;

    *row = NEWS(e, f->a, int64_t, j->part.n[p] + 1);
    *n = 0;
    if (!*row)
        return err_failed(e->code);
    for (int64_t i = 0; i < j->part.n[p]; i++)
        if (f->known[j->part.row[p][i]])
            (*row)[(*n)++] = j->part.row[p][i];
    return E_OK;
}

/* The head's weight (rank 2; of a 1 x 1 convolution the same numbers) or bias (rank 1). */
static Param *head_tensor(const First *f, int rank)
{
    for (int i = 0; i < params_count(f->params); i++) {
        Param *p = params_at(f->params, i);

        if (model_is_head(f->model, p->name) && (p->shape.rank > 1) == (rank > 1) &&
            p->shape.dim[0] == f->j->outputs)
            return p;
    }
    return NULL;
}

/* Fits the head on what is known and puts it into the network. */
static Status fit_head(Err *e, First *f, Linear *l)
{
    Job *j = f->j;
    Matrix m = {j->n, f->model->dim, f->features, NULL, NULL};
    LinearFit fit_on = {.x = &m,
                        .label = j->label,
                        .target = j->target,
                        .class_weight = j->weight,
                        .outputs = j->outputs,
                        .pool = j->c->pool};
    int64_t *train, *valid, valids;

    TRY(known_rows(e, f, PART_TRAIN, &train, &fit_on.rows));
    TRY(known_rows(e, f, PART_VALID, &valid, &valids));
    fit_on.row = train;
    TRY(linear_fit_best(e, f->a, &fit_on, valid, valids, &j->c->events, l));
    Param *w = head_tensor(f, 2), *b = head_tensor(f, 1);
    if (!w || !b)
        return fail(e, E_INTERNAL, "the head over the features is no linear one");
    memcpy(w->data, l->weight, (size_t)shape_size(&w->shape) * sizeof(float));
    memcpy(b->data, l->bias, (size_t)shape_size(&b->shape) * sizeof(float));
    TRY(tasknet_start(e, f->a, j->c, &f->net, f->params, j->o.seed));
    for (int64_t i = 0; i < j->n; i++)
        linear_scores(l, &m, i, j->frozen.out + i * j->outputs);
    if (!j->regression)
        softmax_rows(j->frozen.out, j->n, j->outputs);
    return job_score_part(e, j, j->frozen.out, PART_VALID, &j->frozen.valid_loss,
                          &j->frozen.score[PART_VALID]);
}

static Status answer(Err *e, First *f, int64_t samples)
{
    Job *j = f->j;
    Linear l;
    char score[80] = "";

    TRY(fit_head(e, f, &l));
    TRY(job_save_net(e, j, &f->net, f->params));
    TRY(job_save_run(e, j));
    j->r->first_answer_seconds = clock_seconds() - j->began;
    if (j->part.n[PART_VALID] > 0)
        snprintf(score, sizeof score, ", validation %s %.3f", j->r->metric,
                 j->frozen.score[PART_VALID]);
    event_say(&j->c->events, EVENT_SAY,
              "answer    after %.1f s: frozen features of %lld %s and a linear head (C = %g)%s; "
              "saved in %s",
              j->r->first_answer_seconds, (long long)samples, j->kind->many, l.c, score,
              j->o.output);
    return E_OK;
}

/* What tuning may begin with. */
static Status hand_over(Err *e, First *f)
{
    Job *j = f->j;

    j->features = f->features;
    j->features_width = f->model->dim;
    for (int rank = 1; rank <= 2; rank++) {
        const Param *p = head_tensor(f, rank);
        float *copy = NEWS(e, j->a, float, shape_size(&p->shape));

        if (!copy)
            return err_failed(e->code);
        memcpy(copy, p->data, (size_t)shape_size(&p->shape) * sizeof *copy);
        j->head[rank] = copy;
    }
    return E_OK;
}

Status job_first_answer(Err *e, Job *j)
{
    int64_t both = j->part.n[PART_TRAIN] + j->part.n[PART_VALID];
    First f = {.j = j, .a = arena_child(e, j->a)};
    double began = clock_seconds();

    j->frozen.name = j->regression ? "frozen features + ridge regression"
                                   : "frozen features + logistic regression";
    j->frozen.out = NEWS(e, j->a, float, j->n * j->outputs + 1);
    if (!f.a || !j->frozen.out)
        return err_failed(e->code);
    TRY(open_encoder(e, &f));
    TRY(make_order(e, &f));
    TRY(compute(e, &f, 0, f.quick));
    if (f.quick < both) {
        Linear quick;

        TRY(fit_head(e, &f, &quick));
        TRY(job_save_net(e, j, &f.net, f.params));
        TRY(job_save_run(e, j));
        j->r->first_answer_seconds = clock_seconds() - j->began;
        event_say(&j->c->events, EVENT_SAY,
                  "answer    after %.1f s, from %lld of %lld %s; saved in %s",
                  j->r->first_answer_seconds, (long long)f.quick, (long long)both, j->kind->many,
                  j->o.output);
    }
    TRY(compute(e, &f, f.quick, j->n));
    double first = j->r->first_answer_seconds;
    TRY(answer(e, &f, j->n));
    TRY(hand_over(e, &f));
    if (first > 0)
        j->r->first_answer_seconds = first;
    j->frozen.seconds = clock_seconds() - began;
    arena_free(f.a);
    return E_OK;
}

/* SPDX-License-Identifier: MIT */
