/* runs.c - trainings one after the other.  runs.csv is written anew with every row and takes its place as a whole, so that
 * a kill leaves the last row or the one before. */
#include "study/runs.h"

#include <math.h>
#include <string.h>

#define COLUMNS  14
#define FILE_MAX ((size_t)16 << 20)

static const char *const column[COLUMNS] = {
    "run",   "labels",     "seed",      "learned", "judged",
    "held",  "validation", "loss",      "frozen",  "frozen validation",
    "saved", "seconds",    "processor", "settings"};
#define NUMBERS 8 /* from "held" on */

const Run *runs_find(const Runs *r, const char *name, int64_t labels, int seed)
{
    for (int i = 0; i < r->n; i++)
        if (strcmp(r->run[i].name, name) == 0 && r->run[i].labels == labels &&
            r->run[i].seed == seed)
            return &r->run[i];
    return NULL;
}

Status runs_settings(Err *e, Runs *r, const TrainOptions *o, const PlanResult *data,
                     const char *more)
{
    const char *text =
        arena_printf(e, r->a, "%s|%s|%s|%llu|%d|%lld|%g|%g|%s|%lld|%lld|%s|%s|%lld|%lld|%g|%g|%s",
                     data->fingerprint, data->why, o->model_name, (unsigned long long)o->seed,
                     o->epochs, (long long)o->batch, o->lr, o->weight_decay, o->pool ? o->pool : "",
                     (long long)o->max_length, (long long)o->size, o->augment ? o->augment : "",
                     o->optimizer ? o->optimizer : "", (long long)o->labels,
                     (long long)o->test_limit, o->valid_share, o->test_share, more);

    if (!text)
        return err_failed(e->code);
    r->settings = arena_printf(
        e, r->a, "%08llx", (unsigned long long)(hash_fnv1a(text, strlen(text), 0) & 0xffffffff));
    return r->settings ? E_OK : e->code;
}

/* ---- runs.csv ---- */

static void numbers_of(Run *r, double *to[NUMBERS])
{
    double *const all[NUMBERS] = {&r->tuned.held,   &r->tuned.valid, &r->loss,    &r->frozen.held,
                                  &r->frozen.valid, &r->saved,       &r->seconds, &r->work};

    memcpy(to, all, sizeof all);
}

static Status write_number(Err *e, Writer *w, double x)
{
    return isnan(x) ? writer_put(e, w, ",", 1) : writer_printf(e, w, ",%.9g", x);
}

static Status write_row(Err *e, Writer *w, const Runs *r, const Run *run)
{
    Run copy = *run;
    double *number[NUMBERS];

    numbers_of(&copy, number);
    TRY(writer_printf(e, w, "\"%s\",%lld,%d,%lld,%lld", run->name, (long long)run->labels,
                      run->seed, (long long)run->learned, (long long)run->judged));
    for (int i = 0; i < NUMBERS; i++)
        TRY(write_number(e, w, *number[i]));
    return writer_printf(e, w, ",%s\n", r->settings);
}

static Status write_all(Err *e, const Runs *r)
{
    Arena *a = arena_child(e, r->a);
    const char *path = a ? path_join(e, a, r->output, RUNS_FILE) : NULL;
    Writer *w;

    if (!path)
        return err_failed(e->code);
    TRY(writer_open(e, a, path, &w));
    for (int i = 0; i < COLUMNS; i++)
        TRY(writer_printf(e, w, "%s%s", i ? "," : "", column[i]));
    TRY(writer_put(e, w, "\n", 1));
    for (int i = 0; i < r->n; i++)
        if (r->run[i].done)
            TRY(write_row(e, w, r, &r->run[i]));
    TRY(writer_commit(e, w));
    arena_free(a);
    return E_OK;
}

typedef struct Reading {
    const Table *t;
    int64_t row;
} Reading;

static Status bad_row(Err *e, const Reading *at, const char *why)
{
    fail(e, E_DATA, "a row of the study cannot be read: %s", why);
    err_note(e, "file", "%s:%lld", at->t->path, (long long)at->t->line[at->row]);
    return err_note(e, "hint", "--overwrite begins the study anew; a removed row is made again");
}

static bool number(const Reading *at, int k, double *x)
{
    bool whole;
    Cell c = table_cell(at->t, at->row, k);

    *x = (double)NAN;
    return c.n == 0 || number_parse(c, false, x, &whole);
}

static bool count(const Reading *at, int k, int64_t *out)
{
    double x;
    bool whole;

    if (!number_parse(table_cell(at->t, at->row, k), false, &x, &whole) || !whole || x < 0 ||
        x > 1e15)
        return false;
    *out = (int64_t)x;
    return true;
}

static bool is_cell(const Reading *at, int k, const char *text)
{
    Cell c = table_cell(at->t, at->row, k);

    return c.n == strlen(text) && memcmp(c.s, text, c.n) == 0;
}

