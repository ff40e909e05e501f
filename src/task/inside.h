/* inside.h - learning from texts as the files of this room share it: tokenised texts, a network with its plan
 * and run, a job (one call of task_train). */
#ifndef TASK_INSIDE_H
#define TASK_INSIDE_H

#include "adapt/adapt.h"
#include "models/models.h"
#include "task/task.h"
#include "text/text.h"

/* ---- text_set.c: texts, tokenised once ---- */

typedef struct TextSet {
    int64_t n;
    int32_t *id, *type;   /* all tokens, one text after another */
    int64_t *start;       /* [n + 1] */
    int64_t longest, cut; /* tokens of the longest; texts that were cut */
} TextSet;

typedef struct Texts {          /* as people wrote them */
    const Cell *first, *second; /* second NULL: single texts */
    int64_t n;
} Texts;

typedef struct TextReader { /* how they become tokens */
    const Tokenizer *tokenizer;
    const Model *model; /* what its vocabulary and segments allow */
    int64_t max_length;
    const Events *events; /* stops; NULL: never */
} TextReader;

Status textset_make(Err *e, Arena *a, const TextReader *r, const Texts *texts, TextSet *out);
/* Tokens of the `n` longest of these texts: what a batch of n can hold at most.  row NULL: all. */
Status textset_capacity(Err *e, Arena *a, const TextSet *s, const int64_t *row, int64_t rows,
                        int64_t n, int64_t *tokens);

/* Samples of a set with what is wanted of them: fills a run's inputs. */
typedef struct TextFeed {
    const TextSet *set;
    const int64_t *row;        /* sample i is text row[i]; NULL: i */
    const int32_t *label;      /* by text, or NULL */
    const float *target;       /* by text, or NULL */
    const float *class_weight; /* [classes] or NULL */
    int classes;
    int64_t capacity; /* samples at once */
    int32_t *offset;  /* [capacity + 1] */
    uint32_t *sample; /* [capacity] */
} TextFeed;

Status textfeed_new(Err *e, Arena *a, const TextSet *s, int64_t capacity, TextFeed *out);
Status textfeed_fill(Err *e, void *feed, Run *r, const int64_t *sample, int64_t n);
double textfeed_weight(const void *feed, int64_t sample);

/* ---- text_net.c: a model made ready to run ---- */

typedef struct NetOptions {
    Mode mode;
    int64_t sequences, tokens; /* capacities */
    bool labels, class_weights;
    float smoothing;
    const Optim *optim; /* NULL: no update */
    bool accumulate;
} NetOptions;

typedef struct TextNet {
    const Model *model;
    const Method *method; /* NULL: nothing trains, nothing is added */
    Graph *graph;
    ModelOutputs out;
    Plan *plan;
    Run *run;
    NetOptions options;
    LoadReport loaded; /* textnet_eval */
} TextNet;

/* Graph and plan: nothing is loaded yet.  Output "features": what the classifier or the embedding reads. */
Status textnet_plan(Err *e, Arena *a, const TaskContext *c, const Model *m, const Method *method,
                    const NetOptions *o, TextNet *out);
Status textnet_start(Err *e, Arena *a, const TaskContext *c, TextNet *n, Params *params,
                     uint64_t seed);
/* An evaluating net of out->model and out->method for texts of up to `longest` tokens; params: all tensors
 * loaded, else drawn by seed. */
Status textnet_eval(Err *e, Arena *a, const TaskContext *c, TextNet *out, Params *params,
                    int64_t longest, uint64_t seed);

typedef struct TextAsk { /* texts to send through, and what of the answer is wanted */
    const TextSet *set;
    const int64_t *row; /* texts of the set; NULL: the first `rows` */
    int64_t rows;
    const char *output; /* "logits", "features", "embedding" */
    int64_t width;
    const char *stage; /* for events; NULL: none */
} TextAsk;

/* out: [rows, width] */
Status textnet_each(Err *e, const TaskContext *c, TextNet *n, const TextAsk *ask, float *out);
MethodTarget target_of_model(const Model *m);
void softmax_rows(float *x, int64_t rows, int classes);

/* ---- bag.c: bag of words ---- */

