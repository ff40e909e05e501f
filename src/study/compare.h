/* compare.h - methods side by side on a person's own data: score, what is trained and kept, memory, work. */
#ifndef STUDY_COMPARE_H
#define STUDY_COMPARE_H

#include "study/runs.h"

#define COMPARE_METHODS_MAX 16
#define COMPARE_FROZEN      "frozen features + linear head"

typedef struct CompareOptions {
    TrainOptions
        train; /* .method is not read; .seeds: 3, each with its own split, order and head */
    const char *methods; /* "full,lora:rank=4,alpha=8,head"; NULL: full,lora,bitfit,head */
} CompareOptions;

typedef struct CompareRow {
    const char *method; /* the first row's is COMPARE_FROZEN: every training begins with it */
    const char *folder; /* of the first seed's model; NULL: none */
    Spread held,
        less;        /* held-out score; that of this method less the first one's, paired by seed */
    double valid;    /* mean on validation */
    int64_t trained; /* parameters */
    size_t bytes;    /* memory of the run, as planned */
    double seconds, work; /* mean of the clock's and the processor's */
} CompareRow;

typedef struct CompareResult {
    const char *output, *report, *runs, *metric;
    int64_t learned, judged, parameters, classes;
    int seeds, made;
    CompareRow row[COMPARE_METHODS_MAX + 1];
    int rows;
    int best;     /* on validation */
    int smallest; /* trains least among those that come within a point of the best, held out */
    const char *verdict;
} CompareResult;

/* E_STOPPED leaves what is done: the same call with .train.resume goes on. */
Status study_compare(Err *e, Arena *a, const TaskContext *c, const CompareOptions *o,
                     CompareResult *out);
Status compare_report(Err *e, Arena *a, const CompareOptions *o, CompareResult *r);

#endif
/* SPDX-License-Identifier: MIT */
