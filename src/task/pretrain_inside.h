/* pretrain_inside.h - a run over plain text, as its files share it. */
#ifndef TASK_PRETRAIN_INSIDE_H
#define TASK_PRETRAIN_INSIDE_H

#include "task/inside.h"
#include "task/objective.h"
#include "task/pretrain.h"

typedef struct RowNet { /* a graph over rows of tokens */
    Graph *graph;
    ModelOutputs out;
    Plan *plan;
    Run *run;
} RowNet;

typedef struct Pretraining {
    Arena *a;
    const TaskContext *c;
    PretrainOptions o; /* defaults filled in */
    PretrainResult *r;
    const Objective *objective;
    const Model *model;
    const Method *method;
    Tokenizer *tokenizer;
    Vocabulary vocabulary;
    TokenRows rows;
    const char *licence, *config_hash;
    Params *params;
    RowNet train, eval;
    Samples samples;
    Fit fit;
    int32_t *offset;  /* [batch + 1] */
    uint32_t *sample; /* [batch] */
    int64_t *row;     /* [batch] */
    int64_t updates;  /* of an epoch */
    int64_t epoch;    /* from 1 on; 0: what is held out, whose labels stay the same */
    int64_t learned;  /* tokens, since `began` */
    double began;
} Pretraining;

/* pretrain_net.c: graphs over o.batch rows, the loop's samples and evaluation. */
Status rownet_open(Err *e, Arena *a, const Pretraining *p, const Model *m, const Optim *optim,
                   RowNet *out);
/* Mean loss of a label in `n` rows from row `first` on. */
Status rownet_loss(Err *e, Pretraining *p, RowNet *net, int64_t first, int64_t n, double *loss);
Samples pretrain_samples(Pretraining *p);
Status pretrain_evaluate(Err *e, void *arg, FitScore *out);
/* pretrain_save.c: the released layout, proved; run.json, history.csv, README.md. */
Status pretrain_save(Err *e, Pretraining *p);

#endif
/* SPDX-License-Identifier: MIT */
