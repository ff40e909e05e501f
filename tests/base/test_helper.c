/* test_helper.c - jobs in their order, room, waiting, and the end with the arena. */
#include <stdatomic.h>
#include <unistd.h>

#include "test.h"

static Err err;

typedef struct Work {
    int64_t seen[2000];
    _Atomic int64_t n;
    _Atomic bool hold; /* jobs wait while it is set */
} Work;

static void work_on(void *arg, int64_t job)
{
    Work *w = arg;

    while (w->hold)
        (void)usleep(100);
    w->seen[w->n] = job;
    w->n++;
}

TEST(base_helper_works_in_order)
{
    static Work w;
    Arena *a = test_arena();
    int64_t ticket = 0, asked = 0;
    Helper *h;

    CHECK_OK(helper_new(&err, a, 7, work_on, &w, &h));
    while (asked < 1000) {
        int64_t t = helper_ask(h, 3 * asked);
        if (!t) {
            helper_wait(h, ticket); /* frees room */
            continue;
        }
        CHECK_INT(t, ++asked);
        ticket = t;
    }
    helper_wait(h, ticket);
    helper_wait(h, 1); /* long done */
    CHECK_INT(w.n, 1000);
    for (int64_t i = 0; i < 1000; i++)
        CHECK_INT(w.seen[i], 3 * i);
}

TEST(base_helper_has_room_for_so_many)
{
    static Work w = {.hold = true};
    Helper *h;

    CHECK_OK(helper_new(&err, test_arena(), 3, work_on, &w, &h));
    for (int64_t i = 1; i <= 3; i++)
        CHECK_INT(helper_ask(h, i), i);
    CHECK_INT(helper_ask(h, 4), 0);
    w.hold = false;
    helper_wait(h, 3);
    CHECK_INT(helper_ask(h, 5), 4);
    helper_wait(h, 4);
    CHECK_INT(w.n, 4);
}

TEST(base_helper_ends_with_its_arena)
{
    static Work w;

    for (int i = 0; i < 50; i++) {
        Arena *a = arena_new(&err, sys_real());
        Helper *h;

        CHECK_OK(helper_new(&err, a, 10, work_on, &w, &h));
        w.n = 0;
        for (int64_t k = 0; k < i % 10; k++)
            CHECK(helper_ask(h, k) > 0);
        arena_free(a);
        CHECK(w.n <= i % 10);
    }
}

/* SPDX-License-Identifier: MIT */
