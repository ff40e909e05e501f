/* utf8.h - code points in and out of UTF-8.  What is not UTF-8 reads as U+FFFD, one for each "maximal
 * subpart" (Unicode 3.9, best practice), which is also what Rust's and Python's lossy decoders do. */
#ifndef UTF8_H
#define UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UTF8_BAD 0xfffdu

/* The range the second byte must lie in after this first byte; and how many bytes there are, 0 for none. */
static inline int utf8_lead(uint8_t b, uint8_t *low, uint8_t *high)
{
    *low = b == 0xe0 ? 0xa0 : b == 0xf0 ? 0x90 : 0x80;
    *high = b == 0xed ? 0x9f : b == 0xf4 ? 0x8f : 0xbf;
    return b < 0x80 ? 1 : b < 0xc2 ? 0 : b < 0xe0 ? 2 : b < 0xf0 ? 3 : b < 0xf5 ? 4 : 0;
}

/* Reads one code point at p < end; returns its bytes (at least 1).  *bad is set, never cleared. */
static inline int utf8_get(const uint8_t *p, const uint8_t *end, uint32_t *c, bool *bad)
{
    uint8_t low, high;
    int n = utf8_lead(p[0], &low, &high);

    if (n == 1) {
        *c = p[0];
        return 1;
    }
    uint32_t v = n ? p[0] & (0x7fu >> n) : 0;
    for (int i = 1; i < n; i++) {
        if (p + i == end || p[i] < low || p[i] > high) {
            n = -i;
            break;
        }
        v = v << 6 | (p[i] & 0x3fu);
        low = 0x80, high = 0xbf;
    }
    if (n > 0) {
        *c = v;
        return n;
    }
    *bad = true;
    *c = UTF8_BAD;
    return n ? -n : 1;
}

/* Writes c (at most U+10FFFF) and returns its bytes, 1 to 4. */
static inline int utf8_put(uint8_t *out, uint32_t c)
{
    if (c < 0x80) {
        out[0] = (uint8_t)c;
        return 1;
    }
    int n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (int i = n - 1; i > 0; i--, c >>= 6)
        out[i] = (uint8_t)(0x80 | (c & 0x3f));
    out[0] = (uint8_t)((0xf00u >> n) | c);
    return n;
}

/* Whether all n bytes are UTF-8; *at is the first offending byte. */
static inline bool utf8_valid(const char *s, size_t n, size_t *at)
{
    const uint8_t *p = (const uint8_t *)s, *end = p + n;
    bool bad = false;
    uint32_t c;

    while (p < end) {
        int k = utf8_get(p, end, &c, &bad);
        if (bad) {
            *at = (size_t)(p - (const uint8_t *)s);
            return false;
        }
        p += k;
    }
    return true;
}

#endif

/* SPDX-License-Identifier: MIT */
