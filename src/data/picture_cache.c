/* picture_cache.c - pictures decoded once: in memory while the budget lasts, large ones then in a file. */
#include "data/picture_cache.h"

#include <stdatomic.h>
#include <string.h>

#define DEAR      ((int64_t)1 << 20) /* pixels: reading a file is quicker than decoding these */
#define OVERHEAD  ((size_t)4096)     /* of an arena */
#define AHEAD_MAX 4096

typedef enum {
    KEPT_NOT,
    KEPT_MEMORY,
    KEPT_FILE,
    KEPT_ONCE
} KeptState; /* once: until it is asked for */

typedef struct Kept {
    _Atomic int state; /* published after the rest */
    int width, height;
    uint8_t *rgb;
    Arena *arena;
    int64_t at, ticket; /* in the file; of the helper, 0: none */
} Kept;

struct PictureCache {
    PictureCacheOptions o;
    const Sys *sys;
    int64_t n;
    const PictureSample *sample; /* [n] by id */
    Kept *kept[USES];            /* [n] */
    Spill *spill;
    Helper *helper;
    _Atomic size_t memory, file;
    _Atomic int64_t decoded, count[KEPT_ONCE + 1];
};

static size_t bytes_of(int width, int height)
{
    return 3 * (size_t)width * (size_t)height;
}

static void kept_free(PictureCache *c, Kept *k)
{
    int state = atomic_load(&k->state);

    if (state == KEPT_NOT)
        return;
    if (state == KEPT_MEMORY)
        atomic_fetch_sub(&c->memory, bytes_of(k->width, k->height) + OVERHEAD);
    atomic_fetch_sub(&c->count[state], 1);
    arena_free(k->arena);
    k->arena = NULL;
    atomic_store(&k->state, KEPT_NOT);
}

static void cache_free(void *arg)
{
    PictureCache *c = arg;

    for (int use = 0; use < USES; use++)
        for (int64_t i = 0; i < c->n && c->kept[use]; i++)
            kept_free(c, &c->kept[use][i]);
}

/* The picture as this use wants it, in `a` or a view of the whole one. */
static Status as_used(Err *e, Arena *a, const PictureCache *c, const Picture *whole, PictureUse use,
                      Picture *out)
{
    int w = whole->width, h = whole->height, side = c->o.train_side;

    if (use == USE_EVAL)
        return picture_eval(e, a, whole, &c->o.eval, out);
    *out = *whole;
    if (!side || (w < h ? w : h) <= side)
        return E_OK;
    if (w <= h) /* as torchvision's Resize rounds */
        return picture_resize(e, a, whole, side, (int)((int64_t)side * h / w), c->o.eval.filter,
                              out);
    return picture_resize(e, a, whole, (int)((int64_t)side * w / h), side, c->o.eval.filter, out);
}

/* Whether `size` bytes more fit the budget, which then holds them. */
static bool memory_take(PictureCache *c, size_t size)
{
    if (atomic_fetch_add(&c->memory, size) + size <= c->o.memory)
        return true;
    atomic_fetch_sub(&c->memory, size);
    return false;
}

static bool kept_copy(const PictureCache *c, Kept *k, const Picture *p)
{
    size_t size = bytes_of(p->width, p->height);
    Err no = {0};

    k->arena = arena_new(&no, c->sys);
    k->rgb = k->arena ? arena_alloc(&no, k->arena, size) : NULL;
    if (k->rgb) {
        memcpy(k->rgb, p->rgb, size);
        return true;
    }
    arena_free(k->arena);
    k->arena = NULL;
    return false;
}

/* Keeps it where there is room: a refusal, of memory or disk, only costs time.  once: beyond the budget too, as
 * many as `ahead`. */
static void keep(PictureCache *c, Kept *k, const Picture *p, bool dear, bool once)
{
    size_t size = bytes_of(p->width, p->height);
    int state = KEPT_NOT;
    Err no = {0};

    if (atomic_load(&k->state) != KEPT_NOT)
        return;
    if (memory_take(c, size + OVERHEAD)) {
        state = kept_copy(c, k, p) ? KEPT_MEMORY : KEPT_NOT;
        if (state == KEPT_NOT)
            atomic_fetch_sub(&c->memory, size + OVERHEAD);
    } else if (dear && c->spill && !spill_put(&no, c->spill, p->rgb, size, &k->at)) {
        atomic_fetch_add(&c->file, size);
        state = KEPT_FILE;
    } else if (once && atomic_load(&c->count[KEPT_ONCE]) < c->o.ahead) {
        state = kept_copy(c, k, p) ? KEPT_ONCE : KEPT_NOT;
    }
    k->width = p->width;
    k->height = p->height;
    if (state != KEPT_NOT)
        atomic_fetch_add(&c->count[state], 1);
    atomic_store(&k->state, state);
}

static Status load(Err *e, Arena *a, PictureCache *c, int64_t id, PictureUse use, Picture *out,
                   bool *dear)
{
    Picture whole;

    TRY(picturesample_load(e, a, &c->sample[id], &whole));
    atomic_fetch_add(&c->decoded, 1);
    *dear = (int64_t)whole.width * whole.height >= DEAR;
    return as_used(e, a, c, &whole, use, out);
}

static Status copy_to(Err *e, Arena *a, const Picture *p, Picture *out)
{
    size_t size = bytes_of(p->width, p->height);
    uint8_t *rgb = arena_alloc(e, a, size);

    if (!rgb)
        return err_failed(e->code);
    memcpy(rgb, p->rgb, size);
    *out = (Picture){p->width, p->height, rgb};
    return E_OK;
}

