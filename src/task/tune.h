/* tune.h - tuning with one seed, as its files share it. */
#ifndef TASK_TUNE_H
#define TASK_TUNE_H

#include "task/inside.h"

typedef struct Tuning {
    Job *j;
    Arena *a;
    uint64_t seed;
    bool first_head; /* begun with the head of the first answer */
    Model *model;
    Method *method;
    Params *params;
    TaskNet train, eval;
    TaskNet begin, eval_begin; /* their frozen beginning alone, where what it makes is kept */
    Vary vary;
    Feed feed;
    Samples samples;
    Fit fit;
    float *out; /* [n, outputs] */
} Tuning;

/* tune_nets.c: model, method, plans, weights, runs; says them. */
Status tuning_open(Err *e, Tuning *t);
/* tune_prefix.c: nets whose frozen beginning is computed once for each sample. */
Status tuning_plan(Err *e, Tuning *t);
Status tuning_prefix(Err *e, Tuning *t);
void tuning_say_prefix(const Tuning *t);

#endif
/* SPDX-License-Identifier: MIT */
