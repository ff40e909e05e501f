/* mlp.c - a network of rows of numbers: hidden layers of sigmoids and a classifier over the last one, as the shallow network
 * of Ganin et al. 2016 (arXiv:1505.07818, section 4.1) with one of 50.  Nobody releases such a network: it is drawn for the
 * numbers that are there.  x: [B, N] -> hidden [B, D] -> [B, C] */
#include "models/inside.h"

#include <stdlib.h>
#include <string.h>

#define LAYERS_MAX  8
#define WIDTH_MAX   65536
#define NUMBERS_MAX ((int64_t)1 << 22)
#define WIDTH_USUAL 50

typedef struct MlpSpec {
    int64_t width[LAYERS_MAX];
    int layers;
    Act act;
} MlpSpec;

static Status read_widths(Err *e, const Model *m, MlpSpec *s)
{
    const Json *list = config_get(&m->config, "hidden_sizes");

    if (json_count(list) < 1 || json_count(list) > LAYERS_MAX)
        return config_fail(e, &m->config, "hidden_sizes", "expected 1 to %d widths", LAYERS_MAX);
    for (size_t i = 0; i < json_count(list); i++) {
        double w = json_double(json_item(list, i));

        if (!(w >= 1 && w <= WIDTH_MAX))
            return config_fail(e, &m->config, "hidden_sizes", "a width is from 1 to %d", WIDTH_MAX);
        s->width[s->layers++] = (int64_t)w;
    }
    return E_OK;
}

static Status read_config(Err *e, Arena *a, Model *m)
{
    const char *act = "sigmoid";
    MlpSpec *s = NEW(e, a, MlpSpec);

    if (!s)
        return e->code;
    TRY(config_need(e, &m->config, "num_features"));
    TRY(config_int(e, &m->config, "num_features", 1, NUMBERS_MAX, &m->numbers));
    TRY(read_widths(e, m, s));
    TRY(config_text(e, &m->config, "hidden_act", &act));
    s->act = ACT_SIGMOID;
    if (strcmp(act, "sigmoid") != 0)
        TRY(model_activation(e, &m->config, "hidden_act", act, &s->act));
    m->spec = s;
    m->layers = s->layers;
    m->dim = s->width[s->layers - 1];
    return E_OK;
}

/* "mlp", "mlp:50", "mlp:100,50" */
static Status draw(Err *e, Arena *a, Model *m, const char *text, int64_t numbers)
{
    const char *at = text + strcspn(text, ":");
    int64_t width[LAYERS_MAX] = {WIDTH_USUAL};
    int layers = *at ? 0 : 1;

    while (*at) {
        char *end;
        long w = strtol(++at, &end, 10);

        if (end == at || (*end && *end != ',') || w < 1 || w > WIDTH_MAX || layers == LAYERS_MAX) {
            fail(e, E_USAGE, "\"%s\" is no network", text);
            return err_note(e, "expected", "mlp:50 or mlp:100,50: widths of up to %d hidden layers",
                            LAYERS_MAX);
        }
        width[layers++] = w;
        at = end;
    }
    m->config = config_new(e, a, text, NULL);
    if (!m->config.json)
        return e->code;
    TRY(config_set_text(e, &m->config, "model_type", "mlp"));
    TRY(config_set_int(e, &m->config, "num_features", numbers));
    TRY(config_set_ints(e, &m->config, "hidden_sizes", width, layers));
    return config_set_text(e, &m->config, "hidden_act", "sigmoid");
}

static void build(const Model *m, Net root, const ModelShape *shape, ModelOutputs *out)
{
    const MlpSpec *s = m->spec;
    Node x = graph_input(root.g, "input_features", DT_F32, SHAPE(shape->sequences, m->numbers),
                         out->batch);

    for (int i = 0; i < s->layers; i++)
        x = op_activate(
            nn_linear_init(nn_at(root, "hidden.%d", i), "", x, s->width[i], INIT_KAIMING), s->act);
    out->pooled = x;
    if (m->head == HEAD_NONE)
        graph_output(root.g, "embedding", x);
    else
        model_sequence_head(m, root, "classifier", m->dropout > 0 ? m->dropout : 0, shape, out);
}

/* The first hidden layer is the stem. */
static int depth(const Model *m, const char *name)
{
    if (strncmp(name, "hidden.", 7) == 0)
        return (int)strtol(name + 7, NULL, 10);
    return m->layers + 1;
}

const ModelDef model_mlp = {
    .name = "mlp",
    .paper = "Ganin et al. 2016, arXiv:1505.07818, section 4.1",
    .input = INPUT_NUMBERS,
    .model_types = (const char *const[]){"mlp", NULL},
    .architecture =
        {
            [HEAD_NONE] = "MlpModel",
            [HEAD_SEQUENCE] = "MlpForSequenceClassification",
        },
    .prefix = "mlp",
    .head_names = (const char *const[]){"classifier", NULL},
    .lora_targets = "hidden.0",
    .draw = draw,
    .read_config = read_config,
    .build = build,
    .depth = depth,
};

/* SPDX-License-Identifier: MIT */
