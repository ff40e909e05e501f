/* pictures.c - what a path holds decides how its pictures are read. */
#include "data/pictures.h"

#include <string.h>

#include "data/making.h"
#include "data/table.h"

/* The folders of root that are parts: train and at least another, or train alone. */
typedef struct Parts {
    const char *folder[3];
    const char *twice; /* a second folder for one part */
    size_t others;
} Parts;

static Parts parts_find(const Look *l)
{
    Parts p = {0};
    Part part;

    for (size_t i = 0; i < l->folders; i++) {
        if (!part_of_name(l->folder[i], &part))
            p.others++;
        else if (p.folder[part])
            p.twice = l->folder[i];
        else
            p.folder[part] = l->folder[i];
    }
    return p;
}

/* Whether those folders hold class folders or a table, not pictures of a class that is named so. */
static Status parts_told(Err *e, Making *m, const Look *root, const Parts *p, bool *out)
{
    int parts = 0;

    *out = false;
    for (int i = 0; i < 3; i++) {
        Look l;

        if (!p->folder[i])
            continue;
        const char *path = path_join(e, m->scratch, root->path, p->folder[i]);
        if (!path)
            return err_failed(e->code);
        TRY(folder_look(e, m->scratch, path, &l));
        if (i == PART_TRAIN && !l.folders && !folder_table(&l))
            return E_OK;
        parts++;
    }
    *out = p->folder[PART_TRAIN] ? parts > 1 || !p->others : parts > 0 && m->o->known && !p->others;
    return E_OK;
}

static Status ways_to_label(Err *e, const Making *m, const Look *l)
{
    fail(e, E_DATA, "the pictures in this folder have no labels");
    err_note(e, "folder", "%s, %zu pictures, the first \"%.80s\"", l->path, l->pictures,
             l->picture[0]);
    making_explain(e, m);
    err_note(e, "hint", "Put them into one folder for each class: %s/cats/, %s/dogs/", l->path,
             l->path);
    return err_note(e, "or",
                    "Write %s/labels.csv: a line \"file_name,label\", then one for each picture",
                    l->path);
}

static Status flat_folder(Err *e, Making *m, const Look *l, const char *prefix, Part part)
{
    if (m->o->want_label && l->pictures)
        return ways_to_label(e, m, l);
    for (size_t i = 0; i < l->files; i++) {
        PictureSample s = {.part = (uint8_t)part, .file = path_join(e, m->a, l->path, l->file[i])};
        bool wanted;

        s.name = arena_printf(e, m->a, "%s%s", prefix, l->file[i]);
        if (!s.file || !s.name)
            return err_failed(e->code);
        TRY(picture_wanted(e, m, s.file, s.name, &wanted));
        if (wanted)
            TRY(making_add(e, m, s, (PictureLabel){.place = l->path}));
    }
    m->set->form = "pictures";
    m->set->reason = "pictures without labels";
    return E_OK;
}

/* labels.csv or its like in the folder; *done is false when it names no pictures. */
static Status folder_by_table(Err *e, Making *m, const Look *l, const char *prefix, Part part,
                              bool *done)
{
    const char *name = folder_table(l), *path = name ? path_join(e, m->scratch, l->path, name) : "";
    int column;
    Table *t;

    *done = false;
    if (!path)
        return err_failed(e->code);
    if (!name)
        return E_OK;
    TRY(table_open(e, m->scratch, path, m->o->bad, &t));
    TRY(table_picture_column(e, m->scratch, t, m->o->picture, &column));
    if (column < 0 && !l->folders) {
        fail(e, E_DATA, "no column of this table names pictures beside it");
        err_note(e, "file", "%s", path);
        return err_note(e, "expected", "a column \"file_name\" with names as \"%.80s\"",
                        l->pictures ? l->picture[0] : "photo1.jpg");
    }
    if (column < 0)
        return making_note(e, m, "%s%s names no pictures and is passed over", prefix, name);
    m->set->form = "table";
    *done = true;
    return table_pictures(e, m, t, column, prefix, part);
}

