/* picture_idx.c - pictures and labels of IDX files: train-images-idx3-ubyte with train-labels-idx1-ubyte, t10k as
 * the test part, gzip or not.  Classes are the digits of the label bytes unless labels.txt names them. */
#include <string.h>

#include "data/idx.h"
#include "data/making.h"
#include "data/table.h"

#define IDX_FILE_MAX  ((size_t)4 << 30)
#define NAMES_MAX     256 /* values of a byte */
#define NAME_FILE_MAX ((size_t)1 << 20)

typedef struct Names { /* of the label values */
    Cell of[NAMES_MAX];
    int n; /* lines of labels.txt; 0: none */
} Names;

bool idx_name(const char *name)
{
    const char *images = strstr(name, "images");

    return images && strstr(images, "idx3") && strstr(images, "ubyte");
}

static bool packed(const char *name)
{
    size_t n = strlen(name);

    return n > 3 && !strcmp(name + n - 3, ".gz");
}

/* The file of that name in the folder, or the same as .gz; NULL. */
static const char *find_file(const Look *l, const char *name)
{
    size_t n = strlen(name);

    for (size_t i = 0; i < l->files; i++)
        if (!strncmp(l->file[i], name, n) && (!l->file[i][n] || !strcmp(l->file[i] + n, ".gz")))
            return l->file[i];
    return NULL;
}

/* train-images-idx3-ubyte.gz -> train-labels-idx1-ubyte */
static char *labels_name(Err *e, Arena *a, const char *images)
{
    char *name = arena_strndup(e, a, images, strlen(images) - (packed(images) ? strlen(".gz") : 0));

    if (!name)
        return NULL;
    char *word = strstr(name, "images"), *idx = strstr(word, "idx3");
    memcpy(word, "labels", 6);
    idx[3] = '1';
    return name;
}

static Status file_idx(Err *e, Arena *a, const Look *l, const char *name, int dims, Idx *out)
{
    const char *path = path_join(e, a, l->path, name);
    Bytes b;

    if (!path)
        return err_failed(e->code);
    TRY(file_read_all(e, a, path, IDX_FILE_MAX, &b));
    return idx_read(e, a, path, b, dims, out);
}

/* "0", "1", ..; or the lines of labels.txt. */
static Status names_read(Err *e, Making *m, const Look *l, Names *out)
{
    const char *file = find_file(l, "labels.txt"), *path;
    Bytes b;

    for (int i = 0; i < NAMES_MAX; i++) {
        const char *digits = arena_printf(e, m->scratch, "%d", i);
        if (!digits)
            return err_failed(e->code);
        out->of[i] = (Cell){digits, strlen(digits)};
    }
    if (!file)
        return E_OK;
    if (!(path = path_join(e, m->scratch, l->path, file)))
        return err_failed(e->code);
    TRY(file_read_all(e, m->scratch, path, NAME_FILE_MAX, &b));
    for (size_t at = 0; at < b.n && out->n < NAMES_MAX;) {
        const char *s = (const char *)b.data + at, *end = memchr(s, '\n', b.n - at);
        Cell c = {s, end ? (size_t)(end - s) : b.n - at};

        at += c.n + 1;
        c = cell_trim(c);
        if (!c.n && at >= b.n)
            break;
        if (!c.n || memchr(c.s, 0, c.n)) {
            fail(e, E_DATA, "a line that names no class");
            return err_note(e, "file", "%s:%d", path, out->n + 1);
        }
        out->of[out->n++] = c;
    }
    return E_OK;
}

static Part part_of(const char *name)
{
    return strstr(name, "t10k") || strstr(name, "test") ? PART_TEST
           : strstr(name, "val")                        ? PART_VALID
                                                        : PART_TRAIN;
}

static Status counts_differ(Err *e, const Look *l, const char *images, const Idx *pictures,
                            const char *labels, const Idx *classes)
{
    fail(e, E_DATA, "as many labels as pictures are expected");
    err_note(e, "folder", "%s", l->path);
    err_note(e, "found", "%lld pictures in %s", (long long)pictures->dim[0], images);
    return err_note(e, "and", "%lld labels in %s", (long long)classes->dim[0], labels);
}

static Status images_take(Err *e, Making *m, const Look *l, const char *images, const Names *names)
{
    const char *stem = labels_name(e, m->scratch, images), *labels;
    const char *path = path_join(e, m->a, l->path, images);
    Idx pictures, classes = {0};

    if (!stem || !path)
        return err_failed(e->code);
    labels = find_file(l, stem);
    if (!labels && m->o->want_label) {
        fail(e, E_NOINPUT, "the labels of %s are missing", images);
        return err_note(e, "expected", "%s/%s or %s.gz", l->path, stem, stem);
    }
    TRY(file_idx(e, m->a, l, images, 3, &pictures));
    if (labels)
        TRY(file_idx(e, m->scratch, l, labels, 1, &classes));
    if (labels && classes.dim[0] != pictures.dim[0])
        return counts_differ(e, l, images, &pictures, labels, &classes);
    m->labelled |= labels != NULL;
    m->set->given[part_of(images)] = true;
    for (int64_t i = 0; i < pictures.dim[0]; i++) {
        PictureSample s = {.file = path,
                           .part = (uint8_t)part_of(images),
                           .width = (int)pictures.dim[2],
                           .height = (int)pictures.dim[1],
                           .grey = pictures.data + i * pictures.dim[1] * pictures.dim[2]};
        Cell name = labels ? names->of[classes.data[i]] : (Cell){"", 0};

        if (labels && names->n && classes.data[i] >= names->n) {
            fail(e, E_DATA, "label %d has no name in labels.txt", classes.data[i]);
            err_note(e, "file", "%s/%s, label %lld", l->path, labels, (long long)i);
            return err_note(e, "found", "%d names", names->n);
        }
        if (!(s.name = arena_printf(e, m->a, "%s:%lld", images, (long long)i)))
            return err_failed(e->code);
        TRY(making_add(e, m, s, (PictureLabel){name, 0, path}));
    }
    return E_OK;
}

Status idx_pictures(Err *e, Making *m, const Look *l)
{
    Names *names = NEW(e, m->scratch, Names);
    const char *first = NULL;

    if (!names)
        return err_failed(e->code);
    TRY(names_read(e, m, l, names));
    m->set->form = "IDX";
    for (int part = 0; part < 3; part++)
        for (size_t i = 0; i < l->files; i++) {
            const char *name = l->file[i];

            if (!idx_name(name) || part_of(name) != (Part)part)
                continue;
            /* sorted: the plain one stands before its .gz */
            if (packed(name) && i > 0 && !strncmp(l->file[i - 1], name, strlen(name) - 3) &&
                strlen(l->file[i - 1]) == strlen(name) - 3)
                continue;
            TRY(images_take(e, m, l, name, names));
            first = first ? first : name;
        }
    m->set->reason =
        arena_printf(e, m->a, "%s and its like are pictures of %d x %d; classes are %s", first,
                     m->set->n ? m->set->at[0].width : 0, m->set->n ? m->set->at[0].height : 0,
                     names->n ? "named by labels.txt" : "the label bytes");
    return m->set->reason ? E_OK : e->code;
}

/* SPDX-License-Identifier: MIT */
