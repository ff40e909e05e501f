/* test_train_text.c - learning from a table, end to end, on a tiny model: what is saved and told, the same bits
 * with interruptions and threads, and what is refused. */
#include "formats/formats.h"
#include "models/models.h"
#include "tiny.h"

#include <math.h>
#include <string.h>

static bool is_there(const Tiny *t, const char *name)
{
    return path_kind(sys_real(), tiny_path(t, name)) != PATH_NONE;
}

static bool text_has(const Tiny *t, const char *name, const char *part)
{
    return strstr(tiny_text(t, name), part) != NULL;
}

/* One call, as the library makes it: the folder's lock goes with its arena. */
static Status train(Err *e, Tiny *t, const TrainOptions *o, TrainResult *r)
{
    Arena *a = arena_child(e, t->a);
    Status s = a ? task_train(e, a, &t->c, o, r) : e->code;

    arena_free(a);
    return s;
}

TEST(task_train_end_to_end)
{
    Err err = {0};
    Tiny t;
    TrainResult r;
    EvalResult ev;

    tiny_make(&t, 2);
    TrainOptions o = tiny_options(&t, "out");
    o.epochs = 15;
    o.lr = 1e-2;
    o.pool = "mean";
    CHECK_OK(train(&err, &t, &o, &r));
    CHECK_INT(r.rows, 4);
    CHECK_INT(r.train_n + r.valid_n + r.test_n, 120);
    CHECK_INT(r.classes, 3);
    CHECK(r.row[0].held < 0.5);
    CHECK(r.row[r.frozen].train > 0.5); /* random features still tell words apart */
    CHECK(r.row[r.tuned].train > 0.6);
    CHECK(r.row[r.tuned].interval.low < r.row[r.tuned].held);
    CHECK(r.saved_difference <= 0);
    CHECK(is_there(&t, "out/model.safetensors") && is_there(&t, "out/report.html"));
    CHECK(!is_there(&t, "out/engraft/checkpoints"));
    CHECK(text_has(&t, "out/README.md", "license: mit") &&
          text_has(&t, "out/README.md", "base_model:"));
    CHECK(text_has(&t, "out/report.html", "Most wrong"));
    UseOptions use = {.model = o.output, .data = tiny_path(&t, "out/engraft/test.csv")};
    CHECK_OK(task_eval(&err, t.a, &t.c, &use, &ev));
    CHECK_NEAR(ev.score, r.row[r.tuning_won ? r.tuned : r.frozen].held, 1e-9);
    CHECK_INT(ev.n, r.test_n);
    use.data = tiny_path(&t, "out/engraft/valid.csv");
    CHECK_OK(task_eval(&err, t.a, &t.c, &use, &ev));
    CHECK_NEAR(ev.score, r.row[r.tuning_won ? r.tuned : r.frozen].valid, 1e-9);
    CHECK_INT(ev.n, r.valid_n);
}

/* A RoBERTa with byte-level BPE: its two files go with what was learned, and it is read again from them. */
TEST(task_train_roberta_end_to_end)
{
    Err err = {0};
    Tiny t;
    TrainResult r;
    EvalResult ev;

    tiny_make_roberta(&t, 2);
    TrainOptions o = tiny_options(&t, "out");
    o.epochs = 12;
    o.lr = 1e-2;
    o.pool = "mean";
    CHECK_OK(train(&err, &t, &o, &r));
    CHECK(r.saved_difference <= 0);
    CHECK(r.row[r.frozen].train > 0.5 && r.row[r.tuned].train > 0.5);
    CHECK_TEXT(tiny_hash(&t, "out", "vocab.json"), tiny_hash(&t, "base", "vocab.json"));
    CHECK_TEXT(tiny_hash(&t, "out", "merges.txt"), tiny_hash(&t, "base", "merges.txt"));
    CHECK(*tiny_hash(&t, "out", "merges.txt") && !is_there(&t, "out/vocab.txt"));
    UseOptions use = {.model = o.output, .data = tiny_path(&t, "out/engraft/test.csv")};
    CHECK_OK(task_eval(&err, t.a, &t.c, &use, &ev));
    CHECK_NEAR(ev.score, r.row[r.tuning_won ? r.tuned : r.frozen].held, 1e-9);
}

