/* test_hostile.c - every file under tests/hostile/{jpeg,png,webp} gets the message that its expected.tsv names
 * (tools/golden/hostile_images.py), or a whole picture where it says "accepted"; in no time and little memory. */
#include <string.h>
#include <sys/resource.h>

#include "base/sys.h"
#include "formats/tsv.h"
#include "pictures.h"

static size_t taken; /* all that was asked of the system since it was cleared */

static void *counting_alloc(void *user, size_t size)
{
    taken += size;
    return sys_real()->alloc(user, size);
}

static void check_file(Err *e, Arena *a, const char *path, const char *message)
{
    double start = clock_seconds();
    Picture p = {0};
    int w, h;
    Bytes b;

    check_ok_at(path, 0, file_read_all(e, a, path, 1 << 24, &b), e);
    taken = 0;
    Status s = picture_decode(e, a, path, b, NULL, &p);
    check_at(path, 0, clock_seconds() - start < 0.5, "in half a second");
    check_at(path, 0, taken < 32 << 20, "in 32 MiB");
    if (!strcmp(message, "accepted")) {
        check_ok_at(path, 0, s, e);
        check_ok_at(path, 0, picture_size(e, path, b, &w, &h), e);
        check_int_at(path, 0, "width", p.width, w);
        check_int_at(path, 0, "height", p.height, h);
        return;
    }
    check_int_at(path, 0, "status", s, E_DATA);
    check_has_at(path, 0, e->text, message);
    check_has_at(path, 0, e->text, "\n  file      tests/hostile/");
}

static void replay(const char *folder, int at_least)
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

        check_file(&err, one, arena_printf(&err, one, "tests/hostile/%s/%s", folder, t.field[0]),
                   t.field[1]);
        arena_free(one);
    }
    CHECK(n >= at_least);
    arena_free(a);
#ifndef __SANITIZE_ADDRESS__ /* which keeps what was freed */
    struct rusage used;
    CHECK_INT(getrusage(RUSAGE_SELF, &used), 0);
    CHECK(used.ru_maxrss < 96 << 10); /* KiB: what the libraries take, too */
#endif
}

TEST(image_hostile_jpeg)
{
    replay("jpeg", 70);
}

TEST(image_hostile_png)
{
    replay("png", 60);
}

TEST(image_hostile_webp)
{
    replay("webp", 35);
}
/* SPDX-License-Identifier: MIT */
