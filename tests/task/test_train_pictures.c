/* test_train_pictures.c - learning from pictures, end to end, on small ones: what is saved and told, the same bits with
 * interruptions and threads, what each method moves, and what is refused. */
#include "formats/formats.h"
#include "hub/hub.h"
#include "task/inside.h"
#include "tiny_pictures.h"

#include <stdio.h>
#include <string.h>

static bool is_there(const Tiny *t, const char *name)
{
    return path_kind(sys_real(), tiny_path(t, name)) != PATH_NONE;
}

static const char *text_of(const Tiny *t, const char *name)
{
    Err err = {0};
    Bytes b;

    CHECK_OK(file_read_all(&err, t->a, tiny_path(t, name), 1 << 22, &b));
    return (const char *)b.data;
}

static Status train(Err *e, Tiny *t, const TrainOptions *o, TrainResult *r)
{
    Arena *a = arena_child(e, t->a);
    Status s = a ? task_train(e, a, &t->c, o, r) : e->code;

    arena_free(a);
    return s;
}

TEST(task_pictures_end_to_end)
{
    Err err = {0};
    Tiny t;
    TrainResult r;
    EvalResult ev;
    int64_t rows;

    tiny_pictures_make(&t, 2);
    TrainOptions o = tiny_picture_options(&t, "out");
    CHECK_OK(train(&err, &t, &o, &r));
    CHECK_INT(r.rows, 4);
    CHECK_INT(r.train_n + r.valid_n + r.test_n, TINY_CLASSES * TINY_EACH);
    CHECK_INT(r.classes, TINY_CLASSES);
    CHECK(r.pictures && r.row[0].held < 0.5);
    CHECK(r.row[r.frozen].train > 0.8); /* random features tell dots from stripes */
    CHECK_NEAR(r.saved_difference, 0, 0);
    CHECK(is_there(&t, "out/model.safetensors") && !is_there(&t, "out/engraft/checkpoints"));
    CHECK_HAS(text_of(&t, "out/config.json"), "resnet20");
    CHECK_HAS(text_of(&t, "out/README.md"), "pipeline_tag: image-classification");
    CHECK_HAS(text_of(&t, "out/report.html"), "Most wrong");
    UseOptions use = {.model = o.output, .data = t.data};
    CHECK_OK(task_eval(&err, t.a, &t.c, &use, &ev));
    const ScoreRow *s = &r.row[r.tuning_won ? r.tuned : r.frozen];
    CHECK_INT(ev.n, TINY_CLASSES * TINY_EACH);
    CHECK_NEAR(ev.score * (double)ev.n,
               s->train * (double)s->train_n + s->valid * (double)s->valid_n +
                   s->held * (double)s->held_n,
               1e-6);
    CHECK_OK(task_predict(&err, t.a, &t.c, &use, tiny_path(&t, "scored.csv"), &rows));
    CHECK_INT(rows, ev.n);
    CHECK_HAS(text_of(&t, "scored.csv"), "picture,label,probability\ndots/00.jpg,");
    CHECK_OK(task_predict(&err, t.a, &t.c, &use, tiny_path(&t, "scored.jsonl"), &rows));
    CHECK_HAS(text_of(&t, "scored.jsonl"), "{\"picture\":\"rings/03.jpg\",\"label\":\"");
    CHECK_OK(task_embed(&err, t.a, &t.c, &use, tiny_path(&t, "x.safetensors"), &rows));
}

TEST(task_pictures_go_on_to_the_same_bits)
{
    static const int stops[] = {2, 5, 6};
    Err err = {0};
    Tiny t;
    TrainResult r;

    tiny_pictures_make(&t, 2);
    TrainOptions o = tiny_picture_options(&t, "whole");
    CHECK_OK(train(&err, &t, &o, &r));
    o.output = tiny_path(&t, "parts");
    for (size_t i = 0; i < LEN(stops); i++) {
        t.stop = 0;
        t.stop_at = stops[i];
        CHECK_INT(train(&err, &t, &o, &r), E_STOPPED);
        CHECK_HAS(err.text, "--resume");
        o.resume = true;
    }
    t.stop = t.stop_at = 0;
    CHECK_OK(train(&err, &t, &o, &r));
    CHECK_TEXT(tiny_hash(&t, "parts", "model.safetensors"),
               tiny_hash(&t, "whole", "model.safetensors"));
    CHECK_TEXT(tiny_hash(&t, "parts", "engraft/run.json"),
               tiny_hash(&t, "whole", "engraft/run.json"));
    CHECK_TEXT(tiny_hash(&t, "parts", "engraft/history.csv"),
               tiny_hash(&t, "whole", "engraft/history.csv"));
}

