/* pull.c - fuzz target: what a server or a folder may say to engraft-pull: headers, addresses, names, SHA256SUMS.
 * Oracles: numbers are in their range, an address that is taken has a plain host, a name that is taken leads nowhere
 * else, a record's lines are lines.  Parsers: pull/reply.c, pull/url.c, hub/record.c */
#include <stdlib.h>
#include <string.h>

#include "pull/pull.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void headers(const uint8_t *data, size_t n)
{
    const char *at = (const char *)data, *end = at + n;
    Reply r;

    reply_start(&r);
    while (at < end) {
        const char *eol = memchr(at, '\n', (size_t)(end - at));
        size_t line = (size_t)((eol ? eol + 1 : end) - at);

        reply_line(&r, at, line);
        at += line;
    }
    if (r.length < -1 || r.from < -1 || r.total < -1 || r.linked_size < -1 || r.retry_after < -1)
        abort();
    if (r.from >= 0 && r.from >= r.total)
        abort();
    if (strpbrk(r.etag, "\r\n\x1b") || strpbrk(r.error, "\r\n\x1b") || strpbrk(r.commit, "\r\n"))
        abort();
}

static void address(const char *text)
{
    Err e = {0};
    Url u;

    if (url_parse(&e, text, NULL, &u)) {
        if (!e.used)
            abort(); /* a refusal says why */
        return;
    }
    if (!u.https || u.port < 1 || u.port > 65535 || !u.host_len)
        abort();
    if (memchr(u.host, '@', u.host_len) || memchr(u.host, '/', u.host_len))
        abort();
    if (u.host + u.host_len > text + strlen(text))
        abort();
}

static void name(const char *text)
{
    Err e = {0};

    if (!repo_check_file(&e, text) && (strstr(text, "..") == text || strstr(text, "/..") ||
                                       text[0] == '/' || strchr(text, '\\') || strchr(text, '?')))
        abort();
    if (!repo_check_revision(&e, text) && strpbrk(text, " ?#%\\"))
        abort();
}

static void record(Arena *a, const uint8_t *data, size_t n)
{
    Err e = {0};
    HubRecord r;

    if (hub_record_parse(&e, a, "SHA256SUMS", (Bytes){data, n}, &r)) {
        if (!e.used)
            abort();
        return;
    }
    for (size_t i = 0; i < r.files; i++)
        if (strchr(r.file[i].name, '\n') || strlen(r.file[i].sha256) != 64 ||
            r.file[i].bytes < -1 || hub_record_find(&r, r.file[i].name) != &r.file[i])
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());
    const char *text = a ? arena_strndup(&err, a, (const char *)data, n) : NULL;

    if (text) {
        headers(data, n);
        address(text);
        name(text);
        record(a, data, n);
    }
    arena_free(a);
    return 0;
}
/* SPDX-License-Identifier: MIT */
