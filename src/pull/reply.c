/* reply.c - what a server says about a file before it sends it (RFC 9110, and the hub's X- headers). */
#include "pull/pull.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

void reply_start(Reply *r)
{
    *r = (Reply){.length = -1, .from = -1, .total = -1, .linked_size = -1, .retry_after = -1};
}

bool etag_is_strong(const char *etag)
{
    size_t n = strlen(etag);

    return n > 2 && etag[0] == '"' && etag[n - 1] == '"';
}

bool is_sha256(const char *text)
{
    return strlen(text) == 64 && strspn(text, "0123456789abcdef") == 64;
}

/* A whole number from 0; -1 for anything else. */
static int64_t whole(const char *text)
{
    char *end;

    errno = 0;
    long long x = strtoll(text, &end, 10);
    return errno || end == text || *end || text[0] < '0' || text[0] > '9' ? -1 : x;
}

/* "bytes 100-199/200", "bytes * /200" (without the space) */
static void content_range(Reply *r, char *text)
{
    char *slash = strchr(text, '/'), *dash = strchr(text, '-');

    r->from = r->total = -1; /* of several the last one counts */
    if (strncasecmp(text, "bytes ", 6) != 0 || !slash)
        return;
    r->total = whole(slash + 1);
    *slash = 0;
    if (dash && dash < slash) {
        *dash = 0;
        r->from = whole(text + 6);
        if (r->total < 1 || r->from >= r->total || whole(dash + 1) != r->total - 1)
            r->from = -1; /* not up to the end: no use to us */
    }
}

/* The value, or as much of it as there is room for. */
static void keep(char *to, size_t cap, const char *value, size_t n)
{
    n = n < cap ? n : cap - 1;
    memcpy(to, value, n);
    to[n] = 0;
}
#define KEEP(field, value) keep(field, sizeof(field), value, strlen(value))

static void take(Reply *r, const char *key, char *value)
{
    size_t quoted = etag_is_strong(value);

    if (!strcasecmp(key, "content-length"))
        r->length = whole(value), r->framed = r->framed || r->length >= 0;
    else if (!strcasecmp(key, "transfer-encoding"))
        r->framed = true;
    else if (!strcasecmp(key, "content-range"))
        content_range(r, value);
    else if (!strcasecmp(key, "content-type"))
        KEEP(r->type, value);
    else if (!strcasecmp(key, "content-encoding"))
        KEEP(r->encoding, value);
    else if (!strcasecmp(key, "etag"))
        KEEP(r->etag, value);
    else if (!strcasecmp(key, "x-linked-etag"))
        keep(r->linked, sizeof r->linked, value + quoted, strlen(value) - 2 * quoted);
    else if (!strcasecmp(key, "x-linked-size"))
        r->linked_size = whole(value);
    else if (!strcasecmp(key, "x-repo-commit"))
        KEEP(r->commit, value);
    else if (!strcasecmp(key, "retry-after"))
        r->retry_after = whole(value);
    else if (!strcasecmp(key, "x-error-code") || !strcasecmp(key, "x-error-message"))
        KEEP(r->error, value);
}

void reply_line(Reply *r, const char *line, size_t n)
{
    char text[600] = "";

    while (n && (line[n - 1] == '\r' || line[n - 1] == '\n'))
        n--;
    if (n >= sizeof text || memchr(line, 0, n))
        return; /* none that we read is so long */
    memcpy(text, line, n);
    text[n] = 0;
    for (size_t i = 0; i < n; i++) /* some are shown to people */
        if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
            text[i] = ' ';
    if (!strncmp(text, "HTTP/", 5)) {
        const char *space = strchr(text, ' ');

        reply_start(r);
        r->status = space ? (int)strtol(space, NULL, 10) : 0;
        r->framed = text[5] >= '2';
        return;
    }
    char *colon = strchr(text, ':');
    if (!colon)
        return;
    *colon = 0;
    char *value = colon + 1 + strspn(colon + 1, " \t");
    for (size_t end = strlen(value); end && (value[end - 1] == ' ' || value[end - 1] == '\t');
         end--)
        value[end - 1] = 0;
    take(r, text, value);
}

/* SPDX-License-Identifier: MIT */
