/* pictures.c - the pictures of a study: their parts, so many of each class by seed, near-copies in one part. */
#include "study/inside.h"

#include <string.h>

#define CACHE_BYTES ((size_t)1 << 30)

/* What the source calls validation is judged on where it has no test part, else learned from. */
static void two_parts(PictureSet *s)
{
    for (int64_t i = 0; i < s->n; i++)
        if (s->at[i].part == PART_VALID)
            s->at[i].part = s->given[PART_TEST] ? PART_TRAIN : PART_TEST;
    s->given[PART_TEST] |= s->given[PART_VALID];
    s->given[PART_VALID] = true;
}

/* Numbers them anew: what is kept by number is made for the set as it is. */
static void keep(PictureSet *s, const uint8_t *kept)
{
    pictureset_keep(s, kept);
    for (int64_t i = 0; i < s->n; i++)
        s->at[i].id = i;
}

/* At most so many of each class in each part, chosen by seed. */
static Status limit(Err *e, Study *s, PictureSet *set)
{
    const int64_t most[3] = {s->o.per_class, 0, s->o.test_limit};
    int64_t classes = set->labels.n, *count = NEWS(e, s->a, int64_t, 6 * classes + 1);
    int64_t *seen = count ? count + 3 * classes : NULL;
    uint8_t *kept = NEWS(e, s->a, uint8_t, set->n + 1);

    if (!count || !kept)
        return err_failed(e->code);
    for (int64_t i = 0; i < set->n; i++)
        if (set->labels.of_row[i] >= 0)
            count[set->at[i].part * classes + set->labels.of_row[i]]++;
    for (int64_t i = 0; i < set->n; i++) {
        int part = set->at[i].part;
        int64_t group = part * classes + set->labels.of_row[i];

        if (set->labels.of_row[i] < 0)
            continue;
        uint64_t key =
            hash_fnv1a(&group, sizeof group, hash_fnv1a(&s->o.seed, sizeof s->o.seed, 0));
        int64_t at = (int64_t)random_permute((uint64_t)seen[group]++, (uint64_t)count[group], key);
        kept[i] = most[part] < 0 || at < most[part];
    }
    keep(set, kept);
    return E_OK;
}

static Status look(Err *e, Study *s, PictureSet *set, PictureLook *out)
{
    PictureCacheOptions o = {.eval_only = true, .memory = CACHE_BYTES};
    PictureCache *cache;

    TRY(picture_eval_of(e, s->model, s->o.size, &o.eval));
    TRY(picturecache_new(e, s->a, set, &o, &cache));
    s->reader.inside = cache;
    return picture_look(e, s->a, s->c, set, BAD_FAIL, cache, out);
}

static Status split(Err *e, Study *s, PictureSet *set, const PictureLook *look)
{
    int64_t *group = NEWS(e, s->a, int64_t, set->n + 1);

    if (!group)
        return err_failed(e->code);
    TRY(picture_groups(e, s->a, look->hash, set->n, PICTURE_ALIKE, group));
    TRY(pictureset_split(e, s->a, set, 0, 0.3, s->o.seed, group));
    event_say(&s->c->events, EVENT_SAY,
              "parts     there is no test part: 0.3 of each class, by seed");
    return E_OK;
}

/* SHA-256 over name, label, part and bytes of each picture, in order. */
static Status fingerprint(Err *e, Study *s, const PictureLook *look)
{
    char hex[65];
    Sha256 all;

    sha256_start(&all);
    for (int64_t i = 0; i < s->n; i++) {
        const PictureSample *p = &s->picture[i];
        const char *label = s->labels.name[s->label[i]];

        sha256_add(&all, p->name, strlen(p->name) + 1);
        sha256_add(&all, label, strlen(label) + 1);
        sha256_add(&all, &p->part, 1);
        sha256_add(&all, look->sum[p->id], 64);
    }
    sha256_end(&all, hex);
    s->fingerprint = arena_strndup(e, s->a, hex, 64);
    return s->fingerprint ? E_OK : e->code;
}

static Status make_set(Err *e, Study *s)
{
    int64_t part[3] = {0};

    for (int64_t i = 0; i < s->n; i++)
        part[s->picture[i].part]++;
    event_say(&s->c->events, EVENT_SAY, "pictures  %lld to learn from, %lld to judge by, %d x %d",
              (long long)part[PART_TRAIN], (long long)part[PART_TEST], (int)s->o.size,
              (int)s->o.size);
    return sample_picture.make(e, s->a, &s->reader, &(Raw){.picture = s->picture, .n = s->n},
                               &s->set);
}

Status study_pictures(Err *e, Study *s)
{
    PictureOptions how = {.want_label = true};
    PictureSet *set = NEW(e, s->a, PictureSet);
    PictureLook seen;

    if (!set)
        return err_failed(e->code);
    TRY(pictureset_open(e, s->a, s->o.data, &how, set));
    if (set->number) {
        fail(e, E_DATA, "the labels are measurements: there are no classes to cut in halves");
        return err_note(e, "data", "%s", s->o.data);
    }
    event_say(&s->c->events, EVENT_SAY, "data      %s: %s, %lld pictures of %d classes", s->o.data,
              set->form, (long long)set->n, set->labels.n);
    two_parts(set);
    TRY(sample_picture.open(e, s->a, s->model, s->o.size, &s->reader));
    s->reader.pool = s->c->pool;
    s->reader.events = &s->c->events;
    if (!set->given[PART_TEST]) {
        TRY(look(e, s, set, &seen));
        TRY(split(e, s, set, &seen));
    }
    TRY(limit(e, s, set));
    TRY(look(e, s, set, &seen));
    s->form = set->form;
    s->n = set->n;
    s->picture = set->at;
    s->label = set->labels.of_row;
    s->labels = set->labels;
    s->grey = set->n > 0 && set->at[0].grey != NULL;
    TRY(fingerprint(e, s, &seen));
    return make_set(e, s);
}

/* SPDX-License-Identifier: MIT */
