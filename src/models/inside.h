/* inside.h - what files of this room share: kinds of folders, heads, names, variants. */
#ifndef MODELS_INSIDE_H
#define MODELS_INSIDE_H

#include "models/models.h"

#define MODEL_LABELS_MAX (1 << 20)

/* ---- opening: m has folder, config, and what was asked for ---- */

Status model_open_text(Err *e, Arena *a, Model *m, const ModelOptions *o);    /* open_text.c */
Status model_open_picture(Err *e, Arena *a, Model *m, const ModelOptions *o); /* open_picture.c */
Status model_default_labels(Err *e, Arena *a, Model *m);                      /* LABEL_0, .. */
Status model_read_problem(Err *e, Model *m);
/* The labels asked for, where they are others: then the head is new. */
Status model_take_labels(Err *e, Arena *a, Model *m, const ModelOptions *o);

/* ---- a folder of transformers for pictures: preprocessor_config.json (processor.c) ---- */

Status model_read_processor(Err *e, Arena *a, Model *m);
Status model_save_processor(Err *e, Arena *a, const Model *m, const char *folder);

/* ---- saving (save_text.c, save_picture.c) ---- */

Status model_save_text(Err *e, Arena *a, const Model *m, Params *params, const char *folder);
Status model_save_text_config(Err *e, Arena *a, const Model *m, const char *folder);
Status model_save_picture(Err *e, Arena *a, const Model *m, Params *params, const char *folder);
Status model_save_picture_config(Err *e, Arena *a, const Model *m, const char *folder);

/* ---- variants (variants.c) ---- */

/* The row of that name; library NULL: any.  NULL when there is none. */
const Variant *model_variant(const char *name, const char *library, const ModelDef **def);
/* An error that lists the names there are. */
Status model_variant_unknown(Err *e, const char *name);
/* m as an unlabelled model of this row, under its head with `labels` outputs. */
Status model_of_variant(Err *e, Arena *a, const ModelDef *def, const Variant *v, int labels,
                        Model *m);

/* ---- layers of pictures (pictures.c) ---- */

/* The input "pixel_values". */
Node model_pixels(Net root, const ModelShape *shape, const ModelOutputs *out);
/* A convolution without bias and the batch norm after it. */
Node model_conv_norm(const Model *m, Net n, const char *conv, const char *norm, Node x, Conv2d c);

/* A convolution without bias "conv", its batch norm "bn", a ReLU. */
Node model_conv_unit(const Model *m, Net n, Node x, Conv2d c);
/* Whether the model keeps its auxiliary classifiers: its file has them, and its head is not new. */
bool model_has_auxiliary(const Model *m);
void model_add_auxiliary(ModelOutputs *out, Node logits, float weight);

/* ---- heads (heads.c); logits become outputs, and loss terms where shape->labels ---- */

/* [CLS] or whatever out->pooled holds: dropout, linear.  name: of the classifier.  -> [B, C] */
void model_sequence_head(const Model *m, Net root, const char *name, float dropout,
                         const ModelShape *shape, ModelOutputs *out);
void model_token_head(const Model *m, Net root, float dropout, const ModelShape *shape,
                      ModelOutputs *out);
/* out->pooled: dropout, linear.  name: of the classifier. */
void model_picture_head(const Model *m, Net root, const char *name, float dropout,
                        const ModelShape *shape, ModelOutputs *out);
/* The rest of these where the classifier is the family's own: z: [B, C]. */
void model_class_logits(const Model *m, Net root, Node z, const ModelShape *shape,
                        ModelOutputs *out);
void model_span_head(Net root, float dropout, const ModelShape *shape, ModelOutputs *out);
/* HEAD_NONE: the embedding; HEAD_MEAN: a classifier over it. */
void model_embedding_head(const Model *m, Net root, float dropout, const ModelShape *shape,
                          ModelOutputs *out);
/* Each sequence's first token: [CLS].  -> [B, D] */
Node model_first_rows(Net root, const ModelOutputs *out);
/* Each sequence's first row, be it a method's: what transformers' classifiers pool.  -> [B, D] */
Node model_lead_rows(Net root, const ModelOutputs *out);
/* Each sequence's last visible row.  -> [B, D] */
Node model_last_rows(Net root, const ModelOutputs *out);
/* Scores of the vocabulary by the word embeddings' own matrix `table`.  x: [T, D], bias [V] -> [T, V] */
Node model_tied_scores(Net backbone, const char *table, Node x, Node bias);
/* Rows that carry a label: all of them, or those of the input "label_rows". */
Node model_labelled_rows(Graph *g, const ModelShape *shape, ModelOutputs *out);
/* Cross-entropy of out->logits over tokens. */
void model_token_loss(Graph *g, const ModelShape *shape, const char *name, ModelOutputs *out);
/* Scores x w^T of a vocabulary, and their loss; with nothing but the loss wanted they are never stored.
 * x: [T, D], w: [V, D] */
void model_vocabulary_head(Graph *g, const ModelShape *shape, Node x, Node w, ModelOutputs *out);
void model_class_loss(Graph *g, const ModelShape *shape, const char *name, const char *input,
                      Node logits, ModelOutputs *out);
/* x without the rows that a method put in front of each sequence. */
Node model_own_rows(Node x, Space tokens);
/* out->hidden and out->all of the last layer's x. */
void model_set_hidden(Node x, ModelOutputs *out);
/* i32 of each token, e.g. its segment, for the rows of x: 0 for those that a method put in front. */
Node model_row_ids(Node ids, Node x);
/* The places of x's rows in their sequences: an input "position_ids" where shape says so, else counted. */
Node model_positions(const Model *m, Net n, Node x, const ModelShape *shape, Space tokens);

/* ---- names (names.c) ---- */

const char *model_prefix(const Model *m); /* of backbone names under this head: "bert" or "" */
/* A name of a file or a graph without prefix and old spellings; in `a`. */
const char *model_plain_name(Err *e, Arena *a, const ModelDef *def, const char *name);
bool model_name_is_head(const ModelDef *def, const char *plain);
bool model_name_is_ignored(const ModelDef *def, const char *plain); /* a buffer that is no weight */
bool model_name_in(const char *const *list, const char *plain);     /* whole first parts */
/* The hidden layer's function by its name in config.json, under `key`. */
Status model_activation(Err *e, const Config *c, const char *key, const char *name, Act *out);
/* Architecture's class name -> head; HEAD_AUTO when unknown. */
HeadKind model_head_of(const ModelDef *def, const char *architecture);
bool model_has_labels(HeadKind head);
/* The model's own graph, without any method: its parameters are what a file must have. */
Status model_bare_graph(Err *e, Arena *a, const Model *m, Graph **out);
/* The model's own tensors in the order of building, as params hold them. */
Status model_tensors(Err *e, Arena *a, const Model *m, Params *params, NamedTensor **out, int *n);

#endif
/* SPDX-License-Identifier: MIT */
