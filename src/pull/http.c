/* http.c - one GET through libcurl.  Redirects are followed here, not by libcurl: from https to https only, five at
 * most, the token to the first origin only, and from the world never to an address inside (CVE-2025-14524,
 * CVE-2026-5530).  Certificates are always verified.  Nothing is decoded: what is hashed is what was sent. */
#include "pull/pull.h"

#include <curl/curl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define REDIRECTS_MAX    5
#define HEADER_BYTES_MAX 65536
#define HEADER_LINES_MAX 200
#define ERROR_BODY_MAX   65536 /* of an answer that is not the file */

struct Http {
    CURL *curl;
    char why[CURL_ERROR_SIZE];
    Pull *pull;
    /* of the hop in hand */
    const Request *request;
    Reply *reply;
    Err *err;
    Status failed; /* of ours, in a callback */
    Reply said;    /* what the first origin said of the file */
    bool begun, home, private_first, later, refused;
    size_t header_bytes, ignored;
    int header_lines;
};

static bool is_file(const Reply *r)
{
    return r->status == 200 || r->status == 206;
}

static size_t on_header(char *line, size_t one, size_t n, void *user)
{
    Http *h = user;

    n *= one;
    h->header_bytes += n;
    if (h->header_bytes > HEADER_BYTES_MAX || ++h->header_lines > HEADER_LINES_MAX) {
        fail(h->err, E_UNAVAILABLE, "the server's headers do not end");
        err_note(h->err, "expected", "at most %d lines and %d bytes", HEADER_LINES_MAX,
                 HEADER_BYTES_MAX);
        h->failed =
            err_note(h->err, "found", "%d lines, %zu bytes", h->header_lines, h->header_bytes);
        return 0;
    }
    reply_line(h->reply, line, n);
    return n;
}

/* What the hub says of the file before it sends us elsewhere holds there too; another host can add nothing to it. */
static void settle(Http *h)
{
    Reply *r = h->reply, *said = &h->said;

    if (h->home && r->linked[0])
        memcpy(said->linked, r->linked, sizeof r->linked);
    if (h->home && r->commit[0])
        memcpy(said->commit, r->commit, sizeof r->commit);
    if (h->home && r->linked_size >= 0)
        said->linked_size = r->linked_size;
    memcpy(r->linked, said->linked, sizeof r->linked);
    memcpy(r->commit, said->commit, sizeof r->commit);
    r->linked_size = said->linked_size;
    r->away = !h->home;
}

static Status begin(Http *h)
{
    if (h->begun)
        return E_OK;
    h->begun = true;
    settle(h);
    return h->request->begin(h->err, h->request->user, h->reply);
}

static size_t on_body(char *data, size_t one, size_t n, void *user)
{
    Http *h = user;

    n *= one;
    if (!is_file(h->reply)) {
        h->ignored += n;
        return h->ignored > ERROR_BODY_MAX ? 0 : n;
    }
    h->failed = begin(h);
    if (!h->failed)
        h->failed = h->request->body(h->err, h->request->user, data, n);
    return h->failed ? 0 : n;
}

static int on_progress(void *user, curl_off_t total, curl_off_t now, curl_off_t up,
                       curl_off_t upped)
{
    const Http *h = user;

    (void)total, (void)now, (void)up, (void)upped;
    return *h->pull->stop != 0;
}

static curl_socket_t on_socket(void *user, curlsocktype purpose, struct curl_sockaddr *at)
{
    Http *h = user;
    bool private = address_private(&at->addr);

    (void)purpose;
    if (!h->later)
        h->private_first = private;
    else if (private && !h->private_first && !h->pull->proxied) {
        h->refused = true;
        return CURL_SOCKET_BAD;
    }
    return socket(at->family, at->socktype | SOCK_CLOEXEC, at->protocol);
}

static void http_close(void *arg)
{
    Http *h = arg;

    if (h->curl)
        curl_easy_cleanup(h->curl);
    curl_global_cleanup();
}

static CURLcode set_up(Http *h, const Pull *p)
{
    CURL *c = h->curl;
    CURLcode bad = CURLE_OK;

#define SET(option, value) bad = bad ? bad : curl_easy_setopt(c, option, value)
    SET(CURLOPT_ERRORBUFFER, h->why);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_USERAGENT, "engraft/0.1.0");
    SET(CURLOPT_PROTOCOLS_STR, p->loopback ? "https,http" : "https");
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);
    if (p->ca)
        SET(CURLOPT_CAINFO, p->ca);
    SET(CURLOPT_CONNECTTIMEOUT, p->loopback ? 2L : 15L);
    SET(CURLOPT_LOW_SPEED_LIMIT, 100L); /* bytes a second, for so many seconds */
    SET(CURLOPT_LOW_SPEED_TIME, p->loopback ? 1L : 30L);
    SET(CURLOPT_BUFFERSIZE, 262144L);
    SET(CURLOPT_HEADERFUNCTION, on_header);
    SET(CURLOPT_HEADERDATA, h);
    SET(CURLOPT_WRITEFUNCTION, on_body);
    SET(CURLOPT_WRITEDATA, h);
    SET(CURLOPT_XFERINFOFUNCTION, on_progress);
    SET(CURLOPT_XFERINFODATA, h);
    SET(CURLOPT_NOPROGRESS, 0L);
    SET(CURLOPT_OPENSOCKETFUNCTION, on_socket);
    SET(CURLOPT_OPENSOCKETDATA, h);
