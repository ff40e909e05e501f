/* trials.c - the networks of a study in their order, and networks.csv, which holds a row for each that is done.  The file is
 * written anew with every row and takes its place as a whole, so that a kill leaves the last row or the one before. */
#include "study/inside.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TRIALS_MAX (1 << 16)
#define FILE_MAX   ((size_t)16 << 20)
#define COLUMNS    11

static const char header[] =
    "classes,seed,network,layers,right,pictures,accuracy,loss,probe,weights,settings";

const char *net_name(StudyNet net)
{
    static const char *const name[NETS] = {"baseA", "baseB", "BnB", "AnB", "BnB+", "AnB+"};

    return name[net];
}

const char *study_path(Err *e, const Study *s, const char *name)
{
    return path_join(e, s->a, s->o.output, name);
}

double trial_accuracy(const Trial *c)
{
    return (double)c->right / (double)c->pictures;
}

/* ---- the plan ---- */

static Status add(Err *e, Study *s, const Trial *c)
{
    if (s->trials == TRIALS_MAX)
        return fail(e, E_USAGE, "a study of more than %d networks cannot be", TRIALS_MAX);
    s->trial[s->trials++] = *c;
    return E_OK;
}

/* Base networks first: the others take their layers.  BnB with none taken is baseB trained again. */
static Status add_seed(Err *e, Study *s, HalvesKind kind, int seed)
{
    Trial c = {.halves = kind, .seed = seed, .probe = -1};

    for (c.net = NET_A; c.net <= NET_BNB; c.net++)
        TRY(add(e, s, &c));
    for (int i = 0; i < s->layers; i++)
        for (c.net = NET_BNB, c.n = s->layer[i]; c.net < NETS; c.net++)
            TRY(add(e, s, &c));
    return E_OK;
}

Status study_plan(Err *e, Study *s)
{
    s->trial = NEWS(e, s->a, Trial, TRIALS_MAX);
    if (!s->trial)
        return err_failed(e->code);
    for (int seed = 0; seed < s->o.seeds; seed++)
        for (int kind = 0; kind < HALVES_KINDS; kind++)
            if (s->kinds[kind])
                TRY(add_seed(e, s, (HalvesKind)kind, seed));
    s->r->networks = s->trials;
    return E_OK;
}

const Trial *study_trial(const Study *s, HalvesKind kind, int seed, StudyNet net, int n)
{
    for (int i = 0; i < s->trials; i++) {
        const Trial *c = &s->trial[i];

        if (c->halves == kind && c->seed == seed && c->net == net && c->n == n)
            return c;
    }
    return NULL;
}

/* ---- writing ---- */

static Status write_row(Err *e, Writer *w, const Study *s, const Trial *c)
{
    TRY(writer_printf(e, w, "%s,%d,%s,%d,%lld,%lld,%.6f,%.9g,", halves_name(c->halves), c->seed,
                      net_name(c->net), c->n, (long long)c->right, (long long)c->pictures,
                      trial_accuracy(c), c->loss));
    if (c->probe >= 0)
        TRY(writer_printf(e, w, "%lld", (long long)c->probe));
    return writer_printf(e, w, ",%016llx,%s\n", (unsigned long long)c->weights, s->settings);
}

Status study_trials_write(Err *e, Study *s)
{
    const char *path = study_path(e, s, "networks.csv");
    Arena *a = arena_child(e, s->a);
    Writer *w;

    if (!path || !a)
        return err_failed(e->code);
    TRY(writer_open(e, a, path, &w));
    TRY(writer_printf(e, w, "%s\n", header));
    for (int i = 0; i < s->trials; i++)
        if (s->trial[i].done)
            TRY(write_row(e, w, s, &s->trial[i]));
    TRY(writer_commit(e, w));
    arena_free(a);
    return E_OK;
}

/* ---- reading ---- */

typedef struct Line {
    const char *path;
    int number;
    char *text, *field[COLUMNS];
} Line;