TEST(task_train_goes_on_to_the_same_bits)
{
    Err err = {0};
    Tiny t;
    TrainResult r;

    tiny_make(&t, 2);
    TrainOptions o = tiny_options(&t, "whole");
    o.pool = "mean";
    CHECK_OK(train(&err, &t, &o, &r));
    o.output = tiny_path(&t, "parts");
    static const int stops[] = {3, 10, 11, 22, 25};
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
    CHECK_TEXT(tiny_hash(&t, "parts",
                         "engraft/run.json"), /* weights and optimiser after the last update */
               tiny_hash(&t, "whole", "engraft/run.json"));
    CHECK_TEXT(tiny_hash(&t, "parts", "engraft/history.csv"),
               tiny_hash(&t, "whole", "engraft/history.csv"));
}

TEST(task_train_goes_on_from_an_older_checkpoint)
{
    Err err = {0};
    Tiny t;
    TrainResult r;

    tiny_make(&t, 2);
    TrainOptions o = tiny_options(&t, "whole");
    o.pool = "mean";
    o.accumulate = 2;
    CHECK_OK(train(&err, &t, &o, &r));
    o.output = tiny_path(&t, "parts");
    o.checkpoint_steps = 2;
    static const int stops[] = {5, 9, 14};
    for (size_t i = 0; i < LEN(stops);
         i++) { /* the newest is lost, as when the process dies before it is whole */
        char *last = arena_printf(&err, t.a, "parts/engraft/checkpoints/seed-5/step-%d", stops[i]);

        t.stop = 0;
        t.stop_at = stops[i];
        CHECK_INT(train(&err, &t, &o, &r), E_STOPPED);
        CHECK_OK(path_remove(&err, sys_real(), tiny_path(&t, last)));
        o.resume = true;
    }
    t.stop = t.stop_at = 0;
    CHECK_OK(train(&err, &t, &o, &r));
    CHECK_TEXT(tiny_hash(&t, "parts", "model.safetensors"),
               tiny_hash(&t, "whole", "model.safetensors"));
    CHECK_TEXT(tiny_hash(&t, "parts",
                         "engraft/run.json"), /* weights and optimiser after the last update */
               tiny_hash(&t, "whole", "engraft/run.json"));
    CHECK_TEXT(tiny_hash(&t, "parts", "engraft/history.csv"),
               tiny_hash(&t, "whole", "engraft/history.csv"));
}

TEST(task_train_same_bits_for_any_number_of_threads)
{
    Err err = {0};
    static const int threads[] = {1, 3};
    const char *hash[2];
    Tiny t;
    TrainResult r;

    for (int i = 0; i < 2; i++) {
        tiny_make(&t, threads[i]);
        TrainOptions o = tiny_options(&t, i ? "b" : "a");
        o.pool = "mean";
        CHECK_OK(train(&err, &t, &o, &r));
        hash[i] = tiny_hash(&t, i ? "b" : "a", "engraft/run.json");
    }
    CHECK_TEXT(hash[1], hash[0]);
}

/* Weights of the saved model against the base's: how many tensors moved. */
static int moved(const Tiny *t, const char *folder, const char *of)
{
    Err err = {0};
    Weights *base, *now;
    int n = 0;

    CHECK_OK(weights_open(&err, t->a, t->model, &base));
    CHECK_OK(weights_open(&err, t->a, tiny_path(t, folder), &now));
    for (int i = 0; i < weights_count(base); i++) {
        const Weight *x = weights_at(base, i), *y = weights_find(now, x->name);
        char *prefixed = arena_printf(&err, t->a, "bert.%s", x->name);

        y = y ? y : weights_find(now, prefixed);
        CHECK(y);
        if (strstr(x->name, of))
            n += memcmp(x->data, y->data, (size_t)shape_size(&x->shape) * sizeof(float)) != 0;
    }
    return n;
}

