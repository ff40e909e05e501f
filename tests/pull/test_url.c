/* test_url.c - what may be asked for, and what a server's headers mean. */
#include "pull/pull.h"
#include "test.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

static Err err;

TEST(pull_url_takes_plain_https)
{
    static const struct {
        const char *text, *host;
        int port;
    } good[] = {
        {"https://huggingface.co", "huggingface.co", 443},
        {"https://huggingface.co/a/b?c#d", "huggingface.co", 443},
        {"HTTPS://Hub.Example:8443/", "Hub.Example", 8443},
        {"https://[2001:db8::1]:1/x", "[2001:db8::1]", 1},
        {"https://1.2.3.4", "1.2.3.4", 443},
    };
    Url u;

    for (size_t i = 0; i < LEN(good); i++) {
        CHECK_OK(url_parse(&err, good[i].text, NULL, &u));
        CHECK(u.https && u.port == good[i].port && u.host_len == strlen(good[i].host));
        CHECK(strncmp(u.host, good[i].host, u.host_len) == 0);
    }
    CHECK_OK(url_parse(&err, "http://localhost:80/x", "127.0.0.1:80", &u));
    CHECK(!u.https && u.port == 80);
}

TEST(pull_url_refuses_the_rest)
{
    static const char *const bad[] = {
        "",
        "hub.example",
        "ftp://hub.example",
        "file:///etc/passwd",
        "http://hub.example",
        "http://127.0.0.1",
        "https://",
        "https:///x",
        "https://user@hub.example",
        "https://user:word@hub.example/",
        "https://hub.example:0",
        "https://hub.example:65536",
        "https://hub.example:99999999999999999999",
        "https://hub.example:80x/",
        "https://hub example/",
        "https://hub.example/\r\nX: y",
        "https://h\xc3\xbc.example/",
        "https://[::1/",
        "https://hub.example\\@other.example/",
    };
    Url u;

    for (size_t i = 0; i < LEN(bad); i++)
        CHECK_INT(url_parse(&err, bad[i], NULL, &u), E_UNAVAILABLE);
    CHECK_INT(url_parse(&err, "http://hub.example", "127.0.0.1:80", &u), E_UNAVAILABLE);
    CHECK_INT(url_parse(&err, "http://localhost.example", "127.0.0.1:80", &u), E_UNAVAILABLE);
    CHECK_INT(url_parse(&err, "https://user:word@hub.example/", NULL, &u), E_UNAVAILABLE);
    CHECK(!strstr(err.text, "word"));
}

TEST(pull_url_origins)
{
    static const struct {
        const char *a, *b;
        bool same;
    } cases[] = {
        {"https://hub.example/x", "https://HUB.example:443/y", true},
        {"https://hub.example", "https://hub.example:8443", false},
        {"https://hub.example", "https://hub.example.evil", false},
        {"https://hub.example", "https://xhub.example", false},
        {"https://localhost:80", "http://localhost:80", false},
    };
    Url a, b;

    for (size_t i = 0; i < LEN(cases); i++) {
        CHECK_OK(url_parse(&err, cases[i].a, "x", &a));
        CHECK_OK(url_parse(&err, cases[i].b, "x", &b));
        CHECK(url_same_origin(&a, &b) == cases[i].same);
    }
}

static bool private_text(const char *text)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};

    if (inet_pton(AF_INET, text, &v4.sin_addr) == 1)
        return address_private((struct sockaddr *)&v4);
    CHECK(inet_pton(AF_INET6, text, &v6.sin6_addr) == 1);
    return address_private((struct sockaddr *)&v6);
}

TEST(pull_url_private_addresses)
{
    static const char *const inside[] = {"0.0.0.0",
                                         "10.1.2.3",
                                         "100.64.0.1",
                                         "127.0.0.1",
                                         "127.255.0.1",
                                         "169.254.1.1",
                                         "172.16.0.1",
                                         "172.31.255.255",
                                         "192.168.1.1",
                                         "224.0.0.1",
                                         "198.18.0.1",
                                         "255.255.255.255",
                                         "::1",
                                         "::",
                                         "fe80::1",
                                         "fc00::1",
                                         "fd12::1",
                                         "::ffff:127.0.0.1",
                                         "::ffff:10.0.0.1",
                                         "ff02::1",
                                         "192.0.0.8",
                                         "240.0.0.1",
                                         "64:ff9b::10.0.0.1",
                                         "198.19.255.255"};
    static const char *const outside[] = {"1.1.1.1",          "172.32.0.1",     "172.15.0.1",
                                          "100.128.0.1",      "192.169.0.1",    "11.0.0.1",
                                          "2606:4700::1",     "::ffff:1.1.1.1", "198.20.0.1",
                                          "64:ff9b::1.1.1.1", "223.255.255.255"};

    for (size_t i = 0; i < LEN(inside); i++)
        CHECK(private_text(inside[i]));
    for (size_t i = 0; i < LEN(outside); i++)
        CHECK(!private_text(outside[i]));
}

