/* map.c - byte strings to integers: open addressing, at most half full, linear probing.
 * Names come from files, so the hash is keyed (SipHash-1-3; Aumasson and Bernstein 2012) with a key that
 * differs from run to run: nobody can prepare a file full of collisions. */
#include "base/base.h"

#include <string.h>
#include <time.h>

typedef struct Slot {
    const char *key; /* NULL: free */
    size_t len;
    int64_t value;
    uint64_t hash;
} Slot;

struct Map {
    Arena *arena;
    Slot *slots;
    size_t size, count; /* size is a power of two */
    uint64_t key[2];
};

static uint64_t rotate(uint64_t x, int n)
{
    return x << n | x >> (64 - n);
}

static void sip_round(uint64_t v[4])
{
    v[0] += v[1];
    v[2] += v[3];
    v[1] = rotate(v[1], 13) ^ v[0];
    v[3] = rotate(v[3], 16) ^ v[2];
    v[0] = rotate(v[0], 32);
    v[2] += v[1];
    v[0] += v[3];
    v[1] = rotate(v[1], 17) ^ v[2];
    v[3] = rotate(v[3], 21) ^ v[0];
    v[2] = rotate(v[2], 32);
}

static uint64_t sip_hash(const uint64_t key[2], const char *data, size_t n)
{
    uint64_t v[4] = {key[0] ^ 0x736f6d6570736575u, key[1] ^ 0x646f72616e646f6du,
                     key[0] ^ 0x6c7967656e657261u, key[1] ^ 0x7465646279746573u};

    for (size_t left = n;; left -= 8, data += 8) {
        uint64_t m = left < 8 ? (uint64_t)n << 56 : 0;
        if (left)
            memcpy(&m, data, left < 8 ? left : 8);
        v[3] ^= m;
        sip_round(v);
        v[0] ^= m;
        if (left < 8)
            break;
    }
    v[2] ^= 0xff;
    for (int i = 0; i < 3; i++)
        sip_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

Map *map_new(Err *e, Arena *a, size_t expected)
{
    struct timespec now;
    size_t size = 16;
    Map *m = NEW(e, a, Map);

    while (size / 2 < expected && size < (size_t)1 << 40)
        size *= 2;
    Slot *slots = m ? NEWS(e, a, Slot, size) : NULL;
    if (!slots)
        return NULL;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    *m = (Map){.arena = a, .slots = slots, .size = size};
    m->key[0] = (uint64_t)(uintptr_t)slots ^ (uint64_t)(uintptr_t)&now
                                                 << 20; /* where ASLR put us */
    m->key[1] = (uint64_t)now.tv_nsec ^ (uint64_t)now.tv_sec << 30;
    return m;
}

static Slot *find(const Map *m, const char *key, size_t len, uint64_t hash)
{
    size_t i = (size_t)hash & (m->size - 1);

    for (;; i = (i + 1) & (m->size - 1)) {
        Slot *s = &m->slots[i];
        if (!s->key)
            return s;
        if (s->hash == hash && s->len == len && (!len || !memcmp(s->key, key, len)))
            return s;
    }
}

static Status rehash(Err *e, Map *m)
{
    Map larger = *m;

    larger.size = 2 * m->size;
    larger.slots = NEWS(e, m->arena, Slot, larger.size);
    if (!larger.slots)
        return e->code;
    for (size_t i = 0; i < m->size; i++) {
        const Slot *s = &m->slots[i];
        if (s->key)
            *find(&larger, s->key, s->len, s->hash) = *s;
    }
    *m = larger;
    return E_OK;
}

Status map_put(Err *e, Map *m, const char *key, size_t len, int64_t value)
{
    uint64_t hash = sip_hash(m->key, key, len);

    if (2 * (m->count + 1) > m->size)
        TRY(rehash(e, m));
    Slot *s = find(m, key, len, hash);
    m->count += !s->key;
    *s = (Slot){.key = key, .len = len, .value = value, .hash = hash};
    return E_OK;
}

bool map_get(const Map *m, const char *key, size_t len, int64_t *value)
{
    const Slot *s = find(m, key, len, sip_hash(m->key, key, len));

    if (s->key)
        *value = s->value;
    return s->key != NULL;
}

size_t map_count(const Map *m)
{
    return m->count;
}
/* SPDX-License-Identifier: MIT */
