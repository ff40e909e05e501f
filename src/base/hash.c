/* hash.c - FNV-1a (Fowler, Noll, Vo; RFC 9923) for names and seeds, and zlib's CRC-32. */
#include "base/base.h"

#include <zlib.h>

uint64_t hash_fnv1a(const void *data, size_t n, uint64_t seed)
{
    const uint8_t *p = data;
    uint64_t h = seed ? seed : 0xcbf29ce484222325u;

    for (size_t i = 0; i < n; i++)
        h = (h ^ p[i]) * 0x100000001b3u;
    return h;
}

uint32_t hash_crc32(uint32_t crc, const void *data, size_t n)
{
    return (uint32_t)crc32_z(crc, data, n);
}
/* SPDX-License-Identifier: MIT */
