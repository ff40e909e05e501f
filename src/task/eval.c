/* eval.c - a saved model judged on labelled texts or pictures. */
#include "task/inside.h"

#include <math.h>
#include <string.h>

static Status classes(Err *e, Arena *a, const TaskModel *m, const UseData *d, const float *p,
                      EvalResult *out)
{
    int n = taskmodel_outputs(m);
    int32_t *found = NEWS(e, a, int32_t, d->raw.n + 1);
    int64_t right = 0, counted = 0;

    if (!found)
        return err_failed(e->code);
    out->labels = d->labels;
    for (int64_t i = 0; i < d->raw.n; i++) {
        int32_t y = out->labels.of_row[i];

        for (int k = 1; k < n; k++)
            found[i] = p[i * n + k] > p[i * n + found[i]] ? k : found[i];
        if (y < 0)
            continue;
        counted++;
        right += found[i] == y;
        out->loss -= log(fmax((double)p[i * n + y], 1e-30));
    }
    if (counted == 0)
        return fail(e, E_DATA, "nothing in %s has a label", d->table->path);
    TRY(confusion_make(e, a, n, out->labels.of_row, found, d->raw.n, &out->confusion));
    out->metric = "accuracy";
    out->n = counted;
    out->loss /= (double)counted;
    out->score = metric_accuracy(&out->confusion);
    out->interval = interval_wilson(right, counted);
    out->f1_macro = metric_f1_macro(&out->confusion);
    out->matthews = metric_matthews(&out->confusion);
    out->balanced = metric_balanced_accuracy(&out->confusion);
    return E_OK;
}

static Status numbers(Err *e, Arena *a, const UseData *d, const float *p, EvalResult *out)
{
    float *x = NEWS(e, a, float, d->raw.n + 1), *truth = NEWS(e, a, float, d->raw.n + 1);
    const float *y = d->target;

    if (!x || !truth)
        return err_failed(e->code);
    for (int64_t i = 0; i < d->raw.n; i++) {
        if (isnan(y[i]))
            continue;
        x[out->n] = p[i];
        truth[out->n++] = y[i];
        out->mse += ((double)p[i] - (double)y[i]) * ((double)p[i] - (double)y[i]);
    }
    if (out->n == 0)
        return fail(e, E_DATA, "nothing in %s has a label", d->table->path);
    out->mse /= (double)out->n;
    out->loss = out->mse;
    TRY(metric_pearson(e, a, x, truth, out->n, &out->pearson));
    TRY(metric_spearman(e, a, x, truth, out->n, &out->spearman));
    out->metric = "Spearman";
    out->regression = true;
    out->score = out->spearman;
    out->interval = interval_correlation(out->spearman, out->n);
    return E_OK;
}

Status task_eval(Err *e, Arena *a, const TaskContext *c, const UseOptions *o, EvalResult *out)
{
    UseData d;
    TaskModel *m;

    *out = (EvalResult){0};
    TRY(taskmodel_open(e, a, c, o, &m));
    TRY(use_data(e, a, c, o, m, true, &d));
    float *p = NEWS(e, a, float, d.raw.n *taskmodel_outputs(m) + 1);
    if (!p)
        return err_failed(e->code);
    event_send(&c->events, &(Event){.kind = EVENT_STAGE, .text = "judging", .steps = d.raw.n});
    TRY(taskmodel_predict(e, m, &d.raw, p));
    return taskmodel_regression(m) ? numbers(e, a, &d, p, out) : classes(e, a, m, &d, p, out);
}

/* SPDX-License-Identifier: MIT */
