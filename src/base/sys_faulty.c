/* sys_faulty.c - a table over another that fails call k of a kind, once or for ever, moves bytes in small
 * pieces, and counts what was not given back (after SQLite's and curl's out-of-memory tests). */
#include "base/sys.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Whether this call is one to fail; sets errno. */
static bool trips(SysFaults *f, SysCall kind)
{
    if (f->kind != SYS_ANY && f->kind != kind)
        return false;
    int64_t call = atomic_fetch_add(&f->calls, 1) + 1;
    if (f->at == 0 || call < f->at || (call > f->at && !f->for_ever))
        return false;
    errno = f->error ? f->error : kind == SYS_ALLOC || kind == SYS_MMAP ? ENOMEM : EIO;
    return true;
}

static size_t cut(const SysFaults *f, size_t n)
{
    return f->piece && n > f->piece ? f->piece : n;
}

static void *hold(SysFaults *f, void *p)
{
    if (p)
        atomic_fetch_add(&f->held, 1);
    return p;
}

static void *faulty_alloc(void *user, size_t size)
{
    SysFaults *f = user;
    return trips(f, SYS_ALLOC) ? NULL : hold(f, f->under->alloc(f->under->user, size));
}

static void faulty_free(void *user, void *p)
{
    SysFaults *f = user;
    if (p)
        atomic_fetch_sub(&f->held, 1);
    f->under->free(f->under->user, p);
}

static void *faulty_mmap(void *user, size_t size, int fd)
{
    SysFaults *f = user;
    return trips(f, SYS_MMAP) ? NULL : hold(f, f->under->mmap(f->under->user, size, fd));
}

static void faulty_munmap(void *user, void *p, size_t size)
{
    SysFaults *f = user;
    atomic_fetch_sub(&f->held, 1);
    f->under->munmap(f->under->user, p, size);
}

static int faulty_open(void *user, const char *path, int flags, mode_t mode)
{
    SysFaults *f = user;
    if (trips(f, SYS_OPEN))
        return -1;
    int fd = f->under->open(f->under->user, path, flags, mode);
    if (fd >= 0)
        atomic_fetch_add(&f->held, 1);
    return fd;
}

static void faulty_close(void *user, int fd)
{
    SysFaults *f = user;
    atomic_fetch_sub(&f->held, 1);
    f->under->close(f->under->user, fd);
}

static ssize_t faulty_pread(void *user, int fd, void *buf, size_t n, int64_t at)
{
    SysFaults *f = user;
    return trips(f, SYS_PREAD) ? -1 : f->under->pread(f->under->user, fd, buf, cut(f, n), at);
}

static ssize_t faulty_pwrite(void *user, int fd, const void *buf, size_t n, int64_t at)
{
    SysFaults *f = user;
    return trips(f, SYS_PWRITE) ? -1 : f->under->pwrite(f->under->user, fd, buf, cut(f, n), at);
}

static int faulty_fstat(void *user, int fd, struct stat *st)
{
    SysFaults *f = user;
    return trips(f, SYS_FSTAT) ? -1 : f->under->fstat(f->under->user, fd, st);
}

static int faulty_stat(void *user, const char *path, bool follow, struct stat *st)
{
    SysFaults *f = user;
    return trips(f, SYS_STAT) ? -1 : f->under->stat(f->under->user, path, follow, st);
}

static int faulty_fsync(void *user, int fd)
{
    SysFaults *f = user;
    return trips(f, SYS_FSYNC) ? -1 : f->under->fsync(f->under->user, fd);
}

static int faulty_fallocate(void *user, int fd, int64_t size)
{
    SysFaults *f = user;
    return trips(f, SYS_FALLOCATE) ? -1 : f->under->fallocate(f->under->user, fd, size);
}

static int faulty_rename(void *user, const char *from, const char *to)
{
    SysFaults *f = user;
    return trips(f, SYS_RENAME) ? -1 : f->under->rename(f->under->user, from, to);
}

static int faulty_unlink(void *user, const char *path)
{
    SysFaults *f = user;
    return trips(f, SYS_UNLINK) ? -1 : f->under->unlink(f->under->user, path);
}

