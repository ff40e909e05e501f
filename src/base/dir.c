/* dir.c - paths and folders. */
#include "base/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static PathKind kind_of(const struct stat *st)
{
    return S_ISREG(st->st_mode) ? PATH_FILE : S_ISDIR(st->st_mode) ? PATH_DIR : PATH_OTHER;
}

PathKind path_kind(const Sys *sys, const char *path)
{
    struct stat st;

    return sys->stat(sys->user, path, true, &st) ? PATH_NONE : kind_of(&st);
}

/* Nothing can be there; a text taken for a path may well be too long for one. */
static bool absent(int error)
{
    return error == ENOENT || error == ENOTDIR || error == ELOOP || error == ENAMETOOLONG;
}

Status path_look(Err *e, const Sys *sys, const char *path, PathKind *kind, uint64_t id[2])
{
    struct stat st = {0};

    *kind = PATH_NONE;
    if (!sys->stat(sys->user, path, true, &st))
        *kind = kind_of(&st);
    else if (!absent(errno))
        return fail_errno(e, errno, "look at", path);
    if (id) {
        id[0] = st.st_dev;
        id[1] = st.st_ino;
    }
    return E_OK;
}

Status path_file(Err *e, const Sys *sys, const char *path, bool *here)
{
    struct stat st;

    *here = false;
    if (sys->stat(sys->user, path, true, &st))
        return absent(errno) ? E_OK : fail_errno(e, errno, "look at", path);
    *here = S_ISREG(st.st_mode);
    return E_OK;
}

char *path_join(Err *e, Arena *a, const char *dir, const char *name)
{
    size_t n = strlen(dir);
    const char *between = n == 0 || dir[n - 1] == '/' ? "" : "/";

    return arena_printf(e, a, "%s%s%s", dir, between, name);
}