static Status bad_line(Err *e, const Line *l, const char *why)
{
    fail(e, E_DATA, "a row of the study cannot be read: %s", why);
    err_note(e, "file", "%s:%d", l->path, l->number);
    err_note(e, "expected", "%s", header);
    return err_note(e, "hint", "--overwrite begins the study anew; a removed row is made again");
}

/* In place. */
static Status cut_line(Err *e, Line *l)
{
    char *at = l->text;
    int n = 0;

    while (at && n < COLUMNS) {
        l->field[n++] = at;
        at = strchr(at, ',');
        if (at)
            *at++ = 0;
    }
    return n == COLUMNS && !at ? E_OK : bad_line(e, l, "it has another number of fields");
}

static bool read_count(const char *text, int base, uint64_t most, uint64_t *out)
{
    char *end;

    if (strspn(text, base == 16 ? "0123456789abcdef" : "0123456789") != strlen(text) || !*text)
        return false;
    *out = strtoull(text, &end, base);
    return !*end && *out <= most;
}

static Trial *find(Study *s, const Line *l)
{
    for (int i = 0; i < s->trials; i++) {
        Trial *c = &s->trial[i];
        uint64_t seed, n;

        if (strcmp(l->field[0], halves_name(c->halves)) == 0 &&
            strcmp(l->field[2], net_name(c->net)) == 0 &&
            read_count(l->field[1], 10, 1000, &seed) && read_count(l->field[3], 10, 1000, &n) &&
            (int)seed == c->seed && (int)n == c->n)
            return c;
    }
    return NULL;
}

static Status read_line(Err *e, Study *s, Line *l)
{
    uint64_t right, pictures, weights, probe = 0;
    char *end;

    TRY(cut_line(e, l));
    if (strcmp(l->field[10], s->settings) != 0)
        return bad_line(e, l, "it is of a study with other settings");
    Trial *c = find(s, l);
    if (!c)
        return bad_line(e, l, "this study, as it is asked for, has no such network");
    if (c->done)
        return bad_line(e, l, "this network has a row already");
    if (!read_count(l->field[5], 10, (uint64_t)s->n, &pictures) || pictures == 0 ||
        !read_count(l->field[4], 10, pictures, &right))
        return bad_line(e, l, "its counts of pictures cannot be");
    if (*l->field[8] && !read_count(l->field[8], 10, pictures, &probe))
        return bad_line(e, l, "its probe cannot be");
    c->loss = strtod(l->field[7], &end);
    if (!*l->field[7] || *end || !isfinite(c->loss))
        return bad_line(e, l, "its loss is no number");
    if (strlen(l->field[9]) != 16 || !read_count(l->field[9], 16, UINT64_MAX, &weights))
        return bad_line(e, l, "its sum of weights is not 16 digits");
    c->right = (int64_t)right;
    c->pictures = (int64_t)pictures;
    c->probe = *l->field[8] ? (int64_t)probe : -1;
    c->weights = weights;
    c->done = true;
    return E_OK;
}

/* A last line without its end was cut off: its network is trained again. */
Status study_trials_read(Err *e, Study *s)
{
    Line l = {.path = study_path(e, s, "networks.csv")};
    bool here;
    Bytes b;

    if (!l.path)
        return err_failed(e->code);
    TRY(path_file(e, arena_sys(s->a), l.path, &here));
    if (!here)
        return E_OK;
    TRY(file_read_all(e, s->a, l.path, FILE_MAX, &b));
    for (size_t at = 0; at < b.n;) {
        const char *from = (const char *)b.data + at, *end = memchr(from, '\n', b.n - at);
        size_t n = end ? (size_t)(end - from) : b.n - at;

        l.number++;
        at += n + 1;
        if (!end) {
            event_say(&s->c->events, EVENT_WARN, "%s:%d is cut off; its network is trained again",
                      l.path, l.number);
            break;
        }
        if (!(l.text = arena_strndup(e, s->a, from, n)))
            return err_failed(e->code);
        if (l.number == 1 && strcmp(l.text, header) != 0)
            return bad_line(e, &l, "the first one names other columns");
        if (l.number > 1)
            TRY(read_line(e, s, &l));
    }
    return E_OK;
}

/* SPDX-License-Identifier: MIT */
