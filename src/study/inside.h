/* inside.h - what the files of a study of transfer share. */
#ifndef STUDY_INSIDE_H
#define STUDY_INSIDE_H

#include "study/spread.h"
#include "study/study.h"
#include "task/picture.h"

#define STUDY_LAYERS_MAX 64
#define STUDY_CLASSES    2 /* fewer in a half cannot be told apart */

/* The paper's names: A and B are the halves; n layers of A's or B's network, frozen or (+) tuned, learn B. */
typedef enum { NET_A, NET_B, NET_BNB, NET_ANB, NET_BNB_TUNED, NET_ANB_TUNED, NETS } StudyNet;
typedef enum { HALVES_RANDOM, HALVES_NAMED, HALVES_KINDS } HalvesKind;

const char *net_name(StudyNet net);
const char *halves_name(HalvesKind kind);

typedef struct Half { /* some of the classes, and their pictures */
    int classes;
    int *of;           /* [classes] class of the set, rising */
    const char **name; /* [classes] */
    int32_t *label;    /* [pictures of the set] by its order; -1: of the other half */
    int64_t *train, *test, trains, tests; /* pictures */
} Half;

typedef struct Trial { /* a network of the study, and how it did */
    HalvesKind halves;
    int seed; /* from 0 */
    StudyNet net;
    int n; /* layers taken */
    bool done;
    int64_t right, pictures, probe; /* pictures told rightly; probe: by the linear one, -1: none */
    double loss;
    uint64_t weights; /* of all its numbers */
} Trial;

typedef struct Study {
    Arena *a;
    const TaskContext *c;
    StudyOptions o; /* defaults filled in */
    StudyResult *r;
    const char *form, *fingerprint; /* of the pictures */
    const char *settings;           /* eight digits that stand for all that decides a network */
    Model *model;                   /* its shape */
    bool grey;
    int64_t n;
    PictureSample *picture;
    int32_t *label;
    Labels labels;
    Reader reader;
    SampleSet set;
    int layers, layer[STUDY_LAYERS_MAX]; /* how many are taken, rising */
    int *named[2], names[2];             /* classes of the named halves */
    bool kinds[HALVES_KINDS];
    Trial *trial;
    int trials;
    int64_t updates, updates_done; /* of all networks that are to be trained, about */
} Study;

/* transferability.c: all that comes before the first network; o, a, c, r are given. */
Status study_open(Err *e, Study *s);
/* pictures.c: the set, its parts, at most so many of each class; made ready for the network. */
Status study_pictures(Err *e, Study *s);
/* halves.c */
Status study_names(Err *e, Study *s); /* --a and --b to classes, or an error that says which */
Status study_halves(Err *e, Arena *a, const Study *s, HalvesKind kind, int seed, Half half[2]);
/* settings.c: held against those of the folder, or written there. */
Status study_settings(Err *e, Study *s);
/* trials.c */
Status study_plan(Err *e, Study *s); /* the networks in their order */
Status study_trials_read(Err *e, Study *s);
Status study_trials_write(Err *e, Study *s);
const Trial *study_trial(const Study *s, HalvesKind kind, int seed, StudyNet net, int n);
double trial_accuracy(const Trial *c);
const char *study_path(Err *e, const Study *s, const char *name); /* in the output folder */

typedef struct Learn { /* a network to be trained */
    const Half *half;
    Params *from; /* whose first n layers it takes; NULL: none */
    int n;
    bool tuned; /* they learn too */
    uint64_t seed;
} Learn;

/* network.c: fills how it did; *params lives in a. */
Status study_learn(Err *e, Arena *a, Study *s, const Learn *how, Trial *trial, Params **params);
Status study_model(Err *e, Arena *a, const Study *s, const Half *half, Model **out);
uint64_t study_hash(const Graph *g, Params *p);
/* probe.c: pictures of the test part told by a linear classifier over what the frozen layers make of them. */
Status study_probe(Err *e, Arena *a, const Study *s, const Half *half, const TaskNet *net,
                   int64_t *right);
/* base.c: the network that learned a half from random weights, from its file or trained (again). */
Status study_base(Err *e, Arena *a, Study *s, const Learn *how, Trial *trial, Params **out);
const char *study_base_file(Err *e, const Study *s, const Trial *trial);

/* ---- what came out ---- */

/* Of one kind of network: accuracies; and differences to baseB of the same seed.  n 0 of its own where it has none. */
Spread study_accuracy(const Study *s, HalvesKind kind, StudyNet net, int n);
Spread study_difference(const Study *s, HalvesKind kind, StudyNet net, int n);
Spread study_probes(const Study *s, HalvesKind kind, StudyNet net, int n);
double study_again(const Study *s);     /* standard deviation of baseB when it is trained again */
HalvesKind study_first(const Study *s); /* random halves where there are some */
Status study_findings(Err *e, Study *s);
Status study_summary(Err *e, Study *s); /* summary.csv */
Status study_report(Err *e, Study *s);
/* report_charts.c, report_filters.c */
Status study_chart(Err *e, Writer *w, const Study *s, HalvesKind kind);
Status study_chart_probes(Err *e, Writer *w, const Study *s, HalvesKind kind);
Status study_filters(Err *e, Writer *w, Study *s);

#endif
/* SPDX-License-Identifier: MIT */