TEST(task_pictures_same_bits_for_any_number_of_threads)
{
    static const int threads[] = {1, 3};
    Err err = {0};
    const char *hash[2];
    Tiny t;
    TrainResult r;

    for (int i = 0; i < 2; i++) {
        tiny_pictures_make(&t, threads[i]);
        TrainOptions o = tiny_picture_options(&t, i ? "b" : "a");
        o.epochs = 1;
        CHECK_OK(train(&err, &t, &o, &r));
        hash[i] = tiny_hash(&t, i ? "b" : "a", "engraft/run.json");
    }
    CHECK_TEXT(hash[1], hash[0]);
}

TEST(task_pictures_tuning_begins_with_the_first_head)
{
    Err err = {0};
    Tiny t;
    TrainResult r;

    tiny_pictures_make(&t, 2);
    TrainOptions o = tiny_picture_options(&t, "out");
    o.method = "head";
    o.augment = "none";
    o.lr = 1e-9; /* moves nothing: what is evaluated is what tuning began with */
    o.epochs = 1;
    CHECK_OK(train(&err, &t, &o, &r));
    CHECK(r.row[r.frozen].valid > 0.8);
    CHECK_NEAR(r.row[r.tuned].valid, r.row[r.frozen].valid, 1e-9);
    CHECK_NEAR(r.row[r.tuned].held, r.row[r.frozen].held, 1e-9);
}

/* A classifier that is a convolution over the map, fitted on the mean features: SqueezeNet's, saved and used again. */
TEST(task_pictures_of_squeezenet)
{
    Err err = {0};
    Tiny t;
    TrainResult r;
    EvalResult ev;

    tiny_pictures_make(&t, 2);
    tiny_network(&t, "squeezenet1_1");
    TrainOptions o = tiny_picture_options(&t, "out");
    o.method = "head";
    o.lr = 1e-9;
    o.epochs = 1;
    CHECK_OK(train(&err, &t, &o, &r));
    CHECK(r.row[r.frozen].train > 0.6);
    CHECK_NEAR(r.row[r.tuned].train, r.row[r.frozen].train, 1e-9);
    CHECK_NEAR(r.row[r.tuned].valid, r.row[r.frozen].valid, 1e-9);
    CHECK_NEAR(r.row[r.tuned].held, r.row[r.frozen].held, 1e-9);
    CHECK_NEAR(r.saved_difference, 0, 0);
    CHECK_HAS(text_of(&t, "out/config.json"), "\"head_activation\": \"none\"");
    UseOptions use = {.model = o.output, .data = t.data};
    CHECK_OK(task_eval(&err, t.a, &t.c, &use, &ev));
    const ScoreRow *s = &r.row[r.tuning_won ? r.tuned : r.frozen];
    CHECK_NEAR(ev.score * (double)ev.n,
               s->train * (double)s->train_n + s->valid * (double)s->valid_n +
                   s->held * (double)s->held_n,
               1e-6);
}

/* How many tensors whose names hold `of` differ from the base's; those that the base lacks are the head. */
static int moved(const Tiny *t, const char *folder, const char *of)
{
    Err err = {0};
    Weights *base, *now;
    int n = 0;

    CHECK_OK(weights_open(&err, t->a, t->model, &base));
    CHECK_OK(weights_open(&err, t->a, tiny_path(t, folder), &now));
    for (int i = 0; i < weights_count(base); i++) {
        const Weight *x = weights_at(base, i), *y = weights_find(now, x->name);

        CHECK(y);
        if (strstr(x->name, of))
            n += memcmp(x->data, y->data, (size_t)shape_size(&x->shape) * sizeof(float)) != 0;
    }
    return n;
}

