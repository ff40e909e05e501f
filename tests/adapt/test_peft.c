/* test_peft.c - PEFT folders: read, written again, merged; what is refused and how it is said. */
#include "adapt/adapt.h"
#include "golden_case.h"
#include "models/models.h"
#include "test.h"

#include <string.h>

typedef struct Peft { /* the golden case opened */
    Golden g;
    const char *folder;
    Model *model;
    MethodTarget target;
    int tensors, head; /* of the adapter */
    const char *base;
} Peft;

static Peft case_open(const char *name)
{
    Err err;
    Peft l = {.g = golden_open(name),
              .tensors = 12,
              .head = 2,
              .base = "backbone 55 of 55 tensors; head 2 of 2 tensors"};

    l.folder = golden_adapter(&l.g);
    CHECK_OK(model_open(&err, l.g.a, l.g.model, &(ModelOptions){0}, &l.model));
    l.target = (MethodTarget){.layers = l.model->layers,
                              .depth = model_depth,
                              .is_head = model_is_head,
                              .lora_targets = "query|value",
                              .ia3_targets = "key|value|output.dense",
                              .ia3_feedforward = "output.dense",
                              .words = "embeddings.word_embeddings.weight",
                              .dim = l.model->dim,
                              .heads = l.model->heads,
                              .model = l.model};
    return l;
}

static Graph *build(const Peft *l, const Method *m)
{
    Err err;
    ModelOutputs out;
    Graph *g = graph_new(&err, l->g.a, MODE_EVAL);

    CHECK(g != NULL);
    CHECK_OK(model_build(&err, l->model, g, m ? m->hooks : NULL,
                         &(ModelShape){.sequences = 2, .tokens = 9}, &out));
    return g;
}

static Params *load(const Peft *l, const char *folder, const Method *m, const Graph *g)
{
    Err err;
    PeftReport peft;
    LoadReport base;
    Params *p = params_new(&err, l->g.a);

    CHECK(p != NULL);
    CHECK_OK(peft_load(&err, l->g.a, folder, m, g, p, &peft));
    CHECK_INT(peft.adapter, l->tensors);
    CHECK_INT(peft.head, l->head);
    CHECK_OK(model_load(&err, l->g.a, l->model, g, p, &base));
    CHECK_TEXT(base.text, l->base);
    return p;
}

/* Reads the case's adapter, writes it again, reads that; the method of what was written. */
static Method *copied(const Peft *l)
{
    Err err;
    Method *m, *again;
    const char *copy = golden_temp(&l->g, "copy");
    Weights *old, *new;

    CHECK_OK(peft_open(&err, l->g.a, l->folder, &l->target, &m));
    Params *p = load(l, l->folder, m, build(l, m));
    CHECK_OK(peft_save(&err, l->g.a, copy, m, p, l->g.model, model_peft_task(l->model)));
    CHECK_OK(peft_open(&err, l->g.a, copy, &l->target, &again));
    load(l, copy, again, build(l, again));
    CHECK_OK(weights_open(&err, l->g.a, l->folder, &old));
    CHECK_OK(weights_open(&err, l->g.a, copy, &new));
    CHECK_INT(weights_count(new), weights_count(old));
    for (int i = 0; i < weights_count(old); i++) {
        const Weight *w = weights_at(old, i), *h = weights_find(new, w->name);

        CHECK(h && shape_equal(&h->shape, &w->shape));
        CHECK(memcmp(h->data, w->data, (size_t)shape_size(&w->shape) * sizeof(float)) == 0);
    }
    return again;
}

TEST(adapt_peft_writes_what_it_read)
{
    Peft l = case_open("peft_bert_lora");
    const LoraOptions *o = copied(&l)->options;

    CHECK_INT(o->rank, 4);
    CHECK_NEAR((double)o->alpha, 8, 0);
    CHECK_INT(o->targets, 2);
}

