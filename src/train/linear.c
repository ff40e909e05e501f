/* linear.c - the quick models that tuning has to beat: multinomial logistic regression, and ridge regression
 * for one number.  Mean loss + |w|^2 / (2 C n), the bias free: scikit-learn's C.  Dense columns are
 * standardised inside and folded back; few rows of many columns are fitted in the rows' own coordinates.
 * The same bits for any number of threads. */
#include "train/linear_inside.h"

#include <math.h>
#include <string.h>

#define ITERATIONS 200

/* A standardised copy of the rows; mean and scale of each column. */
static Status standardise(Err *e, Arena *a, Fitting *p)
{
    const LinearFit *f = p->f;
    int64_t n = f->x->columns;
    float *copy = NEWS(e, a, float, (size_t)f->rows *(size_t)n);

    if (!copy)
        return err_failed(e->code);
    for (int64_t i = 0; i < f->rows; i++)
        for (int64_t j = 0; j < n; j++)
            p->mean[j] += (double)f->x->value[f->row[i] * n + j] / (double)f->rows;
    for (int64_t i = 0; i < f->rows; i++)
        for (int64_t j = 0; j < n; j++) {
            double d = (double)f->x->value[f->row[i] * n + j] - p->mean[j];

            p->scale[j] += d * d / (double)f->rows;
        }
    for (int64_t j = 0; j < n; j++)
        p->scale[j] = p->scale[j] > 1e-20 ? sqrt(p->scale[j]) : 1;
    for (int64_t i = 0; i < f->rows; i++)
        for (int64_t j = 0; j < n; j++)
            copy[i * n + j] =
                (float)(((double)f->x->value[f->row[i] * n + j] - p->mean[j]) / p->scale[j]);
    p->x = p->wide = copy;
    return E_OK;
}

/* The rows' own coordinates in place of the columns. */
static Status narrow(Err *e, Arena *a, Fitting *p)
{
    int64_t n = p->f->rows;
    float *copy = NEWS(e, a, float, (size_t)n *(size_t)n);

    if (!copy)
        return err_failed(e->code);
    TRY(rows_factor(e, a, p->f->pool, p->wide, n, p->columns, &p->factor));
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j <= i; j++)
            copy[i * n + j] = (float)p->factor[i * n + j];
    p->x = copy;
    p->columns = n;
    return E_OK;
}

static Status prepare(Err *e, Arena *a, const LinearFit *f, Fitting *p)
{
    int64_t n = f->x->columns;

    *p = (Fitting){.f = f, .columns = n, .k = f->outputs};
    if (f->rows < 1)
        return fail(e, E_DATA, "a linear model needs at least one row");
    p->residual = NEWS(e, a, double, (size_t)f->rows *(size_t)p->k);
    p->loss = NEWS(e, a, double, f->rows);
    p->mean = NEWS(e, a, double, n + 1);
    p->scale = NEWS(e, a, double, n + 1);
    if (!p->residual || !p->loss || !p->mean || !p->scale)
        return err_failed(e->code);
    for (int64_t i = 0; i < f->rows; i++)
        p->total += linear_row_weight(f, i);
    if (!f->x->start) {
        TRY(standardise(e, a, p));
        if (f->rows <= n / 2) /* a triangle of a quarter of the numbers at most */
            TRY(narrow(e, a, p));
    }
    p->found = NEWS(e, a, double, p->k *(p->columns + 1));
    return p->found ? E_OK : err_failed(e->code);
}

/* Weight and bias over the columns as they came.  v [rows], w [columns]: scratch. */
static void fold_back(const Fitting *p, double *v, double *w, Linear *out)
{
    int64_t n = out->columns;

    for (int c = 0; c < p->k; c++) {
        const double *found = p->found + c * p->columns;
        double bias = p->found[p->k * p->columns + c];

        if (p->factor) {
            memcpy(v, found, (size_t)p->columns * sizeof *v);
            rows_back(p->factor, p->wide, p->f->rows, n, v, w);
            found = w;
        }
        for (int64_t j = 0; j < n; j++) {
            double scale = p->wide ? p->scale[j] : 1;

            out->weight[c * n + j] = (float)(found[j] / scale);
            bias -= found[j] * p->mean[j] / scale;
        }
        out->bias[c] = (float)bias;
    }
}

