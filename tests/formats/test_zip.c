/* test_zip.c - archives that Python's zipfile wrote, and the caps of the reader at, below and above. */
#include "formats/zip.h"
#include "test.h"

#include <string.h>

static Err err;

static Arena *begin(void)
{
    Arena *a = arena_new(&err, sys_real());

    CHECK(a != NULL);
    return a;
}

static void check_member(const char *file, const char *member, size_t size)
{
    Arena *a = begin();
    Bytes b;

    CHECK_OK(zip_read(&err, a, path_join(&err, a, "tests/golden/formats", file), member, size, &b));
    CHECK_INT((int64_t)b.n, (int64_t)size);
    for (size_t i = 0; i + 43 <= b.n; i += 43)
        CHECK(memcmp(b.data + i, "all work and no play makes jack a dull boy\n", 43) == 0);
    arena_free(a);
}

TEST(formats_zip_members)
{
    check_member("plain.zip", "stored.txt", 43);
    check_member("plain.zip", "deflated.txt", 4300);
    check_member("plain.zip", "empty.txt", 0);
    check_member("plain.zip", "empty.deflated", 0);
    check_member("plain.zip", "folder/zip64.txt", 4300);
    check_member("streamed.zip", "stored.txt", 43);
    check_member("streamed.zip", "deflated.txt", 4300);
}

TEST(formats_zip_size_cap)
{
    Arena *a = begin();
    const char *path = "tests/golden/formats/plain.zip";
    Bytes b;

    CHECK_OK(zip_read(&err, a, path, "deflated.txt", 4301, &b));
    CHECK_OK(zip_read(&err, a, path, "deflated.txt", 4300, &b));
    CHECK_INT(zip_read(&err, a, path, "deflated.txt", 4299, &b), E_DATA);
    CHECK_HAS(err.text, "is too large");
    CHECK_INT(zip_read(&err, a, path, "stored.txt", 42, &b), E_DATA);
    CHECK_HAS(err.text, "is too large");
    arena_free(a);
}

static uint8_t *put(uint8_t *p, uint64_t v, int bytes)
{
    for (int i = 0; i < bytes; i++)
        *p++ = (uint8_t)(v >> (8 * i));
    return p;
}

static uint8_t *put_end(uint8_t *p, uint64_t directory, uint64_t size, uint64_t entries)
{
    p = put(p, 0x06064b50, 4); /* zip64 end record: 44 bytes follow */
    p = put(p, 44, 8);
    p = put(p, 45 | 45 << 16, 4);
    p = put(p, 0, 8);
    p = put(p, entries, 8);
    p = put(p, entries, 8);
    p = put(p, size, 8);
    p = put(p, directory, 8);
    p = put(p, 0x07064b50, 4); /* its locator */
    p = put(p, 0, 4);
    p = put(p, directory + size, 8);
    p = put(p, 1, 4);
    p = put(p, 0x06054b50, 4); /* end record */
    p = put(p, 0, 4);
    p = put(p, 0xffffffff, 4);
    p = put(p, 0xffffffff, 4);
    p = put(p, 0xffffffff, 4);
    return put(p, 0, 2);
}

/* One deflated entry of two bytes that claims `size`; it only has to pass or fail the header's checks. */
static Status open_ratio(Arena *a, uint64_t size)
{
    uint8_t *b = arena_alloc(&err, a, 300), *p = b;
    Zip *z;

    p = put(p, 0x04034b50, 4);
    p = put(p, 20, 2 + 2);
    p = put(p, 8, 2);
    p = put(p, 0, 4 + 4);
    p = put(p, 2, 4);
    p = put(p, size, 4);
    p = put(p, 1, 4);
    *p++ = 'x';
    p = put(p, 3, 2);
    uint64_t directory = (uint64_t)(p - b);

    p = put(p, 0x02014b50, 4);
    p = put(p, 20 | 20 << 16, 4);
    p = put(p, 0, 2);
    p = put(p, 8, 2);
    p = put(p, 0, 4 + 4);
    p = put(p, 2, 4);
    p = put(p, size, 4);
    p = put(p, 1, 4);
    p = put(p, 0, 6);
    p = put(p, 0, 8);
    *p++ = 'x';
    p = put_end(p, directory, (uint64_t)(p - b) - directory, 1);
    return zip_open(&err, a, "memory", (Bytes){b, (size_t)(p - b)}, &z);
}

TEST(formats_zip_ratio_cap)
{
    Arena *a = begin();

    CHECK_OK(open_ratio(a, 2 * ZIP_RATIO_MAX - 1));
    CHECK_OK(open_ratio(a, 2 * ZIP_RATIO_MAX));
    CHECK_INT(open_ratio(a, 2 * ZIP_RATIO_MAX + 1), E_DATA);
    CHECK_HAS(err.text, "claims to unpack to more than deflate can");
    arena_free(a);
}

TEST(formats_zip_entries_cap)
{
    Arena *a = begin();
    size_t size = ((size_t)ZIP_ENTRIES_MAX + 1) * 46;
    uint8_t *b = arena_alloc(&err, a, size + 200);
    Zip *z;

    CHECK(b != NULL);
    for (uint64_t n = ZIP_ENTRIES_MAX - 1; n <= ZIP_ENTRIES_MAX + 1; n++) {
        uint8_t *end = put_end(b + size, 0, size, n);

        CHECK_INT(zip_open(&err, a, "memory", (Bytes){b, (size_t)(end - b)}, &z), E_DATA);
        CHECK_HAS(err.text,
                  n <= ZIP_ENTRIES_MAX ? "has the wrong signature" : "claims more entries");
    }
    arena_free(a);
}
/* SPDX-License-Identifier: MIT */