const char *path_base(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

typedef struct Listing {
    const Sys *sys;
    void *dir;
} Listing;

static void listing_close(void *arg)
{
    Listing *l = arg;

    if (l->dir)
        l->sys->dir_close(l->sys->user, l->dir);
}

static Status list_into(Err *e, Arena *open, Arena *a, const char *path, char ***names, size_t *n)
{
    const Sys *sys = arena_sys(a);
    Listing *l = NEW(e, open, Listing);
    size_t cap = 0;
    const char *name;
    int more;

    if (!l)
        return err_failed(e->code);
    l->sys = sys;
    TRY(arena_defer(e, open, listing_close, l));
    l->dir = sys->dir_open(sys->user, path);
    if (!l->dir)
        return fail_errno(e, errno, "list", path);
    while ((more = sys->dir_next(sys->user, l->dir, &name)) > 0) {
        if (!strcmp(name, ".") || !strcmp(name, ".."))
            continue;
        TRY(GROW(e, a, *names, cap, *n + 1));
        char *copy = arena_strndup(e, a, name, strlen(name));
        if (!copy)
            return err_failed(e->code);
        (*names)[(*n)++] = copy;
    }
    if (more < 0)
        return fail_errno(e, errno, "list", path);
    if (*n)
        qsort(*names, *n, sizeof **names, compare_names);
    return E_OK;
}

Status dir_list(Err *e, Arena *a, const char *path, char ***names, size_t *n)
{
    Arena *open = arena_child(e, a);

    *names = NULL;
    *n = 0;
    if (!open)
        return err_failed(e->code);
    Status status = list_into(e, open, a, path, names, n);
    arena_free(open);
    return status;
}

Status dir_make(Err *e, const Sys *sys, const char *path)
{
    char part[4096];
    size_t n = strlen(path);

    if (n >= sizeof part)
        return fail_errno(e, ENAMETOOLONG, "create the folder", path);
    memcpy(part, path, n + 1);
    for (size_t i = 1; i <= n; i++) {
        if (path[i] != '/' && path[i] != 0)
            continue;
        part[i] = 0;
        if (sys->mkdir(sys->user, part, 0777)) {
            int error = errno;
            if (path_kind(sys, part) != PATH_DIR)
                return fail_errno(e, error, "create the folder", part);
        }
        part[i] = path[i];
    }
    return E_OK;
}

Status dir_sync(Err *e, const Sys *sys, const char *path)
{
    int fd = sys->open(sys->user, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);

    if (fd < 0)
        return fail_errno(e, errno, "open the folder", path);
    int error = sys->fsync(sys->user, fd) ? errno : 0;
    sys->close(sys->user, fd);
    return error ? fail_errno(e, error, "store the folder", path) : E_OK;
}

Status path_rename(Err *e, const Sys *sys, const char *from, const char *to)
{
    if (sys->rename(sys->user, from, to) == 0)
        return E_OK;
    (void)fail_errno(e, errno, "rename", from);
    return err_note(e, "to", "%s", to);
}

typedef struct Folders {
    char **paths;
    size_t n, cap;
} Folders;

static Status folders_add(Err *e, Arena *a, Folders *f, const char *path)
{
    TRY(GROW(e, a, f->paths, f->cap, f->n + 1));
    f->paths[f->n] = arena_strndup(e, a, path, strlen(path));
    return f->paths[f->n++] ? E_OK : err_failed(e->code);
}

/* Removes the files in `path` and adds its folders to the list. */
static Status empty_folder(Err *e, Arena *a, const char *path, Folders *f)
{
    const Sys *sys = arena_sys(a);
    char **names;
    size_t count;

    TRY(dir_list(e, a, path, &names, &count));
    for (size_t i = 0; i < count; i++) {
        char *inside = path_join(e, a, path, names[i]);
        struct stat st;

        if (!inside)
            return err_failed(e->code);
        if (sys->stat(sys->user, inside, false, &st)) /* a link is removed, not followed */
            return fail_errno(e, errno, "look at", inside);
        if (S_ISDIR(st.st_mode))
            TRY(folders_add(e, a, f, inside));
        else if (sys->unlink(sys->user, inside))
            return fail_errno(e, errno, "remove", inside);
    }
    return E_OK;
}

static Status remove_folder(Err *e, Arena *a, const char *path)
{
    const Sys *sys = arena_sys(a);
    Folders f = {0};

    TRY(folders_add(e, a, &f, path));
    for (size_t i = 0; i < f.n; i++) /* parents stand before what they hold */
        TRY(empty_folder(e, a, f.paths[i], &f));
    while (f.n-- > 0)
        if (sys->rmdir(sys->user, f.paths[f.n]))
            return fail_errno(e, errno, "remove the folder", f.paths[f.n]);
    return E_OK;
}

Status path_remove(Err *e, const Sys *sys, const char *path)
{
    struct stat st;

    if (sys->stat(sys->user, path, false, &st))
        return fail_errno(e, errno, "remove", path);
    if (!S_ISDIR(st.st_mode))
        return sys->unlink(sys->user, path) ? fail_errno(e, errno, "remove", path) : E_OK;
    Arena *a = arena_new(e, sys);
    if (!a)
        return err_failed(e->code);
    Status status = remove_folder(e, a, path);
    arena_free(a);
    return status;
}

typedef struct Lock {
    const Sys *sys;
    int fd;
} Lock;

static void lock_close(void *arg)
{
    Lock *l = arg;

    if (l->fd >= 0)
        l->sys->close(l->sys->user, l->fd);
}

static Status lock_taken(Err *e, const Lock *l, const char *path)
{
    char owner[300] = "";
    ssize_t n = l->sys->pread(l->sys->user, l->fd, owner, sizeof owner - 1, 0);

    owner[n > 0 ? strcspn(owner, "\n") : 0] = 0;
    (void)fail(e, E_TAKEN, "another run is working in %s", path);
    return err_note(e, "owner", "%s", owner[0] ? owner : "unknown");
}

Status dir_lock(Err *e, Arena *a, const char *path)
{
    const Sys *sys = arena_sys(a);
    char host[200] = "?", text[300];
    char *name = path_join(e, a, path, ".lock");
    Lock *l = name ? NEW(e, a, Lock) : NULL;

    if (!l)
        return err_failed(e->code);
    *l = (Lock){.sys = sys, .fd = -1};
    TRY(arena_defer(e, a, lock_close, l));
    l->fd = sys->open(sys->user, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (l->fd < 0)
        return fail_errno(e, errno, "open", name);
    if (sys->lock(sys->user, l->fd))
        return errno == EAGAIN || errno == EACCES ? lock_taken(e, l, path)
                                                  : fail_errno(e, errno, "lock", name);
    (void)gethostname(host, sizeof host - 1);
    /* padded with blanks, so that no rest of an older owner stands behind */
    int n = snprintf(text, sizeof text, "host %s, process %-10ld\n", host, (long)getpid());
    if (sys->pwrite(sys->user, l->fd, text, (size_t)n, 0) != n)
        return fail_errno(e, errno, "write", name);
    return E_OK;
}
static Status move_over(Err *e, Arena *a, const char *from, const char *to)
{
    const Sys *sys = arena_sys(a);
    PathKind kind;

    TRY(path_look(e, sys, to, &kind, NULL));
    if (kind == PATH_DIR) /* a rename replaces files, and of folders empty ones */
        TRY(path_remove(e, sys, to));
    return path_rename(e, sys, from, to);
}

Status dir_move_over(Err *e, Arena *a, const char *from, const char *to)
{
    char **name;
    size_t n;

    TRY(dir_list(e, a, from, &name, &n));
    for (size_t i = 0; i < n; i++) {
        char *source = path_join(e, a, from, name[i]), *target = path_join(e, a, to, name[i]);

        if (!source || !target)
            return err_failed(e->code);
        TRY(move_over(e, a, source, target));
    }
    TRY(dir_sync(e, arena_sys(a), to));
    return path_remove(e, arena_sys(a), from);
}

/* SPDX-License-Identifier: MIT */