TEST(task_pictures_methods_move_what_they_say)
{
    Err err = {0};
    Tiny t;
    TrainResult r;

    tiny_pictures_make(&t, 2);
    TrainOptions o = tiny_picture_options(&t, "head");
    o.valid_share = -1; /* nothing to choose by: the tuned model is kept */
    o.no_baselines = true;
    o.epochs = 1;
    o.method = "head"; /* its frozen part is computed once: loaded afresh it is computed again */
    t.listen = "the first answer's serve";
    CHECK_OK(train(&err, &t, &o, &r));
    CHECK_INT(t.heard, 1);
    CHECK_INT(moved(&t, "head", ""), 0);
    CHECK_NEAR(r.saved_difference, 0, 0);
    o.output = tiny_path(&t, "freeze");
    o.method = "freeze:4";
    t.listen = "running statistics as released";
    CHECK_OK(train(&err, &t, &o, &r));
    CHECK_INT(t.heard, 2);
    CHECK_INT(moved(&t, "freeze", "layer1."), 0);
    CHECK_INT(moved(&t, "freeze", "layer2.0."), 0);
    CHECK(moved(&t, "freeze", "layer3.") > 9);
    CHECK_INT(moved(&t, "freeze", "running_"), 0);
    CHECK_NEAR(r.saved_difference, 0, 0);
    o.output = tiny_path(&t, "adapt");
    o.method = "freeze:4,batch_norm=adapt";
    t.listen = "running statistics by 0.1";
    CHECK_OK(train(&err, &t, &o, &r));
    CHECK_INT(t.heard, 3);
    CHECK(moved(&t, "adapt", "layer3.") > 9);
    CHECK(moved(&t, "adapt", "running_mean") > 5); /* of what trains */
    CHECK_INT(moved(&t, "adapt", "layer1."), 0);
    o.output = tiny_path(&t, "stats");
    o.method = "head";
    o.batch_norm = "train";
    CHECK_OK(train(&err, &t, &o, &r));
    CHECK(moved(&t, "stats", "running_mean") > 10);
    CHECK_INT(moved(&t, "stats", "weight"), 0);
    o.output = tiny_path(&t, "lora");
    o.method = "lora:rank=2";
    o.batch_norm = NULL;
    o.lr = 3e-2;
    CHECK_OK(train(&err, &t, &o, &r));
    CHECK_INT(moved(&t, "lora", "conv"), 19); /* merged */
    CHECK_INT(moved(&t, "lora", "bn"), 0);
    CHECK(is_there(&t, "lora/adapter/adapter_model.safetensors"));
}

TEST(task_pictures_of_ones_own_release)
{
    Err err = {0};
    Tiny t;
    TrainResult r;

    tiny_pictures_make(&t, 2);
    TrainOptions o = tiny_picture_options(&t, "first");
    o.valid_share = -1;
    CHECK_OK(train(&err, &t, &o, &r));
    /* other classes: two of the three, by other names */
    for (int k = 0; k < 2; k++) {
        char *folder = arena_printf(&err, t.a, "%s/%s", tiny_path(&t, "other"), k ? "b" : "a");

        CHECK_OK(dir_make(&err, sys_real(), tiny_path(&t, "other")));
        CHECK_OK(dir_make(&err, sys_real(), folder));
        for (uint64_t i = 0; i < 8; i++)
            tiny_picture_put(&t,
                             arena_printf(&err, t.a, "%s/%llu.jpg", folder, (unsigned long long)i),
                             k, 100 + i);
    }
    o = tiny_picture_options(&t, "second");
    o.model = tiny_path(&t, "first");
    o.data = tiny_path(&t, "other");
    CHECK_OK(train(&err, &t, &o, &r));
    CHECK_INT(r.classes, 2);
    CHECK_NEAR(r.saved_difference, 0, 0);
    CHECK_HAS(text_of(&t, "second/README.md"), "base_model: \"first\"");
}

TEST(task_pictures_few_of_a_class)
{
    Err err = {0};
    Tiny t;
    TrainResult r;

    tiny_pictures_make(&t, 2);
    TrainOptions o = tiny_picture_options(&t, "out");
    o.per_class = 5;
    o.test_limit = 4;
    o.no_tuning = true;
    CHECK_OK(train(&err, &t, &o, &r));
    CHECK_INT(r.train_n + r.valid_n, 5 * TINY_CLASSES);
    CHECK_INT(r.test_n, 4);
}

/* ---- what is wrong with the data ---- */

