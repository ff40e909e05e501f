/* train.h - learning: schedules, optimisers, the fit loop, checkpoints, metrics and the quick linear
 * models that tuning has to beat.  Nothing here prints: what happens goes to an Events callback. */
#ifndef TRAIN_H
#define TRAIN_H

#include "exec/exec.h"
#include "nn/nn.h"

#include <signal.h>

/* ---- events ---- */

typedef enum {
    EVENT_SAY,  /* a line for the reader: text */
    EVENT_WARN, /* the same, but something is not as it should be */
    EVENT_STAGE, /* a part of the work begins: text names it ("features", "tuning", ...), steps how many */
    EVENT_STEP,  /* one update, or one batch of a stage without updates */
    EVENT_EVAL,  /* an epoch was evaluated on the validation part */
    EVENT_SAVED, /* a checkpoint or the model is on disk: text is the folder */
} EventKind;

typedef struct Event {
    EventKind kind;
    const char *text;
    int64_t step, steps; /* done and in all, of this stage */
    int epoch, epochs;
    double loss, lr, norm;                /* EVENT_STEP of tuning */
    double train_loss, valid_loss, score; /* EVENT_EVAL; score by the task's own metric */
    const char *metric;
    bool best;
} Event;

typedef struct Events {
    void (*fn)(void *arg, const Event *event); /* NULL: nobody listens */
    void *arg;
    /* Polled per batch; not 0: finish the batch, save, return E_STOPPED.  NULL: never. */
    const volatile sig_atomic_t *stop;
} Events;

void event_send(const Events *ev, const Event *event);
void event_say(const Events *ev, EventKind kind, const char *fmt, ...) PRINTF(3, 4);
bool event_stop(const Events *ev);

/* ---- schedules (schedule.c): the rate of update `step` = 0, 1 ..; polynomials, no libm ---- */

typedef enum { SCHEDULE_LINEAR, SCHEDULE_COSINE, SCHEDULE_CONSTANT } ScheduleKind;

typedef struct Schedule {
    ScheduleKind kind;
    double lr;
    double
        warmup; /* in updates, may be a fraction: the rate is times min(1, (step + 1) / warmup) */
    int64_t total; /* updates in all; linear and cosine reach 0 there */
} Schedule;

bool schedule_parse(const char *name, size_t n, ScheduleKind *out);
const char *schedule_name(ScheduleKind kind);
double schedule_at(const Schedule *s, int64_t step);

/* ---- optimisers (optim.c, optim_adamw.c, optim_sgd.c): the update segment of a graph ---- */

typedef struct OptimDef OptimDef;

typedef struct Optim {
    const OptimDef *def;
    double lr, weight_decay, clip; /* clip 0: none */
    double beta1, beta2, eps;      /* adamw */
    double momentum, dampening;    /* sgd */
    bool nesterov;
    ScheduleKind schedule;
    double warmup; /* below 1: share of all updates; else updates */
} Optim;

/* "adamw", "adamw:lr=1e-3,wd=0.01,clip=1.0,schedule=linear,warmup=0.1,beta1=..,beta2=..,eps=..",
 * "sgd:lr=0.002,wd=1e-4,momentum=0.9,dampening=..,nesterov=1".  What is not given is PyTorch's default
 * (no clipping; the schedule is constant). */
Status optim_parse(Err *e, const char *text, Optim *out);
const char *optim_name(const Optim *o);
Schedule optim_schedule(const Optim *o, int64_t total);

typedef struct OptimBuild {
    /* Gradients of several run_step calls add up in states "grad.NAME" before run_update. */
    bool accumulate;
    const Hook *hooks; /* see every gradient before the optimiser does (nn_on_grad); NULL: none */
    float (*rate)(const void *arg, const char *param); /* factor of the rate; NULL: 1 */
    bool (*apart)(const char *param); /* clipped by a norm of their own; NULL: none */
    const void *rate_arg;
} OptimBuild;

/* After graph_backward, before plan_make: emits the sum of squares of all gradients (output "grad.sqsum", known
 * after run_step) and the update segment: clip, then one optimiser op per trainable parameter.
 * States: "adamw.m.NAME", "adamw.v.NAME", "sgd.buf.NAME".  A trainable parameter without a gradient is left alone. */