TEST(task_train_methods_move_what_they_say)
{
    Err err = {0};
    Tiny t;
    TrainResult r;

    tiny_make(&t, 2);
    TrainOptions o = tiny_options(&t, "head");
    o.valid_share = -1; /* nothing to choose by: the tuned model is kept */
    o.no_baselines = true;
    o.epochs = 1;
    o.method = "head";
    CHECK_OK(train(&err, &t, &o, &r));
    CHECK_INT(moved(&t, "head", ""), 0);
    o.output = tiny_path(&t, "freeze");
    o.method = "freeze:1";
    CHECK_OK(train(&err, &t, &o, &r));
    CHECK_INT(moved(&t, "freeze", "layer.0."), 0);
    CHECK_INT(moved(&t, "freeze", "embeddings"), 0);
    CHECK(moved(&t, "freeze", "layer.1.") > 10);
    o.output = tiny_path(&t, "lora");
    o.method = "lora:rank=2";
    o.lr = 3e-2;
    CHECK_OK(train(&err, &t, &o, &r));
    CHECK_INT(moved(&t, "lora", "query.weight") + moved(&t, "lora", "value.weight"),
              4); /* merged */
    CHECK_INT(moved(&t, "lora", "key"), 0);
    CHECK(is_there(&t, "lora/adapter/adapter_model.safetensors"));
    CHECK(r.saved_difference < 1e-4);
}

TEST(task_train_gpt2)
{
    Err err = {0};
    Tiny t;
    TrainResult r;
    EvalResult ev;
    Model *m;

    tiny_make_gpt2(&t, 2);
    TrainOptions o = tiny_options(&t, "out");
    o.no_baselines = true;
    o.valid_share = -1; /* nothing to choose by: the tuned model is kept */
    o.epochs = 15;
    o.lr = 1e-2;
    t.listen = "pooling by the last token";
    CHECK_OK(train(&err, &t, &o, &r));
    CHECK_INT(t.heard, 1);
    CHECK(r.row[r.tuned].train > 0.6);
    CHECK(r.saved_difference <= 0);
    CHECK_OK(model_open(&err, t.a, o.output, &(ModelOptions){0}, &m));
    CHECK_TEXT(m->architecture, "GPT2ForSequenceClassification");
    CHECK(text_has(&t, "out/config.json", "\"pad_token_id\": 3")); /* its end of text */
    UseOptions use = {.model = o.output, .data = tiny_path(&t, "out/engraft/test.csv")};
    CHECK_OK(task_eval(&err, t.a, &t.c, &use, &ev));
    CHECK_NEAR(ev.score, r.row[r.tuned].held, 1e-12);
    o.output = tiny_path(&t, "lora");
    o.method = "lora:rank=2";
    o.epochs = 1;
    CHECK_OK(train(&err, &t, &o, &r));
    CHECK(r.saved_difference < 1e-4);
    CHECK(text_has(&t, "lora/adapter/adapter_config.json", "\"fan_in_fan_out\": true"));
    o.output = tiny_path(&t, "cls");
    o.pool = "cls";
    CHECK_INT(train(&err, &t, &o, &r), E_USAGE);
    CHECK_HAS(err.text, "last or mean");
}

