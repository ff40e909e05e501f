/* fetch.c - one file: asked for from the byte where an earlier attempt ended, checked against all that is known of it
 * before it gets its name, asked for again when the failure may pass. */
#include "pull/pull.h"

#include <string.h>
#include <strings.h>

#define PROGRESS_COUNTS ((int64_t)1 << 20) /* an attempt that brought so much is not counted */
#define WAIT_MAX        120                /* seconds: a server that wants more is left alone */

typedef struct Fetch {
    Arena *arena;
    Pull *pull;
    const Want *want;
    const char *shown; /* the URL, for messages */
    Part *part;
    Reply reply;   /* as it was when the bytes began */
    int64_t total; /* of the file; -1: not said */
    int64_t resumed;
    bool stale; /* what is kept of an earlier attempt does not fit: from byte 0, once */
} Fetch;

static Status wrong(Err *e, const Fetch *f, Status code, const char *what, const char *expected,
                    const char *found)
{
    fail(e, code, "%s", what);
    err_note(e, "url", "%s", f->shown);
    err_note(e, "expected", "%s", expected);
    return err_note(e, "found", "%s", found);
}

static Status wrong_size(Err *e, const Fetch *f, const char *what, int64_t expected, int64_t found)
{
    fail(e, E_DATA, "%s", what);
    err_note(e, "url", "%s", f->shown);
    err_note(e, "expected", "%lld bytes", (long long)expected);
    return err_note(e, "found", "%lld bytes", (long long)found);
}

/* The sha256 that the bytes must have; NULL when nobody says. */
static const char *wanted_sum(const Fetch *f)
{
    return f->want->sha256 ? f->want->sha256 : is_sha256(f->reply.linked) ? f->reply.linked : NULL;
}

static int64_t wanted_bytes(const Fetch *f)
{
    return f->want->bytes >= 0 ? f->want->bytes : f->reply.linked_size;
}

static bool ends_with(const char *name, const char *end)
{
    size_t n = strlen(name), k = strlen(end);

    return n >= k && strcmp(name + n - k, end) == 0;
}

/* Whether a 206 goes on where our bytes end, and is of the same file. */
static Status check_range(Err *e, Fetch *f, const Reply *r)
{
    const char *etag = part_etag(f->part);

    f->stale = true;
    if (r->from != part_at(f->part))
        return wrong(e, f, E_UNAVAILABLE, "the server sends another range than it was asked for",
                     "the rest of the file", "another part of it");
    if (etag[0] && strcmp(etag, r->etag) != 0)
        return wrong(e, f, E_UNAVAILABLE, "the file changed while it was being downloaded", etag,
                     r->etag[0] ? r->etag : "no ETag");
    f->stale = false;
    return E_OK;
}

static Status check_announced(Err *e, const Fetch *f, const Reply *r)
{
    int64_t bytes = wanted_bytes(f);

    if (r->encoding[0] && strcasecmp(r->encoding, "identity") != 0)
        return wrong(e, f, E_UNAVAILABLE, "the server sends the file in another form",
                     "Accept-Encoding: identity", r->encoding);
    if (!strncasecmp(r->type, "text/html", 9) && !ends_with(f->want->name, ".md"))
        return wrong(e, f, E_DATA, "a web page came instead of the file", f->want->name, r->type);
    if (f->want->commit && r->commit[0] && strcmp(r->commit, f->want->commit) != 0)
        return wrong(e, f, E_UNAVAILABLE, "the server answers from another commit", f->want->commit,
                     r->commit);
    if (f->total >= 0 && bytes >= 0 && f->total != bytes)
        return wrong_size(e, f, "the server has a file of another size", bytes, f->total);
    if (f->total > f->pull->most) {
        wrong_size(e, f, "the file is too large", f->pull->most, f->total);
        return err_note(e, "hint", "--max-size MB raises the limit");
    }
    if (!r->framed && bytes < 0 && !wanted_sum(f))
        return wrong(e, f, E_UNAVAILABLE, "nothing tells where the file ends",
                     "a Content-Length, chunks, or a known sha256", "an answer without any");
    return E_OK;
}

static Status begin(Err *e, void *user, const Reply *r)
{
    Fetch *f = user;

    f->reply = *r;
    f->total = r->status == 206 ? r->total : r->length;
    if (r->status == 206)
        TRY(check_range(e, f, r));
    else if (part_at(f->part)) {
        f->resumed = 0;
        TRY(part_restart(e, f->part)); /* it sends the whole file */
    }
    TRY(check_announced(e, f, r));
    part_label(f->part, etag_is_strong(r->etag) ? r->etag : "");
    return E_OK;
}

static Status body(Err *e, void *user, const void *data, size_t n)
{
    Fetch *f = user;
    int64_t bytes = wanted_bytes(f), most = bytes >= 0 ? bytes : f->pull->most;

    if (part_at(f->part) + (int64_t)n > most) {
        wrong_size(e, f, "the server sends more than the file can be", most,
                   part_at(f->part) + (int64_t)n);
        return bytes >= 0 ? e->code : err_note(e, "hint", "--max-size MB raises the limit");
    }
    TRY(part_put(e, f->part, data, n));
    f->pull->progress(f->pull->user, f->want->name, part_at(f->part),
                      f->total >= 0 ? f->total
                      : bytes >= 0  ? bytes
                                    : 0);
    return E_OK;
}