static void put_file(const Tiny *t, const char *name, const char *text)
{
    Err err = {0};
    Writer *w;

    CHECK_OK(writer_open(&err, t->a, tiny_path(t, name), &w));
    CHECK_OK(writer_put(&err, w, text, strlen(text)));
    CHECK_OK(writer_commit(&err, w));
}

TEST(task_pictures_unreadable)
{
    Err err = {0};
    Tiny t;
    TrainResult r;

    tiny_pictures_make(&t, 2);
    TrainOptions o = tiny_picture_options(&t, "out");
    o.no_tuning = o.no_baselines = true;
    put_file(&t, "pictures/rings/broken.jpg", "\xff\xd8\xff\xe0 this is no picture");
    CHECK_INT(train(&err, &t, &o, &r), E_DATA);
    CHECK_HAS(err.text, "rings/broken.jpg");
    CHECK_HAS(err.text, "--on-bad");
    CHECK(!is_there(&t, "out"));
    o.bad = TABLE_SKIP;
    CHECK_OK(train(&err, &t, &o, &r));
    CHECK(t.warned > 0);
    CHECK_INT(r.train_n + r.valid_n + r.test_n, TINY_CLASSES * TINY_EACH);
    UseOptions use = {.model = o.output, .data = t.data};
    int64_t rows;
    CHECK_INT(task_predict(&err, t.a, &t.c, &use, tiny_path(&t, "s.csv"), &rows), E_DATA);
    CHECK_HAS(err.text, "rings/broken.jpg");
    CHECK(!is_there(&t, "s.csv"));
    use.bad = TABLE_SKIP;
    CHECK_OK(task_predict(&err, t.a, &t.c, &use, tiny_path(&t, "s.csv"), &rows));
    CHECK_INT(rows, TINY_CLASSES * TINY_EACH);
}

TEST(task_pictures_that_teach_nothing)
{
    Err err = {0};
    Tiny t;
    TrainResult r;

    tiny_pictures_make(&t, 1);
    TrainOptions o = tiny_picture_options(&t, "out");
    o.data = tiny_path(&t, "one");
    CHECK_OK(dir_make(&err, sys_real(), tiny_path(&t, "one")));
    CHECK_OK(dir_make(&err, sys_real(), tiny_path(&t, "one/only")));
    for (uint64_t i = 0; i < 20; i++)
        tiny_picture_put(&t,
                         arena_printf(&err, t.a, "%s/%llu.jpg", tiny_path(&t, "one/only"),
                                      (unsigned long long)i),
                         0, i);
    CHECK_INT(train(&err, &t, &o, &r), E_DATA); /* one class */
    CHECK_HAS(err.text, "only");
    o.data = tiny_path(&t, "one/only"); /* a flat folder */
    CHECK(train(&err, &t, &o, &r) != E_OK);
    CHECK_HAS(err.text, "label");
    CHECK(!is_there(&t, "out"));
}

TEST(task_pictures_refuse_what_makes_no_sense)
{
    Err err = {0};
    Tiny t, text;
    TrainResult r;

    tiny_pictures_make(&t, 1);
    TrainOptions good = tiny_picture_options(&t, "out"), o = good;
    o.pool = "mean";
    CHECK_INT(train(&err, &t, &o, &r), E_USAGE);
    CHECK_HAS(err.text, "--pooling");
    o = good;
    o.max_length = 12;
    CHECK_INT(train(&err, &t, &o, &r), E_USAGE);
    o = good;
    o.size = 7;
    CHECK_INT(train(&err, &t, &o, &r), E_USAGE);
    o = good;
    o.batch_norm = "off";
    CHECK_INT(train(&err, &t, &o, &r), E_USAGE);
    CHECK_HAS(err.text, "adapt");
    tiny_make(&text, 1);
    o = good;
    o.model = text.model;
    CHECK_INT(train(&err, &t, &o, &r), E_USAGE);
    CHECK_HAS(err.text, "the model reads texts");
    o = tiny_options(&text, "out");
    o.size = 64;
    CHECK_INT(train(&err, &text, &o, &r), E_USAGE);
    CHECK_HAS(err.text, "--size");
    o = tiny_options(&text, "out");
    o.model = t.model;
    CHECK_INT(train(&err, &text, &o, &r), E_USAGE);
    CHECK_HAS(err.text, "the model reads pictures");
}

