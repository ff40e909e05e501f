/* picture_look.c - one look at every picture before anything is learned: each is decoded once, on all cores. */
#include "task/picture.h"

#include <string.h>

#define AT_ONCE 256 /* between two events */

typedef struct Worker {
    Arena *arena;
    int64_t bad; /* the first that this thread could not read, -1: none */
    Err err;
} Worker;

typedef struct Looking {
    const PictureSet *set;
    PictureLook *out;
    Worker *worker; /* [threads] */
    int64_t first;  /* of this round */
} Looking;

static Status sum_of(Err *e, Arena *a, const PictureSample *s, char hex[65])
{
    Sha256 sha;

    if (!s->grey)
        return sha256_file(e, a, s->file, hex);
    sha256_start(&sha);
    sha256_add(&sha, s->grey, (size_t)s->width * (size_t)s->height);
    sha256_end(&sha, hex);
    return E_OK;
}

static Status look_at(Err *e, Arena *a, const Looking *l, int64_t i)
{
    Picture p, small;

    TRY(pictureset_load(e, a, l->set, i, &p));
    TRY(picture_hash(e, a, &p, &l->out->hash[i]));
    TRY(picture_resize(e, a, &p, THUMB, THUMB, FILTER_BOX, &small));
    for (int k = 0; k < THUMB_VALUES; k++)
        l->out->thumb[i * THUMB_VALUES + k] = (float)small.rgb[k] / 255;
    return sum_of(e, a, &l->set->at[i], l->out->sum[i]);
}

static void look_some(void *arg, int64_t begin, int64_t end, int thread)
{
    Looking *l = arg;
    Worker *w = &l->worker[thread];

    for (int64_t i = l->first + begin; i < l->first + end; i++) {
        Err err = {0};
        Arena *a = arena_child(&err, w->arena);

        if (!a || look_at(&err, a, l, i)) {
            l->out->bad[i] = 1;
            if (w->bad < 0) {
                w->bad = i;
                w->err = err;
            }
        }
        arena_free(a);
    }
}

/* What went wrong with the first of all; what is no fault of a file ends the look. */
static Status gather(Err *e, Arena *a, const Looking *l, int threads)
{
    int64_t first = -1;

    for (int t = 0; t < threads; t++) {
        const Worker *w = &l->worker[t];

        if (w->bad < 0)
            continue;
        if (w->err.code != E_DATA && w->err.code != E_NOINPUT) {
            *e = w->err;
            return e->code;
        }
        if (first >= 0 && first < w->bad)
            continue;
        first = w->bad;
        if (!l->out->first && !(l->out->first = NEW(e, a, Err)))
            return err_failed(e->code);
        *l->out->first = w->err;
    }
    for (int64_t i = 0; i < l->set->n; i++)
        l->out->unread += l->out->bad[i];
    return E_OK;
}

Status picture_look(Err *e, Arena *a, const TaskContext *c, const PictureSet *s, PictureLook *out)
{
    int threads = pool_threads(c->pool);
    Arena *scratch = arena_child(e, a);
    Looking l = {.set = s, .out = out};

    *out = (PictureLook){.bad = NEWS(e, a, uint8_t, s->n + 1),
                         .sum = arena_array(e, a, (size_t)s->n + 1, sizeof *out->sum),
                         .hash = NEWS(e, a, uint64_t, s->n + 1),
                         .thumb = NEWS(e, a, float, s->n *THUMB_VALUES + 1)};
    l.worker = scratch ? NEWS(e, scratch, Worker, threads) : NULL;
    if (!l.worker || !out->bad || !out->sum || !out->hash || !out->thumb)
        return err_failed(e->code);
    for (int t = 0; t < threads; t++) {
        l.worker[t].bad = -1;
        if (!(l.worker[t].arena = arena_child(e, scratch)))
            return err_failed(e->code);
    }
    event_send(&c->events, &(Event){.kind = EVENT_STAGE, .text = "looking", .steps = s->n});
    for (; l.first < s->n; l.first += AT_ONCE) {
        int64_t n = s->n - l.first < AT_ONCE ? s->n - l.first : AT_ONCE;

        if (event_stop(&c->events))
            return fail(e, E_STOPPED, "stopped while looking at the pictures");
        par_for(c->pool, n, 1, look_some, &l);
        event_send(
            &c->events,
            &(Event){.kind = EVENT_STEP, .text = "looking", .step = l.first + n, .steps = s->n});
    }
    TRY(gather(e, a, &l, threads));
    arena_free(scratch);
    return E_OK;
}

/* SPDX-License-Identifier: MIT */