/* Ranks and alphas of single layers, and the biases that learn. */
TEST(adapt_peft_writes_patterns_and_biases)
{
    Err err;
    Peft l = case_open("peft_bert_lora_only");
    Config c;
    Method *m;

    l.tensors = 36;
    const LoraOptions *o = copied(&l)->options;
    CHECK_INT(o->bias, LORA_BIAS_LORA_ONLY);
    CHECK_NEAR((double)lora_scale(o, "bert.encoder.layer.2.attention.self.value"), 5, 0);
    CHECK_NEAR((double)lora_scale(o, "bert.encoder.layer.1.attention.self.value"), 2, 0);
    CHECK_OK(config_open(&err, l.g.a, golden_temp(&l.g, "copy/adapter_config.json"), &c));
    CHECK_NEAR(
        json_double(json_member(config_get(&c, "alpha_pattern"), "layer.2.attention.self.value")),
        20, 0);
    CHECK_OK(method_parse(&err, l.g.a,
                          "lora:rslora,rank=4,alpha=8,rank_pattern=^a.query:16|query:1,"
                          "alpha_pattern=b.query:2.5,bias=all",
                          &l.target, &m));
    o = m->options;
    CHECK_INT(lora_rank(o, "a.query"), 16);
    CHECK_INT(lora_rank(o, "x.a.query"), 1);
    CHECK_INT(lora_rank(o, "a.value"), 4);
    CHECK_NEAR((double)lora_scale(o, "a.query"), 2, 0);
    CHECK_NEAR((double)lora_scale(o, "b.query"), 2.5, 0);
    CHECK(method_trains(m, "bert.pooler.dense.bias"));
    CHECK(!method_trains(m, "bert.pooler.dense.weight"));
}

static void refuses_text(const Peft *l, const char *text, const char *why)
{
    Err err = {0};
    Method *m;

    CHECK_INT(method_parse(&err, l->g.a, text, &l->target, &m), E_USAGE);
    CHECK_HAS(err.text, why);
}

TEST(adapt_lora_refuses_options)
{
    Err err;
    Peft l = case_open("peft_bert_lora");
    Method *m;

    refuses_text(&l, "lora:rank_pattern=query", "rank_pattern=query:4|value:16");
    refuses_text(&l, "lora:rank_pattern=query:1.5", "wants layers and numbers");
    refuses_text(&l, "lora:rank_pattern=", "wants layers and numbers");
    refuses_text(&l, "lora:alpha_pattern=.*query:3", "wants layers and numbers");
    refuses_text(&l, "lora:alpha_pattern=query:3x", "wants layers and numbers");
    refuses_text(&l, "adapter:reduction=0", "above 0");
    refuses_text(&l, "adapter:houlsby=1", "has no option \"houlsby\"");
    refuses_text(&l, "lora:bias=some", "none, all or lora_only");
    refuses_text(&l, "lora:rslora=2", "has no option \"rslora\"");
    CHECK_OK(method_parse(&err, l.g.a, "lora:bias=all,targets=all-linear", &l.target, &m));
    CHECK_INT(method_check(&err, m, build(&l, m)), E_USAGE);
    CHECK_HAS(err.text, "does not go together with \"all-linear\"");
}

TEST(adapt_peft_writes_dora)
{
    Peft l = case_open("peft_bert_dora");

    l.tensors = 36;
    Method *again = copied(&l);
    const LoraOptions *o = again->options;

    CHECK_TEXT(again->def->name, "dora");
    CHECK(o->dora);
    CHECK_INT(o->targets, 4);
}

/* The lengths begin as the weights', so that nothing changes before the first step. */
TEST(adapt_dora_begins_with_the_weights_length)
{
    Err err;
    Peft l = case_open("peft_bert_dora");
    Method *m;
    LoadReport report;
    const char *name = "bert.encoder.layer.0.attention.self.query.";

    CHECK_OK(method_parse(&err, l.g.a, "dora", &l.target, &m));
    Graph *g = build(&l, m);
    Params *p = params_new(&err, l.g.a);
    CHECK_OK(model_load(&err, l.g.a, l.model, g, p, &report));
    CHECK_OK(method_begin(&err, m, g, p, 1));
    const Param *w = params_find(p, arena_printf(&err, l.g.a, "%sweight", name));
    const Param *v = params_find(p, arena_printf(&err, l.g.a, "%slora_magnitude_vector", name));
    double sum = 0;
    for (int i = 0; i < 48; i++)
        sum += (double)w->data[3 * 48 + i] * (double)w->data[3 * 48 + i];
    CHECK(v && v->shape.dim[0] == 48);
    CHECK_NEAR((double)v->data[3] * (double)v->data[3], sum, 1e-5);
}

