/* bpe.c - text to pieces as GPT-2 and RoBERTa do it (Radford et al. 2019): words by the pattern of
 * gpt2_split.c, each the bytes of its UTF-8, merged by rank.  A piece may hold part of a character; its
 * offsets take in the whole of it, as the reference's do.  Nothing is copied but a word that gets a space
 * put before it or is not UTF-8; the time is linear in the text, n log n in one word. */
#include <string.h>

#include "text/bpe.h"
#include "text/bytes_text.h"
#include "text/gpt2_split.h"

typedef struct Scan {
    Err *e;
    Arena *a;
    const Tokenizer *t;
    const Bpe *b;
    Tokens *out;
    BpeRoom *room;
    size_t mark, limit; /* out->n at the text's beginning, and at which to stop */
    const uint8_t *end; /* of the text: so far may be read */
    int32_t at, words;  /* code points and words so far */
} Scan;

/* The word in hand.  prefix: its first byte is a space that is not in the text. */
typedef struct Word {
    const uint8_t *byte;
    size_t n;
    int32_t prefix;
    bool ascii;
    size_t seen;     /* bytes up to which characters have been counted, */
    int32_t counted; /* and how many began there */
} Word;

/* process_offsets of the reference: a space before a piece stays out of its offsets, unless it may be the one
 * that was put before the text. */
static void trim(const Scan *s, int32_t lead, int32_t trail, int32_t *begin, int32_t *end)
{
    bool first = s->out->n == s->mark || *begin == 0;

    if (lead > 0 && !(first && s->t->trim_prefix && lead == 1))
        *begin = *begin + lead < *end ? *begin + lead : *end;
    if (trail > 0 && *end >= trail)
        *end = *end - trail > *begin ? *end - trail : *begin;
}

static inline void emit(Scan *s, int32_t id, int32_t begin, int32_t end)
{
    Tokens *o = s->out;

    o->id[o->n] = id;
    o->type[o->n] = 0;
    o->begin[o->n] = begin;
    o->end[o->n] = end;
    o->word[o->n++] = s->words;
}

static void emit_piece(Scan *s, int32_t id, int32_t begin, int32_t end)
{
    int32_t lead = 1, trail = 0;

    if (s->t->trim && s->b->edge[id] != EDGE_NONE) {
        const uint8_t *piece = (const uint8_t *)s->t->piece[id];

        if (s->b->edge[id] == EDGE_MORE)
            edge_spaces(piece, piece + strlen((const char *)piece), &lead, &trail);
        trim(s, lead, trail, &begin, &end);
    }
    emit(s, id, begin, end);
}

static int32_t characters_to(Word *w, size_t to)
{
    for (; w->seen < to; w->seen++)
        w->counted += (w->byte[w->seen] & 0xc0) != 0x80;
    return w->counted;
}

/* The code point that byte i of the word belongs to, counted from the word's first.  i never goes back. */
static inline int32_t character_of(Word *w, size_t i)
{
    int32_t n = (w->ascii ? (int32_t)i : characters_to(w, i + 1) - 1) - w->prefix;

    return n < 0 ? 0 : n;
}

/* Bytes [from, to) of the word are a piece. */
static void place(Scan *s, Word *w, int32_t id, size_t from, size_t to)
{
    int32_t begin = s->at + character_of(w, from);

    emit_piece(s, id, begin, s->at + character_of(w, to - 1) + 1);
}

static Status room_for(Scan *s, size_t n)
{
    return s->out->n + n <= s->out->cap ? E_OK : tokens_reserve(s->e, s->a, s->out, n);
}

static Status place_ids(Scan *s, Word *w, const int32_t *id, size_t n)
{
    size_t from = 0;

    TRY(room_for(s, n));
    for (size_t i = 0; i < n; i++) {
        size_t to = n == 1 ? w->n : from + s->b->span[id[i]];

        place(s, w, id[i], from, to);
        from = to;
    }
    return E_OK;
}

/* Where bytes without a piece were left out, lengths are of the characters that stand for bytes, and what
 * comes behind a gap moves into it: so does the reference. */
static Status place_parts(Scan *s, Word *w, size_t parts)
{
    size_t left = 0, at = 0, byte = 0, upto = 0; /* upto: where character `byte` ends */

    for (size_t i = 0; i < parts; i++)
        left += s->room->part[i].bytes > 0;
    TRY(room_for(s, left));
    for (size_t i = 0; i < parts; i++) {
        const BpePart *p = &s->room->part[i];
        size_t to = at + (size_t)p->bytes, from = at, last = to - 1;

        if (!p->bytes)
            continue;
        at = to;
        if (!s->b->whole) {
            for (; upto <= from; byte++)
                upto += byte_char(w->byte[byte]) < 128 ? 1 : 2;
            from = byte - 1;
            for (; upto <= last; byte++)
                upto += byte_char(w->byte[byte]) < 128 ? 1 : 2;
            last = byte - 1;
        }
        place(s, w, p->id, from, last + 1);
    }
    return E_OK;
}

/* The piece that is the whole word, or -1. */
static int32_t whole_piece(const Scan *s, const Word *w)
{
    uint32_t node = TRIE_ROOT;
    uint8_t utf8[4];

    for (size_t i = 0; i < w->n && node; i++) {
        size_t k = (size_t)utf8_put(utf8, byte_char(w->byte[i]));
        node = trie_walk(&s->t->trie, node, (const char *)utf8, k);
    }
    return node ? s->t->trie.value[node] : -1;
}

