/* spans.c - sorts claims on a file's bytes, so that overlaps and holes show.
 * A heap sort: in place and n log n on any input (qsort may allocate). */
#include "formats/weights.h"

static bool before(const Span *a, const Span *b)
{
    if (a->begin != b->begin)
        return a->begin < b->begin;
    return a->end < b->end;
}

static void sift_down(Span *s, size_t at, size_t n)
{
    Span moved = s[at];

    for (size_t child; (child = 2 * at + 1) < n; at = child) {
        if (child + 1 < n && before(&s[child], &s[child + 1]))
            child++;
        if (!before(&moved, &s[child]))
            break;
        s[at] = s[child];
    }
    s[at] = moved;
}

void spans_sort(Span *s, size_t n)
{
    size_t i = 1;

    while (i < n && !before(&s[i], &s[i - 1]))
        i++;
    if (i >= n)
        return; /* files are nearly always in order */

    for (i = n / 2; i-- > 0;)
        sift_down(s, i, n);
    for (i = n; i-- > 1;) {
        Span last = s[i];
        s[i] = s[0];
        s[0] = last;
        sift_down(s, 0, i);
    }
}
/* SPDX-License-Identifier: MIT */