/* What stands in front is in no weight: it stays beside them, and whoever opens the folder uses it. */
TEST(task_train_what_cannot_be_merged_stays_beside)
{
    static const char *const methods[] = {"prompt:tokens=3,text=\"word1, word2\"",
                                          "prefix:tokens=2", "adapter:reduction=4",
                                          "adapter:houlsby"};
    static const char *const names[] = {"prompt", "prefix", "pfeiffer", "houlsby"};
    Err err = {0};
    Tiny t;
    TrainResult r;
    EvalResult ev;

    tiny_make(&t, 2);
    TrainOptions o = tiny_options(&t, "prompt");
    o.valid_share = -1;
    o.no_baselines = true;
    o.epochs = 1;
    o.lr = 3e-2;
    for (size_t i = 0; i < LEN(methods); i++) {
        o.output = tiny_path(&t, names[i]);
        o.method = methods[i];
        CHECK_OK(train(&err, &t, &o, &r));
        CHECK_NEAR(r.saved_difference, 0, 0);
        CHECK_INT(moved(&t, names[i], ""), 0);
        UseOptions use = {.model = o.output,
                          .data = arena_printf(&err, t.a, "%s/engraft/test.csv", o.output)};
        CHECK_OK(task_eval(&err, t.a, &t.c, &use, &ev));
        CHECK_NEAR(ev.score, r.row[r.tuned].held, 1e-9);
        CHECK_OK(task_embed(&err, t.a, &t.c, &use, tiny_path(&t, "e.csv"), &(int64_t){0}));
        TrainOptions again = o;
        again.model = o.output;
        again.output = tiny_path(&t, "again");
        CHECK_INT(train(&err, &t, &again, &r), E_USAGE);
        CHECK_HAS(err.text, "begin with the model that it was made for");
    }
    o.output = tiny_path(&t, "long");
    o.method = "prompt:tokens=1000";
    CHECK_INT(train(&err, &t, &o, &r), E_USAGE);
    CHECK_HAS(err.text, "leave no room for a text");
    o.method = "prompt:tokens=0";
    CHECK_INT(train(&err, &t, &o, &r), E_USAGE);
    CHECK_HAS(err.text, "from 1 to 1024");
}

TEST(task_train_accumulates_to_the_same_update)
{
    Err err = {0};
    Tiny t;
    TrainResult r;
    Weights *w[2];
    int64_t where;

    tiny_make(&t, 2);
    TrainOptions o = tiny_options(&t, "one");
    o.valid_share = -1;
    o.epochs = 2;
    o.class_weights = "auto";
    CHECK_OK(train(&err, &t, &o, &r));
    o.output = tiny_path(&t, "two");
    o.batch = 3;
    o.accumulate = 1;
    CHECK_OK(train(&err, &t, &o, &r));
    o.output = tiny_path(&t, "three");
    o.batch = 4;
    o.accumulate = 2;
    CHECK_OK(train(&err, &t, &o, &r));
    static const char *const other[] = {"two", "three"};
    for (int i = 0; i < 2; i++) { /* an update of 8 is one of 2 x 4, and not one of 3 */
        CHECK_OK(weights_open(&err, t.a, tiny_path(&t, "one"), &w[0]));
        CHECK_OK(weights_open(&err, t.a, tiny_path(&t, other[i]), &w[1]));
        const Weight *x = weights_find(w[0], "classifier.weight"),
                     *y = weights_find(w[1], "classifier.weight");
        double d = tensor_difference(x->data, y->data, shape_size(&x->shape), &where);
        CHECK(i == 0 ? d > 1e-3 : d < 1e-4);
    }
}

TEST(task_train_refuses_to_overwrite)
{
    Err err = {0};
    Tiny t;
    TrainResult r;

    tiny_make(&t, 1);
    TrainOptions o = tiny_options(&t, "out");
    o.no_tuning = o.no_baselines = true;
    CHECK_OK(train(&err, &t, &o, &r));
    CHECK_INT(r.rows, 2);
    CHECK_INT(train(&err, &t, &o, &r), E_TAKEN);
    CHECK_HAS(err.text, "--overwrite");
    o.output = t.model;
    CHECK_INT(train(&err, &t, &o, &r), E_TAKEN);
    CHECK_HAS(err.text, "other things");
    o.overwrite = true;
    CHECK_INT(train(&err, &t, &o, &r), E_TAKEN); /* not a run of ours: never removed */
    o.output = tiny_path(&t, "out");
    Arena *other = arena_new(&err, sys_real());
    CHECK_OK(dir_lock(&err, other, o.output));
    CHECK_INT(train(&err, &t, &o, &r), E_TAKEN);
    CHECK_HAS(err.text, "process");
    arena_free(other);
    CHECK_OK(train(&err, &t, &o, &r));
}

