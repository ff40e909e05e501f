/* domain_measure.c - how far two domains lie apart: how well the network's own domain classifier tells them, and the proxy
 * A-distance 2 (1 - 2 error) of a classifier made for it (Ben-David et al. 2007): logistic regression, fitted on half of
 * the rows at strengths C = 0.01 .. 100, the best on the other half, on which the error is counted. */
#include "task/tune.h"

#include <string.h>

#define ROWS_MIN 50
#define ROWS_MAX 2000 /* of each domain */

static int64_t at_most(int64_t n, int64_t most)
{
    return n < most ? n : most;
}

/* Rows that were learned from under labels are told by what was learned of them, whatever their domain. */
static Part held_out(const Job *j)
{
    return j->part.n[PART_VALID] >= ROWS_MIN ? PART_VALID : PART_TRAIN;
}

/* ---- the network's own classifier ---- */

static Status share_of(Err *e, Tuning *t, const int64_t *row, int64_t n, int side, double *share)
{
    Arena *scratch = arena_child(e, t->a);
    float *z = scratch ? NEWS(e, scratch, float, 2 * n + 1) : NULL;
    int64_t right = 0;

    if (!z)
        return err_failed(e->code);
    TRY(tasknet_each(e, t->j->c, &t->eval, &(Ask){&t->j->set, row, n, DOMAIN_LOGITS, 2, NULL}, z));
    for (int64_t i = 0; i < n; i++)
        right += (z[2 * i + 1] > z[2 * i]) == side;
    *share = n > 0 ? (double)right / (double)n : 0;
    arena_free(scratch);
    return E_OK;
}

Status domain_accuracy(Err *e, Tuning *t, double *out)
{
    const Job *j = t->j;
    Part p = held_out(j);
    double source, target;

    TRY(share_of(e, t, j->part.row[p], at_most(j->part.n[p], ROWS_MAX), 0, &source));
    TRY(share_of(e, t, j->target_row, at_most(j->targets, ROWS_MAX), 1, &target));
    *out = (source + target) / 2;
    return E_OK;
}

/* ---- proxy A-distance ---- */

/* Rows of m: `each` of the one domain, then as many of the other. */
static Status distance(Err *e, Arena *a, const Job *j, const Matrix *m, const int64_t *row,
                       int64_t each, double *out)
{
    int64_t n = 2 * each, half = each, wrong = 0;
    int64_t *order = NEWS(e, a, int64_t, n + 1);
    int32_t *label = NEWS(e, a, int32_t, m->rows + 1);
    Linear l;

    if (!order || !label)
        return err_failed(e->code);
    for (int64_t i = 0; i < n; i++) {
        order[i] = row[random_permute((uint64_t)i, (uint64_t)n, 17)];
        label[row[i]] = i >= each;
    }
    LinearFit f = {
        .x = m, .label = label, .row = order, .rows = half, .outputs = 2, .pool = j->c->pool};
    TRY(linear_fit_best(e, a, &f, order + half, n - half, &(Events){0}, &l));
    for (int64_t i = half; i < n; i++) {
        float z[2];

        linear_scores(&l, m, order[i], z);
        wrong += (z[1] > z[0]) != label[order[i]];
    }
    *out = 2 * (1 - 2 * (double)wrong / (double)(n - half));
    return E_OK;
}

/* As many of each domain. */
static Status pick(Err *e, Arena *a, const Job *j, int64_t **row, int64_t *each)
{
    Part p = held_out(j);

    *each = at_most(at_most(j->part.n[p], j->targets), ROWS_MAX);
    *row = NEWS(e, a, int64_t, 2 * *each + 1);
    if (!*row)
        return err_failed(e->code);
    memcpy(*row, j->part.row[p], (size_t)*each * sizeof **row);
    for (int64_t i = 0; i < *each; i++)
        (*row)[*each + i] = j->target_row[random_permute((uint64_t)i, (uint64_t)j->targets, 19)];
    return E_OK;
}

Status domain_distance(Err *e, Tuning *t, double *out)
{
    const Job *j = t->j;
    Arena *a = arena_child(e, t->a);
    int64_t *row, each, width = t->model->dim;

    if (!a)
        return err_failed(e->code);
    TRY(pick(e, a, j, &row, &each));
    int64_t n = 2 * each;
    float *x = NEWS(e, a, float, n *width + 1);
    if (!x)
        return err_failed(e->code);
    TRY(tasknet_each(e, j->c, &t->eval, &(Ask){&j->set, row, n, "features", width, NULL}, x));
    for (int64_t i = 0; i < n; i++)
        row[i] = i;
    Matrix m = {n, width, x, NULL, NULL};
    TRY(distance(e, a, j, &m, row, each, out));
    arena_free(a);
    return E_OK;
}

Status domain_distance_raw(Err *e, Job *j, double *out)
{
    Arena *a = arena_child(e, j->a);
    int64_t *row, each;
    Matrix m;

    if (!a)
        return err_failed(e->code);
    TRY(pick(e, a, j, &row, &each));
    TRY(j->kind->matrix(e, a, j, &m));
    TRY(distance(e, a, j, &m, row, each, out));
    arena_free(a);
    return E_OK;
}

/* SPDX-License-Identifier: MIT */
