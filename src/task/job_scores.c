/* job_scores.c - candidates judged: the metric on each part, with intervals; those that need no network. */
#include "task/inside.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static int best_of(const float *p, int n)
{
    int best = 0;

    for (int k = 1; k < n; k++)
        best = p[k] > p[best] ? k : best;
    return best;
}

static int64_t hits(const Job *j, const float *out, const int64_t *row, int64_t n)
{
    int64_t sum = 0;

    for (int64_t i = 0; i < n; i++)
        sum += best_of(out + row[i] * j->outputs, j->outputs) == j->label[row[i]];
    return sum;
}

double job_loss(const Job *j, const float *out, const int64_t *row, int64_t n)
{
    double loss = 0, total = 0;

    for (int64_t i = 0; i < n; i++) {
        const float *p = out + row[i] * j->outputs;
        double weight = j->weight ? (double)j->weight[j->label[row[i]]] : 1;

        if (j->regression)
            loss += ((double)p[0] - (double)j->target[row[i]]) *
                    ((double)p[0] - (double)j->target[row[i]]);
        else
            loss -= weight * log(fmax((double)p[j->label[row[i]]], 1e-30));
        total += weight;
    }
    return total > 0 ? loss / total : 0;
}

/* Accuracy, or Spearman's correlation. */
static Status metric_of(Err *e, const Job *j, const float *out, const int64_t *row, int64_t n,
                        double *score)
{
    Arena *scratch;
    float *x, *y;

    *score = 0;
    if (!j->regression) {
        *score = n > 0 ? (double)hits(j, out, row, n) / (double)n : 0;
        return E_OK;
    }
    scratch = arena_child(e, j->a);
    x = scratch ? NEWS(e, scratch, float, n + 1) : NULL;
    y = scratch ? NEWS(e, scratch, float, n + 1) : NULL;
    if (!x || !y)
        return err_failed(e->code);
    for (int64_t i = 0; i < n; i++) {
        x[i] = out[row[i]];
        y[i] = j->target[row[i]];
    }
    TRY(metric_spearman(e, scratch, x, y, n, score));
    arena_free(scratch);
    return E_OK;
}

Status job_score_part(Err *e, const Job *j, const float *out, Part p, double *loss, double *score)
{
    if (loss)
        *loss = job_loss(j, out, j->part.row[p], j->part.n[p]);
    return metric_of(e, j, out, j->part.row[p], j->part.n[p], score);
}

Status job_score(Err *e, Job *j, Scores *s)
{
    for (int p = 0; p < 3; p++)
        TRY(job_score_part(e, j, s->out, (Part)p, p == PART_VALID ? &s->valid_loss : NULL,
                           &s->score[p]));
    return E_OK;
}

static Status add_row(Err *e, Job *j, Scores *s, bool chosen, int *index)
{
    TrainResult *r = j->r;
    int64_t n = j->part.n[PART_TEST];

    *index = -1;
    if (!s->out)
        return E_OK;
    TRY(job_score(e, j, s));
    Interval held = j->regression ? interval_correlation(s->score[PART_TEST], n)
                                  : interval_wilson(hits(j, s->out, j->part.row[PART_TEST], n), n);
    *index = r->rows;
    r->row[r->rows++] = (ScoreRow){.name = s->name,
                                   .train = s->score[PART_TRAIN],
                                   .valid = s->score[PART_VALID],
                                   .held = s->score[PART_TEST],
                                   .valid_loss = s->valid_loss,
                                   .train_n = j->part.n[PART_TRAIN],
                                   .valid_n = j->part.n[PART_VALID],
                                   .held_n = n,
                                   .interval = held,
                                   .seconds = s->seconds,
                                   .chosen = chosen};
    return E_OK;
}

static Status verdict(Err *e, Job *j)
{
    TrainResult *r = j->r;
    const ScoreRow *row = r->row;

    if (r->tuned < 0)
        r->verdict = "No tuning was asked for: the answer is the linear head on frozen features.";
    else if (r->domain.method)
        r->verdict = arena_printf(
            e, j->a,
            "Adapted to %lld unlabelled %s by %s, strength %g: %s %.3f on %lld held-out ones.",
            (long long)r->domain.targets, j->kind->many, r->domain.method, r->domain.strength,
            r->metric, row[r->tuned].held, (long long)row[r->tuned].held_n);
    else if (r->frozen < 0)
        r->verdict =
            arena_printf(e, j->a, "Trained from scratch: %s %.3f on %lld held-out %s.", r->metric,
                         row[r->tuned].held, (long long)row[r->tuned].held_n, j->kind->many);
    else if (row[r->tuned].valid_n == 0)
        r->verdict = "Tuned to its end: without a validation part nothing was there to choose by.";
    else if (r->tuning_won && row[r->tuned].valid == row[r->frozen].valid)
        r->verdict = arena_printf(
            e, j->a,
            "Tuning won on validation: %s %.3f as of frozen features, loss %.4f against %.4f.",
            r->metric, row[r->tuned].valid, j->tuned.valid_loss, j->frozen.valid_loss);
    else if (r->tuning_won)
        r->verdict = arena_printf(
            e, j->a, "Tuning won on validation: %s %.3f against %.3f of frozen features.",
            r->metric, row[r->tuned].valid, row[r->frozen].valid);
    else
        r->verdict = arena_printf(e, j->a,
                                  "Tuning did not win: on validation %s %.3f against %.3f of "
                                  "frozen features with a linear head, "
                                  "which is therefore what was saved.",
                                  r->metric, row[r->tuned].valid, row[r->frozen].valid);
    return r->verdict ? E_OK : e->code;
}

/* The only place where the test part's labels are read. */
Status job_rows(Err *e, Job *j)
{
    TrainResult *r = j->r;
    int other;
    bool tuned = j->tuned.out && (r->tuning_won || !j->frozen.out);

    r->rows = 0;
    TRY(add_row(e, j, &j->majority, false, &other));
    TRY(add_row(e, j, &j->bag, false, &other));
    TRY(add_row(e, j, &j->frozen, !tuned, &r->frozen));
    TRY(add_row(e, j, &j->plain, false, &other));
    TRY(add_row(e, j, &j->tuned, tuned, &r->tuned));
    return verdict(e, j);
}

/* ---- without a network ---- */

Status job_majority(Err *e, Job *j)
{
    const int64_t *row = j->part.row[PART_TRAIN], n = j->part.n[PART_TRAIN];
    double *share = NEWS(e, j->a, double, j->outputs + 1);

    j->majority.name = j->regression ? "mean of the training labels" : "majority class";
    j->majority.out = NEWS(e, j->a, float, j->n * j->outputs + 1);
    if (!share || !j->majority.out)
        return err_failed(e->code);
    for (int64_t i = 0; i < n; i++)
        share[j->regression ? 0 : j->label[row[i]]] +=
            (j->regression ? (double)j->target[row[i]] : 1) / (double)n;
    for (int64_t i = 0; i < j->n * j->outputs; i++)
        j->majority.out[i] = (float)share[i % j->outputs];
    return E_OK;
}

/* SPDX-License-Identifier: MIT */
