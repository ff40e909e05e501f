/* server.c - one connection after another, closed after each answer. */
#include "pull/server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define WEIGHTS 300000

static const char *weights(void)
{
    static char data[WEIGHTS];

    for (size_t i = 0; i < WEIGHTS && !data[WEIGHTS - 1]; i++)
        data[i] = (char)(1 + (i * 2654435761u >> 7) % 250);
    return data;
}

const char *repo_file(const char *name, size_t *n)
{
    static const struct {
        const char *name, *text;
    } files[] = {
        {"config.json", "{\"model_type\": \"bert\", \"hidden_size\": 8}\n"},
        {"README.md", "---\nlicense: apache-2.0\n---\n# A model\n"},
        {"vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\na\n"},
        {"modules.json", "[{\"idx\": 0, \"path\": \"\"}, {\"idx\": 1, \"path\": \"1_Pooling\"}]\n"},
        {"1_Pooling/config.json", "{\"pooling_mode_mean_tokens\": true}\n"},
    };

    if (strcmp(name, "model.safetensors") == 0) {
        *n = WEIGHTS;
        return weights();
    }
    for (size_t i = 0; i < LEN(files); i++)
        if (strcmp(files[i].name, name) == 0) {
            *n = strlen(files[i].text);
            return files[i].text;
        }
    return NULL;
}

bool is_weights(const Ask *q)
{
    return strcmp(q->file, "model.safetensors") == 0;
}

/* ---- answers ---- */

void say_bytes(const Ask *q, const void *data, size_t n)
{
    const char *from = data;

    while (n) {
        ssize_t put = send(q->fd, from, n, MSG_NOSIGNAL);
        if (put <= 0)
            return; /* the client has had enough */
        from += put;
        n -= (size_t)put;
    }
}

void say(const Ask *q, const char *fmt, ...)
{
    char text[2000];
    va_list args;

    va_start(args, fmt);
    int n = vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    say_bytes(q, text, n < (int)sizeof text ? (size_t)n : sizeof text - 1);
}

void say_head(const Ask *q, const char *status, int64_t length)
{
    char sha[65];
    size_t n;
    const char *data = repo_file(q->file, &n);
    Sha256 s;

    sha256_start(&s);
    sha256_add(&s, data, data ? n : 0);
    sha256_end(&s, sha);
    say(q, "HTTP/1.1 %s\r\nConnection: close\r\nX-Repo-Commit: " COMMIT "\r\n", status);
    if (data)
        say(q, "ETag: \"%.32s\"\r\n", sha);
    if (data && is_weights(q))
        say(q, "X-Linked-Etag: \"%s\"\r\nX-Linked-Size: %zu\r\n", sha, n);
    if (length >= 0)
        say(q, "Content-Length: %lld\r\n", (long long)length);
}

void say_end(const Ask *q)
{
    say(q, "\r\n");
}

void say_good(const Ask *q)
{
    size_t n, from = q->from > 0 ? (size_t)q->from : 0;
    const char *data = repo_file(q->file, &n);

    if (!data) {
        say_head(q, "404 Not Found", 9);
        say(q, "X-Error-Code: EntryNotFound\r\n\r\nnot here\n");
        return;
    }
    if (from >= n) {
        say_head(q, "416 Range Not Satisfiable", 0);
        say(q, "Content-Range: bytes */%zu\r\n\r\n", n);
        return;
    }
    say_head(q, from ? "206 Partial Content" : "200 OK", (int64_t)(n - from));
    if (from)
        say(q, "Content-Range: bytes %zu-%zu/%zu\r\n", from, n - 1, n);
    say_end(q);
    say_bytes(q, data + from, n - from);
}

void slam(const Ask *q)
{
    (void)usleep(20000); /* what was sent should arrive before the reset does */
    (void)setsockopt(q->fd, SOL_SOCKET, SO_LINGER, &(struct linger){1, 0}, sizeof(struct linger));
    (void)close(q->fd);
}

void until_it_leaves(const Ask *q, int ms)
{
    struct pollfd at = {q->fd, POLLRDHUP, 0};

    (void)poll(&at, 1, ms);
}

/* ---- requests ---- */

