/* test_spill.c - bytes put aside come back; nothing stays in the folder. */
#include <string.h>

#include "base/sys.h"
#include "test.h"

static Err err;

TEST(base_spill_keeps_bytes_and_leaves_nothing)
{
    static uint8_t data[100000], back[100000];
    Arena *a = arena_new(&err, sys_real());
    int64_t at[50];
    char **names;
    size_t n;
    Spill *s;

    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)(i * 7 + i / 251);
    CHECK_OK(spill_open(&err, a, test_folder(), &s));
    CHECK_OK(dir_list(&err, a, test_folder(), &names, &n));
    CHECK_INT((int64_t)n, 0);
    for (size_t i = 0; i < LEN(at); i++)
        CHECK_OK(spill_put(&err, s, data + i, 2000 * i, &at[i]));
    for (size_t i = LEN(at); i-- > 0;) {
        CHECK_OK(spill_get(&err, s, at[i], back, 2000 * i));
        CHECK(!memcmp(back, data + i, 2000 * i));
    }
    CHECK_INT(spill_get(&err, s, 1 << 30, back, 1), E_IO);
    CHECK_HAS(err.text, "could not read from a file in ");
    CHECK_INT(spill_open(&err, a, "/nowhere", &s), E_NOINPUT);
    arena_free(a);
}

TEST(base_spill_in_pieces_and_full)
{
    static const char text[] = "all that is written comes back whole";
    SysFaults f = {.piece = 3};
    char back[sizeof text];
    int64_t at;
    Spill *s;

    sys_faulty(&f, sys_real());
    Arena *a = arena_new(&err, &f.sys);
    CHECK_OK(spill_open(&err, a, test_folder(), &s));
    CHECK_OK(spill_put(&err, s, text, sizeof text, &at));
    CHECK_OK(spill_get(&err, s, at, back, sizeof back));
    CHECK_TEXT(back, text);
    f.kind = SYS_PWRITE;
    f.at = f.calls + 1;
    CHECK(spill_put(&err, s, text, sizeof text, &at) == E_IO);
    CHECK_HAS(err.text, "could not write to a file in ");
    arena_free(a);
    CHECK_INT(f.held, 0);
}

/* SPDX-License-Identifier: MIT */