#undef SET
    return bad;
}

Status http_open(Err *e, Pull *p)
{
    if (p->http)
        return E_OK;
    Http *h = NEW(e, p->arena, Http);
    if (!h)
        return err_failed(e->code);
    if (curl_global_init(CURL_GLOBAL_DEFAULT))
        return fail(e, E_UNAVAILABLE, "libcurl cannot be started");
    TRY(arena_defer(e, p->arena, http_close, h));
    h->pull = p;
    h->curl = curl_easy_init();
    CURLcode bad = h->curl ? set_up(h, p) : CURLE_OUT_OF_MEMORY;
    if (bad)
        return fail(e, E_UNAVAILABLE, "libcurl cannot be set up: %s", curl_easy_strerror(bad));
    p->http = h;
    return E_OK;
}

/* ---- one hop ---- */

static bool append(struct curl_slist **list, const char *line)
{
    struct curl_slist *longer = line ? curl_slist_append(*list, line) : NULL;

    if (longer)
        *list = longer;
    return longer != NULL;
}

static Status request_headers(Err *e, Arena *a, const Request *q, const char *token,
                              struct curl_slist **list)
{
    bool ok = append(list, "Accept-Encoding: identity");

    if (q->from > 0)
        ok = ok && append(list, arena_printf(e, a, "Range: bytes=%lld-", (long long)q->from));
    if (q->from > 0 && q->if_range)
        ok = ok && append(list, arena_printf(e, a, "If-Range: %s", q->if_range));
    if (token)
        ok = ok && append(list, arena_printf(e, a, "Authorization: Bearer %s", token));
    return ok ? E_OK : fail(e, E_INTERNAL, "there is no memory for a request");
}

static Status failed(Err *e, const Http *h, CURLcode code, const char *shown, bool *again)
{
    TRY(pull_stopped(e, h->pull));
    if (!h->refused)
        return http_explain(e, (int)code, h->why, shown, again);
    fail(e, E_UNAVAILABLE, "a redirect leads into this computer's own network");
    err_note(e, "url", "%s", shown);
    return err_note(e, "hint", "An address inside is asked only where HF_ENDPOINT names it.");
}

static Status one_hop(Err *e, Arena *a, Http *h, const char *url, const char *token, bool *again)
{
    struct curl_slist *list = NULL;
    char *shown = url_shown(e, a, url);

    if (!shown)
        return err_failed(e->code);
    h->err = e;
    h->failed = E_OK;
    h->begun = h->refused = false;
    h->header_bytes = h->ignored = 0;
    h->header_lines = 0;
    h->why[0] = 0;
    Status s = request_headers(e, a, h->request, token, &list);
    if (!s && (curl_easy_setopt(h->curl, CURLOPT_URL, url) ||
               curl_easy_setopt(h->curl, CURLOPT_HTTPHEADER, list)))
        s = fail(e, E_INTERNAL, "there is no memory for a request");
    if (!s) {
        CURLcode code = curl_easy_perform(h->curl);

        if (!code && is_file(h->reply))
            h->failed = begin(h); /* an empty body */
        s = h->failed;
        if (!s && code)
            s = failed(e, h, code, shown, again);
        else if (s)
            err_note(e, "url", "%s", shown);
    }
    (void)curl_easy_setopt(h->curl, CURLOPT_HTTPHEADER, NULL);
    curl_slist_free_all(list);
    return s;
}

static bool is_redirect(int status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

static Status leads_nowhere(Err *e, Arena *a, const char *url, const char *found)
{
    char *shown = url_shown(e, a, url);

    fail(e, E_UNAVAILABLE, "the server sends us from place to place");
    err_note(e, "url", "%s", shown ? shown : "");
    err_note(e, "expected", "the file after at most %d redirects", REDIRECTS_MAX);
    return err_note(e, "found", "%s", found);
}

static Status hops(Err *e, Arena *a, Http *h, const char *url, bool *again)
{
    const char *token = h->request->token ? h->pull->token : NULL;
    Url first, here;

    TRY(url_parse(e, url, h->pull->loopback, &first));
    for (int hop = 0; hop <= REDIRECTS_MAX; hop++) {
        char *next = NULL;

        TRY(url_parse(e, url, first.https ? NULL : h->pull->loopback, &here));
        h->home = url_same_origin(&first, &here);
        h->later = hop > 0;
        reply_start(h->reply);
        TRY(one_hop(e, a, h, url, h->home ? token : NULL, again));
        settle(h);
        if (!is_redirect(h->reply->status))
            return E_OK;
        if (curl_easy_getinfo(h->curl, CURLINFO_REDIRECT_URL, &next) || !next)
            return leads_nowhere(e, a, url, "a redirect without an address");
        url = arena_strndup(e, a, next, strlen(next));
        if (!url)
            return err_failed(e->code);
    }
    return leads_nowhere(e, a, url, "one more");
}

Status http_get(Err *e, Arena *a, Pull *p, const Request *q, Reply *out, bool *again)
{
    Http *h = p->http;

    *again = false;
    h->request = q;
    h->reply = out;
    reply_start(&h->said);
    return hops(e, a, h, q->url, again);
}

/* SPDX-License-Identifier: MIT */