TEST(adapt_peft_writes_prompt)
{
    Peft l = case_open("peft_bert_prompt");

    l.tensors = 1;
    Method *again = copied(&l);
    CHECK_TEXT(again->def->name, "prompt");
    CHECK_INT(method_positions(again), 5);
}

TEST(adapt_peft_writes_prefix)
{
    Peft l = case_open("peft_bert_prefix");

    l.tensors = 1;
    Method *again = copied(&l);
    CHECK_TEXT(again->def->name, "prefix");
    CHECK_INT(method_positions(again), 5);
}

TEST(adapt_prompt_begins_with_words)
{
    Err err;
    Peft l = case_open("peft_bert_prompt");
    Method *m;
    LoadReport report;

    CHECK_OK(method_parse(&err, l.g.a, "prompt:tokens=3", &l.target, &m));
    Graph *g = build(&l, m);
    Params *p = params_new(&err, l.g.a);
    CHECK_OK(model_load(&err, l.g.a, l.model, g, p, &report));
    CHECK_OK(method_begin(&err, m, g, p, 7));
    const Param *x = params_find(p, "prompt_embeddings");
    const Param *words = params_find(p, "bert.embeddings.word_embeddings.weight");
    int64_t found = 0;
    for (int64_t i = 0; i < words->shape.dim[0]; i++)
        for (int k = 0; k < 3; k++)
            found +=
                memcmp(words->data + i * 48, x->data + (int64_t)k * 48, 48 * sizeof(float)) == 0;
    CHECK_INT(found, 3);
}

static Peft hub_open_case(const char *name, int tensors)
{
    Peft l = case_open(name);

    l.tensors = tensors;
    l.head = 0;
    return l;
}

TEST(adapt_hub_writes_what_it_read)
{
    Err err;
    Peft l = hub_open_case("hub_bert_pfeiffer", 12);
    Config c, form = {0};
    const char *text = "";
    float scale = 0;

    CHECK_TEXT(copied(&l)->def->name, "adapter");
    CHECK_OK(config_open(&err, l.g.a, golden_temp(&l.g, "copy/adapter_config.json"), &c));
    CHECK_OK(config_text(&err, &c, "name", &text));
    CHECK_TEXT(text, "demo");
    CHECK_OK(config_part(&err, &c, "config", &form));
    CHECK_OK(config_text(&err, &form, "non_linearity", &text));
    CHECK_TEXT(text, "relu");
    CHECK_OK(config_float(&err, &form, "scaling", 0, 9, &scale));
    CHECK_NEAR((double)scale, 1.5, 0);
}

TEST(adapt_hub_writes_houlsby)
{
    Peft l = hub_open_case("hub_bert_houlsby", 24);

    copied(&l);
}

/* A bare model takes the folder of one with a head. */
TEST(adapt_hub_takes_names_of_a_model_with_a_head)
{
    Err err;
    Peft l = hub_open_case("hub_bert_pfeiffer", 12);
    Method *m;

    CHECK_OK(model_open(&err, l.g.a, l.g.model, &(ModelOptions){.head = HEAD_NONE}, &l.model));
    l.target.model = l.model;
    l.target.headless = true;
    l.base = "backbone 55 of 55 tensors";
    CHECK_OK(peft_open(&err, l.g.a, l.folder, &l.target, &m));
    load(&l, l.folder, m, build(&l, m));
}

TEST(adapt_peft_writes_ia3)
{
    Peft l = case_open("peft_bert_ia3");

    CHECK_TEXT(copied(&l)->def->name, "ia3");
}

