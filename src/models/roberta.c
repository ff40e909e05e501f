/* roberta.c - RoBERTa (Liu et al. 2019, arXiv:1907.11692) and XLM-R (Conneau et al. 2020, arXiv:1911.02116): BERT's
 * encoder with other heads, one segment, and positions that count from the padding's id + 1 on.  transformers' names.
 * T rows of all sequences without padding, B sequences, D width, V vocabulary. */
#include "models/bert.h"

static Status roberta_read_config(Err *e, Arena *a, Model *m)
{
    BertSpec *s = NEW(e, a, BertSpec);

    if (!s)
        return e->code;
    *s = (BertSpec){.dim = 768,
                    .ffn = 3072,
                    .vocab = 50265,
                    .positions = 512,
                    .types = 2,
                    .layers = 12,
                    .heads = 12,
                    .pad = 1,
                    .eps = 1e-12F,
                    .tied = true};
    TRY(bert_read(e, m, s));
    s->position_pad = s->pad;
    m->first_position = s->pad + 1;
    m->max_length = s->positions - m->first_position;
    if (m->max_length < 1)
        return config_fail(e, &m->config, "max_position_embeddings",
                           "%lld leaves no position after that of the padding, %lld",
                           (long long)s->positions, (long long)s->pad);
    return E_OK;
}

/* Scores of the vocabulary.  x: [T, D] -> [T, V] */
static Node roberta_scores(Net root, Net backbone, Node x, const BertSpec *s)
{
    Net n = nn_at(root, "lm_head");
    Node h = op_activate(nn_linear(n, "dense", x, s->dim), ACT_GELU); /* whatever the layers have */

    h = nn_layernorm(n, "layer_norm", h, s->eps);
    if (!s->tied)
        return nn_linear(n, "decoder", h, s->vocab);
    return model_tied_scores(backbone, "embeddings.word_embeddings", h,
                             nn_param(n, "bias", SHAPE(s->vocab), INIT_ZERO));
}

/* tanh(W x[CLS] + b), dropout before and after.  -> [B, D] */
static Node roberta_pool(Net root, const ModelOutputs *out, const BertSpec *s)
{
    Net n = nn_at(root, "classifier");
    Node x = nn_dropout(n, "dropout", model_lead_rows(root, out), s->classifier_dropout);

    return op_activate(nn_linear(n, "dense", x, s->dim), ACT_TANH);
}

static void roberta_build(const Model *m, Net root, const ModelShape *shape, ModelOutputs *out)
{
    const BertSpec *s = m->spec;
    Net n = bert_encoder(m, root, shape, out);

    if (m->head == HEAD_MASKED) {
        out->logits = roberta_scores(root, n, model_labelled_rows(root.g, shape, out), s);
        graph_output(root.g, "logits", out->logits);
        model_token_loss(root.g, shape, "labels", out);
    } else if (m->head == HEAD_SEQUENCE) {
        out->pooled = roberta_pool(root, out, s);
        model_sequence_head(m, root, "classifier.out_proj", s->classifier_dropout, shape, out);
    } else if (m->head == HEAD_TOKEN) {
        model_token_head(m, root, s->classifier_dropout, shape, out);
    } else if (m->head == HEAD_SPAN) {
        model_span_head(root, 0, shape, out);
    } else {
        if (m->optional)
            graph_output(root.g, "pooler_output", bert_pooler(n, out));
        model_embedding_head(m, root, s->classifier_dropout, shape, out);
    }
}

static const char *const heads[] = {"classifier", "qa_outputs", "lm_head", NULL};
static const char *const optional[] = {"pooler", NULL};
static const char *const ignored[] = {"embeddings.position_ids", "embeddings.token_type_ids", NULL};
static const char *const ties[][2] = {
    {"lm_head.decoder.weight", "embeddings.word_embeddings.weight"},
    {"lm_head.decoder.bias", "lm_head.bias"},
    {NULL, NULL}};

const ModelDef model_roberta = {
    .name = "roberta",
    .paper = "Liu et al. 2019, arXiv:1907.11692",
    .model_types = (const char *const[]){"roberta", NULL},
    .architecture =
        {
            [HEAD_NONE] = "RobertaModel",
            [HEAD_MASKED] = "RobertaForMaskedLM",
            [HEAD_SEQUENCE] = "RobertaForSequenceClassification",
            [HEAD_MEAN] = "RobertaModel",
            [HEAD_TOKEN] = "RobertaForTokenClassification",
            [HEAD_SPAN] = "RobertaForQuestionAnswering",
        },
    .prefix = "roberta",
    .head_names = heads,
    .optional = optional,
    .ignored = ignored,
    .ties = ties,
    .words = "embeddings.word_embeddings.weight",
    .lora_targets = "query|value",
    .ia3_targets = "key|value|output.dense",
    .ia3_feedforward = "output.dense",
    .read_config = roberta_read_config,
    .build = roberta_build,
    .depth = bert_depth,
};

/* The same network on a hundred languages; transformers calls its classes otherwise. */
const ModelDef model_xlm_roberta = {
    .name = "xlm_roberta",
    .paper = "Conneau et al. 2020, arXiv:1911.02116",
    .model_types = (const char *const[]){"xlm-roberta", NULL},
    .architecture =
        {
            [HEAD_NONE] = "XLMRobertaModel",
            [HEAD_MASKED] = "XLMRobertaForMaskedLM",
            [HEAD_SEQUENCE] = "XLMRobertaForSequenceClassification",
            [HEAD_MEAN] = "XLMRobertaModel",
            [HEAD_TOKEN] = "XLMRobertaForTokenClassification",
            [HEAD_SPAN] = "XLMRobertaForQuestionAnswering",
        },
    .prefix = "roberta",
    .head_names = heads,
    .optional = optional,
    .ignored = ignored,
    .ties = ties,
    .words = "embeddings.word_embeddings.weight",
    .lora_targets = "query|value",
    .ia3_targets = "key|value|output.dense",
    .ia3_feedforward = "output.dense",
    .read_config = roberta_read_config,
    .build = roberta_build,
    .depth = bert_depth,
};

/* SPDX-License-Identifier: MIT */
