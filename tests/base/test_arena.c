/* test_arena.c - alignment, zeroes, growth, clean-ups, children. */
#include <string.h>

#include "base/sys.h"
#include "test.h"

TEST(base_arena_gives_aligned_zeroes)
{
    Err err;
    Arena *a = arena_new(&err, sys_real());

    for (size_t size = 1; size < 600000; size = size * 5 / 3 + 1) {
        char *p = arena_alloc(&err, a, size);
        CHECK(p && (uintptr_t)p % 64 == 0);
        for (size_t i = 0; i < size; i++)
            CHECK(p[i] == 0);
        memset(p, 0xff, size);
    }
    arena_free(a);
    arena_free(NULL);
}

TEST(base_arena_refuses_what_overflows)
{
    Err err;
    Arena *a = arena_new(&err, sys_real());
    int64_t *array = NULL;
    size_t cap = 0;

    CHECK(!arena_array(&err, a, SIZE_MAX / 4, 8));
    CHECK_INT(err.code, E_INTERNAL);
    CHECK(!arena_alloc(&err, a, SIZE_MAX));
    CHECK(!arena_strndup(&err, a, "", SIZE_MAX));
    CHECK(GROW(&err, a, array, cap, SIZE_MAX / 4) != E_OK);
    CHECK(GROW(&err, a, array, cap, SIZE_MAX) != E_OK);
    CHECK(cap == 0);
    arena_free(a);
}

TEST(base_arena_growing_keeps_the_values_and_little_else)
{
    SysFaults f = {0};
    Err err;
    int64_t *array = NULL;
    size_t cap = 0;

    sys_faulty(&f, sys_real());
    Arena *a = arena_new(&err, &f.sys);
    for (int64_t i = 0; i < 1000000; i++) {
        CHECK_OK(GROW(&err, a, array, cap, i + 1));
        array[i] = i;
    }
    for (int64_t i = 0; i < 1000000; i++)
        CHECK(array[i] == i);
    CHECK(f.held < 12); /* the large blocks it moved out of were given back */
    arena_free(a);
    CHECK_INT(f.held, 0);
}

static char order[16], letters[] = "12bcd";

static void note(void *arg)
{
    order[strlen(order)] = *(const char *)arg;
}

TEST(base_arena_cleans_up_last_first_and_children_before)
{
    Err err;
    Arena *a = arena_new(&err, sys_real()), *b = arena_child(&err, a), *c = arena_child(&err, b);
    Arena *d = arena_child(&err, a);

    CHECK_OK(arena_defer(&err, a, note, letters + 0));
    CHECK_OK(arena_defer(&err, a, note, letters + 1));
    CHECK_OK(arena_defer(&err, b, note, letters + 2));
    CHECK_OK(arena_defer(&err, c, note, letters + 3));
    CHECK_OK(arena_defer(&err, d, note, letters + 4));
    arena_free(d);
    CHECK_TEXT(order, "d");
    arena_free(a);
    CHECK_TEXT(order, "dcb21");
}

TEST(base_arena_text)
{
    Err err;
    Arena *a = arena_new(&err, sys_real());
    char *long_text = arena_printf(&err, a, "%9000d", 7);

    CHECK_TEXT(arena_strndup(&err, a, "abcdef", 3), "abc");
    CHECK_TEXT(arena_strndup(&err, a, NULL, 0), "");
    CHECK_TEXT(arena_printf(&err, a, "%s-%d", "layer", 3), "layer-3");
    CHECK_INT((int64_t)strlen(long_text), 9000);
    arena_free(a);
}

TEST(base_arena_block)
{
    SysFaults f = {0};
    Err err;
    void *p;

    sys_faulty(&f, sys_real());
    Arena *a = arena_new(&err, &f.sys);
    CHECK_OK(block_alloc(&err, a, (size_t)5 << 20, "the test", &p));
    CHECK((uintptr_t)p % ((size_t)2 << 20) == 0);
    for (size_t i = 0; i < (size_t)5 << 20; i += 512)
        CHECK(((char *)p)[i] == 0);
    memset(p, 1, (size_t)5 << 20);
    CHECK_OK(block_alloc(&err, a, 100, "the test", &p));
    CHECK((uintptr_t)p % 64 == 0);
    CHECK_OK(block_alloc(&err, a, 0, "the test", &p));
    CHECK_INT(block_alloc(&err, a, SIZE_MAX, "the optimiser's moments", &p), E_INTERNAL);
    CHECK_HAS(err.text, "for       the optimiser's moments");
    arena_free(a);
    CHECK_INT(f.held, 0);
}
/* SPDX-License-Identifier: MIT */
