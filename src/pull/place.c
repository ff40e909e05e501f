/* place.c - a model's folder while it is brought.  Files gather in NAME.part, with a record of those that are whole;
 * at the end the folder gets its name in one step, so that nobody ever meets half a model. */
#include "pull/pull.h"

#include "base/sys.h"

#include <string.h>

static bool same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

/* ".locks/org--name": it stays, so that two who come at once lock the same file. */
static Status lock_name(Err *e, Arena *a, const Pull *p, const char *name)
{
    char *flat = arena_strndup(e, a, name, strlen(name));
    char *folder = flat ? arena_printf(e, a, "%s/.locks/%s", p->places.models, flat) : NULL;

    if (!folder)
        return err_failed(e->code);
    for (char *c = folder + strlen(folder) - strlen(name); *c; c++)
        if (*c == '/')
            *c = '=';
    TRY(dir_make(e, arena_sys(a), folder));
    return dir_lock(e, a, folder);
}

static Status make_folder(Err *e, Arena *a, const Place *at)
{
    const Sys *sys = arena_sys(a);
    struct stat st;

    if (sys->stat(sys->user, at->part, false, &st) == 0 && !S_ISDIR(st.st_mode))
        TRY(path_remove(e, sys, at->part)); /* a link there would lead our files elsewhere */
    return dir_make(e, sys, at->part);
}

/* An earlier call's record, when it was about the same files. */
static Status take_up(Err *e, Arena *a, const HubRecord *from, Place *at)
{
    char *path = path_join(e, a, at->part, HUB_SUMS);
    Err ignored = {0};
    HubRecord old;

    if (!path)
        return err_failed(e->code);
    bool here = path_kind(arena_sys(a), path) == PATH_FILE &&
                !hub_record_read(&ignored, a, path, &old) && same_text(old.source, from->source) &&
                same_text(old.revision, from->revision);
    if (here) {
        at->record = old;
        return E_OK;
    }
    if (path_kind(arena_sys(a), at->part) != PATH_NONE)
        TRY(path_remove(e, arena_sys(a), at->part));
    return make_folder(e, a, at);
}

Status place_open(Err *e, Arena *a, Pull *p, const char *name, const HubRecord *from, Place *out)
{
    *out = (Place){.name = name, .record = *from};
    out->final = path_join(e, a, p->places.models, name);
    out->part = out->final ? arena_printf(e, a, "%s.part", out->final) : NULL;
    if (!out->part)
        return err_failed(e->code);
    TRY(lock_name(e, a, p, name));
    TRY(make_folder(e, a, out));
    TRY(take_up(e, a, from, out));
    char *path = path_join(e, a, out->part, HUB_SUMS);
    return path ? hub_record_write(e, a, path, &out->record) : err_failed(e->code);
}

/* Whole from an earlier call: read again, since much may have happened to it. */
Status place_has(Err *e, Arena *a, Place *at, const char *file, const char *sha256, bool *has)
{
    const HubSum *sum = hub_record_find(&at->record, file);
    char found[65];

    *has = false;
    if (!sum || (sha256 && strcmp(sum->sha256, sha256) != 0))
        return E_OK;
    char *path = path_join(e, a, at->part, file);
    if (!path)
        return err_failed(e->code);
    if (path_kind(arena_sys(a), path) != PATH_FILE)
        return E_OK;
    TRY(sha256_file(e, a, path, found));
    *has = strcmp(found, sum->sha256) == 0;
    return E_OK;
}

Status place_add(Err *e, Arena *a, Place *at, const HubSum *sum)
{
    char *path = path_join(e, a, at->part, HUB_SUMS);

    if (!path)
        return err_failed(e->code);
    TRY(hub_record_put(e, a, &at->record, sum));
    return hub_record_write(e, a, path, &at->record);
}

Status place_finish(Err *e, Arena *a, Place *at)
{
    const Sys *sys = arena_sys(a);
    char *old = arena_printf(e, a, "%s.old", at->final);
    char *parent = arena_strndup(e, a, at->final, (size_t)(path_base(at->final) - at->final));

    if (!old || !parent)
        return err_failed(e->code);
    TRY(dir_sync(e, sys, at->part));
    if (path_kind(sys, old) != PATH_NONE)
        TRY(path_remove(e, sys, old));
    bool replaced = path_kind(sys, at->final) != PATH_NONE;
    if (replaced)
        TRY(path_rename(e, sys, at->final, old));
    if (path_rename(e, sys, at->part, at->final)) {
        if (replaced) /* what was here stays */
            (void)sys->rename(sys->user, old, at->final);
        return e->code;
    }
    TRY(dir_sync(e, sys, parent));
    return replaced ? path_remove(e, sys, old) : E_OK;
}

/* SPDX-License-Identifier: MIT */
