/* test_cursor.c - the checked reader. */
#include <string.h>

#include "test.h"

TEST(base_cursor_reads_little_endian)
{
    static const uint8_t data[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 255};
    Cursor c = {.file = "f", .data = data, .n = sizeof data};
    uint64_t u64;
    uint32_t u32;
    uint16_t u16;
    uint8_t u8;
    Err err;

    CHECK_OK(cur_u16(&err, &c, &u16));
    CHECK_INT(u16, 0x0201);
    CHECK_OK(cur_u32(&err, &c, &u32));
    CHECK_INT(u32, 0x06050403);
    CHECK_OK(cur_u64(&err, &c, &u64));
    CHECK_INT((int64_t)u64, 0x0e0d0c0b0a090807);
    CHECK_OK(cur_u8(&err, &c, &u8));
    CHECK_INT(u8, 255);
    CHECK_INT(cur_u8(&err, &c, &u8), E_DATA);
    CHECK_OK(cur_seek(&err, &c, 0));
    CHECK_OK(cur_seek(&err, &c, sizeof data));
    CHECK_INT(cur_seek(&err, &c, sizeof data + 1), E_DATA);
    CHECK_INT(cur_seek(&err, &c, UINT64_MAX), E_DATA);
}

TEST(base_cursor_refuses_to_pass_the_end)
{
    Cursor c = {.file = "bad.bin", .data = (const uint8_t *)"abc", .n = 3, .at = 1};
    const uint8_t *p;
    uint32_t u32;
    Err err;

    CHECK_INT(cur_u32(&err, &c, &u32), E_DATA);
    CHECK_TEXT(err.text, "the file ends too early: 4 bytes wanted, 2 left\n"
                         "  file      bad.bin, byte 1 of 3");
    CHECK_INT(cur_bytes(&err, &c, SIZE_MAX, &p), E_DATA);
    CHECK_INT((int64_t)c.at, 1);
    CHECK_OK(cur_bytes(&err, &c, 2, &p));
    CHECK(!memcmp(p, "bc", 2));
    CHECK_OK(cur_bytes(&err, &c, 0, &p));
}
/* SPDX-License-Identifier: MIT */
