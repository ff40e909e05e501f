/* bpe_build.c - what the encoder needs to know, from the pieces and the list of merges. */
#include <string.h>

#include "text/bpe.h"
#include "text/bytes_text.h"
#include "text/utf8.h"

/* The id of a piece of the vocabulary, added tokens aside, or -1. */
static int32_t piece_id(const Tokenizer *t, uint32_t node)
{
    return node ? t->trie.value[node] : -1;
}

static Status merge_fail(Err *e, const MergeRow *row, const char *unit, Text left, Text right)
{
    return fail(e, E_DATA, "%s %lld: a merge names \"%.*s%.*s\", which is not in the vocabulary",
                unit, (long long)row->where, TEXT_SHOWN(left), TEXT_SHOWN(right));
}

/* Of the same pair twice the last one counts, as in the reference. */
static void merge_put(Bpe *b, uint64_t pair, uint64_t to)
{
    size_t i = (pair * 0x9e3779b97f4a7c15u) >> b->shift;

    while (b->slot[i].pair && b->slot[i].pair != pair)
        i++;
    b->slot[i] = (MergeSlot){pair, to};
}

static Status merge_add(Err *e, const Tokenizer *t, Bpe *b, const MergeRow *row, size_t rank,
                        const char *unit)
{
    Text none = {0}, l = row->left, r = row->right;
    uint32_t node = trie_walk(&t->trie, TRIE_ROOT, l.s, l.n);
    int32_t left = piece_id(t, node), right = piece_id(t, trie_walk(&t->trie, TRIE_ROOT, r.s, r.n));
    int32_t both = piece_id(t, node ? trie_walk(&t->trie, node, r.s, r.n) : 0);

    if (!l.n || !r.n)
        return fail(e, E_DATA, "%s %lld: a merge of nothing", unit, (long long)row->where);
    if (left < 0)
        return merge_fail(e, row, unit, l, none);
    if (right < 0)
        return merge_fail(e, row, unit, r, none);
    if (both < 0)
        return merge_fail(e, row, unit, l, r);
    b->merged[rank] = both;
    merge_put(b, ((uint64_t)(uint32_t)left << 32 | (uint32_t)right) + 1,
              (uint64_t)rank << 32 | (uint32_t)both);
    return E_OK;
}

static Status merges_build(Err *e, Arena *a, const Tokenizer *t, Bpe *b, const MergeRow *row,
                           size_t n, const char *unit)
{
    unsigned log = 4;

    if (n >= (size_t)TOKENIZER_ID_MAX)
        return fail(e, E_DATA, "%zu merges; fewer than %lld are read", n,
                    (long long)TOKENIZER_ID_MAX);
    while (((size_t)1 << log) < 2 * n + 2)
        log++;
    b->shift = 64 - log;
    /* a run of slots goes on past the end instead of around it */
    b->slot = NEWS(e, a, MergeSlot, ((size_t)1 << log) + n + 1);
    b->merged = NEWS(e, a, int32_t, n + 1);
    if (!b->slot || !b->merged)
        return err_failed(e->code);
    for (size_t i = 0; i < n; i++)
        TRY(merge_add(e, t, b, &row[i], i, unit));
    return E_OK;
}

Status bpe_build(Err *e, Arena *a, Tokenizer *t, const BpeOptions *o, const MergeRow *row, size_t n,
                 const char *unit)
{
    Bpe *b = NEW(e, a, Bpe);

    if (!b)
        return err_failed(e->code);
    b->prefix_space = o->prefix_space;
    b->words = o->words;
    b->ignore_merges = o->ignore_merges;
    b->fuse_unk = o->fuse_unk;
    b->whole = true;
    for (int i = 0; i < 256; i++) {
        uint8_t utf8[4];
        size_t k = (size_t)utf8_put(utf8, byte_char((uint8_t)i));

        b->byte[i] = piece_id(t, trie_walk(&t->trie, TRIE_ROOT, (const char *)utf8, k));
        b->whole = b->whole && b->byte[i] >= 0;
    }
    b->unk = o->unk.s ? piece_id(t, trie_walk(&t->trie, TRIE_ROOT, o->unk.s, o->unk.n)) : -1;
    if (o->unk.s && b->unk < 0 && !b->whole)
        return fail(e, E_DATA, "unk_token \"%.*s\" is not in the vocabulary", TEXT_SHOWN(o->unk));
    regex_table(b->class);
    t->bpe = b;
    return merges_build(e, a, t, b, row, n, unit);
}

static bool space_like(uint32_t c)
{
    return c == BYTE_SPACE || regex_class(c) == REGEX_SPACE;
}

/* One space and then something else is by far the usual case. */
static uint8_t edge_of(const char *piece)
{
    const uint8_t *p = (const uint8_t *)piece, *end = p + strlen(piece);
    int32_t lead, trail;

    edge_spaces(p, end, &lead, &trail);
    return lead == 0 && trail == 0 ? EDGE_NONE : lead == 1 && trail == 0 ? EDGE_SPACE : EDGE_MORE;
}

void edge_spaces(const uint8_t *p, const uint8_t *end, int32_t *lead, int32_t *trail)
{
    bool bad = false, begun = false;
    uint32_t c;

    *lead = *trail = 0;
    while (p < end) {
        p += utf8_get(p, end, &c, &bad);
        bool space = space_like(c);

        begun = begun || !space;
        *lead += !begun;
        *trail = space ? *trail + 1 : 0;
    }
}

static uint32_t characters(const char *piece)
{
    uint32_t n = 0;

    for (; *piece; piece++)
        n += (*piece & 0xc0) != 0x80;
    return n;
}

Status bpe_finish(Err *e, Arena *a, Tokenizer *t)
{
    Bpe *b = t->bpe;

    b->span = NEWS(e, a, uint32_t, t->pieces);
    b->edge = NEWS(e, a, uint8_t, t->pieces);
    if (!b->span || !b->edge)
        return err_failed(e->code);
    for (int64_t i = 0; i < t->pieces; i++) {
        if (!t->piece[i])
            continue;
        b->span[i] = characters(t->piece[i]);
        b->edge[i] = edge_of(t->piece[i]);
    }
    return E_OK;
}

/* SPDX-License-Identifier: MIT */
