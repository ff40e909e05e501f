/* server.h - a hub on 127.0.0.1 in a child process: a repository of a few files, told to misbehave.  Plain HTTP: what
 * TLS adds is tested with openssl s_server in test_tls.c. */
#ifndef SERVER_H
#define SERVER_H

#include "cli/command.h"

#define COMMIT "0123456789abcdef0123456789abcdef01234567"

typedef struct Ask { /* a request */
    int fd;
    int port;         /* 0: the first, 1: the other one, which stands for another host */
    const int *ports; /* both */
    char path[500];
    const char *file; /* of the repository: the end of the path after resolve/REV/ */
    int64_t from;     /* of Range; -1 */
    char if_range[100], token[100];
    int nth; /* of this file, from 1 */
} Ask;

/* True when it answered; else the repository does, as it should. */
typedef bool (*Misbehave)(const Ask *q);

typedef struct Server {
    int pid, ports[2];
} Server;

Server server_start(Misbehave bad);
void server_stop(const Server *s);
const char *server_heard(
    void); /* "PORT FILE from=.. if-range=.. token=..\n" of all requests since the last start */

/* The files of the repository. */
const char *repo_file(const char *name, size_t *n); /* NULL: it has none of that name */

/* ---- for those who misbehave ---- */

void say(const Ask *q, const char *fmt, ...) PRINTF(2, 3);
void say_bytes(const Ask *q, const void *data, size_t n);
/* Status line and the headers that a good answer has; `length` < 0: none of it. */
void say_head(const Ask *q, const char *status, int64_t length);
void say_end(const Ask *q);                 /* of the headers */
void say_good(const Ask *q);                /* as it should be */
void slam(const Ask *q);                    /* the connection is reset */
void until_it_leaves(const Ask *q, int ms); /* says no more, waits for the client to close */
bool is_weights(const Ask *q);

#endif
/* SPDX-License-Identifier: MIT */
