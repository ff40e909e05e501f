/* wordpiece.c - fuzz target: any bytes as a text.  Oracles: offsets lie in the text in order; a text cut at
 * a line end is the sum of its halves; a shorter maximum gives the beginning of the same tokens.
 * Parser: text/wordpiece.c text/bert_char.c */
#include <stdlib.h>
#include <string.h>

#include "text/tokenizer.h"
#include "text/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const char vocab[] =
    "[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nb\nc\ne\nab\n##a\n##b\n##ab\n##aba\n.\n,\n[\n]\ni\n##n"
    "\n\xe4\xb8\xad\n\xe1\x84\x92\n##\xe1\x85\xa1\n\xd0\xb0\n##\xd0\xb0\n1\n##2\n";

/* Tokens that take the spaces around them, or only stand alone. */
static const char added[] =
    "{\"added_tokens\": ["
    "{\"id\": 9, \"content\": \"[MASK]\", \"lstrip\": true, \"special\": true},"
    "{\"id\": 10, \"content\": \"<r>\", \"rstrip\": true},"
    "{\"id\": 11, \"content\": \"<b>\", \"lstrip\": true, \"rstrip\": true},"
    "{\"id\": 12, \"content\": \"ab\", \"single_word\": true},"
    "{\"id\": 13, \"content\": \"\xe4\xb8\xad\", \"single_word\": true}],"
    "\"normalizer\": {\"type\": \"BertNormalizer\"}, \"pre_tokenizer\": {\"type\": "
    "\"BertPreTokenizer\"},"
    "\"post_processor\": {\"type\": \"BertProcessing\", \"cls\": [\"[CLS]\", 1], \"sep\": "
    "[\"[SEP]\", 2]},"
    "\"model\": {\"type\": \"WordPiece\", \"vocab\": {\"[UNK]\": 0, \"[CLS]\": 1, \"[SEP]\": 2, "
    "\"a\": 3,"
    " \"##a\": 4, \"b\": 5, \"##b\": 6, \".\": 7, \"i\": 8}}}";

static void encode(Arena *a, const Tokenizer *t, const uint8_t *s, size_t n, int64_t most,
                   Tokens *x)
{
    Err err = {0};

    if (tokenizer_encode(&err, a, t, (const char *)s, n, NULL, 0, most, x))
        abort();
}

static void same(const Tokens *x, size_t at, const Tokens *y, size_t n)
{
    if (at + n + 1 > x->n || memcmp(x->id + at, y->id + 1, n * sizeof(int32_t)) != 0)
        abort();
}

/* `lines`: no token reaches over a line's end. */
static void check(Arena *a, const Tokenizer *t, bool lines, const uint8_t *data, size_t n)
{
    Tokens x = {0}, y = {0};
    int32_t length = 0, before = 0;
    const uint8_t *nl = memchr(data, '\n', n);
    bool bad = false;
    uint32_t c;

    encode(a, t, data, n, 0, &x);
    for (const uint8_t *p = data; p < data + n; length++)
        p += utf8_get(p, data + n, &c, &bad);
    for (size_t i = 1; i + 1 < x.n; before = x.begin[i++])
        if (x.begin[i] < before || x.end[i] <= x.begin[i] || x.end[i] > length || x.word[i] < 0 ||
            !tokenizer_piece(t, x.id[i]))
            abort();
    encode(a, t, data, n, 5, &y);
    same(&x, 1, &y, y.n - 2);
    if (nl && lines) {
        encode(a, t, data, (size_t)(nl - data), 0, &y);
        size_t half = y.n - 2;
        same(&x, 1, &y, half);
        encode(a, t, nl, n - (size_t)(nl - data), 0, &y);
        same(&x, 1 + half, &y, y.n - 2);
        if (x.n != half + y.n)
            abort();
    }
}

/* Opened once: building one takes longer than a short text.  `settings` NULL: the one with added tokens. */
static Tokenizer *tokenizer_of(const char *settings)
{
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());
    Tokenizer *t = a ? NEW(&err, a, Tokenizer) : NULL;
    SavedFile config = {"", "config", {(const uint8_t *)settings, settings ? strlen(settings) : 0}};

    if (!t)
        abort();
    t->path = "vocab";
    if (settings
            ? vocab_txt_read(&err, a, t, (Bytes){(const uint8_t *)vocab, sizeof vocab - 1}, &config)
            : tokenizer_json_read(&err, a, t, (Bytes){(const uint8_t *)added, sizeof added - 1}))
        abort();
    return t;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static Tokenizer *tokenizer[3];
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());

    if (!tokenizer[0]) {
        tokenizer[0] = tokenizer_of("{\"do_lower_case\": true}");
        tokenizer[1] = tokenizer_of("{\"do_lower_case\": false}");
        tokenizer[2] = tokenizer_of(NULL);
    }
    for (size_t i = 0; i < LEN(tokenizer) && a; i++)
        check(a, tokenizer[i], i < 2, data, n);
    arena_free(a);
    return 0;
}

/* SPDX-License-Identifier: MIT */
