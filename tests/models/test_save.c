/* test_save.c - what is saved loads again, bit for bit, under the names and keys that others read. */
#include "golden_case.h"
#include "models/models.h"
#include "test.h"

#include <string.h>

static const char *const colours[] = {"red", "green", "blue", "grey"};

/* A model with the head asked for, its new tensors drawn, saved to `folder`. */
static Params *make(const Golden *g, const ModelOptions *o, const char *folder, Model **m)
{
    Err err;
    ModelOutputs out;
    LoadReport report;
    Params *p = params_new(&err, g->a);
    Graph *graph = graph_new(&err, g->a, MODE_EVAL);

    CHECK(p && graph);
    CHECK_OK(model_open(&err, g->a, g->model, o, m));
    CHECK_OK(model_build(&err, *m, graph, NULL, &(ModelShape){.sequences = 2, .tokens = 9}, &out));
    CHECK_OK(model_load(&err, g->a, *m, graph, p, &report));
    CHECK_OK(params_init_missing(&err, p, graph, 3, NULL));
    CHECK_OK(model_save(&err, g->a, *m, p, folder));
    return p;
}

/* The folder opened afresh holds the same numbers under the same head. */
static Model *check_again(const Golden *g, const char *folder, const Model *old, Params *p,
                          const char *text)
{
    Err err;
    Model *m;
    ModelOutputs out;
    LoadReport report;
    Params *q = params_new(&err, g->a);
    Graph *graph = graph_new(&err, g->a, MODE_EVAL);

    CHECK(q && graph);
    CHECK_OK(model_open(&err, g->a, folder, &(ModelOptions){0}, &m));
    CHECK_INT(m->head, old->head);
    for (int i = 0; m->head != HEAD_NONE && i < m->labels; i++)
        CHECK_TEXT(m->label[i], old->label[i]);
    if (m->head != HEAD_NONE) {
        CHECK_INT(m->labels, old->labels);
        CHECK_INT(m->problem, old->problem);
    }
    CHECK_OK(model_build(&err, m, graph, NULL, &(ModelShape){.sequences = 2, .tokens = 9}, &out));
    CHECK_OK(model_load(&err, g->a, m, graph, q, &report));
    CHECK_TEXT(report.text, text);
    CHECK_INT(params_count(q), params_count(p));
    for (int i = 0; i < params_count(p); i++) {
        const Param *x = params_at(p, i), *y = params_find(q, x->name);

        CHECK(y && shape_equal(&x->shape, &y->shape));
        CHECK(memcmp(x->data, y->data, (size_t)shape_size(&x->shape) * sizeof(float)) == 0);
    }
    return m;
}

static Config config_of(const Golden *g, const char *file)
{
    Err err;
    Config c;

    CHECK_OK(config_open(&err, g->a, golden_temp(g, file), &c));
    return c;
}

TEST(models_save_sequence)
{
    const ModelOptions o = {.head = HEAD_SEQUENCE, .labels = 4, .label = colours};
    Golden g = golden_open("bert_pretraining"); /* another head's folder */
    const char *folder = golden_temp(&g, "saved");
    Model *m;
    Params *p = make(&g, &o, folder, &m);

    check_again(&g, folder, m, p, "backbone 55 of 55 tensors; head 2 of 2 tensors");
    Config c = config_of(&g, "saved/config.json");
    CHECK_TEXT(json_text(json_item(config_get(&c, "architectures"), 0)),
               "BertForSequenceClassification");
    CHECK_TEXT(json_text(json_member(config_get(&c, "id2label"), "2")), "blue");
    CHECK_INT((int64_t)json_double(json_member(config_get(&c, "label2id"), "grey")), 3);
    CHECK_TEXT(json_text(config_get(&c, "problem_type")), "single_label_classification");
    CHECK_INT((int64_t)json_double(config_get(&c, "vocab_size")), 211); /* other keys stay */
    CHECK_TEXT(json_text(config_get(&c, "transformers_version")), "5.23.0");
}

TEST(models_save_mean)
{
    const ModelOptions o = {.head = HEAD_MEAN, .labels = 4, .label = colours};
    Golden g = golden_open("bert_sequence_classification");
    const char *folder = golden_temp(&g, "saved");
    Model *m;
    Params *p = make(&g, &o, folder, &m);

    m = check_again(&g, folder, m, p, "backbone 55 of 55 tensors; head 2 of 2 tensors");
    CHECK_INT(m->pooling, POOL_MEAN);
    Config c = config_of(&g, "saved/modules.json");
    CHECK_INT((int64_t)json_count(c.json), 3);
    CHECK_TEXT(json_text(json_member(json_item(c.json, 2), "type")),
               "sentence_transformers.models.Dense");
    c = config_of(&g, "saved/config.json");
    CHECK_TEXT(json_text(json_item(config_get(&c, "architectures"), 0)), "BertModel");
}

TEST(models_save_other_heads)
{
    Golden g = golden_open("bert_sequence_classification");
    const ModelOptions token = {.head = HEAD_TOKEN, .labels = 2, .label = colours},
                       number = {.labels = 1, .problem = PROBLEM_REGRESSION},
                       several = {.labels = 3, .label = colours, .problem = PROBLEM_MULTI};
    const ModelOptions *list[] = {&token, &number, &several};
    const char *text[] = {"backbone 53 of 53 tensors; head 2 of 2 tensors",
                          "backbone 55 of 55 tensors; head 2 of 2 tensors",
                          "backbone 55 of 55 tensors; head 2 of 2 tensors"};
    Model *m;

    for (int i = 0; i < 3; i++) {
        const char *folder = golden_temp(&g, i == 0 ? "token" : i == 1 ? "number" : "several");
        Params *p = make(&g, list[i], folder, &m);

        check_again(&g, folder, m, p, text[i]);
    }
}

TEST(models_save_embedder)
{
    Golden g = golden_open("bert_sequence_classification");
    const char *folder = golden_temp(&g, "saved");
    Model *m;
    Params *p = make(&g, &(ModelOptions){.head = HEAD_NONE}, folder, &m);

    CHECK_INT(check_again(&g, folder, m, p, "backbone 55 of 55 tensors")->pooling, POOL_CLS);
    Config c = config_of(&g, "saved/config.json");
    CHECK(!config_has(&c, "id2label") && !config_has(&c, "problem_type"));
}

/* SPDX-License-Identifier: MIT */