/* A folder that holds classes, or a table, or just pictures. */
static Status part_folder(Err *e, Making *m, const Look *l, const char *prefix, Part part)
{
    bool done;

    TRY(folder_by_table(e, m, l, prefix, part, &done));
    if (done)
        return E_OK;
    if (!l->folders)
        return flat_folder(e, m, l, prefix, part);
    return class_folders(e, m, l, prefix, part);
}

static Status folders_in_parts(Err *e, Making *m, const Look *root, const Parts *p)
{
    Part part;
    Look l;

    if (p->twice) {
        fail(e, E_DATA, "two folders are the same part");
        err_note(e, "folder", "%s", root->path);
        return err_note(e, "found", "\"%s\" beside another", p->twice);
    }
    for (int i = 0; i < 3; i++) {
        if (!p->folder[i])
            continue;
        const char *path = path_join(e, m->scratch, root->path, p->folder[i]);
        const char *prefix = path ? arena_printf(e, m->scratch, "%s/", p->folder[i]) : NULL;
        if (!prefix)
            return err_failed(e->code);
        TRY(folder_look(e, m->scratch, path, &l));
        if (i == PART_TEST && m->o->want_label && !l.folders && !folder_table(&l)) {
            TRY(making_note(e, m, "%s has no labels and is not used", p->folder[i]));
            continue;
        }
        m->set->given[i] = true;
        TRY(part_folder(e, m, &l, prefix, (Part)i));
    }
    for (size_t i = 0; i < root->folders; i++)
        if (!part_of_name(root->folder[i], &part))
            TRY(making_note(e, m, "the folder \"%.80s\" is no part and is passed over",
                            root->folder[i]));
    m->set->form = "class folders in parts";
    m->set->reason = arena_printf(
        e, m->a, "%s%s%s%s%s are parts, their folders classes", p->folder[0] ? p->folder[0] : "",
        p->folder[0] && p->folder[1] ? ", " : "", p->folder[1] ? p->folder[1] : "",
        (p->folder[0] || p->folder[1]) && p->folder[2] ? ", " : "",
        p->folder[2] ? p->folder[2] : "");
    return m->set->reason ? E_OK : e->code;
}

/* root/data/{cats,dogs}: one folder too high. */
static Status one_class(Err *e, const Making *m, const Look *l)
{
    const PictureSet *s = m->set;
    const char *inner = path_join(e, m->scratch, l->path, l->folder[0]);
    Look in;

    if (!inner)
        return err_failed(e->code);
    TRY(folder_look(e, m->scratch, inner, &in));
    fail(e, E_DATA, "all pictures are in one class folder");
    err_note(e, "folder", "%s", l->path);
    err_note(e, "found", "\"%.80s\" with %lld pictures", l->folder[0], (long long)s->n);
    making_explain(e, m);
    if (in.folders >= 2)
        return err_note(e, "hint", "Are the folders in it the classes? Then give %s", inner);
    return err_note(e, "hint", "It takes two classes or more to learn to tell them apart");
}

static Status read_folder(Err *e, Making *m, const char *path)
{
    Parts parts;
    Look l;
    bool told;

    TRY(folder_look(e, m->scratch, path, &l));
    parts = parts_find(&l);
    TRY(parts_told(e, m, &l, &parts, &told));
    if (told)
        return folders_in_parts(e, m, &l, &parts);
    for (size_t i = 0; i < l.files; i++)
        if (idx_name(l.file[i]))
            return idx_pictures(e, m, &l);
    m->set->form = "class folders";
    m->set->reason = "folders are classes";
    TRY(part_folder(e, m, &l, "", PART_TRAIN));
    if (l.folders == 1 && m->o->want_label && !m->o->known && m->set->n > 0 &&
        !strcmp(m->set->form, "class folders"))
        return one_class(e, m, &l);
    return E_OK;
}

