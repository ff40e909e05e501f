/* file.c - reading whole ranges or nothing, and writing files that appear complete or not at all.
 * The writer is the commit protocol for one file: a fresh name beside the target, write, fsync, rename,
 * fsync the folder.  A failed fsync is never repeated (the pages may already count as clean: Rebello et al.,
 * ATC'20); the attempt is thrown away. */
#include "base/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

struct File {
    const Sys *sys;
    const char *path;
    int fd;
    int64_t size;
    void *map;
};

static void file_close(void *arg)
{
    File *f = arg;

    if (f->map)
        f->sys->munmap(f->sys->user, f->map, (size_t)f->size);
    if (f->fd >= 0)
        f->sys->close(f->sys->user, f->fd);
}

Status file_open(Err *e, Arena *a, const char *path, File **out)
{
    const Sys *sys = arena_sys(a);
    File *f = NEW(e, a, File);
    struct stat st;

    if (!f)
        return err_failed(e->code);
    *f = (File){.sys = sys, .fd = -1, .path = arena_strndup(e, a, path, strlen(path))};
    if (!f->path)
        return err_failed(e->code);
    TRY(arena_defer(e, a, file_close, f));
    /* O_NONBLOCK: a pipe without a writer must not hold us before fstat tells what it is */
    f->fd = sys->open(sys->user, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0);
    if (f->fd < 0)
        return fail_errno(e, errno, "open", path);
    if (sys->fstat(sys->user, f->fd, &st))
        return fail_errno(e, errno, "look at", path);
    if (!S_ISREG(st.st_mode))
        return fail(e, E_NOINPUT, "%s is %s, not a file", path,
                    S_ISDIR(st.st_mode) ? "a folder" : "a device or pipe");
    f->size = st.st_size;
    *out = f;
    return E_OK;
}

const char *file_path(const File *f)
{
    return f->path;
}

int64_t file_size(const File *f)
{
    return f->size;
}

Status file_read_at(Err *e, File *f, int64_t offset, void *buf, size_t n)
{
    char *to = buf;

    if (offset < 0 || offset > f->size || n > (uint64_t)(f->size - offset)) {
        (void)fail(e, E_DATA, "the file ends too early: %zu bytes wanted at byte %lld", n,
                   (long long)offset);
        return err_note(e, "file", "%s, %lld bytes", f->path, (long long)f->size);
    }
    while (n) {
        ssize_t got = f->sys->pread(f->sys->user, f->fd, to, n, offset);
        if (got < 0)
            return fail_errno(e, errno, "read", f->path);
        if (got == 0)
            return fail(e, E_IO, "%s became shorter while it was read: nothing at byte %lld",
                        f->path, (long long)offset);
        to += got;
        offset += got;
        n -= (size_t)got;
    }
    return E_OK;
}

Status file_map(Err *e, File *f, Bytes *out)
{
    if (f->size == 0) {
        *out = (Bytes){(const uint8_t *)"", 0};
        return E_OK;
    }
    if (!f->map)
        f->map = f->sys->mmap(f->sys->user, (size_t)f->size, f->fd);
    if (!f->map)
        return fail_errno(e, errno, "map", f->path);
    *out = (Bytes){f->map, (size_t)f->size};
    return E_OK;
}

void file_forget(File *f)
{
    if (f->map)
        (void)madvise(f->map, (size_t)f->size, MADV_DONTNEED);
}

static Status read_into(Err *e, Arena *files, Arena *a, const char *path, size_t cap, Bytes *out)
{
    File *f;

    TRY(file_open(e, files, path, &f));
    if ((uint64_t)f->size > cap) {
        (void)fail(e, E_DATA, "the file is too large: %lld bytes", (long long)f->size);
        (void)err_note(e, "file", "%s", path);
        return err_note(e, "expected", "at most %zu bytes", cap);
    }
    uint8_t *data = arena_alloc(e, a, (size_t)f->size + 1);
    if (!data)
        return err_failed(e->code);
    TRY(file_read_at(e, f, 0, data, (size_t)f->size));
    *out = (Bytes){data, (size_t)f->size};
    return E_OK;
}

Status file_read_all(Err *e, Arena *a, const char *path, size_t cap, Bytes *out)
{
    Arena *files = arena_child(e, a); /* closed when read, not when `a` ends */

    if (!files)
        return err_failed(e->code);
    Status status = read_into(e, files, a, path, cap, out);
    arena_free(files);
    return status;
}

enum { WRITER_BUFFER = 1 << 16 };

