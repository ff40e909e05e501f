/* compare.c - methods side by side on a person's own data.  Every method is trained with each seed, which draws the split
 * (unless the parts are given), the order and the head; differences are between runs of one seed. */
#include "study/compare.h"
#include "study/folder.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

#define SEEDS_MAX 100
#define NEAR      0.01 /* a point */

typedef struct Compare {
    Arena *a;
    CompareOptions o;
    CompareResult *r;
    Runs runs;
    const char *method[COMPARE_METHODS_MAX];
    int methods;
} Compare;

/* ---- which methods ---- */

/* "alpha=8" in "lora:rank=4,alpha=8,head" is still of lora. */
static bool is_option(const char *part, size_t n)
{
    return memchr(part, '=', n) && !memchr(part, ':', n);
}

static Status bad_methods(Err *e, const char *methods, const char *why)
{
    fail(e, E_USAGE, "the methods cannot be \"%.200s\": %s", methods, why);
    return err_note(e, "expected", "names between commas, as full,lora:rank=4,alpha=8,head");
}

static Status take_method(Err *e, Compare *s, const char *from, size_t n)
{
    if (n == 0 || memchr(from, '"', n))
        return bad_methods(e, s->o.methods, "a name is empty or quoted");
    if (s->methods == COMPARE_METHODS_MAX)
        return bad_methods(e, s->o.methods, "they are more than 16");
    if (!(s->method[s->methods] = arena_strndup(e, s->a, from, n)))
        return err_failed(e->code);
    for (int i = 0; i < s->methods; i++)
        if (strcmp(s->method[i], s->method[s->methods]) == 0)
            return bad_methods(e, s->o.methods, "one is there twice");
    s->methods++;
    return E_OK;
}

static Status cut_methods(Err *e, Compare *s)
{
    const char *at = s->o.methods, *from = at;

    for (;; at++) {
        if (*at && *at != ',')
            continue;
        const char *next = *at ? at + 1 : at;
        size_t n = strcspn(next, ",");

        if (*at && is_option(next, n))
            continue;
        TRY(take_method(e, s, from, (size_t)(at - from)));
        if (!*at)
            return E_OK;
        from = next;
    }
}

/* ---- the runs ---- */

/* What the first seed's run would take; a method that the model has no place for is refused before any training. */
static Status plan_method(Err *e, Compare *s, int i)
{
    TrainOptions o = s->o.train;
    TaskContext quiet = *s->runs.c;
    Arena *a = arena_child(e, s->a);
    CompareRow *row = &s->r->row[i + 1];
    PlanResult p;

    if (!a)
        return err_failed(e->code);
    quiet.events.fn = NULL;
    o.method = s->method[i];
    TRY(task_plan(e, a, &quiet, &o, &p));
    row->method = s->method[i];
    row->trained = p.step.trained_values;
    row->bytes = p.bytes;
    s->r->parameters = p.step.param_values;
    s->r->classes = p.classes;
    s->runs.metric = p.classes ? "accuracy" : "Spearman";
    if (i == 0)
        TRY(runs_settings(e, &s->runs, &s->o.train, &p, "compare"));
    arena_free(a);
    return E_OK;
}

static Status plan_runs(Err *e, Compare *s)
{
    Runs *r = &s->runs;

    r->run = NEWS(e, s->a, Run, s->methods * s->r->seeds);
    if (!r->run)
        return err_failed(e->code);
    for (int seed = 0; seed < s->r->seeds; seed++)
        for (int i = 0; i < s->methods; i++)
            r->run[r->n++] = (Run){.name = s->method[i], .labels = s->o.train.labels, .seed = seed};
    return E_OK;
}

/* "lora:rank=4,alpha=8" -> "lora-rank-4-alpha-8" */
static char *folder_of(Err *e, Arena *a, const char *method)
{
    char *name = arena_strndup(e, a, method, strlen(method));

    for (char *c = name; c && *c; c++)
        if (!isalnum((unsigned char)*c) && *c != '.' && *c != '_')
            *c = '-';
    return name;
}

static Status make_runs(Err *e, Compare *s)
{
    for (int i = 0; i < s->runs.n; i++) {
        Run *run = &s->runs.run[i];
        CompareRow *row = &s->r->row[1 + i % s->methods];
        TrainOptions o = s->o.train;

        if (i < s->methods && !(row->folder = folder_of(e, s->a, run->name)))
            return err_failed(e->code);
        if (run->done)
            continue;
        o.method = run->name;
        o.no_baselines |= i >= s->methods; /* it is the same for all */
        TRY(runs_make(e, &s->runs, run, &o, run->seed == 0 ? row->folder : NULL));
    }
    return E_OK;
}

/* ---- what came out ---- */

static const RunScore *score_of(const Run *run, int row)
{
    return row == 0 ? &run->frozen : &run->tuned;
}

/* Every run begins with the frozen features, whatever the method. */
static const Run *run_of(const Compare *s, int row, int seed)
{
    return runs_find(&s->runs, s->method[row ? row - 1 : 0], s->o.train.labels, seed);
}

