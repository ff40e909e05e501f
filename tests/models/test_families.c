/* test_families.c - families of texts beside BERT: their configurations refused, new heads, what is saved. */
#include "golden_case.h"
#include "models/models.h"
#include "test.h"

#include <string.h>

#define DISTIL  "distilbert_sequence_classification"
#define ROBERTA "roberta_token_classification"
#define GPT2    "gpt2_lm"

/* The model opened, built and loaded; with `folder` also saved there, new tensors drawn. */
static Status try_model(const Golden *g, const ModelOptions *o, const char *folder, Model **m,
                        LoadReport *r, Err *e)
{
    ModelOutputs out;
    Params *p = params_new(e, g->a);
    Graph *graph = graph_new(e, g->a, MODE_EVAL);

    CHECK(p && graph);
    TRY(model_open(e, g->a, g->model, o, m));
    TRY(model_build(e, *m, graph, NULL, &(ModelShape){.sequences = 2, .tokens = 9}, &out));
    TRY(model_load(e, g->a, *m, graph, p, r));
    TRY(params_init_missing(e, p, graph, 3, NULL));
    return folder ? model_save(e, g->a, *m, p, folder) : E_OK;
}

/* The case's config.json with one key changed. */
static void change(const Golden *g, const char *key, const char *value)
{
    Err err;
    const char *path = golden_temp(g, "model/config.json");
    Config c, one;

    CHECK_OK(config_open(&err, g->a, golden_file(g, "config.json"), &c));
    const char *part = golden_temp(g, "part.json");
    const char *text = arena_printf(&err, g->a, "{\"x\": %s}", value);
    Writer *w;
    CHECK_OK(writer_open(&err, g->a, part, &w));
    CHECK_OK(writer_put(&err, w, text, strlen(text)));
    CHECK_OK(writer_commit(&err, w));
    CHECK_OK(config_open(&err, g->a, part, &one));
    const Json *x = config_get(&one, "x");
    c.path = path;
    if (json_text(x))
        CHECK_OK(config_set_text(&err, &c, key, json_text(x)));
    else if (strcmp(value, "true") == 0)
        CHECK_OK(config_set_bool(&err, &c, key, true));
    else
        CHECK_OK(config_set_int(&err, &c, key, (int64_t)json_double(x)));
    CHECK_OK(config_save(&err, g->a, &c));
}

static void check_refused(const char *name)
{
    Golden g = golden_open(name);
    static const struct {
        const char *name, *key, *value, *why;
    } cases[] = {
        {DISTIL, "n_heads", "5", "48 cannot be split into 5 heads"},
        {DISTIL, "activation", "\"softsign\"",
         "\"activation\" in config.json: \"softsign\" is not known"},
        {DISTIL, "sinusoidal_pos_embds", "true", "computed positions are not supported"},
        {DISTIL, "n_layers", "0", "n_layers"},
        {DISTIL, "n_layers", "3",
         "\"distilbert.transformer.layer.2.attention.q_lin.weight\" is missing"},
        {DISTIL, "n_layers", "1",
         "\"distilbert.transformer.layer.1.attention.q_lin.weight\" is unexpected"},
        {DISTIL, "hidden_dim", "95", "has the wrong shape"},
        {ROBERTA, "is_decoder", "true", "a decoder of this family is not supported"},
        {ROBERTA, "max_position_embeddings", "2",
         "2 leaves no position after that of the padding, 1"},
        {ROBERTA, "pad_token_id", "211", "pad_token_id"},
        {ROBERTA, "hidden_act", "\"softsign\"",
         "\"hidden_act\" in config.json: \"softsign\" is not known"},
        {ROBERTA, "type_vocab_size", "2", "has the wrong shape"},
        {GPT2, "n_head", "5", "\"n_embd\" in config.json: 48 cannot be split into 5 heads"},
        {GPT2, "add_cross_attention", "true", "attention to another sequence is not supported"},
        {GPT2, "activation_function", "\"softsign\"",
         "\"activation_function\" in config.json: \"softsign\" is not known"},
        {GPT2, "n_inner", "95", "has the wrong shape"},
        {GPT2, "n_layer", "4", "\"transformer.h.3.ln_1.weight\" is missing"},
        {GPT2, "n_positions", "0", "n_positions"},
    };

    for (size_t i = 0; i < LEN(cases); i++) {
        Err err = {0};
        LoadReport r;
        Model *m;

        if (strcmp(cases[i].name, name) != 0)
            continue;
        change(&g, cases[i].key, cases[i].value);
        CHECK(try_model(&g, &(ModelOptions){0}, NULL, &m, &r, &err) != E_OK);
        CHECK_HAS(err.text, cases[i].why);
    }
}

