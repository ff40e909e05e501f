/* test_job_limit.c - learning by a few of the labels that are there: how many, which, every class among them. */
#include "tiny.h"

#include <string.h>

static Status train(Err *e, Tiny *t, const TrainOptions *o, TrainResult *r)
{
    Arena *a = arena_child(e, t->a);
    Status s = a ? task_train(e, a, &t->c, o, r) : e->code;

    arena_free(a);
    return s;
}

static TrainOptions limited(const Tiny *t, const char *output, int64_t labels)
{
    TrainOptions o = tiny_options(t, output);

    o.labels = labels;
    o.epochs = 1;
    return o;
}

/* Every line of the one is a line of the other. */
static bool is_within(const char *few, const char *many)
{
    for (const char *at = few; *at;) {
        size_t n = strcspn(at, "\n");
        bool found = false;

        for (const char *m = many; *m && !found; m += strcspn(m, "\n"), m += *m == '\n')
            found = strcspn(m, "\n") == n && memcmp(m, at, n) == 0;
        if (!found)
            return false;
        at += n + (at[n] == '\n');
    }
    return true;
}

TEST(task_limit_counts_what_is_learned_and_chosen_by)
{
    Err err = {0};
    Tiny t;
    TrainResult r, all;

    tiny_make(&t, 1);
    TrainOptions o = limited(&t, "few", 40), whole = limited(&t, "all", 0);
    CHECK_OK(train(&err, &t, &whole, &all));
    CHECK_OK(train(&err, &t, &o, &r));
    CHECK_INT(r.train_n + r.valid_n, 40);
    CHECK(r.valid_n >= 1);
    CHECK_INT(r.test_n, all.test_n);
    CHECK_TEXT(tiny_hash(&t, "few", "engraft/test.csv"), tiny_hash(&t, "all", "engraft/test.csv"));
    o = limited(&t, "fewer", 20);
    o.test_limit = 7;
    CHECK_OK(train(&err, &t, &o, &r));
    CHECK_INT(r.train_n + r.valid_n, 20);
    CHECK_INT(r.test_n, 7);
    CHECK(is_within(tiny_text(&t, "fewer/engraft/valid.csv"),
                    tiny_text(&t, "few/engraft/valid.csv")));
    CHECK(
        is_within(tiny_text(&t, "few/engraft/valid.csv"), tiny_text(&t, "all/engraft/valid.csv")));
    CHECK(
        is_within(tiny_text(&t, "fewer/engraft/test.csv"), tiny_text(&t, "all/engraft/test.csv")));
}

/* Four labels for three classes: one of each, and one to choose by. */
TEST(task_limit_has_every_class)
{
    Err err = {0};
    Tiny t;
    TrainResult r;

    tiny_make(&t, 1);
    for (uint64_t seed = 0; seed < 4; seed++) {
        TrainOptions o = limited(&t, "out", 4);

        o.seed = seed;
        o.overwrite = true;
        t.warned = 0;
        CHECK_OK(train(&err, &t, &o, &r));
        CHECK_INT(r.train_n, 3);
        CHECK_INT(t.warned, 0); /* a class that cannot be learned is warned of */
    }
}

TEST(task_limit_refuses_fewer_labels_than_classes)
{
    Err err = {0};
    Tiny t;
    TrainResult r;

    tiny_make(&t, 1);
    TrainOptions o = limited(&t, "out", 3);
    CHECK_INT(train(&err, &t, &o, &r), E_USAGE);
    CHECK_HAS(err.text, "3 labels are too few to learn 3 classes");
}

/* SPDX-License-Identifier: MIT */
