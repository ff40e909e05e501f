/* test_load.c - tensors by name: old spellings, ties, new heads, and every kind of mismatch refused. */
#include "golden_case.h"
#include "models/models.h"
#include "test.h"

#include <string.h>

typedef struct Edit { /* a checkpoint as it is, to be changed and written again */
    Golden g;
    NamedTensor t[80];
    int n;
} Edit;

static Edit edit_open(const char *name)
{
    Err err;
    Weights *w;
    Edit d = {.g = golden_open(name)};

    CHECK_OK(weights_open(&err, d.g.a, d.g.model, &w));
    for (d.n = 0; d.n < weights_count(w); d.n++) {
        const Weight *x = weights_at(w, d.n);

        d.t[d.n] = (NamedTensor){x->name, {x->dtype, x->shape, (void *)(uintptr_t)x->data}};
    }
    return d;
}

static int at(const Edit *d, const char *name)
{
    for (int i = 0; i < d->n; i++)
        if (strcmp(d->t[i].name, name) == 0)
            return i;
    CHECK_TEXT("nothing", name);
    return -1;
}

static void drop(Edit *d, const char *name)
{
    int i = at(d, name);

    memmove(d->t + i, d->t + i + 1, (size_t)(--d->n - i) * sizeof d->t[0]);
}

static void save(const Edit *d)
{
    Err err;

    CHECK_OK(safetensors_write(&err, d->g.a, golden_temp(&d->g, "model/model.safetensors"), d->t,
                               d->n, NULL));
}

/* *e holds the message when it fails. */
static Status load(const Edit *d, const ModelOptions *o, LoadReport *report, Err *e)
{
    Model *m;
    ModelOutputs out;
    Params *p = params_new(e, d->g.a);
    Graph *g = graph_new(e, d->g.a, MODE_EVAL);

    CHECK(p && g);
    TRY(model_open(e, d->g.a, d->g.model, o, &m));
    TRY(model_build(e, m, g, NULL, &(ModelShape){.sequences = 2, .tokens = 9}, &out));
    return model_load(e, d->g.a, m, g, p, report);
}

static void refused(const Edit *d, const ModelOptions *o, const char *why)
{
    Err err = {0};
    LoadReport report;

    save(d);
    CHECK_INT(load(d, o, &report, &err), E_DATA);
    CHECK_HAS(err.text, why);
}

static void loaded(const Edit *d, const ModelOptions *o, const char *text)
{
    Err err;
    LoadReport report;

    save(d);
    CHECK_OK(load(d, o, &report, &err));
    CHECK_TEXT(report.text, text);
}

static const ModelOptions as_is = {0};

static void config_bool_false(const Edit *d, const char *key)
{
    Err err;
    Config c;

    CHECK_OK(config_open(&err, d->g.a, golden_temp(&d->g, "model/config.json"), &c));
    CHECK_OK(config_set_bool(&err, &c, key, false));
    CHECK_OK(config_save(&err, d->g.a, &c));
}

TEST(models_load_other_spellings)
{
    Err err;
    Edit d = edit_open("bert_sequence_classification");

    /* The backbone without its prefix, layer norms in the old way, a buffer that is no weight. */
    for (int i = 0; i < d.n; i++) {
        const char *name = d.t[i].name, *ln;

        if (strncmp(name, "bert.", 5) == 0)
            name += 5;
        if ((ln = strstr(name, "LayerNorm.weight")))
            name = arena_printf(&err, d.g.a, "%.*sLayerNorm.gamma", (int)(ln - name), name);
        if ((ln = strstr(name, "LayerNorm.bias")))
            name = arena_printf(&err, d.g.a, "%.*sLayerNorm.beta", (int)(ln - name), name);
        d.t[i].name = name;
    }
    static int64_t ids[64];
    d.t[d.n++] = (NamedTensor){"bert.embeddings.position_ids", {DT_I64, SHAPE(1, 64), ids}};
    loaded(&d, &as_is, "backbone 55 of 55 tensors; head 2 of 2 tensors");
}

TEST(models_load_new_heads)
{
    const ModelOptions six = {.head = HEAD_SEQUENCE, .labels = 6},
                       token = {.head = HEAD_TOKEN, .labels = 9},
                       mean = {.head = HEAD_MEAN, .labels = 3},
                       number = {.labels = 1, .problem = PROBLEM_REGRESSION},
                       span = {.head = HEAD_SPAN}, features = {.head = HEAD_NONE};
    Edit d = edit_open("bert_sequence_classification");

    loaded(&d, &six, "backbone 55 of 55 tensors; classifier new: 6 classes");
    loaded(&d, &token, "backbone 53 of 53 tensors; classifier new: 9 classes");
    loaded(&d, &mean, "backbone 55 of 55 tensors; classifier new: 3 classes");
    loaded(&d, &number, "backbone 55 of 55 tensors; classifier new: 1 number");
    loaded(&d, &span, "backbone 53 of 53 tensors; qa_outputs new: 2 of 2 tensors");
    loaded(&d, &features, "backbone 55 of 55 tensors");
    drop(&d, "bert.pooler.dense.weight");
    drop(&d, "bert.pooler.dense.bias");
    loaded(&d, &six, "backbone 53 of 55 tensors; pooler new; classifier new: 6 classes");
    loaded(&d, &features, "backbone 53 of 53 tensors");
    refused(&d, &as_is, "tensor \"bert.pooler.dense.weight\" is missing");
}

