/* gzip.c - a gzip file in memory (RFC 1952, one member), read from the front: what a header inside claims
 * can be held against the bytes that are there before room is made for it.  zlib checks sum and length. */
#include "formats/gzip.h"
#include "formats/pocket.h"

#include <string.h>

struct Gzip {
    const char *file;
    Bytes packed;
    Pocket pocket;
    z_stream stream;
    size_t given; /* packed bytes that zlib was handed */
    int code;
};

bool gzip_is(Bytes b)
{
    return b.n >= 18 && b.data[0] == 0x1f && b.data[1] == 0x8b;
}

static void gzip_close(void *arg)
{
    Gzip *g = arg;

    inflateEnd(&g->stream);
}

Status gzip_open(Err *e, Arena *a, const char *file, Bytes packed, Gzip **out)
{
    Gzip *g = NEW(e, a, Gzip);

    if (!g)
        return err_failed(e->code);
    *g = (Gzip){.file = file, .packed = packed, .pocket = {e, a}};
    g->stream = (z_stream){.zalloc = pocket_alloc, .zfree = pocket_free, .opaque = &g->pocket};
    g->code = inflateInit2(&g->stream, 15 + 16);
    if (g->code != Z_OK)
        return g->code == Z_MEM_ERROR ? err_failed(e->code)
                                      : fail(e, E_INTERNAL, "zlib does not start");
    *out = g;
    return arena_defer(e, a, gzip_close, g);
}

size_t gzip_most(const Gzip *g)
{
    size_t most;

    return __builtin_mul_overflow(g->packed.n, (size_t)GZIP_RATIO_MAX, &most) ? SIZE_MAX : most;
}

/* As many of n bytes as there are. */
static size_t take(Err *e, Gzip *g, uint8_t *to, size_t n)
{
    size_t got = 0;

    g->pocket.e = e;
    while (got < n && g->code == Z_OK) {
        /* zlib counts in 32 bits; pieces of 1 GiB keep larger files right */
        size_t room = n - got < (size_t)1 << 30 ? n - got : (size_t)1 << 30;

        if (g->stream.avail_in == 0) {
            size_t left = g->packed.n - g->given;

            g->stream.next_in = (uint8_t *)(uintptr_t)(g->packed.data + g->given);
            g->stream.avail_in = left < (size_t)1 << 30 ? (unsigned)left : 1u << 30;
            g->given += g->stream.avail_in;
        }
        g->stream.next_out = to + got;
        g->stream.avail_out = (unsigned)room;
        g->code = inflate(&g->stream, Z_NO_FLUSH);
        got += room - g->stream.avail_out;
    }
    return got;
}

static Status gzip_fail(Err *e, const Gzip *g, const char *what)
{
    if (g->code == Z_MEM_ERROR)
        return err_failed(e->code); /* set by the arena */
    fail(e, E_DATA, "%s", what);
    err_note(e, "file", "%s", g->file);
    if (g->stream.msg)
        err_note(e, "found", "%s", g->stream.msg);
    return err_note(e, "hint", "fetch the file again");
}

Status gzip_some(Err *e, Gzip *g, void *to, size_t n, size_t *got)
{
    *got = take(e, g, to, n);
    if (g->code == Z_OK || g->code == Z_STREAM_END)
        return E_OK;
    return gzip_fail(e, g,
                     g->code == Z_DATA_ERROR ? "the gzip file is damaged"
                                             : "the gzip file ends too early");
}

Status gzip_read(Err *e, Gzip *g, void *to, size_t n)
{
    if (take(e, g, to, n) == n)
        return E_OK;
    return gzip_fail(e, g,
                     g->code == Z_DATA_ERROR ? "the gzip file is damaged"
                                             : "the gzip file ends too early");
}

Status gzip_end(Err *e, Gzip *g)
{
    uint8_t more;

    if (take(e, g, &more, 1))
        return gzip_fail(e, g, "the gzip file holds more than it should");
    if (g->code != Z_STREAM_END)
        return gzip_fail(e, g,
                         g->code == Z_DATA_ERROR ? "the gzip file is damaged"
                                                 : "the gzip file ends too early");
    if (g->stream.avail_in || g->given < g->packed.n)
        return gzip_fail(e, g, "there are bytes behind the end of the gzip file");
    return E_OK;
}

/* SPDX-License-Identifier: MIT */
