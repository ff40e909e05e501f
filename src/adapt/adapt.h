/* adapt.h - methods of adaptation: rules over names.  A method is a row of adapt.def; its text is
 * "full", "head", "freeze:4", "lora:rank=8,alpha=16,dropout=0.1,targets=query|value", each with
 * layer_decay=0.8 or batch_norm=frozen if wanted.  Methods know a model only through MethodTarget: names, depths and heads. */
#ifndef ADAPT_H
#define ADAPT_H

#include "exec/exec.h"
#include "formats/config.h"
#include "formats/formats.h"
#include "nn/nn.h"

typedef struct Method Method;

/* Whose running statistics move, and with them what normalises in training: of layers that train, none, all. */
typedef enum { STATISTICS_ADAPT, STATISTICS_FROZEN, STATISTICS_TRAIN } Statistics;

/* What a method needs to know of the model it is for. */
typedef struct MethodTarget {
    int layers;
    /* 0: stem, 1 .. layers: layers, layers + 1: what is after them, -1: not the model's */
    int (*depth)(const void *model, const char *name);
    bool (*is_head)(const void *model,
                    const char *name); /* belongs to the task, not to the backbone */
    bool (*is_turned)(
        const void *model,
        const char *name);    /* a tensor of a layer whose weight is [in, out]; NULL: none is */
    const char *lora_targets; /* "query|value" */
    const char *ia3_targets, *ia3_feedforward; /* "key|value|output.dense", "output.dense" */
    const char *words;  /* how the name of the word embeddings ends; NULL: there are none */
    const char *folder; /* with the model's tokenizer */
    int64_t dim;
    int heads;
    bool
        headless; /* the model is asked for embeddings: an adapter's classifier has no place, and is passed over */
    const void *model;
    Statistics statistics; /* unless the method's text says others */
} MethodTarget;

typedef struct AdaptDef {
    const char *name;
    const char *usage; /* "lora:rank=8,alpha=16,dropout=0,targets=query|value" */
    const char *summary;
    Rules rules; /* get Method.options */
    /* Besides the task's head: names that train ('*' any run, '?' one character), less those that are frozen. */
    const char *trains;
    bool norms; /* scales and shifts of normalisations train too, whatever their names */
    bool (*frozen)(const Method *m, const char *name);
    Status (*check)(Err *e, const Method *m); /* of options that do not go together; NULL: all do */
    /* Tensors of the base that learn and belong to the adapter; NULL: none. */
    bool (*also)(const Method *m, const char *name);
    double
        rate; /* the usual one: little of the network trains, and bears larger steps; 0: the network's own */
    bool in_mean; /* texts' classifier reads the mean of their tokens unless asked otherwise */
    bool
        fitted_head; /* texts' begins as the one fitted to frozen features, where both read the mean; not where all of a
                         norm's biases can shift at once under its large weights */
    bool identity;    /* leaves the model's outputs as they are before the first step */
    const char *adds; /* pattern of the tensors it brings, NULL: none */
    Status (*start)(Err *e, Arena *a, Method *m); /* default options */
    Status (*option)(Err *e, Arena *a, Method *m, const char *key, const char *value);
    /* Fills those of its tensors that begin with what the base's weights say; NULL: none does. */
    Status (*begin)(Err *e, const Method *m, const Graph *g, Params *p, uint64_t seed);
    /* Positions that what it puts in front of each text takes; NULL: none. */
    int64_t (*positions)(const Method *m);
    bool
        in_front; /* PEFT's prompt learning: its tensors have their plain names on disk, heads "base_model." */
    /* Adds the method's part into the weights; NULL: there is none. */
    Status (*merge)(Err *e, const Method *m, Params *p, int *merged);
    /* The family's layers for it, for errors; NULL: it asks for no layers by name. */
    const char *(*usual)(const MethodTarget *target);
    bool hub;               /* its folders are AdapterHub's (hub.c), not PEFT's */
    const char *peft_type;  /* "LORA"; NULL, and no functions: PEFT has none */
    const char *peft_alias; /* another type whose folders hold the same */
    const char *peft_flag;  /* where several rows have one type: "use_dora", true for this one */
    /* Whether PEFT has the layer of this tensor inside its own: "..base_layer.bias"; NULL: none. */
    bool (*peft_wraps)(const Method *m, const char *name);
    Status (*peft_read)(Err *e, Arena *a, const Config *c, Method *m);
    Status (*peft_write)(Err *e, Arena *a, Config *c, const Method *m, Params *params);
} AdaptDef;

struct Method {
    const AdaptDef *def;
    const char *text; /* as given */
    void *options;
    float layer_decay; /* 1: every layer learns alike */
    Statistics statistics;
    MethodTarget target;
    const Hook *hooks; /* for model_build */
    Hook hook[2];
};

#define ADAPT(name) extern const AdaptDef adapt_##name;
#include "adapt/adapt.def"
#undef ADAPT
int adapt_count(void);
const AdaptDef *adapt_at(int i);               /* rows of adapt.def */
const AdaptDef *adapt_named(const char *text); /* "lora:rank=8"; NULL: there is none */

Status method_parse(Err *e, Arena *a, const char *text, const MethodTarget *target, Method **out);
/* A method of a row that need not be in the table, its options given. */
Status method_make(Err *e, Arena *a, const AdaptDef *def, void *options, const MethodTarget *target,
                   Method **out);
