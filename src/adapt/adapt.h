/* adapt.h - methods of adaptation: rules over names.  A method is a row of adapt.def; its text is
 * "full", "head", "freeze:4", "lora:rank=8,alpha=16,dropout=0.1,targets=query|value", each with
 * layer_decay=0.8 if wanted.  Methods know a model only through MethodTarget: names, depths and heads. */
#ifndef ADAPT_H
#define ADAPT_H

#include "exec/exec.h"
#include "nn/nn.h"

typedef struct Method Method;

/* What a method needs to know of the model it is for. */
typedef struct MethodTarget {
    int layers;
    /* 0: stem, 1 .. layers: layers, layers + 1: what is after them, -1: not the model's */
    int (*depth)(const void *model, const char *name);
    bool (*is_head)(const void *model,
                    const char *name); /* belongs to the task, not to the backbone */
    const char *lora_targets;          /* "query|value" */
    const void *model;
} MethodTarget;

typedef struct AdaptDef {
    const char *name;
    const char *usage; /* "lora:rank=8,alpha=16,dropout=0,targets=query|value" */
    const char *summary;
    Rules rules;
    const char
        *trains; /* pattern of the method's own tensors ('*' any run, '?' one character), or NULL */
    bool identity; /* leaves the model's outputs as they are before the first step */
    Status (*parse)(Err *e, Arena *a, const char *text,
                    Method *m); /* options after the colon -> m->options */
    /* NULL: nothing to merge.  Adds the method's part into the weights. */
    Status (*merge)(Err *e, const Method *m, Params *p, int *merged);
    const char *peft_type; /* "LORA", or NULL */
} AdaptDef;

struct Method {
    const AdaptDef *def;
    const char *text; /* as given */
    const void *options;
    float layer_decay; /* 1: every layer learns alike */
    MethodTarget target;
    Hook hook; /* for Net.hooks */
};

#define ADAPT(name) extern const AdaptDef adapt_##name;
#include "adapt/adapt.def"
#undef ADAPT
int adapt_count(void);
const AdaptDef *adapt_at(int i); /* rows of adapt.def */

Status method_parse(Err *e, Arena *a, const char *text, const MethodTarget *target, Method **out);
/* A method of a row that is in no table, its options given. */
Status method_make(Err *e, Arena *a, const AdaptDef *def, const void *options,
                   const MethodTarget *target, Method **out);
/* What a tensor's rate is times: layer_decay ^ (distance from the top). */
float method_rate(const Method *m, const char *param);
/* The same as a callback: arg is the Method. */
float method_rate_of(const void *method, const char *param);
bool method_trains(const Method *m, const char *param);
/* The base with the method's tensors merged in; its own tensors are no longer needed. */
Status method_merge(Err *e, const Method *m, Params *p, int *merged);

typedef struct LoraOptions {
    int rank;
    float alpha, dropout;
    bool rslora; /* alpha / sqrt(rank) */
    int targets;
    const char **target; /* last parts of module paths: "query", "output.dense" */
} LoraOptions;

/* ---- PEFT folders (peft.c) ---- */

#define PEFT_PREFIX "base_model.model."

/* Reads folder/adapter_config.json; what we cannot do is an error that names the key. */
Status peft_read(Err *e, Arena *a, const char *folder, const MethodTarget *target, Method **out);
/* Writes folder/adapter_config.json.  modules: NULL-terminated modules_to_save. */
Status peft_write(Err *e, Arena *a, const char *folder, const Method *m, const char *task_type,
                  const char *base, const char *const *modules);
/* The name on disk of a tensor. */
char *peft_name(Err *e, Arena *a, const char *param);

#endif
/* SPDX-License-Identifier: MIT */