TEST(adapt_peft_writes_the_modules_of_a_word_of_ours)
{
    Err err;
    Peft l = case_open("peft_bert_lora");
    Method *m, *again;
    const char *copy = golden_temp(&l.g, "words");
    int made;

    CHECK_OK(method_parse(&err, l.g.a, "lora:rank=2,targets=all-conv|query", &l.target, &m));
    Graph *g = build(&l, m);
    Params *p = params_new(&err, l.g.a);
    CHECK_OK(params_init_missing(&err, p, g, 1, &made));
    CHECK_OK(peft_save(&err, l.g.a, copy, m, p, l.g.model, model_peft_task(l.model)));
    CHECK_OK(peft_open(&err, l.g.a, copy, &l.target, &again));
    const LoraOptions *o = again->options;
    CHECK_INT(o->targets, l.model->layers);
    for (int i = 0; i < o->targets; i++)
        CHECK_TEXT(o->target[i],
                   arena_printf(&err, l.g.a, "bert.encoder.layer.%d.attention.self.query", i));
}

TEST(adapt_peft_merges)
{
    Err err;
    Peft l = case_open("peft_bert_lora");
    Method *m;
    int merged;
    const char *name = "bert.encoder.layer.1.attention.self.value";

    CHECK_OK(peft_open(&err, l.g.a, l.folder, &l.target, &m));
    Params *p = load(&l, l.folder, m, build(&l, m));
    const Param *w = params_find(p, arena_printf(&err, l.g.a, "%s.weight", name));
    const float *a = params_find(p, arena_printf(&err, l.g.a, "%s.lora_A.weight", name))->data;
    const float *b = params_find(p, arena_printf(&err, l.g.a, "%s.lora_B.weight", name))->data;
    double want = (double)w->data[5 * 48 + 7];
    for (int r = 0; r < 4; r++)
        want += 2.0 * (double)b[5 * 4 + r] * (double)a[r * 48 + 7];
    CHECK(!w->owned);
    CHECK_OK(method_merge(&err, m, p, &merged));
    CHECK_INT(merged, 6);
    CHECK(w->owned);
    CHECK_NEAR((double)w->data[5 * 48 + 7], want, 1e-6);
}

/* Of weights that lie as [in, out]; attn.c_proj is square, so its shape does not tell. */
static Peft gpt2_open(void)
{
    Peft l = case_open("peft_gpt2_lora");

    l.target.is_turned = model_is_turned;
    l.tensors = 18;
    l.head = 0;
    l.base = "backbone 40 of 40 tensors";
    return l;
}

TEST(adapt_peft_writes_fan_in_fan_out)
{
    Err err;
    Peft l = gpt2_open();
    const LoraOptions *o = copied(&l)->options;
    bool turned = false;
    const char *task = "";
    Config c;

    CHECK_INT(o->rank, 4);
    CHECK_INT(o->targets, 2);
    CHECK_OK(config_open(&err, l.g.a, golden_temp(&l.g, "copy/adapter_config.json"), &c));
    CHECK_OK(config_bool(&err, &c, "fan_in_fan_out", &turned));
    CHECK_OK(config_text(&err, &c, "task_type", &task));
    CHECK(turned);
    CHECK_TEXT(task, "CAUSAL_LM");
}

TEST(adapt_peft_merges_fan_in_fan_out)
{
    static const struct {
        const char *name;
        int in, out;
    } layers[] = {{"transformer.h.1.attn.c_attn", 48, 144},
                  {"transformer.h.2.attn.c_proj", 48, 48},
                  {"transformer.h.0.mlp.c_proj", 192, 48}};
    Err err;
    Peft l = gpt2_open();
    Method *m;
    double want[LEN(layers)];
    const Param *w[LEN(layers)];
    int merged;

    CHECK_OK(peft_open(&err, l.g.a, l.folder, &l.target, &m));
    Params *p = load(&l, l.folder, m, build(&l, m));
    for (size_t i = 0; i < LEN(layers); i++) {
        const char *n = layers[i].name;
        const float *a = params_find(p, arena_printf(&err, l.g.a, "%s.lora_A.weight", n))->data;
        const float *b = params_find(p, arena_printf(&err, l.g.a, "%s.lora_B.weight", n))->data;

        w[i] = params_find(p, arena_printf(&err, l.g.a, "%s.weight", n));
        want[i] = (double)w[i]->data[7 * layers[i].out + 5];
        for (int r = 0; r < 4; r++)
            want[i] += 4.0 * (double)b[5 * 4 + r] * (double)a[r * layers[i].in + 7];
    }
    CHECK_OK(method_merge(&err, m, p, &merged));
    CHECK_INT(merged, 9);
    for (size_t i = 0; i < LEN(layers); i++)
        CHECK_NEAR((double)w[i]->data[7 * layers[i].out + 5], want[i], 1e-6);
}

