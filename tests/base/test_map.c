/* test_map.c - names to numbers. */
#include <string.h>

#include "test.h"

TEST(base_map_puts_gets_replaces)
{
    Err err;
    Arena *a = arena_new(&err, sys_real());
    Map *m = map_new(&err, a, 0);
    int64_t v = -1;

    CHECK(!map_get(m, "x", 1, &v));
    CHECK_OK(map_put(&err, m, "x", 1, 5));
    CHECK_OK(map_put(&err, m, "", 0, 6));
    CHECK_OK(map_put(&err, m, "x\0y", 3, 7));
    CHECK_OK(map_put(&err, m, "x", 1, 8));
    CHECK_INT((int64_t)map_count(m), 3);
    CHECK(map_get(m, "x", 1, &v) && v == 8);
    CHECK(map_get(m, "", 0, &v) && v == 6);
    CHECK(map_get(m, "x\0y", 3, &v) && v == 7);
    CHECK(!map_get(m, "x\0z", 3, &v));
    arena_free(a);
}

TEST(base_map_holds_many)
{
    enum { N = 100000 };
    Err err;
    Arena *a = arena_new(&err, sys_real());
    Map *m = map_new(&err, a, 10);
    int64_t v;

    for (int i = 0; i < N; i++) {
        char *key = arena_printf(&err, a, "encoder.layer.%d.attention.self.query.weight", i);
        CHECK_OK(map_put(&err, m, key, strlen(key), i));
    }
    CHECK_INT((int64_t)map_count(m), N);
    for (int i = 0; i < N; i++) {
        char *key = arena_printf(&err, a, "encoder.layer.%d.attention.self.query.weight", i);
        CHECK(map_get(m, key, strlen(key), &v));
        CHECK_INT(v, i);
        CHECK(!map_get(m, key, strlen(key) - 1, &v));
    }
    arena_free(a);
}
/* SPDX-License-Identifier: MIT */
