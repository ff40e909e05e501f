/* spill.c - what does not fit into memory, in a file of its own that has no name: it goes with the process,
 * however that ends. */
#include "base/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

struct Spill {
    const Sys *sys;
    const char *folder;
    int fd;
    _Atomic int64_t end;
};

static void spill_close(void *arg)
{
    Spill *s = arg;

    if (s->fd >= 0)
        s->sys->close(s->sys->user, s->fd);
}

Status spill_open(Err *e, Arena *a, const char *folder, Spill **out)
{
    enum { TRIES = 16 };
    const int flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    Spill *s = NEW(e, a, Spill);
    const char *name = NULL;
    struct timespec now;

    if (!s)
        return err_failed(e->code);
    s->sys = arena_sys(a);
    s->fd = -1;
    if (!(s->folder = arena_printf(e, a, "%s", folder)))
        return err_failed(e->code);
    TRY(arena_defer(e, a, spill_close, s));
    for (int i = 0; i < TRIES && s->fd < 0; i++) {
        (void)clock_gettime(CLOCK_REALTIME, &now);
        uint64_t noise = hash_fnv1a(&now, sizeof now, (uint64_t)getpid() + 1);

        if (!(name =
                  arena_printf(e, a, "%s/spill.tmp.%08x", folder, (unsigned)(noise ^ noise >> 32))))
            return err_failed(e->code);
        s->fd = s->sys->open(s->sys->user, name, flags, 0600);
        if (s->fd < 0 && (errno != EEXIST || i == TRIES - 1))
            return fail_errno(e, errno, "create", name);
    }
    if (s->sys->unlink(s->sys->user, name))
        return fail_errno(e, errno, "remove", name);
    *out = s;
    return E_OK;
}

Status spill_put(Err *e, Spill *s, const void *data, size_t n, int64_t *at)
{
    const uint8_t *p = data;
    int64_t to = atomic_fetch_add(&s->end, (int64_t)n);

    *at = to;
    while (n) {
        ssize_t put = s->sys->pwrite(s->sys->user, s->fd, p, n, to);

        if (put <= 0)
            return fail_errno(e, put ? errno : ENOSPC, "write to a file in", s->folder);
        p += put;
        to += put;
        n -= (size_t)put;
    }
    return E_OK;
}

Status spill_get(Err *e, const Spill *s, int64_t at, void *data, size_t n)
{
    uint8_t *p = data;

    while (n) {
        ssize_t got = s->sys->pread(s->sys->user, s->fd, p, n, at);

        if (got <= 0)
            return fail_errno(e, got ? errno : EIO, "read from a file in", s->folder);
        p += got;
        at += got;
        n -= (size_t)got;
    }
    return E_OK;
}

/* SPDX-License-Identifier: MIT */