/* Held out, paired by seed. */
static Spread difference(const Compare *s, int row, int than)
{
    double d[SEEDS_MAX];

    for (int seed = 0; seed < s->r->seeds; seed++)
        d[seed] =
            score_of(run_of(s, row, seed), row)->held - score_of(run_of(s, than, seed), than)->held;
    return spread_of(d, s->r->seeds);
}

static void fill_row(const Compare *s, int i)
{
    CompareRow *row = &s->r->row[i];
    double held[SEEDS_MAX];
    int n = s->r->seeds;

    row->valid = row->seconds = row->work = 0;
    for (int seed = 0; seed < n; seed++) {
        const Run *run = run_of(s, i, seed);

        held[seed] = score_of(run, i)->held;
        row->valid += score_of(run, i)->valid / n;
        row->seconds += run->seconds / n;
        row->work += run->work / n;
        s->r->learned = run->learned;
        s->r->judged = run->judged;
    }
    row->held = spread_of(held, n);
    row->less = difference(s, i, 1);
}

static void choose(Compare *s)
{
    CompareResult *r = s->r;

    for (int i = 0; i < r->rows; i++)
        if (r->row[i].valid > r->row[r->best].valid)
            r->best = i;
    r->smallest = r->best;
    for (int i = 0; i < r->rows; i++)
        if (r->row[i].trained < r->row[r->smallest].trained &&
            difference(s, i, r->best).mean > -NEAR)
            r->smallest = i;
}

static Status verdict(Err *e, Compare *s)
{
    CompareResult *r = s->r;
    const CompareRow *best = &r->row[r->best], *small = &r->row[r->smallest];
    Spread d = difference(s, r->smallest, r->best);

    if (r->seeds < 2)
        r->verdict = arena_printf(e, s->a,
                                  "Best on validation: %s.  One seed tells little: --seeds 3 or "
                                  "more says what is chance.",
                                  best->method);
    else if (r->smallest == r->best)
        r->verdict = arena_printf(e, s->a,
                                  "Best on validation: %s; none that trains less comes within a "
                                  "point of it.",
                                  best->method);
    else
        r->verdict =
            arena_printf(e, s->a,
                         "Best on validation: %s.  With %.2g %% of the parameters trained, %s "
                         "comes within a point "
                         "of it, held out: %+.3f, 95 %% %+.3f to %+.3f.",
                         best->method, 100 * (double)small->trained / (double)best->trained,
                         small->method, d.mean, d.low, d.high);
    return r->verdict ? E_OK : e->code;
}

static Status sum_up(Err *e, Compare *s)
{
    CompareResult *r = s->r;

    r->rows = s->methods + 1;
    r->made = s->runs.made;
    r->row[0].method = COMPARE_FROZEN;
    for (int i = 0; i < r->rows; i++)
        fill_row(s, i);
    r->row[0].seconds = r->row[0].work = (double)NAN; /* a part of every run */
    choose(s);
    return verdict(e, s);
}

static Status check(Err *e, const CompareOptions *o)
{
    if (o->train.seeds < 0 || o->train.seeds > SEEDS_MAX)
        return fail(e, E_USAGE, "%d seeds cannot be; from 1 to %d", o->train.seeds, SEEDS_MAX);
    if (o->train.scratch || o->train.no_tuning)
        return fail(e, E_USAGE, "methods are compared on a released model that is tuned");
    return E_OK;
}

Status study_compare(Err *e, Arena *a, const TaskContext *c, const CompareOptions *o,
                     CompareResult *out)
{
    Compare s = {.a = a, .o = *o, .r = out};

    *out = (CompareResult){.output = o->train.output, .seeds = o->train.seeds};
    out->seeds = out->seeds ? out->seeds : 3;
    s.o.methods = o->methods ? o->methods : "full,lora,bitfit,head";
    s.runs = (Runs){.a = a, .c = c, .output = o->train.output};
    if (!o->train.model_name)
        s.o.train.model_name = path_base(o->train.model);
    TRY(check(e, o));
    TRY(cut_methods(e, &s));
    for (int i = 0; i < s.methods; i++)
        TRY(plan_method(e, &s, i));
    TRY(study_folder(e, a, o->train.output, RUNS_FILE,
                     (FolderUse){o->train.resume, o->train.overwrite}));
    TRY(plan_runs(e, &s));
    TRY(runs_read(e, &s.runs));
    Status made = make_runs(e, &s);
    if (made == E_STOPPED)
        return err_note(e, "hint", "the same command with --resume goes on with what is missing");
    TRY(made);
    TRY(sum_up(e, &s));
    out->metric = s.runs.metric;
    if (!(out->runs = path_join(e, a, o->train.output, RUNS_FILE)))
        return err_failed(e->code);
    return compare_report(e, a, &s.o, out);
}

/* SPDX-License-Identifier: MIT */
