/* folder.c - the folder of a study: made, locked, never one that holds other things. */
#include "study/folder.h"

#include <string.h>

static Status taken(Err *e, const char *folder, const char *what, const char *hint)
{
    fail(e, E_TAKEN, "%s", what);
    err_note(e, "folder", "%s", folder);
    return err_note(e, "hint", "%s", hint);
}

static Status empty_folder(Err *e, Arena *a, const char *folder, char **name, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const char *path = path_join(e, a, folder, name[i]);

        if (!path)
            return err_failed(e->code);
        if (strcmp(name[i], ".lock") != 0)
            TRY(path_remove(e, arena_sys(a), path));
    }
    return E_OK;
}

Status study_folder(Err *e, Arena *a, const char *folder, const char *mark, FolderUse use)
{
    const Sys *sys = arena_sys(a);
    const char *marked = path_join(e, a, folder, mark);
    char **name = NULL;
    size_t n = 0;

    if (!marked)
        return err_failed(e->code);
    if (path_kind(sys, folder) == PATH_DIR)
        TRY(dir_list(e, a, folder, &name, &n));
    bool ours = path_kind(sys, marked) == PATH_FILE;
    bool empty = n == 0 || (n == 1 && strcmp(name[0], ".lock") == 0);
    if (!empty && !ours)
        return taken(e, folder, "the output folder holds other things",
                     "choose another with -o; a folder that is no study is never overwritten");
    if (ours && !use.overwrite && !use.resume)
        return taken(e, folder, "the output folder holds a study",
                     "--resume goes on with it, --overwrite begins it anew");
    TRY(dir_make(e, sys, folder));
    TRY(dir_lock(e, a, folder));
    return ours && use.overwrite ? empty_folder(e, a, folder, name, n) : E_OK;
}

/* SPDX-License-Identifier: MIT */