TEST(task_pictures_plan)
{
    Err err = {0};
    Tiny t;
    PlanResult p;

    tiny_pictures_make(&t, 1);
    TrainOptions o = tiny_picture_options(&t, "out");
    CHECK_OK(task_plan(&err, t.a, &t.c, &o, &p));
    CHECK_INT(p.updates, (p.train_n + 7) / 8 * 2);
    CHECK_INT(p.size, TINY_SIDE);
    CHECK(!is_there(&t, "out"));
}

/* The hash of a picture is coarse: the same pattern in other colours is no copy, and nobody is to be alarmed. */
TEST(task_pictures_copies_in_two_parts_are_told)
{
    static const char *const part[] = {"train", "test"}, *const class[] = {"dots", "rings"};
    Err err = {0};
    Tiny t;
    TrainResult r;

    tiny_pictures_make(&t, 1);
    TrainOptions o = tiny_picture_options(&t, "out");
    o.data = tiny_path(&t, "parts");
    o.no_tuning = o.no_baselines = true;
    for (int p = 0; p < 2; p++)
        for (int k = 0; k < 2; k++) {
            const char *folder = arena_printf(&err, t.a, "%s/%s/%s", o.data, part[p], class[k]);

            CHECK_OK(dir_make(&err, sys_real(), o.data));
            CHECK_OK(dir_make(&err, sys_real(), path_join(&err, t.a, o.data, part[p])));
            CHECK_OK(dir_make(&err, sys_real(), folder));
            for (uint64_t i = 0; i < 12; i++)
                tiny_picture_put(
                    &t, arena_printf(&err, t.a, "%s/%llu.jpg", folder, (unsigned long long)i), k,
                    i + 40 * (uint64_t)p);
        }
    CHECK_OK(train(&err, &t, &o, &r));
    CHECK_INT(t.warned, 0);
    tiny_picture_put(&t, arena_printf(&err, t.a, "%s/test/dots/copy.jpg", o.data), 0, 3);
    o.overwrite = true;
    CHECK_OK(train(&err, &t, &o, &r));
    CHECK_INT(t.warned, 1);
}

/* With the few updates of a small set, statistics that move by 0.01 stay behind the weights, and what was learned
 * is not seen in evaluation. */
TEST(task_pictures_running_statistics_keep_up)
{
    ModelOptions how = {.head = HEAD_NONE}, drawn = {.variant = "resnet20", .scratch = true};
    ModelShape shape = {.pictures = 1, .height = TINY_SIDE, .width = TINY_SIDE};
    Err err = {0};
    ModelOutputs out;
    Model *m;
    Tiny t;

    tiny_pictures_make(&t, 1);
    CHECK_OK(model_open(&err, t.a, NULL, &drawn, &m));
    m->momentum = 0.01F;
    Graph *g = graph_new(&err, t.a, MODE_EVAL);
    Params *p = params_new(&err, t.a);
    CHECK_OK(model_build(&err, m, g, NULL, &shape, &out));
    CHECK_OK(params_init_missing(&err, p, g, 11, NULL));
    CHECK_OK(model_save(&err, t.a, m, p, tiny_path(&t, "slow")));
    CHECK_OK(model_open(&err, t.a, tiny_path(&t, "slow"), &how, &m));
    CHECK_NEAR(m->momentum, 0.01, 1e-6);
    Job j = {.a = t.a, .kind = &sample_picture, .o = {.model = tiny_path(&t, "slow")}};
    CHECK_OK(job_model(&err, &j, t.a, &how, &m));
    CHECK_NEAR(m->momentum, 0.1, 1e-6);
}

TEST(task_default_models_can_be_pulled)
{
    Err err = {0};
    Tiny t;
    const char *name, *why;

    tiny_pictures_make(&t, 1);
    CHECK_OK(task_default_model(&err, t.a, t.data, &name, &why));
    CHECK_TEXT(name, "efficientnet_lite0");
    CHECK(hub_model_find(name) != NULL);
    put_file(&t, "texts.csv", "text,label\na word,x\nanother word,y\n");
    CHECK_OK(task_default_model(&err, t.a, tiny_path(&t, "texts.csv"), &name, &why));
    CHECK_TEXT(name, "all-MiniLM-L6-v2");
    CHECK(hub_model_find(name) != NULL);
}

/* SPDX-License-Identifier: MIT */