/* Each head on another head's folder, then what was saved of it, opened as it is. */
static void check_heads(const char *name)
{
    Golden g = golden_open(name), saved = g;
    static const struct {
        const char *name, *type;
        HeadKind head;
        const char *text, *again, *architecture;
    } cases[] = {
        {DISTIL, "distilbert", HEAD_SEQUENCE,
         "backbone 36 of 36 tensors; classifier new: 3 classes",
         "backbone 36 of 36 tensors; head 4 of 4 tensors", "DistilBertForSequenceClassification"},
        {DISTIL, "distilbert", HEAD_TOKEN, "backbone 36 of 36 tensors; classifier new: 3 classes",
         "backbone 36 of 36 tensors; head 2 of 2 tensors", "DistilBertForTokenClassification"},
        {DISTIL, "distilbert", HEAD_SPAN,
         "backbone 36 of 36 tensors; qa_outputs new: 2 of 2 tensors",
         "backbone 36 of 36 tensors; head 2 of 2 tensors", "DistilBertForQuestionAnswering"},
        {DISTIL, "distilbert", HEAD_MASKED,
         "backbone 36 of 36 tensors; vocab_projector new: 5 of 5 tensors",
         "backbone 36 of 36 tensors; head 5 of 5 tensors", "DistilBertForMaskedLM"},
        {DISTIL, "distilbert", HEAD_MEAN, "backbone 36 of 36 tensors; classifier new: 3 classes",
         "backbone 36 of 36 tensors; head 2 of 2 tensors", "DistilBertModel"},
        {ROBERTA, "roberta", HEAD_SEQUENCE, "backbone 53 of 53 tensors; classifier new: 3 classes",
         "backbone 53 of 53 tensors; head 4 of 4 tensors", "RobertaForSequenceClassification"},
        {ROBERTA, "roberta", HEAD_SPAN, "backbone 53 of 53 tensors; qa_outputs new: 2 of 2 tensors",
         "backbone 53 of 53 tensors; head 2 of 2 tensors", "RobertaForQuestionAnswering"},
        {ROBERTA, "roberta", HEAD_MASKED, "backbone 53 of 53 tensors; lm_head new: 5 of 5 tensors",
         "backbone 53 of 53 tensors; head 5 of 5 tensors", "RobertaForMaskedLM"},
        {ROBERTA, "roberta", HEAD_NONE, "backbone 53 of 53 tensors", "backbone 53 of 53 tensors",
         "RobertaModel"},
        {ROBERTA, "xlm-roberta", HEAD_TOKEN, "backbone 53 of 53 tensors; classifier new: 3 classes",
         "backbone 53 of 53 tensors; head 2 of 2 tensors", "XLMRobertaForTokenClassification"},
        {GPT2, "gpt2", HEAD_SEQUENCE, "backbone 40 of 40 tensors; score new: 3 classes",
         "backbone 40 of 40 tensors; head 1 of 1 tensors", "GPT2ForSequenceClassification"},
        {GPT2, "gpt2", HEAD_CAUSAL, "backbone 40 of 40 tensors", "backbone 40 of 40 tensors",
         "GPT2LMHeadModel"},
        {GPT2, "gpt2", HEAD_MEAN, "backbone 40 of 40 tensors; classifier new: 3 classes",
         "backbone 40 of 40 tensors; head 2 of 2 tensors", "GPT2Model"},
        {GPT2, "gpt2", HEAD_NONE, "backbone 40 of 40 tensors", "backbone 40 of 40 tensors",
         "GPT2Model"},
    };

    for (size_t i = 0; i < LEN(cases); i++) {
        Err err = {0};
        const char *type = arena_printf(&err, g.a, "\"%s\"", cases[i].type);
        LoadReport r;
        Model *m;

        if (strcmp(cases[i].name, name) != 0)
            continue;
        change(&g, "model_type", type);
        saved.model = golden_temp(&g, arena_printf(&err, g.a, "saved%d", (int)i));
        ModelOptions o = {.head = cases[i].head, .labels = 3};
        CHECK_OK(try_model(&g, &o, saved.model, &m, &r, &err));
        CHECK_TEXT(r.text, cases[i].text);
        CHECK_OK(try_model(&saved, &(ModelOptions){0}, NULL, &m, &r, &err));
        CHECK_TEXT(r.text, cases[i].again);
        CHECK_INT(m->head, cases[i].head);
        CHECK_TEXT(m->architecture, cases[i].architecture);
    }
}

