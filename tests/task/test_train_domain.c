/* test_train_domain.c - learning for an unlabelled target: strength 0 is learning without one, bit for bit; what adaptation
 * finds is told; the target's labels change nothing; what does not go together is refused. */
#include "tiny_pictures.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

typedef enum { TARGET_BARE, TARGET_LABELLED, TARGET_WRONG } TargetLabels;

/* Two classes by the difference of two columns; the target is shifted, and has a column that the source leaves at 0. */
static void write_rows(const Tiny *t, const char *name, double shift, TargetLabels how)
{
    Err err = {0};
    Writer *w;

    CHECK_OK(writer_open(&err, t->a, tiny_path(t, name), &w));
    for (uint64_t i = 0; i < 120; i++) {
        int k = (int)(i % 2), said = how == TARGET_WRONG ? 1 - k : k;
        double a = random_normal(3, (uint64_t)(shift > 0), i) + k;

        if (how != TARGET_BARE)
            CHECK_OK(writer_printf(&err, w, "%d ", said));
        CHECK_OK(writer_printf(&err, w, "0:%.3f 1:%.3f 2:%.3f\n", a + shift, a + shift - 2 * k + 1,
                               shift * 2 + 0.001));
    }
    CHECK_OK(writer_commit(&err, w));
}

static void make_files(Tiny *t)
{
    tiny_open(t, 2);
    write_rows(t, "source.svm", 0, TARGET_LABELLED);
    write_rows(t, "bare.svm", 0.7, TARGET_BARE);
    write_rows(t, "target.svm", 0.7, TARGET_LABELLED);
    write_rows(t, "wrong.svm", 0.7, TARGET_WRONG);
}

static TrainOptions options(const Tiny *t, const char *output)
{
    return (TrainOptions){.data = tiny_path(t, "source.svm"),
                          .test = tiny_path(t, "target.svm"),
                          .output = tiny_path(t, output),
                          .variant = "mlp:8",
                          .model_name = "mlp:8",
                          .scratch = true,
                          .epochs = 6,
                          .lr = 2e-2};
}

static Status train(Err *e, Tiny *t, const TrainOptions *o, TrainResult *r)
{
    Arena *a = arena_child(e, t->a);
    Status s = a ? task_train(e, a, &t->c, o, r) : e->code;

    arena_free(a);
    return s;
}

TEST(task_domain_strength_0_is_source_only)
{
    Err err = {0};
    Tiny t;
    TrainResult r;

    make_files(&t);
    TrainOptions o = options(&t, "plain");
    CHECK_OK(train(&err, &t, &o, &r));
    o.output = tiny_path(&t, "zero");
    o.target = tiny_path(&t, "bare.svm");
    o.adapt = "dann:strength=0,ramp=0,hidden=5";
    CHECK_OK(train(&err, &t, &o, &r));
    CHECK_TEXT(tiny_hash(&t, "zero", "model.safetensors"),
               tiny_hash(&t, "plain", "model.safetensors"));
    o.output = tiny_path(&t, "some");
    o.adapt = "dann:strength=0.5,ramp=0,hidden=5";
    CHECK_OK(train(&err, &t, &o, &r));
    CHECK(strcmp(tiny_hash(&t, "some", "model.safetensors"),
                 tiny_hash(&t, "plain", "model.safetensors")) != 0);
}

TEST(task_domain_finds_and_tells)
{
    Err err = {0};
    Tiny t;
    TrainResult r;

    make_files(&t);
    TrainOptions o = options(&t, "out");
    o.target = tiny_path(&t, "bare.svm");
    o.adapt = "dann:strength=0.1|1,hidden=0";
    CHECK_OK(train(&err, &t, &o, &r));
    CHECK_INT(r.rows, 4);
    CHECK_TEXT(r.row[2].name, "source only");
    CHECK(r.domain.method && r.domain.targets == 120);
    CHECK(r.domain.strength == 0.1 || r.domain.strength == 1);
    CHECK(r.domain.risk >= 0 && r.domain.risk <= 1 && r.domain.plain_risk >= 0);
    CHECK(r.domain.distance_raw > 1.5); /* the third column tells all */
    CHECK(isfinite(r.domain.distance) && isfinite(r.domain.distance_plain));
    CHECK(r.domain.accuracy >= 0 && r.domain.accuracy <= 1 && r.saved_difference <= 0);
}

