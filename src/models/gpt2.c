/* gpt2.c - GPT-2 (Radford et al. 2019, "Language Models are Unsupervised Multitask Learners"): pre-norm decoder layers
 * that see what came before, weights [in, out] and q, k, v in one product, transformers' names.
 * T rows of all sequences without padding, B sequences, D width, V vocabulary, C labels. */
#include "models/inside.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct Gpt2Spec {
    int64_t dim, ffn, vocab, positions, layers, heads;
    float eps, embed_dropout, attention_dropout, dropout;
    Act act;
    bool scale, scale_by_layer, tied;
} Gpt2Spec;

static Status read_dropout(Err *e, const Model *m, Gpt2Spec *s)
{
    const Config *c = &m->config;

    s->embed_dropout = s->attention_dropout = s->dropout = 0.1F;
    TRY(config_float(e, c, "embd_pdrop", 0, 0.99, &s->embed_dropout));
    TRY(config_float(e, c, "attn_pdrop", 0, 0.99, &s->attention_dropout));
    TRY(config_float(e, c, "resid_pdrop", 0, 0.99, &s->dropout));
    if (m->dropout >= 0)
        s->embed_dropout = s->attention_dropout = s->dropout = m->dropout;
    return E_OK;
}

/* "reorder_and_upcast_attn" changes the order of 16-bit operations only: here scores are float32 anyway. */
static Status read_flags(Err *e, const Config *c, Gpt2Spec *s)
{
    const char *act = "gelu_new";
    bool cross = false, upcast = false;

    TRY(config_bool(e, c, "scale_attn_weights", &s->scale));
    TRY(config_bool(e, c, "scale_attn_by_inverse_layer_idx", &s->scale_by_layer));
    TRY(config_bool(e, c, "reorder_and_upcast_attn", &upcast));
    TRY(config_bool(e, c, "tie_word_embeddings", &s->tied));
    TRY(config_bool(e, c, "add_cross_attention", &cross));
    TRY(config_text(e, c, "activation_function", &act));
    TRY(model_activation(e, c, "activation_function", act, &s->act));
    return cross ? config_fail(e, c, "add_cross_attention",
                               "attention to another sequence is not supported")
                 : E_OK;
}

static Status gpt2_read_config(Err *e, Arena *a, Model *m)
{
    Gpt2Spec *s = NEW(e, a, Gpt2Spec);
    const Config *c = &m->config;

    if (!s)
        return e->code;
    *s = (Gpt2Spec){.dim = 768,
                    .vocab = 50257,
                    .positions = 1024,
                    .layers = 12,
                    .heads = 12,
                    .eps = 1e-5F,
                    .scale = true,
                    .tied = true};
    TRY(config_int(e, c, "n_embd", 1, 1 << 16, &s->dim));
    s->ffn = 4 * s->dim;
    TRY(config_int(e, c, "n_inner", 1, 1 << 18, &s->ffn));
    TRY(config_int(e, c, "vocab_size", 1, 1 << 24, &s->vocab));
    TRY(config_int(e, c, "n_positions", 1, 1 << 20, &s->positions));
    TRY(config_int(e, c, "n_layer", 1, 1000, &s->layers));
    TRY(config_int(e, c, "n_head", 1, 1 << 12, &s->heads));
    TRY(config_float(e, c, "layer_norm_epsilon", 0, 1, &s->eps));
    TRY(read_flags(e, c, s));
    TRY(read_dropout(e, m, s));
    if (s->dim % s->heads)
        return config_fail(e, c, "n_embd", "%lld cannot be split into %lld heads",
                           (long long)s->dim, (long long)s->heads);
    m->spec = s;
    m->untied = !s->tied;
    m->dim = s->dim;
    m->layers = (int)s->layers;
    m->heads = (int)s->heads;
    m->vocab = s->vocab;
    m->types = 1;
    m->max_length = s->positions;
    return E_OK;
}

/* Word and position: [T] -> [T, D] */
static Node embeddings(const Model *m, Net n, const ModelShape *shape, Space tokens)
{
    const Gpt2Spec *s = m->spec;
    Node ids = graph_input(n.g, "input_ids", DT_I32, SHAPE(shape->tokens), tokens);
    Node x = nn_on_embed(n, nn_embedding(n, "wte", ids, s->vocab, s->dim, -1));
    Node position = model_positions(m, n, x, shape, tokens);

    x = op_add(x, nn_embedding(n, "wpe", position, s->positions, s->dim, -1));
    return nn_dropout(n, "drop", x, s->embed_dropout);
}

static float attention_scale(const Gpt2Spec *s, int layer)
{
    double scale = s->scale ? 1.0 / sqrt((double)s->dim / (double)s->heads) : 1.0;

    return (float)(s->scale_by_layer ? scale / (layer + 1) : scale);
}

