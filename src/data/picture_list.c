/* picture_list.c - a list of pictures: `path label` in each line (Transfer-Learning-Library), the path seen from
 * the list's folder or from the folder above.  The label is the last word; a path may hold blanks. */
#include <string.h>

#include "data/making.h"
#include "data/table.h"

#define FRONT     ((int64_t)16 << 10) /* bytes in which the first line ends */
#define PATH_MOST 1024

typedef struct Line {
    Cell path, label;
    int64_t number; /* from 1 */
} Line;

typedef struct Lines {
    const char *text;
    size_t n, at;
    int64_t number;
} Lines;

static bool blank(char c)
{
    return c == ' ' || c == '\t';
}

/* The next line that is not empty; one word alone is a path. */
static bool line_next(Lines *l, Line *out)
{
    while (l->at < l->n) {
        const char *s = l->text + l->at, *end = memchr(s, '\n', l->n - l->at);
        Cell all = {s, end ? (size_t)(end - s) : l->n - l->at};

        l->at += all.n + 1;
        l->number++;
        all = cell_trim(all);
        if (!all.n)
            continue;
        size_t k = all.n;
        while (k > 0 && !blank(all.s[k - 1]))
            k--;
        *out = (Line){.label = {all.s + k, all.n - k}, .number = l->number};
        out->path = cell_trim((Cell){all.s, k});
        return true;
    }
    return false;
}

static const char *line_path(Err *e, Arena *a, const char *root, Cell path)
{
    return arena_printf(e, a, "%s%.*s", path.s[0] == '/' ? "" : root, (int)path.n, path.s);
}

/* The file's first bytes. */
static Status front_read(Err *e, Arena *a, const char *path, Bytes *out)
{
    File *f;

    TRY(file_open(e, a, path, &f));
    size_t n = file_size(f) < FRONT ? (size_t)file_size(f) : FRONT;
    uint8_t *data = arena_alloc(e, a, n + 1);
    if (!data)
        return err_failed(e->code);
    *out = (Bytes){data, n};
    return file_read_at(e, f, 0, data, n);
}

Status list_root(Err *e, Arena *a, const char *path, const char **root)
{
    int folder = (int)(path_base(path) - path);
    const char *roots[2] = {arena_printf(e, a, "%.*s", folder, path),
                            arena_printf(e, a, "%.*s../", folder, path)};
    Line line;
    Bytes b;

    *root = NULL;
    if (!roots[0] || !roots[1])
        return err_failed(e->code);
    TRY(front_read(e, a, path, &b));
    Lines l = {(const char *)b.data, b.n, 0, 0};
    if (memchr(b.data, 0, b.n) || !line_next(&l, &line) || !line.path.n || line.path.n > PATH_MOST)
        return E_OK;
    for (int i = 0; i < 2 && !*root; i++) {
        const char *file = line_path(e, a, roots[i], line.path);
        bool here;

        if (!file)
            return err_failed(e->code);
        TRY(path_file(e, arena_sys(a), file, &here));
        *root = here ? roots[i] : NULL;
    }
    return E_OK;
}

static Status line_fail(Err *e, const Making *m, const Line *l, const char *what)
{
    fail(e, E_DATA, "%s", what);
    err_note(e, "file", "%s:%lld", m->set->path, (long long)l->number);
    return err_note(e, "expected", "the path of a picture, a blank and its label");
}

static Status line_take(Err *e, Making *m, const char *root, const Line *l)
{
    PictureLabel label = {.name = l->label};
    PictureSample s = {.part = PART_TRAIN};
    bool wanted, here;

    if (!l->path.n)
        return line_fail(e, m, l, "a line without a label");
    if (l->path.n > PATH_MOST)
        return line_fail(e, m, l, "a line that is too long");
    s.file = line_path(e, m->a, root, l->path);
    s.name = arena_strndup(e, m->a, l->path.s, l->path.n);
    label.place = arena_printf(e, m->scratch, "%s:%lld", m->set->path, (long long)l->number);
    if (!s.file || !s.name || !label.place)
        return err_failed(e->code);
    TRY(path_file(e, arena_sys(m->a), s.file, &here));
    if (!here) {
        if (m->o->bad == TABLE_SKIP)
            return making_pass(e, m, "pictures of the list that are not there", NULL, s.name);
        fail(e, E_DATA, "the picture \"%.200s\" is not there", s.name);
        return err_note(e, "file", "%s", label.place);
    }
    TRY(picture_wanted(e, m, s.file, s.name, &wanted));
    return wanted ? making_add(e, m, s, label) : E_OK;
}

Status list_pictures(Err *e, Making *m, const char *path, const char *root)
{
    Line line;
    Bytes b;

    TRY(file_read_all(e, m->scratch, path, TABLE_FILE_MAX, &b));
    if (memchr(b.data, 0, b.n)) {
        fail(e, E_DATA, "a NUL byte in a list of pictures");
        return err_note(e, "file", "%s", path);
    }
    Lines l = {(const char *)b.data, b.n, 0, 0};
    m->labelled = true;
    m->set->reason = "each line is the path of a picture and its label";
    while (line_next(&l, &line))
        TRY(line_take(e, m, root, &line));
    return E_OK;
}

/* SPDX-License-Identifier: MIT */