/* A word that was not seen before; key: where to remember it, or NULL. */
static Status word_new(Scan *s, Word *w, const uint64_t *key)
{
    const Bpe *b = s->b;
    int32_t id[BPE_SHORT];
    size_t n;

    id[0] = b->ignore_merges ? whole_piece(s, w) : -1;
    if (id[0] < 0 && (w->n > BPE_SHORT || !b->whole)) {
        TRY(bpe_merge_long(s->e, s->a, b, s->room, (Bytes){w->byte, w->n}, &n));
        return place_parts(s, w, n);
    }
    n = 1;
    if (id[0] < 0) {
        for (size_t i = 0; i < w->n; i++)
            id[i] = b->byte[w->byte[i]];
        n = bpe_merge_short(b, id, w->n);
    }
    if (key)
        TRY(word_keep(s->e, s->a, s->room, key, w->n, id, n));
    return place_ids(s, w, id, n);
}

/* The word's bytes as two numbers; what may be read ends at `end`. */
static inline void word_key(const Word *w, const uint8_t *end, uint64_t key[2])
{
    key[0] = key[1] = 0;
    if ((size_t)(end - w->byte) < WORD_KEY) {
        memcpy(key, w->byte, w->n);
        return;
    }
    memcpy(key, w->byte, WORD_KEY);
    if (w->n < 8)
        key[0] &= ((uint64_t)1 << 8 * w->n) - 1;
    key[1] = w->n <= 8 ? 0 : w->n == 16 ? key[1] : key[1] & (((uint64_t)1 << 8 * (w->n - 8)) - 1);
}

static bool all_ascii(const uint8_t *p, size_t n)
{
    uint8_t all = 0;

    for (size_t i = 0; i < n; i++)
        all |= p[i];
    return all < 0x80;
}

static Status word_place(Scan *s, Word *w, const uint8_t *end)
{
    const uint64_t high = 0x8080808080808080u;
    uint64_t key[2];
    const WordSlot *seen = NULL;
    bool keeps = w->n <= WORD_KEY && s->b->whole;

    if (keeps) {
        word_key(w, end, key);
        w->ascii = !((key[0] | key[1]) & high);
        seen = word_find(s->room, key, w->n);
    } else {
        w->ascii = all_ascii(w->byte, w->n);
    }
    if (seen)
        TRY(place_ids(s, w, s->room->pool + seen->at, seen->ids));
    else
        TRY(word_new(s, w, keeps ? key : NULL));
    s->at += (w->ascii ? (int32_t)w->n : characters_to(w, w->n)) - w->prefix;
    s->words++;
    return E_OK;
}

/* A word with a space put before it, or one that is not UTF-8, gets bytes of its own. */
static Status word_copy(Scan *s, Word *w, const uint8_t *p, const uint8_t *end)
{
    BpeRoom *r = s->room;
    bool bad = false;
    uint32_t c;

    TRY(GROW(s->e, s->a, r->byte, r->byte_cap, 3 * (size_t)(end - p) + 1));
    w->n = 0;
    if (w->prefix)
        r->byte[w->n++] = ' ';
    while (p < end) {
        p += utf8_get(p, end, &c, &bad);
        w->n += (size_t)utf8_put(r->byte + w->n, c);
    }
    w->byte = r->byte;
    return word_place(s, w, r->byte + w->n);
}

static size_t word_length(const Scan *s, const uint8_t *p, const uint8_t *end, bool prefix,
                          bool *bad)
{
    size_t at;

    if (s->b->words)
        return gpt2_word(s->b->class, p, end, prefix, bad);
    *bad = !utf8_valid((const char *)p, (size_t)(end - p), &at);
    return (size_t)(end - p);
}

/* A stretch of text without added tokens. */
static Status stretch(void *arg, const uint8_t *p, const uint8_t *end)
{
    Scan *s = arg;
    bool prefix = s->b->prefix_space && *p != ' ';

    while ((p < end || prefix) && s->out->n < s->limit) {
        bool bad = false;
        size_t n = word_length(s, p, end, prefix, &bad);
        Word w = {.byte = p, .n = n, .prefix = prefix};

        if (prefix || bad)
            TRY(word_copy(s, &w, p, p + n));
        else
            TRY(word_place(s, &w, s->end));
        p += n;
        prefix = false;
    }
    return E_OK;
}

/* An added token is a word of its own, with the spaces that it took. */
static Status added(void *arg, const AddedToken *x, const uint8_t *p, const uint8_t *end)
{
    Scan *s = arg;
    Word w = {.byte = p, .n = (size_t)(end - p)};
    int32_t lead, trail, begin = s->at;

    s->at += characters_to(&w, w.n);
    TRY(room_for(s, 1));
    int32_t stop = s->at;
    if (s->t->trim) {
        edge_spaces(p, end, &lead, &trail);
        trim(s, lead, trail, &begin, &stop);
    }
    emit(s, x->id, begin, stop);
    s->words++;
    return E_OK;
}

Status bpe_encode(Err *e, Arena *a, const Tokenizer *t, Bytes text, size_t limit, Tokens *out)
{
    TRY(words_open(e, a, t, out));
    Scan s = {.e = e,
              .a = a,
              .t = t,
              .b = t->bpe,
              .out = out,
              .room = out->room,
              .mark = out->n,
              .limit = out->n + limit,
              .end = text.data + text.n};
    AddedWalk walk = {t, out, s.limit, stretch, added, &s};

    TRY(added_walk(&walk, text));
    if (out->n > s.limit)
        out->n = s.limit;
    return E_OK;
}

/* SPDX-License-Identifier: MIT */