/* Some servers give a page or a pointer under the name of a file, with status 200 and no word of it. */
static Status check_head(Err *e, const Fetch *f)
{
    static const char pointer[] = "version https://git-lfs.github.com/spec/";
    size_t n;
    const char *head = part_head(f->part, &n);

    if (n >= sizeof pointer - 1 && !memcmp(head, pointer, sizeof pointer - 1))
        return wrong(e, f, E_DATA, "a Git LFS pointer came instead of the file", "its bytes",
                     "a note of where they are");
    while (n && strchr(" \t\r\n", *head))
        head++, n--;
    if (n > 14 && (!strncasecmp(head, "<!doctype html", 14) || !strncasecmp(head, "<html", 5)) &&
        !ends_with(f->want->name, ".md"))
        return wrong(e, f, E_DATA, "a web page came instead of the file", f->want->name,
                     "text that begins as HTML");
    return E_OK;
}

static Status check_bytes(Err *e, Fetch *f, Got *got)
{
    const char *wanted = wanted_sum(f);
    int64_t at = part_at(f->part), bytes = f->total >= 0 ? f->total : wanted_bytes(f);

    part_sum(f->part, got->sum.sha256);
    TRY(check_head(e, f));
    if (bytes >= 0 && at != bytes)
        return wrong_size(e, f, "the file ended too early", bytes, at);
    if (wanted && strcmp(wanted, got->sum.sha256) != 0) {
        wrong(e, f, E_DATA, "these are not the bytes that were published", wanted, got->sum.sha256);
        return err_note(e, "", "(sha256)");
    }
    got->sum.name = f->want->name;
    got->sum.bytes = at;
    got->sum.checked = f->want->sha256 ? "pin" : wanted ? "x-linked-etag" : "length";
    return E_OK;
}

/* All bytes are here; what does not hold is thrown away, since going on from it would be no use. */
static Status finish(Err *e, Fetch *f, Got *got)
{
    Status s = check_bytes(e, f, got);

    if (!s)
        return part_finish(e, f->part);
    f->stale = f->resumed > 0; /* the older part may be to blame */
    part_drop(f->part);
    return s;
}

static Status answered(Err *e, Fetch *f, const Reply *r, Got *got, bool *again)
{
    memcpy(got->commit, r->commit, sizeof got->commit);
    if (r->status == 200 || r->status == 206)
        return finish(e, f, got);
    if (r->status == 416 && f->resumed && r->total == part_at(f->part))
        return finish(e, f, got); /* all of it was here already */
    if (r->status == 404 && f->want->optional && !r->away) {
        got->absent = true;
        part_drop(f->part);
        return E_OK;
    }
    f->stale = r->status == 416 && f->resumed;
    return fetch_refused(e, f->want, f->shown, r, again);
}

static Status attempt(Err *e, Arena *a, Fetch *f, Got *got, bool *again)
{
    Request q = {
        .url = f->want->url, .token = f->want->token, .begin = begin, .body = body, .user = f};
    Reply r;

    f->stale = *again = false;
    f->total = -1;
    reply_start(&f->reply);
    TRY(part_open(e, a, f->want->path, &f->part));
    const char *etag = part_etag(f->part);
    if (part_at(f->part) && !etag[0] && !f->want->sha256)
        TRY(part_restart(e, f->part)); /* nothing could tell whether the rest belongs to it */
    q.from = f->resumed = part_at(f->part);
    q.if_range = etag[0] ? etag : NULL;
    Status s = http_get(e, a, f->pull, &q, &r, again);
    if (!s)
        s = answered(e, f, &r, got, again);
    f->reply.retry_after = r.retry_after;
    Err ignored = {0};
    if (s && f->stale)
        part_drop(f->part);
    else if (s)
        part_keep(&ignored, f->part); /* the reason of the failure is worth more */
    return s;
}

/* Told once, with the failure that ends it. */
static Status give_up(Err *e, const Fetch *f, int64_t kept)
{
    if (kept > 0 && !f->stale)
        err_note(e, "kept", "%lld bytes; the same command goes on from there", (long long)kept);
    return e->code;
}

static Status attempts(Err *e, Fetch *f, Got *got)
{
    bool again, afresh = false;

    for (int tries = 0;;) {
        Arena *one = arena_child(e, f->arena);
        if (!one)
            return err_failed(e->code);
        f->part = NULL;
        Status s = attempt(e, one, f, got, &again);
        int64_t kept = f->part ? part_kept(f->part) : 0;
        int64_t brought = f->part ? part_at(f->part) - f->resumed : 0;
        arena_free(one);
        if (!s)
            return E_OK;
        bool from_zero = f->stale && !afresh;
        if (s == E_STOPPED || (!from_zero && (!again || tries >= f->pull->retries ||
                                              f->reply.retry_after > WAIT_MAX)))
            return give_up(e, f, kept);
        pull_note(f->pull, "%s: %.*s; trying again", f->want->name, (int)strcspn(e->text, "\n"),
                  e->text);
        if (from_zero) {
            afresh = true;
            continue;
        }
        double pause = f->reply.retry_after >= 0 ? (double)f->reply.retry_after : 1 << tries;
        tries = brought >= PROGRESS_COUNTS ? 0 : tries + 1;
        if (pull_wait(e, f->pull, pause))
            return give_up(e, f, kept);
    }
}

Status fetch_file(Err *e, Arena *a, Pull *p, const Want *w, Got *got)
{
    Fetch f = {.arena = arena_child(e, a), .pull = p, .want = w};

    *got = (Got){0};
    f.shown = f.arena ? url_shown(e, f.arena, w->url) : NULL;
    Status s = f.shown ? http_open(e, p) : err_failed(e->code);
    if (!s)
        s = attempts(e, &f, got);
    if (s)
        err_while(e, "downloading %s of %s", w->name, w->model);
    else if (!got->absent)
        pull_note(p, "%s: %lld bytes, sha256 %s, checked by %s", w->name, (long long)got->sum.bytes,
                  got->sum.sha256, got->sum.checked);
    arena_free(f.arena);
    return s;
}

/* SPDX-License-Identifier: MIT */
