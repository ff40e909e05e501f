/* tokenizer.h - inside of a tokenizer: what the readers fill and the encoder walks. */
#ifndef TOKENIZER_H
#define TOKENIZER_H

#include "text/text.h"
#include "text/trie.h"

#define TOKENIZER_FILE_MAX  ((size_t)64 << 20) /* bytes of one tokenizer file */
#define TOKENIZER_ID_MAX    ((int64_t)1 << 24) /* ids are below */
#define TOKENIZER_PIECE_MAX ((size_t)64 << 10) /* bytes of one piece */
#define TOKENIZER_ADDED_MAX ((size_t)1 << 10)  /* bytes of one added token */
#define TOKENIZER_PARTS_MAX 16                 /* parts of a template */
#define TOKENIZER_WORD_MAX  1000 /* characters of a word that is not unknown by its length */

/* What a code point is to the BERT pipeline (bert.def). */
enum {
    CHAR_REMOVED = 1,
    CHAR_SPACE = 2,
    CHAR_MARK = 4,
    CHAR_PUNCT = 8,
    CHAR_HAN = 16,
    CHAR_UPPER = 32,
};

typedef struct BertNormalizer {
    bool clean, han, strip, lower;
    uint8_t plain[256]; /* the byte a word gets for an ASCII byte; 0 where more is to be done */
    uint8_t class
        [0x20000]; /* CHAR_ flags of the first two planes: any living language, and emoji */
} BertNormalizer;

typedef enum { PART_SPECIAL, PART_FIRST, PART_SECOND } PartKind;

typedef struct TemplatePart {
    PartKind kind;
    int32_t id, type;
} TemplatePart;

typedef struct Template {
    int n, specials;
    TemplatePart part[TOKENIZER_PARTS_MAX];
} Template;

/* A token matched in the text as it was written, before anything else looks at it. */
typedef struct AddedToken {
    const char *content;
    size_t n;
    int32_t id;
    bool special, single_word, lstrip, rstrip;
    bool normalized; /* looked for in what those that are not leave */
} AddedToken;

#define ADDED_KINDS 2 /* raw, normalized */

typedef struct AddedSet {
    Trie trie; /* content to index in `added`; no edges: there is none */
    bool first[256];
} AddedSet;

/* What is done with an added token and with the text between two, until out holds `limit` tokens. */
typedef struct AddedWalk {
    const Tokenizer *t;
    const Tokens *out;
    size_t limit;
    Status (*text)(void *arg, const uint8_t *p, const uint8_t *end);
    Status (*token)(void *arg, const AddedToken *x, const uint8_t *p, const uint8_t *end);
    void *arg;
} AddedWalk;

/* One piece while the vocabulary is read; `where` is a line or a byte offset, for messages. */
typedef struct PieceEntry {
    const char *s;
    size_t n;
    int64_t id, where;
} PieceEntry;

typedef struct SavedFile {
    const char *name, *path;
    Bytes bytes;
} SavedFile;

typedef enum { DECODE_PLAIN, DECODE_WORDPIECE, DECODE_BYTES } DecodeKind;

struct Tokenizer {
    const char *path; /* the file that was read */
    struct Bpe *bpe;  /* NULL: word pieces */
    int64_t pieces;   /* ids are 0..pieces-1; a hole has a NULL piece */
    const char **piece;
    Trie trie;          /* of the vocabulary */
    uint32_t continued; /* the node that the continuing prefix leads to; 0 when no piece has it */
    const char *prefix;
    size_t prefix_n;
    int32_t unk;
    int word_max;
    BertNormalizer norm;
    Template single, pair;
    AddedToken *added;
    size_t added_n, added_cap;
    AddedSet set[ADDED_KINDS];
    DecodeKind decode;
    bool decode_cleanup; /* a WordPiece decoder's clean-up of spaces */
    bool trim;           /* offsets leave out the spaces of a piece, */
    bool trim_prefix;    /* but for the one that was put before the text */
    SavedFile saved[8];
    int saved_n;
};

/* The flags of any code point. */
unsigned bert_class(uint32_t c);
/* Its lower case: one code point, or two for U+0130.  Returns how many. */
int bert_lower(uint32_t c, uint32_t out[2]);
/* After clean, han, strip and lower are set. */
void bert_prepare(BertNormalizer *n);

/* vocabulary.c: entries to pieces and trie.  unit is "line" or "byte", what `where` counts. */
Status vocabulary_build(Err *e, Arena *a, Tokenizer *t, const PieceEntry *entry, size_t n,
                        const char *unit);
Status vocabulary_prefix(Err *e, Arena *a, Tokenizer *t, const char *prefix, size_t n);
/* id of a piece or an added token, -1 when it is neither */
int32_t vocabulary_find(const Tokenizer *t, const char *s, size_t n);
Status added_build(Err *e, Arena *a, Tokenizer *t);
const AddedToken *added_find(const Tokenizer *t, const char *s, size_t n); /* by content, or NULL */
/* added.c */
Status added_walk(const AddedWalk *w, Bytes text);

Status tokenizer_json_read(Err *e, Arena *a, Tokenizer *t, Bytes text);
/* template.c: [CLS] A [SEP] and [CLS] A [SEP] B [SEP]; <s> A </s> and <s> A </s></s> B </s>; A and A B */
void template_bert(Tokenizer *t, int32_t cls, int32_t sep);
void template_roberta(Tokenizer *t, int32_t cls, int32_t sep);
void template_plain(Tokenizer *t);
typedef struct BpeFiles { /* NULL: not there */
    const SavedFile *vocab, *merges, *config, *map, *added, *model;
} BpeFiles;

Status vocab_bpe_read(Err *e, Arena *a, Tokenizer *t, const BpeFiles *f);
/* config: tokenizer_config.json, or NULL */
Status vocab_txt_read(Err *e, Arena *a, Tokenizer *t, Bytes text, const SavedFile *config);

/* wordpiece.c, bpe.c: append the tokens of one text to out, at most `limit` of them. */
Status bpe_encode(Err *e, Arena *a, const Tokenizer *t, Bytes text, size_t limit, Tokens *out);
Status wordpiece_encode(Err *e, Arena *a, const Tokenizer *t, Bytes text, size_t limit,
                        Tokens *out);
Status tokens_reserve(Err *e, Arena *a, Tokens *out, size_t more);

#endif

/* SPDX-License-Identifier: MIT */