static int faulty_mkdir(void *user, const char *path, mode_t mode)
{
    SysFaults *f = user;
    return trips(f, SYS_MKDIR) ? -1 : f->under->mkdir(f->under->user, path, mode);
}

static int faulty_rmdir(void *user, const char *path)
{
    SysFaults *f = user;
    return trips(f, SYS_RMDIR) ? -1 : f->under->rmdir(f->under->user, path);
}

static int faulty_lock(void *user, int fd)
{
    SysFaults *f = user;
    return trips(f, SYS_LOCK) ? -1 : f->under->lock(f->under->user, fd);
}

static void *faulty_dir_open(void *user, const char *path)
{
    SysFaults *f = user;
    return trips(f, SYS_DIR_OPEN) ? NULL : hold(f, f->under->dir_open(f->under->user, path));
}

static int faulty_dir_next(void *user, void *dir, const char **name)
{
    SysFaults *f = user;
    return trips(f, SYS_DIR_NEXT) ? -1 : f->under->dir_next(f->under->user, dir, name);
}

static void faulty_dir_close(void *user, void *dir)
{
    SysFaults *f = user;
    atomic_fetch_sub(&f->held, 1);
    f->under->dir_close(f->under->user, dir);
}

void sys_faulty(SysFaults *f, const Sys *under)
{
    f->under = under;
    f->calls = 0;
    f->held = 0;
    f->sys = (Sys){
        .user = f,
        .alloc = faulty_alloc,
        .free = faulty_free,
        .mmap = faulty_mmap,
        .munmap = faulty_munmap,
        .open = faulty_open,
        .close = faulty_close,
        .pread = faulty_pread,
        .pwrite = faulty_pwrite,
        .fstat = faulty_fstat,
        .stat = faulty_stat,
        .fsync = faulty_fsync,
        .fallocate = faulty_fallocate,
        .rename = faulty_rename,
        .unlink = faulty_unlink,
        .mkdir = faulty_mkdir,
        .rmdir = faulty_rmdir,
        .lock = faulty_lock,
        .dir_open = faulty_dir_open,
        .dir_next = faulty_dir_next,
        .dir_close = faulty_dir_close,
    };
}

static const struct {
    const char *name;
    SysCall kind;
} kinds[] = {
    {"any", SYS_ANY},         {"alloc", SYS_ALLOC},   {"map", SYS_MMAP},
    {"open", SYS_OPEN},       {"read", SYS_PREAD},    {"write", SYS_PWRITE},
    {"fstat", SYS_FSTAT},     {"stat", SYS_STAT},     {"sync", SYS_FSYNC},
    {"space", SYS_FALLOCATE}, {"rename", SYS_RENAME}, {"unlink", SYS_UNLINK},
    {"mkdir", SYS_MKDIR},     {"rmdir", SYS_RMDIR},   {"lock", SYS_LOCK},
    {"list", SYS_DIR_OPEN},   {"next", SYS_DIR_NEXT},
};

Status sys_faults_parse(Err *e, const char *text, SysFaults *out)
{
    size_t n = strcspn(text, ":"), i = 0;
    char *end = NULL;

    *out = (SysFaults){0};
    while (i < LEN(kinds) && (strlen(kinds[i].name) != n || strncmp(kinds[i].name, text, n) != 0))
        i++;
    errno = 0;
    if (text[n] && text[n + 1] >= '0' && text[n + 1] <= '9')
        out->at = strtoll(text + n + 1, &end, 10);
    if (end && *end == '+') {
        out->for_ever = true;
        end++;
    }
    if (i < LEN(kinds) && end && !*end && !errno) {
        out->kind = kinds[i].kind;
        return E_OK;
    }
    char list[200] = "";
    for (i = 0, n = 0; i < LEN(kinds) && n < sizeof list; i++)
        n += (size_t)snprintf(list + n, sizeof list - n, " %s", kinds[i].name);
    fail(e, E_USAGE, "this names no failure: \"%.100s\"", text);
    err_note(e, "expected", "KIND:N, or KIND:N+ for all from the N-th");
    return err_note(e, "kinds", "%s", list + 1);
}
/* SPDX-License-Identifier: MIT */
