/* url.c - addresses and names as they may be: https only, one origin, nothing that leads elsewhere.  A name that a
 * file of a repository gives (a shard, a module's folder) is put into URLs and paths, so it must be plain
 * (huggingface_hub#4935: `..` moved a request with a token to another repository). */
#include "pull/pull.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

static Status bad_url(Err *e, const char *text, const char *why)
{
    fail(e, E_UNAVAILABLE, "this address is refused: %s", why);
    err_note(e, "url", "%.300s", text);
    return err_note(e, "expected", "https://host/..");
}

/* The host's end: a name, an IPv4 address, or an IPv6 address in brackets. */
static const char *host_end(const char *host)
{
    if (*host != '[')
        return host +
               strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-");
    const char *end = host + 1 + strspn(host + 1, "0123456789abcdefABCDEF:.");
    return *end == ']' ? end + 1 : host;
}

static bool is_loopback(const Url *u, const char *loopback)
{
    static const char *const names[] = {"127.0.0.1", "localhost", "[::1]"};

    for (size_t i = 0; loopback && i < LEN(names); i++)
        if (u->host_len == strlen(names[i]) && !strncasecmp(u->host, names[i], u->host_len))
            return true;
    return false;
}

Status url_parse(Err *e, const char *text, const char *loopback, Url *out)
{
    *out = (Url){0};
    for (const char *c = text; *c; c++)
        if ((unsigned char)*c <= ' ' || (unsigned char)*c >= 0x7f)
            return bad_url(e, "(not shown)", "it has a space, a control or a foreign character");
    if (!strncasecmp(text, "https://", 8))
        *out = (Url){.host = text + 8, .port = 443, .https = true};
    else if (!strncasecmp(text, "http://", 7))
        *out = (Url){.host = text + 7, .port = 80};
    else
        return bad_url(e, text, "it is neither https nor http");
    const char *end = host_end(out->host);
    out->host_len = (size_t)(end - out->host);
    if (*end == ':') {
        out->port = 0;
        for (end++; *end >= '0' && *end <= '9' && out->port < 65536; end++)
            out->port = out->port * 10 + (*end - '0');
    }
    if (!out->host_len || (*end && !strchr("/?#", *end)) || out->port < 1 || out->port > 65535)
        return bad_url(e, *end == '@' || strchr(text, '@') ? "(not shown)" : text,
                       "host and port are not plain");
    if (!out->https && !is_loopback(out, loopback))
        return bad_url(e, text, "it is not https");
    return E_OK;
}

bool url_same_origin(const Url *a, const Url *b)
{
    return a->https == b->https && a->port == b->port && a->host_len == b->host_len &&
           strncasecmp(a->host, b->host, a->host_len) == 0;
}

char *url_shown(Err *e, Arena *a, const char *text)
{
    return arena_strndup(e, a, text, strcspn(text, "?#"));
}

static bool private_v4(uint32_t ip)
{
    static const struct {
        uint32_t net;
        int bits;
    } nets[] = {{0x00000000, 8},  {0x0a000000, 8},  {0x64400000, 10}, {0x7f000000, 8},
                {0xa9fe0000, 16}, {0xac100000, 12}, {0xc0000000, 24}, {0xc0a80000, 16},
                {0xc6120000, 15}, {0xe0000000, 3}};

    for (size_t i = 0; i < LEN(nets); i++)
        if ((ip ^ nets[i].net) >> (32 - nets[i].bits) == 0)
            return true;
    return false;
}

bool address_private(const struct sockaddr *address)
{
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    uint32_t last;

    if (address->sa_family == AF_INET) {
        memcpy(&v4, address, sizeof v4);
        return private_v4(ntohl(v4.sin_addr.s_addr));
    }
    if (address->sa_family != AF_INET6)
        return true;
    memcpy(&v6, address, sizeof v6);
    const uint8_t *b = v6.sin6_addr.s6_addr;
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff}, nat64[12] = {0, 0x64, 0xff, 0x9b};
    memcpy(&last, b + 12, sizeof last);
    if (!memcmp(b, mapped, 12) || !memcmp(b, nat64, 12))
        return private_v4(ntohl(last));
    return (b[0] & 0xe0) != 0x20; /* only 2000::/3 is the world's */
}

/* ---- names of repositories, revisions and files ---- */

static bool plain(const char *s, size_t n)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

    return n > 0 && n <= 96 && s[0] != '.' && s[0] != '-' && strspn(s, allowed) >= n;
}

/* At most `parts` plain parts between slashes. */
static bool plain_parts(const char *s, int parts)
{
    for (int i = 0; i < parts; i++) {
        size_t n = strcspn(s, "/");

        if (!plain(s, n))
            return false;
        if (!s[n])
            return true;
        s += n + 1;
    }
    return false;
}

static Status bad_name(Err *e, Status code, const char *what, const char *name)
{
    fail(e, code, "this is no name of %s: \"%.200s\"", what, name);
    return err_note(e, "expected", "letters, digits, '.', '-' and '_', no dot in front");
}

Status repo_check_name(Err *e, const char *name)
{
    if (plain_parts(name, 2))
        return E_OK;
    bad_name(e, E_USAGE, "a repository", name);
    return err_note(e, "example", "engraft pull org/name");
}

Status repo_check_revision(Err *e, const char *revision)
{
    return plain_parts(revision, 8) ? E_OK : bad_name(e, E_USAGE, "a revision", revision);
}

Status repo_check_file(Err *e, const char *file)
{
    return plain_parts(file, 4) ? E_OK : bad_name(e, E_DATA, "a file", file);
}

char *repo_url(Err *e, Arena *a, const char *endpoint, const char *repo, const char *revision,
               const char *file)
{
    char escaped[1000];
    size_t n = 0;

    for (const char *c = revision; *c && n + 4 < sizeof escaped; c++) {
        if (*c != '/') { /* a slash in a revision (refs/pr/1) is no separator */
            escaped[n++] = *c;
            continue;
        }
        memcpy(escaped + n, "%2F", 3);
        n += 3;
    }
    escaped[n] = 0;
    return arena_printf(e, a, "%s/%s/resolve/%s/%s", endpoint, repo, escaped, file);
}

/* SPDX-License-Identifier: MIT */
