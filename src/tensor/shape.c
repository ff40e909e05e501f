/* shape.c - shapes in the checkpoint's order. */
#include "tensor/tensor.h"

#include <stdio.h>

bool shape_count(const Shape *s, int64_t *out)
{
    int64_t n = 1;
    bool empty = false;

    for (int i = 0; i < s->rank; i++) {
        if (s->dim[i] < 0)
            return false;
        empty |= s->dim[i] == 0;
    }
    for (int i = 0; i < s->rank && !empty; i++)
        if (__builtin_mul_overflow(n, s->dim[i], &n))
            return false;
    *out = empty ? 0 : n;
    return true;
}

int64_t shape_size(const Shape *s)
{
    int64_t n = 1;

    for (int i = 0; i < s->rank; i++)
        n *= s->dim[i];
    return n;
}

bool shape_equal(const Shape *a, const Shape *b)
{
    if (a->rank != b->rank)
        return false;
    for (int i = 0; i < a->rank; i++)
        if (a->dim[i] != b->dim[i])
            return false;
    return true;
}

int64_t shape_last(const Shape *s)
{
    return s->rank ? s->dim[s->rank - 1] : 1;
}

const char *shape_text(const Shape *s, char *buf, size_t n)
{
    size_t used = 0;

    for (int i = 0; i < s->rank && used < n; i++)
        used +=
            (size_t)snprintf(buf + used, n - used, "%s%lld", i ? ", " : "[", (long long)s->dim[i]);
    if (used < n)
        (void)snprintf(buf + used, n - used, "%s", s->rank ? "]" : "[]");
    return buf;
}
/* SPDX-License-Identifier: MIT */
