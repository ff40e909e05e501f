/* task.h - what a person asks for: learn from a table of texts, judge, predict, embed.  In every options
 * struct 0 or NULL means the default, which is told through EVENT_SAY with its reason.  All results live in
 * the arena given. */
#ifndef TASK_H
#define TASK_H

#include "data/pictures.h"
#include "train/train.h"

typedef struct TaskContext { /* what a task works with; owned by the caller */
    const Sys *sys;
    Pool *pool;
    Isa isa; /* cap */
    Events events;
} TaskContext;

/* Samples as people wrote them. */
typedef struct Raw {
    const Cell *first, *second;   /* texts; second NULL: single ones; names of pictures */
    const PictureSample *picture; /* NULL: texts */
    int64_t n;
} Raw;

/* ---- train ---- */

typedef enum { TASK_AUTO, TASK_CLASSIFY, TASK_REGRESSION } TaskKind;

typedef struct TrainOptions {
    const char *data;         /* texts: a CSV, TSV or JSONL file; else pictures (data/pictures.h) */
    const char *valid, *test; /* files of their own; NULL: split off `data` by seed */
    const char *target;       /* unlabelled data of the domain that the model is for */
    const char *adapt;        /* "dann:strength=..": how it is made to serve that */
    const char *model;      /* folder or file of the released model; NULL: `variant` from scratch */
    const char *model_name; /* as it is called; NULL: the folder's name */
    const char *output;     /* folder to make */
    bool resume;            /* go on with the checkpoints in `output` */
    bool overwrite;         /* replace a finished run in `output` */
    bool accept_data_change;

    const char *text, *second, *label; /* columns; NULL: found */
    TaskKind kind;
    TableBad bad;

    const char *
        method; /* "full" (default), "head", "freeze:K", "lora[:rank=..,alpha=..,dropout=..,targets=..]", "ia3", "bitfit" */
    bool scratch; /* the same network from random weights */
    const char *
        pool; /* "cls", of decoders "last": the family's own head (default when tuning); "mean": over tokens */
    const char *variant; /* of a bare file of weights: the network that they are of */
    double layer_decay;  /* rate of a layer is times this for each layer above it; 0: 1 */

    int epochs;                /* 5 */
    int64_t batch, accumulate; /* 16, 1 */
    double lr;                 /* head, lora, ia3 and bitfit 1e-3, else 5e-5 * (768 / width)^2 */
    double weight_decay, clip,
        warmup; /* 0.01, 1.0, 0.1 of all updates (below 1 a share, else updates); negative: none */
    const char *optimizer;     /* "adamw" (default), "sgd:momentum=0.9" */
    const char *schedule;      /* "linear", "cosine", "constant" */
    double smoothing;          /* label smoothing */
    double dropout;            /* the model's own; negative: none */
    const char *class_weights; /* "none" (default), "auto": n / (classes * count) */
    int patience;              /* 3; negative: never stop early */
    int64_t max_length;        /* min(model's, what the data needs, 256) */
    int64_t size;              /* of pictures: pixels a side; the model's */
    const char *augment;       /* "crop,flip", "crop,flip,jitter", "none" */
    int64_t views;             /* ways of a picture, seen in turn; 0: another one in each epoch */
    const char *batch_norm;    /* "frozen", "adapt", "train"; NULL: frozen, from scratch adapt */
    int64_t labels;            /* at most so many to learn and choose by; 0: all */
    int64_t per_class, test_limit;  /* at most so many labelled a class; held-out ones in all */
    double valid_share, test_share; /* 0.15 each */
    uint64_t seed;                  /* 0 is a seed too */
    int seeds;                      /* 1: tune this many times, seeds seed, seed + 1 .. */
    bool no_tuning;                 /* stop after the answer that comes first */
    bool no_baselines;              /* leave out bag of words */
    int64_t checkpoint_steps;
    double checkpoint_seconds;
} TrainOptions;

typedef struct ScoreRow {      /* a row of the table at the end */
    const char *name;          /* "majority class", "bag of words + logistic regression", ... */
    double train, valid, held; /* the task's metric on each part */
    double valid_loss;
    int64_t train_n, valid_n, held_n;
    Interval interval; /* of held, 95 % */
    double seconds;
    bool chosen; /* the saved model */
} ScoreRow;

typedef struct DomainResult { /* of adaptation to an unlabelled target; NaN: not computed */
    const char *method;       /* NULL: there was none */
    int64_t targets;
    double strength;         /* the one kept */
    double risk, plain_risk; /* reverse validation's error, and without adaptation */
    double accuracy;         /* of the domain classifier at the end: 0.5 cannot tell */
    double distance_raw, distance_plain,
        distance; /* proxy A-distance of the data as they are, of what the network
                                                    * makes of them without and with adaptation */
    bool hurts;
} DomainResult;

#define SCORE_ROWS_MAX 8

