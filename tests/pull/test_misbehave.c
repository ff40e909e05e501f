/* test_misbehave.c - what servers do instead of sending a file.  Whatever it is: the right file, or a message with URL,
 * expected and found, its exit code, and nothing under the file's name. */
#include "pull/server.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef struct Case {
    const char *name;
    Misbehave bad;
    int code;
    const char *says; /* on stderr, when code is not 0 */
    const char *flags;
} Case;

static size_t weights_size(void)
{
    size_t n;

    (void)repo_file("model.safetensors", &n);
    return n;
}

/* ---- the connection ---- */

static void half(const Ask *q)
{
    size_t n, from = q->from > 0 ? (size_t)q->from : 0;
    const char *data = repo_file(q->file, &n);

    say_head(q, from ? "206 Partial Content" : "200 OK", (int64_t)(n - from));
    if (from)
        say(q, "Content-Range: bytes %zu-%zu/%zu\r\n", from, n - 1, n);
    say_end(q);
    say_bytes(q, data + from, (n - from) / 2);
}

static bool reset_once(const Ask *q)
{
    if (!is_weights(q) || q->nth > 1)
        return false;
    half(q);
    slam(q);
    return true;
}

static bool reset_always(const Ask *q)
{
    if (!is_weights(q))
        return false;
    half(q);
    slam(q);
    return true;
}

static bool reset_in_headers(const Ask *q)
{
    if (is_weights(q)) {
        say(q, "HTTP/1.1 200 OK\r\nContent-Len");
        slam(q);
    }
    return is_weights(q);
}

static bool close_early(const Ask *q)
{
    if (is_weights(q))
        half(q);
    return is_weights(q);
}

static bool no_answer(const Ask *q)
{
    return is_weights(q);
}

static bool not_http(const Ask *q)
{
    if (is_weights(q))
        say(q, "220 mail.example ESMTP\r\n");
    return is_weights(q);
}

static bool drip(const Ask *q)
{
    if (!is_weights(q))
        return false;
    say_head(q, "200 OK", (int64_t)weights_size());
    say_end(q);
    for (int i = 0; i < 100; i++) {
        say(q, "x");
        (void)usleep(50000);
    }
    return true;
}

static bool silent(const Ask *q)
{
    if (is_weights(q))
        until_it_leaves(q, 10000);
    return is_weights(q);
}

/* ---- lengths and ranges ---- */

static bool announces_less(const Ask *q)
{
    size_t n;

    if (!is_weights(q))
        return false;
    const char *data = repo_file(q->file, &n);
    say_head(q, "200 OK", (int64_t)n - 1);
    say_end(q);
    say_bytes(q, data, n - 1);
    return true;
}

static bool sends_more(const Ask *q)
{
    if (!is_weights(q))
        return false;
    say_good(q);
    say(q, "and more than was announced");
    return true;
}

static bool ignores_range(const Ask *q)
{
    size_t n;

    if (reset_once(q))
        return true;
    if (!is_weights(q))
        return false;
    const char *data = repo_file(q->file, &n);
    say_head(q, "200 OK", (int64_t)n);
    say_end(q);
    say_bytes(q, data, n);
    return true;
}

static bool range_from_elsewhere(const Ask *q)
{
    size_t n, from = 7;

    if (reset_once(q))
        return true;
    if (!is_weights(q) || q->from <= 0)
        return false;
    const char *data = repo_file(q->file, &n);
    say_head(q, "206 Partial Content", (int64_t)(n - from));
    say(q, "Content-Range: bytes %zu-%zu/%zu\r\n\r\n", from, n - 1, n);
    say_bytes(q, data + from, n - from);
    return true;
}

/* A file without X-Linked-Etag, so that its ETag is all there is to tell two versions apart. */
static void plain_version(const Ask *q, char c, const char *etag, bool stop_half)
{
    static char text[200001];
    size_t n = sizeof text - 1, from = q->from > 0 ? (size_t)q->from : 0;

    memset(text, c, n);
    say(q, "HTTP/1.1 %s\r\nConnection: close\r\nETag: %s\r\nContent-Length: %zu\r\n",
        from ? "206 Partial Content" : "200 OK", etag, n - from);
    if (from)
        say(q, "Content-Range: bytes %zu-%zu/%zu\r\n", from, n - 1, n);
    say_end(q);
    say_bytes(q, text + from, stop_half ? (n - from) / 2 : n - from);
    if (stop_half)
        slam(q);
}

