/* picture_data.c - a person's pictures as samples, labels and parts; what was found is said, with the reason. */
#include "task/picture.h"

#include <string.h>

#define CACHE_BYTES ((size_t)1 << 30)

/* ---- one set of up to three ---- */

static Status open_set(Err *e, Job *j, const char *path, const Labels *known, PictureSet *out)
{
    const TrainOptions *o = &j->o;
    PictureOptions how = {
        .picture = o->text, .label = o->label, .known = known, .want_label = true, .bad = o->bad};

    TRY(pictureset_open(e, j->a, path, &how, out));
    event_say(&j->c->events, EVENT_SAY, "data      %s: %s, %lld pictures", path, out->form,
              (long long)out->n);
    event_say(&j->c->events, EVENT_SAY, "labels    %s", out->reason);
    for (int i = 0; i < out->notes; i++)
        event_say(&j->c->events, EVENT_WARN, "%s", out->note[i]);
    return E_OK;
}

/* The pictures of `more`, all of one part, behind those of `s`. */
static Status join(Err *e, Arena *a, PictureSet *s, const PictureSet *more, Part part)
{
    int64_t n = s->n + more->n;
    PictureSample *at = NEWS(e, a, PictureSample, n + 1);
    int32_t *label = NEWS(e, a, int32_t, n + 1);
    float *number = s->number ? NEWS(e, a, float, n + 1) : NULL;
    int64_t k = 0;

    if (!at || !label || (s->number && !number))
        return err_failed(e->code);
    if (!s->number != !more->number)
        return fail(e, E_DATA, "%s and %s do not have the same kind of labels", s->path,
                    more->path);
    for (int p = PART_TRAIN; p <= PART_TEST; p++) { /* parts lie one after another */
        for (int64_t i = 0; i < n; i++) {
            const PictureSet *from = i < s->n ? s : more;
            int64_t row = i < s->n ? i : i - s->n;

            if ((i < s->n ? (int)s->at[i].part : (int)part) != p)
                continue;
            at[k] = from->at[row];
            at[k].id = k;
            at[k].part = (uint8_t)p;
            label[k] = from->labels.of_row ? from->labels.of_row[row] : -1;
            if (number)
                number[k] = from->number[row];
            k++;
        }
    }
    for (int c = 0; c < s->labels.n; c++)
        s->labels.count[c] += more->labels.count[c];
    s->at = at;
    s->n = n;
    s->labels.of_row = label;
    s->number = number;
    s->given[part] = true;
    return E_OK;
}

/* Parts of their own, by option, take the place of those that the data has itself. */
static Status open_sets(Err *e, Job *j, PictureSet *s)
{
    const char *path[3] = {NULL, j->o.valid, j->o.test};
    static const char *const flag[] = {"", "--valid", "--test"};
    PictureSet more;

    TRY(open_set(e, j, j->o.data, NULL, s));
    for (int p = PART_VALID; p <= PART_TEST; p++) {
        if (!path[p])
            continue;
        if (s->given[p]) {
            fail(e, E_USAGE, "%s has a part of its own for that", j->o.data);
            return err_note(e, "option", "%s %s", flag[p], path[p]);
        }
        TRY(open_set(e, j, path[p], s->number ? NULL : &s->labels, &more));
        TRY(join(e, j->a, s, &more, (Part)p));
    }
    return E_OK;
}

/* ---- what leaves the set ---- */

/* At most `most` of the test part, chosen by seed. */
static Status limit_test(Err *e, Job *j, PictureSet *s, int64_t most)
{
    uint8_t *keep = NEWS(e, j->a, uint8_t, s->n + 1);
    int64_t n = 0, k = 0;

    if (!keep)
        return err_failed(e->code);
    for (int64_t i = 0; i < s->n; i++)
        n += s->at[i].part == PART_TEST;
    for (int64_t i = 0; i < s->n; i++)
        keep[i] = s->at[i].part != PART_TEST ||
                  (int64_t)random_permute((uint64_t)k++, (uint64_t)n, j->o.seed) < most;
    if (n > most) {
        pictureset_keep(s, keep);
        event_say(&j->c->events, EVENT_SAY, "parts     %lld of %lld held-out pictures, by seed",
                  (long long)most, (long long)n);
    }
    return E_OK;
}

/* ---- parts ---- */

static Status groups_now(Err *e, Job *j, const PictureSet *s, const int64_t *group, int64_t **now)
{
    *now = NEWS(e, j->a, int64_t, s->n + 1);
    if (!*now)
        return err_failed(e->code);
    for (int64_t i = 0; i < s->n; i++)
        (*now)[i] = group[s->at[i].id];
    return E_OK;
}

/* Test first, then what a person would have labelled, then validation out of that. */
static Status make_parts(Err *e, Job *j, PictureSet *s, const int64_t *group)
{
    const TrainOptions *o = &j->o;
    int64_t *now;

    TRY(groups_now(e, j, s, group, &now));
    TRY(pictureset_split(e, j->a, s, 0, o->test_share, o->seed, now));
    if (o->per_class > 0)
        TRY(pictureset_limit(e, j->a, s, o->per_class, o->seed));
    if (o->test_limit > 0)
        TRY(limit_test(e, j, s, o->test_limit));
    TRY(groups_now(e, j, s, group, &now));
    return pictureset_split(e, j->a, s, o->valid_share, 0, o->seed, now);
}

