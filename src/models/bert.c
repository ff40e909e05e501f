/* bert.c - BERT (Devlin et al. 2018, arXiv:1810.04805): a post-norm encoder and its heads, transformers' names.
 * T rows of all sequences without padding, B sequences, D width, C labels. */
#include "models/bert.h"

#include <stdlib.h>
#include <string.h>

static Status read_dropout(Err *e, const Model *m, BertSpec *s)
{
    const Config *c = &m->config;

    s->dropout = s->attention_dropout = 0.1F;
    TRY(config_float(e, c, "hidden_dropout_prob", 0, 0.99, &s->dropout));
    TRY(config_float(e, c, "attention_probs_dropout_prob", 0, 0.99, &s->attention_dropout));
    s->classifier_dropout = s->dropout;
    TRY(config_float(e, c, "classifier_dropout", 0, 0.99, &s->classifier_dropout));
    if (m->dropout >= 0)
        s->dropout = s->attention_dropout = s->classifier_dropout = m->dropout;
    return E_OK;
}

Status bert_read(Err *e, Model *m, BertSpec *s)
{
    const Config *c = &m->config;
    const char *act = "gelu", *position = "absolute";
    bool decoder = false;

    TRY(config_int(e, c, "hidden_size", 1, 1 << 16, &s->dim));
    TRY(config_int(e, c, "intermediate_size", 1, 1 << 18, &s->ffn));
    TRY(config_int(e, c, "vocab_size", 1, 1 << 24, &s->vocab));
    TRY(config_int(e, c, "max_position_embeddings", 1, 1 << 20, &s->positions));
    TRY(config_int(e, c, "type_vocab_size", 1, 1 << 16, &s->types));
    TRY(config_int(e, c, "num_hidden_layers", 1, 1000, &s->layers));
    TRY(config_int(e, c, "num_attention_heads", 1, 1 << 12, &s->heads));
    TRY(config_int(e, c, "pad_token_id", 0, s->vocab - 1, &s->pad));
    TRY(config_float(e, c, "layer_norm_eps", 0, 1, &s->eps));
    TRY(config_text(e, c, "hidden_act", &act));
    TRY(config_text(e, c, "position_embedding_type", &position));
    TRY(config_bool(e, c, "is_decoder", &decoder));
    TRY(config_bool(e, c, "tie_word_embeddings", &s->tied));
    TRY(model_activation(e, c, "hidden_act", act, &s->act));
    TRY(read_dropout(e, m, s));
    if (s->dim % s->heads)
        return config_fail(e, c, "hidden_size", "%lld cannot be split into %lld heads",
                           (long long)s->dim, (long long)s->heads);
    if (strcmp(position, "absolute") != 0)
        return config_fail(e, c, "position_embedding_type", "\"%s\" is not supported", position);
    if (decoder)
        return config_fail(e, c, "is_decoder", "a decoder of this family is not supported");
    m->spec = s;
    m->untied = !s->tied;
    m->dim = s->dim;
    m->layers = (int)s->layers;
    m->heads = (int)s->heads;
    m->vocab = s->vocab;
    m->types = s->types;
    m->max_length = s->positions;
    m->pad_id = (int)s->pad;
    return E_OK;
}

static Status bert_read_config(Err *e, Arena *a, Model *m)
{
    BertSpec *s = NEW(e, a, BertSpec);

    if (!s)
        return e->code;
    *s = (BertSpec){.dim = 768,
                    .ffn = 3072,
                    .vocab = 30522,
                    .positions = 512,
                    .types = 2,
                    .layers = 12,
                    .heads = 12,
                    .eps = 1e-12F,
                    .position_pad = -1,
                    .tied = true};
    return bert_read(e, m, s);
}

/* Word, position and segment: [T] -> [T, D] */
static Node bert_embeddings(const Model *m, Net n, const ModelShape *shape, Space tokens)
{
    const BertSpec *s = m->spec;
    Graph *g = n.g;
    Shape rows = SHAPE(shape->tokens);
    Node ids = graph_input(g, "input_ids", DT_I32, rows, tokens);
    Node type = graph_input(g, "token_type_ids", DT_I32, rows, tokens);
    Node x = nn_on_embed(n, nn_embedding(n, "word_embeddings", ids, s->vocab, s->dim, s->pad));
    Node position = model_positions(m, n, x, shape, tokens);

    type = model_row_ids(type, x);
    x = op_add(x, nn_embedding(n, "token_type_embeddings", type, s->types, s->dim, -1));
    x = op_add(
        x, nn_embedding(n, "position_embeddings", position, s->positions, s->dim, s->position_pad));
    x = nn_layernorm(n, "LayerNorm", x, s->eps);
    return nn_dropout(n, "dropout", x, s->dropout);
}

/* One post-norm encoder layer.  x: [T, D], rows of all sequences; their borders are x's row space, which
 * attention reads. */
static Node bert_layer(Net n, Node x, const BertSpec *s)
{
    Net self = nn_at(n, "attention.self"), out = nn_at(n, "attention.output");
    Node q = nn_linear(self, "query", x, s->dim);
    Node k = nn_linear(self, "key", x, s->dim);
    Node v = nn_linear(self, "value", x, s->dim);
    Node a = nn_attention(self, q, k, v,
                          (Attention){.heads = (int)s->heads, .dropout = s->attention_dropout});

    a = nn_dropout(out, "dropout", nn_linear(out, "dense", a, s->dim), s->dropout);
    x = nn_layernorm(out, "LayerNorm",
                     op_add(nn_on_sublayer(out, a, (Join){x, out, "LayerNorm", s->eps}), x),
                     s->eps);

    out = nn_at(n, "output");
    Node h = op_activate(nn_linear(n, "intermediate.dense", x, s->ffn), s->act);
    h = nn_dropout(out, "dropout", nn_linear(out, "dense", h, s->dim), s->dropout);
    return nn_layernorm(out, "LayerNorm",
                        op_add(nn_on_sublayer(out, h, (Join){x, out, "LayerNorm", s->eps}), x),
                        s->eps);
}

