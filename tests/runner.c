/* runner.c - runs the registered tests, each in a child process of its own group with a time limit, two at
 * a time.  run [PREFIX..] takes the tests whose names begin so.  The last line counts; 1 is returned when a
 * test failed or none was found. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "test.h"

#define TESTS_MAX 4096
#define AT_ONCE   2
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define LIMIT 900.0 /* seconds a test may take: sanitizers make everything slow */
#else
#define LIMIT 240.0
#endif
#define SKIPPED 77
#define FAILED  1

typedef struct Test {
    const char *name, *file;
    int line;
    TestFn fn;
} Test;

typedef struct Child {
    pid_t pid; /* 0: free */
    const Test *test;
    double started;
    char log[400], folder[400];
} Child;

static Test tests[TESTS_MAX];
static int test_count;
static char run_folder[200];
static const Child *self;   /* in a child: its own slot */
static Arena *arenas[1024]; /* in a child: those of test_arena */
static int arena_count;

void test_register(const char *name, const char *file, int line, TestFn fn)
{
    if (test_count == TESTS_MAX) {
        fputs("too many tests: raise TESTS_MAX\n", stderr);
        exit(FAILED);
    }
    tests[test_count++] = (Test){name, file, line, fn};
}

/* ---- checks, in the child ---- */

static _Noreturn void lose(const char *file, int line, const char *fmt, ...) PRINTF(3, 4);
static _Noreturn void lose(const char *file, int line, const char *fmt, ...)
{
    va_list args;

    fprintf(stderr, "%s:%d: ", file, line);
    va_start(args, fmt);
    vfprintf(stderr, fmt, args);
    va_end(args);
    fputc('\n', stderr);
    fflush(NULL);
    _exit(FAILED);
}

void check_at(const char *file, int line, bool ok, const char *what)
{
    if (!ok)
        lose(file, line, "not so: %s", what);
}

void check_int_at(const char *file, int line, const char *what, int64_t found, int64_t wanted)
{
    if (found != wanted)
        lose(file, line, "%s: found %lld, wanted %lld", what, (long long)found, (long long)wanted);
}

void check_near_at(const char *file, int line, const char *what, double found, double wanted,
                   double tol)
{
    if (!(fabs(found - wanted) <= tol) && !(found == wanted)) /* NaN is never near */
        lose(file, line, "%s: found %.17g, wanted %.17g within %g, off by %g", what, found, wanted,
             tol, fabs(found - wanted));
}

void check_text_at(const char *file, int line, const char *what, const char *found,
                   const char *wanted)
{
    if (!found || !wanted ? found != wanted : strcmp(found, wanted) != 0)
        lose(file, line, "%s:\n  found  \"%s\"\n  wanted \"%s\"", what, found ? found : "(null)",
             wanted ? wanted : "(null)");
}

void check_has_at(const char *file, int line, const char *text, const char *part)
{
    if (!text || !strstr(text, part))
        lose(file, line, "the text lacks a part:\n  text   \"%s\"\n  part   \"%s\"",
             text ? text : "(null)", part);
}

void check_ok_at(const char *file, int line, Status s, const Err *e)
{
    if (s)
        lose(file, line, "status %d: %s", s, e->text);
}

void test_skip(const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    vfprintf(stderr, fmt, args);
    va_end(args);
    fflush(NULL);
    _exit(SKIPPED);
}

const char *test_shared(const char *path)
{
    static char full[1000];
    const char *root = getenv("EG_SHARED");

    (void)snprintf(full, sizeof full, "%s/%s", root ? root : "../shared", path);
    if (access(full, R_OK))
        test_skip("no reference material: %s", path);
    return full;
}

const char *test_folder(void)
{
    if (mkdir(self->folder, 0777) && errno != EEXIST)
        lose(__FILE__, __LINE__, "no folder %s: %s", self->folder, strerror(errno));
    return self->folder;
}

Arena *test_arena(void)
{
    Err err;
    Arena *a = arena_new(&err, sys_real());

    CHECK(a && arena_count < (int)LEN(arenas));
    return arenas[arena_count++] = a;
}

/* ---- children, seen from the parent ---- */

