/* linear_rows.c - fewer rows than columns: a penalised linear fit is a mix of its rows (Hastie & Tibshirani 2004,
 * "Efficient quadratic regularization for expression arrays").  X = L Q, where L [rows, rows] is the Cholesky factor
 * of X X^T and Q's rows are orthonormal; for w = Q^T v the scores are L v and |w| = |v|, so the fit may run on L. */
#include "train/linear_inside.h"

#include <math.h>
#include <string.h>

#define GRAM_GRAIN 4
#define SPANNED    1e-10 /* of a row's square left over: float columns hold no more */

typedef struct Gram {
    const float *x;
    int64_t rows, columns;
    double *out;
} Gram;

static double float_dot(const float *a, const float *b, int64_t n)
{
    double part[4] = {0};
    int64_t i = 0;

    for (; i + 4 <= n; i += 4)
        for (int k = 0; k < 4; k++)
            part[k] += (double)a[i + k] * (double)b[i + k];
    double sum = (part[0] + part[1]) + (part[2] + part[3]);
    for (; i < n; i++)
        sum += (double)a[i] * (double)b[i];
    return sum;
}

static double double_dot(const double *a, const double *b, int64_t n)
{
    double part[4] = {0};
    int64_t i = 0;

    for (; i + 4 <= n; i += 4)
        for (int k = 0; k < 4; k++)
            part[k] += a[i + k] * b[i + k];
    double sum = (part[0] + part[1]) + (part[2] + part[3]);
    for (; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

static void gram_rows(void *arg, int64_t begin, int64_t end, int thread)
{
    const Gram *g = arg;

    (void)thread;
    for (int64_t i = begin; i < end; i++)
        for (int64_t j = 0; j <= i; j++)
            g->out[i * g->rows + j] =
                float_dot(g->x + i * g->columns, g->x + j * g->columns, g->columns);
}

/* In place, row by row. */
static void cholesky(double *l, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        double *row = l + i * n, whole = row[i];

        for (int64_t j = 0; j < i; j++) {
            double pivot = l[j * n + j];

            row[j] = pivot > 0 ? (row[j] - double_dot(row, l + j * n, j)) / pivot : 0;
        }
        double left = whole - double_dot(row, row, i);
        row[i] = left > SPANNED * whole ? sqrt(left) : 0;
    }
}

Status rows_factor(Err *e, Arena *a, Pool *pool, const float *x, int64_t rows, int64_t columns,
                   double **l)
{
    Gram g = {x, rows, columns, NEWS(e, a, double, (size_t)rows *(size_t)rows)};

    if (!g.out)
        return err_failed(e->code);
    if (pool)
        par_for(pool, rows, GRAM_GRAIN, gram_rows, &g);
    else
        gram_rows(&g, 0, rows, 0);
    cholesky(g.out, rows);
    *l = g.out;
    return E_OK;
}

void rows_back(const double *l, const float *x, int64_t rows, int64_t columns, double *v, double *w)
{
    memset(w, 0, (size_t)columns * sizeof *w);
    for (int64_t i = rows - 1; i >= 0; i--) {
        const double *row = l + i * rows;

        if (!(row[i] > 0))
            continue;
        double part = v[i] / row[i];
        for (int64_t j = 0; j < i; j++)
            v[j] -= part * row[j];
        for (int64_t j = 0; j < columns; j++)
            w[j] += part * (double)x[i * columns + j];
    }
}

/* SPDX-License-Identifier: MIT */