Status optim_build(Err *e, Graph *g, const Optim *o, const OptimBuild *b);
/* Sets the inputs of the update segment for update `step` = 0, 1 .. at rate `lr`. */
Status optim_set(Err *e, Run *r, const Optim *o, int64_t step, double lr);
/* Before the first run_step of a window: gradient accumulators to zero (no-op without accumulation). */
void optim_clear(Run *r);

/* ---- samples and their order (loader.c) ---- */

typedef struct SamplesWindow {    /* of an update */
    int64_t step, steps, samples; /* which of how many; of what is learned from */
} SamplesWindow;

/* What a fit draws from: n samples, numbered; fill puts a batch into the run's inputs and row spaces. */
typedef struct Samples {
    int64_t n;
    void *set;
    double (*weight)(const void *set, int64_t sample); /* towards the normaliser; NULL: 1 each */
    Status (*fill)(Err *e, void *set, Run *r, const int64_t *sample, int64_t n);
    /* Before an update's first batch: what changes with it.  NULL: nothing. */
    Status (*window)(Err *e, void *set, Run *r, const SamplesWindow *w);
} Samples;

typedef struct Loader {
    int64_t n, batch, accumulate;
    uint64_t seed;
    int64_t windows; /* updates of an epoch; the last may be shorter */
    int64_t *index;  /* [batch * accumulate] samples of the current window, in order */
} Loader;

typedef struct Window { /* the batches of one update */
    int64_t batches, samples;
    const int64_t *index; /* all samples; batch i starts at i * loader's batch */
} Window;

Status loader_new(Err *e, Arena *a, int64_t n, int64_t batch, int64_t accumulate, uint64_t seed,
                  Loader *out);
/* Window `w` of an epoch: computed, so a resume is a seek.  Every epoch is another keyed permutation. */
Window loader_window(Loader *l, int64_t epoch, int64_t w);

/* ---- checkpoints (store.c): RELIABILITY's commit protocol; folders step-N with a MANIFEST ---- */

typedef struct Store Store;

typedef struct StoreKey {               /* what a checkpoint must agree with to be resumed */
    const char *run_id, *data, *config; /* fingerprints in hex */
    bool any_data;                      /* go on although the data changed */
} StoreKey;

/* Makes the folder, removes stale step-*.tmp.* of earlier processes.  The caller holds the run's lock. */
Status store_open(Err *e, Arena *a, const char *folder, const StoreKey *key, const Events *ev,
                  Store **out);
/* The newest checkpoint whose MANIFEST verifies: *step and *folder (NULL: there is none).  A damaged one is
 * renamed step-N.bad, with a warning.  One of another run, data or configuration is refused (E_TAKEN, E_DATA). */
Status store_newest(Err *e, Store *s, Arena *a, int64_t *step, char **folder);
/* write() puts its files into `folder`; then they are synced, hashed, named and the folder takes its place.
 * Older ones are removed when the new one was read back and verified; two good ones are kept. */
typedef Status (*StoreWrite)(Err *e, void *arg, const char *folder);
Status store_save(Err *e, Store *s, int64_t step, StoreWrite write, void *arg);
Status store_clear(Err *e, Store *s); /* the run is over and saved: remove all checkpoints */

/* ---- the loop (fit.c) ---- */

typedef struct FitScore {
    double loss, score; /* score: higher is better */
} FitScore;

typedef struct FitRow { /* one epoch of history */
    int epoch;
    int64_t step;
    double lr, train_loss, valid_loss, valid_score;
    bool best;
} FitRow;

typedef struct FitOptions {
    int epochs;
    int64_t batch, accumulate;
    int patience; /* stop after this many epochs without a better score; 0: never */
    bool last;    /* the last epoch is kept, whatever its score */
    uint64_t seed;
    int64_t checkpoint_steps;  /* 0: by time alone */
    double checkpoint_seconds; /* 0: 600 */
} FitOptions;