TEST(task_domain_never_reads_labels_of_the_target)
{
    static const char *const target[] = {"bare.svm", "target.svm", "wrong.svm"};
    Err err = {0};
    Tiny t;
    TrainResult r;
    char hash[3][80];

    make_files(&t);
    for (int i = 0; i < 3; i++) {
        TrainOptions o = options(&t, target[i] + 1);
        o.target = tiny_path(&t, target[i]);
        t.heard = 0;
        t.listen = "they are not read";
        CHECK_OK(train(&err, &t, &o, &r));
        CHECK_INT(t.heard, i > 0);
        snprintf(hash[i], sizeof hash[i], "%s", tiny_hash(&t, target[i] + 1, "model.safetensors"));
    }
    CHECK_TEXT(hash[1], hash[0]);
    CHECK_TEXT(hash[2], hash[0]);
}

TEST(task_domain_goes_on_to_the_same_bits)
{
    Err err = {0};
    Tiny t;
    TrainResult r;

    make_files(&t);
    TrainOptions o = options(&t, "whole");
    o.target = tiny_path(&t, "bare.svm");
    o.no_baselines = true;
    CHECK_OK(train(&err, &t, &o, &r));
    o.output = tiny_path(&t, "parts");
    t.stop_at = 9;
    CHECK_INT(train(&err, &t, &o, &r), E_STOPPED);
    t.stop = t.stop_at = 0;
    o.resume = true;
    CHECK_OK(train(&err, &t, &o, &r));
    CHECK_TEXT(tiny_hash(&t, "parts", "model.safetensors"),
               tiny_hash(&t, "whole", "model.safetensors"));
}

/* Texts and pictures are asked by the same road; here the target is the source once more. */
TEST(task_domain_texts_and_pictures)
{
    Err err = {0};
    Tiny t;
    TrainResult r;

    tiny_make(&t, 2);
    TrainOptions o = tiny_options(&t, "texts");
    o.target = t.data;
    o.epochs = 2;
    o.no_baselines = true;
    CHECK_OK(train(&err, &t, &o, &r));
    CHECK_INT(r.domain.targets, 120);
    CHECK(r.tuning_won && r.saved_difference <= 0 && r.domain.accuracy < 0.7);
    tiny_pictures_make(&t, 2);
    o = tiny_picture_options(&t, "adapted");
    o.target = t.data;
    o.epochs = 1;
    CHECK_OK(train(&err, &t, &o, &r));
    CHECK_INT(r.domain.targets, (int64_t)TINY_CLASSES * TINY_EACH);
    CHECK(r.tuning_won && r.saved_difference <= 0 && isfinite(r.domain.risk));
}

static void refused(Tiny *t, const TrainOptions *o, const char *says)
{
    Err err = {0};
    TrainResult r;

    CHECK(train(&err, t, o, &r));
    CHECK_HAS(err.text, says);
}

TEST(task_domain_refuses)
{
    Tiny t;

    make_files(&t);
    TrainOptions o = options(&t, "out"), bad = o;
    bad.adapt = "dann";
    refused(&t, &bad, "--target DATA");
    o.target = bad.target = tiny_path(&t, "bare.svm");
    bad.adapt = "dane";
    refused(&t, &bad, "there is no domain adaptation \"dane\"");
    bad = o;
    bad.seeds = 2;
    refused(&t, &bad, "--adapt takes one seed");
    bad = o;
    bad.method = "head";
    refused(&t, &bad, "--method head");
    bad = o;
    bad.kind = TASK_REGRESSION;
    refused(&t, &bad, "--adapt is for classes");
    bad = o;
    bad.target = tiny_path(&t, "nothing.svm");
    refused(&t, &bad, "nothing.svm");
}

/* SPDX-License-Identifier: MIT */