static void start(Child *c, const Test *t)
{
    *c = (Child){.test = t, .started = clock_seconds()};
    (void)snprintf(c->log, sizeof c->log, "%s/%s.log", run_folder, t->name);
    (void)snprintf(c->folder, sizeof c->folder, "%s/%s", run_folder, t->name);
    fflush(NULL);
    c->pid = fork();
    if (c->pid == 0) {
        int log = open(c->log, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        (void)setpgid(0, 0);
        if (log < 0 || dup2(log, 1) < 0 || dup2(log, 2) < 0)
            _exit(FAILED);
        (void)close(log);
        self = c;
        t->fn();
        while (arena_count > 0)
            arena_free(arenas[--arena_count]);
        exit(0); /* not _exit: the leak check runs here */
    }
    if (c->pid < 0) {
        perror("fork");
        exit(FAILED);
    }
    (void)setpgid(c->pid, c->pid);
}

static void print_log(const Child *c, const char *indent)
{
    char line[4096];
    FILE *f = fopen(c->log, "r");

    while (f && fgets(line, sizeof line, f))
        printf("%s%s%s", indent, line, strchr(line, '\n') ? "" : "\n");
    if (f)
        (void)fclose(f);
}

typedef struct Count {
    int passed, failed, skipped;
} Count;

static void judge(Child *c, int status, bool late, Count *count)
{
    double took = clock_seconds() - c->started;
    Err err;

    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
        count->passed++;
        if (took > 2)
            printf("slow    %s (%.1f s)\n", c->test->name, took);
    } else if (WIFEXITED(status) && WEXITSTATUS(status) == SKIPPED) {
        count->skipped++;
        printf("skipped %s: ", c->test->name);
        print_log(c, "");
    } else {
        count->failed++;
        printf("FAILED  %s (%s:%d)", c->test->name, c->test->file, c->test->line);
        if (late)
            printf(": still running after %g s", LIMIT);
        else if (WIFSIGNALED(status))
            printf(": %s", strsignal(WTERMSIG(status)));
        putchar('\n');
        print_log(c, "    ");
    }
    fflush(stdout);
    (void)kill(-c->pid, SIGKILL); /* what the test may have left running */
    (void)unlink(c->log);
    if (path_kind(sys_real(), c->folder) != PATH_NONE && path_remove(&err, sys_real(), c->folder))
        printf("note: %s\n", err.text);
    c->pid = 0;
}

/* Waits until one of the children is done, or late. */
static void wait_one(Child *children, Count *count)
{
    for (;;) {
        for (int i = 0; i < AT_ONCE; i++) {
            Child *c = &children[i];
            int status = 0;

            if (!c->pid)
                continue;
            bool late = clock_seconds() - c->started > LIMIT;
            if (late)
                (void)kill(-c->pid, SIGKILL);
            if (waitpid(c->pid, &status, late ? 0 : WNOHANG) == c->pid) {
                judge(c, status, late, count);
                return;
            }
        }
        (void)nanosleep(&(struct timespec){.tv_nsec = 500000}, NULL);
    }
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const Test *)a)->name, ((const Test *)b)->name);
}

static bool asked(const char *name, int n, char **prefix)
{
    for (int i = 0; i < n; i++)
        if (!strncmp(name, prefix[i], strlen(prefix[i])))
            return true;
    return n == 0;
}

int main(int argc, char **argv)
{
    const char *base = getenv("TMPDIR");
    Child children[AT_ONCE] = {0};
    Count count = {0};
    int running = 0;

    (void)snprintf(run_folder, sizeof run_folder, "%s/eg_test.XXXXXX", base ? base : "/tmp");
    if (!mkdtemp(run_folder)) {
        perror(run_folder);
        return FAILED;
    }
    qsort(tests, (size_t)test_count, sizeof *tests, by_name);
    for (int i = 0; i < test_count; i++) {
        if (!asked(tests[i].name, argc - 1, argv + 1))
            continue;
        if (running == AT_ONCE) {
            wait_one(children, &count);
            running--;
        }
        start(children[0].pid ? &children[1] : &children[0], &tests[i]);
        running++;
    }
    for (; running; running--)
        wait_one(children, &count);
    (void)rmdir(run_folder);
    printf("%d passed, %d failed, %d skipped\n", count.passed, count.failed, count.skipped);
    return count.failed || count.passed + count.skipped == 0 ? FAILED : 0;
}
/* SPDX-License-Identifier: MIT */
