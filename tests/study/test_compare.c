/* test_compare.c - methods side by side in small: its rows and folders, the same ones when it is stopped and goes on, what
 * is refused. */
#include "study/compare.h"
#include "task/tiny.h"

#include <math.h>
#include <string.h>

static CompareOptions options(const Tiny *t, const char *output, const char *methods)
{
    CompareOptions o = {tiny_options(t, output), methods};

    o.train.epochs = 2;
    o.train.seeds = 2;
    return o;
}

static Status compare(Err *e, const Tiny *t, const CompareOptions *o, CompareResult *r)
{
    Arena *a = arena_child(e, t->a); /* kept: the result lives in it; its lock goes with the test */

    return a ? study_compare(e, a, &t->c, o, r) : e->code;
}

static Status alone(Err *e, const Tiny *t, const CompareOptions *o)
{
    Arena *a = arena_child(e, t->a);
    CompareResult r;
    Status s = a ? study_compare(e, a, &t->c, o, &r) : e->code;

    arena_free(a);
    return s;
}

/* runs.csv without its two columns of time. */
static const char *rows_of(const Tiny *t, const char *output)
{
    Err err = {0};
    const char *text = tiny_text(t, arena_printf(&err, t->a, "%s/" RUNS_FILE, output));
    char *out = arena_alloc(&err, t->a, strlen(text) + 1);
    size_t n = 0, comma = 0;

    CHECK(out);
    for (; *text; text++) {
        comma = *text == '\n' ? 0 : comma + (*text == ',');
        if (comma < 11 || comma > 12)
            out[n++] = *text;
    }
    out[n] = 0;
    return out;
}

TEST(study_compare_end_to_end)
{
    Err err = {0};
    Tiny t;
    CompareResult r;

    tiny_make(&t, 2);
    CompareOptions o = options(&t, "out", "full,lora:rank=2,alpha=4,head");
    CHECK_OK(compare(&err, &t, &o, &r));
    CHECK_INT(r.rows, 4);
    CHECK_INT(r.made, 6);
    CHECK_TEXT(r.row[0].method, COMPARE_FROZEN);
    CHECK_TEXT(r.row[2].method, "lora:rank=2,alpha=4");
    CHECK_TEXT(r.row[2].folder, "lora-rank-2-alpha-4");
    CHECK(r.row[1].trained > r.row[2].trained && r.row[2].trained > r.row[3].trained);
    CHECK(r.row[1].bytes > r.row[3].bytes);
    CHECK_INT(r.row[3].held.n, 2);
    CHECK_NEAR(r.row[1].less.mean, 0, 0);
    CHECK_NEAR(r.row[3].less.mean, r.row[3].held.mean - r.row[1].held.mean, 1e-12);
    for (int i = 0; i < r.rows; i++)
        CHECK(r.row[i].valid <= r.row[r.best].valid);
    CHECK(r.row[r.smallest].trained <= r.row[r.best].trained);
    CHECK(path_kind(sys_real(), tiny_path(&t, "out/lora-rank-2-alpha-4/report.html")) == PATH_FILE);
    CHECK(path_kind(sys_real(), tiny_path(&t, "out/run")) == PATH_NONE);
    CHECK_HAS(tiny_text(&t, "out/report.html"), "lora:rank=2,alpha=4");
}

/* The table's rows are those of train itself. */
TEST(study_compare_is_what_train_gives)
{
    Err err = {0};
    Tiny t;
    CompareResult r;
    TrainResult one;

    tiny_make(&t, 1);
    CompareOptions o = options(&t, "out", "bitfit");
    TrainOptions alike = o.train;
    o.train.seeds = 1;
    CHECK_OK(compare(&err, &t, &o, &r));
    alike.output = tiny_path(&t, "one");
    alike.method = "bitfit";
    alike.seeds = 1;
    CHECK_OK(task_train(&err, t.a, &t.c, &alike, &one));
    CHECK_NEAR(r.row[1].held.mean, one.row[one.tuned].held, 0);
    CHECK_NEAR(r.row[0].held.mean, one.row[one.frozen].held, 0);
    CHECK_HAS(r.verdict, "One seed tells little");
}

