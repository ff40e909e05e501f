/* metrics.c - how good predictions are, with the conventions of scikit-learn, and 95 % intervals. */
#include "train/train.h"

#include <math.h>
#include <stdlib.h>

#define Z95 1.959963984540054

/* ---- classes ---- */

Status confusion_make(Err *e, Arena *a, int classes, const int32_t *truth, const int32_t *found,
                      int64_t n, Confusion *out)
{
    *out = (Confusion){.classes = classes};
    out->count = NEWS(e, a, int64_t, (size_t)classes * (size_t)classes);
    if (!out->count)
        return err_failed(e->code);
    for (int64_t i = 0; i < n; i++) {
        if (truth[i] < 0)
            continue;
        if (truth[i] >= classes || found[i] < 0 || found[i] >= classes)
            return fail(e, E_INTERNAL, "class %d or %d of sample %lld is none of %d", truth[i],
                        found[i], (long long)i, classes);
        out->count[truth[i] * classes + found[i]]++;
        out->n++;
    }
    return E_OK;
}

static double share(double part, double all)
{
    return all > 0 ? part / all : 0;
}

static double right(const Confusion *c, int k)
{
    return (double)c->count[k * c->classes + k];
}

static double is(const Confusion *c, int k) /* how many are of class k */
{
    int64_t n = 0;

    for (int j = 0; j < c->classes; j++)
        n += c->count[k * c->classes + j];
    return (double)n;
}

static double said(const Confusion *c, int k) /* how many were said to be */
{
    int64_t n = 0;

    for (int j = 0; j < c->classes; j++)
        n += c->count[j * c->classes + k];
    return (double)n;
}

double metric_accuracy(const Confusion *c)
{
    double sum = 0;

    for (int k = 0; k < c->classes; k++)
        sum += right(c, k);
    return share(sum, (double)c->n);
}

double metric_precision(const Confusion *c, int k)
{
    return share(right(c, k), said(c, k));
}

double metric_recall(const Confusion *c, int k)
{
    return share(right(c, k), is(c, k));
}

double metric_f1(const Confusion *c, int k)
{
    return share(2 * right(c, k), is(c, k) + said(c, k));
}

double metric_f1_macro(const Confusion *c)
{
    double sum = 0;
    int n = 0;

    for (int k = 0; k < c->classes; k++)
        if (is(c, k) + said(c, k) > 0) {
            sum += metric_f1(c, k);
            n++;
        }
    return share(sum, n);
}

double metric_f1_micro(const Confusion *c)
{
    return metric_accuracy(c); /* every sample has one label and one prediction */
}

double metric_f1_weighted(const Confusion *c)
{
    double sum = 0;

    for (int k = 0; k < c->classes; k++)
        sum += is(c, k) * metric_f1(c, k);
    return share(sum, (double)c->n);
}

double metric_balanced_accuracy(const Confusion *c)
{
    double sum = 0;
    int n = 0;

    for (int k = 0; k < c->classes; k++)
        if (is(c, k) > 0) {
            sum += metric_recall(c, k);
            n++;
        }
    return share(sum, n);
}

/* Gorodkin 2004: (c s - sum t_k p_k) / sqrt((s^2 - sum p_k^2) (s^2 - sum t_k^2)); 0 when undefined. */
double metric_matthews(const Confusion *c)
{
    double s = (double)c->n, top = metric_accuracy(c) * s * s, p2 = s * s, t2 = s * s;

    for (int k = 0; k < c->classes; k++) {
        top -= is(c, k) * said(c, k);
        p2 -= said(c, k) * said(c, k);
        t2 -= is(c, k) * is(c, k);
    }
    return p2 > 0 && t2 > 0 ? top / sqrt(p2 * t2) : 0;
}

/* ---- numbers ---- */

static double correlation(const double *x, const double *y, int64_t n)
{
    double mx = 0, my = 0, xx = 0, yy = 0, xy = 0;

    for (int64_t i = 0; i < n; i++) {
        mx += x[i];
        my += y[i];
    }
    mx = share(mx, (double)n);
    my = share(my, (double)n);
    for (int64_t i = 0; i < n; i++) {
        xx += (x[i] - mx) * (x[i] - mx);
        yy += (y[i] - my) * (y[i] - my);
        xy += (x[i] - mx) * (y[i] - my);
    }
    return xx > 0 && yy > 0 ? xy / sqrt(xx * yy) : 0;
}

static Status widen(Err *e, Arena *a, const float *x, int64_t n, double **out)
{
    *out = NEWS(e, a, double, n + 1);
    if (!*out)
        return err_failed(e->code);
    for (int64_t i = 0; i < n; i++)
        (*out)[i] = (double)x[i];
    return E_OK;
}

Status metric_pearson(Err *e, Arena *a, const float *x, const float *y, int64_t n, double *out)
{
    double *dx, *dy;

    TRY(widen(e, a, x, n, &dx));
    TRY(widen(e, a, y, n, &dy));
    *out = correlation(dx, dy, n);
    return E_OK;
}

typedef struct Ranked {
    float value;
    int64_t at;
} Ranked;

static int by_value(const void *a, const void *b)
{
    const Ranked *x = a, *y = b;

    return x->value < y->value ? -1 : x->value > y->value;
}

/* Ranks from 1; equal values share the mean of theirs. */
static Status ranks(Err *e, Arena *a, const float *x, int64_t n, double **out)
{
    Ranked *r = NEWS(e, a, Ranked, n + 1);

    *out = NEWS(e, a, double, n + 1);
    if (!r || !*out)
        return err_failed(e->code);
    for (int64_t i = 0; i < n; i++)
        r[i] = (Ranked){x[i], i};
    qsort(r, (size_t)n, sizeof *r, by_value);
    for (int64_t i = 0, j; i < n; i = j) {
        for (j = i; j < n && r[j].value == r[i].value; j++)
            ;
        if (j == i) /* NaN equals nothing */
            j++;
        for (int64_t k = i; k < j; k++)
            (*out)[r[k].at] = 0.5 * (double)(i + 1 + j);
    }
    return E_OK;
}

Status metric_spearman(Err *e, Arena *a, const float *x, const float *y, int64_t n, double *out)
{
    double *rx, *ry;

    TRY(ranks(e, a, x, n, &rx));
    TRY(ranks(e, a, y, n, &ry));
    *out = correlation(rx, ry, n);
    return E_OK;
}

/* ---- intervals ---- */

Interval interval_wilson(int64_t hits, int64_t n)
{
    if (n <= 0)
        return (Interval){0, 1};
    double m = (double)n, p = (double)hits / m, z2 = Z95 * Z95;
    double middle = (p + z2 / (2 * m)) / (1 + z2 / m);
    double half = Z95 * sqrt(p * (1 - p) / m + z2 / (4 * m * m)) / (1 + z2 / m);

    return (Interval){fmax(0, middle - half), fmin(1, middle + half)};
}

Interval interval_correlation(double r, int64_t n)
{
    if (n <= 3 || fabs(r) >= 1)
        return n <= 3 ? (Interval){-1, 1} : (Interval){r, r};
    double z = atanh(r), half = Z95 / sqrt((double)n - 3);

    return (Interval){tanh(z - half), tanh(z + half)};
}

/* SPDX-License-Identifier: MIT */
