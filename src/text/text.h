/* text.h - tokenizers: text to ids, exactly as the released tokenizer does it. */
#ifndef TEXT_H
#define TEXT_H

#include "base/base.h"

typedef struct Tokens { /* one encoded text, special tokens included */
    int32_t *id;
    int32_t *type; /* 0 first text, 1 second */
    int32_t *begin,
        *end;      /* offsets into the text it came from, in code points; 0,0 for special tokens */
    int32_t *word; /* index of the whitespace/punctuation word, -1 for special tokens */
    size_t n, cap;
    struct BpeRoom *room; /* the encoder's own: what it keeps from text to text */
} Tokens;

typedef struct Tokenizer Tokenizer;

/* folder: a released model's folder (tokenizer.json, else vocab.txt + tokenizer_config.json), or one such file. */
Status tokenizer_open(Err *e, Arena *a, const char *path, Tokenizer **out);
/* second may be NULL.  max_length 0: no truncation; else longest-first truncation counting special tokens.
 * Grows out's arrays in `a`; reusing one Tokens allocates nothing once it is large enough.
 * Thread-safe: a Tokenizer is read-only after opening. */
Status tokenizer_encode(Err *e, Arena *a, const Tokenizer *t, const char *first, size_t first_n,
                        const char *second, size_t second_n, int64_t max_length, Tokens *out);
char *tokenizer_decode(Err *e, Arena *a, const Tokenizer *t, const int32_t *ids, size_t n,
                       bool skip_special);
int64_t tokenizer_vocab(const Tokenizer *t);
const char *tokenizer_piece(const Tokenizer *t, int32_t id); /* NULL outside the vocabulary */
/* Copies the tokenizer's files beside a saved model, so that other tools load it. */
Status tokenizer_save(Err *e, Arena *a, const Tokenizer *t, const char *folder);

#endif
/* SPDX-License-Identifier: MIT */
