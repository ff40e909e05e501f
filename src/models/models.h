/* models.h - families of released models: one file and one row of models.def each.  A Model is a folder
 * (or a file of weights) read: configuration, head, mapped weights; model_build makes its graph for a batch of
 * rows without padding, or of pictures of one size. */
#ifndef MODELS_H
#define MODELS_H

#include "exec/exec.h"
#include "formats/config.h"
#include "formats/formats.h"
#include "nn/nn.h"

typedef struct Model Model;
typedef struct ModelDef ModelDef;

typedef enum { INPUT_TOKENS, INPUT_PICTURES, INPUT_NUMBERS } InputKind;

typedef enum {
    HEAD_AUTO,        /* what the folder says */
    HEAD_NONE,        /* features: hidden states, and pooled ones where the family has a pooler */
    HEAD_PRETRAINING, /* BERT: masked tokens and next sentence */
    HEAD_MASKED,      /* masked tokens */
    HEAD_CAUSAL,      /* the next token */
    HEAD_SEQUENCE, /* the family's own classifier: [CLS], pooler, linear; of decoders the last token */
    HEAD_MEAN,     /* mean over tokens, linear: the layout of sentence-transformers */
    HEAD_TOKEN,
    HEAD_SPAN,
    HEAD_PICTURE, /* of pictures, the only one: pooled features, dropout, linear */
    HEAD_COUNT
} HeadKind;

typedef enum { PROBLEM_SINGLE, PROBLEM_MULTI, PROBLEM_REGRESSION } Problem;

/* Of embeddings: 1_Pooling/config.json, else the family's */
typedef enum { POOL_CLS, POOL_MEAN, POOL_LAST } Pooling;

/* How a picture becomes numbers, as timm evaluates: resize, cut the middle out, (x / 255 - mean) / std. */
typedef struct Preprocess {
    int size;   /* height and width of what is cut out */
    int resize; /* the shorter side before: floor(size / crop_pct) */
    double crop_pct;
    bool squash;               /* both sides become `resize`: nothing but the border is lost */
    const char *interpolation; /* "bilinear", "bicubic" */
    float mean[3], std[3];     /* of red, green, blue */
} Preprocess;

/* A released network of pictures: a row of its family's table. */
typedef struct Variant {
    const char *name;             /* as its library calls it: "efficientnet_b0" */
    const char *library;          /* whose names its tensors have: "torchvision", "timm" */
    const char *timm;             /* timm's name for the same network; NULL: there is none */
    const char *source, *licence; /* of the released weights */
    float eps, momentum;          /* of batch norms */
    Preprocess pre;
    const void *sizes; /* the family's own */
} Variant;

struct Model {          /* lives in the arena of model_open; read-only afterwards */
    const char *folder; /* or file; "" with nothing but a variant's name */
    const ModelDef *def;
    const Variant *variant; /* of pictures */
    Config config;          /* config.json as it was read; saving keeps its keys */
    const void *spec;       /* the family's own, from read_config */
    Weights *weights;       /* NULL with ModelOptions.scratch */
    Weights *dense;         /* of HEAD_MEAN: 2_Dense */
    float dropout;          /* asked for: negative: the folder's */
    float drop_path;
    HeadKind head;
    Problem problem;
    bool new_head;     /* the folder's own head is not used */
    bool clipped_head; /* a ReLU after the classifier, before the mean over the picture */
    bool untied;       /* the family's ties do not hold in this folder */
    bool optional;     /* the folder has the backbone's optional part (BERT's pooler) */
    int labels;
    const char **label; /* [labels] */
    int64_t dim;
    Preprocess pre;      /* of pictures */
    float eps, momentum; /* of their batch norms */
    int64_t numbers;     /* of INPUT_NUMBERS: of a row */
    int64_t vocab, max_length;
    int64_t
        first_position; /* of a sequence's first token; above 0, padding has the one before it and counts for none */
    int64_t types;        /* segments: token_type_ids below this */
    int64_t usual_length; /* sentence_bert_config.json's, else max_length */
    int layers, heads, pad_id;
    Pooling pooling;
    bool normalize;           /* 2_Normalize: embeddings have length 1 */
    const char *architecture; /* as the folder says: "BertForSequenceClassification" */
};

typedef struct ModelOptions {
    HeadKind head;
    int labels;               /* 0: the folder's */
    const char *const *label; /* names of a new head's labels; NULL: LABEL_0, ... */
    Problem problem;          /* counts when labels is set */
    float dropout;            /* 0: the folder's; negative: none */
    float drop_path;          /* likewise, of pictures */
    const char *variant; /* of a file of weights whose tensors fit several: "tf_efficientnet_b0" */
    bool scratch;        /* the shape only: weights are drawn anew */
    int64_t numbers;     /* of a row, for a network that is drawn */
} ModelOptions;

