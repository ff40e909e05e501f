/* arena.c - memory by lifetime (after nginx's pools and PostgreSQL's contexts).
 * Small things share chunks that double from 4 KiB to 1 MiB; anything of BIG bytes or more has a block of
 * its own, which arena_grow gives back when the array moves.  An arena, its parent and its children belong
 * to one thread at a time.  Under AddressSanitizer what was not handed out is poisoned. */
#include "base/sys.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#ifdef __SANITIZE_ADDRESS__
#define ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ASAN 1
#endif
#endif
#ifdef ASAN
#include <sanitizer/asan_interface.h>
#define POISON(p, n)   __asan_poison_memory_region((p), (n))
#define UNPOISON(p, n) __asan_unpoison_memory_region((p), (n))
#define GAP            64
#else
#define POISON(p, n)   ((void)(p), (void)(n))
#define UNPOISON(p, n) ((void)(p), (void)(n))
#define GAP            0
#endif

#define ALIGN       ((size_t)64)
#define CHUNK_FIRST ((size_t)4096)
#define CHUNK_MOST  ((size_t)1 << 20)
#define BIG         ((size_t)1 << 18)
#define HUGE_PAGE   ((size_t)2 << 20)

typedef struct Chunk { /* 64 bytes, before the memory it describes */
    _Alignas(64) struct Chunk *next;
    struct Chunk **link; /* what points here, so that a big block can leave */
    size_t size, used;   /* with this header */
} Chunk;

typedef struct Defer {
    struct Defer *next;
    void (*fn)(void *);
    void *arg;
} Defer;

struct Arena {
    const Sys *sys;
    Arena *parent, *child, *next, **link;
    Chunk *chunks, *big;
    Defer *defers;
};

static Status no_memory(Err *e, size_t size)
{
    return fail(e, E_INTERNAL, "out of memory: %zu bytes were refused", size);
}

static Chunk *chunk_new(Err *e, const Sys *sys, Chunk **list, size_t size)
{
    Chunk *c = sys->alloc(sys->user, size);

    if (!c) {
        (void)no_memory(e, size);
        return NULL;
    }
    *c = (Chunk){.next = *list, .link = list, .size = size, .used = sizeof *c};
    if (c->next)
        c->next->link = &c->next;
    *list = c;
    POISON(c + 1, size - sizeof *c);
    return c;
}

static void chunk_free(const Sys *sys, Chunk *c)
{
    *c->link = c->next;
    if (c->next)
        c->next->link = c->link;
    UNPOISON(c, c->size);
    sys->free(sys->user, c);
}

static void *chunk_take(Chunk *c, size_t size, size_t align)
{
    size_t at = (c->used + align - 1) & ~(align - 1);

    if (at > c->size || size > c->size - at)
        return NULL;
    c->used = at + size + GAP;
    UNPOISON((char *)c + at, size);
    return memset((char *)c + at, 0, size);
}

static void *take(Err *e, Arena *a, size_t size, size_t align)
{
    bool big = size >= BIG;
    size_t want;

    void *p = big ? NULL : chunk_take(a->chunks, size, align);
    if (p)
        return p;
    if (__builtin_add_overflow(size, sizeof(Chunk) + ALIGN + GAP, &want)) {
        (void)no_memory(e, size);
        return NULL;
    }
    if (!big) {
        size_t twice = a->chunks->size < CHUNK_MOST ? 2 * a->chunks->size : CHUNK_MOST;
        want = want < twice ? twice : want;
    }
    Chunk *c = chunk_new(e, a->sys, big ? &a->big : &a->chunks, want);
    return c ? chunk_take(c, size, align) : NULL;
}

Arena *arena_new(Err *e, const Sys *sys)
{
    Chunk *list = NULL;

    if (!chunk_new(e, sys, &list, CHUNK_FIRST))
        return NULL;
    Arena *a = chunk_take(list, sizeof *a, ALIGN);
    *a = (Arena){.sys = sys, .chunks = list};
    list->link = &a->chunks;
    return a;
}

Arena *arena_child(Err *e, Arena *parent)
{
    Arena *a = arena_new(e, parent->sys);

    if (!a)
        return NULL;
    a->parent = parent;
    a->next = parent->child;
    a->link = &parent->child;
    if (a->next)
        a->next->link = &a->next;
    parent->child = a;
    return a;
}

static void run_defers(Arena *a)
{
    while (a->defers) {
        Defer *d = a->defers;
        a->defers = d->next;
        d->fn(d->arg);
    }
}