typedef struct TrainResult {
    const char *output, *report; /* folder; report.html */
    const char *metric;          /* "accuracy", "Spearman" */
    bool regression, pictures;
    int classes;
    int64_t train_n, valid_n, test_n;
    ScoreRow row[SCORE_ROWS_MAX];
    int rows;
    int tuned, frozen; /* rows; -1 when absent */
    DomainResult domain;
    bool tuning_won;
    const char *verdict; /* one line */
    int seeds;
    double seeds_mean, seeds_spread; /* of the tuned model's held-out score, over seeds */
    double first_answer_seconds;
    double saved_difference; /* largest |output now - output after loading afresh| */
} TrainResult;

Status task_train(Err *e, Arena *a, const TaskContext *c, const TrainOptions *o, TrainResult *out);

/* Whether a model's name is of a network that is drawn for the data, as "mlp:50": it has no folder. */
bool task_drawn(const char *name);
/* The model that is taken when none is asked for, by what the data are, and why. */
Status task_default_model(Err *e, Arena *a, const char *data, const char **name, const char **why);

/* What `plan` prints: nothing is trained or written. */
typedef struct PlanResult {
    const char *task, *why;
    int64_t train_n, valid_n, test_n;
    int classes;
    int64_t max_length, tokens; /* tokens of all training texts, or how many pictures */
    int64_t size;               /* of pictures */
    int64_t capacity;           /* rows of a step at most */
    PlanSummary step;
    size_t bytes; /* memory of a run: weights, values, inputs, state */
    int64_t updates;
    double flops;            /* of the whole tuning */
    const char *fingerprint; /* of the data */
} PlanResult;

Status task_plan(Err *e, Arena *a, const TaskContext *c, const TrainOptions *o, PlanResult *out);

/* ---- use ---- */

typedef struct UseOptions {
    const char *model; /* a folder that task_train made, or a released one (embed) */
    const char *data;  /* table */
    const char *text, *second, *label;
    TableBad bad;
    int64_t batch;      /* 32 */
    int64_t max_length; /* the one it was trained with */
    bool
        no_normalize; /* embed: leave the length as it is even where the model's folder says otherwise */
} UseOptions;

typedef struct EvalResult {
    const char *metric;
    bool regression;
    int64_t n;
    double loss, score;
    Interval interval;
    Labels labels;
    Confusion confusion;
    double f1_macro, matthews, balanced; /* classes */
    double pearson, spearman, mse;       /* regression */
} EvalResult;

Status task_eval(Err *e, Arena *a, const TaskContext *c, const UseOptions *o, EvalResult *out);

/* A loaded model, to be asked many times. */
typedef struct TaskModel TaskModel;

Status taskmodel_open(Err *e, Arena *a, const TaskContext *c, const UseOptions *o, TaskModel **out);
int taskmodel_outputs(
    const TaskModel *m);                 /* classes; 1: regression; 0: an encoder without a head */
int taskmodel_width(const TaskModel *m); /* numbers of an embedding */
const char *taskmodel_label(const TaskModel *m, int k);
bool taskmodel_regression(const TaskModel *m);
bool taskmodel_pictures(const TaskModel *m);
/* One sample: a text, a text and a second one, or a picture's path.  The strings are kept. */
Status taskmodel_raw(Err *e, Arena *a, const TaskModel *m, const char *first, const char *second,
                     Raw *out);
/* out: [n * outputs] probabilities (regression: values) */
Status taskmodel_predict(Err *e, TaskModel *m, const Raw *raw, float *out);
/* out: [n * width]; of texts pooled and normalised as 1_Pooling and 2_Normalize say (mean without them). */
Status taskmodel_embed(Err *e, TaskModel *m, const Raw *raw, float *out);

typedef struct AnswerFn { /* label NULL: a measurement, in probability */
    void (*fn)(void *arg, const char *sample, const char *label, float probability);
    void *arg;
} AnswerFn;

/* Calls back for each sample in turn, as its answer stands. */
Status task_predict_each(Err *e, Arena *a, const TaskContext *c, const UseOptions *o,
                         const AnswerFn *each, int64_t *rows);
/* All columns of the table in their order, then "label" and "probability" (or "value"), in the table's form. */
Status task_predict(Err *e, Arena *a, const TaskContext *c, const UseOptions *o, const char *output,
                    int64_t *rows);
/* One JSON line in, one out (no line break): {"text": ..} gains "label", "probability", "probabilities". */
Status task_predict_line(Err *e, Arena *a, TaskModel *m, const char *line, size_t n, char **out);
/* One embedding a row of the table, written as safetensors ("embeddings" [rows, width]) or .csv by the name. */
Status task_embed(Err *e, Arena *a, const TaskContext *c, const UseOptions *o, const char *output,
                  int64_t *rows);

#endif
/* SPDX-License-Identifier: MIT */