/* Input sizes of a graph: capacities, all in rows. */
typedef struct ModelShape {
    int64_t sequences, tokens;
    int64_t pictures, height, width; /* instead, of INPUT_PICTURES */
    int64_t labelled;   /* masked tokens: rows of the input "label_rows"; 0: all have a label */
    bool labels;        /* label inputs and loss terms */
    bool scores;        /* scores of a vocabulary beside its loss, which does without them */
    bool positions;     /* an input "position_ids"; else counted from the sequence's first row */
    bool class_weights; /* an input "class_weights" [labels] */
    float smoothing;
} ModelShape;

/* One loss term.  Its scale input is set to weight / (valid entries of `input` over the update window);
 * valid: labels that are not negative (with class weights: the sum of their weights), numbers all. */
typedef struct LossTerm {
    const char *name;  /* scale input "loss.NAME.scale", output "loss.NAME" (the sum) */
    const char *input; /* "labels", "next_sentence_label", "start_positions", "end_positions" */
    float weight;
    bool weighted; /* normaliser: sum of class weights */
} LossTerm;

/* Of pictures: row space "batch"; input pixel_values f32 [batch, 3, H, W] (channels last in memory), labels as of
 * SEQUENCE; outputs logits [batch, labels], features [batch, D] (what the classifier reads).
 * Of numbers: row space "batch"; input input_features f32 [batch, N], labels and outputs as of pictures.
 * Of tokens: row spaces "batch" and "tokens" (grouped by batch), "labelled" if asked for.  Inputs, i32 by row unless said:
 *   input_ids, token_type_ids, position_ids [tokens]
 *   labels  SEQUENCE, MEAN: [batch], f32 [batch, labels] for PROBLEM_MULTI and PROBLEM_REGRESSION
 *           TOKEN, MASKED, PRETRAINING: [tokens] or [labelled];  label_rows [labelled]
 *           CAUSAL: likewise, the token that follows each
 *   next_sentence_label, start_positions, end_positions [batch] (row within the sequence)
 * Outputs: last_hidden_state [tokens, D]; pooler_output [batch, D]; embedding [batch, D] (HEAD_NONE, by pooling);
 *   logits [batch or tokens, labels or, of CAUSAL without labels or with ModelShape.scores, vocab]; prediction_logits, seq_relationship_logits; span_logits [tokens, 2] */
typedef struct ModelOutputs {
    Space batch, tokens;
    Node hidden; /* [tokens, D] */
    Node all;    /* hidden, and before it in each sequence what a method put in front */
    Node pooled; /* [batch, D]: what the classifier reads; of HEAD_NONE the embedding */
    Node logits; /* main ones */
    int auxiliaries;
    Node auxiliary[2]; /* logits of classifiers halfway up; in training their loss counts too, */
    float auxiliary_weight; /* times this */
    int losses;
    LossTerm loss[3];
} ModelOutputs;

struct ModelDef {
    const char *name;
    const char *paper;
    InputKind input;
    const char *const *model_types; /* of config.json, NULL-terminated */
    const char *architecture
        [HEAD_COUNT]; /* class names of transformers; NULL: the family has no such head */
    /* "bert": backbone names under every head but HEAD_NONE and HEAD_MEAN; of pictures: "module", which some files
     * have before every name */
    const char *prefix;
    /* Lists are NULL-terminated, or NULL. */
    const char *const *head_names; /* first parts of names that belong to tasks */
    const char *const
        *optional; /* of the backbone, that some releases leave out: "pooler"; of pictures
                                      * auxiliary classifiers, which a new head leaves out */
    const char *const (*renames)[2]; /* {ending in the file, ending in our names} */
    const char *const *ignored;      /* endings of buffers that are no weights */
    const char *const (*ties)[2];    /* {alias, tensor}: one may be absent, both must be equal */
    const char *const *turned;       /* names of linear layers whose weight is [in, out] */
    const char *lora_targets, *ia3_targets, *ia3_feedforward; /* as in MethodTarget */
    const char *words; /* the end of the word embeddings' name; NULL: methods cannot ask for them */
    const Variant *variant; /* of pictures */
    int variants;
    const char
        *global_pool;  /* of pictures: timm's word for what the classifier reads; NULL: "avg" */
    bool causal;       /* a token sees what came before: the last one tells of the sequence */
    bool clipped_head; /* of pictures: the released classifier ends in a ReLU; a new one does not */
    /* A network that nobody releases: m->config for a text as "mlp:50".  NULL: there is none of this family. */
    Status (*draw)(Err *e, Arena *a, Model *m, const char *text, int64_t numbers);
    /* Fills m->spec, dim, layers, ... from m->config, of pictures from m->variant too. */
    Status (*read_config)(Err *e, Arena *a, Model *m);
    void (*build)(const Model *m, Net root, const ModelShape *shape, ModelOutputs *out);
    /* 0: stem, 1 .. layers, layers + 1: poolers and heads; -1: none of ours (name without prefix) */
    int (*depth)(const Model *m, const char *name);
};

