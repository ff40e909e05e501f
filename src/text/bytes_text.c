/* bytes_text.c - GPT-2's alphabet of bytes (Radford et al. 2019): printable Latin-1 stands for itself, the 68
 * others in order for U+0100 and on. */
#include "text/bytes_text.h"

#include "text/utf8.h"

#include <string.h>

/* The bytes that do not stand for themselves: 0..32, 127..160, 173. */
static bool moved(uint32_t byte)
{
    return byte <= 32 || (byte >= 127 && byte <= 160) || byte == 173;
}

uint32_t byte_char(uint8_t byte)
{
    if (!moved(byte))
        return byte;
    return 256 + (byte <= 32 ? byte : byte <= 160 ? byte - 127u + 33 : 67);
}

int char_byte(uint32_t c)
{
    if (c < 256)
        return moved(c) ? -1 : (int)c;
    if (c > 256 + 67)
        return -1;
    c -= 256;
    return (int)(c <= 32 ? c : c < 67 ? c - 33 + 127 : 173);
}

size_t piece_bytes(const char *piece, uint8_t *out)
{
    const uint8_t *p = (const uint8_t *)piece, *end = p + strlen(piece);
    size_t n = 0;
    bool bad = false;
    uint32_t c;

    while (p < end) {
        p += utf8_get(p, end, &c, &bad);
        int byte = char_byte(c);

        if (byte < 0) {
            n = strlen(piece);
            memcpy(out, piece, n);
            return n;
        }
        out[n++] = (uint8_t)byte;
    }
    return n;
}

/* SPDX-License-Identifier: MIT */
