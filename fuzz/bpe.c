/* bpe.c - fuzz target: any bytes as a text for byte-level BPE, with vocabularies of all bytes and of some.  Oracles: offsets lie in the text; decoding gives
 * the text again; one word merged by the heap equals it merged by looking at all pairs; a second time, from
 * the words kept, gives the same; a shorter maximum gives the beginning of the same tokens.
 * Parser: text/bpe.c text/bpe_merge.c text/bpe_words.c text/gpt2_split.c text/added.c text/bytes_text.c */
#include <stdlib.h>
#include <string.h>

#include "text/bpe.h"
#include "text/bytes_text.h"
#include "text/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* Merges of letters, of a space and a letter, of parts of characters, and of runs. */
static const char merges[] =
    "a b\n\xc4\xa0 a\nab a\n\xc3\x83 \xc2\xa9\na a\naa aa\nt h\nth e\n\xc4\xa0 the\n"
    "\xc4\xa0 \xc4\xa0\n! !\n1 2\ne s\n' s\n\xc3\xb0 \xc5\x81\nb aa\n";

/* Tokens that take the spaces around them, or only stand alone. */
static const char config[] =
    "{\"tokenizer_class\": \"RobertaTokenizer\", \"add_prefix_space\": %s, \"trim_offsets\": %s, "
    "\"added_tokens_decoder\": {"
    "\"2\": {\"content\": \"<m>\", \"lstrip\": true, \"special\": true},"
    "\"3\": {\"content\": \"<r>\", \"rstrip\": true, \"normalized\": true},"
    "\"4\": {\"content\": \"aba\", \"single_word\": true, \"normalized\": true}}}";

/* The vocabulary: specials, the 256 bytes, what the merges make. */
static const char *vocabulary(Err *e, Arena *a)
{
    const char *all = "{\"<s>\": 0, \"</s>\": 1, \"<m>\": 2, \"<r>\": 3, \"aba\": 4";
    int id = 5;

    for (int i = 0; i < 256 && all; i++) {
        char utf8[5] = {0};

        (void)utf8_put((uint8_t *)utf8, byte_char((uint8_t)i));
        const char *escape = i == '"' || i == '\\' ? "\\" : "";
        all = arena_printf(e, a, "%s, \"%s%s\": %d", all, escape, utf8, id++);
    }
    for (const char *p = merges; *p && all;) {
        size_t n = strcspn(p, "\n"), k = strcspn(p, " ");

        if (!(n == 4 && !memcmp(p, "ab a", 4))) /* aba is there */
            all = arena_printf(e, a, "%s, \"%.*s%.*s\": %d", all, (int)k, p, (int)(n - k - 1),
                               p + k + 1, id++);
        p += n + 1;
    }
    return all ? arena_printf(e, a, "%s}", all) : NULL;
}

/* gaps: some bytes have no piece, and are unknown or, with unk -1, left out. */
static Tokenizer *tokenizer_of(bool prefix, bool trim, bool gaps, int32_t unk)
{
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());
    Tokenizer *t = a ? NEW(&err, a, Tokenizer) : NULL;
    const char *vocab = a ? vocabulary(&err, a) : NULL;
    char *settings =
        a ? arena_printf(&err, a, config, prefix ? "true" : "false", trim ? "true" : "false")
          : NULL;

    if (!t || !vocab || !settings)
        abort();
    t->path = "vocab";
    SavedFile v = {NULL, "vocab", {(const uint8_t *)vocab, strlen(vocab)}};
    SavedFile m = {NULL, "merges", {(const uint8_t *)merges, sizeof merges - 1}};
    SavedFile c = {NULL, "config", {(const uint8_t *)settings, strlen(settings)}};
    if (vocab_bpe_read(&err, a, t, &(BpeFiles){.vocab = &v, .merges = &m, .config = &c}))
        abort();
    if (gaps) {
        t->bpe->whole = false;
        t->bpe->byte['e'] = t->bpe->byte[' '] = t->bpe->byte[0xc3] = -1;
        t->bpe->unk = unk;
        t->bpe->fuse_unk = prefix;
        t->bpe->ignore_merges = trim;
    }
    return t;
}