#define MODEL(name) extern const ModelDef model_##name;
#include "models/models.def"
#undef MODEL
int model_def_count(void);
const ModelDef *model_def_at(int i); /* rows of models.def */

/* path: a folder of transformers or timm (config.json and weights), or of pictures also a bare file of weights, which
 * is told by its tensors (several that fit are an error that lists them: options.variant decides), or NULL for a
 * variant from scratch.  Everything lives in `a`. */
Status model_open(Err *e, Arena *a, const char *path, const ModelOptions *o, Model **out);
/* The family of networks that are drawn, not released, which a text as "mlp:50" names; NULL: there is none. */
const ModelDef *model_drawn(const char *text);
/* The one file of weights in a folder, as `pull` brings many networks of pictures; NULL when there is none, or more. */
Status model_lone_file(Err *e, Arena *a, const char *folder, const char **file);
/* Builds into a fresh graph; hooks may be NULL.  Errors stick in the graph. */
Status model_build(Err *e, const Model *m, Graph *g, const Hook *hooks, const ModelShape *shape,
                   ModelOutputs *out);

/* The networks of pictures whose tensors a file has, by names and shapes; none when n is 0. */
typedef struct ModelGuess {
    const ModelDef *def[8];
    const Variant *variant[8];
    int n;
    int labels; /* of the file's head; 0: it has none */
} ModelGuess;

Status model_guess(Err *e, Arena *a, const Weights *w, ModelGuess *out);

typedef struct LoadReport {
    int backbone, backbone_of; /* tensors loaded, wanted */
    int head, head_of, head_new;
    int unused;       /* of the file: replaced heads and buffers */
    const char *text; /* "backbone 103 of 103 tensors; classifier new: 6 classes" */
} LoadReport;

/* Fills params with every tensor of the graph that they lack: mapped where frozen and f32, their own memory
 * where trained.  Tensors that are not the model's (a method's) are left to params_init_missing, as are the new
 * head's.  A missing or unexpected tensor is an error unless it belongs to a head that is replaced. */
Status model_load(Err *e, Arena *a, const Model *m, const Graph *g, Params *params,
                  LoadReport *report);
/* Writes the released layout: config.json and model.safetensors (and the modules of HEAD_MEAN). */
Status model_save(Err *e, Arena *a, const Model *m, Params *params, const char *folder);
/* A model takes another's place as a whole (commit.c).  stage: an empty folder inside `folder`, to be filled; what a
 * commit that was cut off had left is settled first.  commit: it stands from the rename of that folder on. */
Status model_stage(Err *e, Arena *a, const char *folder, const char **staged);
Status model_commit(Err *e, Arena *a, const char *folder, const char *staged);
/* Completes a commit that was cut off; model_open does it too. */
Status model_settle(Err *e, Arena *a, const char *folder);
/* config.json alone: labels, problem, architecture as they are now. */
Status model_save_config(Err *e, Arena *a, const Model *m, const char *folder);

/* For methods: a tensor's depth and whether it is the task's; `model` is a Model *. */
int model_depth(const void *model, const char *name);
bool model_is_head(const void *model, const char *name);
/* Whether a tensor belongs to a linear layer whose weight is [in, out]. */
bool model_is_turned(const void *model, const char *name);
/* Blocks before the head: stem and layers (transplant.c). */
int model_blocks(const Model *m);
/* The first n blocks of `from` become parameters of `into` for graph g: what trains in g as a copy, what stays as it is
 * mapped, so that `from` has to live as long.  E_USAGE when n is not 0 .. model_blocks; *given: tensors. */
Status model_transplant(Err *e, const Model *m, const Graph *g, Params *from, int n, Params *into,
                        int *given);
const char *model_peft_task(const Model *m);     /* "SEQ_CLS" */
HeadKind model_peft_head(const char *task_type); /* HEAD_AUTO when it says nothing */

#endif
/* SPDX-License-Identifier: MIT */