TEST(pull_url_names)
{
    static const char *const files[] = {"../x",     "a/../b", "/etc/passwd", ".x",  "a/.x", "a//b",
                                        "a/",       "",       "a\\b",        "a?b", "a b",  "-x",
                                        "a/b/c/d/e"};

    for (size_t i = 0; i < LEN(files); i++)
        CHECK_INT(repo_check_file(&err, files[i]), E_DATA);
    CHECK_OK(repo_check_file(&err, "1_Pooling/config.json"));
    CHECK_OK(repo_check_name(&err, "bert-base-uncased"));
    CHECK_OK(repo_check_name(&err, "sentence-transformers/all-MiniLM-L6-v2"));
    CHECK_INT(repo_check_name(&err, "a/b/c"), E_USAGE);
    CHECK_OK(repo_check_revision(&err, "refs/pr/7"));
    CHECK_INT(repo_check_revision(&err, "a/../b"), E_USAGE);
    CHECK_TEXT(repo_url(&err, test_arena(), "https://h", "o/n", "refs/pr/7", "config.json"),
               "https://h/o/n/resolve/refs%2Fpr%2F7/config.json");
    CHECK_TEXT(url_shown(&err, test_arena(), "https://h/x?Signature=secret"), "https://h/x");
}

static Reply read_reply(const char *text)
{
    Reply r;

    reply_start(&r);
    for (const char *at = text; *at;) {
        size_t n = strcspn(at, "\n") + 1;
        reply_line(&r, at, n);
        at += n;
    }
    return r;
}

TEST(pull_reply_reads_headers)
{
    Reply r = read_reply("HTTP/1.1 206 Partial Content\r\nContent-Length: 100\r\n"
                         "content-range:  bytes 100-199/200 \r\nETag: \"abc\"\r\n"
                         "X-Linked-Etag: \"def\"\r\nX-Linked-Size: 200\r\nX-Repo-Commit: 12ab\r\n"
                         "Retry-After: 7\r\nX-Error-Message: a\tb\x01\r\n");

    CHECK_INT(r.status, 206);
    CHECK_INT(r.length, 100);
    CHECK_INT(r.from, 100);
    CHECK_INT(r.total, 200);
    CHECK_INT(r.linked_size, 200);
    CHECK_INT(r.retry_after, 7);
    CHECK(r.framed);
    CHECK_TEXT(r.etag, "\"abc\"");
    CHECK_TEXT(r.linked, "def");
    CHECK_TEXT(r.commit, "12ab");
    CHECK_TEXT(r.error, "a b");
    r = read_reply(
        "HTTP/1.1 302 Found\r\nETag: \"abc\"\r\nHTTP/2 200\r\n"); /* the last one counts */
    CHECK_INT(r.status, 200);
    CHECK_TEXT(r.etag, "");
    CHECK(r.framed);
}

TEST(pull_reply_doubts_numbers)
{
    static const char *const ranges[] = {"bytes 5-9/20",
                                         "bytes 5-19/*",
                                         "bytes -19/20",
                                         "bytes 5/20",
                                         "5-19/20",
                                         "bytes 5-19",
                                         "bytes 5-999999999999999999999/20",
                                         "bytes 5-x/0",
                                         "bytes 20-19/20"};
    Reply r;

    for (size_t i = 0; i < LEN(ranges); i++) {
        Arena *a = test_arena();
        r = read_reply(arena_printf(&err, a, "HTTP/1.1 206\r\nContent-Range: %s\r\n", ranges[i]));
        CHECK_INT(r.from, -1);
    }
    r = read_reply("HTTP/1.1 200\r\nContent-Length: 0x10\r\nX-Linked-Size: -1\r\nRetry-After: "
                   "99999999999999999999\r\n");
    CHECK(r.length == -1 && r.linked_size == -1 && r.retry_after == -1 && !r.framed);
    r = read_reply("HTTP/1.1 416\r\nContent-Range: bytes */20\r\n");
    CHECK(r.from == -1 && r.total == 20);
    CHECK(etag_is_strong("\"x\"") && !etag_is_strong("W/\"x\"") && !etag_is_strong("\"\""));
    CHECK(!is_sha256("abc") &&
          is_sha256("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"));
}

/* SPDX-License-Identifier: MIT */
