/* study.h - studies of learning: how well layers transfer (Yosinski et al. 2014, arXiv:1411.1792).  In the options 0 or
 * NULL means the default, which is told.  All results live in the arena given. */
#ifndef STUDY_H
#define STUDY_H

#include "task/task.h"

typedef struct StudyOptions {
    const char *data;            /* pictures with classes (data/pictures.h) */
    const char *output;          /* folder to make */
    const char *model, *variant; /* folder of a network, or its name; its weights are not used */
    const char *a, *b;           /* classes of the halves, "cat,dog"; NULL: random halves */
    bool far;                    /* named and random halves; NULL a, b: animals, vehicles */
    const char *layers;          /* "1,2,6": how many are taken; NULL: 1 .. all */
    bool resume, overwrite;
    int seeds; /* 4: each its own halves and weights */
    uint64_t seed;
    int epochs;                    /* 10 */
    int64_t batch;                 /* 32 */
    int64_t size;                  /* the network's */
    double lr, weight_decay;       /* 1e-3, 0.01 */
    int64_t per_class, test_limit; /* 400 and 500 pictures a class; negative: all */
} StudyOptions;

typedef struct StudyFinding {
    const char *claim, *measured;  /* of the paper; what was compared here */
    const char *verdict;           /* "holds", "does not hold", "undecided", .. */
    int n;                         /* seeds */
    double mean, error, low, high; /* of the paired difference; 95 % by Student's t */
} StudyFinding;

#define STUDY_FINDINGS_MAX 12

typedef struct StudyResult {
    const char *output, *report, *networks_csv,
        *summary;          /* folder, report.html, networks.csv, summary.csv */
    int networks, trained; /* of the study; by this call */
    double base,
        spread; /* accuracy of baseB; standard deviation of such a network, trained again */
    int findings;
    StudyFinding finding[STUDY_FINDINGS_MAX];
} StudyResult;

/* E_STOPPED leaves what is done: the same call with .resume goes on to the same result. */
Status study_transferability(Err *e, Arena *a, const TaskContext *c, const StudyOptions *o,
                             StudyResult *out);

#endif
/* SPDX-License-Identifier: MIT */
