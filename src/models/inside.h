/* inside.h - what families share: spaces, heads, names. */
#ifndef MODELS_INSIDE_H
#define MODELS_INSIDE_H

#include "models/models.h"

/* ---- heads (heads.c); logits become outputs, and loss terms where shape->labels ---- */

/* [CLS] or whatever out->pooled holds: dropout, linear.  -> [B, C] */
void model_sequence_head(const Model *m, Net root, float dropout, const ModelShape *shape,
                         ModelOutputs *out);
void model_token_head(const Model *m, Net root, float dropout, const ModelShape *shape,
                      ModelOutputs *out);
void model_span_head(Net root, const ModelShape *shape, ModelOutputs *out);
/* HEAD_NONE: the embedding; HEAD_MEAN: a classifier over it. */
void model_embedding_head(const Model *m, Net root, float dropout, const ModelShape *shape,
                          ModelOutputs *out);
/* Rows that carry a label: all of them, or those of the input "label_rows". */
Node model_labelled_rows(Graph *g, const ModelShape *shape, ModelOutputs *out);
/* Cross-entropy of out->logits over tokens. */
void model_token_loss(Graph *g, const ModelShape *shape, const char *name, ModelOutputs *out);
void model_class_loss(Graph *g, const ModelShape *shape, const char *name, const char *input,
                      Node logits, ModelOutputs *out);
/* x without the rows that a method put in front of each sequence. */
Node model_own_rows(Node x, Space tokens);

/* ---- names (names.c) ---- */

const char *model_prefix(const Model *m); /* of backbone names under this head: "bert" or "" */
/* A name of a file or a graph without prefix and old spellings; in `a`. */
const char *model_plain_name(Err *e, Arena *a, const ModelDef *def, const char *name);
bool model_name_is_head(const ModelDef *def, const char *plain);
bool model_name_in(const char *const *list, const char *plain); /* whole first parts */
/* The hidden layer's function by its name in config.json. */
Status model_activation(Err *e, const Config *c, const char *name, Act *out);
/* Architecture's class name -> head; HEAD_AUTO when unknown. */
HeadKind model_head_of(const ModelDef *def, const char *architecture);
bool model_has_labels(HeadKind head);
/* The model's own tensors in the order of building, as params hold them. */
Status model_tensors(Err *e, Arena *a, const Model *m, Params *params, NamedTensor **out, int *n);

#endif
/* SPDX-License-Identifier: MIT */