TEST(study_compare_stopped_goes_on_to_the_same_rows)
{
    Err err = {0};
    Tiny t;

    tiny_make(&t, 1);
    CompareOptions whole = options(&t, "whole", "head,bitfit");
    CompareOptions cut = options(&t, "cut", "head,bitfit");
    CHECK_OK(alone(&err, &t, &whole));
    t.stop_at = 3; /* the last update of an epoch's: it stops in the first training */
    CHECK_INT(alone(&err, &t, &cut), E_STOPPED);
    CHECK_HAS(err.text, "--resume");
    t.stop_at = 0;
    t.stop = 0;
    err = (Err){0};
    CHECK_INT(alone(&err, &t, &cut), E_TAKEN);
    err = (Err){0};
    cut.train.resume = true;
    CHECK_OK(alone(&err, &t, &cut));
    CHECK_TEXT(rows_of(&t, "cut"), rows_of(&t, "whole"));
    cut.train.epochs = 1;
    CHECK_INT(alone(&err, &t, &cut), E_DATA);
    CHECK_HAS(err.text, "other settings");
}

TEST(study_compare_refuses)
{
    static const char *const bad[][2] = {{"full,,head", "empty"},
                                         {"full,full", "twice"},
                                         {"lora:rank=4,alpha=8,lora:rank=4,alpha=8", "twice"},
                                         {"full,nonsense", "nonsense"}};
    Tiny t;

    tiny_make(&t, 1);
    for (size_t i = 0; i < LEN(bad); i++) {
        Err err = {0};
        CompareOptions o = options(&t, "out", bad[i][0]);

        CHECK_INT(alone(&err, &t, &o), E_USAGE);
        CHECK_HAS(err.text, bad[i][1]);
        CHECK(path_kind(sys_real(), tiny_path(&t, "out")) == PATH_NONE);
    }
}

static void put(const Tiny *t, const char *name, const char *text)
{
    Err err = {0};
    Writer *w;

    CHECK_OK(writer_open(&err, t->a, tiny_path(t, name), &w));
    CHECK_OK(writer_put(&err, w, text, strlen(text)));
    CHECK_OK(writer_commit(&err, w));
}

/* The tiny table with one more column: a person's other question of the same file. */
static void put_two_labels(const Tiny *t)
{
    Err err = {0};
    const char *at = tiny_text(t, "data.csv"), *all = "";

    for (int i = 0; *at; i++) {
        size_t n = strcspn(at, "\r\n");

        all = arena_printf(&err, t->a, "%s%.*s,%s\n", all, (int)n, at,
                           i == 0       ? "other"
                           : i % 2 == 0 ? "even"
                                        : "odd");
        at += n + strspn(at + n, "\r\n");
    }
    put(t, "two.csv", all);
}

TEST(study_compare_of_another_column_is_another_study)
{
    Err err = {0};
    Tiny t;

    tiny_make(&t, 1);
    put_two_labels(&t);
    CompareOptions o = options(&t, "out", "head");
    o.train.data = tiny_path(&t, "two.csv");
    o.train.label = "label";
    o.train.seeds = 1;
    CHECK_OK(alone(&err, &t, &o));
    o.train.resume = true;
    CHECK_OK(alone(&err, &t, &o));
    o.train.label = "other";
    CHECK_INT(alone(&err, &t, &o), E_DATA);
    CHECK_HAS(err.text, "other settings");
}

/* What stands in runs.csv is held against the study that is asked for. */
TEST(study_compare_reads_only_its_own_rows)
{
    Tiny t;
    Err err = {0};

    tiny_make(&t, 1);
    CompareOptions o = options(&t, "out", "head");
    CHECK_OK(alone(&err, &t, &o));
    const char *good = tiny_text(&t, "out/" RUNS_FILE);
    const char *second = strchr(good, '\n') + 1;
    const char *const bad[][2] = {
        {"a,b\n1,2\n", "no table of trainings"},
        {arena_printf(&err, t.a, "%s%s", good, second), "has a row already"},
        {arena_printf(&err, t.a, "%.*sx%s", (int)(second - good) + 1, good, second + 2),
         "no such training"},
        {arena_printf(&err, t.a, "%.*s\"head\",0,0,-5%s", (int)(second - good), good,
                      strchr(strchr(strchr(second, ',') + 1, ',') + 1, ',') + 1),
         ""},
    };
    o.train.resume = true;
    for (size_t i = 0; i < LEN(bad); i++) {
        err = (Err){0};
        put(&t, "out/" RUNS_FILE, bad[i][0]);
        CHECK_INT(alone(&err, &t, &o), E_DATA);
        CHECK_HAS(err.text, bad[i][1]);
    }
}

/* SPDX-License-Identifier: MIT */
