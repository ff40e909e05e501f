/* test_metrics.c - against values of scikit-learn and SciPy (tests/golden/metrics), and edge cases. */
#include "test.h"
#include "train/train.h"

#include <string.h>

/* The numbers under `key` of a golden file: how many. */
static int golden(const char *name, const char *key, double *out, int cap)
{
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());
    JsonScan *s;
    JsonToken t;
    Bytes text;
    int n = 0;

    CHECK_OK(file_read_all(&err, a, arena_printf(&err, a, "tests/golden/metrics/%s.json", name),
                           1 << 20, &text));
    CHECK_OK(json_open(&err, a, name, text.data, text.n, 0, &s));
    do
        CHECK_OK(json_next(&err, s, &t));
    while (t.kind != JSON_END && (t.kind != JSON_KEY || strcmp(t.text, key) != 0));
    CHECK_INT(t.kind, JSON_KEY);
    CHECK_OK(json_next(&err, s, &t));
    if (t.kind == JSON_ARRAY)
        CHECK_OK(json_next(&err, s, &t));
    while (t.kind == JSON_NUMBER && n < cap) {
        out[n++] = t.number;
        CHECK_OK(json_next(&err, s, &t));
    }
    arena_free(a);
    return n;
}

static double value(const char *name, const char *key)
{
    double x = 0;

    CHECK_INT(golden(name, key, &x, 1), 1);
    return x;
}

static int read_ints(const char *name, const char *key, int32_t *out)
{
    double x[1000];
    int n = golden(name, key, x, 1000);

    for (int i = 0; i < n; i++)
        out[i] = (int32_t)x[i];
    return n;
}

static int read_floats(const char *name, const char *key, float *out)
{
    double x[1000];
    int n = golden(name, key, x, 1000);

    for (int i = 0; i < n; i++)
        out[i] = (float)x[i];
    return n;
}

TEST(train_metrics_classes_equal_scikit_learn)
{
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());
    const char *g = "classification";
    int32_t truth[1000], found[1000];
    double precision[4], recall[4];
    Confusion c;
    int n = read_ints(g, "labels", truth);

    CHECK_INT(read_ints(g, "predictions", found), n);
    CHECK_OK(confusion_make(&err, a, 4, truth, found, n, &c));
    CHECK_NEAR(metric_accuracy(&c), value(g, "accuracy"), 1e-12);
    CHECK_NEAR(metric_f1_macro(&c), value(g, "f1_macro"), 1e-12);
    CHECK_NEAR(metric_f1_micro(&c), value(g, "f1_micro"), 1e-12);
    CHECK_NEAR(metric_f1_weighted(&c), value(g, "f1_weighted"), 1e-12);
    CHECK_NEAR(metric_matthews(&c), value(g, "matthews_correlation"), 1e-12);
    CHECK_NEAR(metric_balanced_accuracy(&c), value(g, "balanced_accuracy"), 1e-12);
    CHECK_INT(golden(g, "precision_per_class", precision, 4), 4);
    CHECK_INT(golden(g, "recall_per_class", recall, 4), 4);
    for (int k = 0; k < 4; k++) {
        CHECK_NEAR(metric_precision(&c, k), precision[k], 1e-12);
        CHECK_NEAR(metric_recall(&c, k), recall[k], 1e-12);
    }
    arena_free(a);
}

TEST(train_metrics_correlations_equal_scipy)
{
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());
    const char *g = "correlation";
    float x[1000], y[1000];
    double r;
    int n = read_floats(g, "x", x);

    CHECK_INT(read_floats(g, "y", y), n);
    CHECK_OK(metric_pearson(&err, a, x, y, n, &r));
    CHECK_NEAR(r, value(g, "pearson"), 1e-7);
    CHECK_OK(metric_spearman(&err, a, x, y, n, &r));
    CHECK_NEAR(r, value(g, "spearman"), 1e-12);
    arena_free(a);
}

TEST(train_metrics_of_one_class_are_finite)
{
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());
    int32_t truth[] = {1, 1, -1, 1}, found[] = {1, 1, 0, 1};
    float flat[] = {2, 2, 2};
    Confusion c;
    double r;

    CHECK_OK(confusion_make(&err, a, 3, truth, found, 4, &c));
    CHECK_INT(c.n, 3);
    CHECK_NEAR(metric_accuracy(&c), 1, 0);
    CHECK_NEAR(metric_f1_macro(&c), 1, 0);
    CHECK_NEAR(metric_matthews(&c), 0, 0);
    CHECK_NEAR(metric_precision(&c, 0), 0, 0);
    CHECK_OK(metric_spearman(&err, a, flat, flat, 3, &r));
    CHECK_NEAR(r, 0, 0);
    CHECK_OK(confusion_make(&err, a, 3, truth, found, 0, &c));
    CHECK_NEAR(metric_accuracy(&c), 0, 0);
    arena_free(a);
}

TEST(train_metrics_intervals)
{
    Interval i = interval_wilson(45, 50); /* Wilson's formula by hand */

    CHECK_NEAR(i.low, 0.78640, 1e-4);
    CHECK_NEAR(i.high, 0.95652, 1e-4);
    i = interval_wilson(0, 10);
    CHECK_NEAR(i.low, 0, 1e-12);
    CHECK_NEAR(i.high, 0.27753, 1e-4);
    i = interval_wilson(0, 0);
    CHECK_NEAR(i.high - i.low, 1, 0);
    i = interval_correlation(0.82, 1379);
    CHECK(i.low > 0.80 && i.low < 0.82 && i.high > 0.82 && i.high < 0.84);
}

/* SPDX-License-Identifier: MIT */
