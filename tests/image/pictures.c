/* pictures.c - what the tests of pictures share. */
#include "pictures.h"

#include <string.h>

Arena *arena(void)
{
    static Arena *a;

    return a ? a : (a = test_arena());
}

static Picture read_picture(const char *path, bool as_stored)
{
    PictureLimits limits = {.as_stored = as_stored};
    Arena *a = arena();
    Err err = {0};
    Picture p = {0};
    Bytes b;

    CHECK_OK(file_read_all(&err, a, path, 1 << 24, &b));
    CHECK_OK(picture_decode(&err, a, path, b, &limits, &p));
    return p;
}

Picture picture_of(const char *path)
{
    return read_picture(path, false);
}

Picture picture_stored(const char *path)
{
    return read_picture(path, true);
}

uint32_t picture_crc(const Picture *p)
{
    return hash_crc32(0, p->rgb, (size_t)p->width * (size_t)p->height * 3);
}

void check_same(const char *what, const Picture *found, const Picture *wanted)
{
    check_int_at(what, 0, "width", found->width, wanted->width);
    check_int_at(what, 0, "height", found->height, wanted->height);
    for (int64_t i = 0, n = 3LL * wanted->width * wanted->height; i < n; i++)
        if (found->rgb[i] != wanted->rgb[i])
            check_int_at(what, (int)(i / 3), "byte of pixel", found->rgb[i], wanted->rgb[i]);
}
/* SPDX-License-Identifier: MIT */
