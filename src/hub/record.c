/* record.c - SHA256SUMS: one line a file as sha256sum writes it, and comments that say where the model is from.
 *
 *     # source   https://host/org/name
 *     # revision main
 *     # commit   0123..
 *     # licence  apache-2.0
 *     # 612 bytes, checked by x-linked-etag
 *     <sha256>  config.json */
#include "hub/hub.h"

#include <string.h>

#define RECORD_MAX ((size_t)4 << 20)
#define HEX        64

/* Its place; r->files when it is not there. */
static size_t place_of(const HubRecord *r, const char *name)
{
    size_t i = 0;

    while (i < r->files && strcmp(r->file[i].name, name) != 0)
        i++;
    return i;
}

const HubSum *hub_record_find(const HubRecord *r, const char *name)
{
    size_t i = place_of(r, name);

    return i < r->files ? &r->file[i] : NULL;
}

Status hub_record_put(Err *e, Arena *a, HubRecord *r, const HubSum *sum)
{
    size_t at = place_of(r, sum->name);
    HubSum copy = *sum;

    copy.name = arena_strndup(e, a, sum->name, strlen(sum->name));
    if (sum->checked)
        copy.checked = arena_strndup(e, a, sum->checked, strlen(sum->checked));
    if (!copy.name || (sum->checked && !copy.checked))
        return err_failed(e->code);
    TRY(GROW(e, a, r->file, r->cap, at + 1));
    if (at == r->files)
        r->files++;
    r->file[at] = copy;
    return E_OK;
}

/* A comment's value, when it is `key`'s. */
static Status take(Err *e, Arena *a, const char *line, size_t n, const char *key, const char **out)
{
    size_t k = strlen(key);

    if (n < k + 3 || memcmp(line, "# ", 2) != 0 || memcmp(line + 2, key, k) != 0 ||
        line[k + 2] != ' ')
        return E_OK;
    line += k + 2;
    n -= k + 2;
    while (n && *line == ' ')
        line++, n--;
    *out = arena_strndup(e, a, line, n);
    return *out ? E_OK : err_failed(e->code);
}

/* "# 612 bytes, checked by pin" */
static Status take_size(Err *e, Arena *a, const char *line, size_t n, HubSum *next)
{
    static const char mark[] = " bytes, checked by ";
    const size_t length = sizeof mark - 1;
    int64_t bytes = 0;
    size_t i = 2;

    for (; i < n && line[i] >= '0' && line[i] <= '9'; i++)
        if (__builtin_mul_overflow(bytes, 10, &bytes) ||
            __builtin_add_overflow(bytes, line[i] - '0', &bytes))
            return E_OK;
    if (i == 2 || n - i < length || memcmp(line + i, mark, length) != 0)
        return E_OK;
    next->bytes = bytes;
    next->checked = arena_strndup(e, a, line + i + length, n - i - length);
    return next->checked ? E_OK : err_failed(e->code);
}

static bool is_sum(const char *line, size_t n)
{
    if (n < HEX + 3 || line[HEX] != ' ' || (line[HEX + 1] != ' ' && line[HEX + 1] != '*'))
        return false;
    for (int i = 0; i < HEX; i++)
        if (!strchr("0123456789abcdef", line[i]))
            return false;
    return true;
}

/* Parts between slashes, none of them empty, "." or "..". */
static bool stays_inside(const char *name)
{
    for (;; name++) {
        size_t n = strcspn(name, "/\\");

        if (n == 0 || (n == 1 && name[0] == '.') || (n == 2 && name[0] == '.' && name[1] == '.') ||
            name[n] == '\\')
            return false;
        name += n;
        if (!*name)
            return true;
    }
}

