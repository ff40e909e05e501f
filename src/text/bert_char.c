/* bert_char.c - what a code point is to the BERT tokenizer: removed, space, mark, punctuation, Chinese,
 * upper case.  The sets are the reference's own (bert.def), not those of today's Unicode. */
#include <string.h>

#include "text/tokenizer.h"

typedef struct CharRange {
    uint8_t flag;
    uint32_t first, last;
} CharRange;

typedef struct LowerRange {
    uint32_t first, last, step;
    int32_t delta;
} LowerRange;

#define REMOVED(first, last) {CHAR_REMOVED, first, last},
#define SPACE(first, last)   {CHAR_SPACE, first, last},
#define MARK(first, last)    {CHAR_MARK, first, last},
#define PUNCT(first, last)   {CHAR_PUNCT, first, last},
#define HAN(first, last)     {CHAR_HAN, first, last},
#define LOWER(first, last, step, delta)
static const CharRange range[] = {
#include "text/bert.def"
};
#undef REMOVED
#undef SPACE
#undef MARK
#undef PUNCT
#undef HAN
#undef LOWER
#define REMOVED(first, last)
#define SPACE(first, last)
#define MARK(first, last)
#define PUNCT(first, last)
#define HAN(first, last)
#define LOWER(first, last, step, delta) {first, last, step, delta},
static const LowerRange lower[] = {
#include "text/bert.def"
};

/* Space, tab, line ends; \v and \f are removed by cleaning before they could separate words. */
static unsigned ascii_class(uint32_t c)
{
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r')
        return CHAR_SPACE;
    if (c == '\v' || c == '\f')
        return CHAR_SPACE | CHAR_REMOVED;
    if (c < ' ' || c == 127)
        return CHAR_REMOVED;
    if (c >= 'A' && c <= 'Z')
        return CHAR_UPPER;
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? 0 : CHAR_PUNCT;
}

static const LowerRange *lower_range(uint32_t c)
{
    size_t low_at = 0, high = LEN(lower);

    while (low_at < high) {
        size_t mid = (low_at + high) / 2;

        if (c > lower[mid].last)
            low_at = mid + 1;
        else
            high = mid;
    }
    const LowerRange *r = &lower[low_at];
    return low_at < LEN(lower) && c >= r->first && (c - r->first) % r->step == 0 ? r : NULL;
}

unsigned bert_class(uint32_t c)
{
    unsigned flags = c == 0x130 || lower_range(c) ? CHAR_UPPER : 0;

    if (c < 128)
        return ascii_class(c);
    for (size_t i = 0; i < LEN(range); i++)
        if (c >= range[i].first && c <= range[i].last)
            flags |= range[i].flag;
    return flags;
}

int bert_lower(uint32_t c, uint32_t out[2])
{
    const LowerRange *r = c < 128 ? NULL : lower_range(c);

    out[0] = r ? (uint32_t)((int64_t)c + r->delta) : c >= 'A' && c <= 'Z' ? c + 32 : c;
    if (c != 0x130)
        return 1;
    out[0] = 'i';
    out[1] = 0x307;
    return 2;
}

void bert_prepare(BertNormalizer *n)
{
    memset(n->class, 0, sizeof(n->class));
    for (uint32_t c = 0; c < 128; c++)
        n->class[c] = (uint8_t)ascii_class(c);
    for (size_t i = 0; i < LEN(range); i++)
        for (uint32_t c = range[i].first; c <= range[i].last && c < LEN(n->class); c++)
            n->class[c] |= range[i].flag;
    for (size_t i = 0; i < LEN(lower); i++)
        for (uint32_t c = lower[i].first; c <= lower[i].last && c < LEN(n->class);
             c += lower[i].step)
            n->class[c] |= CHAR_UPPER;
    n->class[0x130] |= CHAR_UPPER;

    memset(n->plain, 0, sizeof(n->plain));
    for (uint32_t c = 0; c < 128; c++)
        if (!(n->class[c] & (CHAR_SPACE | CHAR_REMOVED | CHAR_PUNCT)))
            n->plain[c] = (uint8_t)(n->lower && n->class[c] & CHAR_UPPER ? c + 32 : c);
}

/* SPDX-License-Identifier: MIT */
