/* test_pickle.c - values that saved weights hold, and the caps of the machine at, below and above. */
#include "formats/pickle.h"
#include "test.h"

#include <string.h>

static Err err;

static Arena *begin(void)
{
    Arena *a = arena_new(&err, sys_real());

    CHECK(a != NULL);
    return a;
}

static Status run(Arena *a, const PickleLimits *limits, const void *text, size_t n, Pickle **p,
                  Value *v)
{
    Cursor *c = NEW(&err, a, Cursor);

    *c = (Cursor){.file = "memory", .data = text, .n = n};
    CHECK_OK(pickle_new(&err, a, limits, p));
    return pickle_run(&err, *p, c, v);
}

#define RUN(a, text, p, v) CHECK_OK(run(a, NULL, text, sizeof(text) - 1, p, v))

TEST(formats_pickle_values)
{
    Arena *a = begin();
    Value v, items[4];
    Pickle *p;
    int n;

    RUN(a, "\x80\2J\xfe\xff\xff\xff.", &p, &v);
    CHECK_INT(v.u.i, -2);
    RUN(a, "M\x01\x02.", &p, &v);
    CHECK_INT(v.u.i, 513);
    RUN(a, "\x8a\0.", &p, &v);
    CHECK_INT(v.u.i, 0);
    RUN(a, "\x8a\1\xff.", &p, &v);
    CHECK_INT(v.u.i, -1);
    RUN(a, "\x8a\2\xff\0.", &p, &v);
    CHECK_INT(v.u.i, 255);
    RUN(a, "\x8a\x08\0\0\0\0\0\0\0\x80.", &p, &v);
    CHECK_INT(v.u.i, INT64_MIN);
    RUN(a, "\x8a\x09\0\0\0\0\0\0\0\x80\0.", &p, &v);
    CHECK_INT(v.kind, V_OPAQUE);
    RUN(a, "G\xbf\xf8\0\0\0\0\0\0.", &p, &v);
    CHECK_NEAR(v.u.f, -1.5, 0);
    RUN(a, "U\3abc.", &p, &v);
    CHECK(value_is(&v, "abc") && !value_is(&v, "ab"));
    RUN(a, "]q\0(K\1X\1\0\0\0xNe.", &p, &v);
    CHECK(pickle_items(p, &v, items, 4, &n));
    CHECK_INT(n, 3);
    CHECK_INT(items[0].u.i, 1);
    CHECK(value_is(&items[1], "x"));
    CHECK_INT(items[2].kind, V_NONE);
    CHECK(!pickle_items(p, &v, items, 2, &n));
    RUN(a, "(K\5q\1h\1t.", &p, &v); /* numbered from 1, as Python 2 did */
    CHECK(pickle_items(p, &v, items, 4, &n));
    CHECK_INT(items[1].u.i, 5);
    arena_free(a);
}

TEST(formats_pickle_depth_cap)
{
    for (size_t n = PICKLE_DEPTH_MAX - 1; n <= PICKLE_DEPTH_MAX + 1; n++) {
        Arena *a = begin();
        char text[2 * PICKLE_DEPTH_MAX + 8];
        Pickle *p;
        Value v;

        memset(text, '(', n);
        memset(text + n, 't', n);
        text[2 * n] = '.';
        Status s = run(a, NULL, text, 2 * n + 1, &p, &v);

        CHECK_INT(s, n <= PICKLE_DEPTH_MAX ? E_OK : E_DATA);
        if (s)
            CHECK_HAS(err.text, "opens more than 64 marks");
        arena_free(a);
    }
}

TEST(formats_pickle_stack_cap)
{
    for (size_t n = PICKLE_STACK_MAX - 1; n <= PICKLE_STACK_MAX + 1; n++) {
        Arena *a = begin();
        char *text = arena_alloc(&err, a, n + 3);
        Pickle *p;
        Value v;

        CHECK(text != NULL);
        memset(text, 'N', n + 1);
        text[0] = '(';
        text[n + 1] = 't';
        text[n + 2] = '.';
        Status s = run(a, NULL, text, n + 3, &p, &v);

        CHECK_INT(s, n <= PICKLE_STACK_MAX ? E_OK : E_DATA);
        if (s)
            CHECK_HAS(err.text, "stacks more than 4194304 values");
        arena_free(a);
    }
}

TEST(formats_pickle_memo_cap)
{
    for (size_t n = PICKLE_MEMO_MAX - 1; n <= PICKLE_MEMO_MAX + 1; n++) {
        Arena *a = begin();
        uint8_t *text = arena_alloc(&err, a, 5 * n + 2), *at = text;
        Pickle *p;
        Value v;

        CHECK(text != NULL);
        *at++ = 'N';
        for (size_t i = 0; i < n; i++) {
            *at++ = 'r';
            for (int k = 0; k < 32; k += 8)
                *at++ = (uint8_t)(i >> k);
        }
        *at++ = '.';
        Status s = run(a, NULL, text, (size_t)(at - text), &p, &v);

        CHECK_INT(s, n <= PICKLE_MEMO_MAX ? E_OK : E_DATA);
        if (s)
            CHECK_HAS(err.text, "remembers more than 4194304 values");
        arena_free(a);
    }
}

/* The real cap takes half a gigabyte to reach, so the test sets its own. */
TEST(formats_pickle_objects_cap)
{
    for (size_t n = 9; n <= 11; n++) { /* a tuple and n - 1 items */
        Arena *a = begin();
        PickleLimits limits = {100, 100, 10, 10};
        char text[16] = "(NNNNNNNNNNNNN";
        Pickle *p;
        Value v;

        memcpy(text + n, "t.", 2);
        Status s = run(a, &limits, text, n + 2, &p, &v);

        CHECK_INT(s, n <= limits.objects ? E_OK : E_DATA);
        if (s)
            CHECK_HAS(err.text, "makes more than 10 objects");
        arena_free(a);
    }
    CHECK_INT(PICKLE_OBJECTS_MAX, 16 << 20);
}

TEST(formats_pickle_name_cap)
{
    for (int n = PICKLE_NAME_MAX - 1; n <= PICKLE_NAME_MAX + 1; n++) {
        Arena *a = begin();
        char *text = arena_printf(&err, a, "c%0*d\nx\n.", n, 0);
        Pickle *p;
        Value v;

        CHECK_INT(run(a, NULL, text, strlen(text), &p, &v), E_DATA);
        CHECK_HAS(err.text,
                  n <= PICKLE_NAME_MAX ? "which no weights need" : "of more than 255 bytes");
        arena_free(a);
    }
}
/* SPDX-License-Identifier: MIT */
