/* command.c - starts the built command and keeps what it says.  EG_UNDER is put in front of it: `make memcheck`. */
#include "command.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define SAID_MAX (4 << 20)

/* build/MODE/engraft, two folders above build/MODE/tests/run */
static const char *find_command(void)
{
    static char path[4000];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 20);

    CHECK(n > 0);
    path[n] = 0;
    for (int i = 0; i < 2; i++) {
        char *slash = strrchr(path, '/');

        CHECK(slash != NULL);
        *slash = 0;
    }
    n = (ssize_t)strlen(path);
    (void)snprintf(path + n, sizeof path - (size_t)n, "/engraft");
    if (access(path, X_OK))
        test_skip("%s is not built", path);
    return path;
}

static const char *read_text(Arena *a, const char *name)
{
    Err err = {0};
    Bytes b;

    CHECK_OK(file_read_all(&err, a, path_join(&err, a, test_folder(), name), SAID_MAX, &b));
    return (const char *)b.data;
}

static _Noreturn void start(const char *engraft, const char *line)
{
    static const char *const hidden[] = {
        "XDG_CACHE_HOME",
        "HF_HOME",
        "HF_HUB_CACHE",
        "ENGRAFT_MODELS",
        "NO_COLOR",
        "EG_ISA",
        "EG_FAIL",
        "EG_PULL_LOOPBACK",
        "HF_ENDPOINT",
        "HF_TOKEN",
        "HF_TOKEN_PATH",
        "HF_HUB_OFFLINE",
        "http_proxy",
        "https_proxy",
        "HTTPS_PROXY",
        "TRANSFORMERS_OFFLINE",
        "all_proxy",
        "ALL_PROXY",
        "REQUESTS_CA_BUNDLE",
        "CURL_CA_BUNDLE",
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
        "HUGGING_FACE_HUB_TOKEN",
    };

    const char *under = getenv("EG_UNDER");
    char call[5000];

    (void)snprintf(call, sizeof call, "%s %s", under ? under : "", engraft);
    for (size_t i = 0; i < LEN(hidden); i++)
        (void)unsetenv(hidden[i]);
    if (chdir(test_folder()) || setenv("E", call, 1) || setenv("HOME", test_folder(), 1) ||
        !freopen("said.out", "w", stdout) || !freopen("said.err", "w", stderr) ||
        !freopen("/dev/null", "r", stdin))
        _exit(126);
    (void)execl("/bin/sh", "sh", "-c", line, (char *)NULL);
    _exit(127);
}

Ran command(const char *script, ...)
{
    const char *engraft = find_command();
    Arena *a = test_arena();
    char line[4000];
    va_list args;
    int status = 0;

    va_start(args, script);
    (void)vsnprintf(line, sizeof line, script, args);
    va_end(args);
    (void)test_folder();
    (void)fflush(NULL);
    pid_t pid = fork();
    CHECK(pid >= 0);
    if (pid == 0)
        start(engraft, line);
    CHECK(waitpid(pid, &status, 0) == pid);
    return (Ran){WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
                 read_text(a, "said.out"), read_text(a, "said.err")};
}

void command_file(const char *name, const void *data, size_t n)
{
    Err err = {0};
    FILE *f = fopen(path_join(&err, test_arena(), test_folder(), name), "wb");

    CHECK(f && fwrite(data, 1, n, f) == n && fclose(f) == 0);
}

void command_text(const char *name, const char *text)
{
    command_file(name, text, strlen(text));
}

void check_code(const char *file, int line, Ran r, int wanted)
{
    if (r.code != wanted)
        fprintf(stderr, "stdout: %s\nstderr: %s\n", r.out, r.err);
    check_int_at(file, line, "exit code", r.code, wanted);
}

void check_json(const char *text, int lines)
{
    Err err = {0};
    int found = 0;

    for (const char *at = text; *at; found++) {
        size_t n = strcspn(at, "\n");
        Arena *a = test_arena();
        JsonScan *scan;
        JsonToken token;

        CHECK(at[n] == '\n');
        CHECK_OK(json_open(&err, a, "stdout", at, n, 0, &scan));
        do
            CHECK_OK(json_next(&err, scan, &token));
        while (token.kind != JSON_END);
        at += n + 1;
    }
    CHECK_INT(found, lines);
}

/* SPDX-License-Identifier: MIT */