Node bert_pooler(Net n, const ModelOutputs *out)
{
    Node first = model_lead_rows(n, out);

    return op_activate(nn_linear(n, "pooler.dense", first, node_dim(first, -1)), ACT_TANH);
}

/* Scores of the vocabulary.  x: [T, D] -> [T, V] */
static Node bert_predictions(Net root, Net backbone, Node x, const BertSpec *s)
{
    Net n = nn_at(root, "cls.predictions");
    Node h = op_activate(nn_linear(n, "transform.dense", x, s->dim), s->act);

    h = nn_layernorm(n, "transform.LayerNorm", h, s->eps);
    if (!s->tied)
        return nn_linear(n, "decoder", h, s->vocab);
    return model_tied_scores(backbone, "embeddings.word_embeddings", h,
                             nn_param(n, "bias", SHAPE(s->vocab), INIT_ZERO));
}

static void bert_language(const Model *m, Net root, Net backbone, const ModelShape *shape,
                          ModelOutputs *out)
{
    const BertSpec *s = m->spec;
    bool pair = m->head == HEAD_PRETRAINING;
    Node x = model_labelled_rows(root.g, shape, out);

    out->logits = bert_predictions(root, backbone, x, s);
    graph_output(root.g, pair ? "prediction_logits" : "logits", out->logits);
    model_token_loss(root.g, shape, pair ? "mlm" : "labels", out);
    if (!pair)
        return;
    out->pooled = bert_pooler(backbone, out);
    Node next = nn_linear(nn_at(root, "cls"), "seq_relationship", out->pooled, 2);
    graph_output(root.g, "seq_relationship_logits", next);
    model_class_loss(root.g, shape, "nsp", "next_sentence_label", next, out);
}

static void bert_head(const Model *m, Net root, Net backbone, const ModelShape *shape,
                      ModelOutputs *out)
{
    const BertSpec *s = m->spec;
    HeadKind head = m->head;

    if (head == HEAD_PRETRAINING || head == HEAD_MASKED) {
        bert_language(m, root, backbone, shape, out);
    } else if (head == HEAD_SEQUENCE) {
        out->pooled = bert_pooler(backbone, out);
        model_sequence_head(m, root, "classifier", s->classifier_dropout, shape, out);
    } else if (head == HEAD_TOKEN) {
        model_token_head(m, root, s->classifier_dropout, shape, out);
    } else if (head == HEAD_SPAN) {
        model_span_head(root, 0, shape, out);
    } else {
        if (m->optional)
            graph_output(root.g, "pooler_output", bert_pooler(backbone, out));
        model_embedding_head(m, root, s->classifier_dropout, shape, out);
    }
}

Net bert_encoder(const Model *m, Net root, const ModelShape *shape, ModelOutputs *out)
{
    const BertSpec *s = m->spec;
    Net n = nn_at(root, "%s", model_prefix(m));
    Node x = bert_embeddings(m, nn_at(n, "embeddings"), shape, out->tokens);

    for (int i = 0; i < s->layers; i++)
        x = bert_layer(nn_at(n, "encoder.layer.%d", i), x, s);
    model_set_hidden(x, out);
    graph_output(root.g, "last_hidden_state", out->hidden);
    return n;
}

static void bert_build(const Model *m, Net root, const ModelShape *shape, ModelOutputs *out)
{
    bert_head(m, root, bert_encoder(m, root, shape, out), shape, out);
}

int bert_depth(const Model *m, const char *name)
{
    static const char layer[] = "encoder.layer.";

    if (strncmp(name, "embeddings.", 11) == 0)
        return 0;
    if (strncmp(name, layer, sizeof layer - 1) == 0)
        return (int)strtol(name + sizeof layer - 1, NULL, 10) + 1;
    return m->layers + 1;
}

const ModelDef model_bert = {
    .name = "bert",
    .paper = "Devlin et al. 2018, arXiv:1810.04805",
    .model_types = (const char *const[]){"bert", NULL},
    .architecture =
        {
            [HEAD_NONE] = "BertModel",
            [HEAD_PRETRAINING] = "BertForPreTraining",
            [HEAD_MASKED] = "BertForMaskedLM",
            [HEAD_SEQUENCE] = "BertForSequenceClassification",
            [HEAD_MEAN] = "BertModel",
            [HEAD_TOKEN] = "BertForTokenClassification",
            [HEAD_SPAN] = "BertForQuestionAnswering",
        },
    .prefix = "bert",
    .head_names = (const char *const[]){"classifier", "qa_outputs", "cls", NULL},
    .optional = (const char *const[]){"pooler", NULL},
    .renames = (const char *const[][2]){{"LayerNorm.gamma", "LayerNorm.weight"},
                                        {"LayerNorm.beta", "LayerNorm.bias"},
                                        {NULL, NULL}},
    .ignored = (const char *const[]){"embeddings.position_ids", "embeddings.token_type_ids", NULL},
    .ties = (const char *const[][2]){{"cls.predictions.decoder.weight",
                                      "embeddings.word_embeddings.weight"},
                                     {"cls.predictions.decoder.bias", "cls.predictions.bias"},
                                     {NULL, NULL}},
    .words = "embeddings.word_embeddings.weight",
    .lora_targets = "query|value",
    .ia3_targets = "key|value|output.dense",
    .ia3_feedforward = "output.dense",
    .read_config = bert_read_config,
    .build = bert_build,
    .depth = bert_depth,
};

/* SPDX-License-Identifier: MIT */
