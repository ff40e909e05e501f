/* runs.h - what a table of many trainings is made of: one call of train for each row, and runs.csv, which has those that
 * are done. */
#ifndef STUDY_RUNS_H
#define STUDY_RUNS_H

#include "study/spread.h"
#include "task/task.h"

#define RUNS_FILE "runs.csv"

typedef struct RunScore { /* NaN: there is none */
    double held, valid;   /* out, on validation */
} RunScore;

typedef struct Run {
    const char *name; /* what is compared: a method, a start */
    int64_t labels;   /* 0: all there are */
    int seed;         /* from 0 */
    bool done;
    int64_t learned, judged; /* samples to learn and choose by; held-out ones */
    RunScore tuned, frozen;  /* frozen: a linear head on the released network's features */
    double loss;             /* of the tuned network on validation */
    double saved;            /* held-out score of the model that was saved: validation chose it */
    double seconds, work;    /* of the clock, of the processor */
} Run;

typedef struct Runs {
    Arena *a;
    const TaskContext *c;
    const char *output;
    const char *metric;
    const char *settings; /* eight digits that stand for all that decides a row */
    Run *run;
    int n, made; /* in all; by this call */
} Runs;

/* Rows of an earlier call, whose settings must be the same; r->run is the plan. */
Status runs_read(Err *e, Runs *r);
/* Trains as `o` says with the row's seed and labels, into folder `name` of the output (removed again where NULL), and
 * writes runs.csv with the new row. */
Status runs_make(Err *e, Runs *r, Run *run, const TrainOptions *o, const char *name);
/* The digits for options, the data as they were found (of a plan), and what the study adds.  The seed is the first one. */
Status runs_settings(Err *e, Runs *r, const TrainOptions *o, const PlanResult *data,
                     const char *more);
const Run *runs_find(const Runs *r, const char *name, int64_t labels, int seed);

#endif
/* SPDX-License-Identifier: MIT */