static void encode(Arena *a, const Tokenizer *t, const uint8_t *s, size_t n, int64_t most,
                   Tokens *x)
{
    Err err = {0};

    if (tokenizer_encode(&err, a, t, (const char *)s, n, NULL, 0, most, x))
        abort();
}

/* The text with U+FFFD for what is no text; *length: its code points. */
static uint8_t *cleaned(Arena *a, const uint8_t *data, size_t n, size_t *bytes, int32_t *length)
{
    Err err = {0};
    uint8_t *out = NEWS(&err, a, uint8_t, 3 * n + 1);
    bool bad = false;
    uint32_t c;

    if (!out)
        abort();
    *bytes = 0;
    *length = 0;
    for (const uint8_t *p = data; p < data + n; ++*length) {
        p += utf8_get(p, data + n, &c, &bad);
        *bytes += (size_t)utf8_put(out + *bytes, c);
    }
    return out;
}

static void check(Arena *a, const Tokenizer *t, const uint8_t *data, size_t n)
{
    Err err = {0};
    Tokens x = {0}, y = {0};
    int32_t length;
    size_t bytes;
    const uint8_t *clean = cleaned(a, data, n, &bytes, &length);

    encode(a, t, data, n, 0, &x);
    for (size_t i = 1; i + 1 < x.n; i++)
        if (x.begin[i] < 0 || x.end[i] < x.begin[i] || x.end[i] > length || x.word[i] < 0 ||
            !tokenizer_piece(t, x.id[i]))
            abort();
    encode(a, t, clean, bytes, 0, &y);
    encode(a, t, clean, bytes, 0, &y);
    if (x.n != y.n || memcmp(x.id, y.id, x.n * sizeof *x.id) != 0 ||
        memcmp(x.begin, y.begin, x.n * sizeof *x.begin) != 0)
        abort();
    encode(a, t, data, n, 6, &y);
    if (y.n > x.n || memcmp(x.id, y.id, (y.n - 1) * sizeof *x.id) != 0)
        abort();
    bool plain = t->bpe->whole && !t->bpe->prefix_space && !memchr(clean, 0, bytes) &&
                 !memchr(clean, '<', bytes);
    const char *again = tokenizer_decode(&err, a, t, x.id, x.n, true);
    if (!again || (plain && (strlen(again) != bytes || memcmp(again, clean, bytes) != 0)))
        abort();
}

/* All bytes of a text as one word, both ways. */
static void one_word(Arena *a, const Tokenizer *t, const uint8_t *data, size_t n)
{
    Err err = {0};
    BpeRoom room = {0};
    int32_t id[BPE_SHORT];
    size_t parts, k = 0;

    if (!n || n > BPE_SHORT)
        return;
    for (size_t i = 0; i < n; i++)
        id[i] = t->bpe->byte[data[i]];
    size_t left = bpe_merge_short(t->bpe, id, n);
    if (bpe_merge_long(&err, a, t->bpe, &room, (Bytes){data, n}, &parts))
        abort();
    for (size_t i = 0; i < parts; i++)
        if (room.part[i].bytes && (k == left || room.part[i].id != id[k++]))
            abort();
    if (k != left)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static Tokenizer *tokenizer[6];
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());

    if (!tokenizer[0]) {
        tokenizer[0] = tokenizer_of(false, false, false, -1);
        tokenizer[1] = tokenizer_of(true, true, false, -1);
        tokenizer[2] = tokenizer_of(false, true, false, -1);
        tokenizer[3] = tokenizer_of(false, true, true, -1);
        tokenizer[4] = tokenizer_of(true, false, true, 1);
        tokenizer[5] = tokenizer_of(false, false, true, 1);
    }
    for (size_t i = 0; i < LEN(tokenizer) && a; i++)
        check(a, tokenizer[i], data, n);
    if (a)
        one_word(a, tokenizer[0], data, n);
    arena_free(a);
    return 0;
}

/* SPDX-License-Identifier: MIT */