static Status read_file(Err *e, Making *m, const char *path)
{
    const char *root;
    bool wanted = name_picture(path);
    int column;
    Table *t;

    if (wanted) {
        PictureSample s = {
            .part = PART_TRAIN, .name = path_base(m->set->path), .file = m->set->path};

        m->set->form = "pictures";
        m->set->reason = "one picture";
        if (!m->o->want_label)
            return making_add(e, m, s, (PictureLabel){.place = path});
        fail(e, E_DATA, "one picture without a label is nothing to learn from");
        return err_note(e, "file", "%s", path);
    }
    if (idx_name(path_base(path))) {
        fail(e, E_USAGE, "this is one of several files that belong together");
        err_note(e, "file", "%s", path);
        return err_note(e, "hint", "Give the folder that holds them");
    }
    TRY(list_root(e, m->scratch, path, &root));
    if (root) {
        m->set->form = "list";
        return list_pictures(e, m, path, root);
    }
    TRY(table_open(e, m->scratch, path, m->o->bad, &t));
    TRY(table_picture_column(e, m->scratch, t, m->o->picture, &column));
    if (column < 0) {
        fail(e, E_DATA, "no column of this table names pictures");
        err_note(e, "file", "%s", path);
        return err_note(e, "expected", "paths of files, seen from the table's folder");
    }
    m->set->form = "table";
    return table_pictures(e, m, t, column, "", PART_TRAIN);
}

static Status no_pictures(Err *e, const Making *m)
{
    fail(e, E_DATA, "there is no picture that can be read");
    err_note(e, "folder", "%s", m->set->path);
    for (int i = 0; i < m->set->notes && i < 5; i++)
        err_note(e, "found", "%s", m->set->note[i]);
    making_explain(e, m);
    return err_note(e, "expected", "JPEG, PNG or WebP");
}

/* The path without slashes at its end. */
static const char *path_of_set(Err *e, Arena *a, const char *path)
{
    size_t n = strlen(path);

    while (n > 1 && path[n - 1] == '/')
        n--;
    return arena_strndup(e, a, path, n);
}

static Status read_path(Err *e, Making *m, const char *path)
{
    PathKind kind;
    File *f;

    TRY(path_look(e, arena_sys(m->a), path, &kind, NULL));
    if (kind == PATH_DIR)
        return read_folder(e, m, path);
    TRY(file_open(e, m->scratch, path, &f)); /* says what is wrong with it */
    return read_file(e, m, path);
}

Status pictureset_open(Err *e, Arena *a, const char *path, const PictureOptions *o, PictureSet *out)
{
    Arena *scratch = arena_child(e, a);
    PictureOptions none = {0};
    Making m = {.a = a, .scratch = scratch, .o = o ? o : &none, .set = out};

    *out = (PictureSet){0};
    if (!scratch || !(out->path = path_of_set(e, a, path)))
        return err_failed(e->code);
    TRY(read_path(e, &m, out->path));
    if (!out->n)
        return no_pictures(e, &m);
    TRY(making_finish(e, &m));
    arena_free(scratch);
    return E_OK;
}

/* Of a file that is no picture by its name; what is no table either is for others to refuse. */
static Status file_told(Err *e, Arena *scratch, const char *path, bool *pictures)
{
    const char *root;
    int column;
    Table *t;

    TRY(list_root(e, scratch, path, &root));
    *pictures = root != NULL;
    if (root)
        return E_OK;
    Status status = table_open(e, scratch, path, TABLE_SKIP, &t);
    if (status)
        return status == E_DATA ? E_OK : status;
    TRY(table_picture_column(e, scratch, t, NULL, &column));
    *pictures = column >= 0;
    return E_OK;
}

Status pictures_told(Err *e, Arena *a, const char *path, bool *pictures)
{
    Arena *scratch = arena_child(e, a);
    PathKind kind;

    if (!scratch)
        return err_failed(e->code);
    TRY(path_look(e, arena_sys(a), path, &kind, NULL));
    *pictures = kind == PATH_DIR || name_picture(path) || idx_name(path_base(path));
    if (!*pictures && kind == PATH_FILE)
        TRY(file_told(e, scratch, path, pictures));
    arena_free(scratch);
    return E_OK;
}

/* SPDX-License-Identifier: MIT */
