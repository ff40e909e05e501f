/* cursor.c - the checked reader: a claim is compared with the bytes left before anything is touched. */
#include "base/base.h"

#include <stdarg.h>
#include <stdio.h>

Status(cur_fail)(Err *e, const Cursor *c, const char *fmt, ...)
{
    char text[1000];
    va_list args;

    va_start(args, fmt);
    if (vsnprintf(text, sizeof text, fmt, args) < 0)
        text[0] = 0;
    va_end(args);
    (void)fail(e, E_DATA, "%s", text);
    return err_note(e, "file", "%s, byte %zu of %zu", c->file, c->at, c->n);
}

Status cur_bytes(Err *e, Cursor *c, size_t n, const uint8_t **out)
{
    if (n > c->n - c->at)
        return cur_fail(e, c, "the file ends too early: %zu bytes wanted, %zu left", n,
                        c->n - c->at);
    *out = c->data + c->at;
    c->at += n;
    return E_OK;
}

/* n little-endian bytes, n <= 8. */
static Status little(Err *e, Cursor *c, size_t n, uint64_t *out)
{
    const uint8_t *p;

    TRY(cur_bytes(e, c, n, &p));
    *out = 0;
    for (size_t i = 0; i < n; i++)
        *out |= (uint64_t)p[i] << (8 * i);
    return E_OK;
}

Status cur_u8(Err *e, Cursor *c, uint8_t *out)
{
    uint64_t v;

    TRY(little(e, c, 1, &v));
    *out = (uint8_t)v;
    return E_OK;
}

Status cur_u16(Err *e, Cursor *c, uint16_t *out)
{
    uint64_t v;

    TRY(little(e, c, 2, &v));
    *out = (uint16_t)v;
    return E_OK;
}

Status cur_u32(Err *e, Cursor *c, uint32_t *out)
{
    uint64_t v;

    TRY(little(e, c, 4, &v));
    *out = (uint32_t)v;
    return E_OK;
}

Status cur_u64(Err *e, Cursor *c, uint64_t *out)
{
    return little(e, c, 8, out);
}

Status cur_seek(Err *e, Cursor *c, uint64_t at)
{
    if (at > c->n)
        return cur_fail(e, c, "an offset points behind the end: %llu", (unsigned long long)at);
    c->at = (size_t)at;
    return E_OK;
}
/* SPDX-License-Identifier: MIT */
