/* tune.h - tuning with one seed, as its files share it. */
#ifndef TASK_TUNE_H
#define TASK_TUNE_H

#include "task/inside.h"

/* What is learned from what: rows of the job's set. */
typedef struct Lesson {
    const char *name, *title; /* of its checkpoints, NULL: by the seed alone; for people */
    const int64_t *row;
    int64_t n;
    const int64_t *target; /* rows of the other domain, without labels */
    int64_t targets;       /* 0: nothing adapts */
    const int32_t *label;  /* by the set's order */
    double strength;       /* of adaptation */
    bool last;             /* the last epoch is kept */
    bool quiet;
} Lesson;

typedef struct DomainFeed { /* batches of both domains */
    Feed *feed;             /* its rows: the source's, then the target's */
    const Domain *domain;
    double strength;
    int64_t sources, targets;
    int64_t update; /* rows of the target that an update draws */
    int64_t drawn;  /* before the next batch, in all */
    uint64_t seed;
    int64_t *sample; /* [2 batch] */
} DomainFeed;

typedef struct Tuning {
    Job *j;
    Lesson lesson;
    DomainFeed domain;
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

/* tune.c */
Lesson job_lesson(const Job *j); /* the training part under its labels */
/* One lesson with one seed.  E_STOPPED comes back as *stopped, with the best so far in the params. */
Status tuning_run(Err *e, Tuning *t, bool *stopped);
Status tuning_keep(Err *e, Tuning *t); /* as the job's tuned answer */
/* domain_feed.c: the samples of a lesson with a target */
Status domain_feed(Err *e, Tuning *t);
/* domain_measure.c */
Status domain_accuracy(Err *e, Tuning *t, double *out);
Status domain_distance(Err *e, Tuning *t, double *out); /* of the network's features */
Status domain_distance_raw(Err *e, Job *j, double *out);
/* tune_nets.c: model, method, plans, weights, runs; says them. */
Status tuning_open(Err *e, Tuning *t);
/* tune_prefix.c: nets whose frozen beginning is computed once for each sample. */
Status tuning_plan(Err *e, Tuning *t);
Status tuning_prefix(Err *e, Tuning *t);
void tuning_say_prefix(const Tuning *t);

#endif
/* SPDX-License-Identifier: MIT */
