/* eval.c - a saved model judged on a labelled table. */
#include "task/inside.h"

#include <math.h>
#include <string.h>

static Status classes(Err *e, Arena *a, const TaskModel *m, const Table *t, int column,
                      const float *p, EvalResult *out)
{
    int n = taskmodel_outputs(m);
    Labels known = {.n = n, .name = NEWS(e, a, const char *, n + 1)};
    int32_t *found = NEWS(e, a, int32_t, t->rows + 1);
    int64_t right = 0, counted = 0;

    if (!known.name || !found)
        return err_failed(e->code);
    for (int k = 0; k < n; k++)
        known.name[k] = taskmodel_label(m, k);
    TRY(table_labels(e, a, t, column, &known, &out->labels));
    for (int64_t i = 0; i < t->rows; i++) {
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
        return fail(e, E_DATA, "no row of \"%s\" has a label", t->path);
    TRY(confusion_make(e, a, n, out->labels.of_row, found, t->rows, &out->confusion));
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

static Status numbers(Err *e, Arena *a, const Table *t, int column, const float *p, EvalResult *out)
{
    float *y, *x = NEWS(e, a, float, t->rows + 1), *truth = NEWS(e, a, float, t->rows + 1);

    if (!x || !truth)
        return err_failed(e->code);
    TRY(table_numbers(e, a, t, column, &y));
    for (int64_t i = 0; i < t->rows; i++) {
        if (isnan(y[i]))
            continue;
        x[out->n] = p[i];
        truth[out->n++] = y[i];
        out->mse += ((double)p[i] - (double)y[i]) * ((double)p[i] - (double)y[i]);
    }
    if (out->n == 0)
        return fail(e, E_DATA, "no row of \"%s\" has a label", t->path);
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
    TaskModel *m;
    Table *t;
    Schema schema;
    Cell *first, *second;

    *out = (EvalResult){0};
    TRY(taskmodel_open(e, a, c, o, &m));
    TRY(use_table(e, a, o, taskmodel_facts(m), true, &t, &schema));
    TRY(use_cells(e, a, t, schema.text, &first));
    TRY(use_cells(e, a, t, schema.second, &second));
    float *p = NEWS(e, a, float, t->rows *taskmodel_outputs(m) + 1);
    if (!p)
        return err_failed(e->code);
    event_send(&c->events, &(Event){.kind = EVENT_STAGE, .text = "judging", .steps = t->rows});
    TRY(taskmodel_predict(e, m, first, second, t->rows, p));
    return taskmodel_regression(m) ? numbers(e, a, t, schema.label, p, out)
                                   : classes(e, a, m, t, schema.label, p, out);
}

/* SPDX-License-Identifier: MIT */
