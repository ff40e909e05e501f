/* picture_folders.c - pictures in class folders: root/CLASS/.., classes and pictures sorted by bytes.  Deeper
 * folders belong to their class; a link to a folder is followed unless it leads to one that was seen already. */
#include <stdlib.h>
#include <string.h>

#include "data/making.h"
#include "data/table.h"

typedef struct Walk { /* one class folder */
    Making *m;
    Arena *a;
    Map *seen; /* folders, by identity */
    const char *root;
    const char **todo; /* folders, as paths below the root */
    size_t n, cap;
    const char **file; /* pictures, as paths below the root */
    size_t files, file_cap;
} Walk;

bool part_of_name(const char *name, Part *out)
{
    static const struct {
        const char *name;
        Part part;
    } names[] = {
        {"train", PART_TRAIN}, {"training", PART_TRAIN},   {"val", PART_VALID},
        {"valid", PART_VALID}, {"validation", PART_VALID}, {"dev", PART_VALID},
        {"test", PART_TEST},   {"testing", PART_TEST},
    };

    for (size_t i = 0; i < LEN(names); i++)
        if (cell_is((Cell){name, strlen(name)}, names[i].name)) {
            *out = names[i].part;
            return true;
        }
    return false;
}

/* What is there; a folder is fresh when it is met for the first time. */
static Status look_once(Err *e, Arena *a, Map *seen, const char *path, PathKind *kind, bool *fresh)
{
    uint64_t *id = NEWS(e, a, uint64_t, 2);
    int64_t before;

    if (!id)
        return err_failed(e->code);
    TRY(path_look(e, arena_sys(a), path, kind, id));
    *fresh = *kind == PATH_DIR && !map_get(seen, (const char *)id, 2 * sizeof *id, &before);
    return *fresh ? map_put(e, seen, (const char *)id, 2 * sizeof *id, 1) : E_OK;
}

static Status walk_entry(Err *e, Walk *w, const char *inside)
{
    const char *path = path_join(e, w->a, w->root, inside);
    bool fresh, take;
    PathKind kind;

    if (!path)
        return err_failed(e->code);
    TRY(look_once(e, w->m->scratch, w->seen, path, &kind, &fresh));
    if (kind != PATH_DIR) {
        TRY(picture_wanted(e, w->m, path, inside, &take));
        if (!take)
            return E_OK;
        TRY(GROW(e, w->a, w->file, w->file_cap, w->files + 1));
        w->file[w->files++] = inside;
        return E_OK;
    }
    if (!fresh)
        return making_pass(e, w->m, "links to folders that stand elsewhere already", NULL, inside);
    TRY(GROW(e, w->a, w->todo, w->cap, w->n + 1));
    w->todo[w->n++] = inside;
    return E_OK;
}

static int by_bytes(const void *x, const void *y)
{
    return strcmp(*(const char *const *)x, *(const char *const *)y);
}

/* All pictures below root/folder; a list of folders, not recursion, so that depth costs nothing. */
static Status walk_class(Err *e, Walk *w, const char *folder)
{
    TRY(GROW(e, w->a, w->todo, w->cap, 1));
    w->todo[w->n++] = folder;
    for (size_t i = 0; i < w->n; i++) {
        const char *path = path_join(e, w->a, w->root, w->todo[i]);
        char **name;
        size_t names;

        if (!path)
            return err_failed(e->code);
        TRY(dir_list(e, w->a, path, &name, &names));
        for (size_t k = 0; k < names; k++) {
            const char *inside = path_join(e, w->a, w->todo[i], name[k]);

            if (!inside)
                return err_failed(e->code);
            if (!name_hidden(name[k]))
                TRY(walk_entry(e, w, inside));
        }
    }
    if (w->files)
        qsort(w->file, w->files, sizeof *w->file, by_bytes);
    return E_OK;
}

static Status walk_take(Err *e, Walk *w, const char *prefix, const char *class, Part part)
{
    Making *m = w->m;
    const char *place = path_join(e, m->scratch, w->root, class);
    Cell label = {arena_strndup(e, m->scratch, class, strlen(class)), strlen(class)};

    if (!place || !label.s)
        return err_failed(e->code);
    for (size_t i = 0; i < w->files; i++) {
        PictureSample s = {.part = (uint8_t)part};

        s.file = path_join(e, m->a, w->root, w->file[i]);
        s.name = arena_printf(e, m->a, "%s%s", prefix, w->file[i]);
        if (!s.file || !s.name)
            return err_failed(e->code);
        TRY(making_add(e, m, s, (PictureLabel){label, 0, place}));
    }
    return E_OK;
}

Status class_folders(Err *e, Making *m, const Look *l, const char *prefix, Part part)
{
    Map *seen = map_new(e, m->scratch, l->folders + 1);
    PathKind kind;
    bool fresh;

    if (!seen)
        return err_failed(e->code);
    TRY(look_once(e, m->scratch, seen, l->path, &kind, &fresh));
    for (size_t i = 0; i < l->folders; i++) {
        const char *path = path_join(e, m->scratch, l->path, l->folder[i]);

        if (!path)
            return err_failed(e->code);
        TRY(look_once(e, m->scratch, seen, path, &kind, &fresh));
        if (!fresh)
            TRY(making_note(e, m, "the class folder \"%.80s\" is a link to another one",
                            l->folder[i]));
    }
    m->labelled = m->rule.by_bytes = true;
    for (size_t i = 0; i < l->folders; i++) {
        Walk w = {.m = m, .seen = seen, .root = l->path};

        if (!(w.a = arena_child(e, m->scratch)))
            return err_failed(e->code);
        TRY(walk_class(e, &w, l->folder[i]));
        TRY(walk_take(e, &w, prefix, l->folder[i], part));
        if (!w.files)
            TRY(making_note(e, m,
                            "the class folder \"%.80s%.80s\" holds no picture and is no class",
                            prefix, l->folder[i]));
        arena_free(w.a);
    }
    for (size_t i = 0; i < l->pictures; i++)
        TRY(making_pass(e, m, "pictures outside of the class folders", NULL, l->picture[i]));
    return E_OK;
}

/* SPDX-License-Identifier: MIT */