static Status read_line(Err *e, Arena *a, const char *line, size_t n, HubRecord *r, HubSum *next)
{
    if (memchr(line, 0, n))
        return fail(e, E_DATA, "a line holds a zero byte");
    if (n && line[0] == '#') {
        TRY(take(e, a, line, n, "source", &r->source));
        TRY(take(e, a, line, n, "revision", &r->revision));
        TRY(take(e, a, line, n, "commit", &r->commit));
        TRY(take(e, a, line, n, "licence", &r->licence));
        return take_size(e, a, line, n, next);
    }
    if (!is_sum(line, n))
        return n ? fail(e, E_DATA, "a line is no sha256 and file name") : E_OK;
    memcpy(next->sha256, line, HEX);
    next->name = arena_strndup(e, a, line + HEX + 2, n - HEX - 2);
    if (!next->name)
        return err_failed(e->code);
    if (!stays_inside(next->name))
        return fail(e, E_DATA, "\"%.100s\" leads out of the folder", next->name);
    TRY(hub_record_put(e, a, r, next));
    if (r->files > HUB_FILES_MAX)
        return fail(e, E_DATA, "more than %d files", HUB_FILES_MAX);
    *next = (HubSum){.bytes = -1};
    return E_OK;
}

Status hub_record_read(Err *e, Arena *a, const char *path, HubRecord *out)
{
    Bytes b;

    *out = (HubRecord){0};
    TRY(file_read_all(e, a, path, RECORD_MAX, &b));
    return hub_record_parse(e, a, path, b, out);
}

Status hub_record_parse(Err *e, Arena *a, const char *path, Bytes text, HubRecord *out)
{
    const char *at = (const char *)text.data, *end = at + text.n;
    HubSum next = {.bytes = -1};
    int number = 1;

    *out = (HubRecord){0};
    for (; at < end; number++) {
        const char *eol = memchr(at, '\n', (size_t)(end - at));
        size_t n = (size_t)((eol ? eol : end) - at);

        if (read_line(e, a, at, n, out, &next))
            return err_note(e, "file", "%s, line %d", path, number);
        at += n + 1;
    }
    return E_OK;
}

Status hub_record_write(Err *e, Arena *a, const char *path, const HubRecord *r)
{
    const char *const head[][2] = {{"source  ", r->source},
                                   {"revision", r->revision},
                                   {"commit  ", r->commit},
                                   {"licence ", r->licence}};
    Writer *w;

    TRY(writer_open(e, a, path, &w));
    for (size_t i = 0; i < LEN(head); i++)
        if (head[i][1])
            TRY(writer_printf(e, w, "# %s %s\n", head[i][0], head[i][1]));
    for (size_t i = 0; i < r->files; i++) {
        const HubSum *f = &r->file[i];

        if (f->bytes >= 0)
            TRY(writer_printf(e, w, "# %lld bytes, checked by %s\n", (long long)f->bytes,
                              f->checked ? f->checked : "nothing"));
        TRY(writer_printf(e, w, "%s  %s\n", f->sha256, f->name));
    }
    return writer_commit(e, w);
}

static Status check_file(Err *e, Arena *a, const HubSum *f, const char *folder, bool rehash,
                         bool *good)
{
    char *path = path_join(e, a, folder, f->name);
    char sha[65];
    File *file;

    *good = false;
    if (!path)
        return err_failed(e->code);
    if (path_kind(arena_sys(a), path) != PATH_FILE)
        return E_OK;
    TRY(file_open(e, a, path, &file));
    *good = f->bytes < 0 || file_size(file) == f->bytes;
    if (!*good || !rehash)
        return E_OK;
    TRY(sha256_file(e, a, path, sha));
    *good = strcmp(sha, f->sha256) == 0;
    return E_OK;
}

Status hub_record_check(Err *e, Arena *a, const HubRecord *r, const char *folder, bool rehash,
                        const char **missing)
{
    *missing = r->files ? NULL : HUB_SUMS;
    for (size_t i = 0; i < r->files && !*missing; i++) {
        Arena *one = arena_child(e, a);
        bool good;

        if (!one)
            return err_failed(e->code);
        Status s = check_file(e, one, &r->file[i], folder, rehash, &good);
        arena_free(one);
        TRY(s);
        if (!good)
            *missing = r->file[i].name;
    }
    return E_OK;
}

/* SPDX-License-Identifier: MIT */