static void write_config(const Peft *l, const char *text)
{
    Err err;
    Writer *w;

    CHECK_OK(writer_open(&err, l->g.a, golden_temp(&l->g, "adapter/adapter_config.json"), &w));
    CHECK_OK(writer_put(&err, w, text, strlen(text)));
    CHECK_OK(writer_commit(&err, w));
}

static void refuses(const Peft *l, const char *config, const char *why)
{
    Err err = {0};
    Method *m;

    write_config(l, config);
    CHECK(peft_open(&err, l->g.a, l->folder, &l->target, &m) != E_OK);
    CHECK_HAS(err.text, why);
    CHECK_HAS(err.text, "adapter_config.json");
}

TEST(adapt_peft_refuses)
{
    Peft l = case_open("peft_bert_lora");

    refuses(&l, "{}", "\"peft_type\" in adapter_config.json: the key is missing");
    refuses(&l, "{\"config\": 3}", "config");
    refuses(&l, "{\"config\": {}}", "\"name\"");
    refuses(&l, "{\"name\": \"\", \"config\": {}}", "the adapter's name");
    refuses(&l, "{\"name\": \"x\", \"config\": {}}", "mh_adapter");
    refuses(&l, "{\"name\": \"x\", \"hidden_size\": 47, \"config\": {}}", "of width 47");
    refuses(&l, "{\"name\": \"x\", \"config\": {\"architecture\": \"lora\"}}", "only bottleneck");
    refuses(&l, "{\"name\": \"x\", \"config\": {\"phm_layer\": true}}", "phm_layer");
    refuses(&l, "{\"name\": \"x\", \"config\": {\"original_ln_after\": false}}",
            "original_ln_after");
    refuses(&l, "{\"name\": \"x\", \"config\": {\"inv_adapter\": \"nice\"}}", "invertible");
    refuses(&l, "{\"name\": \"x\", \"config\": {\"leave_out\": [1]}}", "leave_out");
    refuses(&l, "{\"name\": \"x\", \"config\": {\"scaling\": \"learned\"}}", "learned scale");
    refuses(&l,
            "{\"name\": \"x\", \"config\": {\"mh_adapter\": true, \"output_adapter\": true, "
            "\"reduction_factor\": {\"default\": 2}}}",
            "reduction_factor");
    refuses(&l,
            "{\"name\": \"x\", \"config\": {\"mh_adapter\": true, \"output_adapter\": true, "
            "\"reduction_factor\": 2, \"non_linearity\": \"leakyrelu\"}}",
            "\"leakyrelu\" is not known");
    refuses(&l, "{\"peft_type\": \"VERA\"}", "\"VERA\" is not supported");
    refuses(&l, "{\"peft_type\": \"VERA\"}", "IA3");
    refuses(&l, "{\"peft_type\": \"IA3\", \"exclude_modules\": \"key\"}", "exclude_modules");
    refuses(&l, "{\"peft_type\": \"IA3\", \"target_modules\": []}", "the list is empty");
    refuses(&l, "{\"peft_type\": \"IA3\", \"feedforward_modules\": [1]}", "names of modules");
    refuses(&l, "{\"peft_type\": \"PROMPT_TUNING\"}", "num_virtual_tokens");
    refuses(&l, "{\"peft_type\": \"P_TUNING\", \"num_virtual_tokens\": 0}", "0 is outside");
    refuses(&l, "{\"peft_type\": \"P_TUNING\", \"num_virtual_tokens\": 2, \"token_dim\": 7}",
            "rows of 7");
    refuses(&l, "{\"peft_type\": \"PREFIX_TUNING\", \"num_virtual_tokens\": 2, \"num_layers\": 4}",
            "a prefix for 4 layers");
    refuses(&l,
            "{\"peft_type\": \"PREFIX_TUNING\", \"num_virtual_tokens\": 2, "
            "\"num_transformer_submodules\": 2}",
            "with a decoder");
    refuses(&l, "{\"peft_type\": \"LORA\", \"r\": 0}", "0 is outside 1 to 4096");
    refuses(&l, "{\"peft_type\": \"LORA\", \"r\": 1.5}", "expected a whole number");
    refuses(&l, "{\"peft_type\": \"LORA\", \"target_modules\": \".*query\"}", "a pattern");
    refuses(&l, "{\"peft_type\": \"LORA\", \"target_modules\": [3]}", "names of modules");
    refuses(&l, "{\"peft_type\": \"LORA\", \"bias\": \"most\"}", "found \"most\"");
    refuses(&l, "{\"peft_type\": \"LORA\", \"bias\": 1}", "bias");
    refuses(&l, "{\"peft_type\": \"LORA\", \"rank_pattern\": {\"q.*\": 2}}", "a pattern (\"q.*\")");
    refuses(&l, "{\"peft_type\": \"LORA\", \"rank_pattern\": {\"q\": 2.5}}", "whole numbers");
    refuses(&l, "{\"peft_type\": \"LORA\", \"rank_pattern\": {\"q\": 0}}", "\"q\"");
    refuses(&l, "{\"peft_type\": \"LORA\", \"alpha_pattern\": {\"\": 1}}", "a pattern");
    refuses(&l, "{\"peft_type\": \"LORA\", \"alpha_pattern\": [1]}", "alpha_pattern");
    refuses(&l, "{\"peft_type\": \"LORA\", \"r\": 1, \"r\": 2}", "not valid JSON");
    refuses(&l, "{\"peft_type\": ", "line");
}

