/* folder.c - the folder that a run makes: locked in the first second; what lies there is never overwritten unasked. */
#include "task/folder.h"

#include <string.h>

static Status taken(Err *e, const char *folder, const char *what, const char *hint)
{
    fail(e, E_TAKEN, "%s", what);
    err_note(e, "folder", "%s", folder);
    return err_note(e, "hint", "%s", hint);
}

/* Removes all but the lock that we hold. */
static Status empty_folder(Err *e, Arena *a, const char *folder)
{
    char **name;
    size_t n;

    TRY(dir_list(e, a, folder, &name, &n));
    for (size_t i = 0; i < n; i++) {
        const char *path = path_join(e, a, folder, name[i]);

        if (!path)
            return err_failed(e->code);
        if (strcmp(name[i], ".lock") != 0)
            TRY(path_remove(e, arena_sys(a), path));
    }
    return E_OK;
}

Status run_folder(Err *e, Arena *a, const char *folder, bool overwrite, bool resume)
{
    const Sys *sys = arena_sys(a);
    const char *inner = path_join(e, a, folder, "engraft");
    const char *done = inner ? path_join(e, a, inner, "finished") : NULL;
    char **name;
    size_t n = 0;

    if (!done)
        return err_failed(e->code);
    if (path_kind(sys, folder) == PATH_DIR)
        TRY(dir_list(e, a, folder, &name, &n));
    bool ours = path_kind(sys, inner) == PATH_DIR;
    if (n == 1 && strcmp(name[0], ".lock") == 0)
        n = 0;
    if (n > 0 && !ours)
        return taken(e, folder, "the output folder holds other things",
                     "choose another with -o; a folder that is not a run is never overwritten");
    if (ours && path_kind(sys, done) == PATH_FILE && !overwrite)
        return taken(e, folder, "the output folder holds a finished run",
                     "--overwrite begins it anew, -o chooses another folder");
    if (ours && !overwrite && !resume)
        return taken(e, folder, "the output folder holds an interrupted run",
                     "--resume goes on with it, --overwrite begins it anew");
    TRY(dir_make(e, sys, folder));
    TRY(dir_lock(e, a, folder));
    if (ours && overwrite)
        TRY(empty_folder(e, a, folder));
    return dir_make(e, sys, inner);
}

Status run_finished(Err *e, Arena *a, const char *folder, const char *says)
{
    const char *mark = arena_printf(e, a, "%s/engraft/finished", folder);
    const char *checkpoints = arena_printf(e, a, "%s/engraft/checkpoints", folder);
    Writer *w;

    if (!mark || !checkpoints)
        return err_failed(e->code);
    TRY(writer_open(e, a, mark, &w));
    TRY(writer_printf(e, w, "%s\n", says));
    TRY(writer_commit(e, w));
    if (path_kind(arena_sys(a), checkpoints) == PATH_DIR)
        TRY(path_remove(e, arena_sys(a), checkpoints));
    return E_OK;
}

/* SPDX-License-Identifier: MIT */