TEST(models_families_distilbert_refuses)
{
    check_refused(DISTIL);
}

TEST(models_families_roberta_refuses)
{
    check_refused(ROBERTA);
}

TEST(models_families_distilbert_heads)
{
    check_heads(DISTIL);
}

TEST(models_families_roberta_heads)
{
    check_heads(ROBERTA);
}

TEST(models_families_gpt2_refuses)
{
    check_refused(GPT2);
}

TEST(models_families_gpt2_heads)
{
    check_heads(GPT2);
}

TEST(models_families_gpt2_facts)
{
    Err err = {0};
    Golden g = golden_open(GPT2), saved = g;
    LoadReport r;
    Model *m;

    saved.model = golden_temp(&g, "saved");
    CHECK_OK(try_model(&g, &(ModelOptions){.head = HEAD_NONE}, saved.model, &m, &r, &err));
    CHECK_INT(m->max_length, 64);
    CHECK_INT(model_depth(m, "transformer.wpe.weight"), 0);
    CHECK_INT(model_depth(m, "transformer.h.2.mlp.c_fc.bias"), 3);
    CHECK_INT(model_depth(m, "transformer.ln_f.bias"), 4);
    CHECK(model_is_turned(m, "transformer.h.2.mlp.c_fc.weight"));
    CHECK(model_is_turned(m, "h.2.attn.c_proj.lora_A.weight"));
    CHECK(!model_is_turned(m, "score.weight") && !model_is_turned(m, "h.0.ln_1.weight"));
    CHECK_INT(m->pooling, POOL_LAST); /* of a family that sees what came before */
    CHECK_OK(try_model(&saved, &(ModelOptions){0}, NULL, &m, &r, &err));
    CHECK_INT(m->pooling, POOL_LAST);
}

TEST(models_families_roberta_facts)
{
    Err err = {0};
    Golden g = golden_open(ROBERTA);
    LoadReport r;
    Model *m;

    CHECK_OK(try_model(&g, &(ModelOptions){0}, NULL, &m, &r, &err));
    CHECK_INT(m->max_length, 64); /* 66 less the padding's and the one before it */
    CHECK_INT(m->first_position, 2);
    CHECK_INT(model_depth(m, "roberta.encoder.layer.1.output.dense.weight"), 2);
    CHECK(model_is_head(m, "lm_head.dense.weight"));
}

TEST(models_families_distilbert_facts)
{
    Err err = {0};
    Golden g = golden_open(DISTIL);
    LoadReport r;
    Model *m;

    CHECK_OK(try_model(&g, &(ModelOptions){0}, NULL, &m, &r, &err));
    CHECK_INT(model_depth(m, "distilbert.embeddings.LayerNorm.bias"), 0);
    CHECK_INT(model_depth(m, "distilbert.transformer.layer.1.ffn.lin1.bias"), 2);
    CHECK_INT(model_depth(m, "pre_classifier.bias"), 3);
    CHECK(model_is_head(m, "pre_classifier.bias") && !model_is_head(m, "distilbert.embeddings.x"));
}

/* SPDX-License-Identifier: MIT */
