/* test_predict.c - tables and lines answered: columns kept, order kept, names not taken twice. */
#include "tiny.h"

#include <string.h>

static void put_file(const Tiny *t, const char *name, const char *text)
{
    Err err = {0};
    Writer *w;

    CHECK_OK(writer_open(&err, t->a, tiny_path(t, name), &w));
    CHECK_OK(writer_put(&err, w, text, strlen(text)));
    CHECK_OK(writer_commit(&err, w));
}

static const char *read_file(const Tiny *t, const char *name)
{
    Err err = {0};
    Bytes b;

    CHECK_OK(file_read_all(&err, t->a, tiny_path(t, name), 1 << 20, &b));
    return (const char *)b.data;
}

static void train(Tiny *t)
{
    Err err = {0};
    TrainResult r;

    tiny_make(t, 1);
    TrainOptions o = tiny_options(t, "out");
    o.no_tuning = o.no_baselines = true;
    CHECK_OK(task_train(&err, t->a, &t->c, &o, &r));
}

TEST(task_predict_keeps_all_columns_and_their_order)
{
    Err err = {0};
    Tiny t;
    int64_t rows;

    train(&t);
    put_file(&t, "new.csv",
             "z,text,label,a\n1,\"the apple, so\",x,\"q \"\"r\"\"\"\n2,snow now,y,s\n");
    UseOptions use = {.model = tiny_path(&t, "out"), .data = tiny_path(&t, "new.csv")};
    CHECK_OK(task_predict(&err, t.a, &t.c, &use, tiny_path(&t, "scored.csv"), &rows));
    CHECK_INT(rows, 2);
    const char *text = read_file(&t, "scored.csv");
    CHECK_HAS(text, "z,text,label,a,predicted_label,probability\n");
    CHECK_HAS(text, "\n1,\"the apple, so\",x,\"q \"\"r\"\"\",");
    CHECK_HAS(text, "\n2,snow now,y,s,");
    put_file(&t, "new.jsonl", "{\"text\": \"so the \\\"bus\\\" again\", \"n\": \"1\"}\n");
    use.data = tiny_path(&t, "new.jsonl");
    CHECK_OK(task_predict(&err, t.a, &t.c, &use, tiny_path(&t, "scored.jsonl"), &rows));
    CHECK_HAS(read_file(&t, "scored.jsonl"),
              "{\"text\":\"so the \\\"bus\\\" again\",\"n\":\"1\",\"label\":\"");
}

TEST(task_predict_line_adds_to_the_object)
{
    Err err = {0};
    Tiny t;
    TaskModel *m;
    char *out;

    train(&t);
    UseOptions use = {.model = tiny_path(&t, "out")};
    CHECK_OK(taskmodel_open(&err, t.a, &t.c, &use, &m));
    static const char line[] = "{\"id\": [1, {\"a\": 2}], \"text\": \"the pear\" }";
    CHECK_OK(task_predict_line(&err, t.a, m, line, strlen(line), &out));
    CHECK_HAS(out, "{\"id\": [1, {\"a\": 2}], \"text\": \"the pear\",\"label\":\"");
    CHECK_HAS(out, "\"probabilities\":{\"fruit\":");
    static const char *const bad[] = {"",
                                      "{}",
                                      "[1]",
                                      "{\"text\": 1}",
                                      "{\"text\": \"a\"} x",
                                      "{\"text\": \"a\"",
                                      "{\"other\": \"a\"}",
                                      "null"};
    for (size_t i = 0; i < LEN(bad); i++)
        CHECK_INT(task_predict_line(&err, t.a, m, bad[i], strlen(bad[i]), &out), E_DATA);
}

TEST(task_predict_alone_or_among_others)
{
    Err err = {0};
    Tiny t;
    TaskModel *m;
    float alone[3], among[60];
    Cell c[20];

    train(&t);
    UseOptions use = {.model = tiny_path(&t, "out")};
    CHECK_OK(taskmodel_open(&err, t.a, &t.c, &use, &m));
    for (int i = 0; i < 20; i++) {
        c[i].s = arena_printf(&err, t.a, "the %s", i % 3 ? "apple is so very here" : "storm");
        c[i].n = strlen(c[i].s);
    }
    CHECK_OK(taskmodel_predict(&err, m, &(Raw){c, NULL, NULL, 20}, among));
    for (int i = 0; i < 20; i += 7) {
        CHECK_OK(taskmodel_predict(&err, m, &(Raw){c + i, NULL, NULL, 1}, alone));
        CHECK_INT(memcmp(alone, among + 3 * i, sizeof alone), 0);
    }
}

TEST(task_embed_writes_one_row_a_text)
{
    Err err = {0};
    Tiny t;
    int64_t rows;
    int columns = 1;

    train(&t);
    UseOptions use = {.model = t.model, .data = t.data, .text = "text"};
    CHECK_OK(task_embed(&err, t.a, &t.c, &use, tiny_path(&t, "e.csv"), &rows));
    CHECK_INT(rows, 120);
    for (const char *c = read_file(&t, "e.csv"); *c != '\n'; c++)
        columns += *c == ',';
    CHECK_INT(columns, 16);
    CHECK_INT(task_embed(&err, t.a, &t.c, &use, tiny_path(&t, "e.txt"), &rows), E_USAGE);
    CHECK_HAS(err.text, ".safetensors or .csv");
    CHECK_INT(task_predict(&err, t.a, &t.c, &use, tiny_path(&t, "p.csv"), &rows), E_USAGE);
    CHECK_HAS(err.text, "no head");
}

/* SPDX-License-Identifier: MIT */
