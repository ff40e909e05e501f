/* data_size.h - accuracy against the number of labelled samples, with a released network and from scratch: how many labels,
 * and how much work, pre-training is worth. */
#ifndef STUDY_DATA_SIZE_H
#define STUDY_DATA_SIZE_H

#include "study/runs.h"

#define SIZES_MAX 24

typedef struct SizeOptions {
    TrainOptions train;  /* .seeds: 3; .labels is not read */
    const char *labels;  /* "50,100,200": with the released network; NULL: 50 to 1000 */
    const char *scratch; /* the same from scratch, "all" is one; NULL: 50 to all */
    double scratch_lr;   /* 0: two rates, validation chooses */
    int64_t updates;     /* of the network from scratch, at least; 400 */
} SizeOptions;

typedef struct SizePoint {
    int64_t labels;         /* to learn and choose by */
    Spread released, fresh; /* held out; n 0: not trained with so many */
    double work[2];         /* mean processor seconds of a run: released, fresh */
} SizePoint;

typedef struct SizeWorth { /* of so many labels with the released network */
    int64_t labels;
    double score;       /* mean, held out */
    int seeds, reached; /* in how many seeds the network from scratch comes as far at all */
    double factor, low,
        high; /* of labels that it takes then; where not all reach it, at least: low and high are NaN */
    double work; /* of processor time */
} SizeWorth;

typedef struct SizeResult {
    const char *output, *report, *runs, *metric, *verdict;
    int64_t all, judged;
    int seeds, made;
    SizePoint point[SIZES_MAX];
    int points;
    SizeWorth worth[SIZES_MAX];
    int worths;
} SizeResult;

/* E_STOPPED leaves what is done: the same call with .train.resume goes on. */
Status study_data_size(Err *e, Arena *a, const TaskContext *c, const SizeOptions *o,
                       SizeResult *out);
Status data_size_report(Err *e, Arena *a, const SizeOptions *o, SizeResult *r);

/* Where a curve that never falls back (its running maximum) reaches `score`, linear in log x between points that rise;
 * false: nowhere, and *x is the last. */
bool size_reaching(const double *x, const double *y, int n, double score, double *out);

#endif
/* SPDX-License-Identifier: MIT */
