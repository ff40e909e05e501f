/* linear_loss.c - what a linear fit costs at given weights, and its gradient.  Rows and columns are cut at fixed borders:
 * the same bits for any number of threads; exp and log are our own. */
#include "train/linear_inside.h"

#include <math.h>
#include <string.h>

#define ROW_GRAIN    32
#define COLUMN_GRAIN 64

/* How many columns of row i are not 0: a factor is triangular. */
static int64_t filled(const Fitting *p, int64_t i)
{
    return p->factor ? i + 1 : p->columns;
}

/* ---- exp and log by polynomials, the same on every machine ---- */

/* e^x for x <= 0: 2^n e^r with |r| <= ln 2 / 2, Taylor to r^13. */
double exp_of(double x)
{
    const double ln2 = 0.69314718055994530942;

    if (x < -700)
        return 0;
    int n = (int)(x / ln2 - 0.5);
    double r = x - n * ln2, sum = 1;
    for (int k = 13; k >= 1; k--)
        sum = 1 + sum * r / k;
    return ldexp(sum, n);
}

/* ln x for x >= 1: x = m 2^n, ln m = 2 atanh((m - 1) / (m + 1)). */
double log_of(double x)
{
    int n;
    double m = frexp(x, &n);

    if (m < 0.70710678118654752440) {
        m *= 2;
        n--;
    }
    double t = (m - 1) / (m + 1), t2 = t * t, sum = 0;
    for (int k = 19; k >= 1; k -= 2)
        sum = sum * t2 + 1.0 / k;
    return 2 * t * sum + n * 0.69314718055994530942;
}

/* ---- scores ---- */

static double dense_dot(const double *w, const float *x, int64_t n)
{
    double part[4] = {0};
    int64_t i = 0;

    for (; i + 4 <= n; i += 4)
        for (int k = 0; k < 4; k++)
            part[k] += w[i + k] * (double)x[i + k];
    double sum = (part[0] + part[1]) + (part[2] + part[3]);
    for (; i < n; i++)
        sum += w[i] * (double)x[i];
    return sum;
}

static double score_of(const Fitting *p, int64_t i, int c)
{
    const double *w = p->w + c * p->columns;
    double bias = p->w[p->k * p->columns + c], sum = 0;

    if (p->x)
        return bias + dense_dot(w, p->x + i * p->columns, filled(p, i));
    const Matrix *m = p->f->x;
    int64_t row = p->f->row[i];
    for (int64_t j = m->start[row]; j < m->start[row + 1]; j++)
        sum += w[m->column[j]] * (double)m->value[j];
    return bias + sum;
}

double linear_row_weight(const LinearFit *f, int64_t i)
{
    return f->class_weight ? (double)f->class_weight[f->label[f->row[i]]] : 1;
}

/* loss = -ln softmax(z)[y], residual = softmax(z) - onehot(y); regression: half the square. */
static void rows_step(void *arg, int64_t begin, int64_t end, int thread)
{
    Fitting *p = arg;
    const LinearFit *f = p->f;

    (void)thread;
    for (int64_t i = begin; i < end; i++) {
        double *r = p->residual + i * p->k, top = -HUGE_VAL, sum = 0;

        for (int c = 0; c < p->k; c++) {
            r[c] = score_of(p, i, c);
            top = r[c] > top ? r[c] : top;
        }
        if (f->target) {
            r[0] -= (double)f->target[f->row[i]];
            p->loss[i] = 0.5 * r[0] * r[0];
            continue;
        }
        int32_t y = f->label[f->row[i]];
        double weight = linear_row_weight(f, i), own = r[y];
        for (int c = 0; c < p->k; c++)
            sum += r[c] = exp_of(r[c] - top);
        p->loss[i] = weight * (log_of(sum) + top - own);
        for (int c = 0; c < p->k; c++)
            r[c] = weight * (r[c] / sum - (c == y));
    }
}

/* grad[c][j] = sum over rows of residual[i][c] x[i][j], rows in order. */
static void columns_step(void *arg, int64_t begin, int64_t end, int thread)
{
    Fitting *p = arg;

    (void)thread;
    for (int c = 0; c < p->k; c++) {
        double *g = p->grad + c * p->columns;

        memset(g + begin, 0, (size_t)(end - begin) * sizeof *g);
        for (int64_t i = p->factor ? begin : 0; i < p->f->rows; i++) {
            double r = p->residual[i * p->k + c];
            const float *x = p->x + i * p->columns;
            int64_t stop = filled(p, i) < end ? filled(p, i) : end;

            for (int64_t j = begin; j < stop; j++)
                g[j] += r * (double)x[j];
        }
    }
}

static void sparse_step(Fitting *p)
{
    const Matrix *m = p->f->x;

    memset(p->grad, 0, (size_t)(p->k * p->columns) * sizeof *p->grad);
    for (int64_t i = 0; i < p->f->rows; i++)
        for (int64_t row = p->f->row[i], j = m->start[row]; j < m->start[row + 1]; j++)
            for (int c = 0; c < p->k; c++)
                p->grad[c * p->columns + m->column[j]] +=
                    p->residual[i * p->k + c] * (double)m->value[j];
}

static void spread(Pool *pool, int64_t n, int64_t grain, ParFn fn, void *arg)
{
    if (pool)
        par_for(pool, n, grain, fn, arg);
    else
        fn(arg, 0, n, 0);
}

double linear_loss(void *arg, const double *w, double *grad)
{
    Fitting *p = arg;
    int64_t values = p->k * p->columns;
    double loss = 0, square = 0, strength = 1 / p->c;

    p->w = w;
    p->grad = grad;
    spread(p->f->pool, p->f->rows, ROW_GRAIN, rows_step, p);
    if (p->x)
        spread(p->f->pool, p->columns, COLUMN_GRAIN, columns_step, p);
    else
        sparse_step(p);
    for (int64_t i = 0; i < p->f->rows; i++)
        loss += p->loss[i];
    for (int64_t i = 0; i < values; i++) {
        square += w[i] * w[i];
        grad[i] = (grad[i] + strength * w[i]) / p->total;
    }
    for (int c = 0; c < p->k; c++) {
        double sum = 0;

        for (int64_t i = 0; i < p->f->rows; i++)
            sum += p->residual[i * p->k + c];
        grad[values + c] = sum / p->total;
    }
    return (loss + 0.5 * strength * square) / p->total;
}

/* SPDX-License-Identifier: MIT */
