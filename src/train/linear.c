/* linear.c - the quick models that tuning has to beat: multinomial logistic regression, and ridge regression
 * for one number.  Mean loss + |w|^2 / (2 C n), the bias free: scikit-learn's C.  Dense columns are
 * standardised inside and folded back.  Rows and columns are cut at fixed borders: the same bits for any
 * number of threads; exp and log are our own. */
#include "train/train.h"

#include <math.h>
#include <string.h>

#define ROW_GRAIN    32
#define COLUMN_GRAIN 64
#define ITERATIONS   200

typedef struct Fitting { /* one fit */
    const LinearFit *f;
    int64_t columns;
    int k;            /* outputs */
    const float *x;   /* dense: [rows, columns] standardised copy */
    double *residual; /* [rows, k] weight * (p - y) */
    double *loss;     /* [rows] */
    double total;     /* sum of weights */
    const double *w;  /* [k, columns] then [k] biases */
    double *grad;
} Fitting;

/* ---- exp and log by polynomials, the same on every machine ---- */

/* e^x for x <= 0: 2^n e^r with |r| <= ln 2 / 2, Taylor to r^13. */
static double exp_of(double x)
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
static double log_of(double x)
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
        return bias + dense_dot(w, p->x + i * p->columns, p->columns);
    const Matrix *m = p->f->x;
    int64_t row = p->f->row[i];
    for (int64_t j = m->start[row]; j < m->start[row + 1]; j++)
        sum += w[m->column[j]] * (double)m->value[j];
    return bias + sum;
}

static double row_weight(const LinearFit *f, int64_t i)
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
        double weight = row_weight(f, i), own = r[y];
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
        for (int64_t i = 0; i < p->f->rows; i++) {
            double r = p->residual[i * p->k + c];
            const float *x = p->x + i * p->columns;

            for (int64_t j = begin; j < end; j++)
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

static double evaluate(void *arg, const double *w, double *grad)
{
    Fitting *p = arg;
    int64_t values = p->k * p->columns;
    double loss = 0, square = 0, strength = 1 / p->f->c;

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

/* ---- fitting ---- */

/* A standardised copy of the rows; mean and scale of each column. */
static Status standardise(Err *e, Arena *a, const LinearFit *f, Fitting *p, double *mean,
                          double *scale)
{
    float *copy = NEWS(e, a, float, (size_t)f->rows *(size_t)p->columns);

    if (!copy)
        return err_failed(e->code);
    for (int64_t i = 0; i < f->rows; i++)
        for (int64_t j = 0; j < p->columns; j++)
            mean[j] += (double)f->x->value[f->row[i] * p->columns + j] / (double)f->rows;
    for (int64_t i = 0; i < f->rows; i++)
        for (int64_t j = 0; j < p->columns; j++) {
            double d = (double)f->x->value[f->row[i] * p->columns + j] - mean[j];

            scale[j] += d * d / (double)f->rows;
        }
    for (int64_t j = 0; j < p->columns; j++)
        scale[j] = scale[j] > 1e-20 ? sqrt(scale[j]) : 1;
    for (int64_t i = 0; i < f->rows; i++)
        for (int64_t j = 0; j < p->columns; j++)
            copy[i * p->columns + j] =
                (float)(((double)f->x->value[f->row[i] * p->columns + j] - mean[j]) / scale[j]);
    p->x = copy;
    return E_OK;
}

static Status linear_start(Err *e, Arena *a, const LinearFit *f, Fitting *p)
{
    *p = (Fitting){.f = f, .columns = f->x->columns, .k = f->outputs};
    if (f->rows < 1)
        return fail(e, E_DATA, "a linear model needs at least one row");
    p->residual = NEWS(e, a, double, (size_t)f->rows *(size_t)p->k);
    p->loss = NEWS(e, a, double, f->rows);
    if (!p->residual || !p->loss)
        return err_failed(e->code);
    for (int64_t i = 0; i < f->rows; i++)
        p->total += row_weight(f, i);
    return E_OK;
}

Status linear_fit(Err *e, Arena *a, const LinearFit *f, Linear *out)
{
    Arena *scratch = arena_child(e, a);
    Fitting p;
    int64_t n = f->x->columns, values = n * f->outputs;

    if (!scratch)
        return err_failed(e->code);
    TRY(linear_start(e, scratch, f, &p));
    double *w = NEWS(e, scratch, double, values + f->outputs),
           *mean = NEWS(e, scratch, double, n + 1), *scale = NEWS(e, scratch, double, n + 1);
    *out = (Linear){.columns = n, .outputs = f->outputs, .c = f->c};
    out->weight = NEWS(e, a, float, values + 1);
    out->bias = NEWS(e, a, float, f->outputs);
    if (!w || !mean || !scale || !out->weight || !out->bias)
        return err_failed(e->code);
    for (int64_t j = 0; j < n; j++)
        scale[j] = f->x->start ? 1 : 0;
    if (!f->x->start)
        TRY(standardise(e, scratch, f, &p, mean, scale));
    TRY(lbfgs(e, scratch, &(LbfgsOf){evaluate, &p, values + f->outputs, ITERATIONS}, w,
              &out->iterations));
    for (int c = 0; c < f->outputs; c++) {
        double bias = w[values + c];

        for (int64_t j = 0; j < n; j++) {
            out->weight[c * n + j] = (float)(w[c * n + j] / scale[j]);
            bias -= w[c * n + j] * mean[j] / scale[j];
        }
        out->bias[c] = (float)bias;
    }
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
    float *z = NEWS(e, a, float, f->outputs + 1);
    double best = HUGE_VAL;

    if (!z)
        return err_failed(e->code);
    for (size_t i = 0; i < LEN(strengths); i++) {
        LinearFit one = *f;
        Linear l;

        one.c = valids > 0 ? strengths[i] : 1; /* nothing to choose on: scikit-learn's default */
        TRY(linear_fit(e, a, &one, &l));
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
    return E_OK;
}

/* SPDX-License-Identifier: MIT */
