/* trie.h - byte strings to numbers, walked a byte at a time: the longest match of a vocabulary. */
#ifndef TRIE_H
#define TRIE_H

#include "base/base.h"

/* Edges live in one open-addressed table keyed by (node, byte); node 0 is "no such node", 1 the root. */
typedef struct TrieEdge {
    uint32_t key, node;
} TrieEdge;

typedef struct Trie {
    TrieEdge *edge;
    uint32_t mask;  /* of the table, a power of two less one */
    uint32_t nodes; /* used numbers, 0 and 1 included */
    int32_t *value; /* [nodes] -1: nothing ends here */
    size_t value_cap;
} Trie;

#define TRIE_ROOT      1u
#define TRIE_NODES_MAX ((uint32_t)1 << 24) /* so that a key is node << 8 | byte */

/* bytes: how many will be put in all, a guess that only sizes the table. */
Status trie_new(Err *e, Arena *a, size_t bytes, Trie *out);
/* The value that was there, or -1; an existing value is kept. */
Status trie_put(Err *e, Arena *a, Trie *t, const char *s, size_t n, int32_t value, int32_t *old);
uint32_t trie_walk(const Trie *t, uint32_t node, const char *s,
                   size_t n); /* 0 when it leaves the trie */

static inline uint32_t trie_slot(uint32_t key)
{
    return (uint32_t)(((uint64_t)key * 0x9e3779b97f4a7c15u) >> 32);
}

/* The node one byte further, 0 when there is none. */
static inline uint32_t trie_step(const Trie *t, uint32_t node, uint8_t byte)
{
    uint32_t key = node << 8 | byte;

    for (uint32_t i = trie_slot(key) & t->mask;; i = (i + 1) & t->mask)
        if (t->edge[i].key == key || !t->edge[i].node)
            return t->edge[i].node;
}

#endif

/* SPDX-License-Identifier: MIT */
