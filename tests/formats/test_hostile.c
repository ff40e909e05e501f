/* test_hostile.c - every file under tests/hostile of these formats is refused with the message that its
 * expected.tsv names (tools/golden/hostile_formats.py); the file is named, and it takes neither
 * time nor memory. */
#include "base/sys.h"
#include "formats/weights.h"
#include "test.h"
#include "tsv.h"

static Status open_as_weights(Err *e, Arena *a, const char *path)
{
    Weights *w;

    return weights_open(e, a, path, &w);
}

static Status open_as_zip(Err *e, Arena *a, const char *path)
{
    Bytes b;

    return zip_read(e, a, path, "x", 1 << 20, &b);
}

/* All that was asked of the system since `taken` was cleared; giving back does not count. */
static size_t taken;

static void *counting_alloc(void *user, size_t size)
{
    taken += size;
    return sys_real()->alloc(user, size);
}

static void replay(const char *folder, Status (*open)(Err *, Arena *, const char *), int at_least)
{
    Err err = {0};
    Sys sys = *sys_real();
    Bytes list;
    int n = 0;

    sys.alloc = counting_alloc;
    Arena *a = arena_new(&err, &sys);

    CHECK(a != NULL);
    CHECK_OK(file_read_all(&err, a, arena_printf(&err, a, "tests/hostile/%s/expected.tsv", folder),
                           1 << 20, &list));
    char *text = arena_strndup(&err, a, (const char *)list.data, list.n);

    for (Tsv t = {.at = text}; tsv_next(&t); n++) {
        Arena *one = arena_child(&err, a);
        double start = clock_seconds();

        taken = 0;
        Status s =
            open(&err, one, arena_printf(&err, a, "tests/hostile/%s/%s", folder, t.field[0]));

        check_at(__FILE__, __LINE__, s == E_DATA || s == E_NOINPUT, t.field[0]);
        check_has_at(t.field[0], 0, err.text, t.field[1]);
        check_has_at(t.field[0], 0, err.text, "file      tests/hostile/");
        check_at(__FILE__, __LINE__, clock_seconds() - start < 0.5, t.field[0]);
        check_at(__FILE__, __LINE__, taken < 32 << 20, t.field[0]);
        arena_free(one);
    }
    CHECK(n >= at_least);
    arena_free(a);
}

TEST(formats_hostile_safetensors)
{
    replay("safetensors", open_as_weights, 60);
}

TEST(formats_hostile_index)
{
    replay("index", open_as_weights, 30);
}

TEST(formats_hostile_zip)
{
    replay("zip", open_as_zip, 60);
}

TEST(formats_hostile_pickle)
{
    replay("pickle", open_as_weights, 100);
}

TEST(formats_hostile_torch)
{
    replay("torch", open_as_weights, 35);
}
/* SPDX-License-Identifier: MIT */