/* From what is kept; *done is false when nothing is. */
static Status get_kept(Err *e, Arena *a, PictureCache *c, Kept *k, Picture *out, bool *done)
{
    int state = atomic_load(&k->state);
    Err no = {0};

    *done = true;
    *out = (Picture){k->width, k->height, k->rgb};
    switch (state) {
    case KEPT_MEMORY:
        return E_OK;
    case KEPT_ONCE:
        TRY(copy_to(e, a, out, out));
        kept_free(c, k);
        return E_OK;
    case KEPT_FILE:
        out->rgb = arena_alloc(e, a, bytes_of(k->width, k->height));
        if (!out->rgb)
            return err_failed(e->code);
        if (!spill_get(&no, c->spill, k->at, out->rgb, bytes_of(k->width, k->height)))
            return E_OK;
        kept_free(c, k); /* a disk that does not give back: decoded again */
        break;
    default:
        break;
    }
    *done = false;
    return E_OK;
}

Status picturecache_get(Err *e, Arena *a, PictureCache *c, int64_t id, PictureUse use, Picture *out)
{
    Kept *k = &c->kept[use][id];
    bool done, dear;
    Picture p;

    if (k->ticket)
        helper_wait(c->helper, k->ticket);
    k->ticket = 0;
    TRY(get_kept(e, a, c, k, out, &done));
    if (done)
        return E_OK;
    Arena *scratch = arena_new(e, c->sys);
    if (!scratch)
        return err_failed(e->code);
    Status status = load(e, scratch, c, id, use, &p, &dear);
    if (!status && !c->sample[id].grey)
        keep(c, k, &p, dear, false);
    if (!status && atomic_load(&k->state) == KEPT_MEMORY)
        *out = (Picture){k->width, k->height, k->rgb};
    else if (!status)
        status = copy_to(e, a, &p, out);
    arena_free(scratch);
    return status;
}

/* The helper's job: what goes wrong will be said when the picture is asked for. */
static void make_ready(void *arg, int64_t job)
{
    PictureCache *c = arg;
    int64_t id = job / USES;
    PictureUse use = (PictureUse)(job % USES);
    Kept *k = &c->kept[use][id];
    Err no = {0};
    bool dear;
    Picture p;

    if (atomic_load(&k->state) != KEPT_NOT)
        return;
    Arena *scratch = arena_new(&no, c->sys);
    if (scratch && !load(&no, scratch, c, id, use, &p, &dear))
        keep(c, k, &p, dear, true);
    arena_free(scratch);
}

void picturecache_ahead(PictureCache *c, const int64_t *id, int64_t n, PictureUse use)
{
    for (int64_t i = 0; i < n && c->helper; i++) {
        Kept *k = &c->kept[use][id[i]];

        if (k->ticket || c->sample[id[i]].grey || atomic_load(&k->state) != KEPT_NOT)
            continue;
        k->ticket = helper_ask(c->helper, id[i] * USES + (int64_t)use);
        if (!k->ticket)
            return; /* as many as there is room for are under way */
    }
}

void picturecache_forget(PictureCache *c, int64_t id, PictureUse use)
{
    Kept *k = &c->kept[use][id];

    if (k->ticket)
        helper_wait(c->helper, k->ticket);
    k->ticket = 0;
    kept_free(c, k);
}

Status picturecache_put(Err *e, PictureCache *c, int64_t id, const Picture *whole)
{
    bool dear = (int64_t)whole->width * whole->height >= DEAR;

    atomic_fetch_add(&c->decoded, 1);
    for (int use = 0; use < USES && !c->sample[id].grey; use++) {
        Picture p;

        if (use == USE_TRAIN && c->o.eval_only)
            continue;
        Arena *scratch = arena_new(e, c->sys);
        if (!scratch)
            return err_failed(e->code);
        Status status = as_used(e, scratch, c, whole, (PictureUse)use, &p);
        if (!status)
            keep(c, &c->kept[use][id], &p, dear, false);
        arena_free(scratch);
        TRY(status);
    }
    return E_OK;
}

Status picturecache_new(Err *e, Arena *a, const PictureSet *s, const PictureCacheOptions *o,
                        PictureCache **out)
{
    PictureCache *c = NEW(e, a, PictureCache);
    PictureSample *sample;

    if (!c)
        return err_failed(e->code);
    c->o = *o;
    c->sys = arena_sys(a);
    for (int64_t i = 0; i < s->n; i++)
        c->n = s->at[i].id >= c->n ? s->at[i].id + 1 : c->n;
    c->sample = sample = NEWS(e, a, PictureSample, c->n + 1);
    for (int use = 0; use < USES; use++)
        if (!sample || !(c->kept[use] = NEWS(e, a, Kept, c->n + 1)))
            return err_failed(e->code);
    for (int64_t i = 0; i < s->n; i++)
        sample[s->at[i].id] = s->at[i];
    TRY(arena_defer(e, a, cache_free, c));
    if (o->folder)
        TRY(spill_open(e, a, o->folder, &c->spill));
    if (o->ahead > 0)
        TRY(helper_new(e, a, o->ahead < AHEAD_MAX ? o->ahead : AHEAD_MAX, make_ready, c,
                       &c->helper));
    *out = c;
    return E_OK;
}

PictureCacheFacts picturecache_facts(const PictureCache *c)
{
    return (PictureCacheFacts){.decoded = atomic_load(&c->decoded),
                               .in_memory = atomic_load(&c->count[KEPT_MEMORY]),
                               .in_file = atomic_load(&c->count[KEPT_FILE]),
                               .memory = atomic_load(&c->memory),
                               .file = atomic_load(&c->file)};
}

/* SPDX-License-Identifier: MIT */
