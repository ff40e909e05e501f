/* lbfgs.c - minimising a smooth function (Liu & Nocedal 1989): the last 10 steps stand for the curvature,
 * backtracking until Armijo's rule holds.  Double precision, every sum in order: the same bits always. */
#include "train/train.h"

#include <math.h>
#include <string.h>

#define PAIRS 10

typedef struct Lbfgs {
    int64_t n;
    double *s[PAIRS], *y[PAIRS], rho[PAIRS]; /* steps, changes of the gradient, 1 / (s y) */
    int pairs, next;
    const double *x; /* the caller moves it */
    double *grad, *dir, *x_new, *grad_new;
} Lbfgs;

static double dot(const double *a, const double *b, int64_t n)
{
    double part[4] = {0}, sum;
    int64_t i = 0;

    for (; i + 4 <= n; i += 4)
        for (int k = 0; k < 4; k++)
            part[k] += a[i + k] * b[i + k];
    sum = (part[0] + part[1]) + (part[2] + part[3]);
    for (; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

static void add_scaled(double *y, double f, const double *x, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        y[i] += f * x[i];
}

static Status lbfgs_new(Err *e, Arena *a, int64_t n, const double *x, Lbfgs *l)
{
    double *block = NEWS(e, a, double, (size_t)n *(2 * PAIRS + 4));

    if (!block)
        return err_failed(e->code);
    *l = (Lbfgs){.n = n, .x = x};
    for (int i = 0; i < PAIRS; i++) {
        l->s[i] = block + (int64_t)(2 * i) * n;
        l->y[i] = block + (int64_t)(2 * i + 1) * n;
    }
    block += (int64_t)2 * PAIRS * n;
    l->grad = block;
    l->dir = block + n;
    l->x_new = block + 2 * n;
    l->grad_new = block + 3 * n;
    return E_OK;
}

/* dir = -H grad by the two loops (Nocedal & Wright, algorithm 7.4). */
static void direction(Lbfgs *l)
{
    double alpha[PAIRS] = {0};
    int last = (l->next + PAIRS - 1) % PAIRS;

    for (int64_t i = 0; i < l->n; i++)
        l->dir[i] = -l->grad[i];
    for (int k = 0; k < l->pairs; k++) {
        int i = (last + PAIRS - k) % PAIRS;

        alpha[i] = l->rho[i] * dot(l->s[i], l->dir, l->n);
        add_scaled(l->dir, -alpha[i], l->y[i], l->n);
    }
    if (l->pairs > 0) {
        double scale = 1 / (l->rho[last] * dot(l->y[last], l->y[last], l->n));

        for (int64_t i = 0; i < l->n; i++)
            l->dir[i] *= scale;
    }
    for (int k = l->pairs - 1; k >= 0; k--) {
        int i = (last + PAIRS - k) % PAIRS;
        double beta = l->rho[i] * dot(l->y[i], l->dir, l->n);

        add_scaled(l->dir, alpha[i] - beta, l->s[i], l->n);
    }
}

static void remember(Lbfgs *l)
{
    double *s = l->s[l->next], *y = l->y[l->next];

    for (int64_t i = 0; i < l->n; i++) {
        s[i] = l->x_new[i] - l->x[i];
        y[i] = l->grad_new[i] - l->grad[i];
    }
    double sy = dot(s, y, l->n);
    if (sy <= 1e-12 * dot(y, y, l->n)) /* no curvature seen: keep the older pairs */
        return;
    l->rho[l->next] = 1 / sy;
    l->next = (l->next + 1) % PAIRS;
    l->pairs += l->pairs < PAIRS;
}

Status lbfgs(Err *e, Arena *a, const LbfgsOf *of, double *x, int *used)
{
    int64_t n = of->n;
    Lbfgs l = {0};
    int it;

    TRY(lbfgs_new(e, a, n, x, &l));
    double f = of->fn(of->arg, x, l.grad);
    for (it = 0; it < of->iterations; it++) {
        double f_new = f, step;

        if (dot(l.grad, l.grad, n) < 1e-10)
            break;
        direction(&l);
        double slope = dot(l.grad, l.dir, n);
        step = l.pairs > 0 ? 1 : 1 / fmax(1, sqrt(dot(l.grad, l.grad, n)));
        for (int tries = 0; tries < 30; tries++, step *= 0.5) {
            for (int64_t i = 0; i < n; i++)
                l.x_new[i] = x[i] + step * l.dir[i];
            f_new = of->fn(of->arg, l.x_new, l.grad_new);
            if (f_new <= f + 1e-4 * step * slope)
                break;
        }
        if (!(f_new < f))
            break;
        remember(&l);
        memcpy(x, l.x_new, (size_t)n * sizeof *x);
        memcpy(l.grad, l.grad_new, (size_t)n * sizeof *x);
        bool still = f - f_new < 1e-9 * fmax(1, fabs(f));
        f = f_new;
        if (still)
            break;
    }
    if (used)
        *used = it;
    return isfinite(f)
               ? E_OK
               : fail(e, E_DATA, "a linear model could not be fitted: its loss is not finite");
}

/* SPDX-License-Identifier: MIT */
