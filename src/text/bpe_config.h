/* bpe_config.h - what the files beside vocab.json and merges.txt say. */
#ifndef BPE_CONFIG_H
#define BPE_CONFIG_H

#include "text/fields.h"
#include "text/tokenizer.h"

typedef struct SpecialName {
    Text name;
    bool lstrip, rstrip, single_word, normalized;
    bool given; /* by a file, not by the kind's habit */
} SpecialName;

typedef struct NumberedToken {
    int64_t id;
    bool special;
    SpecialName token;
} NumberedToken;

enum { NAME_UNK, NAME_BOS, NAME_EOS, NAME_SEP, NAME_CLS, NAME_PAD, NAME_MASK, NAMES };
extern const char *const bpe_name_keys[NAMES];

typedef enum { BPE_GPT2, BPE_ROBERTA } BpeKind;

typedef struct BpeConfig {
    BpeKind kind;
    int add_prefix_space, trim_offsets, add_bos, add_eos; /* -1: not said */
    Text class;
    SpecialName name[NAMES];
    SpecialName *extra;
    size_t extras, extras_cap;
    NumberedToken *row; /* added_tokens_decoder, else added_tokens.json */
    size_t rows, rows_cap;
    bool has_decoder;
} BpeConfig;

/* After the vocabulary stands. */
Status bpe_config_read(Err *e, Arena *a, const Tokenizer *t, const BpeFiles *f, BpeConfig *out);

#endif

/* SPDX-License-Identifier: MIT */
