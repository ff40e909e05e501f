/* test_linear.c - L-BFGS finds known minima; the linear models stand where the gradient is zero, with the
 * same bits for any number of threads and for dense and sparse rows. */
#include "test.h"
#include "train/train.h"

#include <math.h>
#include <string.h>

static double rosenbrock(void *arg, const double *x, double *g)
{
    double a = 1 - x[0], b = x[1] - x[0] * x[0];

    (void)arg;
    g[0] = -2 * a - 400 * x[0] * b;
    g[1] = 200 * b;
    return a * a + 100 * b * b;
}

TEST(train_lbfgs_finds_the_minimum_of_a_valley)
{
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());
    double x[] = {-1.2, 1};
    int used;

    CHECK_OK(lbfgs(&err, a, &(LbfgsOf){rosenbrock, NULL, 2, 200}, x, &used));
    CHECK_NEAR(x[0], 1, 1e-3);
    CHECK_NEAR(x[1], 1, 1e-3);
    CHECK(used > 5 && used < 100);
    arena_free(a);
}

enum { ROWS = 120, COLUMNS = 5, CLASSES = 3, FEW = 24, MANY = 60 };

typedef struct Toy {
    float value[ROWS * COLUMNS], target[ROWS];
    int32_t label[ROWS];
    int64_t row[ROWS], start[ROWS + 1];
    int32_t column[ROWS * COLUMNS];
} Toy;

static void toy_make(Toy *t)
{
    for (int i = 0; i < ROWS; i++) {
        t->row[i] = i;
        t->label[i] = i % CLASSES;
        t->target[i] = 0.5F;
        t->start[i + 1] = (i + 1) * COLUMNS;
        for (int j = 0; j < COLUMNS; j++) {
            uint64_t at = (uint64_t)(i * COLUMNS + j);

            t->column[at] = j;
            t->value[at] = (float)(random_normal(1, 2, at) * (1 + j) + (j == t->label[i]) * 1.5);
            t->target[i] += (float)(j - 2) * t->value[at];
        }
    }
    t->start[0] = 0;
}

/* The largest number in the penalised gradient of a fit over columns as they are, by plain loops and libm. */
static double gradient_left(const Matrix *m, const int32_t *label, const Linear *l, double c)
{
    double g[CLASSES * MANY] = {0}, worst = 0;
    int64_t n = m->columns;

    for (int64_t i = 0; i < m->rows; i++) {
        double z[CLASSES], sum = 0;

        for (int k = 0; k < CLASSES; k++) {
            z[k] = (double)l->bias[k];
            for (int64_t j = 0; j < n; j++)
                z[k] += (double)l->weight[k * n + j] * (double)m->value[i * n + j];
            sum += exp(z[k]);
        }
        for (int k = 0; k < CLASSES; k++)
            for (int64_t j = 0; j < n; j++)
                g[k * n + j] += (exp(z[k]) / sum - (k == label[i])) * (double)m->value[i * n + j];
    }
    for (int64_t i = 0; i < CLASSES * n; i++)
        worst = fmax(worst, fabs(g[i] + (double)l->weight[i] / c));
    return worst / (double)m->rows;
}

TEST(train_linear_logistic_regression_is_at_its_minimum)
{
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());
    Toy *t = NEW(&err, a, Toy);
    Linear l;

    toy_make(t);
    Matrix m = {ROWS, COLUMNS, t->value, t->start, t->column};
    LinearFit f = {.x = &m, .label = t->label, .row = t->row, .rows = ROWS, .outputs = CLASSES};
    for (f.c = 0.01; f.c < 1000; f.c *= 100) {
        CHECK_OK(linear_fit(&err, a, &f, &l));
        CHECK_NEAR(gradient_left(&m, t->label, &l, f.c), 0, 1e-4);
    }
    arena_free(a);
}

TEST(train_linear_same_bits_for_any_number_of_threads)
{
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());
    Toy *t = NEW(&err, a, Toy);
    Pool *pool;
    Linear one, three;

    toy_make(t);
    CHECK_OK(pool_new(&err, a, 3, &pool));
    Matrix m = {ROWS, COLUMNS, t->value, NULL, NULL};
    LinearFit f = {
        .x = &m, .label = t->label, .row = t->row, .rows = ROWS, .outputs = CLASSES, .c = 1};
    CHECK_OK(linear_fit(&err, a, &f, &one));
    f.pool = pool;
    CHECK_OK(linear_fit(&err, a, &f, &three));
    CHECK_INT(memcmp(one.weight, three.weight, sizeof(float) * CLASSES * COLUMNS), 0);
    CHECK_INT(memcmp(one.bias, three.bias, sizeof(float) * CLASSES), 0);
    arena_free(a);
}

/* Few rows of many columns are fitted in the rows' coordinates; one row is there twice.  Columns of mean 0 and scale 1
 * are left as they are, so the minimum is the one over the columns. */
TEST(train_linear_wide_rows_are_at_the_minimum_over_their_columns)
{
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());
    static float value[FEW * MANY];
    int32_t label[FEW];
    int64_t row[FEW];
    Linear l;

    for (int i = 0; i < FEW * MANY; i++)
        value[i] = (float)random_normal(5, 6, (uint64_t)(i % ((FEW - 1) * MANY)));
    for (int i = 0; i < FEW; i++) {
        row[i] = i;
        label[i] = i % CLASSES;
    }
    for (int j = 0; j < MANY; j++) {
        double mean = 0, square = 0;

        for (int i = 0; i < FEW; i++)
            mean += (double)value[i * MANY + j] / FEW;
        for (int i = 0; i < FEW; i++)
            square += pow((double)value[i * MANY + j] - mean, 2) / FEW;
        for (int i = 0; i < FEW; i++)
            value[i * MANY + j] = (float)(((double)value[i * MANY + j] - mean) / sqrt(square));
    }
    Matrix m = {FEW, MANY, value, NULL, NULL};
    LinearFit f = {.x = &m, .label = label, .row = row, .rows = FEW, .outputs = CLASSES};
    for (f.c = 0.01; f.c < 200; f.c *= 10) {
        CHECK_OK(linear_fit(&err, a, &f, &l));
        CHECK(l.iterations > 2);
        CHECK_NEAR(gradient_left(&m, label, &l, f.c), 0, 1e-4);
    }
    arena_free(a);
}

TEST(train_linear_ridge_finds_the_line)
{
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());
    Toy *t = NEW(&err, a, Toy);
    Linear l;
    float z;

    toy_make(t);
    Matrix m = {ROWS, COLUMNS, t->value, NULL, NULL};
    LinearFit f = {.x = &m, .target = t->target, .row = t->row, .rows = 100, .outputs = 1};
    CHECK_OK(linear_fit_best(&err, a, &f, t->row + 100, 20, NULL, &l));
    CHECK_NEAR(l.c, 100, 0);
    for (int j = 0; j < COLUMNS; j++)
        CHECK_NEAR(l.weight[j], j - 2, 2e-3);
    linear_scores(&l, &m, 110, &z);
    CHECK_NEAR(z, t->target[110], 2e-2);
    arena_free(a);
}

/* SPDX-License-Identifier: MIT */
