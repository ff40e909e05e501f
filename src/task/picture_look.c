/* picture_look.c - one look at every picture before anything is learned: each is decoded once, by all threads. */
#include "task/picture.h"

#include <string.h>

typedef struct Looking {
    const TaskContext *c;
    PictureLook *out;
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

static Status show(Err *e, Arena *a, void *arg, const PictureSample *s, const Picture *whole)
{
    const Looking *l = arg;
    float *thumb = l->out->thumb + s->id * THUMB_VALUES;
    Picture small;

    TRY(picture_hash(e, a, whole, &l->out->hash[s->id]));
    TRY(picture_resize(e, a, whole, THUMB, THUMB, FILTER_BOX, &small));
    for (int k = 0; k < THUMB_VALUES; k++)
        thumb[k] = (float)small.rgb[k] / 255;
    return sum_of(e, a, s, l->out->sum[s->id]);
}

static bool go_on(void *arg, int64_t done, int64_t n)
{
    const Looking *l = arg;

    event_send(&l->c->events,
               &(Event){.kind = EVENT_STEP, .text = "looking", .step = done, .steps = n});
    return !event_stop(&l->c->events);
}

Status picture_look(Err *e, Arena *a, const TaskContext *c, PictureSet *s, PictureBad bad,
                    PictureCache *cache, PictureLook *out)
{
    Looking l = {c, out};
    PictureVisit visit = {cache, bad, out ? show : NULL, go_on, &l};
    int notes = s->notes;

    if (out) {
        *out = (PictureLook){.sum = arena_array(e, a, (size_t)s->n + 1, sizeof *out->sum),
                             .hash = NEWS(e, a, uint64_t, s->n + 1),
                             .thumb = NEWS(e, a, float, s->n *THUMB_VALUES + 1)};
        if (!out->sum || !out->hash || !out->thumb)
            return err_failed(e->code);
    }
    event_send(&c->events, &(Event){.kind = EVENT_STAGE, .text = "looking", .steps = s->n});
    TRY(pictureset_visit(e, a, c->pool, s, &visit));
    for (; notes < s->notes; notes++)
        event_say(&c->events, EVENT_WARN, "%s", s->note[notes]);
    return E_OK;
}

/* SPDX-License-Identifier: MIT */
