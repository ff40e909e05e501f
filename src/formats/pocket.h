/* pocket.h - zlib's memory from an arena. */
#ifndef FORMATS_POCKET_H
#define FORMATS_POCKET_H

#include <zlib.h>

#include "base/base.h"

/* zlib's memory comes from an arena like all other. */
typedef struct Pocket {
    Err *e;
    Arena *arena;
} Pocket;

static inline void *pocket_alloc(void *pocket, unsigned n, unsigned size)
{
    Pocket *p = pocket;

    return arena_array(p->e, p->arena, n, size);
}

static inline void pocket_free(void *pocket, void *block)
{
    (void)pocket; /* the arena goes as a whole */
    (void)block;
}

#endif
/* SPDX-License-Identifier: MIT */
