/* sha256_ni.c - SHA-256's compression by the SHA extensions (Intel SDM vol. 2, SHA256RNDS2): four rounds at a time,
 * the state as the instructions want it: {f, e, b, a} and {h, g, d, c}. */
#include "base/sha256.h"

#include <cpuid.h>
#include <immintrin.h>

#define NI __attribute__((target("sha,sse4.1")))

bool sha256_has_ni(void)
{
    unsigned a, b, c, d;

    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_SSE4_1))
        return false;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & bit_SHA);
}

/* w[r mod 4] becomes the message words of rounds 4 r .. 4 r + 3, r >= 4. */
NI static inline __m128i schedule(const __m128i w[4], int r)
{
    __m128i last = w[(r + 3) % 4];
    __m128i t = _mm_sha256msg1_epu32(w[r % 4], w[(r + 1) % 4]);

    t = _mm_add_epi32(t, _mm_alignr_epi8(last, w[(r + 2) % 4], 4));
    return _mm_sha256msg2_epu32(t, last);
}

NI static inline void block_add(__m128i state[2], const uint8_t *block)
{
    const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
    __m128i s0 = state[0], s1 = state[1], w[4];

#pragma GCC unroll 16
    for (int r = 0; r < 16; r++) {
        if (r < 4)
            w[r] =
                _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(const void *)block + r), swap);
        else
            w[r % 4] = schedule(w, r);
        __m128i k = _mm_loadu_si128((const __m128i *)(const void *)sha256_constant + r);
        __m128i m = _mm_add_epi32(w[r % 4], k);

        s1 = _mm_sha256rnds2_epu32(s1, s0, m);
        s0 = _mm_sha256rnds2_epu32(s0, s1, _mm_shuffle_epi32(m, 0x0e));
    }
    state[0] = _mm_add_epi32(state[0], s0);
    state[1] = _mm_add_epi32(state[1], s1);
}

NI void sha256_compress_ni(uint32_t h[8], const uint8_t *block, size_t blocks)
{
    __m128i *half = (__m128i *)(void *)h, state[2];
    __m128i low = _mm_shuffle_epi32(_mm_loadu_si128(half), 0xb1);
    __m128i high = _mm_shuffle_epi32(_mm_loadu_si128(half + 1), 0x1b);

    state[0] = _mm_alignr_epi8(low, high, 8);
    state[1] = _mm_blend_epi16(high, low, 0xf0);
    for (; blocks > 0; blocks--, block += 64)
        block_add(state, block);
    low = _mm_shuffle_epi32(state[0], 0x1b);
    high = _mm_shuffle_epi32(state[1], 0xb1);
    _mm_storeu_si128(half, _mm_blend_epi16(low, high, 0xf0));
    _mm_storeu_si128(half + 1, _mm_alignr_epi8(high, low, 8));
}
/* SPDX-License-Identifier: MIT */
