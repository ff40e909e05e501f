/* transferability.c - how well the layers of a network serve other classes (Yosinski et al. 2014, arXiv:1411.1792).
 * The classes are cut in halves A and B; baseA and baseB learn one each from random weights.  For each n the first n layers
 * of baseB (BnB) or baseA (AnB) are frozen and the rest, drawn anew, learns B; with a + the taken layers learn too. */
#include "study/folder.h"
#include "study/inside.h"

#include <stdlib.h>
#include <string.h>

/* ---- what was asked for ---- */

static Status check_numbers(Err *e, const StudyOptions *o)
{
    if (o->seeds < 1 || o->seeds > 100)
        return fail(e, E_USAGE, "%d seeds cannot be; from 1 to 100", o->seeds);
    if (o->epochs < 1 || o->epochs > 10000)
        return fail(e, E_USAGE, "%d epochs cannot be; from 1 to 10000", o->epochs);
    if (o->batch < 1 || o->batch > 65536)
        return fail(e, E_USAGE, "a batch of %lld cannot be; from 1 to 65536", (long long)o->batch);
    if (!(o->lr > 0 && o->lr < 10))
        return fail(e, E_USAGE, "a rate of %g cannot be; above 0 and below 10", o->lr);
    if (o->size < 8 || o->size > 1024)
        return fail(e, E_USAGE, "pictures of %lld pixels a side cannot be; from 8 to 1024",
                    (long long)o->size);
    return E_OK;
}

static Status settle(Err *e, Study *s)
{
    StudyOptions *o = &s->o;
    Model *m;

    TRY(study_model(e, s->a, s, NULL, &m));
    s->model = m;
    o->seeds = o->seeds ? o->seeds : 4;
    o->epochs = o->epochs ? o->epochs : 10;
    o->batch = o->batch ? o->batch : 32;
    o->lr = o->lr > 0 ? o->lr : 1e-3;
    o->weight_decay = or_default(o->weight_decay, 0.01);
    o->per_class = o->per_class ? o->per_class : 400;
    o->test_limit = o->test_limit ? o->test_limit : 500;
    o->size = o->size ? o->size : m->pre.size;
    return check_numbers(e, o);
}

static Status bad_layers(Err *e, const Study *s, const char *text)
{
    fail(e, E_USAGE, "the layers to take cannot be \"%s\"", text);
    err_note(e, "option", "--layers");
    return err_note(e, "expected",
                    "rising numbers from 1 to %d (%s has so many before its "
                    "classifier), as 1,2,%d",
                    model_blocks(s->model), s->model->architecture, model_blocks(s->model));
}

static Status choose_layers(Err *e, Study *s)
{
    int blocks = model_blocks(s->model), last = 0;
    const char *at = s->o.layers;

    if (blocks > STUDY_LAYERS_MAX && !at)
        return fail(e, E_USAGE, "%s has %d layers before its classifier; --layers chooses some",
                    s->model->architecture, blocks);
    for (int n = 1; n <= blocks && !at; n++)
        s->layer[s->layers++] = n;
    while (at) {
        char *end;
        long n = strtol(at, &end, 10);

        if (end == at || n <= last || n > blocks || s->layers == STUDY_LAYERS_MAX ||
            (*end && *end != ','))
            return bad_layers(e, s, s->o.layers);
        s->layer[s->layers++] = last = (int)n;
        at = *end ? end + 1 : NULL;
    }
    return E_OK;
}

/* ---- the networks ---- */

typedef struct Pair { /* of a seed: the halves and the networks that learned them */
    Arena *a;
    Half half[2];
    Params *base[2];
} Pair;

/* Networks that take the same number of layers draw the rest alike, and see pictures in the same order. */
static uint64_t seed_of(const Study *s, const Trial *c)
{
    uint64_t seed = s->o.seed + (uint64_t)c->seed;
    int64_t which[2] = {c->net <= NET_B ? c->net : NETS, c->n};

    return hash_fnv1a(which, sizeof which, hash_fnv1a(&seed, sizeof seed, 0));
}

static void say(const Study *s, const Trial *c)
{
    event_say(&s->c->events, EVENT_SAY, "%-9s seed %d  %-5s  n %d  %.4f of %lld pictures",
              halves_name(c->halves), c->seed, net_name(c->net), c->n, trial_accuracy(c),
              (long long)c->pictures);
}

