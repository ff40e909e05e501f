/* data_size.c - accuracy against the number of labelled samples, with a released network and from scratch.
 *
 * The held-out part of a seed is the same for every number of labels, and a smaller number's samples are among those of a
 * larger one.  What pre-training is worth at n labels is m / n, where the curve from scratch of the same seed first comes
 * as far as the released network does with n; m lies between two trained numbers, linear in its logarithm. */
#include "study/data_size.h"
#include "study/folder.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SEEDS_MAX  100
#define RELEASED   "pre-trained"
#define EPOCHS_MAX 1000

static const double rates[] = {1e-3, 3e-4}; /* of networks from random weights */
static const int64_t steps[] = {50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000};

typedef struct Sizes {
    Arena *a;
    SizeOptions o;
    SizeResult *r;
    Runs runs;
    int64_t size[2][SIZES_MAX]; /* released, fresh; rising */
    int sizes[2];
    double rate[LEN(rates)];
    const char *fresh[LEN(rates)]; /* names of the rows */
    int rates;
    int64_t train_n; /* of all labels those that are learned from */
} Sizes;

bool size_reaching(const double *x, const double *y, int n, double score, double *out)
{
    double best = y[0], at = x[0];

    *out = x[0];
    if (best >= score)
        return true;
    for (int i = 1; i < n; i++) {
        if (y[i] <= best)
            continue;
        if (y[i] >= score) {
            double share = (score - best) / (y[i] - best);

            *out = exp(log(at) + share * (log(x[i]) - log(at)));
            return true;
        }
        best = y[i];
        at = x[i];
    }
    *out = x[n - 1];
    return false;
}

/* ---- how many labels ---- */

static Status bad_sizes(Err *e, const char *list, const char *flag, int64_t all)
{
    fail(e, E_USAGE, "the numbers of labels cannot be \"%.200s\"", list);
    err_note(e, "option", "%s", flag);
    return err_note(e, "expected", "rising numbers, as 50,200,1000; at most %lld, which is \"all\"",
                    (long long)all);
}

static Status cut_sizes(Err *e, Sizes *s, int which, const char *list, const char *flag)
{
    const char *at = list;
    int64_t last = 0, all = s->r->all;

    while (at) {
        char *stop;
        bool whole = strncmp(at, "all", 3) == 0;
        long long n = strtoll(at, &stop, 10);
        const char *end = whole ? at + 3 : stop;

        n = whole ? all : n;
        if (end == at || n <= last || n > all || s->sizes[which] == SIZES_MAX / 2 ||
            (*end && *end != ','))
            return bad_sizes(e, list, flag, all);
        s->size[which][s->sizes[which]++] = last = n;
        at = *end ? end + 1 : NULL;
    }
    return E_OK;
}

static void usual_sizes(Sizes *s, int which, int64_t most)
{
    for (size_t i = 0; i < LEN(steps) && steps[i] <= most && steps[i] < s->r->all; i++)
        s->size[which][s->sizes[which]++] = steps[i];
    if (most >= s->r->all)
        s->size[which][s->sizes[which]++] = s->r->all;
}

static Status choose_sizes(Err *e, Sizes *s)
{
    if (s->o.labels)
        TRY(cut_sizes(e, s, 0, s->o.labels, "--labels"));
    else
        usual_sizes(s, 0, 1000);
    if (s->o.scratch)
        return cut_sizes(e, s, 1, s->o.scratch, "--scratch");
    usual_sizes(s, 1, s->r->all);
    return E_OK;
}

/* ---- the runs ---- */

static Status plan_data(Err *e, Sizes *s)
{
    Arena *a = arena_child(e, s->a);
    TrainOptions o = s->o.train;
    TaskContext quiet = *s->runs.c;
    PlanResult p;

    if (!a)
        return err_failed(e->code);
    quiet.events.fn = NULL;
    o.labels = 0;
    TRY(task_plan(e, a, &quiet, &o, &p));
    s->train_n = p.train_n;
    s->r->all = p.train_n + p.valid_n;
    s->runs.metric = p.classes ? "accuracy" : "Spearman";
    const char *more = arena_printf(e, a, "data-size|%g|%lld|%s", s->o.scratch_lr,
                                    (long long)s->o.updates, o.method ? o.method : "");
    if (!more)
        return err_failed(e->code);
    TRY(runs_settings(e, &s->runs, &s->o.train, &p, more));
    arena_free(a);
    return E_OK;
}

