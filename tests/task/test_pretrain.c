/* test_pretrain.c - learning on from plain text, end to end, on a tiny GPT-2: less surprise, a folder that loads, the same
 * bits with interruptions and threads, and what is refused. */
#include "golden_case.h"
#include "models/models.h"
#include "task/objective.h"
#include "task/pretrain.h"
#include "tiny.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Sentences of two kinds whose words tell the next one. */
static const char *make_text(const Tiny *t)
{
    static const char *const said[] = {"the apple is very now", "a train was here again",
                                       "rain not so snow"};
    Err err;
    Writer *w;
    const char *path = tiny_path(t, "corpus.txt");

    CHECK_OK(writer_open(&err, t->a, path, &w));
    for (int i = 0; i < 300; i++)
        CHECK_OK(writer_printf(&err, w, "%s\n%s", said[i * 7 % 3], i % 5 ? "" : "\n"));
    CHECK_OK(writer_commit(&err, w));
    return path;
}

static PretrainOptions options(const Tiny *t, const char *output)
{
    return (PretrainOptions){.data = make_text(t),
                             .model = t->model,
                             .model_name = "base",
                             .output = tiny_path(t, output),
                             .length = 16,
                             .batch = 4,
                             .epochs = 3,
                             .lr = 1e-2,
                             .valid_share = 0.1,
                             .seed = 5};
}

static Status run(Err *e, Tiny *t, const PretrainOptions *o, PretrainResult *r)
{
    Arena *a = arena_child(e, t->a);
    Status s = a ? task_pretrain(e, a, &t->c, o, r) : e->code;

    arena_free(a);
    return s;
}

TEST(task_pretrain_learns)
{
    Err err = {0};
    Tiny t;
    PretrainResult r;
    Model *m;

    tiny_make_gpt2(&t, 2);
    PretrainOptions o = options(&t, "out");
    CHECK_OK(run(&err, &t, &o, &r));
    CHECK_INT(r.documents, 61);
    CHECK(r.held > 0 && r.held <= (r.rows - r.train_rows) * 15);
    CHECK_TEXT(r.objective, "lm");
    CHECK(r.before > 2.5 && r.after < 1.5);
    CHECK(r.saved_difference <= 0);
    CHECK(r.tokens_per_second > 0);
    CHECK_OK(model_open(&err, t.a, o.output, &(ModelOptions){0}, &m));
    CHECK_TEXT(m->architecture, "GPT2LMHeadModel");
    CHECK(*tiny_hash(&t, "out", "vocab.txt") && *tiny_hash(&t, "out", "README.md"));
    CHECK(*tiny_hash(&t, "out", "engraft/run.json") &&
          *tiny_hash(&t, "out", "engraft/history.csv"));
    CHECK_INT(run(&err, &t, &o, &r), E_TAKEN);
    CHECK_HAS(err.text, "finished run");
    o.overwrite = true;
    o.valid_share = -1;
    CHECK_OK(run(&err, &t, &o, &r));
    CHECK(r.held == 0 && r.after < 2.5 && isnan(r.before));
}

TEST(task_pretrain_goes_on_to_the_same_bits)
{
    Err err = {0};
    Tiny t;
    PretrainResult whole, parts, alone;

    tiny_make_gpt2(&t, 2);
    PretrainOptions o = options(&t, "whole");
    CHECK_OK(run(&err, &t, &o, &whole));
    o.output = tiny_path(&t, "parts");
    t.stop_at = 20;
    CHECK_INT(run(&err, &t, &o, &parts), E_STOPPED);
    CHECK_HAS(err.text, "--resume");
    t.stop = 0;
    t.stop_at = 0;
    CHECK_INT(run(&err, &t, &o, &parts), E_TAKEN);
    CHECK_HAS(err.text, "interrupted run");
    o.resume = true;
    o.lr = 2e-2;
    CHECK_INT(run(&err, &t, &o, &parts), E_DATA); /* a checkpoint of other settings */
    o.lr = 1e-2;
    CHECK_OK(run(&err, &t, &o, &parts));
    CHECK(parts.weights_hash == whole.weights_hash && parts.state_hash == whole.state_hash);
    CHECK_NEAR(parts.after, whole.after, 0);
    CHECK_OK(pool_new(&err, t.a, 1, &t.c.pool));
    o.output = tiny_path(&t, "alone");
    CHECK_OK(run(&err, &t, &o, &alone));
    CHECK(alone.weights_hash == whole.weights_hash);
}

