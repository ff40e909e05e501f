/* vocabulary.c - the pieces of a tokenizer: ids to text, text to ids, and the tokens added to them. */
#include <string.h>

#include "text/tokenizer.h"
#include "text/utf8.h"

/* A table by id must not be larger than the file justifies: holes may at most double it. */
#define ID_SLACK 1024

static Status entry_check(Err *e, const PieceEntry *p, const char *unit)
{
    size_t at;

    if (p->n > TOKENIZER_PIECE_MAX)
        return fail(e, E_DATA, "%s %lld: a piece of %zu bytes; at most %zu are read", unit,
                    (long long)p->where, p->n, TOKENIZER_PIECE_MAX);
    if (memchr(p->s, 0, p->n))
        return fail(e, E_DATA, "%s %lld: a piece holds a NUL character", unit, (long long)p->where);
    if (!utf8_valid(p->s, p->n, &at))
        return fail(e, E_DATA, "%s %lld: a piece is not UTF-8 at its byte %zu", unit,
                    (long long)p->where, at + 1);
    if (p->id < 0 || p->id >= TOKENIZER_ID_MAX)
        return fail(e, E_DATA, "%s %lld: piece \"%.*s\" has id %lld; ids lie in 0..%lld", unit,
                    (long long)p->where, (int)(p->n < 40 ? p->n : 40), p->s, (long long)p->id,
                    (long long)TOKENIZER_ID_MAX - 1);
    return E_OK;
}

static Status piece_place(Err *e, Arena *a, Tokenizer *t, const PieceEntry *p, char *copy,
                          const char *unit)
{
    int32_t old;

    memcpy(copy, p->s, p->n);
    copy[p->n] = 0;
    if (t->piece[p->id])
        return fail(e, E_DATA, "%s %lld: pieces \"%.40s\" and \"%.40s\" both have id %lld", unit,
                    (long long)p->where, t->piece[p->id], copy, (long long)p->id);
    t->piece[p->id] = copy;
    TRY(trie_put(e, a, &t->trie, copy, p->n, (int32_t)p->id, &old));
    if (old >= 0)
        return fail(e, E_DATA,
                    "%s %lld: piece \"%.40s\" stands twice in the vocabulary, as %d and %lld", unit,
                    (long long)p->where, copy, old, (long long)p->id);
    return E_OK;
}

Status vocabulary_build(Err *e, Arena *a, Tokenizer *t, const PieceEntry *entry, size_t n,
                        const char *unit)
{
    size_t bytes = 0;

    t->pieces = 0;
    for (size_t i = 0; i < n; i++) {
        TRY(entry_check(e, &entry[i], unit));
        bytes += entry[i].n;
        if (entry[i].id >= t->pieces)
            t->pieces = entry[i].id + 1;
    }
    if (!n)
        return fail(e, E_DATA, "the vocabulary is empty");
    if ((uint64_t)t->pieces > 2 * (uint64_t)n + ID_SLACK)
        return fail(e, E_DATA, "the ids have holes: %zu pieces, and the largest id is %lld", n,
                    (long long)t->pieces - 1);
    t->piece = NEWS(e, a, const char *, t->pieces);
    char *copy = NEWS(e, a, char, bytes + n);
    if (!t->piece || !copy)
        return err_failed(e->code);
    TRY(trie_new(e, a, bytes, &t->trie));
    for (size_t i = 0; i < n; i++) {
        TRY(piece_place(e, a, t, &entry[i], copy, unit));
        copy += entry[i].n + 1;
    }
    return E_OK;
}

Status vocabulary_prefix(Err *e, Arena *a, Tokenizer *t, const char *prefix, size_t n)
{
    t->prefix = arena_strndup(e, a, prefix, n);
    t->prefix_n = n;
    t->continued = trie_walk(&t->trie, TRIE_ROOT, prefix, n);
    return t->prefix ? E_OK : e->code;
}

const AddedToken *added_find(const Tokenizer *t, const char *s, size_t n)
{
    for (size_t k = 0; k < LEN(t->set); k++) {
        const Trie *trie = &t->set[k].trie;
        uint32_t node = trie->edge ? trie_walk(trie, TRIE_ROOT, s, n) : 0;

        if (node && trie->value[node] >= 0)
            return &t->added[trie->value[node]];
    }
    return NULL;
}

int32_t vocabulary_find(const Tokenizer *t, const char *s, size_t n)
{
    uint32_t node = n ? trie_walk(&t->trie, TRIE_ROOT, s, n) : 0;

    if (node && t->trie.value[node] >= 0)
        return t->trie.value[node];
    const AddedToken *x = added_find(t, s, n);
    return x ? x->id : -1;
}

/* Room for ids after the pieces, which added tokens may take. */
static Status added_room(Err *e, Arena *a, Tokenizer *t)
{
    int64_t last = t->pieces - 1, most = t->pieces + (int64_t)t->added_n + ID_SLACK;

    for (size_t i = 0; i < t->added_n; i++) {
        const AddedToken *x = &t->added[i];

        if (x->id >= most)
            return fail(e, E_DATA, "added token \"%.40s\" has id %d, far beyond the %lld pieces",
                        x->content, x->id, (long long)t->pieces);
        if (x->id > last)
            last = x->id;
    }
    const char **grown = NEWS(e, a, const char *, last + 1);
    if (!grown)
        return err_failed(e->code);
    memcpy(grown, t->piece, (size_t)t->pieces * sizeof(*grown));
    t->piece = grown;
    t->pieces = last + 1;
    return E_OK;
}

/* An added token is a piece already, or takes a free id. */
static Status added_place(Err *e, Arena *a, Tokenizer *t, size_t i)
{
    const AddedToken *x = &t->added[i];
    AddedSet *set = &t->set[x->normalized];
    const char *piece = t->piece[x->id];
    int32_t old;

    if (piece && (strlen(piece) != x->n || memcmp(piece, x->content, x->n) != 0))
        return fail(e, E_DATA, "added token \"%.40s\" has id %d, which is piece \"%.40s\"",
                    x->content, x->id, piece);
    t->piece[x->id] = x->content;
    if (added_find(t, x->content, x->n))
        return fail(e, E_DATA, "added token \"%.40s\" stands twice", x->content);
    if (!set->trie.edge)
        TRY(trie_new(e, a, x->n, &set->trie));
    TRY(trie_put(e, a, &set->trie, x->content, x->n, (int32_t)i, &old));
    set->first[(uint8_t)x->content[0]] = true;
    return E_OK;
}

Status added_build(Err *e, Arena *a, Tokenizer *t)
{
    TRY(added_room(e, a, t));
    for (size_t i = 0; i < t->added_n; i++)
        TRY(added_place(e, a, t, i));
    return E_OK;
}

/* SPDX-License-Identifier: MIT */
