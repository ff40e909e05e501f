/* distilbert.c - DistilBERT (Sanh et al. 2019, arXiv:1910.01108): half of BERT's layers, no segments, no pooler;
 * transformers' names.  T rows of all sequences without padding, B sequences, D width, V vocabulary. */
#include "models/inside.h"

#include <stdlib.h>
#include <string.h>

#define EPS 1e-12F /* of every layer norm; no key says it */

typedef struct DistilbertSpec {
    int64_t dim, ffn, vocab, positions, layers, heads, pad;
    float dropout, attention_dropout, sequence_dropout, span_dropout;
    Act act;
    bool tied;
} DistilbertSpec;

static Status read_dropout(Err *e, const Model *m, DistilbertSpec *s)
{
    const Config *c = &m->config;

    s->dropout = s->attention_dropout = s->span_dropout = 0.1F;
    s->sequence_dropout = 0.2F;
    TRY(config_float(e, c, "dropout", 0, 0.99, &s->dropout));
    TRY(config_float(e, c, "attention_dropout", 0, 0.99, &s->attention_dropout));
    TRY(config_float(e, c, "qa_dropout", 0, 0.99, &s->span_dropout));
    TRY(config_float(e, c, "seq_classif_dropout", 0, 0.99, &s->sequence_dropout));
    if (m->dropout >= 0)
        s->dropout = s->attention_dropout = s->span_dropout = s->sequence_dropout = m->dropout;
    return E_OK;
}

static Status distilbert_read_config(Err *e, Arena *a, Model *m)
{
    DistilbertSpec *s = NEW(e, a, DistilbertSpec);
    const Config *c = &m->config;
    const char *act = "gelu";
    bool sinusoidal = false;

    if (!s)
        return e->code;
    *s = (DistilbertSpec){.dim = 768,
                          .ffn = 3072,
                          .vocab = 30522,
                          .positions = 512,
                          .layers = 6,
                          .heads = 12,
                          .tied = true};
    TRY(config_int(e, c, "dim", 1, 1 << 16, &s->dim));
    TRY(config_int(e, c, "hidden_dim", 1, 1 << 18, &s->ffn));
    TRY(config_int(e, c, "vocab_size", 1, 1 << 24, &s->vocab));
    TRY(config_int(e, c, "max_position_embeddings", 1, 1 << 20, &s->positions));
    TRY(config_int(e, c, "n_layers", 1, 1000, &s->layers));
    TRY(config_int(e, c, "n_heads", 1, 1 << 12, &s->heads));
    TRY(config_int(e, c, "pad_token_id", 0, s->vocab - 1, &s->pad));
    TRY(config_text(e, c, "activation", &act));
    TRY(config_bool(e, c, "sinusoidal_pos_embds", &sinusoidal));
    TRY(config_bool(e, c, "tie_word_embeddings", &s->tied));
    TRY(model_activation(e, c, "activation", act, &s->act));
    TRY(read_dropout(e, m, s));
    if (s->dim % s->heads)
        return config_fail(e, c, "dim", "%lld cannot be split into %lld heads", (long long)s->dim,
                           (long long)s->heads);
    if (sinusoidal) /* transformers keeps them fixed, which here would be the method's affair */
        return config_fail(e, c, "sinusoidal_pos_embds", "computed positions are not supported");
    m->spec = s;
    m->untied = !s->tied;
    m->dim = s->dim;
    m->layers = (int)s->layers;
    m->heads = (int)s->heads;
    m->vocab = s->vocab;
    m->types = 1;
    m->max_length = s->positions;
    m->pad_id = (int)s->pad;
    return E_OK;
}

/* Word and position: [T] -> [T, D] */
static Node embeddings(const Model *m, Net n, const ModelShape *shape, Space tokens)
{
    const DistilbertSpec *s = m->spec;
    Graph *g = n.g;
    Shape rows = SHAPE(shape->tokens);
    Node ids = graph_input(g, "input_ids", DT_I32, rows, tokens);
    Node x = nn_on_embed(n, nn_embedding(n, "word_embeddings", ids, s->vocab, s->dim, s->pad));
    Node position = model_positions(m, n, x, shape, tokens);

    x = op_add(x, nn_embedding(n, "position_embeddings", position, s->positions, s->dim, -1));
    x = nn_layernorm(n, "LayerNorm", x, EPS);
    return nn_dropout(n, "dropout", x, s->dropout);
}