/* The youngest descendant that has no child; a itself when it has none. */
static Arena *leaf_of(Arena *a)
{
    while (a->child)
        a = a->child;
    return a;
}

void arena_free(Arena *a)
{
    bool last = !a;

    while (!last) { /* children before parents, without recursion */
        Arena *leaf = leaf_of(a);
        const Sys *sys = leaf->sys;

        last = leaf == a;
        run_defers(leaf);
        if (leaf->parent) {
            *leaf->link = leaf->next;
            if (leaf->next)
                leaf->next->link = leaf->link;
        }
        while (leaf->big)
            chunk_free(sys, leaf->big);
        for (Chunk *c = leaf->chunks, *next; c;
             c = next) { /* the last one holds the arena itself */
            next = c->next;
            UNPOISON(c, c->size);
            sys->free(sys->user, c);
        }
    }
}

const Sys *arena_sys(const Arena *a)
{
    return a->sys;
}

void *arena_alloc(Err *e, Arena *a, size_t size)
{
    return take(e, a, size, ALIGN);
}

void *arena_array(Err *e, Arena *a, size_t n, size_t size)
{
    size_t total;

    if (__builtin_mul_overflow(n, size, &total)) {
        (void)fail(e, E_INTERNAL, "out of memory: %zu things of %zu bytes do not fit", n, size);
        return NULL;
    }
    return take(e, a, total, ALIGN);
}

Status arena_grow(Err *e, Arena *a, void **array, size_t *cap, size_t want, size_t size)
{
    size_t now = *cap, grown = now < 8 ? 8 : now;

    if (want <= now)
        return E_OK;
    while (grown < want)
        if (__builtin_mul_overflow(grown, (size_t)2, &grown))
            return no_memory(e, want);
    void *p = arena_array(e, a, grown, size);
    if (!p)
        return e->code;
    if (now) {
        memcpy(p, *array, now * size);
        if (now * size >= BIG)
            chunk_free(a->sys, (Chunk *)*array - 1);
    }
    *array = p;
    *cap = grown;
    return E_OK;
}

char *arena_strndup(Err *e, Arena *a, const char *s, size_t n)
{
    char *p = n == SIZE_MAX ? NULL : take(e, a, n + 1, 1);

    if (p && n)
        memcpy(p, s, n);
    return p;
}

char *arena_printf(Err *e, Arena *a, const char *fmt, ...)
{
    va_list args, again;

    va_start(args, fmt);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    char *p = n < 0 ? NULL : take(e, a, (size_t)n + 1, 1);
    if (n < 0)
        (void)fail(e, E_INTERNAL, "a text could not be formatted: %s", fmt);
    else if (p)
        (void)vsnprintf(p, (size_t)n + 1, fmt, again);
    va_end(again);
    return p;
}

Status arena_defer(Err *e, Arena *a, void (*fn)(void *), void *arg)
{
    Defer *d = NEW(e, a, Defer);

    if (!d)
        return e->code;
    *d = (Defer){.next = a->defers, .fn = fn, .arg = arg};
    a->defers = d;
    return E_OK;
}

typedef struct Block {
    const Sys *sys;
    void *pages;
    size_t size;
} Block;

static void block_free(void *arg)
{
    Block *b = arg;

    if (b->pages)
        b->sys->munmap(b->sys->user, b->pages, b->size);
}

Status block_alloc(Err *e, Arena *a, size_t size, const char *what, void **out)
{
    Block *b = NEW(e, a, Block);
    size_t total = 0;

    if (!b)
        return e->code;
    TRY(arena_defer(e, a, block_free,
                    b)); /* before the pages: what is mapped is always given back */
    bool fits = !__builtin_add_overflow(size, HUGE_PAGE + (size == 0), &total);
    void *pages = fits ? a->sys->mmap(a->sys->user, total, -1) : NULL;
    if (!pages) {
        (void)fail(e, E_INTERNAL, "out of memory: %.1f MiB were refused", (double)size / 1048576);
        return err_note(e, "for", "%s", what);
    }
    *b = (Block){.sys = a->sys, .pages = pages, .size = total};
    uintptr_t up =
        -(uintptr_t)pages & (HUGE_PAGE - 1); /* huge pages start at their own multiples */
    *out = (char *)pages + (size >= HUGE_PAGE ? up : 0);
    return E_OK;
}
/* SPDX-License-Identifier: MIT */