static Run *planned(Runs *r, const Reading *at)
{
    int64_t labels, seed;

    if (!count(at, 1, &labels) || !count(at, 2, &seed))
        return NULL;
    for (int i = 0; i < r->n; i++) {
        Run *run = &r->run[i];

        if (run->labels == labels && run->seed == (int)seed && is_cell(at, 0, run->name))
            return run;
    }
    return NULL;
}

static Status read_row(Err *e, Runs *r, const Reading *at)
{
    Run *run = planned(r, at);
    double *to[NUMBERS];

    if (!is_cell(at, COLUMNS - 1, r->settings))
        return bad_row(e, at, "it is of other settings or other data");
    if (!run)
        return bad_row(e, at, "this study, as it is asked for, has no such training");
    if (run->done)
        return bad_row(e, at, "this training has a row already");
    numbers_of(run, to);
    bool good = count(at, 3, &run->learned) && count(at, 4, &run->judged);
    for (int i = 0; i < NUMBERS; i++)
        good = good && number(at, 5 + i, to[i]);
    if (!good || isnan(run->tuned.held))
        return bad_row(e, at, "a number of it cannot be");
    run->done = true;
    return E_OK;
}

Status runs_read(Err *e, Runs *r)
{
    const char *path = path_join(e, r->a, r->output, RUNS_FILE);
    Reading at = {0};
    Table *t;
    Bytes b;
    bool here;

    if (!path)
        return err_failed(e->code);
    TRY(path_file(e, arena_sys(r->a), path, &here));
    if (!here)
        return write_all(e, r); /* by which the folder is known as a study */
    TRY(file_read_all(e, r->a, path, FILE_MAX, &b));
    if (b.n && memchr(b.data, '\n', b.n) == b.data + b.n - 1)
        return E_OK; /* nothing but the first line: stopped in the first training */
    TRY(table_open(e, r->a, path, TABLE_FAIL, &t));
    at.t = t;
    for (int i = 0; i < COLUMNS; i++)
        if (t->columns != COLUMNS || strcmp(t->name[i], column[i]) != 0) {
            fail(e, E_DATA, "the file is no table of trainings");
            return err_note(e, "file", "%s", path);
        }
    for (; at.row < t->rows; at.row++)
        TRY(read_row(e, r, &at));
    return E_OK;
}

/* ---- a training ---- */

/* What a training says is left out, and the warnings of all but the first one. */
typedef struct Hearing {
    const Events *to;
    bool warnings;
} Hearing;

static void hear(void *arg, const Event *event)
{
    const Hearing *h = arg;

    if (event->kind == EVENT_STAGE || event->kind == EVENT_STEP ||
        (event->kind == EVENT_WARN && h->warnings))
        event_send(h->to, event);
}

static RunScore score_of(const TrainResult *t, int row)
{
    return row < 0 ? (RunScore){(double)NAN, (double)NAN}
                   : (RunScore){t->row[row].held, t->row[row].valid};
}

static void fill(Run *run, const TrainResult *t)
{
    run->learned = t->train_n + t->valid_n;
    run->judged = t->test_n;
    run->tuned = score_of(t, t->tuned);
    run->frozen = score_of(t, t->frozen);
    run->loss = t->tuned >= 0 ? t->row[t->tuned].valid_loss : (double)NAN;
    for (int i = 0; i < t->rows; i++)
        if (t->row[i].chosen)
            run->saved = t->row[i].held;
}

Status runs_make(Err *e, Runs *r, Run *run, const TrainOptions *o, const char *name)
{
    Arena *a = arena_child(e, r->a);
    Hearing hearing = {&r->c->events, r->made == 0};
    TaskContext c = *r->c;
    TrainOptions with = *o;
    TrainResult result;

    if (!a || !(with.output = path_join(e, a, r->output, name ? name : "run")))
        return err_failed(e->code);
    c.events.fn = hear;
    c.events.arg = &hearing;
    with.resume = false;
    with.overwrite = true;
    with.seeds = 1;
    with.seed = o->seed + (uint64_t)run->seed;
    with.labels = run->labels;
    if (path_kind(arena_sys(a), with.output) == PATH_DIR) /* of a training that was cut off */
        TRY(path_remove(e, arena_sys(a), with.output));
    double began = clock_seconds(), work = clock_work();
    TRY(task_train(e, a, &c, &with, &result));
    run->seconds = clock_seconds() - began;
    run->work = clock_work() - work;
    fill(run, &result);
    run->done = true;
    r->made++;
    TRY(write_all(e, r));
    if (!name)
        TRY(path_remove(e, arena_sys(a), with.output));
    event_say(&r->c->events, EVENT_SAY, "%-22s %6lld labels  seed %d  %s %.3f of %lld, %.0f s",
              run->name, (long long)run->learned, run->seed, r->metric, run->tuned.held,
              (long long)run->judged, run->seconds);
    arena_free(a);
    return E_OK;
}

/* SPDX-License-Identifier: MIT */
