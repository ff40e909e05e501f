/* tokenizer.c - fuzz target: tokenizer.json (a text that begins with '{') or vocab.txt, a tokenizer_config.json
 * beside a good vocabulary, and each of the files that go with vocab.json.  What is accepted must encode and decode: ids are pieces,
 * offsets lie in the text in order.
 * Parser: text/tokenizer_json.c text/model_json.c text/vocab_txt.c text/vocab_bpe.c text/bpe_config.c text/bpe_build.c text/vocabulary.c text/template.c text/fields.c text/trie.c */
#include <stdlib.h>
#include <string.h>

#include "text/bpe.h"
#include "text/tokenizer.h"
#include "text/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void use(Err *e, Arena *a, const Tokenizer *t)
{
    static const char text[] = "a [CLS] Ab\xc3\xa9[UNK]aa\xe4\xb8\xad, aab \xff!";
    Tokens x = {0};
    int32_t length = 0;
    bool bad = false;
    uint32_t c;

    for (const uint8_t *p = (const uint8_t *)text, *end = p + sizeof text - 1; p < end; length++)
        p += utf8_get(p, end, &c, &bad);
    if (tokenizer_encode(e, a, t, text, sizeof text - 1, text, 9, 0, &x))
        abort();
    if (t->bpe && !t->bpe->whole)
        length = INT32_MAX; /* what comes behind a gap moves, as in the reference */
    for (size_t i = 0; i < x.n; i++)
        if (!tokenizer_piece(t, x.id[i]) || x.begin[i] < 0 || x.end[i] < x.begin[i] ||
            x.end[i] > length || x.type[i] < 0 || x.type[i] > 1)
            abort();
    if (!tokenizer_decode(e, a, t, x.id, x.n, false) || !tokenizer_decode(e, a, t, x.id, x.n, true))
        abort();
    (void)tokenizer_encode(e, a, t, text, sizeof text - 1, text, 9, 5, &x);
}

static Status read_bytes(Err *e, Arena *a, Tokenizer *t, Bytes b)
{
    if (b.n && b.data[0] == '{')
        return tokenizer_json_read(e, a, t, b);
    return vocab_txt_read(e, a, t, b, NULL);
}

static Status read_config(Err *e, Arena *a, Tokenizer *t, Bytes b)
{
    static const char vocab[] = "[UNK]\n[CLS]\n[SEP]\na\n##b\n";
    SavedFile config = {"tokenizer_config.json", "config", b};

    return vocab_txt_read(e, a, t, (Bytes){(const uint8_t *)vocab, sizeof vocab - 1}, &config);
}

/* As one of the files of a pair, beside the others as they should be. */
static Status read_part(Err *e, Arena *a, Tokenizer *t, Bytes b, int which)
{
    static const char vocab[] =
        "{\"<s>\": 0, \"</s>\": 1, \"a\": 2, \"b\": 3, \"ab\": 4, \"aba\": 5, "
        "\"\xc4\xa0\": 6, \"\xc4\xa0\x61\": 7}";
    static const char merges[] = "#version: 0.2\na b\n\xc4\xa0 a\nab a\n";
    SavedFile file[6] = {{.bytes = {(const uint8_t *)vocab, sizeof vocab - 1}},
                         {.bytes = {(const uint8_t *)merges, sizeof merges - 1}}};
    const SavedFile *f[6] = {&file[0], &file[1]};

    for (size_t i = 0; i < LEN(file); i++)
        file[i].path = "part";
    file[which].bytes = b;
    f[which] = &file[which];
    return vocab_bpe_read(e, a, t, &(BpeFiles){f[0], f[1], f[2], f[3], f[4], f[5]});
}

#define PART_READER(function, which)                                                               \
    static Status function(Err *e, Arena *a, Tokenizer *t, Bytes b)                                \
    {                                                                                              \
        return read_part(e, a, t, b, which);                                                       \
    }
PART_READER(read_vocab, 0)
PART_READER(read_merges, 1)
PART_READER(read_settings, 2)
PART_READER(read_map, 3)
PART_READER(read_added, 4)
PART_READER(read_model, 5)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static Status (*const readers[])(Err *, Arena *, Tokenizer *,
                                     Bytes) = {read_bytes,    read_config, read_vocab, read_merges,
                                               read_settings, read_map,    read_added, read_model};

    for (size_t i = 0; i < LEN(readers); i++) {
        Err err = {0};
        Arena *a = arena_new(&err, sys_real());
        Tokenizer *t = a ? NEW(&err, a, Tokenizer) : NULL;

        if (t) {
            t->path = "input";
            if (!readers[i](&err, a, t, (Bytes){data, n}))
                use(&err, a, t);
            else if (!err.used)
                abort(); /* a refusal says why */
        }
        arena_free(a);
    }
    return 0;
}

/* SPDX-License-Identifier: MIT */