static Status done(Err *e, Study *s, const Trial *c)
{
    say(s, c);
    s->r->trained++;
    return study_trials_write(e, s);
}

static Status make_base(Err *e, Study *s, Pair *p, Trial *c)
{
    bool was = c->done;
    Learn how = {.half = &p->half[c->net], .tuned = true, .seed = seed_of(s, c)};

    TRY(study_base(e, p->a, s, &how, c, &p->base[c->net]));
    return was ? E_OK : done(e, s, c);
}

static Status make_trial(Err *e, Study *s, Pair *p, Trial *c)
{
    bool of_a = c->net == NET_ANB || c->net == NET_ANB_TUNED;
    Learn how = {.half = &p->half[1],
                 .from = p->base[of_a ? 0 : 1],
                 .n = c->n,
                 .tuned = c->net == NET_BNB_TUNED || c->net == NET_ANB_TUNED,
                 .seed = seed_of(s, c)};
    Arena *a = arena_child(e, p->a);
    Params *unused;

    if (!a)
        return err_failed(e->code);
    TRY(study_learn(e, a, s, &how, c, &unused));
    arena_free(a);
    return done(e, s, c);
}

/* The networks [from, to) are those of one seed and one kind of halves. */
static Status make_seed(Err *e, Study *s, int from, int to)
{
    Pair p = {.a = arena_child(e, s->a)};
    int missing = 0;

    if (!p.a)
        return err_failed(e->code);
    for (int i = from; i < to; i++)
        missing += !s->trial[i].done;
    if (missing)
        TRY(study_halves(e, p.a, s, s->trial[from].halves, s->trial[from].seed, p.half));
    for (int i = from; i < to && missing; i++) {
        Trial *c = &s->trial[i];

        if (event_stop(&s->c->events))
            return fail(e, E_STOPPED, "stopped");
        if (c->net <= NET_B)
            TRY(make_base(e, s, &p, c));
        else if (!c->done)
            TRY(make_trial(e, s, &p, c));
    }
    arena_free(p.a);
    return E_OK;
}

static void count_work(Study *s)
{
    int64_t learns = 0, missing = 0;

    for (int64_t i = 0; i < s->n; i++)
        learns += s->picture[i].part == PART_TRAIN;
    for (int i = 0; i < s->trials; i++)
        missing += !s->trial[i].done;
    s->updates = missing * s->o.epochs * ((learns / 2 + s->o.batch - 1) / s->o.batch);
    event_say(&s->c->events, EVENT_SAY,
              "networks  %d of %s, %d epochs each; %lld are to be trained", s->trials,
              s->model->architecture, s->o.epochs, (long long)missing);
    event_send(&s->c->events,
               &(Event){.kind = EVENT_STAGE, .text = "training", .steps = s->updates});
}

static Status make_all(Err *e, Study *s)
{
    int each = 3 + s->layers * (NETS - NET_BNB);

    TRY(study_plan(e, s));
    TRY(study_trials_read(e, s));
    count_work(s);
    for (int i = 0; i < s->trials; i += each)
        TRY(make_seed(e, s, i, i + each));
    return E_OK;
}

Status study_open(Err *e, Study *s)
{
    TRY(settle(e, s));
    TRY(choose_layers(e, s));
    TRY(study_folder(e, s->a, s->o.output, "study.json", (FolderUse){s->o.resume, s->o.overwrite}));
    TRY(study_pictures(e, s));
    TRY(study_names(e, s));
    return study_settings(e, s);
}

Status study_transferability(Err *e, Arena *a, const TaskContext *c, const StudyOptions *o,
                             StudyResult *out)
{
    Study *s = NEW(e, a, Study);

    *out = (StudyResult){.output = o->output};
    if (!s)
        return err_failed(e->code);
    *s = (Study){.a = a, .c = c, .o = *o, .r = out};
    TRY(study_open(e, s));
    Status made = make_all(e, s);
    if (made == E_STOPPED)
        return err_note(e, "hint", "the same command with --resume goes on with what is missing");
    TRY(made);
    TRY(study_findings(e, s));
    TRY(study_summary(e, s));
    return study_report(e, s);
}

/* SPDX-License-Identifier: MIT */
