/* model.c - from a name to a folder: here already, from the registry, or from the hub. */
#include "pull/pull.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

Status pull_note(Pull *p, const char *fmt, ...)
{
    char text[600];
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    p->note(p->user, text);
    return E_OK;
}

Status pull_stopped(Err *e, const Pull *p)
{
    return *p->stop ? fail(e, E_STOPPED, "stopped") : E_OK;
}

Status pull_wait(Err *e, const Pull *p, double seconds)
{
    double end = clock_seconds() + (p->loopback ? seconds / 100 : seconds);

    while (clock_seconds() < end) {
        TRY(pull_stopped(e, p));
        (void)nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    }
    return pull_stopped(e, p);
}

static bool same_revision(const HubRecord *r, const Pull *p)
{
    const char *wanted = p->revision;

    return !wanted || (r->revision && !strcmp(r->revision, wanted)) ||
           (r->commit && !strcmp(r->commit, wanted));
}

static bool same_lock(const HubRecord *r, const HubRecord *lock)
{
    for (size_t i = 0; lock && i < lock->files; i++) {
        const HubSum *mine = hub_record_find(r, lock->file[i].name);

        if (!mine || strcmp(mine->sha256, lock->file[i].sha256) != 0)
            return false;
    }
    return true;
}

/* *missing: what keeps the folder from being used as it is; NULL: nothing. */
static Status look(Err *e, Arena *a, const Pull *p, const char *folder, HubRecord *record,
                   const char **missing)
{
    char *sums = path_join(e, a, folder, HUB_SUMS);
    bool here;

    *record = (HubRecord){0};
    *missing = "all of it";
    if (!sums)
        return err_failed(e->code);
    TRY(path_file(e, arena_sys(a), sums, &here));
    if (!here && path_kind(arena_sys(a), folder) == PATH_NONE)
        return E_OK;
    if (!here && !p->again) {
        fail(e, E_TAKEN, "there is a folder that pull did not make");
        err_note(e, "folder", "%s", folder);
        return err_note(e, "hint", "Move it away; --again replaces it.");
    }
    Err why = {0};
    if (hub_record_read(&why, a, sums, record)) {
        *missing = HUB_SUMS;
        return E_OK;
    }
    if (!same_revision(record, p) || !same_lock(record, p->lock)) {
        *missing = "another version is here";
        return E_OK;
    }
    return hub_record_check(e, a, record, folder, p->verify, missing);
}

static Status offline(Err *e, Arena *a, const Pull *p, const char *name, const HubModel *m,
                      const char *missing)
{
    char *part = arena_printf(e, a, "%s/%s.part/%s", p->places.models, name, HUB_SUMS);
    HubRecord got = {0};
    Err ignored = {0};
    const char *other;

    if (part && path_kind(arena_sys(a), part) == PATH_FILE)
        hub_record_read(&ignored, a, part, &got);
    fail(e, E_UNAVAILABLE, "%s is not here, and the network may not be asked", name);
    err_note(e, "missing", "%s", missing);
    for (size_t i = 0; m && i < m->files; i++)
        if (!hub_record_find(&got, m->file[i].name))
            err_note(e, "", "%s, %lld bytes, sha256 %.16s..", m->file[i].name,
                     (long long)m->file[i].bytes, m->file[i].sha256);
    if (!m)
        err_note(e, "", "config.json, tokenizer and weights of %s/%s", p->endpoint, name);
    for (size_t i = 0; i < got.files; i++)
        err_note(e, i ? "" : "here", "%s, %lld bytes", got.file[i].name,
                 (long long)got.file[i].bytes);
    if (!hub_resolve(&ignored, a, &(HubPlaces){.hf = p->places.hf}, name, &other))
        err_note(e, "but", "it is in %s, where it is found by this name", other);
    return err_note(e, "hint",
                    "Without --offline, HF_HUB_OFFLINE and TRANSFORMERS_OFFLINE it is asked.");
}

/* What the record of the finished folder will say. */
static Status describe(Err *e, Arena *a, const Pull *p, const char *name, const HubModel *m,
                       HubRecord *r)
{
    *r = (HubRecord){.revision = p->revision ? p->revision : "main"};
    if (m) {
        *r = (HubRecord){.source = m->publisher, .licence = m->licence};
        return E_OK;
    }
    if (p->lock && p->lock->commit)
        r->commit = p->lock->commit;
    if (p->lock && p->lock->revision && !p->revision)
        r->revision = p->lock->revision;
    TRY(repo_check_revision(e, r->revision));
    if (r->commit)
        TRY(repo_check_revision(e, r->commit));
    r->source = arena_printf(e, a, "%s/%s", p->endpoint, name);
    return r->source ? E_OK : err_failed(e->code);
}

static Status bring(Err *e, Arena *a, Pull *p, const char *name, const HubModel *m, Pulled *out)
{
    HubRecord record;
    Place at;

    TRY(describe(e, a, p, name, m, &record));
    TRY(place_open(e, a, p, name, &record, &at));
    TRY(m ? pull_known(e, a, p, m, &at) : pull_repo(e, a, p, name, &at));
    TRY(place_finish(e, a, &at));
    out->record = at.record;
    return E_OK;
}

Status pull_model(Err *e, Arena *a, Pull *p, const char *name, Pulled *out)
{
    const HubModel *m = hub_model_find(name);
    const char *missing;

    *out = (Pulled){0};
    TRY(repo_check_name(e, name));
    if (m && (p->revision || p->lock))
        return fail(e, E_USAGE, "%s is pinned: it has no other revision and no lock", name);
    if (!m && p->wheel)
        return fail(e, E_USAGE, "--wheel is for models of the registry, which \"%s\" is not", name);
    out->path = path_join(e, a, p->places.models, name);
    if (!out->path)
        return err_failed(e->code);
    TRY(look(e, a, p, out->path, &out->record, &missing));
    out->here = !missing && !p->again;
    if (out->here)
        return E_OK;
    if (p->offline && !p->wheel)
        return offline(e, a, p, name, m, missing ? missing : "it was to be brought again");
    if (missing && out->record.files)
        pull_note(p, "%s: %s in %s; it is brought again", name, missing, out->path);
    TRY(dir_make(e, arena_sys(a), p->places.models));
    return bring(e, a, p, name, m, out);
}

/* SPDX-License-Identifier: MIT */