/* Rows of four: 1 2 3 4, 5 6 7 8, 9 10 11. */
static TokenRows some_rows(double share)
{
    static const int32_t id[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
    Err err = {0};
    TokenRows r = {.id = id, .n = 11, .before = -1, .after = -1, .end = -1};

    CHECK_OK(token_rows_cut(&err, &r, "text", 4, share));
    return r;
}

static const Objective *objective(const char *name, HeadKind head)
{
    Err err = {0};
    ModelDef def = {.name = "some", .architecture = {[HEAD_NONE] = "Some"}};
    Model m = {.def = &def};
    const Objective *o;

    def.architecture[head] = "SomeHead";
    CHECK_OK(objective_find(&err, name, &m, &o));
    return o;
}

TEST(task_pretrain_asks_for_the_next_token)
{
    Err err = {0};
    const Objective *lm = objective(NULL, HEAD_CAUSAL);
    int32_t ids[8], label[8];
    TokenRows r = some_rows(0.3);
    Asked asked = {.id = ids, .label = label};

    CHECK_INT(r.rows, 3);
    CHECK_INT(r.train, 2);
    CHECK_TEXT(lm->name, "lm");
    lm->fill(&r, NULL, 0, 0, &asked);
    lm->fill(&r, NULL, 2, 0, &asked);
    CHECK_INT(asked.tokens, 7);
    CHECK(ids[3] == 4 && label[0] == 2 && label[2] == 4 && label[3] == -1);
    CHECK(ids[4] == 9 && label[4] == 10 && label[5] == 11 && label[6] == -1);
    CHECK_INT(lm->labels(&r, 0) * 10 + lm->labels(&r, 2), 32);
    r.n = 10; /* two are too few for a row */
    CHECK_OK(token_rows_cut(&err, &r, "text", 4, 0));
    CHECK_INT(r.rows, 2);
    CHECK_INT(r.train, 2);
    CHECK_INT(token_rows_cut(&err, &r, "text", 16, 0.5), E_DATA);
    CHECK_HAS(err.text, "too little text");
}

/* 15 % of what is no border, one mask, and no token of the row elsewhere than it was. */
TEST(task_pretrain_masks)
{
    enum { N = 202, V = 1000, ROUNDS = 400 };
    static int32_t from[N - 2], id[N], label[N], at[N];
    Err err = {0};
    const Objective *mlm = objective("mlm", HEAD_MASKED);
    TokenRows r = {.id = from, .n = N - 2, .before = V - 1, .after = V - 2, .end = V - 2};
    Vocabulary v = {V, V - 3};
    int64_t masked = 0, kept = 0, labels = 0, first = 0;

    for (int i = 0; i < N - 2; i++)
        from[i] = i % 20 == 19 ? r.end : i;
    CHECK_OK(token_rows_cut(&err, &r, "text", N, 0));
    CHECK_INT(r.rows, 1);
    CHECK_INT(mlm->labels(&r, 0), 29); /* 190 tokens ask */
    for (uint64_t key = 0; key < ROUNDS; key++) {
        Asked a = {.id = id, .label = label, .label_row = at};
        bool seen[N] = {0};

        mlm->fill(&r, &v, 0, key, &a);
        CHECK_INT(a.tokens, N);
        CHECK_INT(a.labels, 29);
        CHECK(id[0] == r.before && id[N - 1] == r.after);
        for (int i = 0; i < a.labels; i++) {
            CHECK(at[i] > 0 && at[i] < N - 1 && !seen[at[i]]);
            seen[at[i]] = true;
            CHECK(label[i] == from[at[i] - 1] && label[i] != r.end);
            masked += id[at[i]] == v.mask;
            kept += id[at[i]] == label[i];
            first += at[i] == 1;
        }
        for (int i = 1; i < N - 1; i++)
            CHECK(seen[i] || id[i] == from[i - 1]);
        labels += a.labels;
    }
    CHECK_NEAR((double)masked / (double)labels, 0.8, 0.015);
    CHECK_NEAR((double)kept / (double)labels, 0.1, 0.015);
    CHECK_NEAR((double)first / ROUNDS, 29.0 / 190, 0.06); /* as often as any */
}

/* Column `k` of the history's line `row`. */
static double history(const Tiny *t, const char *folder, int row, int k)
{
    Err err = {0};
    Bytes b;
    const char *path = tiny_path(t, folder);

    CHECK_OK(
        file_read_all(&err, t->a, path_join(&err, t->a, path, "engraft/history.csv"), 1 << 20, &b));
    const char *s = (const char *)b.data, *end = s + b.n;
    for (int i = 0; i <= row; i++)
        s = (const char *)memchr(s, '\n', (size_t)(end - s)) + 1;
    for (int i = 0; i < k; i++)
        s = strchr(s, ',') + 1;
    return strtod(s, NULL);
}

static void copy_file(const Tiny *t, const char *from, const char *folder, const char *name)
{
    Err err = {0};
    Bytes b;
    Writer *w;

    CHECK_OK(file_read_all(&err, t->a, path_join(&err, t->a, from, name), 1 << 20, &b));
    CHECK_OK(writer_open(&err, t->a, path_join(&err, t->a, folder, name), &w));
    CHECK_OK(writer_put(&err, w, b.data, b.n));
    CHECK_OK(writer_commit(&err, w));
}

/* transformers' own loop: labels = input_ids over the same rows, all of them in each update. */
TEST(task_pretrain_golden)
{
    Err err = {0};
    Golden g = golden_open("pretrain_gpt2");
    Config curve;
    Tiny t;
    PretrainResult r;

    tiny_open(&t, 2);
    copy_file(&t, "tests/golden/tokenizers/bpe-folder-bare", g.model, "vocab.json");
    copy_file(&t, "tests/golden/tokenizers/bpe-folder-bare", g.model, "merges.txt");
    CHECK_OK(config_open(&err, t.a, golden_file(&g, "curve.json"), &curve));
    const Json *train = json_member(curve.json, "train"), *valid = json_member(curve.json, "valid");
    PretrainOptions o = {.data = golden_file(&g, "text.txt"),
                         .model = g.model,
                         .model_name = "golden",
                         .output = tiny_path(&t, "out"),
                         .schedule = "constant",
                         .length = 16,
                         .batch = 7,
                         .accumulate = 8,
                         .epochs = (int64_t)json_count(train),
                         .lr = 3e-3,
                         .warmup = -1,
                         .valid_share = 0.2};
    CHECK_OK(run(&err, &t, &o, &r));
    CHECK_INT(r.tokens, (int64_t)json_double(json_member(curve.json, "tokens")));
    CHECK_INT(r.rows, (int64_t)json_double(json_member(curve.json, "rows")));
    CHECK_INT(r.held, (int64_t)json_double(json_member(curve.json, "held")));
    CHECK_INT(r.updates, o.epochs);
    CHECK_NEAR(r.before, json_double(json_member(curve.json, "before")), 1e-5);
    for (int i = 0; i < (int)o.epochs; i++) {
        CHECK_NEAR(history(&t, "out", i, 3), json_double(json_item(train, (size_t)i)), g.abs);
        CHECK_NEAR(history(&t, "out", i, 4), json_double(json_item(valid, (size_t)i)), g.abs);
    }
}

TEST(task_pretrain_masked_words)
{
    Err err = {0};
    Tiny t;
    PretrainResult r, again;
    Model *m;

    tiny_make(&t, 2);
    PretrainOptions o = options(&t, "out");
    o.epochs = 12;
    CHECK_OK(run(&err, &t, &o, &r));
    CHECK_TEXT(r.objective, "mlm");
    CHECK(r.before > 2.5 && r.after < r.before - 1);
    CHECK(r.saved_difference <= 0);
    CHECK_OK(model_open(&err, t.a, o.output, &(ModelOptions){0}, &m));
    CHECK_TEXT(m->architecture, "BertForMaskedLM");
    o.output = tiny_path(&t, "parts");
    t.stop_at = 20;
    CHECK_INT(run(&err, &t, &o, &again), E_STOPPED);
    t.stop = 0;
    t.stop_at = 0;
    o.resume = true;
    CHECK_OK(run(&err, &t, &o, &again));
    CHECK(again.weights_hash == r.weights_hash);
}

TEST(task_pretrain_refuses)
{
    Err err = {0};
    Tiny t;
    PretrainResult r;

    tiny_make_gpt2(&t, 1);
    PretrainOptions o = options(&t, "out"), bad = o;
    bad.objective = "nsp";
    CHECK_INT(run(&err, &t, &bad, &r), E_USAGE);
    CHECK_HAS(err.text, "no objective \"nsp\"");
    CHECK_HAS(err.text, "lm: the next token");
    bad.objective = "mlm";
    CHECK_INT(run(&err, &t, &bad, &r), E_USAGE);
    CHECK_HAS(err.text, "a gpt2 cannot learn by the objective mlm");
    bad = o;
    bad.length = 33;
    CHECK_INT(run(&err, &t, &bad, &r), E_USAGE);
    CHECK_HAS(err.text, "the model takes 2 to 32");
    bad = o;
    bad.batch = 65537;
    CHECK_INT(run(&err, &t, &bad, &r), E_USAGE);
    bad = o;
    bad.epochs = 100001;
    CHECK_INT(run(&err, &t, &bad, &r), E_USAGE);
    bad = o;
    bad.schedule = "steps";
    CHECK_INT(run(&err, &t, &bad, &r), E_USAGE);
    CHECK_HAS(err.text, "linear, cosine or constant");
    bad = o;
    bad.valid_share = 1;
    CHECK_INT(run(&err, &t, &bad, &r), E_USAGE);
    bad = o;
    bad.data = tiny_path(&t, "nowhere.txt");
    CHECK_INT(run(&err, &t, &bad, &r), E_NOINPUT);
    CHECK(path_kind(sys_real(), o.output) == PATH_NONE); /* nothing of all that made the folder */
}

/* SPDX-License-Identifier: MIT */