struct Writer {
    const Sys *sys;
    const char *path, *temporary;
    int fd;        /* -1: not open, or done with */
    Status broken; /* of the first write that failed: nothing is committed after it */
    int64_t at;
    size_t used;
    uint8_t buffer[WRITER_BUFFER];
};

static void writer_abandon(void *arg)
{
    Writer *w = arg;

    if (w->fd < 0)
        return;
    w->sys->close(w->sys->user, w->fd);
    w->fd = -1;
    (void)w->sys->unlink(w->sys->user,
                         w->temporary); /* as good as we can: the name says it is ours */
}

static Status writer_name(Err *e, Arena *a, Writer *w)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_REALTIME, &now);
    uint64_t noise = hash_fnv1a(&now, sizeof now, (uint64_t)getpid() + 1);
    w->temporary = arena_printf(e, a, "%s.tmp.%08x", w->path, (unsigned)(noise ^ noise >> 32));
    return w->temporary ? E_OK : e->code;
}

Status writer_open(Err *e, Arena *a, const char *path, Writer **out)
{
    enum { TRIES = 16 };
    const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    Writer *w = NEW(e, a, Writer);

    if (!w)
        return err_failed(e->code);
    w->sys = arena_sys(a);
    w->fd = -1;
    w->path = arena_strndup(e, a, path, strlen(path));
    if (!w->path)
        return err_failed(e->code);
    TRY(arena_defer(e, a, writer_abandon, w));
    for (int i = 0; i < TRIES && w->fd < 0; i++) {
        TRY(writer_name(e, a, w));
        w->fd = w->sys->open(w->sys->user, w->temporary, flags, 0666);
        if (w->fd < 0 && (errno != EEXIST || i == TRIES - 1))
            return fail_errno(e, errno, "create", w->temporary);
    }
    *out = w;
    return E_OK;
}

static Status writer_flush(Err *e, Writer *w, const uint8_t *data, size_t n)
{
    while (n) {
        ssize_t put = w->sys->pwrite(w->sys->user, w->fd, data, n, w->at);
        if (put <= 0)
            return w->broken = fail_errno(e, put ? errno : ENOSPC, "write", w->temporary);
        data += put;
        w->at += put;
        n -= (size_t)put;
    }
    return E_OK;
}

static Status writer_usable(Err *e, const Writer *w)
{
    if (w->fd < 0)
        return fail(e, E_INTERNAL, "%s was already committed or given up", w->path);
    if (w->broken)
        return fail(e, w->broken, "an earlier write to %s failed", w->temporary);
    return E_OK;
}

Status writer_put(Err *e, Writer *w, const void *data, size_t n)
{
    TRY(writer_usable(e, w));
    if (n > sizeof w->buffer - w->used) {
        size_t used = w->used;
        w->used = 0;
        TRY(writer_flush(e, w, w->buffer, used));
        if (n >= sizeof w->buffer)
            return writer_flush(e, w, data, n);
    }
    if (n)
        memcpy(w->buffer + w->used, data, n);
    w->used += n;
    return E_OK;
}

Status writer_printf(Err *e, Writer *w, const char *fmt, ...)
{
    char text[4096];
    va_list args;

    va_start(args, fmt);
    int n = vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    if (n < 0 || n >= (int)sizeof text)
        return fail(e, E_INTERNAL, "a line for %s is longer than %zu bytes", w->path, sizeof text);
    return writer_put(e, w, text, (size_t)n);
}

static Status sync_parent(Err *e, const Sys *sys, const char *path)
{
    char folder[4096] = ".";
    const char *base = path_base(path);
    size_t n = (size_t)(base - path);

    if (n >= sizeof folder)
        return fail_errno(e, ENAMETOOLONG, "open the folder of", path);
    if (n) {
        memcpy(folder, path, n);
        folder[n] = 0;
    }
    return dir_sync(e, sys, folder);
}

Status writer_commit(Err *e, Writer *w)
{
    TRY(writer_usable(e, w));
    Status status = writer_flush(e, w, w->buffer, w->used);

    if (!status && w->sys->fsync(w->sys->user, w->fd))
        status = fail_errno(e, errno, "store", w->temporary);
    if (!status)
        status = path_rename(e, w->sys, w->temporary, w->path);
    if (status) {
        writer_abandon(w);
        return status;
    }
    w->sys->close(w->sys->user, w->fd);
    w->fd = -1;
    return sync_parent(e, w->sys, w->path);
}
/* SPDX-License-Identifier: MIT */
