/* inside.h - a job (one call of task_train) and using what it left, as the files of this room share them. */
#ifndef TASK_INSIDE_H
#define TASK_INSIDE_H

#include "task/sample.h"
#include "text/text.h"

/* ---- bag.c: bag of words ---- */

/* TF-IDF of lower-case words of two or more letters or digits, learned from the training rows, length 1:
 * scikit-learn's TfidfVectorizer. */
Status bag_make(Err *e, Arena *a, const Raw *texts, const int64_t *train, int64_t trains,
                Matrix *out);

/* ---- a job ---- */

typedef struct Rows3 { /* samples by part */
    int64_t *row[3], n[3];
} Rows3;

typedef struct Scores { /* a candidate's answers for every sample */
    const char *name;
    float *out; /* [n, outputs] probabilities or values; NULL: not computed */
    double seconds;
    double valid_loss, score[3];
    double held_mean, held_spread; /* over seeds */
} Scores;

struct Job {
    Arena *a;
    const SampleKind *kind;
    const TaskContext *c;
    TrainOptions o; /* defaults filled in */
    TrainResult *r;
    double began;
    const char *how; /* settings of the kind in a line */

    /* data (the kind's, job_data.c) */
    const char *text_name, *second_name, *label_name, *form, *fingerprint;
    int64_t n;
    int64_t columns;      /* of a table of numbers; 0: of a sparse one */
    int64_t targets;      /* samples n .. n + targets - 1 are of an unlabelled target */
    int64_t *target_row;  /* [targets] these */
    const Domain *domain; /* NULL: there is none */
    Cell *first, *second; /* second NULL: single ones; names of pictures */
    PictureSample *picture;
    PictureEval eval; /* what the network sees of a picture */
    float momentum;   /* of its batch norms' running statistics */
    bool normed;      /* it has such */
    struct PictureCache *cache, *target_cache;
    const struct PictureLook *look;
    int64_t *line;
    Rows3 part;
    bool regression;
    int outputs;    /* classes, or 1 */
    Labels labels;  /* n, name */
    int32_t *label; /* [n] */
    float *target;  /* [n] */
    float *weight;  /* class weights, or NULL */
    int64_t duplicates;

    /* model */
    Reader reader;
    SampleSet set;
    Augment augment; /* of pictures that are learned from */
    const char *licence, *base, *config_hash;

    /* candidates */
    Scores majority, bag, frozen, plain, tuned; /* plain: beside adaptation, without it */
    float **seed_out;                           /* [seeds] answers of the tuned model by seed */
    int seeds_done;
    FitRow *history;
    int history_rows, best_epoch;
    int64_t updates, trained_values, param_values;
    uint64_t weights_hash, state_hash;
    double flop_rate;      /* a second, as measured on the features */
    const float *features; /* [n, features_width] of the released network; NULL: none */
    int64_t features_width;
    const float *head[3]; /* by rank 1 and 2: bias and weight of the linear head over them */
    int told;             /* the networks of how many tunings */
    bool stopped;
};

/* text_data.c: table, columns, labels, parts; says what was found. */
Status text_data(Err *e, Job *j);
Status text_target(Err *e, Job *j);
/* job_data.c: the same for every kind: enough of each, class weights, fingerprint. */
Status job_data(Err *e, Job *j);
/* job_limit.c: at most .labels to learn and choose by, at most .test_limit to judge on */
Status job_limit(Err *e, Job *j);
/* job_settings.c */
double or_default(double given, double usual); /* 0: not given; negative: none */
/* A setting that has no meaning for samples of this kind is refused by its name. */
Status refuse_option(Err *e, const Job *j, bool given, const char *flag);
bool method_is(const TrainOptions *o, const char *name);
/* The method's usual rate, else that of the whole network. */
double method_usual_rate(const TrainOptions *o, double full);
Status job_settings(Err *e, Job *j); /* defaults; says them */
/* The model asked for, at the size asked for. */
/* Whose running statistics move where the method does not say. */
Statistics job_statistics(const Job *j);
Status job_model(Err *e, const Job *j, Arena *a, const ModelOptions *o, Model **out);
Status job_config_hash(Err *e, Job *j); /* of all that decides the result */
const char *method_name(const Job *j);  /* "full", "lora", ... */
/* job_scores.c: metric on each part, intervals, rows of the table */
Status job_score(Err *e, Job *j, Scores *s);
Status job_rows(Err *e, Job *j);
Status job_majority(Err *e, Job *j);
/* Loss and metric of answers for all texts on one part. */
Status job_score_part(Err *e, const Job *j, const float *out, Part p, double *loss, double *score);
double job_loss(const Job *j, const float *out, const int64_t *row, int64_t n);
/* bag.c */
Status job_bag(Err *e, Job *j);
/* baseline.c: fits a linear model to numbers of all samples, a row each, and keeps its outputs in j->bag.  a: scratch. */
Status job_linear(Err *e, Arena *a, Job *j, const Matrix *m);
/* first_answer.c: frozen features, linear head, saved */
Status job_first_answer(Err *e, Job *j);
/* tune.c */
Status job_tune(Err *e, Job *j);
Status job_open_tuned(Err *e, Job *j, Arena *a, Model **model, Method **method);
Status job_tuned_optim(Err *e, const Job *j, Optim *out);
/* The plan of out->model and out->method in training. */
struct Lesson;
Status job_tuned_plan(Err *e, Job *j, const struct Lesson *l, Arena *a, const Optim *optim,
                      NetPart part, TaskNet *out);
/* tune_domain.c: for an unlabelled target */
Status job_tune_domain(Err *e, Job *j);
/* domain_data.c: what is asked of adaptation, and what it asks of the data */
Status job_domain_settings(Err *e, Job *j);
Status job_domain_data(Err *e, Job *j);
/* save.c: the folder */
Status job_folder(Err *e, Job *j);
/* Saves the network as the answer and loads it afresh: outputs must agree with those it gives now. */
Status job_save_net(Err *e, Job *j, TaskNet *net, Params *p);
Status job_save_run(Err *e, Job *j); /* engraft/run.json, history.csv */
Status job_card(Err *e, Job *j);     /* README.md */
Status job_report(Err *e, Job *j);   /* report.html */
char *read_licence(Err *e, Arena *a, const char *folder);
Status card_quoted(Err *e, Writer *w, const char *s); /* a YAML text */

/* ---- task_model.c, predict.c ---- */

/* What a saved folder says of how it is to be used; empty texts and 0 where it says nothing. */
typedef struct RunFacts {
    const char *text, *second, *label;
    int64_t max_length;
} RunFacts;

Status run_facts(Err *e, Arena *a, const char *folder, RunFacts *out);
const RunFacts *taskmodel_facts(const TaskModel *m);
const SampleKind *taskmodel_kind(const TaskModel *m);
int64_t taskmodel_numbers(const TaskModel *m); /* of a row */
/* What a model is used on. */
typedef struct UseData {
    Table *table; /* of texts as it is; of pictures their names */
    Raw raw;
    Labels known;  /* the model's */
    Labels labels; /* of_row; where they were asked for */
    float *target; /* likewise, of measurements */
} UseData;

/* use_data.c: columns as the model learned them, else found; pictures wherever they lie. */
Status use_data(Err *e, Arena *a, const TaskContext *c, const UseOptions *o, const TaskModel *m,
                bool label, UseData *out);
Raw raw_slice(const Raw *raw, int64_t at, int64_t n); /* n at most */

#endif
/* SPDX-License-Identifier: MIT */
