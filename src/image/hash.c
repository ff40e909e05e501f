/* hash.c - a perceptual hash (Zauner 2010: Implementation and benchmarking of perceptual image hash functions): the
 * brightness of the picture at 32 x 32, its discrete cosine transform, and of the frequencies 1 to 8 in both directions
 * whether each is above the median.  In integers, so that flat pictures have exact zeros.
 *
 * Bits that differ, 60 pictures of each of 8 sets (photos, aerial, tissue, steel, circuit boards, CIFAR-10), 95th
 * percentile of the worst set: JPEG quality 75: 4, quality 30: 6, half size 2, a third of the size 6 (CIFAR's 11
 * pixels; others 2), brightness + 15 %: 8, 2 % cut off each side: 12, 5 %: 32.
 * Pairs of different pictures within 4, 6, 10 bits: hymenoptera, UC Merced, steel, ImageNet samples and CIFAR-10 (1.4
 * million pairs): 0, 0, 1; LC25000 colon: 1 (colonca358 and colonca833, the same file), 2, 2; circuit boards: 24, which
 * are each board and its template; the 1797 digits of scikit-learn: 20, 130, 1711 of 1.6 million pairs, and at 10 a
 * quarter of them hang together.  So PICTURE_ALIKE is 4: copies are found, cut pictures are not. */
#include <stdlib.h>
#include <string.h>

#include "image/image.h"

enum { SIDE = 32, KEPT = 8 };

/* 8192 cos(pi k / 64), k = 0 .. 32 */
static const int16_t quarter[33] = {8192, 8182, 8153, 8103, 8035, 7946, 7839, 7713, 7568,
                                    7405, 7225, 7027, 6811, 6580, 6333, 6070, 5793, 5501,
                                    5197, 4880, 4551, 4212, 3862, 3503, 3135, 2760, 2378,
                                    1990, 1598, 1202, 803,  402,  0};

static int cosine(int k) /* of pi k / 64 */
{
    k %= 128;
    k = k > 64 ? 128 - k : k;
    return k > 32 ? -quarter[64 - k] : quarter[k];
}

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

/* KEPT x KEPT sums over x and y of grey cos(pi (2 x + 1) u / 64) cos(pi (2 y + 1) v / 64) */
static void transform(const Picture *p, int64_t out[KEPT * KEPT])
{
    int across[SIDE][KEPT] = {{0}};

    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++) {
            const uint8_t *rgb = p->rgb + 3 * (ptrdiff_t)(y * SIDE + x);
            int grey = (int)((rgb[0] * 19595U + rgb[1] * 38470U + rgb[2] * 7471U + 0x8000U) >> 16);

            for (int u = 0; u < KEPT; u++)
                across[y][u] += grey * cosine((2 * x + 1) * (u + 1));
        }
    for (int v = 0; v < KEPT; v++)
        for (int u = 0; u < KEPT; u++) {
            int64_t sum = 0;

            for (int y = 0; y < SIDE; y++)
                sum += (int64_t)across[y][u] * cosine((2 * y + 1) * (v + 1));
            out[v * KEPT + u] = sum;
        }
}

Status picture_hash(Err *e, Arena *a, const Picture *p, uint64_t *hash)
{
    int64_t value[KEPT * KEPT], sorted[KEPT * KEPT];
    Arena *work = arena_child(e, a);
    Picture small;

    if (!work)
        return e->code;
    Status status = picture_resize(e, work, p, SIDE, SIDE, FILTER_LANCZOS, &small);
    if (!status) {
        transform(&small, value);
        memcpy(sorted, value, sizeof sorted);
        qsort(sorted, LEN(sorted), sizeof sorted[0], compare);
        *hash = 0;
        for (int i = 0; i < KEPT * KEPT; i++)
            *hash |= (uint64_t)(value[i] > sorted[KEPT * KEPT / 2 - 1]) << i;
    }
    arena_free(work);
    return status;
}
/* SPDX-License-Identifier: MIT */