TEST(task_train_refuses_settings_that_cannot_be)
{
    Err err = {0};
    Tiny t;
    TrainResult r;

    tiny_make(&t, 1);
    TrainOptions good = tiny_options(&t, "out"), o = good;
    o.schedule = "steps";
    CHECK_INT(train(&err, &t, &o, &r), E_USAGE);
    CHECK_HAS(err.text, "linear, cosine or constant");
    o = good;
    o.class_weights = "some";
    CHECK_INT(train(&err, &t, &o, &r), E_USAGE);
    o = good;
    o.pool = "max";
    CHECK_INT(train(&err, &t, &o, &r), E_USAGE);
    o = good;
    o.lr = 100;
    CHECK_INT(train(&err, &t, &o, &r), E_USAGE);
    o = good;
    o.valid_share = 0.5;
    o.test_share = 0.5;
    CHECK_INT(train(&err, &t, &o, &r), E_USAGE);
    o = good;
    o.max_length = 1000;
    CHECK_INT(train(&err, &t, &o, &r), E_USAGE);
    CHECK_HAS(err.text, "at most 32");
    o = good;
    o.method = "magic";
    o.output = tiny_path(&t, "magic");
    CHECK(train(&err, &t, &o, &r) != E_OK);
}

TEST(task_train_stops_at_a_loss_that_is_no_number)
{
    Err err = {0};
    Tiny t;
    TrainResult r;

    tiny_make(&t, 1);
    TrainOptions o = tiny_options(&t, "out");
    o.lr = 9.9; /* with this clip, weights beyond all bounds within a few steps */
    o.clip = -1;
    o.weight_decay = 1e30;
    o.warmup = -1;
    CHECK_INT(train(&err, &t, &o, &r), E_DATA);
    CHECK_HAS(err.text, "no number");
    CHECK_HAS(err.text, "samples");
    CHECK(is_there(&t, "out/model.safetensors")); /* the first answer stays */
}

TEST(task_plan_counts)
{
    Err err = {0};
    Tiny t;
    PlanResult p;

    tiny_make(&t, 1);
    TrainOptions o = tiny_options(&t, "out");
    CHECK_OK(task_plan(&err, t.a, &t.c, &o, &p));
    CHECK_INT(p.updates, (p.train_n + 7) / 8 * 3);
    CHECK(p.tokens > p.train_n * 5);
    CHECK(p.bytes > 4 * (size_t)p.step.param_values);
    CHECK(!is_there(&t, "out"));
}

/* What trains little begins with the head fitted to frozen features; BitFit does not: all of the last norm's biases would
 * shift at once under that head's weights. */
TEST(task_train_begins_with_the_fitted_head)
{
    static const struct {
        const char *method, *pool;
        int heard;
    } row[] = {{"lora:rank=2", NULL, 1}, {"ia3", NULL, 1},          {"head", NULL, 1},
               {"adapter", NULL, 1},     {"lora:rank=2", "cls", 0}, {"bitfit", NULL, 0},
               {"norm", NULL, 0},        {"full", "mean", 0}};
    Tiny t;

    tiny_make(&t, 1);
    t.listen = "begun with the first answer's";
    for (size_t i = 0; i < LEN(row); i++) {
        Err err = {0};
        TrainResult r;
        TrainOptions o = tiny_options(&t, "out");

        o.method = row[i].method;
        o.pool = row[i].pool;
        o.epochs = 1;
        o.overwrite = true;
        t.heard = 0;
        CHECK_OK(train(&err, &t, &o, &r));
        CHECK_INT(t.heard, row[i].heard);
    }
}

/* SPDX-License-Identifier: MIT */
