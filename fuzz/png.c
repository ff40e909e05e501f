/* png.c - fuzz target: a PNG file as it is, and with the checksums of its chunks made right, or every change
 * would end at them.
 * Parser: image/png.c */
#include "picture.h"

static void put_number(uint8_t *to, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        to[i] = (uint8_t)(v >> (24 - 8 * i));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    uint8_t *copy = malloc(n ? n : 1);

    (void)fuzz_picture(data, n);
    if (!copy)
        return 0;
    memcpy(copy, data, n);
    for (size_t at = 8, size; n >= at && n - at >= 12; at += 12 + size) {
        uint8_t *c = copy + at;

        size = (size_t)c[0] << 24 | (size_t)c[1] << 16 | (size_t)c[2] << 8 | c[3];
        if (size > n - 12 - at)
            break;
        put_number(c + 8 + size, hash_crc32(0, c + 4, size + 4));
    }
    (void)fuzz_picture(copy, n);
    free(copy);
    return 0;
}
/* SPDX-License-Identifier: MIT */
