/* commit.c - a saved model replaces another, and is never seen half: its files are complete in engraft/saving, the rename
 * to engraft/saved decides, then they go to their places one by one.  Whoever opens the folder in between locks it and
 * moves the rest. */
#include "models/models.h"

static const char *inner(Err *e, Arena *a, const char *folder, const char *name)
{
    return arena_printf(e, a, "%s/engraft/%s", folder, name);
}

/* What one layout has and another lacks; left over it would say how the other is to be read. */
static const char *const optional[] = {
    "modules.json", "sentence_bert_config.json", "1_Pooling", "2_Dense", "2_Normalize", "adapter"};

/* "modules.json.gone" in the staged folder: the new model has none. */
static Status mark_gone(Err *e, Arena *a, const char *staged)
{
    PathKind kind;
    Writer *w;

    for (size_t i = 0; i < LEN(optional); i++) {
        const char *path = path_join(e, a, staged, optional[i]);
        const char *mark = path ? arena_printf(e, a, "%s.gone", path) : NULL;

        if (!mark)
            return err_failed(e->code);
        TRY(path_look(e, arena_sys(a), path, &kind, NULL));
        if (kind != PATH_NONE)
            continue;
        TRY(writer_open(e, a, mark, &w));
        TRY(writer_commit(e, w));
    }
    return E_OK;
}

static Status remove_gone(Err *e, Arena *a, const char *saved, const char *folder)
{
    const Sys *sys = arena_sys(a);
    PathKind marked, there;

    for (size_t i = 0; i < LEN(optional); i++) {
        const char *mark = arena_printf(e, a, "%s/%s.gone", saved, optional[i]);
        const char *path = mark ? path_join(e, a, folder, optional[i]) : NULL;

        if (!path)
            return err_failed(e->code);
        TRY(path_look(e, sys, mark, &marked, NULL));
        if (marked == PATH_NONE)
            continue;
        TRY(path_look(e, sys, path, &there, NULL));
        if (there != PATH_NONE)
            TRY(path_remove(e, sys, path));
        TRY(path_remove(e, sys, mark));
    }
    return E_OK;
}

/* *saved: NULL when nothing waits. */
static Status waiting(Err *e, Arena *a, const char *folder, const char **saved)
{
    PathKind kind;

    if (!(*saved = inner(e, a, folder, "saved")))
        return err_failed(e->code);
    TRY(path_look(e, arena_sys(a), *saved, &kind, NULL));
    if (kind != PATH_DIR)
        *saved = NULL;
    return E_OK;
}

/* For the holder of the folder's lock. */
static Status complete(Err *e, Arena *a, const char *folder)
{
    const char *saved;

    TRY(waiting(e, a, folder, &saved));
    if (!saved)
        return E_OK;
    TRY(remove_gone(e, a, saved, folder));
    return dir_move_over(e, a, saved, folder);
}

/* Two that move at once could remove what the other has brought. */
static Status lock_and_complete(Err *e, Arena *a, const char *folder)
{
    TRY(dir_lock(e, a, folder));
    return complete(e, a, folder);
}

Status model_settle(Err *e, Arena *a, const char *folder)
{
    const char *saved;

    TRY(waiting(e, a, folder, &saved));
    if (!saved)
        return E_OK;
    Arena *held = arena_child(e, a);
    if (!held)
        return err_failed(e->code);
    Status s = lock_and_complete(e, held, folder);
    arena_free(held);
    return s ? err_while(e, "completing what was saved in \"%s\"", folder) : E_OK;
}

Status model_stage(Err *e, Arena *a, const char *folder, const char **staged)
{
    const Sys *sys = arena_sys(a);
    PathKind kind;

    if (!(*staged = inner(e, a, folder, "saving")))
        return err_failed(e->code);
    TRY(complete(e, a, folder));
    TRY(path_look(e, sys, *staged, &kind, NULL));
    if (kind != PATH_NONE)
        TRY(path_remove(e, sys, *staged));
    return dir_make(e, sys, *staged);
}

Status model_commit(Err *e, Arena *a, const char *folder, const char *staged)
{
    const Sys *sys = arena_sys(a);
    const char *saved = inner(e, a, folder, "saved"), *engraft = inner(e, a, folder, "");

    if (!saved || !engraft)
        return err_failed(e->code);
    TRY(mark_gone(e, a, staged));
    TRY(dir_sync(e, sys, staged));
    TRY(path_rename(e, sys, staged, saved));
    TRY(dir_sync(e, sys, engraft));
    return complete(e, a, folder);
}

/* SPDX-License-Identifier: MIT */