/* One post-norm layer.  x: [T, D] -> [T, D] */
static Node layer(Net n, Node x, const DistilbertSpec *s)
{
    Net self = nn_at(n, "attention"), ffn = nn_at(n, "ffn");
    Node q = nn_linear(self, "q_lin", x, s->dim);
    Node k = nn_linear(self, "k_lin", x, s->dim);
    Node v = nn_linear(self, "v_lin", x, s->dim);
    Node a = nn_attention(self, q, k, v,
                          (Attention){.heads = (int)s->heads, .dropout = s->attention_dropout});

    a = nn_linear(self, "out_lin", a, s->dim);
    x = nn_layernorm(n, "sa_layer_norm",
                     op_add(nn_on_sublayer(self, a, (Join){x, n, "sa_layer_norm", EPS}), x), EPS);

    Node h = op_activate(nn_linear(ffn, "lin1", x, s->ffn), s->act);
    h = nn_dropout(ffn, "dropout", nn_linear(ffn, "lin2", h, s->dim), s->dropout);
    return nn_layernorm(n, "output_layer_norm",
                        op_add(nn_on_sublayer(ffn, h, (Join){x, n, "output_layer_norm", EPS}), x),
                        EPS);
}

/* Scores of the vocabulary.  x: [T, D] -> [T, V] */
static Node scores(Net root, Net backbone, Node x, const DistilbertSpec *s)
{
    Node h = op_activate(nn_linear(root, "vocab_transform", x, s->dim), s->act);

    h = nn_layernorm(root, "vocab_layer_norm", h, EPS);
    if (!s->tied)
        return nn_linear(root, "vocab_projector", h, s->vocab);
    Node bias = nn_param(nn_at(root, "vocab_projector"), "bias", SHAPE(s->vocab), INIT_ZERO);
    return model_tied_scores(backbone, "embeddings.word_embeddings", h, bias);
}

static void head(const Model *m, Net root, Net backbone, const ModelShape *shape, ModelOutputs *out)
{
    const DistilbertSpec *s = m->spec;

    if (m->head == HEAD_MASKED) {
        out->logits = scores(root, backbone, model_labelled_rows(root.g, shape, out), s);
        graph_output(root.g, "logits", out->logits);
        model_token_loss(root.g, shape, "labels", out);
    } else if (m->head == HEAD_SEQUENCE) {
        Node first = nn_linear(root, "pre_classifier", model_lead_rows(root, out), s->dim);

        out->pooled = op_activate(first, ACT_RELU);
        model_sequence_head(m, root, "classifier", s->sequence_dropout, shape, out);
    } else if (m->head == HEAD_TOKEN) {
        model_token_head(m, root, s->dropout, shape, out);
    } else if (m->head == HEAD_SPAN) {
        model_span_head(root, s->span_dropout, shape, out);
    } else {
        model_embedding_head(m, root, s->sequence_dropout, shape, out);
    }
}

static void distilbert_build(const Model *m, Net root, const ModelShape *shape, ModelOutputs *out)
{
    const DistilbertSpec *s = m->spec;
    Net n = nn_at(root, "%s", model_prefix(m));
    Node x = embeddings(m, nn_at(n, "embeddings"), shape, out->tokens);

    for (int i = 0; i < s->layers; i++)
        x = layer(nn_at(n, "transformer.layer.%d", i), x, s);
    model_set_hidden(x, out);
    graph_output(root.g, "last_hidden_state", out->hidden);
    head(m, root, n, shape, out);
}

static int distilbert_depth(const Model *m, const char *name)
{
    static const char in_layer[] = "transformer.layer.";

    if (strncmp(name, "embeddings.", 11) == 0)
        return 0;
    if (strncmp(name, in_layer, sizeof in_layer - 1) == 0)
        return (int)strtol(name + sizeof in_layer - 1, NULL, 10) + 1;
    return m->layers + 1;
}

const ModelDef model_distilbert = {
    .name = "distilbert",
    .paper = "Sanh et al. 2019, arXiv:1910.01108",
    .model_types = (const char *const[]){"distilbert", NULL},
    .architecture =
        {
            [HEAD_NONE] = "DistilBertModel",
            [HEAD_MASKED] = "DistilBertForMaskedLM",
            [HEAD_SEQUENCE] = "DistilBertForSequenceClassification",
            [HEAD_MEAN] = "DistilBertModel",
            [HEAD_TOKEN] = "DistilBertForTokenClassification",
            [HEAD_SPAN] = "DistilBertForQuestionAnswering",
        },
    .prefix = "distilbert",
    .head_names =
        (const char *const[]){"pre_classifier", "classifier", "qa_outputs", "vocab_transform",
                              "vocab_layer_norm", "vocab_projector", NULL},
    .ignored = (const char *const[]){"embeddings.position_ids", NULL},
    .ties =
        (const char *const[][2]){{"vocab_projector.weight", "embeddings.word_embeddings.weight"},
                                 {NULL, NULL}},
    .words = "embeddings.word_embeddings.weight",
    .lora_targets = "q_lin|v_lin",
    .ia3_targets = "k_lin|v_lin|ffn.lin2",
    .ia3_feedforward = "ffn.lin2",
    .read_config = distilbert_read_config,
    .build = distilbert_build,
    .depth = distilbert_depth,
};

/* SPDX-License-Identifier: MIT */
