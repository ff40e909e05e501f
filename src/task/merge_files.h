/* merge_files.h - an adapter put into its base's weights. */
#ifndef MERGE_FILES_H
#define MERGE_FILES_H

#include "base/base.h"

typedef struct MergeOptions {
    const char *adapter;   /* a PEFT folder, or a run's folder that has one in it */
    const char *folder;    /* the base model */
    const char *base_name; /* as it is called; NULL: the folder's name */
    const char *output;    /* a folder that is not there yet, or is empty */
    Isa isa;               /* cap */
} MergeOptions;

typedef struct MergeReport {
    int merged;         /* layers */
    double difference;  /* largest, of the outputs of base + adapter and of the merged folder */
    double largest;     /* the largest output, to compare it with */
    const char *output; /* which output: "logits" */
    bool tokenizer;     /* the base's was copied; false: it has none */
} MergeReport;

/* The folder that holds adapter_config.json, and the base it names; NULL where it names none. */
Status merge_about(Err *e, Arena *a, const char *given, const char **adapter, const char **base);
/* Writes the released layout, opens it afresh and compares it on random tokens: what differs is removed. */
Status merge_files(Err *e, Arena *a, Pool *pool, const MergeOptions *o, MergeReport *report);

#endif
/* SPDX-License-Identifier: MIT */