/* What a tensor's rate is times: layer_decay ^ (distance from the top).  For OptimBuild.rate; a Method *. */
float method_rate(const void *method, const char *param);
bool method_trains(const Method *m, const char *param);
/* After building: an error when the method changes nothing of this model. */
Status method_check(Err *e, const Method *m, const Graph *g);
/* After the base's weights are loaded, before params_init_missing. */
Status method_begin(Err *e, const Method *m, const Graph *g, Params *p, uint64_t seed);
int64_t method_positions(const Method *m); /* 0 for NULL */
/* The weights with the method's part added; its own tensors are no longer needed. */
Status method_merge(Err *e, const Method *m, Params *p, int *merged);
bool name_matches(const char *pattern, const char *name);

typedef struct LoraPattern { /* numbers of single layers; the first key that fits counts */
    int n;
    const char **key; /* as a target; "^" before all of a path */
    float *value;
} LoraPattern;

#define LORA_USAGE(name)                                                                           \
    name ":rank=8,alpha=16,dropout=0,targets=query|value,rank_pattern=value:4,"                    \
         "alpha_pattern=value:8,bias=all,rslora"

typedef enum { LORA_BIAS_NONE, LORA_BIAS_ALL, LORA_BIAS_LORA_ONLY } LoraBias;

typedef struct LoraOptions {
    int rank;
    float alpha, dropout;
    LoraPattern ranks, alphas; /* of layers that have their own */
    LoraBias bias;             /* which biases of the model learn too */
    bool rslora;               /* alpha / sqrt(rank) */
    bool dora;                 /* dora.c: every output's weights have a learned length */
    int targets;
    const char *const
        *target; /* last parts of module paths: "query", "output.dense"; "all-linear", "all-conv" */
    MethodTarget of;
} LoraOptions;

/* What lora and dora share (lora.c). */
Node lora_on_linear(const void *options, Net at, Node x, Node w, Node b, Node wx);
Node lora_on_conv(const void *options, Net at, Node x, Node w, Conv2dAttr attr, Node y);
Status lora_merge(Err *e, const Method *m, Params *p, int *merged);
Status lora_start(Err *e, Arena *a, Method *m);
Status lora_option(Err *e, Arena *a, Method *m, const char *key, const char *value);
const char *lora_usual(const MethodTarget *target);
/* y = m / |W + s B A| (W x + s B A x): the product with the length learned (dora.c). */
Node dora_scale(const LoraOptions *o, Net at, Node w, Node down, Node up, Node product);
/* The weight of a merged layer gets its learned length, where it has one. */
Status dora_merge(Err *e, const Method *m, Params *p, Param *w);

/* Of one layer, by its path (lora_layers.c).  all: the name that stands for every layer of its kind. */
bool lora_wants(const LoraOptions *o, const char *path, const char *all);
int lora_rank(const LoraOptions *o, const char *path);
float lora_scale(const LoraOptions *o, const char *path);
/* Whether this tensor is a bias that learns; whether PEFT keeps its layer within LoRA's. */
Status lora_check(Err *e, const Method *m);
bool lora_trains_bias(const Method *m, const char *name);
bool lora_wraps(const Method *m, const char *name);
/* key: "rank_pattern" or "alpha_pattern" */
Status lora_pattern_parse(Err *e, Arena *a, const char *key, const char *text, LoraPattern *out);
Status lora_pattern_read(Err *e, Arena *a, const Config *c, const char *key, LoraPattern *out);
Status lora_pattern_write(Err *e, Arena *a, Config *c, const char *key, const LoraPattern *p);
Status lora_bias_parse(Err *e, const char *value, LoraBias *out);
const char *lora_bias_text(LoraBias bias);

Status lora_peft_read(Err *e, Arena *a, const Config *c, Method *m);
Status lora_peft_write(Err *e, Arena *a, Config *c, const Method *m, Params *params);

/* ---- layers by the last parts of their paths (modules.c) ---- */

/* Whether the weight of the layer that has this tensor is [in, out]; that of any layer with a tensor of the method's. */
bool module_turned(const MethodTarget *t, const char *name);
bool modules_turned(const Method *m, Params *params);
bool module_is(const char *path, const char *const *name, int names);
/* "query|output.dense"; method: for the error. */
Status modules_parse(Err *e, Arena *a, const char *method, const char *text,
                     const char *const **out, int *names);
/* A list of PEFT's, or one name; out keeps its value where the file has none. */
Status modules_read(Err *e, Arena *a, const Config *c, const char *key, const char *const **out,
                    int *names);

/* ---- PEFT folders (peft.c) ---- */

#define PEFT_PREFIX       "base_model.model."
#define PEFT_PREFIX_FRONT "base_model." /* of heads beside what stands in front */

typedef struct PeftReport {
    int adapter, head; /* tensors */
} PeftReport;

/* Reads folder/adapter_config.json; what we cannot do is an error that names the key. */
Status peft_open(Err *e, Arena *a, const char *folder, const MethodTarget *target, Method **out);
/* A text of adapter_config.json, without the model: "task_type", "base_model_name_or_path"; *out keeps its value
 * where the file does not say. */
Status peft_text(Err *e, Arena *a, const char *folder, const char *key, const char **out);
/* Puts the folder's tensors (adapters and saved modules) into params, before the base's are loaded. */
Status peft_load(Err *e, Arena *a, const char *folder, const Method *m, const Graph *g,
                 Params *params, PeftReport *report);
/* Writes adapter_config.json and adapter_model.safetensors, the task's head in it.  base: where the base model
 * is, task_type: "SEQ_CLS"; NULL: PEFT has no word for it. */
Status peft_save(Err *e, Arena *a, const char *folder, const Method *m, Params *params,
                 const char *base, const char *task_type);
/* The name on disk of a tensor. */
char *peft_name(Err *e, Arena *a, const Method *m, const char *param);

#endif
/* SPDX-License-Identifier: MIT */
