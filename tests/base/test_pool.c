/* test_pool.c - the same results for any number of threads; nesting, floating-point mode, joining. */
#include <dirent.h>
#include <immintrin.h>
#include <math.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "test.h"

static Err err;

enum { N = 10007, GRAIN = 64, CHUNKS = (N + GRAIN - 1) / GRAIN };

typedef struct Sums {
    double part[CHUNKS];
    _Atomic int calls, worst_thread;
} Sums;

static void add_up(void *arg, int64_t begin, int64_t end, int thread)
{
    Sums *s = arg;
    double sum = 0;

    for (int64_t i = begin; i < end; i++)
        sum += sin((double)i) * 1e-3;
    s->part[begin / GRAIN] = sum;
    s->calls++;
    if (thread > s->worst_thread)
        s->worst_thread = thread;
}

TEST(base_pool_same_bits_for_any_threads)
{
    static const int threads[] = {1, 2, 3, 8};
    static Sums first, s;

    for (size_t t = 0; t < LEN(threads); t++) {
        Arena *a = arena_new(&err, sys_real());
        Pool *p;
        CHECK_OK(pool_new(&err, a, threads[t], &p));
        CHECK_INT(pool_threads(p), threads[t]);
        for (int round = 0; round < 20; round++) {
            memset(&s, 0, sizeof s);
            par_for(p, N, GRAIN, add_up, &s);
            CHECK_INT(s.calls, CHUNKS);
            CHECK(s.worst_thread < threads[t]);
            if (t == 0 && round == 0)
                memcpy(first.part, s.part, sizeof s.part);
            CHECK(!memcmp(first.part, s.part, sizeof s.part));
        }
        arena_free(a);
    }
}

typedef struct Borders {
    _Atomic int64_t rows, calls;
} Borders;

static void count_rows(void *arg, int64_t begin, int64_t end, int thread)
{
    Borders *b = arg;

    (void)thread;
    CHECK(begin < end);
    b->rows += end - begin;
    b->calls++;
}

TEST(base_pool_borders)
{
    static const int64_t cases[][3] = {{0, 5, 0}, {1, 5, 1}, {5, 5, 1},
                                       {6, 5, 2}, {7, 0, 7}, {-3, 2, 0}};
    Arena *a = arena_new(&err, sys_real());
    Pool *p;

    CHECK_OK(pool_new(&err, a, 3, &p));
    for (size_t i = 0; i < LEN(cases); i++) {
        Borders b = {0};
        par_for(p, cases[i][0], cases[i][1], count_rows, &b);
        CHECK_INT(b.rows, cases[i][0] > 0 ? cases[i][0] : 0);
        CHECK_INT(b.calls, cases[i][2]);
    }
    arena_free(a);
}

typedef struct Nest {
    Pool *pool;
    _Atomic int64_t inner, strangers;
} Nest;

typedef struct Inner {
    Nest *nest;
    int thread;
} Inner;

static void inner(void *arg, int64_t begin, int64_t end, int thread)
{
    Inner *in = arg;

    in->nest->inner += end - begin;
    in->nest->strangers += thread != in->thread;
}

static void outer(void *arg, int64_t begin, int64_t end, int thread)
{
    Inner in = {arg, thread};

    for (int64_t i = begin; i < end; i++)
        par_for(in.nest->pool, 10, 3, inner, &in);
}

TEST(base_pool_nested_runs_in_its_thread)
{
    Arena *a = arena_new(&err, sys_real());
    Nest n = {0};

    CHECK_OK(pool_new(&err, a, 4, &n.pool));
    par_for(n.pool, 200, 1, outer, &n);
    CHECK_INT(n.inner, 2000);
    CHECK_INT(n.strangers, 0);
    arena_free(a);
}

static void mode_of(void *arg, int64_t begin, int64_t end, int thread)
{
    _Atomic unsigned *seen = arg;

    (void)begin, (void)end, (void)thread;
    *seen |= _mm_getcsr() & ~0x3fu; /* without the sticky flags */
}

TEST(base_pool_sets_and_restores_the_float_mode)
{
    Arena *a = arena_new(&err, sys_real());
    unsigned flush = _mm_getcsr() | 0x8040u; /* flush to zero, denormals are zero */
    _Atomic unsigned seen = 0;
    Pool *p;

    CHECK_OK(pool_new(&err, a, 3, &p));
    _mm_setcsr(flush);
    par_for(p, 1000, 1, mode_of, &seen);
    CHECK_INT(_mm_getcsr() & 0xffc0, flush & 0xffc0);
    _mm_setcsr(0x1f80);
    CHECK_INT(seen, 0x1f80);
    arena_free(a);
}

static int live_threads(void)
{
    DIR *d = opendir("/proc/self/task");
    int n = -2; /* . and .. */

    while (d && readdir(d))
        n++;
    if (d)
        (void)closedir(d);
    return n;
}

TEST(base_pool_is_joined_with_its_arena)
{
    int before = 0;

    for (int i = 0; i < 10; i++) {
        Arena *a = arena_new(&err, sys_real());
        Pool *p;
        CHECK_OK(pool_new(&err, a, 6, &p));
        if (i > 0)
            CHECK_INT(live_threads(), before + 5);
        arena_free(a);
        if (i == 0) {
            (void)usleep(20000);
            before = live_threads(); /* a sanitizer may have started one of its own */
        }
        for (int wait = 0; wait < 1000 && live_threads() != before; wait++)
            (void)usleep(1000); /* a joined thread may show in /proc for a moment */
        CHECK_INT(live_threads(), before);
    }
}

TEST(base_pool_counts)
{
    Arena *a = arena_new(&err, sys_real());
    Pool *p;

    CHECK_OK(pool_new(&err, a, 0, &p));
    CHECK(pool_threads(p) >= 1);
    CHECK_INT(pool_new(&err, a, -1, &p), E_USAGE);
    CHECK_INT(pool_new(&err, a, 100000, &p), E_USAGE);
    arena_free(a);
}

/* Jobs after a pause find the workers asleep. */
TEST(base_pool_wakes_sleepers)
{
    Arena *a = arena_new(&err, sys_real());
    Pool *p;

    CHECK_OK(pool_new(&err, a, 3, &p));
    for (int i = 0; i < 50; i++) {
        Borders b = {0};
        par_for(p, 30, 1, count_rows, &b);
        CHECK_INT(b.rows, 30);
        (void)usleep(i % 5 ? 100 : 2000);
    }
    arena_free(a);
}
/* SPDX-License-Identifier: MIT */
