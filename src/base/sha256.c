/* sha256.c - SHA-256 (FIPS 180-4). */
#include "base/sha256.h"

#include <string.h>

const uint32_t sha256_constant[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t rotate(uint32_t x, int n)
{
    return x >> n | x << (32 - n);
}

static uint32_t big_endian(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* The working variables keep their places; the names turn round instead. */
#define ROUND(a, b, c, d, e, f, g, h, i)                                                           \
    do {                                                                                           \
        uint32_t t = (h) + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) +                        \
                     ((g) ^ ((e) & ((f) ^ (g)))) + sha256_constant[i] + w[i];                      \
        (d) += t;                                                                                  \
        (h) = t + (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) +                                 \
              (((a) & (b)) | ((c) & ((a) | (b))));                                                 \
    } while (0)

static void compress(uint32_t h[8], const uint8_t *block, size_t blocks)
{
    for (; blocks > 0; blocks--, block += 64) {
        uint32_t w[64], s[8];

        for (size_t i = 0; i < 16; i++)
            w[i] = big_endian(block + 4 * i);
        for (int i = 16; i < 64; i++) {
            uint32_t a = w[i - 15], b = w[i - 2];
            w[i] = w[i - 16] + w[i - 7] + (rotate(a, 7) ^ rotate(a, 18) ^ a >> 3) +
                   (rotate(b, 17) ^ rotate(b, 19) ^ b >> 10);
        }
        memcpy(s, h, sizeof s);
        for (int i = 0; i < 64; i += 8) {
            ROUND(s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7], i);
            ROUND(s[7], s[0], s[1], s[2], s[3], s[4], s[5], s[6], i + 1);
            ROUND(s[6], s[7], s[0], s[1], s[2], s[3], s[4], s[5], i + 2);
            ROUND(s[5], s[6], s[7], s[0], s[1], s[2], s[3], s[4], i + 3);
            ROUND(s[4], s[5], s[6], s[7], s[0], s[1], s[2], s[3], i + 4);
            ROUND(s[3], s[4], s[5], s[6], s[7], s[0], s[1], s[2], i + 5);
            ROUND(s[2], s[3], s[4], s[5], s[6], s[7], s[0], s[1], i + 6);
            ROUND(s[1], s[2], s[3], s[4], s[5], s[6], s[7], s[0], i + 7);
        }
        for (int i = 0; i < 8; i++)
            h[i] += s[i];
    }
}

static void blocks_add(Sha256 *s, const uint8_t *p, size_t blocks)
{
    (s->by_instruction ? sha256_compress_ni : compress)(s->h, p, blocks);
}

void sha256_start(Sha256 *s)
{
    *s = (Sha256){.h = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c,
                        0x1f83d9ab, 0x5be0cd19},
                  .by_instruction = sha256_has_ni()};
}

void sha256_add(Sha256 *s, const void *data, size_t n)
{
    const uint8_t *p = data;
    size_t held = s->bytes % 64;

    s->bytes += n;
    if (held) {
        size_t take = n < 64 - held ? n : 64 - held;
        memcpy(s->block + held, p, take);
        if (held + take < 64)
            return;
        blocks_add(s, s->block, 1);
        p += take;
        n -= take;
    }
    blocks_add(s, p, n / 64);
    if (n % 64)
        memcpy(s->block, p + n / 64 * 64, n % 64);
}

void sha256_end(Sha256 *s, char hex[65])
{
    static const char digit[] = "0123456789abcdef";
    uint8_t tail[72] = {0x80}, *length;
    uint64_t bits = s->bytes * 8;
    size_t pad = (119 - s->bytes % 64) % 64 + 1; /* up to 8 bytes before a block's end */

    length = tail + pad;
    for (int i = 0; i < 8; i++)
        length[i] = (uint8_t)(bits >> (56 - 8 * i));
    sha256_add(s, tail, pad + 8);
    for (int i = 0; i < 64; i++)
        hex[i] = digit[s->h[i / 8] >> (28 - 4 * (i % 8)) & 15];
    hex[64] = 0;
}

Status sha256_file(Err *e, Arena *a, const char *path, char hex[65])
{
    enum { PIECE = 1 << 18 };
    Arena *scratch = arena_child(e, a);
    Status status = scratch ? E_OK : e->code;
    File *f = NULL;
    Sha256 s;

    if (!status)
        status = file_open(e, scratch, path, &f);
    uint8_t *buf = status ? NULL : arena_alloc(e, scratch, PIECE);
    if (!buf) {
        arena_free(scratch);
        return e->code;
    }
    sha256_start(&s);
    for (int64_t at = 0; at < file_size(f) && !status; at += PIECE) {
        int64_t left = file_size(f) - at;
        size_t n = left < PIECE ? (size_t)left : (size_t)PIECE;
        status = file_read_at(e, f, at, buf, n);
        if (!status)
            sha256_add(&s, buf, n);
    }
    sha256_end(&s, hex);
    arena_free(scratch);
    return status;
}
/* SPDX-License-Identifier: MIT */
