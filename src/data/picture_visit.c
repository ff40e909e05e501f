/* picture_visit.c - one pass over all pictures of a set: those that cannot be decoded are found before anything is
 * learned from the rest. */
#include "data/picture_cache.h"

#include <stdio.h>
#include <string.h>

#define BLOCK 32 /* pictures between two looks at whether to go on */
#define NAMED 10

typedef struct Verdict {
    Status status;
    char why[160]; /* the first line of the message */
} Verdict;

typedef struct Visit {
    const PictureVisit *v;
    const PictureSet *set;
    const Sys *sys;
    int64_t first; /* of the block */
    Verdict verdict[BLOCK];
    uint8_t *keep; /* [n] */
    int64_t bad;
    int64_t named[NAMED];
    char why[NAMED][160];
} Visit;

static Status visit_one(Err *e, Arena *a, const Visit *x, int64_t i)
{
    Picture p;

    TRY(pictureset_load(e, a, x->set, i, &p));
    if (x->v->cache)
        TRY(picturecache_put(e, x->v->cache, x->set->at[i].id, &p));
    return x->v->show ? x->v->show(e, a, x->v->arg, &x->set->at[i], &p) : E_OK;
}

static void visit_some(void *arg, int64_t begin, int64_t end, int thread)
{
    Visit *x = arg;

    (void)thread;
    for (int64_t k = begin; k < end; k++) {
        Verdict *v = &x->verdict[k];
        Err e = {0};
        Arena *a = arena_new(&e, x->sys);

        v->status = a ? visit_one(&e, a, x, x->first + k) : err_failed(e.code);
        (void)snprintf(v->why, sizeof v->why, "%.*s", (int)strcspn(e.text, "\n"), e.text);
        arena_free(a);
    }
}

/* What only the file is to blame for. */
static bool file_is_bad(Status s)
{
    return s == E_DATA || s == E_NOINPUT;
}

static Status block_judge(Err *e, Visit *x, int64_t n)
{
    for (int64_t k = 0; k < n; k++) {
        const Verdict *v = &x->verdict[k];
        int64_t i = x->first + k;

        x->keep[i] = v->status == E_OK;
        if (v->status && !file_is_bad(v->status)) {
            fail(e, v->status, "%s", v->why);
            return err_note(e, "picture", "%s", x->set->at[i].name);
        }
        if (!v->status)
            continue;
        if (x->bad < NAMED) {
            x->named[x->bad] = i;
            memcpy(x->why[x->bad], v->why, sizeof v->why);
        }
        x->bad++;
    }
    return E_OK;
}

static Status bad_fail(Err *e, const Visit *x)
{
    fail(e, E_DATA, "%lld of %lld pictures cannot be read", (long long)x->bad,
         (long long)x->set->n);
    for (int i = 0; i < NAMED && i < x->bad; i++)
        err_note(e, "picture", "%.100s: %s", x->set->at[x->named[i]].name, x->why[i]);
    if (x->bad == x->set->n)
        return e->code;
    return err_note(e, "hint", "--on-bad=skip leaves them out");
}

/* One more note of the set: "2 pictures cannot be read, left out: a.jpg (the file is empty), .." */
static Status bad_note(Err *e, Arena *a, PictureSet *s, const Visit *x)
{
    char text[2600];
    int used =
        snprintf(text, sizeof text, "%lld picture%s cannot be read, left out:", (long long)x->bad,
                 x->bad == 1 ? "" : "s");
    const char **note = NEWS(e, a, const char *, s->notes + 1);

    if (!note || used < 0)
        return err_failed(e->code);
    for (int i = 0; i < NAMED && i < x->bad; i++)
        used += snprintf(text + used, sizeof text - (size_t)used, "%s %.90s (%.140s)", i ? "," : "",
                         s->at[x->named[i]].name, x->why[i]);
    if (x->bad > NAMED)
        (void)snprintf(text + used, sizeof text - (size_t)used, ", ..");
    if (s->notes)
        memcpy(note, s->note, (size_t)s->notes * sizeof *note);
    note[s->notes] = arena_strndup(e, a, text, strlen(text));
    s->note = note;
    return note[s->notes++] ? E_OK : err_failed(e->code);
}

Status pictureset_visit(Err *e, Arena *a, Pool *pool, PictureSet *s, const PictureVisit *v)
{
    Arena *scratch = arena_child(e, a);
    Visit *x = scratch ? NEW(e, scratch, Visit) : NULL;

    if (!x)
        return err_failed(e->code);
    *x = (Visit){.v = v, .set = s, .sys = arena_sys(a)};
    if (!(x->keep = NEWS(e, scratch, uint8_t, s->n + 1)))
        return err_failed(e->code);
    for (; x->first < s->n; x->first += BLOCK) {
        int64_t n = s->n - x->first < BLOCK ? s->n - x->first : BLOCK;

        par_for(pool, n, 1, visit_some, x);
        TRY(block_judge(e, x, n));
        if (v->go_on && !v->go_on(v->arg, x->first + n, s->n))
            return fail(e, E_STOPPED, "stopped while looking at the pictures");
    }
    if (x->bad && (v->bad == BAD_FAIL || x->bad == s->n))
        return bad_fail(e, x);
    if (x->bad) {
        TRY(bad_note(e, a, s, x));
        pictureset_keep(s, x->keep);
    }
    arena_free(scratch);
    return E_OK;
}

/* SPDX-License-Identifier: MIT */
