/* pull.c - fuzz target: what a server or a folder may say to engraft-pull: headers, addresses, names, SHA256SUMS.
 * Oracles: numbers are in their range, an address that is taken has a plain host, a name that is taken leads nowhere
 * else, a record's lines are lines.
 * Parser: pull/reply.c pull/url.c hub/record.c */
#include <netinet/in.h>
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

static void address(Arena *a, const char *text)
{
    Err e = {0};
    Url u, own;

    if (!url_parse(&e, text, "1", &own) && !url_same_origin(&own, &own))
        abort();
    if (url_parse(&e, text, NULL, &u)) {
        if (!e.used)
            abort(); /* a refusal says why */
        return;
    }
    char *shown = url_shown(&e, a, text);
    if (shown && (strpbrk(shown, "?#") || strncmp(shown, text, strlen(shown)) != 0))
        abort();
    if (!url_same_origin(&u, &own) || !u.https || u.port < 1 || u.port > 65535 || !u.host_len)
        abort();
    if (memchr(u.host, '@', u.host_len) || memchr(u.host, '/', u.host_len))
        abort();
    if (u.host + u.host_len > text + strlen(text))
        abort();
}

/* An IPv4 address is as private by itself as inside an IPv6 one. */
static void number(const uint8_t *data, size_t n)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};

    if (n < 16)
        return;
    memcpy(v6.sin6_addr.s6_addr, data, 16);
    if (!address_private((struct sockaddr *)&v6) && (data[0] & 0xe0) != 0x20 &&
        data[0] + data[1] != 0 && data[0] + data[1] != 0x64)
        abort();
    memset(v6.sin6_addr.s6_addr, 0, 10);
    memset(v6.sin6_addr.s6_addr + 10, 0xff, 2);
    memcpy(&v4.sin_addr, data + 12, 4);
    if (address_private((struct sockaddr *)&v4) != address_private((struct sockaddr *)&v6) ||
        (data[12] == 10 && !address_private((struct sockaddr *)&v4)))
        abort();
}

static void name(Arena *a, const char *text)
{
    Err e = {0};

    if (!repo_check_name(&e, text) && !repo_check_revision(&e, text)) {
        Url u;
        char *url = repo_url(&e, a, "https://host", text, text, "config.json");

        if (url && url_parse(&e, url, NULL, &u))
            abort();
    }

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
        if (strchr(r.file[i].name, '\n') || !is_sha256(r.file[i].sha256) ||
            strlen(r.file[i].sha256) != 64 || r.file[i].bytes < -1 ||
            hub_record_find(&r, r.file[i].name) != &r.file[i])
            abort();
    const char *missing;
    if (!hub_record_check(&e, a, &r, "fuzz/seeds/pull", true, &missing) && missing &&
        strcmp(missing, HUB_SUMS) != 0 && !hub_record_find(&r, missing))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());
    const char *text = a ? arena_strndup(&err, a, (const char *)data, n) : NULL;

    if (text) {
        headers(data, n);
        address(a, text);
        number(data, n);
        name(a, text);
        record(a, data, n);
    }
    arena_free(a);
    return 0;
}
/* SPDX-License-Identifier: MIT */
