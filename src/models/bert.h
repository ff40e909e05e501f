/* bert.h - BERT's encoder, which RoBERTa shares: embeddings, post-norm layers, pooler, and their names. */
#ifndef MODELS_BERT_H
#define MODELS_BERT_H

#include "models/inside.h"

typedef struct BertSpec {
    int64_t dim, ffn, vocab, positions, types, layers, heads, pad;
    int64_t position_pad; /* the row of the positions that learns nothing, -1: none */
    float eps, dropout, attention_dropout, classifier_dropout;
    Act act;
    bool tied; /* the last product's matrix is the word embedding */
} BertSpec;

/* config.json over the defaults in s, which becomes m->spec, and into what Model says of every family. */
Status bert_read(Err *e, Model *m, BertSpec *s);
/* Embeddings and layers: fills out->hidden; returns the backbone's place. */
Net bert_encoder(const Model *m, Net root, const ModelShape *shape, ModelOutputs *out);
/* tanh(W x[CLS] + b) of out->hidden; n: the backbone.  -> [B, D] */
Node bert_pooler(Net n, const ModelOutputs *out);
int bert_depth(const Model *m, const char *name);

#endif
/* SPDX-License-Identifier: MIT */
