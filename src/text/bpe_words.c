/* bpe_words.c - words seen before and what became of them: most words of a text are among the last few
 * thousand.  A word has four places; when all are taken one makes room, so that no text can make it slow.
 * The table begins small, as most tokenizers see one short text, and grows with what it misses. */
#include <string.h>

#include "text/bpe.h"

#define WAYS      4
#define LOG_FIRST 9
#define LOG_STEP  2
#define LOG_MOST  16
#define POOL_MOST ((size_t)1 << 18)

static inline size_t slot_of(const BpeRoom *r, const uint64_t key[2], size_t bytes)
{
    uint64_t h = (key[0] ^ bytes) * 0x9e3779b97f4a7c15u;

    h = (h ^ (h >> 32) ^ key[1]) * 0xd6e8feb86659fd93u;
    return (size_t)(h >> (64 - r->words_log));
}

static Status table_new(Err *e, Arena *a, BpeRoom *r, unsigned log)
{
    r->word = NEWS(e, a, WordSlot, ((size_t)1 << log) + WAYS - 1);
    r->words_log = log;
    r->missed = 0;
    r->pool_n = 0;
    return r->word ? E_OK : e->code;
}

static void forget(BpeRoom *r)
{
    memset(r->word, 0, (((size_t)1 << r->words_log) + WAYS - 1) * sizeof *r->word);
    r->pool_n = 0;
}

Status words_open(Err *e, Arena *a, const Tokenizer *t, Tokens *out)
{
    BpeRoom *r = out->room;

    if (r && r->owner == t)
        return E_OK;
    if (!r) {
        r = NEW(e, a, BpeRoom);
        if (!r)
            return err_failed(e->code);
        TRY(table_new(e, a, r, LOG_FIRST));
        out->room = r;
    }
    forget(r);
    r->owner = t;
    return E_OK;
}

const WordSlot *word_find(const BpeRoom *r, const uint64_t key[2], size_t bytes)
{
    const WordSlot *w = r->word + slot_of(r, key, bytes);

    for (int i = 0; i < WAYS; i++)
        if (w[i].key[0] == key[0] && w[i].key[1] == key[1] && w[i].bytes == bytes)
            return &w[i];
    return NULL;
}

Status word_keep(Err *e, Arena *a, BpeRoom *r, const uint64_t key[2], size_t bytes,
                 const int32_t *id, size_t n)
{
    if (++r->missed >> r->words_log && r->words_log < LOG_MOST)
        TRY(table_new(e, a, r,
                      r->words_log + LOG_STEP < LOG_MOST ? r->words_log + LOG_STEP : LOG_MOST));
    if (r->pool_n + n > POOL_MOST)
        forget(r);
    TRY(GROW(e, a, r->pool, r->pool_cap, r->pool_n + n));
    WordSlot *w = r->word + slot_of(r, key, bytes), *last = w + r->missed % WAYS;
    for (int i = 0; i < WAYS; i++)
        if (!w[i].bytes) {
            last = w + i;
            break;
        }
    *last = (WordSlot){{key[0], key[1]}, (uint32_t)r->pool_n, (uint8_t)bytes, (uint8_t)n};
    memcpy(r->pool + r->pool_n, id, n * sizeof *id);
    r->pool_n += n;
    return E_OK;
}

/* SPDX-License-Identifier: MIT */
