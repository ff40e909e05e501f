/* part.c - a file on its way.  PATH.part holds its bytes; PATH.part.state says how many of them are stored for sure and
 * under which ETag, so that a later start may go on.  What lies beyond (after a power cut it may be zeros) is fetched
 * again.  The file gets its name by rename, after fsync. */
#include "pull/pull.h"

#include "base/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#define KEEP_EVERY ((int64_t)64 << 20) /* bytes between two stores */
#define STATE_MAX  1000

struct Part {
    const Sys *sys;
    Arena *arena;
    const char *final, *path, *state;
    int fd;
    int64_t at, kept;
    Sha256 sha;
    char etag[200];
    char head[512];
};

static void part_close(void *arg)
{
    Part *p = arg;

    if (p->fd >= 0)
        p->sys->close(p->sys->user, p->fd);
    p->fd = -1;
}

static Status reopen(Err *e, Part *p, int more)
{
    part_close(p);
    p->at = p->kept = 0;
    sha256_start(&p->sha);
    p->fd =
        p->sys->open(p->sys->user, p->path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | more, 0666);
    return p->fd < 0 ? fail_errno(e, errno, "open", p->path) : E_OK;
}

/* "BYTES ETAG\n" */
static int64_t read_state(Part *p)
{
    Err ignored = {0}; /* without it the file is begun afresh */
    Bytes b;
    char *end;

    if (path_kind(p->sys, p->state) != PATH_FILE ||
        file_read_all(&ignored, p->arena, p->state, STATE_MAX, &b))
        return 0;
    errno = 0;
    long long kept = strtoll((const char *)b.data, &end, 10);
    size_t n = strcspn(end, "\n");
    if (errno || kept < 0 || *end != ' ' || end[n] != '\n' || n - 1 >= sizeof p->etag)
        return 0;
    memcpy(p->etag, end + 1, n - 1);
    p->etag[n - 1] = 0;
    return kept;
}

static void add_head(Part *p, const void *data, size_t n)
{
    if (p->at < (int64_t)sizeof p->head) {
        size_t room = sizeof p->head - (size_t)p->at;
        memcpy(p->head + p->at, data, n < room ? n : room);
    }
}

/* Goes through the first `kept` bytes of an earlier start; fewer when the file is shorter. */
static Status take_up(Err *e, Part *p, int64_t kept)
{
    enum { PIECE = 1 << 18 };
    uint8_t *data = arena_alloc(e, p->arena, PIECE);

    if (!data)
        return err_failed(e->code);
    while (p->at < kept) {
        size_t n = kept - p->at < PIECE ? (size_t)(kept - p->at) : PIECE;
        ssize_t got = p->sys->pread(p->sys->user, p->fd, data, n, p->at);

        if (got < 0)
            return fail_errno(e, errno, "read", p->path);
        if (got == 0)
            return part_restart(e, p);
        sha256_add(&p->sha, data, (size_t)got);
        add_head(p, data, (size_t)got);
        p->at += got;
    }
    p->kept = p->at;
    return E_OK;
}

Status part_open(Err *e, Arena *a, const char *path, Part **out)
{
    Part *p = NEW(e, a, Part);

    if (!p)
        return err_failed(e->code);
    *p = (Part){.sys = arena_sys(a), .arena = a, .fd = -1};
    p->final = arena_strndup(e, a, path, strlen(path));
    p->path = arena_printf(e, a, "%s.part", path);
    p->state = arena_printf(e, a, "%s.part.state", path);
    if (!p->final || !p->path || !p->state)
        return err_failed(e->code);
    TRY(arena_defer(e, a, part_close, p));
    TRY(reopen(e, p, 0));
    TRY(take_up(e, p, read_state(p)));
    *out = p;
    return E_OK;
}

int64_t part_at(const Part *p)
{
    return p->at;
}

int64_t part_kept(const Part *p)
{
    return p->fd < 0 ? 0 : p->kept;
}

const char *part_etag(const Part *p)
{
    return p->etag;
}

Status part_restart(Err *e, Part *p)
{
    p->etag[0] = 0;
    return reopen(e, p, O_TRUNC);
}

void part_label(Part *p, const char *etag)
{
    size_t n = strlen(etag);

    n = n < sizeof p->etag ? n : 0;
    memcpy(p->etag, etag, n);
    p->etag[n] = 0;
}

Status part_keep(Err *e, Part *p)
{
    Writer *w;

    if (p->fd < 0 || p->at == p->kept)
        return E_OK;
    if (p->sys->fsync(p->sys->user, p->fd))
        return fail_errno(e, errno, "store", p->path);
    TRY(writer_open(e, p->arena, p->state, &w));
    TRY(writer_printf(e, w, "%lld %s\n", (long long)p->at, p->etag));
    TRY(writer_commit(e, w));
    p->kept = p->at;
    return E_OK;
}

Status part_put(Err *e, Part *p, const void *data, size_t n)
{
    const uint8_t *from = data;

    while (n) {
        ssize_t put = p->sys->pwrite(p->sys->user, p->fd, from, n, p->at);
        if (put <= 0)
            return fail_errno(e, put ? errno : ENOSPC, "write", p->path);
        sha256_add(&p->sha, from, (size_t)put);
        add_head(p, from, (size_t)put);
        p->at += put;
        from += put;
        n -= (size_t)put;
    }
    return p->at - p->kept >= KEEP_EVERY ? part_keep(e, p) : E_OK;
}

void part_sum(const Part *p, char hex[65])
{
    Sha256 copy = p->sha;

    sha256_end(&copy, hex);
}

const char *part_head(const Part *p, size_t *n)
{
    *n = p->at < (int64_t)sizeof p->head ? (size_t)p->at : sizeof p->head;
    return p->head;
}

Status part_finish(Err *e, Part *p)
{
    struct stat st;

    if (p->sys->fstat(p->sys->user, p->fd, &st))
        return fail_errno(e, errno, "look at", p->path);
    if (st.st_size != p->at) {
        part_drop(p);
        return fail(e, E_IO, "%s was changed by another program", p->path);
    }
    if (p->sys->fsync(p->sys->user, p->fd))
        return fail_errno(e, errno, "store", p->path);
    TRY(path_rename(e, p->sys, p->path, p->final));
    part_close(p);
    (void)p->sys->unlink(p->sys->user, p->state);
    return E_OK;
}

void part_drop(Part *p)
{
    part_close(p);
    (void)p->sys->unlink(p->sys->user, p->path);
    (void)p->sys->unlink(p->sys->user, p->state);
}

/* SPDX-License-Identifier: MIT */
