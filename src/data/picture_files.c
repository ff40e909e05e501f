/* picture_files.c - which files of a folder are pictures: by their usual endings, and where those say nothing
 * by the first bytes. */
#include <string.h>

#include "data/making.h"
#include "data/table.h"
#include "image/image.h"

#define HEAD 32 /* bytes that tell a form */

bool name_hidden(const char *name)
{
    return name[0] == '.' || !strcmp(name, "__MACOSX") || !strcmp(name, "@eaDir");
}

bool name_picture(const char *name)
{
    static const char *const endings[] = {"jpg", "jpeg", "jpe", "jfif", "png", "webp"};
    const char *dot = strrchr(name, '.');

    for (size_t i = 0; i < LEN(endings) && dot; i++)
        if (cell_is((Cell){dot + 1, strlen(dot + 1)}, endings[i]))
            return true;
    return false;
}

static Status head_read(Err *e, Arena *a, const char *path, uint8_t head[HEAD], Bytes *out)
{
    File *f;

    TRY(file_open(e, a, path, &f));
    size_t n = file_size(f) < HEAD ? (size_t)file_size(f) : HEAD;
    TRY(file_read_at(e, f, 0, head, n));
    *out = (Bytes){head, n};
    return E_OK;
}

Status picture_wanted(Err *e, Making *m, const char *path, const char *name, bool *wanted)
{
    PathKind kind;
    uint8_t head[HEAD];
    Bytes b = {head, 0};

    TRY(path_look(e, arena_sys(m->a), path, &kind, NULL));
    *wanted = kind == PATH_FILE && name_picture(name);
    if (*wanted)
        return E_OK;
    if (kind != PATH_FILE)
        return making_pass(e, m, kind == PATH_NONE ? "links that lead nowhere" : "devices or pipes",
                           NULL, name);
    Arena *open = arena_child(e, m->scratch);
    if (!open)
        return err_failed(e->code);
    TRY(head_read(e, open, path, head, &b));
    arena_free(open);
    PictureForm form = picture_form(b);
    *wanted = form.read;
    return form.read ? E_OK
                     : making_pass(e, m, form.what ? form.what : "no pictures", form.hint, name);
}

typedef struct List {
    const char **name;
    size_t n, cap;
} List;

static Status list_add(Err *e, Arena *a, List *l, const char *name)
{
    TRY(GROW(e, a, l->name, l->cap, l->n + 1));
    l->name[l->n++] = name;
    return E_OK;
}

Status folder_look(Err *e, Arena *a, const char *path, Look *out)
{
    List folders = {0}, files = {0}, pictures = {0};
    PathKind kind;
    char **name;
    size_t n;

    TRY(dir_list(e, a, path, &name, &n));
    for (size_t i = 0; i < n; i++) {
        const char *full = path_join(e, a, path, name[i]);

        if (!full)
            return err_failed(e->code);
        if (name_hidden(name[i]))
            continue;
        TRY(path_look(e, arena_sys(a), full, &kind, NULL));
        TRY(list_add(e, a, kind == PATH_DIR ? &folders : &files, name[i]));
        if (kind != PATH_DIR && name_picture(name[i]))
            TRY(list_add(e, a, &pictures, name[i]));
    }
    *out = (Look){.path = path,
                  .folder = folders.name,
                  .folders = folders.n,
                  .file = files.name,
                  .files = files.n,
                  .picture = pictures.name,
                  .pictures = pictures.n};
    return E_OK;
}

/* SPDX-License-Identifier: MIT */