TEST(adapt_peft_refuses_other_tensors)
{
    Err err;
    Peft l = case_open("peft_bert_lora");
    Method *m;
    PeftReport report;

    write_config(&l, "{\"peft_type\": \"LORA\", \"r\": 4, \"target_modules\": [\"query\"]}");
    CHECK_OK(peft_open(&err, l.g.a, l.folder, &l.target, &m));
    CHECK(peft_load(&err, l.g.a, l.folder, m, build(&l, m), params_new(&err, l.g.a), &report));
    CHECK_HAS(err.text, "value.lora_A.weight\" has no place in this model");
    write_config(&l, "{\"peft_type\": \"LORA\", \"r\": 5, \"target_modules\": [\"query\"]}");
    CHECK_OK(peft_open(&err, l.g.a, l.folder, &l.target, &m));
    CHECK(peft_load(&err, l.g.a, l.folder, m, build(&l, m), params_new(&err, l.g.a), &report));
    CHECK_HAS(err.text, "has the wrong shape");
    CHECK_HAS(err.text, "[5, 48]");
    write_config(&l, "{\"peft_type\": \"LORA\", \"r\": 4, \"target_modules\": "
                     "[\"query\", \"value\", \"key\"]}");
    CHECK_OK(peft_open(&err, l.g.a, l.folder, &l.target, &m));
    CHECK(peft_load(&err, l.g.a, l.folder, m, build(&l, m), params_new(&err, l.g.a), &report));
    CHECK_HAS(err.text, "key.lora_A.weight\" is missing");
    write_config(&l, "{\"peft_type\": \"LORA\", \"r\": 4, \"target_modules\": [\"queries\"]}");
    CHECK_OK(peft_open(&err, l.g.a, l.folder, &l.target, &m));
    CHECK(peft_load(&err, l.g.a, l.folder, m, build(&l, m), params_new(&err, l.g.a), &report));
    CHECK_HAS(err.text, "changes nothing");
    CHECK_HAS(err.text, "layers for it are query|value");
}

/* A family without usual layers for a method is told how they are named, not those of another method. */
TEST(adapt_peft_no_usual_layers)
{
    Err err;
    Peft l = case_open("peft_bert_ia3");
    Method *m;

    l.target.ia3_targets = l.target.ia3_feedforward = NULL;
    CHECK_OK(method_parse(&err, l.g.a, "ia3", &l.target, &m));
    CHECK(method_check(&err, m, build(&l, m)) == E_USAGE);
    CHECK_HAS(err.text, "changes nothing");
    CHECK_HAS(err.text, "name them: ia3:targets=");
}

/* SPDX-License-Identifier: MIT */
