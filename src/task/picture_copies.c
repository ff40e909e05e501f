/* picture_copies.c - pictures that look alike: told where they may spoil a score. */
#include "task/picture.h"

#define COPY_RMS                                                                                   \
    0.02 /* of thumbnails: re-encoding leaves less, clothes on one ground differ by more */
#define COPIES_SEEN 64

/* Whether two pictures of a group are copies in truth: thumbnails, too, hardly differ.  The hash alone takes the same
 * pattern in other colours for one, which is well for cutting parts and no reason to alarm anybody. */
static bool is_copy(const PictureLook *look, int64_t a, int64_t b)
{
    const float *x = look->thumb + a * THUMB_VALUES, *y = look->thumb + b * THUMB_VALUES;
    double sum = 0;

    for (int k = 0; k < THUMB_VALUES; k++)
        sum += ((double)x[k] - (double)y[k]) * ((double)x[k] - (double)y[k]);
    return sum < COPY_RMS * COPY_RMS * (double)THUMB_VALUES;
}

typedef struct Copies {
    int64_t alike, leaks,
        labels; /* grouped; copies of one in another part; of one of another class */
} Copies;

/* A picture against those before it in its group. */
static void count_copies(Copies *c, const PictureSet *s, const PictureLook *look,
                         const int64_t *before, int64_t i)
{
    bool leak = false, label = false;

    for (int64_t k = before[i], n = 0; k >= 0 && n < COPIES_SEEN; k = before[k], n++) {
        if (!is_copy(look, s->at[i].id, s->at[k].id))
            continue;
        leak |= s->at[i].part != s->at[k].part;
        label |= s->labels.of_row && s->labels.of_row[i] != s->labels.of_row[k];
    }
    c->alike += before[i] >= 0;
    c->leaks += leak;
    c->labels += label;
}

static void say_copies(const Job *j, const Copies *c)
{
    const Events *ev = &j->c->events;

    if (c->alike)
        event_say(ev, EVENT_SAY,
                  "parts     %lld pictures look like another; parts are cut so that "
                  "such stay together",
                  (long long)c->alike);
    if (c->leaks)
        event_say(ev, EVENT_WARN,
                  "%lld pictures are copies of one in another part, as the data gives it: scores "
                  "on that part are too good",
                  (long long)c->leaks);
    if (c->labels)
        event_say(ev, EVENT_WARN,
                  "%lld pictures are copies of one of another class: is one labelled wrongly?",
                  (long long)c->labels);
}

Status picture_copies(Err *e, Job *j, const PictureSet *s, const int64_t *group)
{
    Arena *scratch = arena_child(e, j->a);
    Copies c = {0};
    int64_t most = 0;

    for (int64_t i = 0; i < s->n; i++)
        most = s->at[i].id > most ? s->at[i].id : most;
    /* last seen of a group, and the one before each: one more than the place, 0 for none */
    int64_t *last = scratch ? NEWS(e, scratch, int64_t, most + 1) : NULL;
    int64_t *before = scratch ? NEWS(e, scratch, int64_t, s->n + 1) : NULL;
    if (!last || !before)
        return err_failed(e->code);
    for (int64_t i = 0; i < s->n; i++) {
        int64_t *at = &last[group[s->at[i].id]];

        before[i] = *at - 1;
        *at = i + 1;
        count_copies(&c, s, j->look, before, i);
    }
    j->duplicates = c.alike;
    say_copies(j, &c);
    arena_free(scratch);
    return E_OK;
}

/* SPDX-License-Identifier: MIT */
