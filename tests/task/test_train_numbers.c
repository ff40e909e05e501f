/* test_train_numbers.c - learning from rows of numbers, end to end: svmlight and tables, what is saved and used again, the
 * same bits for any number of threads, and rows with other features. */
#include "tiny.h"

#include <string.h>

static void write_text(const Tiny *t, const char *name, const char *text)
{
    Err err = {0};
    Writer *w;

    CHECK_OK(writer_open(&err, t->a, tiny_path(t, name), &w));
    CHECK_OK(writer_put(&err, w, text, strlen(text)));
    CHECK_OK(writer_commit(&err, w));
}

/* 150 rows of three classes: column k is about 2 where the class is k; far.csv in another scale. */
static void make_files(const Tiny *t)
{
    Err err = {0};
    Writer *w, *far;

    CHECK_OK(writer_open(&err, t->a, tiny_path(t, "rows.svm"), &w));
    CHECK_OK(writer_open(&err, t->a, tiny_path(t, "far.csv"), &far));
    CHECK_OK(writer_printf(&err, far, "a,b,c,kind\n"));
    for (uint64_t i = 0; i < 150; i++) {
        double x[3];

        for (uint64_t k = 0; k < 3; k++)
            x[k] = (i % 3 == k ? 2 : 0.1) + random_uniform(1, k, i);
        CHECK_OK(
            writer_printf(&err, w, "%d 0:%.3f 1:%.3f 4:%.3f\n", (int)(i % 3), x[0], x[1], x[2]));
        CHECK_OK(writer_printf(&err, far, "%.3f,%.3f,%.3f,%c\n", 1000 * x[0], x[1] - 50, x[2] / 100,
                               "xyz"[i % 3]));
    }
    CHECK_OK(writer_commit(&err, w));
    CHECK_OK(writer_commit(&err, far));
}

static Status train(Err *e, Tiny *t, const char *data, const char *output, TrainResult *r)
{
    TrainOptions o = {.data = tiny_path(t, data),
                      .output = tiny_path(t, output),
                      .variant = "mlp:8",
                      .model_name = "mlp:8",
                      .scratch = true,
                      .epochs = 30,
                      .lr = 2e-2};
    Arena *a = arena_child(e, t->a);
    Status s = a ? task_train(e, a, &t->c, &o, r) : e->code;

    arena_free(a);
    return s;
}

static void check_use(Tiny *t, const char *folder, const char *data, const TrainResult *r)
{
    Err err = {0};
    UseOptions use = {.model = tiny_path(t, folder)};
    EvalResult ev;
    int64_t rows;

    use.data = arena_printf(&err, t->a, "%s/engraft/test.csv", use.model);
    CHECK_OK(task_eval(&err, t->a, &t->c, &use, &ev));
    CHECK_NEAR(ev.score, r->row[r->tuned].held, 1e-9);
    use.data = tiny_path(t, data);
    CHECK_OK(task_eval(&err, t->a, &t->c, &use, &ev));
    CHECK(ev.score > 0.9 && ev.n == 150);
    CHECK_OK(task_predict(&err, t->a, &t->c, &use, tiny_path(t, "out.csv"), &rows));
    CHECK_INT(rows, 150);
}

TEST(task_train_numbers_end_to_end)
{
    static const char *const data[] = {"rows.svm", "far.csv"};
    Err err = {0};
    Tiny t;
    TrainResult r;

    tiny_open(&t, 2);
    make_files(&t);
    for (int i = 0; i < 2; i++) {
        CHECK_OK(train(&err, &t, data[i], data[i] + 1, &r));
        CHECK_INT(r.rows, 3);
        CHECK(r.classes == 3 && r.row[1].held > 0.9 && r.row[r.tuned].held > 0.9);
        CHECK(r.saved_difference <= 0);
        check_use(&t, data[i] + 1, data[i], &r);
    }
}

TEST(task_train_numbers_same_bits_for_any_threads)
{
    Err err = {0};
    const char *hash[2];
    Tiny t;
    TrainResult r;

    for (int i = 0; i < 2; i++) {
        tiny_open(&t, i ? 3 : 1);
        make_files(&t);
        CHECK_OK(train(&err, &t, "far.csv", i ? "three" : "one", &r));
        hash[i] = tiny_hash(&t, i ? "three" : "one", "model.safetensors");
    }
    CHECK_TEXT(hash[0], hash[1]);
}

TEST(task_train_numbers_other_features)
{
    Err err = {0};
    Tiny t;
    TrainResult r;
    EvalResult ev;

    tiny_open(&t, 1);
    make_files(&t);
    CHECK_OK(train(&err, &t, "far.csv", "out", &r));
    UseOptions use = {.model = tiny_path(&t, "out"), .data = tiny_path(&t, "wide.csv")};
    write_text(&t, "wide.csv", "a,b,c,d,kind\n1,2,3,4,x\n5,6,7,8,y\n");
    CHECK(task_eval(&err, t.a, &t.c, &use, &ev));
    CHECK_HAS(err.text, "the rows have other features than the model");
    CHECK_HAS(err.text, "found     4");
    err = (Err){0};
    use.data = tiny_path(&t, "high.svm");
    write_text(&t, "high.svm", "x 0:1 7:2\ny 1:1\n");
    CHECK(task_eval(&err, t.a, &t.c, &use, &ev));
    CHECK_HAS(err.text, "a feature that the model does not know");
    CHECK_HAS(err.text, "column 7");
    err = (Err){0};
    write_text(&t, "words.csv", "text,label\nsome words,x\nother words,y\n");
    use.data = tiny_path(&t, "words.csv");
    CHECK(task_eval(&err, t.a, &t.c, &use, &ev));
    CHECK_HAS(err.text, "there is no column \"kind\" to be the label");
}

/* SPDX-License-Identifier: MIT */