/* x: [T, D] -> [T, D] */
static Node attention(Net n, Node x, const Gpt2Spec *s, int layer)
{
    Node qkv = op_split3(nn_conv1d(n, "c_attn", x, 3 * s->dim));
    Node a = nn_attention(n, qkv, node_out(qkv, 1), node_out(qkv, 2),
                          (Attention){.heads = (int)s->heads,
                                      .causal = true,
                                      .dropout = s->attention_dropout,
                                      .scale = attention_scale(s, layer)});

    return nn_dropout(n, "resid_dropout", nn_conv1d(n, "c_proj", a, s->dim), s->dropout);
}

/* x: [T, D] -> [T, D] */
static Node feed_forward(Net n, Node x, const Gpt2Spec *s)
{
    Node h = op_activate(nn_conv1d(n, "c_fc", x, s->ffn), s->act);

    return nn_dropout(n, "dropout", nn_conv1d(n, "c_proj", h, s->dim), s->dropout);
}

/* One pre-norm decoder layer.  x: [T, D] -> [T, D] */
static Node layer(Net n, Node x, const Gpt2Spec *s, int i)
{
    Net attn = nn_at(n, "attn"), mlp = nn_at(n, "mlp");
    Node a = attention(attn, nn_layernorm(n, "ln_1", x, s->eps), s, i);

    x = op_add(x, nn_on_sublayer(attn, a, (Join){.x = x}));
    Node h = feed_forward(mlp, nn_layernorm(n, "ln_2", x, s->eps), s);
    return op_add(x, nn_on_sublayer(mlp, h, (Join){.x = x}));
}

/* What tells the next token: the word embeddings' own matrix, or one beside it.  -> [V, D] */
static Node next_table(Net root, Net backbone, const Gpt2Spec *s)
{
    Net at = s->tied ? nn_at(backbone, "wte") : nn_at(root, "lm_head");

    return nn_param(at, "weight", SHAPE(s->vocab, s->dim), INIT_NORMAL_002);
}

static void head(const Model *m, Net root, Net backbone, const ModelShape *shape, ModelOutputs *out)
{
    if (m->head == HEAD_CAUSAL) {
        Node x = model_labelled_rows(root.g, shape, out);

        model_vocabulary_head(root.g, shape, x, next_table(root, backbone, m->spec), out);
    } else if (m->head == HEAD_SEQUENCE) {
        out->pooled = model_last_rows(root, out);
        model_class_logits(m, root, nn_product(root, "score", out->pooled, m->labels), shape, out);
    } else {
        model_embedding_head(m, root, 0, shape, out);
    }
}

static void gpt2_build(const Model *m, Net root, const ModelShape *shape, ModelOutputs *out)
{
    const Gpt2Spec *s = m->spec;
    Net n = nn_at(root, "%s", model_prefix(m));
    Node x = embeddings(m, n, shape, out->tokens);

    for (int i = 0; i < s->layers; i++)
        x = layer(nn_at(n, "h.%d", i), x, s, i);
    model_set_hidden(nn_layernorm(n, "ln_f", x, s->eps), out);
    graph_output(root.g, "last_hidden_state", out->hidden);
    head(m, root, n, shape, out);
}

static int gpt2_depth(const Model *m, const char *name)
{
    if (strncmp(name, "wte.", 4) == 0 || strncmp(name, "wpe.", 4) == 0)
        return 0;
    if (strncmp(name, "h.", 2) == 0)
        return (int)strtol(name + 2, NULL, 10) + 1;
    return m->layers + 1;
}

const ModelDef model_gpt2 = {
    .name = "gpt2",
    .paper = "Radford et al. 2019",
    .model_types = (const char *const[]){"gpt2", NULL},
    .architecture =
        {
            [HEAD_NONE] = "GPT2Model",
            [HEAD_CAUSAL] = "GPT2LMHeadModel",
            [HEAD_SEQUENCE] = "GPT2ForSequenceClassification",
            [HEAD_MEAN] = "GPT2Model",
        },
    .causal = true,
    .prefix = "transformer",
    .head_names = (const char *const[]){"lm_head", "score", "classifier", "qa_outputs",
                                        "multiple_choice_head", NULL},
    .ignored = (const char *const[]){".attn.bias", ".attn.masked_bias", NULL},
    .ties = (const char *const[][2]){{"lm_head.weight", "wte.weight"}, {NULL, NULL}},
    .turned = (const char *const[]){"c_attn", "c_proj", "c_fc", NULL},
    .words = "wte.weight",
    .lora_targets = "c_attn",
    .ia3_targets = "c_attn|mlp.c_proj",
    .ia3_feedforward = "mlp.c_proj",
    .read_config = gpt2_read_config,
    .build = gpt2_build,
    .depth = gpt2_depth,
};

/* SPDX-License-Identifier: MIT */