/* The second answer goes on with bytes of another version, as if If-Range had not been asked. */
static bool other_etag(const Ask *q)
{
    if (!is_weights(q))
        return false;
    plain_version(q, q->nth == 1 ? 'a' : 'b', q->nth == 1 ? "\"v1\"" : "\"v2\"", q->nth == 1);
    return true;
}

/* A weak ETag is no promise about bytes: nothing may be put together by it. */
static bool weak_etag(const Ask *q)
{
    if (!is_weights(q))
        return false;
    plain_version(q, q->nth == 1 ? 'a' : 'b', "W/\"v\"", q->nth == 1);
    return true;
}

static bool range_unasked(const Ask *q)
{
    size_t n;

    if (!is_weights(q))
        return false;
    const char *data = repo_file(q->file, &n);
    say_head(q, "206 Partial Content", (int64_t)n - 100);
    say(q, "Content-Range: bytes 100-%zu/%zu\r\n\r\n", n - 1, n);
    say_bytes(q, data + 100, n - 100);
    return true;
}

static bool range_refused(const Ask *q)
{
    if (reset_once(q))
        return true;
    if (!is_weights(q) || q->from <= 0)
        return false;
    say_head(q, "416 Range Not Satisfiable", 0);
    say(q, "Content-Range: bytes */10\r\n\r\n");
    return true;
}

static bool too_large(const Ask *q)
{
    if (strcmp(q->file, "vocab.txt") != 0)
        return false;
    say(q, "HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n[PAD]\n");
    return true;
}

static bool length_is_nonsense(const Ask *q)
{
    if (is_weights(q))
        say(q, "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nabc");
    return is_weights(q);
}

static bool no_length(const Ask *q)
{
    if (strcmp(q->file, "vocab.txt") != 0)
        return false;
    say(q, "HTTP/1.0 200 OK\r\n\r\n[PAD]\n[UN"); /* cut off, or all there is? */
    return true;
}

static void chunk(const Ask *q, const char *data, size_t n)
{
    say(q, "%zx\r\n", n);
    say_bytes(q, data, n);
    say(q, "\r\n");
}

static bool chunks(const Ask *q)
{
    size_t n;

    if (!is_weights(q))
        return false;
    const char *data = repo_file(q->file, &n);
    say_head(q, "200 OK", -1);
    say(q, "Transfer-Encoding: chunked\r\n\r\n");
    for (size_t at = 0; at < n; at += 70001)
        chunk(q, data + at, n - at < 70001 ? n - at : 70001);
    say(q, "0\r\n\r\n");
    return true;
}

static bool chunks_break_off(const Ask *q)
{
    size_t n;

    if (!is_weights(q))
        return false;
    const char *data = repo_file(q->file, &n);
    say_head(q, "200 OK", -1);
    say(q, "Transfer-Encoding: chunked\r\n\r\n");
    chunk(q, data, 1000);
    return true;
}

/* 64 MB at most, so that a client without a limit ends too. */
static bool chunks_without_end(const Ask *q)
{
    static const char zeros[65536];

    if (strcmp(q->file, "vocab.txt") != 0)
        return false;
    say(q, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 1024; i++)
        chunk(q, zeros, sizeof zeros);
    return true;
}

/* ---- what is sent ---- */

static bool wrong_bytes(const Ask *q)
{
    static char data[1000000];
    size_t n;

    if (!is_weights(q))
        return false;
    memcpy(data, repo_file(q->file, &n), weights_size());
    data[weights_size() / 3] ^= 1;
    say_head(q, "200 OK", (int64_t)n);
    say_end(q);
    say_bytes(q, data, n);
    return true;
}

/* The first half is of another file; only the sum of all can tell. */
static bool wrong_first_half(const Ask *q)
{
    static const char zeros[1000000];

    if (!is_weights(q) || q->nth > 1)
        return false;
    say_head(q, "200 OK", (int64_t)weights_size());
    say_end(q);
    say_bytes(q, zeros, weights_size() / 2);
    slam(q);
    return true;
}

static bool gzip(const Ask *q)
{
    if (!is_weights(q))
        return false;
    say_head(q, "200 OK", 4);
    say(q, "Content-Encoding: gzip\r\n\r\n\x1f\x8b\x08\x01");
    return true;
}