/* TF-IDF of lower-case words of two or more letters or digits, learned from the training rows, length 1:
 * scikit-learn's TfidfVectorizer. */
Status bag_make(Err *e, Arena *a, const Texts *texts, const int64_t *train, int64_t trains,
                Matrix *out);

/* ---- a job ---- */

typedef struct Rows3 { /* texts by part */
    int64_t *row[3], n[3];
} Rows3;

typedef struct Scores { /* a candidate's answers for every text */
    const char *name;
    float *out; /* [n, outputs] probabilities or values; NULL: not computed */
    double seconds;
    double valid_loss, score[3];
    double held_mean, held_spread; /* over seeds */
} Scores;

typedef struct Job {
    Arena *a;
    const TaskContext *c;
    TrainOptions o; /* defaults filled in */
    TrainResult *r;
    double began;

    /* data (job_data.c) */
    const char *text_name, *second_name, *label_name, *form, *fingerprint;
    int64_t n;
    Cell *first, *second; /* second NULL: single texts */
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
    Tokenizer *tokenizer;
    TextSet set;
    const char *licence, *base, *config_hash;

    /* candidates */
    Scores majority, bag, frozen, tuned;
    float **seed_out; /* [seeds] answers of the tuned model by seed */
    int seeds_done;
    FitRow *history;
    int history_rows, best_epoch;
    int64_t updates, trained_values, param_values;
    uint64_t weights_hash, state_hash;
    double flop_rate; /* a second, as measured on the features */
    bool stopped;
} Job;

/* job_data.c: table, columns, labels, parts, class weights, fingerprint; says what was found. */
Status job_data(Err *e, Job *j);
/* job_settings.c */
Status job_settings(Err *e, Job *j);    /* defaults; says them */
Status job_config_hash(Err *e, Job *j); /* of all that decides the result */
const char *method_name(const Job *j);  /* "full", "lora", ... */
/* job_scores.c: metric on each part, intervals, rows of the table */
Status job_score(Err *e, Job *j, Scores *s);
Status job_rows(Err *e, Job *j);
Status job_majority(Err *e, Job *j);
Status job_bag(Err *e, Job *j);
/* Loss and metric of answers for all texts on one part. */
Status job_score_part(Err *e, const Job *j, const float *out, Part p, double *loss, double *score);
double job_loss(const Job *j, const float *out, const int64_t *row, int64_t n);
/* first_answer.c: frozen features, linear head, saved */
Status job_first_answer(Err *e, Job *j);
/* tune.c */
Status job_tune(Err *e, Job *j);
Status job_open_tuned(Err *e, Job *j, Arena *a, Model **model, Method **method);
Status job_tuned_optim(Err *e, const Job *j, Optim *out);
Status job_tuned_plan(Err *e, Job *j, Arena *a, const Model *m, const Method *method,
                      const Optim *optim, TextNet *out);
/* save.c: the folder */
Status job_folder(Err *e, Job *j);
/* Saves the network as the answer and loads it afresh: outputs must agree with those it gives now. */
Status job_save_net(Err *e, Job *j, TextNet *net, Params *p);
Status job_save_run(Err *e, Job *j); /* engraft/run.json, history.csv */
Status job_card(Err *e, Job *j);     /* README.md */
Status job_report(Err *e, Job *j);   /* report.html */
char *read_licence(Err *e, Arena *a, const char *folder);
Status card_quoted(Err *e, Writer *w, const char *s); /* a YAML text */

/* ---- text_model.c, predict.c ---- */

/* What a saved folder says of how it is to be used; empty texts and 0 where it says nothing. */
typedef struct RunFacts {
    const char *text, *second, *label;
    int64_t max_length;
} RunFacts;

Status run_facts(Err *e, Arena *a, const char *folder, RunFacts *out);
const RunFacts *textmodel_facts(const TextModel *m);
/* A table to use a model on: columns as it learned them, else found. */
Status use_table(Err *e, Arena *a, const UseOptions *o, const RunFacts *facts, bool label,
                 Table **table, Schema *schema);
Status use_cells(Err *e, Arena *a, const Table *t, int column, Cell **out); /* NULL for column -1 */

#endif
/* SPDX-License-Identifier: MIT */
