/* commit.c - a saved model replaces another, and is never seen half: its files are complete in engraft/saving, the rename
 * to engraft/saved decides, then they go to their places one by one.  Whoever opens the folder in between moves the rest. */
#include "models/models.h"

static const char *inner(Err *e, Arena *a, const char *folder, const char *name)
{
    return arena_printf(e, a, "%s/engraft/%s", folder, name);
}

Status model_settle(Err *e, Arena *a, const char *folder)
{
    const char *saved = inner(e, a, folder, "saved");
    PathKind kind;

    if (!saved)
        return err_failed(e->code);
    TRY(path_look(e, arena_sys(a), saved, &kind, NULL));
    if (kind != PATH_DIR)
        return E_OK;
    return dir_move_over(e, a, saved, folder)
               ? err_while(e, "completing what was saved in \"%s\"", folder)
               : E_OK;
}

Status model_stage(Err *e, Arena *a, const char *folder, const char **staged)
{
    const Sys *sys = arena_sys(a);
    PathKind kind;

    if (!(*staged = inner(e, a, folder, "saving")))
        return err_failed(e->code);
    TRY(model_settle(e, a, folder));
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
    TRY(dir_sync(e, sys, staged));
    TRY(path_rename(e, sys, staged, saved));
    TRY(dir_sync(e, sys, engraft));
    return model_settle(e, a, folder);
}

/* SPDX-License-Identifier: MIT */