static Status plan_runs(Err *e, Sizes *s)
{
    Runs *r = &s->runs;

    s->rates = s->o.scratch_lr > 0 ? 1 : (int)LEN(rates);
    for (int k = 0; k < s->rates; k++) {
        s->rate[k] = s->o.scratch_lr > 0 ? s->o.scratch_lr : rates[k];
        if (!(s->fresh[k] = arena_printf(e, s->a, "from scratch, rate %g", s->rate[k])))
            return err_failed(e->code);
    }
    r->run = NEWS(e, s->a, Run, s->r->seeds * (s->sizes[0] + s->rates * s->sizes[1]));
    if (!r->run)
        return err_failed(e->code);
    for (int seed = 0; seed < s->r->seeds; seed++) {
        for (int i = 0; i < s->sizes[0]; i++)
            r->run[r->n++] = (Run){.name = RELEASED, .labels = s->size[0][i], .seed = seed};
        for (int i = 0; i < s->sizes[1]; i++)
            for (int k = 0; k < s->rates; k++)
                r->run[r->n++] = (Run){.name = s->fresh[k], .labels = s->size[1][i], .seed = seed};
    }
    return E_OK;
}

/* A network from scratch gets enough updates to learn by, however few its samples. */
static TrainOptions scratch_options(const Sizes *s, const Run *run)
{
    TrainOptions o = s->o.train;
    int64_t batch = o.batch ? o.batch : 16;
    int64_t learned = run->labels * s->train_n / s->r->all, each = (learned + batch - 1) / batch;
    int64_t epochs = (s->o.updates + each - 1) / (each > 0 ? each : 1);

    o.scratch = true;
    o.method = NULL;
    if (!o.epochs || epochs > o.epochs)
        o.epochs = (int)(epochs > EPOCHS_MAX ? EPOCHS_MAX : epochs > 6 ? epochs : 6);
    o.patience = -1; /* it often stands still for a while before it learns */
    o.lr = strcmp(run->name, s->fresh[0]) == 0 ? s->rate[0] : s->rate[s->rates - 1];
    return o;
}

static Status make_runs(Err *e, Sizes *s)
{
    for (int i = 0; i < s->runs.n; i++) {
        Run *run = &s->runs.run[i];
        TrainOptions o = strcmp(run->name, RELEASED) == 0 ? s->o.train : scratch_options(s, run);

        o.no_baselines = true;
        if (!run->done)
            TRY(runs_make(e, &s->runs, run, &o, NULL));
    }
    return E_OK;
}

/* ---- what came out ---- */

/* From scratch: the rate that validation chose, its loss where scores are equal. */
static const Run *fresh_of(const Sizes *s, int64_t labels, int seed)
{
    const Run *best = NULL;

    for (int k = 0; k < s->rates; k++) {
        const Run *r = runs_find(&s->runs, s->fresh[k], labels, seed);

        if (r && (!best || r->tuned.valid > best->tuned.valid ||
                  (!(r->tuned.valid < best->tuned.valid) && r->loss < best->loss)))
            best = r;
    }
    return best;
}

static SizePoint *point_of(SizeResult *r, int64_t labels)
{
    int i = r->points;

    while (i > 0 && r->point[i - 1].labels >= labels)
        i--;
    if (i < r->points && r->point[i].labels == labels)
        return &r->point[i];
    memmove(&r->point[i + 1], &r->point[i], (size_t)(r->points - i) * sizeof r->point[0]);
    r->points++;
    r->point[i] = (SizePoint){.labels = labels};
    return &r->point[i];
}

/* What a person is left with: the model that validation chose. */
static void fill_released(const Sizes *s, int64_t labels)
{
    SizePoint *p = point_of(s->r, labels);
    double x[SEEDS_MAX];

    for (int seed = 0; seed < s->r->seeds; seed++) {
        const Run *run = runs_find(&s->runs, RELEASED, labels, seed);

        x[seed] = run->saved;
        p->work[0] += run->work / s->r->seeds;
        s->r->judged = run->judged;
    }
    p->released = spread_of(x, s->r->seeds);
}

static void fill_fresh(const Sizes *s, int64_t labels)
{
    SizePoint *p = point_of(s->r, labels);
    double x[SEEDS_MAX];

    for (int seed = 0; seed < s->r->seeds; seed++) {
        const Run *run = fresh_of(s, labels, seed);

        x[seed] = run->tuned.held;
        p->work[1] += run->work / s->r->seeds;
    }
    p->fresh = spread_of(x, s->r->seeds);
}

/* Work from scratch with m labels, along the curve of one seed. */
static double work_at(const double *x, const double *work, int n, double m)
{
    for (int i = 1; i < n; i++)
        if (m <= x[i]) {
            double share = log(m / x[i - 1]) / log(x[i] / x[i - 1]);

            return exp(log(work[i - 1]) + (share > 0 ? share : 0) * log(work[i] / work[i - 1]));
        }
    return work[n - 1];
}