static bool web_page(const Ask *q)
{
    static const char page[] = "<!DOCTYPE html><title>Sign in</title>";

    if (strcmp(q->file, "config.json") != 0)
        return false;
    say(q,
        "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: %zu\r\n"
        "\r\n%s",
        sizeof page - 1, page);
    return true;
}

static bool web_page_untold(const Ask *q)
{
    static const char page[] = "\n <HTML><body>Sign in to the wireless network</body></html>";

    if (strcmp(q->file, "config.json") != 0)
        return false;
    say(q, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n%s", sizeof page - 1, page);
    return true;
}

static bool pointer(const Ask *q)
{
    static const char text[] =
        "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n";

    if (!is_weights(q))
        return false;
    say(q, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n%s", sizeof text - 1, text);
    return true;
}

static bool no_json(const Ask *q)
{
    if (strcmp(q->file, "config.json") != 0)
        return false;
    say(q, "HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\n{\"model_type\":");
    return true;
}

static bool other_commit(const Ask *q)
{
    if (strcmp(q->file, "vocab.txt") != 0)
        return false;
    say(q, "HTTP/1.1 200 OK\r\nX-Repo-Commit: ffff\r\nContent-Length: 1\r\n\r\na");
    return true;
}

static bool index_leads_out(const Ask *q)
{
    static const char text[] = "{\"weight_map\": {\"a\": \"../../../.bashrc\"}}";

    if (is_weights(q)) {
        say(q, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
        return true;
    }
    if (strcmp(q->file, "model.safetensors.index.json") != 0)
        return false;
    say(q, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n%s", sizeof text - 1, text);
    return true;
}

static bool module_leads_out(const Ask *q)
{
    static const char text[] = "[{\"idx\": 0, \"path\": \"../../other\"}]";

    if (strcmp(q->file, "modules.json") != 0)
        return false;
    say(q, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n%s", sizeof text - 1, text);
    return true;
}

static bool commit_leads_out(const Ask *q)
{
    if (strcmp(q->file, "config.json") != 0)
        return false;
    say(q, "HTTP/1.1 200 OK\r\nX-Repo-Commit: ../../x\r\nContent-Length: 2\r\n\r\n{}");
    return true;
}

/* ---- headers ---- */

static bool header_flood(const Ask *q)
{
    if (!is_weights(q))
        return false;
    say(q, "HTTP/1.1 200 OK\r\n");
    for (int i = 0; i < 100000; i++)
        say(q, "X-%d: y\r\n", i);
    return true;
}

static bool header_without_end(const Ask *q)
{
    if (!is_weights(q))
        return false;
    say(q, "HTTP/1.1 200 OK\r\nX-Long: ");
    for (int i = 0; i < 1000; i++)
        say(q, "%01000d", i);
    return true;
}

static bool interim_flood(const Ask *q)
{
    if (!is_weights(q))
        return false;
    for (int i = 0; i < 100000; i++)
        say(q, "HTTP/1.1 103 Early Hints\r\n\r\n");
    return true;
}

/* ---- statuses ---- */

static bool answers(const Ask *q, const char *status, const char *headers)
{
    if (is_weights(q))
        say(q, "HTTP/1.1 %s\r\nContent-Length: 3\r\n%s\r\nno\n", status, headers);
    return is_weights(q);
}

static bool unknown_repo(const Ask *q)
{
    say(q, "HTTP/1.1 404 Not Found\r\nX-Error-Code: RepoNotFound\r\nContent-Length: 0\r\n\r\n");
    return true;
}

static bool unauthorised(const Ask *q)
{
    return answers(q, "401 Unauthorized", "X-Error-Code: GatedRepo\r\n");
}

static bool forbidden(const Ask *q)
{
    return answers(q, "403 Forbidden", "X-Error-Message: no \x1b[31m way\r\n");
}

static bool busy_once(const Ask *q)
{
    return q->nth == 1 && answers(q, "429 Too Many Requests", "Retry-After: 2\r\n");
}

static bool busy_for_long(const Ask *q)
{
    return answers(q, "429 Too Many Requests", "Retry-After: 3600\r\n");
}

static bool broken_twice(const Ask *q)
{
    return q->nth <= 2 && answers(q, q->nth == 1 ? "500 Oops" : "503 Later", "");
}

static bool broken_for_good(const Ask *q)
{
    return answers(q, "502 Bad Gateway", "");
}

static bool teapot(const Ask *q)
{
    return answers(q, "418 I'm a teapot", "");
}

/* ---- redirects ---- */

static bool leads_in_circles(const Ask *q)
{
    return answers(q, "302 Found", "Location: model.safetensors\r\n");
}

static bool leads_to_nothing(const Ask *q)
{
    return answers(q, "302 Found", "");
}

static bool leads_to_a_file(const Ask *q)
{
    return answers(q, "302 Found", "Location: file:///etc/passwd\r\n");
}

static bool leads_to_ftp(const Ask *q)
{
    return answers(q, "307 Temporary Redirect", "Location: ftp://127.0.0.1/model\r\n");
}

static bool leads_with_a_password(const Ask *q)
{
    return answers(q, "302 Found", "Location: https://a:b@127.0.0.1/model\r\n");
}

/* The other host has nothing: that is no word of the hub that the file does not exist. */
static bool leads_to_an_empty_shelf(const Ask *q)
{
    char location[100];

    if (q->port)
        return answers(q, "404 Not Found", "");
    (void)snprintf(location, sizeof location, "Location: http://127.0.0.1:%d/model.safetensors\r\n",
                   q->ports[1]);
    return answers(q, "302 Found", location);
}

static bool leads_outside_by_http(const Ask *q)
{
    return answers(q, "301 Moved Permanently", "Location: http://192.0.2.1/model\r\n");
}

static const Case cases[] = {
    {"all is well", NULL, 0, NULL, ""},
    {"reset once", reset_once, 0, NULL, ""},
    {"reset always", reset_always, 69, "the connection broke", ""},
    {"reset in the headers", reset_in_headers, 69, "the connection broke", ""},
    {"closed early", close_early, 69, "ended too early", ""},
    {"no answer", no_answer, 69, "without an answer", ""},
    {"not HTTP", not_http, 69, "the answer is not HTTP", ""},
    {"announces less", announces_less, 65, "a file of another size", ""},
    {"sends more", sends_more, 0, NULL, ""},
    {"200 for a range", ignores_range, 0, NULL, ""},
    {"another range", range_from_elsewhere, 0, NULL, ""},
    {"206 unasked", range_unasked, 69, "another range than it was asked for", ""},
    {"416", range_refused, 0, NULL, ""},
    {"too large", too_large, 65, "the file is too large", ""},
    {"length is nonsense", length_is_nonsense, 69, "", ""},
    {"no length", no_length, 69, "nothing tells where the file ends", ""},
    {"chunks", chunks, 0, NULL, ""},
    {"chunks break off", chunks_break_off, 69, "ended too early", ""},
    {"chunks without end", chunks_without_end, 65, "sends more than the file can be",
     "--max-size 1"},
    {"wrong bytes", wrong_bytes, 65, "not the bytes that were published", ""},
    {"wrong first half", wrong_first_half, 0, NULL, ""},
    {"gzip", gzip, 69, "in another form", ""},
    {"web page", web_page, 65, "a web page came", ""},
    {"web page untold", web_page_untold, 65, "a web page came", ""},
    {"LFS pointer", pointer, 65, "a Git LFS pointer came", ""},
    {"no JSON", no_json, 65, "config.json", ""},
    {"other commit", other_commit, 69, "another commit", ""},
    {"index leads out", index_leads_out, 65, "not a plain file name", ""},
    {"module leads out", module_leads_out, 65, "no name of a file", ""},
    {"commit leads out", commit_leads_out, 2, "no name of a revision", ""},
    {"header flood", header_flood, 69, "headers do not end", ""},
    {"header without end", header_without_end, 69, "", ""},
    {"interim flood", interim_flood, 69, "headers do not end", ""},
    {"404 for all", unknown_repo, 69, "RepoNotFound", ""},
    {"401", unauthorised, 69, "HF_TOKEN", ""},
    {"403", forbidden, 69, "no  [31m way", ""},
    {"429 once", busy_once, 0, NULL, ""},
    {"429 for long", busy_for_long, 69, "come back in 3600 s", ""},
    {"5xx twice", broken_twice, 0, NULL, ""},
    {"5xx for good", broken_for_good, 69, "out of order", ""},
    {"418", teapot, 69, "status 418", ""},
    {"redirect loop", leads_in_circles, 69, "from place to place", ""},
    {"redirect to nothing", leads_to_nothing, 69, "without an address", ""},
    {"redirect to a file", leads_to_a_file, 69, "neither https nor http", ""},
    {"redirect to ftp", leads_to_ftp, 69, "neither https nor http", ""},
    {"redirect with a password", leads_with_a_password, 69, "not plain", ""},
    {"redirect to an empty shelf", leads_to_an_empty_shelf, 69, "does not have it", ""},
    {"redirect by http", leads_outside_by_http, 69, "not https", ""},
};

static bool has_file(const char *name)
{
    Err err = {0};

    return path_kind(sys_real(), path_join(&err, test_arena(), test_folder(), name)) == PATH_FILE;
}

static void check_file(const char *name)
{
    Err err = {0};
    Arena *a = test_arena();
    size_t n;
    const char *wanted = repo_file(name, &n);
    Bytes b;

    CHECK_OK(file_read_all(&err, a, arena_printf(&err, a, "%s/m/org/name/%s", test_folder(), name),
                           1 << 20, &b));
    CHECK(b.n == n && memcmp(b.data, wanted, n) == 0);
}

static Ran pull(const Server *s, const char *flags)
{
    return command("ENGRAFT_MODELS=m EG_PULL_LOOPBACK=127.0.0.1:%d HF_ENDPOINT=http://127.0.0.1:%d "
                   "$E pull org/name --retries 2 %s",
                   s->ports[0], s->ports[0], flags);
}

static void try_case(const Case *c)
{
    double start = clock_seconds();
    Server s = server_start(c->bad);
    Ran r = pull(&s, c->flags);

    server_stop(&s);
    if (r.code != c->code)
        fprintf(stderr, "%s:\n%s\n%s", c->name, r.err, server_heard());
    CHECK_CODE(r, c->code);
    if (c->code) {
        CHECK_HAS(r.err, "error: ");
        CHECK_HAS(r.err, c->says);
        CHECK_TEXT(r.out, "");
        CHECK(!has_file("m/org/name/config.json") &&
              !has_file("m/org/name.part/model.safetensors"));
        CHECK(c->code == 2 || strstr(r.err, "while     downloading ") || strstr(r.err, "file  ") ||
              strstr(r.err, "no name of"));
    } else {
        CHECK_TEXT(r.out, "m/org/name\n");
        check_file("config.json");
        check_file("model.safetensors");
        CHECK(command("cd m/org/name && sha256sum -c --quiet SHA256SUMS").code == 0);
        CHECK(!has_file("m/org/name.part/SHA256SUMS"));
    }
    CHECK(strchr(r.err, '\x1b') == NULL);
    CHECK(clock_seconds() - start < 5);
    CHECK(command("rm -rf m").code == 0);
}

/* In halves, which run beside each other. */
TEST(pull_servers_misbehave)
{
    for (size_t i = 0; i < LEN(cases); i += 2)
        try_case(&cases[i]);
}

TEST(pull_servers_misbehave_too)
{
    for (size_t i = 1; i < LEN(cases); i += 2)
        try_case(&cases[i]);
}

/* An ETag alone tells two versions apart: the bytes of one of them, never of both. */
TEST(pull_never_mixes_two_versions)
{
    static const Misbehave bad[] = {other_etag, weak_etag};

    for (size_t i = 0; i < LEN(bad); i++) {
        Server s = server_start(bad[i]);
        Ran r = pull(&s, "");

        server_stop(&s);
        CHECK_CODE(r, 0);
        CHECK_CODE(command("tr -d b < m/org/name/model.safetensors | wc -c"), 0);
        CHECK_TEXT(command("tr -d b < m/org/name/model.safetensors | wc -c").out, "0\n");
        CHECK(command("rm -rf m").code == 0);
    }
}

TEST(pull_servers_drip)
{
    try_case(&(Case){"drip", drip, 69, "too slow, or silent", "--retries 0"});
}

TEST(pull_servers_are_silent)
{
    try_case(&(Case){"silent", silent, 69, "too slow, or silent", "--retries 0"});
}

/* SPDX-License-Identifier: MIT */
