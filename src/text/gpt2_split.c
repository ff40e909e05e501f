/* gpt2_split.c - GPT-2's words (Radford et al. 2019), which its pattern gives:
 *     's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
 * The first alternative that matches is taken.  Every code point is of one class, so there is nothing to
 * try again but the last space before a word, and the time is linear. */
#include "text/gpt2_split.h"

/* The class at p, and its bytes. */
static inline unsigned class_at(const uint8_t *class, const uint8_t *p, const uint8_t *end, int *n,
                                bool *bad)
{
    uint32_t c;

    if (*p < 0x80) {
        *n = 1;
        return class[*p];
    }
    *n = utf8_get(p, end, &c, bad);
    return c < REGEX_TABLE ? class[c] : regex_class(c);
}

/* Where the run of `kind` ends that p is in. */
static inline const uint8_t *run_end(const uint8_t *class, const uint8_t *p, const uint8_t *end,
                                     unsigned kind, bool *bad)
{
    int n;

    for (; p < end; p += n) {
        bool here = false;

        if (class_at(class, p, end, &n, &here) != kind)
            break;
        *bad |= here;
    }
    return p;
}

/* 's 't 're 've 'm 'll 'd: the bytes of it, or 0. */
static inline size_t contraction(const uint8_t *p, const uint8_t *end)
{
    if (end - p < 2)
        return 0;
    if (p[1] == 's' || p[1] == 't' || p[1] == 'm' || p[1] == 'd')
        return 2;
    bool three = end - p > 2 && ((p[1] == 'r' && p[2] == 'e') || (p[1] == 'v' && p[2] == 'e') ||
                                 (p[1] == 'l' && p[2] == 'l'));
    return three ? 3 : 0;
}

/* A run of spaces leaves its last one to the word behind it, unless it is the only one. */
static size_t spaces(const uint8_t *class, const uint8_t *p, const uint8_t *end, bool after_space)
{
    const uint8_t *last = p, *q = p;
    size_t count = after_space;
    bool bad = false;
    int n;

    for (; q < end && class_at(class, q, end, &n, &bad) == REGEX_SPACE; q += n, count++)
        last = q;
    return (size_t)((q < end && count > 1 ? last : q) - p);
}

size_t gpt2_word(const uint8_t *class, const uint8_t *p, const uint8_t *end, bool after_space,
                 bool *bad)
{
    const uint8_t *q = p;
    bool here = false;
    size_t k;
    int n;

    if (!after_space && *p == '\'' && (k = contraction(p, end)) != 0)
        return k;
    if (!after_space && *p == ' ' && p + 1 < end)
        q++;
    unsigned kind = class_at(class, q, end, &n, &here);
    if (kind == REGEX_SPACE)
        return spaces(class, p, end, after_space);
    *bad |= here;
    return (size_t)(run_end(class, q + n, end, kind, bad) - p);
}

/* SPDX-License-Identifier: MIT */
