/* linear_inside.h - what the parts of a linear fit share: linear.c, linear_loss.c, linear_rows.c. */
#ifndef LINEAR_INSIDE_H
#define LINEAR_INSIDE_H

#include "train/train.h"

typedef struct Fitting { /* fits on the same rows */
    const LinearFit *f;
    double c; /* this fit's strength */
    int64_t columns;
    int k;             /* outputs */
    const float *x;    /* dense: [rows, columns], a standardised copy or its factor */
    const float *wide; /* the standardised copy [rows, f->x->columns] */
    double *factor;    /* NULL, or [rows, rows] of linear_rows.c; x is a copy of it */
    double *mean;      /* [f->x->columns] */
    double *scale;     /* [f->x->columns] */
    double *residual;  /* [rows, k] weight * (p - y) */
    double *loss;      /* [rows] */
    double total;      /* sum of weights */
    double *found;     /* [k, columns] then [k] biases; a fit begins at the last one's */
    const double *w;   /* where the loss is asked for, as found */
    double *grad;
} Fitting;

/* Mean loss + |w|^2 / (2 c total) at w and its gradient; arg: a Fitting.  For lbfgs. */
double linear_loss(void *arg, const double *w, double *grad);
double linear_row_weight(const LinearFit *f, int64_t i);
double exp_of(double x); /* x <= 0 */
double log_of(double x); /* x >= 1 */

/* L [rows, rows], lower triangular, with X X^T = L L^T for x [rows, columns]; a row that the ones before it already
 * span has 0 on the diagonal and in its column. */
Status rows_factor(Err *e, Arena *a, Pool *pool, const float *x, int64_t rows, int64_t columns,
                   double **l);
/* w [columns] = X^T L^-T v; v [rows] is used up. */
void rows_back(const double *l, const float *x, int64_t rows, int64_t columns, double *v,
               double *w);

#endif
/* SPDX-License-Identifier: MIT */
