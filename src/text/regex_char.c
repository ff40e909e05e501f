/* regex_char.c - what a code point is to the reference's regular expressions.  The sets are those of its own
 * engines (regex.def), which know another Unicode than any library here. */
#include "text/regex_char.h"

#include "base/base.h"

#include <string.h>

typedef struct Range {
    uint32_t first, last;
} Range;

#define NOTHING(first, last)
#define A_RANGE(first, last) {first, last},

#define LETTER A_RANGE
#define NUMBER(first, last)
#define SPACE(first, last)
#define WORD(first, last)
static const Range letter[] = {
#include "text/regex.def"
};
#undef LETTER
#undef NUMBER
#define LETTER NOTHING
#define NUMBER A_RANGE
static const Range number[] = {
#include "text/regex.def"
};
#undef NUMBER
#undef SPACE
#define NUMBER NOTHING
#define SPACE  A_RANGE
static const Range space[] = {
#include "text/regex.def"
};
#undef SPACE
#undef WORD
#define SPACE NOTHING
#define WORD  A_RANGE
static const Range word[] = {
#include "text/regex.def"
};

static bool lies_in(const Range *r, size_t n, uint32_t c)
{
    size_t low = 0, high = n;

    while (low < high) {
        size_t mid = (low + high) / 2;

        if (c > r[mid].last)
            low = mid + 1;
        else
            high = mid;
    }
    return low < n && c >= r[low].first;
}

static unsigned ascii_class(uint32_t c)
{
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
        return REGEX_LETTER;
    if (c >= '0' && c <= '9')
        return REGEX_NUMBER;
    return c == ' ' || (c >= '\t' && c <= '\r') ? REGEX_SPACE : REGEX_OTHER;
}

unsigned regex_class(uint32_t c)
{
    if (c < 128)
        return ascii_class(c);
    if (lies_in(letter, LEN(letter), c))
        return REGEX_LETTER;
    if (lies_in(number, LEN(number), c))
        return REGEX_NUMBER;
    return lies_in(space, LEN(space), c) ? REGEX_SPACE : REGEX_OTHER;
}

bool regex_word(uint32_t c)
{
    if (c >= 128)
        return lies_in(word, LEN(word), c);
    return c == '_' || ascii_class(c) == REGEX_LETTER || ascii_class(c) == REGEX_NUMBER;
}

static void table_fill(uint8_t *class, const Range *r, size_t n, int value)
{
    for (size_t i = 0; i < n && r[i].first < REGEX_TABLE; i++) {
        uint32_t last = r[i].last < REGEX_TABLE ? r[i].last : REGEX_TABLE - 1;

        memset(class + r[i].first, value, last - r[i].first + 1);
    }
}

void regex_table(uint8_t *class)
{
    memset(class, REGEX_OTHER, REGEX_TABLE);
    for (uint32_t c = 0; c < 128; c++)
        class[c] = (uint8_t)ascii_class(c);
    table_fill(class, letter, LEN(letter), REGEX_LETTER);
    table_fill(class, number, LEN(number), REGEX_NUMBER);
    table_fill(class, space, LEN(space), REGEX_SPACE);
}

/* SPDX-License-Identifier: MIT */
