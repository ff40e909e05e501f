/* trie.c - byte strings to numbers.  A hash table of edges is built in one pass (a vocabulary of 30,000
 * pieces in a few milliseconds, which is part of every start) and takes any alphabet. */
#include "text/trie.h"

static Status edges_new(Err *e, Arena *a, uint64_t slots, Trie *t)
{
    t->edge = NEWS(e, a, TrieEdge, slots);
    if (!t->edge)
        return err_failed(e->code);
    t->mask = (uint32_t)(slots - 1);
    return E_OK;
}

Status trie_new(Err *e, Arena *a, size_t bytes, Trie *out)
{
    uint64_t slots = 64;

    while (slots < bytes && slots < 2 * (uint64_t)TRIE_NODES_MAX)
        slots *= 2;
    *out = (Trie){.nodes = TRIE_ROOT + 1};
    TRY(edges_new(e, a, slots, out));
    TRY(GROW(e, a, out->value, out->value_cap, slots / 4));
    out->value[0] = out->value[TRIE_ROOT] = -1;
    return E_OK;
}

static void edge_insert(Trie *t, TrieEdge edge)
{
    uint32_t i = trie_slot(edge.key) & t->mask;

    while (t->edge[i].node)
        i = (i + 1) & t->mask;
    t->edge[i] = edge;
}

/* Twice the table, when half of it is used. */
static Status edges_grow(Err *e, Arena *a, Trie *t)
{
    TrieEdge *old = t->edge;
    uint64_t slots = (uint64_t)t->mask + 1;

    TRY(edges_new(e, a, slots * 2, t));
    for (uint64_t i = 0; i < slots; i++)
        if (old[i].node)
            edge_insert(t, old[i]);
    return E_OK;
}

Status trie_put(Err *e, Arena *a, Trie *t, const char *s, size_t n, int32_t value, int32_t *old)
{
    uint32_t node = TRIE_ROOT;

    for (size_t i = 0; i < n; i++) {
        uint32_t next = trie_step(t, node, (uint8_t)s[i]);

        if (!next) {
            if (t->nodes >= TRIE_NODES_MAX)
                return fail(e, E_DATA,
                            "the vocabulary is too large: more than %u distinct beginnings",
                            TRIE_NODES_MAX);
            if (t->nodes > t->mask / 2)
                TRY(edges_grow(e, a, t));
            next = t->nodes++;
            TRY(GROW(e, a, t->value, t->value_cap, t->nodes));
            t->value[next] = -1;
            edge_insert(t, (TrieEdge){node << 8 | (uint8_t)s[i], next});
        }
        node = next;
    }
    *old = t->value[node];
    if (*old < 0)
        t->value[node] = value;
    return E_OK;
}

uint32_t trie_walk(const Trie *t, uint32_t node, const char *s, size_t n)
{
    for (size_t i = 0; i < n && node; i++)
        node = trie_step(t, node, (uint8_t)s[i]);
    return node;
}

/* SPDX-License-Identifier: MIT */
