/* picture_target.c - pictures of an unlabelled target: read behind the labelled ones, with a cache of their own. */
#include "task/picture.h"

#include <string.h>

/* Where the target comes in parts, its part for training is what is learned from. */
static Status own_part(Err *e, Job *j, PictureSet *s)
{
    uint8_t *keep = NEWS(e, j->a, uint8_t, s->n + 1);

    if (!keep)
        return err_failed(e->code);
    if (!s->given[PART_VALID] && !s->given[PART_TEST])
        return E_OK;
    for (int64_t i = 0; i < s->n; i++)
        keep[i] = s->at[i].part == PART_TRAIN;
    pictureset_keep(s, keep);
    return E_OK;
}

static Status fingerprint(Err *e, Job *j, const PictureSet *s, const PictureLook *look)
{
    char hex[65];
    Sha256 all;

    sha256_start(&all);
    sha256_add(&all, j->fingerprint, strlen(j->fingerprint));
    for (int64_t i = 0; i < s->n; i++)
        sha256_add(&all, look->sum[s->at[i].id], 64);
    sha256_end(&all, hex);
    j->fingerprint = arena_strndup(e, j->a, hex, 64);
    return j->fingerprint ? E_OK : e->code;
}

static Status append(Err *e, Job *j, const PictureSet *s)
{
    Cell *first = NEWS(e, j->a, Cell, j->n + s->n + 1);
    PictureSample *picture = NEWS(e, j->a, PictureSample, j->n + s->n + 1);

    if (!first || !picture)
        return err_failed(e->code);
    memcpy(first, j->first, (size_t)j->n * sizeof *first);
    memcpy(picture, j->picture, (size_t)j->n * sizeof *picture);
    for (int64_t i = 0; i < s->n; i++) {
        first[j->n + i] = (Cell){s->at[i].name, strlen(s->at[i].name)};
        picture[j->n + i] = s->at[i];
    }
    j->first = first;
    j->picture = picture;
    j->targets = s->n;
    return E_OK;
}

Status picture_target(Err *e, Job *j)
{
    const TrainOptions *o = &j->o;
    PictureOptions how = {.picture = o->text, .bad = o->bad};
    PictureSet *s = NEW(e, j->a, PictureSet);
    PictureLook *look = NEW(e, j->a, PictureLook);

    if (!s || !look)
        return err_failed(e->code);
    TRY(pictureset_open(e, j->a, o->target, &how, s));
    for (int i = 0; i < s->notes; i++)
        event_say(&j->c->events, EVENT_WARN, "%s", s->note[i]);
    TRY(own_part(e, j, s));
    TRY(picture_cache_of(e, j, s, &j->target_cache));
    TRY(picture_look(e, j->a, j->c, s, o->bad == TABLE_SKIP ? BAD_SKIP : BAD_FAIL, j->target_cache,
                     look));
    event_say(&j->c->events, EVENT_SAY,
              "target    %s: %s, %lld pictures; labels, if it has any, are not read", o->target,
              s->form, (long long)s->n);
    TRY(append(e, j, s));
    return fingerprint(e, j, s, look);
}

/* SPDX-License-Identifier: MIT */