TEST(models_load_mismatch)
{
    Edit d = edit_open("bert_sequence_classification"), full = d;
    int i = at(&d, "bert.encoder.layer.1.output.dense.weight");

    d.t[i].tensor.shape = SHAPE(96, 48);
    refused(&d, &as_is, "\"bert.encoder.layer.1.output.dense.weight\" has the wrong shape");
    refused(&d, &as_is, "[48, 96]");
    refused(&d, &as_is, "[96, 48]");
    d = full;
    d.t[i].name = "bert.encoder.layer.1.output.dense.wait";
    refused(&d, &as_is, "\"bert.encoder.layer.1.output.dense.weight\" is missing");
    d = full;
    d.t[d.n] = d.t[i];
    d.t[d.n++].name = "bert.encoder.layer.3.output.dense.weight";
    refused(&d, &as_is, "\"bert.encoder.layer.3.output.dense.weight\" is unexpected");
    d = full;
    d.t[d.n] = d.t[i];
    d.t[d.n++].name = "encoder.layer.1.output.dense.weight";
    refused(&d, &as_is, "two tensors are \"encoder.layer.1.output.dense.weight\"");
    d = full;
    drop(&d, "classifier.bias");
    refused(&d, &as_is, "\"classifier.bias\" is missing");
}

TEST(models_load_ties)
{
    Edit d = edit_open("bert_pretraining");
    int words = at(&d, "bert.embeddings.word_embeddings.weight");
    static float other[211 * 48];

    loaded(&d, &as_is, "backbone 55 of 55 tensors; head 7 of 7 tensors");
    d.t[d.n] = d.t[words];
    d.t[d.n++].name = "cls.predictions.decoder.weight";
    loaded(&d, &as_is, "backbone 55 of 55 tensors; head 7 of 7 tensors");
    memcpy(other, d.t[words].tensor.data, sizeof other);
    other[500] += 1;
    d.t[d.n - 1].tensor.data = other;
    refused(&d, &as_is, "differs from \"bert.embeddings.word_embeddings.weight\"");
    refused(&d, &as_is, "at 500");
    d.t[d.n - 1].tensor.data = d.t[words].tensor.data;
    drop(&d, "bert.embeddings.word_embeddings.weight"); /* one of the two is enough */
    loaded(&d, &as_is, "backbone 55 of 55 tensors; head 7 of 7 tensors");
}

/* openai-community/gpt2: no prefix, masks as buffers, no second name for the embeddings. */
TEST(models_load_gpt2_as_released)
{
    Edit d = edit_open("gpt2_lm");
    static float mask[64 * 64], far;

    loaded(&d, &as_is, "backbone 40 of 40 tensors");
    for (int i = 0; i < d.n; i++)
        d.t[i].name += strlen("transformer.");
    d.t[d.n++] = (NamedTensor){"h.0.attn.bias", {DT_F32, SHAPE(1, 1, 64, 64), mask}};
    d.t[d.n++] = (NamedTensor){"h.0.attn.masked_bias", {DT_F32, SHAPE0, &far}};
    loaded(&d, &as_is, "backbone 40 of 40 tensors");
    drop(&d, "h.0.attn.c_attn.bias"); /* is no mask */
    refused(&d, &as_is, "\"transformer.h.0.attn.c_attn.bias\" is missing");
}

TEST(models_load_gpt2_ties)
{
    Edit d = edit_open("gpt2_lm");
    const ModelOptions classes = {.head = HEAD_SEQUENCE, .labels = 2};
    int words = at(&d, "transformer.wte.weight");
    static float other[223 * 48];

    d.t[d.n] = d.t[words];
    d.t[d.n++].name = "lm_head.weight";
    loaded(&d, &as_is, "backbone 40 of 40 tensors");
    memcpy(other, d.t[words].tensor.data, sizeof other);
    other[500] += 1;
    d.t[d.n - 1].tensor.data = other;
    refused(&d, &as_is, "differs from \"transformer.wte.weight\"");
    config_bool_false(&d, "tie_word_embeddings");
    loaded(&d, &as_is, "backbone 40 of 40 tensors; head 1 of 1 tensors");
    loaded(&d, &classes, "backbone 40 of 40 tensors; score new: 2 classes");
}

/* SPDX-License-Identifier: MIT */
