/* model_json.h - the model section of tokenizer.json: WordPiece, or BPE over bytes. */
#ifndef MODEL_JSON_H
#define MODEL_JSON_H

#include "text/bpe.h"

typedef struct ModelSection {
    bool present;
    size_t offset;
    Text type, unk_token, prefix, suffix;
    int64_t max_chars;
    int fuse_unk, byte_fallback, ignore_merges; /* -1: null, -2: absent */
    PieceEntry *entry;
    size_t n, cap;
    bool has_merges;
    MergeRow *merge;
    size_t merges, merges_cap;
    UnknownField dropout, unknown;
} ModelSection;

Status model_read(Err *e, FieldReader *r, const JsonToken *v, ModelSection *m);
/* Sets what a file without a type must be, and refuses what the type does not know. */
Status model_check(Err *e, const FieldReader *r, ModelSection *m);
Status model_wordpiece(Err *e, FieldReader *r, const ModelSection *m, Tokenizer *t);
Status model_bpe(Err *e, FieldReader *r, const ModelSection *m, bool prefix_space, bool words,
                 Tokenizer *t);
/* {"piece": id, ...} */
Status pieces_read(Err *e, FieldReader *r, const JsonToken *v, PieceEntry **entry, size_t *n);
/* "a b", split at its only space; false when it is not that */
bool merge_split(const char *s, size_t n, MergeRow *out);

#endif

/* SPDX-License-Identifier: MIT */
