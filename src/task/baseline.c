/* baseline.c - a linear model on plain numbers of the samples: how much the data say without the network. */
#include "task/inside.h"

Status job_linear(Err *e, Arena *a, Job *j, const Matrix *m)
{
    LinearFit f = {.x = m,
                   .label = j->label,
                   .target = j->target,
                   .class_weight = j->weight,
                   .row = j->part.row[PART_TRAIN],
                   .rows = j->part.n[PART_TRAIN],
                   .outputs = j->outputs,
                   .pool = j->c->pool};
    Linear l;

    j->bag.out = NEWS(e, j->a, float, j->n * j->outputs + 1);
    if (!j->bag.out)
        return err_failed(e->code);
    TRY(linear_fit_best(e, a, &f, j->part.row[PART_VALID], j->part.n[PART_VALID], &j->c->events,
                        &l));
    for (int64_t i = 0; i < j->n; i++)
        linear_scores(&l, m, i, j->bag.out + i * j->outputs);
    if (!j->regression)
        softmax_rows(j->bag.out, j->n, j->outputs);
    return E_OK;
}

/* SPDX-License-Identifier: MIT */
