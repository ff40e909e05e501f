/* bpe_merge.c - byte pair encoding of one word (Sennrich et al. 2016, arXiv:1508.07909): of all pairs of
 * neighbours that the table has, the one of the lowest rank, leftmost, becomes one; again until there is none.
 * A short word is looked through each time.  A long one keeps its pairs in a heap, the parts in a list: each
 * merge adds two pairs at most, so n bytes take O(n log n).  What a heap entry says may be out of date: it is
 * looked up again, and taken when the same piece would come of it, which is the reference's rule. */
#include <string.h>

#include "text/bpe.h"
#include "text/bytes_text.h"

size_t bpe_merge_short(const Bpe *b, int32_t *id, size_t n)
{
    uint64_t to[BPE_SHORT];

    for (size_t i = 0; i + 1 < n; i++)
        to[i] = bpe_pair(b, id[i], id[i + 1]);
    while (n > 1) {
        uint64_t best = to[0];
        size_t at = 0;

        for (size_t i = 1; i + 1 < n; i++)
            if (to[i] <
                best) { /* ranks are distinct but for the same pair, and its first comes first */
                best = to[i];
                at = i;
            }
        if (best == MERGE_NONE)
            break;
        id[at] = (int32_t)(uint32_t)best;
        n--;
        memmove(id + at + 1, id + at + 2, (n - at - 1) * sizeof *id);
        if (at + 1 < n) {
            memmove(to + at + 1, to + at + 2, (n - at - 2) * sizeof *to);
            to[at] = bpe_pair(b, id[at], id[at + 1]);
        }
        if (at)
            to[at - 1] = bpe_pair(b, id[at - 1], id[at]);
    }
    return n;
}

static void heap_put(BpeRoom *r, uint64_t x)
{
    size_t i = r->heap_n++;

    for (; i && x < r->heap[(i - 1) / 4]; i = (i - 1) / 4)
        r->heap[i] = r->heap[(i - 1) / 4];
    r->heap[i] = x;
}

static uint64_t heap_take(BpeRoom *r)
{
    uint64_t top = r->heap[0], x = r->heap[--r->heap_n];
    size_t i = 0, n = r->heap_n;

    for (size_t child; (child = 4 * i + 1) < n;) {
        size_t last = child + 4 < n ? child + 4 : n, least = child;

        for (size_t k = child + 1; k < last; k++)
            if (r->heap[k] < r->heap[least])
                least = k;
        if (r->heap[least] >= x)
            break;
        r->heap[i] = r->heap[least];
        i = least;
    }
    r->heap[i] = x;
    return top;
}

/* The pair that begins at part i, if it is one that merges. */
static void pair_put(const Bpe *b, BpeRoom *r, int32_t i)
{
    int32_t next = i < 0 ? -1 : r->part[i].after;
    uint64_t to = next < 0 ? MERGE_NONE : bpe_pair(b, r->part[i].id, r->part[next].id);

    if (to != MERGE_NONE)
        heap_put(r, (to & ~(uint64_t)UINT32_MAX) | (uint32_t)i);
}

static void part_add(BpeRoom *r, size_t *n, int32_t id, int32_t bytes)
{
    r->part[*n] = (BpePart){id, bytes, (int32_t)*n - 1, (int32_t)*n + 1};
    ++*n;
}

/* Bytes become parts.  Where some have no piece, lengths are those of the characters that stand for bytes, and
 * what is unknown is one part each, or one for a run (fuse_unk), or nothing: the reference's way. */
static size_t parts_of(const Bpe *b, BpeRoom *r, Bytes word)
{
    int32_t unknown = 0; /* length of the unknown that is held back */
    size_t n = 0;

    for (size_t i = 0; i < word.n; i++) {
        int32_t id = b->byte[word.data[i]];
        int32_t bytes = b->whole || byte_char(word.data[i]) < 128 ? 1 : 2;

        if (id < 0 && b->unk < 0)
            continue;
        if (unknown && (id >= 0 || !b->fuse_unk)) {
            part_add(r, &n, b->unk, unknown);
            unknown = 0;
        }
        if (id >= 0)
            part_add(r, &n, id, bytes);
        else
            unknown += bytes;
    }
    if (unknown)
        part_add(r, &n, b->unk, unknown);
    if (n)
        r->part[n - 1].after = -1;
    return n;
}

Status bpe_merge_long(Err *e, Arena *a, const Bpe *b, BpeRoom *r, Bytes word, size_t *n)
{
    TRY(GROW(e, a, r->part, r->part_cap, word.n));
    TRY(GROW(e, a, r->heap, r->heap_cap,
             3 * word.n)); /* each merge ends a part and puts two pairs */
    *n = parts_of(b, r, word);
    r->heap_n = 0;
    for (size_t i = 0; i < *n; i++)
        pair_put(b, r, (int32_t)i);
    while (r->heap_n) {
        uint64_t top = heap_take(r);
        int32_t i = (int32_t)(uint32_t)top, next = r->part[i].after;

        if (!r->part[i].bytes || next < 0)
            continue;
        uint64_t to = bpe_pair(b, r->part[i].id, r->part[next].id);
        if (to == MERGE_NONE || (int32_t)(uint32_t)to != b->merged[top >> 32])
            continue;
        int32_t after = r->part[next].after;
        r->part[i].id = (int32_t)(uint32_t)to;
        r->part[i].bytes += r->part[next].bytes;
        r->part[i].after = after;
        r->part[next].bytes = 0;
        if (after >= 0)
            r->part[after].before = i;
        pair_put(b, r, r->part[i].before);
        pair_put(b, r, i);
    }
    return E_OK;
}

/* SPDX-License-Identifier: MIT */