static void header(const char *text, const char *key, char *out, size_t cap)
{
    const char *at = strcasestr(text, key);

    out[0] = 0;
    if (at) {
        at += strlen(key);
        (void)snprintf(out, cap, "%.*s", (int)strcspn(at, "\r\n"), at);
    }
}

static bool read_request(int fd, Ask *q)
{
    char text[8000], range[100];
    size_t n = 0;

    *q = (Ask){.fd = fd};
    do {
        ssize_t got = recv(fd, text + n, sizeof text - 1 - n, 0);
        if (got <= 0)
            return false;
        n += (size_t)got;
        text[n] = 0;
        if (text[0] == 0x16) { /* a client that speaks TLS */
            say(q, "HTTP/1.1 400 Bad Request\r\n\r\n");
            return false;
        }
    } while (!strstr(text, "\r\n\r\n") && n < sizeof text - 1);
    if (strncmp(text, "GET ", 4) != 0)
        return false;
    (void)snprintf(q->path, sizeof q->path, "%.*s", (int)strcspn(text + 4, " "), text + 4);
    header(text, "\r\nRange: bytes=", range, sizeof range);
    q->from = range[0] ? strtoll(range, NULL, 10) : -1;
    header(text, "\r\nIf-Range: ", q->if_range, sizeof q->if_range);
    header(text, "\r\nAuthorization: ", q->token, sizeof q->token);
    char *at = strstr(q->path, "/resolve/");
    at = at ? strchr(at + 9, '/') : !strncmp(q->path, "/store/", 7) ? q->path + 6 : q->path;
    at[strcspn(at, "?")] = 0;
    q->file = at + 1;
    return true;
}

static int times(const char *file)
{
    static struct {
        char file[200];
        int n;
    } seen[64];

    for (size_t i = 0; i < LEN(seen); i++) {
        if (!seen[i].n)
            (void)snprintf(seen[i].file, sizeof seen[i].file, "%s", file);
        if (strcmp(seen[i].file, file) == 0)
            return ++seen[i].n;
    }
    return 0;
}

static _Noreturn void serve(const int *sockets, const int *ports, Misbehave bad, int heard)
{
    struct pollfd at[2] = {{sockets[0], POLLIN, 0}, {sockets[1], POLLIN, 0}};

    for (;;) {
        if (poll(at, 2, -1) < 0)
            _exit(1);
        int which = at[0].revents ? 0 : 1, fd = accept(sockets[which], NULL, NULL);
        Ask q;

        if (fd >= 0 && read_request(fd, &q)) {
            q.port = which;
            q.ports = ports;
            q.nth = times(q.file);
            (void)dprintf(heard, "%d %s from=%lld if-range=%s token=%s\n", which, q.file,
                          (long long)q.from, q.if_range, q.token);
            if (!bad || !bad(&q))
                say_good(&q);
            (void)shutdown(fd, SHUT_WR);
        }
        (void)close(fd);
    }
}

static int listen_here(int *port)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof in;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    CHECK(fd >= 0 && bind(fd, (struct sockaddr *)&in, n) == 0 && listen(fd, 16) == 0);
    CHECK(getsockname(fd, (struct sockaddr *)&in, &n) == 0);
    *port = ntohs(in.sin_port);
    return fd;
}

static const char *log_path(void)
{
    static char path[500];

    (void)snprintf(path, sizeof path, "%s/heard", test_folder());
    return path;
}

Server server_start(Misbehave bad)
{
    Server s = {0};
    int sockets[2] = {listen_here(&s.ports[0]), listen_here(&s.ports[1])};
    int heard = open(log_path(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);

    CHECK(heard >= 0);
    (void)fflush(NULL);
    s.pid = fork();
    CHECK(s.pid >= 0);
    if (s.pid == 0)
        serve(sockets, s.ports, bad, heard);
    (void)close(heard);
    (void)close(sockets[0]);
    (void)close(sockets[1]);
    return s;
}

void server_stop(const Server *s)
{
    (void)kill(s->pid, SIGKILL);
    (void)waitpid(s->pid, NULL, 0);
}

const char *server_heard(void)
{
    Err err = {0};
    Bytes b;

    CHECK_OK(file_read_all(&err, test_arena(), log_path(), 1 << 20, &b));
    return (const char *)b.data;
}

/* SPDX-License-Identifier: MIT */
