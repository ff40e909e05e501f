/* test_idx.c - IDX files: what they hold, and every file under tests/hostile/idx refused with the message that
 * expected.tsv names (tools/golden/hostile_idx.py), in no time and little memory. */
#include <string.h>

#include "base/sys.h"
#include "data/idx.h"
#include "formats/tsv.h"
#include "test.h"

#define FOLDER "tests/hostile/idx/"

static Err err;
static size_t taken; /* all that was asked of the system since it was cleared */

static void *counting_alloc(void *user, size_t size)
{
    taken += size;
    return sys_real()->alloc(user, size);
}

static Status use(Arena *a, const char *path, int dims, Idx *x)
{
    Bytes b;

    TRY(file_read_all(&err, a, path, 1 << 24, &b));
    return idx_read(&err, a, path, b, dims, x);
}

TEST(data_idx_reads)
{
    static const char *const images[] = {"fuzz/seeds/idx/images", "fuzz/seeds/idx/images.gz"};
    static const char *const labels[] = {"fuzz/seeds/idx/labels", "fuzz/seeds/idx/labels.gz"};
    Idx x;

    for (size_t k = 0; k < LEN(images); k++) {
        CHECK_OK(use(test_arena(), images[k], 3, &x));
        CHECK_INT(x.dim[0], 2);
        CHECK_INT(x.dim[1], 3);
        CHECK_INT(x.dim[2], 4);
        for (int i = 0; i < 24; i++)
            CHECK_INT(x.data[i], i);
        CHECK_OK(use(test_arena(), labels[k], 1, &x));
        CHECK_INT(x.dim[0], 5);
        CHECK_INT(x.data[4], 4);
    }
}

TEST(data_hostile_idx)
{
    Sys sys = *sys_real();
    Bytes list;
    int n = 0;

    sys.alloc = counting_alloc;
    Arena *a = arena_new(&err, &sys);
    CHECK_OK(file_read_all(&err, a, FOLDER "expected.tsv", 1 << 20, &list));
    for (Tsv v = {.at = arena_strndup(&err, a, (const char *)list.data, list.n)}; tsv_next(&v);
         n++) {
        const char *path = arena_printf(&err, a, FOLDER "%s", v.field[0]);
        Arena *one = arena_child(&err, a);
        double start = clock_seconds();
        Idx x;

        taken = 0;
        Status s = use(one, path, strncmp(v.field[0], "labels", 6) ? 3 : 1, &x);
        check_int_at(v.field[0], 0, "status", s, E_DATA);
        check_has_at(v.field[0], 0, err.text, v.field[1]);
        check_has_at(v.field[0], 0, err.text, "file      " FOLDER);
        check_at(v.field[0], 0, clock_seconds() - start < 0.5, "in half a second");
        check_at(v.field[0], 0, taken < 1 << 20, "in 1 MiB");
        arena_free(one);
    }
    CHECK(n >= 60);
    arena_free(a);
}

/* A whole file cut at every byte is refused, never read beyond (the sanitizer sees it) and never accepted. */
TEST(data_idx_cut_anywhere)
{
    static const char *const files[] = {"fuzz/seeds/idx/images", "fuzz/seeds/idx/images.gz"};
    Arena *a = test_arena();
    Bytes b;
    Idx x;

    for (size_t k = 0; k < LEN(files); k++) {
        CHECK_OK(file_read_all(&err, a, files[k], 1 << 20, &b));
        for (size_t n = 0; n < b.n; n++) {
            uint8_t *copy = arena_alloc(&err, a, n + 1);
            memcpy(copy, b.data, n);
            CHECK_INT(idx_read(&err, a, "cut", (Bytes){copy, n}, 3, &x), E_DATA);
            CHECK_HAS(err.text, "file      cut");
        }
    }
}

/* SPDX-License-Identifier: MIT */
