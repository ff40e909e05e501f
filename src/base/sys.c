/* sys.c - the table of system calls as they are.  Interrupted calls (EINTR) are repeated here, so that
 * nobody else has to know about signals. */
#include "base/sys.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define HUGE_PAGE ((size_t)2 << 20)

static void *real_alloc(void *user, size_t size)
{
    size_t rounded;

    (void)user;
    if (__builtin_add_overflow(size, (size_t)63, &rounded)) {
        errno = ENOMEM;
        return NULL;
    }
    return aligned_alloc(64, rounded & ~(size_t)63);
}

static void real_free(void *user, void *p)
{
    (void)user;
    free(p);
}

static void *real_mmap(void *user, size_t size, int fd)
{
    int protection = fd < 0 ? PROT_READ | PROT_WRITE : PROT_READ;
    int flags = fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_PRIVATE;

    (void)user;
    void *p = mmap(NULL, size, protection, flags, fd, 0);
    if (p == MAP_FAILED)
        return NULL;
    if (fd < 0 && size >= HUGE_PAGE)
        (void)madvise(p, size, MADV_HUGEPAGE); /* a wish: without it the block is only slower */
    return p;
}

static void real_munmap(void *user, void *p, size_t size)
{
    (void)user;
    (void)munmap(p, size);
}

static int real_open(void *user, const char *path, int flags, mode_t mode)
{
    int fd;

    (void)user;
    do
        fd = open(path, flags, mode);
    while (fd < 0 && errno == EINTR);
    return fd;
}

static void real_close(void *user, int fd)
{
    (void)user;
    (void)close(fd); /* what must last was fsynced before */
}

static ssize_t real_pread(void *user, int fd, void *buf, size_t n, int64_t at)
{
    ssize_t got;

    (void)user;
    do
        got = pread(fd, buf, n, at);
    while (got < 0 && errno == EINTR);
    return got;
}

static ssize_t real_pwrite(void *user, int fd, const void *buf, size_t n, int64_t at)
{
    ssize_t put;

    (void)user;
    do
        put = pwrite(fd, buf, n, at);
    while (put < 0 && errno == EINTR);
    return put;
}

static int real_fstat(void *user, int fd, struct stat *st)
{
    (void)user;
    return fstat(fd, st);
}

static int real_stat(void *user, const char *path, bool follow, struct stat *st)
{
    (void)user;
    return follow ? stat(path, st) : lstat(path, st);
}

static int real_fsync(void *user, int fd)
{
    (void)user;
    return fsync(fd); /* never repeated: after a failure the pages are marked clean (ATC'20) */
}

static int real_fallocate(void *user, int fd, int64_t size)
{
    (void)user;
    int error = posix_fallocate(fd, 0, size);
    if (error) {
        errno = error;
        return -1;
    }
    return 0;
}

static int real_rename(void *user, const char *from, const char *to)
{
    (void)user;
    return rename(from, to);
}

static int real_unlink(void *user, const char *path)
{
    (void)user;
    return unlink(path);
}

static int real_mkdir(void *user, const char *path, mode_t mode)
{
    (void)user;
    return mkdir(path, mode);
}

static int real_rmdir(void *user, const char *path)
{
    (void)user;
    return rmdir(path);
}

static int real_lock(void *user, int fd)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

    (void)user;
    return fcntl(fd, F_OFD_SETLK, &lock) < 0 ? -1 : 0;
}

static void *real_dir_open(void *user, const char *path)
{
    (void)user;
    return opendir(path);
}

static int real_dir_next(void *user, void *dir, const char **name)
{
    (void)user;
    errno = 0;
    struct dirent *entry = readdir(dir);
    if (!entry)
        return errno ? -1 : 0;
    *name = entry->d_name;
    return 1;
}

static void real_dir_close(void *user, void *dir)
{
    (void)user;
    (void)closedir(dir);
}

const Sys *sys_real(void)
{
    static const Sys real = {
        .alloc = real_alloc,
        .free = real_free,
        .mmap = real_mmap,
        .munmap = real_munmap,
        .open = real_open,
        .close = real_close,
        .pread = real_pread,
        .pwrite = real_pwrite,
        .fstat = real_fstat,
        .stat = real_stat,
        .fsync = real_fsync,
        .fallocate = real_fallocate,
        .rename = real_rename,
        .unlink = real_unlink,
        .mkdir = real_mkdir,
        .rmdir = real_rmdir,
        .lock = real_lock,
        .dir_open = real_dir_open,
        .dir_next = real_dir_next,
        .dir_close = real_dir_close,
    };
    return &real;
}

Status(fail_errno)(Err *e, int error, const char *verb, const char *path)
{
    Status code = error == ENOENT || error == ENOTDIR ? E_NOINPUT
                  : error == EEXIST                   ? E_TAKEN
                  : error == ENOMEM                   ? E_INTERNAL
                                                      : E_IO;
    const char *why = strerrordesc_np(error); /* not strerror: no locale, no shared buffer */

    return fail(e, code, "could not %s %s: %s", verb, path, why ? why : "unknown error");
}
/* SPDX-License-Identifier: MIT */