static Status solve(Err *e, Arena *a, Fitting *p, double c, Linear *out)
{
    Arena *scratch = arena_child(e, a);
    int64_t n = p->f->x->columns;

    *out = (Linear){.columns = n, .outputs = p->k, .c = c};
    out->weight = NEWS(e, a, float, p->k *n + 1);
    out->bias = NEWS(e, a, float, p->k);
    if (!scratch || !out->weight || !out->bias)
        return err_failed(e->code);
    double *v = NEWS(e, scratch, double, p->columns + 1), *w = NEWS(e, scratch, double, n + 1);
    if (!v || !w)
        return err_failed(e->code);
    p->c = c;
    TRY(lbfgs(e, scratch, &(LbfgsOf){linear_loss, p, p->k * (p->columns + 1), ITERATIONS}, p->found,
              &out->iterations));
    fold_back(p, v, w, out);
    arena_free(scratch);
    return E_OK;
}

Status linear_fit(Err *e, Arena *a, const LinearFit *f, Linear *out)
{
    Arena *scratch = arena_child(e, a);
    Fitting p;

    if (!scratch)
        return err_failed(e->code);
    TRY(prepare(e, scratch, f, &p));
    TRY(solve(e, a, &p, f->c, out));
    arena_free(scratch);
    return E_OK;
}

void linear_scores(const Linear *l, const Matrix *x, int64_t row, float *scores)
{
    for (int c = 0; c < l->outputs; c++) {
        const float *w = l->weight + c * l->columns;
        double sum = (double)l->bias[c];

        if (x->start)
            for (int64_t j = x->start[row]; j < x->start[row + 1]; j++)
                sum += (double)w[x->column[j]] * (double)x->value[j];
        else
            for (int64_t j = 0; j < l->columns; j++)
                sum += (double)w[j] * (double)x->value[row * l->columns + j];
        scores[c] = (float)sum;
    }
}

/* Mean loss on rows the fit has not seen. */
static double loss_on(const LinearFit *f, const Linear *l, const int64_t *row, int64_t n, float *z)
{
    double loss = 0, total = 0;

    for (int64_t i = 0; i < n; i++) {
        linear_scores(l, f->x, row[i], z);
        if (f->target) {
            double d = (double)z[0] - (double)f->target[row[i]];

            loss += d * d;
            total += 1;
            continue;
        }
        double top = (double)z[0], sum = 0, weight = 1;
        int32_t y = f->label[row[i]];
        if (f->class_weight)
            weight = (double)f->class_weight[y];
        for (int c = 1; c < l->outputs; c++)
            top = fmax(top, (double)z[c]);
        for (int c = 0; c < l->outputs; c++)
            sum += exp_of((double)z[c] - top);
        loss += weight * (log_of(sum) + top - (double)z[y]);
        total += weight;
    }
    return total > 0 ? loss / total : 0;
}

Status linear_fit_best(Err *e, Arena *a, const LinearFit *f, const int64_t *valid, int64_t valids,
                       const Events *ev, Linear *out)
{
    static const double strengths[] = {0.01, 0.1, 1, 10, 100};
    Arena *scratch = arena_child(e, a);
    float *z = scratch ? NEWS(e, scratch, float, f->outputs + 1) : NULL;
    double best = HUGE_VAL;
    Fitting p;

    if (!z)
        return err_failed(e->code);
    TRY(prepare(e, scratch, f, &p));
    for (size_t i = 0; i < LEN(strengths); i++) {
        Linear l;

        TRY(solve(e, a, &p, valids > 0 ? strengths[i] : 1,
                  &l)); /* nothing to choose on: scikit-learn's default */
        double loss = loss_on(f, &l, valid, valids, z);
        if (i == 0 || loss < best) {
            best = loss;
            *out = l;
        }
        if (valids <= 0)
            break;
        if (event_stop(ev))
            return fail(e, E_STOPPED, "stopped while fitting a linear model");
    }
    arena_free(scratch);
    return E_OK;
}

/* SPDX-License-Identifier: MIT */
