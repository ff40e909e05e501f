/* bpe.h - inside of byte-level BPE: the merges as a table, words of a text, and what was found before. */
#ifndef BPE_H
#define BPE_H

#include "text/fields.h"
#include "text/regex_char.h"
#include "text/tokenizer.h"

/* Two pieces that become one; the earlier row wins.  `where` is a line or a byte offset, for messages. */
typedef struct MergeRow {
    Text left, right;
    int64_t where;
} MergeRow;

typedef struct MergeSlot {
    uint64_t pair; /* left << 32 | right, plus one, so that 0 is free */
    uint64_t to;   /* rank << 32 | id */
} MergeSlot;

#define MERGE_NONE UINT64_MAX

typedef struct Bpe {
    MergeSlot *slot;
    unsigned shift;    /* of a hash, to a slot */
    int32_t *merged;   /* [ranks] the piece that a merge makes */
    int32_t byte[256]; /* the piece of one byte; -1: it has none */
    bool whole;        /* every byte has a piece */
    bool prefix_space, words, ignore_merges, fuse_unk;
    int32_t unk;    /* -1: bytes without a piece are left out */
    uint32_t *span; /* [pieces] how many bytes a piece stands for */
    uint8_t *edge;  /* [pieces] EDGE_ */
    uint8_t class[REGEX_TABLE];
} Bpe;

/* What trimming offsets takes off a piece: nothing, one space before it, or it must be looked at. */
enum { EDGE_NONE, EDGE_SPACE, EDGE_MORE };

typedef struct BpeOptions {
    Text unk;
    bool fuse_unk, ignore_merges, prefix_space, words;
} BpeOptions;

/* After vocabulary_build. */
Status bpe_build(Err *e, Arena *a, Tokenizer *t, const BpeOptions *o, const MergeRow *row, size_t n,
                 const char *unit);
/* After the added tokens stand: what there is to know about each piece. */
Status bpe_finish(Err *e, Arena *a, Tokenizer *t);

/* Characters at either end of a piece that trimming takes for spaces. */
void edge_spaces(const uint8_t *p, const uint8_t *end, int32_t *lead, int32_t *trail);

/* The pair's rank << 32 | id, or MERGE_NONE. */
static inline uint64_t bpe_pair(const Bpe *b, int32_t left, int32_t right)
{
    uint64_t pair = ((uint64_t)(uint32_t)left << 32 | (uint32_t)right) + 1;

    for (size_t i = (pair * 0x9e3779b97f4a7c15u) >> b->shift;; i++) {
        if (b->slot[i].pair == pair)
            return b->slot[i].to;
        if (!b->slot[i].pair)
            return MERGE_NONE;
    }
}

/* A part of a word while it is merged. */
typedef struct BpePart {
    int32_t id, bytes;     /* bytes 0: it was taken by the one before it */
    int32_t before, after; /* -1: none */
} BpePart;

typedef struct WordSlot {
    uint64_t key[2];    /* the word's bytes */
    uint32_t at;        /* its id, or where its ids begin in the pool */
    uint8_t bytes, ids; /* bytes 0: free */
} WordSlot;

/* Room for one word of any length, and the words that were seen.  It belongs to a Tokens. */
typedef struct BpeRoom {
    const Tokenizer *owner; /* whose words these are */
    BpePart *part;
    uint64_t *heap;
    uint8_t *byte;
    size_t part_cap, heap_cap, heap_n, byte_cap;
    WordSlot *word;
    int32_t *pool;
    size_t pool_n, pool_cap;
    unsigned words_log, missed;
} BpeRoom;

/* bpe_words.c: words of at most WORD_KEY bytes, seen before.  word_find gives NULL when it was not. */
#define WORD_KEY 16
Status words_open(Err *e, Arena *a, const Tokenizer *t, Tokens *out);
const WordSlot *word_find(const BpeRoom *r, const uint64_t key[2], size_t bytes);
Status word_keep(Err *e, Arena *a, BpeRoom *r, const uint64_t key[2], size_t bytes,
                 const int32_t *id, size_t n);

#define BPE_SHORT 32 /* bytes of a word that is merged by looking at all pairs each time */

/* id: [n], n <= BPE_SHORT.  Returns how many are left. */
size_t bpe_merge_short(const Bpe *b, int32_t *id, size_t n);
/* Word of any length, in O(n log n): fills r->part, whose first has index 0; *n: how many parts there were. */
Status bpe_merge_long(Err *e, Arena *a, const Bpe *b, BpeRoom *r, Bytes word, size_t *n);

#endif

/* SPDX-License-Identifier: MIT */