/* ---- the job's own lists ---- */

static Status fill_job(Err *e, Job *j, const PictureSet *s)
{
    int64_t without = 0;

    j->regression = s->number != NULL;
    j->labels = s->labels;
    j->outputs = j->regression ? 1 : s->labels.n;
    j->text_name = "picture";
    j->label_name = s->label_name ? s->label_name : "class";
    j->form = s->form;
    j->first = NEWS(e, j->a, Cell, s->n + 1);
    j->picture = NEWS(e, j->a, PictureSample, s->n + 1);
    j->line = NEWS(e, j->a, int64_t, s->n + 1);
    j->label = NEWS(e, j->a, int32_t, s->n + 1);
    j->target = j->regression ? NEWS(e, j->a, float, s->n + 1) : NULL;
    for (int p = 0; p < 3; p++)
        if (!(j->part.row[p] = NEWS(e, j->a, int64_t, s->n + 1)))
            return err_failed(e->code);
    if (!j->first || !j->picture || !j->line || !j->label || (j->regression && !j->target))
        return err_failed(e->code);
    for (int64_t i = 0; i < s->n; i++) {
        const PictureSample *p = &s->at[i];
        bool labelled = j->regression ? s->number[i] == s->number[i] : s->labels.of_row[i] >= 0;

        if (!labelled) {
            without++;
            continue;
        }
        j->first[j->n] = (Cell){p->name, strlen(p->name)};
        j->picture[j->n] = *p;
        j->line[j->n] = p->id + 1;
        j->label[j->n] = j->regression ? 0 : s->labels.of_row[i];
        if (j->regression)
            j->target[j->n] = s->number[i];
        j->part.row[p->part][j->part.n[p->part]++] = j->n++;
    }
    if (without)
        event_say(&j->c->events, EVENT_WARN, "%lld pictures without a label are left out",
                  (long long)without);
    return E_OK;
}

/* SHA-256 over name, label, part and bytes of each picture, in order. */
static Status fingerprint(Err *e, Job *j, const PictureLook *look)
{
    char hex[65];
    Sha256 all;

    sha256_start(&all);
    for (int64_t i = 0; i < j->n; i++) {
        const PictureSample *p = &j->picture[i];
        const char *label = j->regression ? "" : j->labels.name[j->label[i]];

        sha256_add(&all, p->name, strlen(p->name) + 1);
        sha256_add(&all, label, strlen(label) + 1);
        if (j->regression)
            sha256_add(&all, &j->target[i], sizeof j->target[i]);
        sha256_add(&all, &p->part, 1);
        sha256_add(&all, look->sum[p->id], 64);
    }
    sha256_end(&all, hex);
    j->fingerprint = arena_strndup(e, j->a, hex, 64);
    return j->fingerprint ? E_OK : e->code;
}

static void say_parts(const Job *j)
{
    const Events *ev = &j->c->events;

    if (j->regression)
        event_say(ev, EVENT_SAY, "task      regression: \"%s\" is a measurement", j->label_name);
    else
        event_say(ev, EVENT_SAY, "task      classify pictures: %d classes", j->outputs);
    event_say(ev, EVENT_SAY, "parts     %lld training, %lld validation, %lld test (seed %llu)",
              (long long)j->part.n[0], (long long)j->part.n[1], (long long)j->part.n[2],
              (unsigned long long)j->o.seed);
}

/* ---- decoded once ---- */

/* Photos that are far larger than what a crop of them is shrunk to are kept smaller. */
Status picture_cache_of(Err *e, const Job *j, const PictureSet *s, PictureCache **out)
{
    const Augment *g = &j->augment;
    PictureCacheOptions o = {.eval = j->eval, .eval_only = !g->crop, .memory = CACHE_BYTES};

    if (g->crop && g->how.area[0] >= 0.25)
        o.train_side = 2 * j->eval.width;
    return picturecache_new(e, j->a, s, &o, out);
}

/* Only what is learned from is ever seen whole. */
static void forget_unused(const Job *j)
{
    for (int p = PART_VALID; p <= PART_TEST; p++)
        for (int64_t i = 0; i < j->part.n[p]; i++)
            picturecache_forget(j->cache, j->picture[j->part.row[p][i]].id, USE_TRAIN);
}

Status picture_data(Err *e, Job *j)
{
    PictureSet *s = NEW(e, j->a, PictureSet);
    PictureLook *look = NEW(e, j->a, PictureLook);
    int64_t *group;

    if (!s || !look)
        return err_failed(e->code);
    j->look = look;
    TRY(open_sets(e, j, s));
    if (!(group = NEWS(e, j->a, int64_t, s->n + 1)))
        return err_failed(e->code);
    TRY(picture_cache_of(e, j, s, &j->cache));
    int64_t n = s->n;
    TRY(picture_look(e, j->a, j->c, s, j->o.bad == TABLE_SKIP ? BAD_SKIP : BAD_FAIL, j->cache,
                     look));
    TRY(picture_groups(e, j->a, look->hash, n, PICTURE_ALIKE, group));
    TRY(make_parts(e, j, s, group));
    TRY(picture_copies(e, j, s, group));
    TRY(fill_job(e, j, s));
    forget_unused(j);
    say_parts(j);
    return fingerprint(e, j, look);
}

/* SPDX-License-Identifier: MIT */