typedef struct Fit {
    /* given */
    Run *run;
    Params *params;
    const Graph *graph;
    Optim optim;
    FitOptions opt;
    const Samples *train;
    const char *loss; /* its terms: output "loss.NAME" read, input "loss.NAME.scale" set */
    Status (*evaluate)(Err *e, void *arg,
                       FitScore *out); /* on the validation part; NULL: last epoch is best */
    void *evaluate_arg;
    const char *metric;
    Store *store; /* NULL: no checkpoints */
    Events events;
    /* found */
    int epoch;
    int64_t step, window; /* updates done in all; next window of this epoch */
    FitRow *history;
    int rows, best_epoch, worse;
    double best_score;
    bool finished;
    uint64_t weights_hash,
        state_hash; /* of the trained numbers and the optimiser's after the last update */
    /* inside */
    struct FitInside *in;
} Fit;

/* Trains to the end (or E_STOPPED with a checkpoint on disk), then puts the best epoch's weights into params.
 * With a store it goes on from the newest checkpoint there, to the same bits as without interruption. */
Status fit(Err *e, Arena *a, Fit *f);

/* ---- metrics (metrics.c) ---- */

typedef struct Confusion {
    int classes;
    int64_t n;
    int64_t *count; /* [true * classes + predicted] */
} Confusion;

typedef struct Interval {
    double low, high;
} Interval;

Status confusion_make(Err *e, Arena *a, int classes, const int32_t *truth, const int32_t *found,
                      int64_t n, Confusion *out); /* negative truths are left out */
double metric_accuracy(const Confusion *c);
double metric_precision(const Confusion *c, int k); /* 0 where nothing was predicted */
double metric_recall(const Confusion *c, int k);
double metric_f1(const Confusion *c, int k);
double metric_f1_macro(
    const Confusion *c); /* over classes that occur in truth or prediction, as scikit-learn */
double metric_f1_micro(const Confusion *c);
double metric_f1_weighted(const Confusion *c);
double metric_balanced_accuracy(const Confusion *c);
double metric_matthews(const Confusion *c);
Status metric_pearson(Err *e, Arena *a, const float *x, const float *y, int64_t n, double *out);
Status metric_spearman(Err *e, Arena *a, const float *x, const float *y, int64_t n, double *out);
Interval interval_wilson(int64_t right, int64_t n); /* 95 %, Wilson 1927 */
Interval interval_correlation(double r, int64_t n); /* 95 %, Fisher's z */

/* ---- linear models in double (lbfgs.c, linear.c): convex, deterministic, any number of threads ---- */

/* Minimises f from x (in place): L-BFGS, Liu & Nocedal 1989, 10 pairs, backtracking to Armijo's rule.
 * eval returns f and fills grad. */
typedef double (*LbfgsFn)(void *arg, const double *x, double *grad);
typedef struct LbfgsOf { /* what to minimise */
    LbfgsFn fn;
    void *arg;
    int64_t n;      /* numbers */
    int iterations; /* at most */
} LbfgsOf;
Status lbfgs(Err *e, Arena *a, const LbfgsOf *of, double *x, int *used);

typedef struct
    Matrix { /* rows of numbers: dense (value [rows * columns], start NULL) or by non-zeros */
    int64_t rows, columns;
    const float *value;
    const int64_t *start; /* [rows + 1] into column and value; NULL: dense */
    const int32_t *column;
} Matrix;

typedef struct Linear { /* scores = x weight^T + bias */
    int64_t columns;
    int outputs;
    float *weight; /* [outputs, columns] */
    float *bias;   /* [outputs] */
    double c;      /* the strength chosen */
    int iterations;
} Linear;

/* Multinomial logistic regression, penalty |w|^2 / (2 C n) with scikit-learn's C, columns of a dense matrix
 * standardised inside and folded back.  outputs 1: ridge regression to `target` instead of labels.
 * rows: which rows to fit on. */
typedef struct LinearFit {
    const Matrix *x;
    const int32_t *label;
    const float *target;
    const float *class_weight; /* [outputs] or NULL */
    const int64_t *row;
    int64_t rows;
    int outputs;
    double c;
    Pool *pool; /* NULL: this thread */
} LinearFit;
Status linear_fit(Err *e, Arena *a, const LinearFit *f, Linear *out);
/* Fits at C = 0.01 .. 100 and keeps the best on `valid` rows (lowest loss; ties to the smaller C). */
Status linear_fit_best(Err *e, Arena *a, const LinearFit *f, const int64_t *valid, int64_t valids,
                       const Events *ev, Linear *out);
void linear_scores(const Linear *l, const Matrix *x, int64_t row, float *scores);

#endif
/* SPDX-License-Identifier: MIT */