static SizeWorth worth_of(const Sizes *s, int64_t labels)
{
    SizeWorth w = {.labels = labels, .seeds = s->r->seeds};
    double factor[SEEDS_MAX], work = 0;

    for (int seed = 0; seed < s->r->seeds; seed++) {
        double x[SIZES_MAX] = {0}, y[SIZES_MAX] = {0}, cost[SIZES_MAX] = {0}, m;
        const Run *run = runs_find(&s->runs, RELEASED, labels, seed);
        int n = s->sizes[1];

        for (int i = 0; i < n; i++) {
            const Run *f = fresh_of(s, s->size[1][i], seed);

            x[i] = (double)s->size[1][i];
            y[i] = f->tuned.held;
            cost[i] = f->work;
        }
        w.reached += size_reaching(x, y, n, run->saved, &m);
        w.score += run->saved / s->r->seeds;
        factor[seed] = log(m / (double)labels);
        work += log(work_at(x, cost, n, m) / run->work) / s->r->seeds;
    }
    Spread f = spread_of(factor, s->r->seeds);
    bool sure = w.reached == w.seeds && w.seeds > 1;
    w.factor = exp(f.mean);
    w.low = sure ? exp(f.low) : (double)NAN;
    w.high = sure ? exp(f.high) : (double)NAN;
    w.work = exp(work);
    return w;
}

static Status verdict(Err *e, Sizes *s)
{
    const SizeWorth *w = &s->r->worth[s->r->worths / 2];
    bool all = w->reached == w->seeds;

    s->r->verdict = arena_printf(e, s->a,
                                 "With %lld labels the released network reaches %.3f; from scratch "
                                 "that takes %s%.0f labels, "
                                 "%s%.1f times as many, and %.1f times the processor time%s.",
                                 (long long)w->labels, w->score, all ? "about " : "more than ",
                                 w->factor * (double)w->labels, all ? "" : "over ", w->factor,
                                 w->work, all ? "" : ": all there are were too few");
    return s->r->verdict ? E_OK : e->code;
}

static Status sum_up(Err *e, Sizes *s)
{
    s->r->made = s->runs.made;
    s->r->metric = s->runs.metric;
    for (int i = 0; i < s->sizes[0]; i++)
        fill_released(s, s->size[0][i]);
    for (int i = 0; i < s->sizes[1]; i++)
        fill_fresh(s, s->size[1][i]);
    for (int i = 0; i < s->sizes[0]; i++)
        s->r->worth[s->r->worths++] = worth_of(s, s->size[0][i]);
    return verdict(e, s);
}

static Status check(Err *e, const Sizes *s)
{
    const TrainOptions *o = &s->o.train;

    if (o->seeds < 0 || o->seeds > SEEDS_MAX)
        return fail(e, E_USAGE, "%d seeds cannot be; from 1 to %d", o->seeds, SEEDS_MAX);
    if (s->o.updates < 1 || s->o.updates > 1000000)
        return fail(e, E_USAGE, "%lld updates cannot be; from 1 to 1000000",
                    (long long)s->o.updates);
    if (s->o.scratch_lr < 0 || s->o.scratch_lr >= 10)
        return fail(e, E_USAGE, "a rate of %g cannot be; above 0 and below 10", s->o.scratch_lr);
    return E_OK;
}

static Status begin(Err *e, Sizes *s)
{
    TRY(check(e, s));
    TRY(plan_data(e, s));
    TRY(choose_sizes(e, s));
    if (!s->sizes[0] || !s->sizes[1])
        return fail(e, E_USAGE,
                    "%lld labels are too few for a curve; --labels and --scratch say "
                    "which numbers",
                    (long long)s->r->all);
    TRY(study_folder(e, s->a, s->r->output, RUNS_FILE,
                     (FolderUse){s->o.train.resume, s->o.train.overwrite}));
    TRY(plan_runs(e, s));
    return runs_read(e, &s->runs);
}

Status study_data_size(Err *e, Arena *a, const TaskContext *c, const SizeOptions *o,
                       SizeResult *out)
{
    Sizes *s = NEW(e, a, Sizes);

    *out = (SizeResult){.output = o->train.output, .seeds = o->train.seeds};
    if (!s)
        return err_failed(e->code);
    *s = (Sizes){.a = a, .o = *o, .r = out};
    s->runs = (Runs){.a = a, .c = c, .output = o->train.output};
    out->seeds = out->seeds ? out->seeds : 3;
    s->o.updates = o->updates ? o->updates : 400;
    if (!s->o.train.model_name)
        s->o.train.model_name = path_base(o->train.model);
    TRY(begin(e, s));
    Status made = make_runs(e, s);
    if (made == E_STOPPED)
        return err_note(e, "hint", "the same command with --resume goes on with what is missing");
    TRY(made);
    TRY(sum_up(e, s));
    if (!(out->runs = path_join(e, a, out->output, RUNS_FILE)))
        return err_failed(e->code);
    return data_size_report(e, a, &s->o, out);
}

/* SPDX-License-Identifier: MIT */
