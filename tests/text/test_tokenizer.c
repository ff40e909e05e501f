/* test_tokenizer.c - opening, saving, decoding; what is tolerated beside what is refused. */
#include <stdio.h>
#include <string.h>

#include "test.h"
#include "text/text.h"

#define TINY "tests/golden/tokenizers/tiny-uncased.json"

static Tokenizer *open_at(Err *e, Arena *a, const char *path)
{
    Tokenizer *t = NULL;

    check_ok_at(__FILE__, __LINE__, tokenizer_open(e, a, path, &t), e);
    return t;
}

static const char *write_at(Arena *a, const char *name, const char *text)
{
    Err err = {0};
    const char *path = path_join(&err, a, test_folder(), name);
    Writer *w;

    CHECK_OK(writer_open(&err, a, path, &w));
    CHECK_OK(writer_put(&err, w, text, strlen(text)));
    CHECK_OK(writer_commit(&err, w));
    return path;
}

/* "id id id" of a text, special tokens included. */
static const char *ids(Arena *a, const Tokenizer *t, const char *text)
{
    Err err = {0};
    Tokens x = {0};
    const char *all = "";

    CHECK_OK(tokenizer_encode(&err, a, t, text, strlen(text), NULL, 0, 0, &x));
    for (size_t i = 0; i < x.n; i++)
        all = arena_printf(&err, a, "%s%s%d", all, i ? " " : "", x.id[i]);
    return all;
}

TEST(text_tokenizer_nothing_there)
{
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());
    Tokenizer *t;

    CHECK_INT(tokenizer_open(&err, a, "no/such/place", &t), E_NOINPUT);
    CHECK_HAS(err.text, "there is no tokenizer at \"no/such/place\"");
    CHECK_INT(tokenizer_open(&err, a, test_folder(), &t), E_NOINPUT);
    CHECK_HAS(err.text, "expected  tokenizer.json or vocab.txt");
    arena_free(a);
}

/* Saved and opened again it is the same, file for file. */
TEST(text_tokenizer_saves_its_files)
{
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());
    const char *folder = path_join(&err, a, test_folder(), "saved");
    Bytes before, after;

    CHECK_OK(dir_make(&err, sys_real(), folder));
    CHECK_OK(tokenizer_save(&err, a, open_at(&err, a, TINY), folder));
    CHECK_OK(file_read_all(&err, a, TINY, 1 << 20, &before));
    CHECK_OK(file_read_all(&err, a, path_join(&err, a, folder, "tokenizer.json"), 1 << 20, &after));
    CHECK_INT((int64_t)after.n, (int64_t)before.n);
    CHECK(!memcmp(before.data, after.data, before.n));
    CHECK_TEXT(ids(a, open_at(&err, a, folder), "the players"),
               ids(a, open_at(&err, a, TINY), "the players"));
    arena_free(a);
}

TEST(text_tokenizer_vocab_and_config)
{
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());
    const char *path =
        write_at(a, "vocab.txt",
                 "\xef\xbb\xbf[UNK]\r\n[CLS]\r\n[SEP]"
                 "\r\nA\r\na\r\n\xc3\xa9\r\ne\r\n\xe4\xb8\xad\r\n##\xe4\xb8\xad\r\n<s>");

    /* capitals in the vocabulary: case is kept */
    CHECK_TEXT(ids(a, open_at(&err, a, path), "A a \xc3\xa9 \xe4\xb8\xad\xe4\xb8\xad <s>"),
               "1 3 4 5 7 7 0 0 0 2");
    (void)write_at(
        a, "tokenizer_config.json",
        "{\"do_lower_case\": true, \"tokenize_chinese_chars\": false, \"model_max_length\": 512, "
        "\"cls_token\": {\"content\": \"<s>\", \"lstrip\": false}, \"mask_token\": null}");
    Tokenizer *t = open_at(&err, a, test_folder());
    CHECK_TEXT(ids(a, t, "A \xc3\xa9 \xe4\xb8\xad\xe4\xb8\xad <s>"), "9 4 6 7 8 9 2");
    CHECK_INT(tokenizer_vocab(t), 10);
    CHECK_TEXT(tokenizer_piece(t, 8), "##\xe4\xb8\xad");
    CHECK(!tokenizer_piece(t, 10) && !tokenizer_piece(t, -1));
    (void)write_at(a, "tokenizer_config.json",
                   "{\"do_lower_case\": true, \"strip_accents\": false}");
    CHECK_TEXT(ids(a, open_at(&err, a, path), "A \xc3\x89"), "1 4 5 2");
    arena_free(a);
}

/* A vocabulary of capitals and no config: case is kept. */
TEST(text_tokenizer_antiberty)
{
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());
    Tokenizer *t = open_at(&err, a, test_shared("data/models/antiberty/vocab.txt"));

    CHECK_TEXT(ids(a, t, "C D"), "2 6 7 3");
    CHECK_TEXT(tokenizer_decode(&err, a, t, (const int32_t[]){2, 6, 7, 3}, 4, true), "C D");
    arena_free(a);
}

TEST(text_tokenizer_tolerates_what_does_not_matter)
{
    static const char json[] =
        "{\"truncation\": {\"max_length\": 8, \"stride\": 99}, \"padding\": {\"strategy\": "
        "{\"Fixed\": 0}},"
        "\"model\": {\"vocab\": {\"a\": 1, \"[UNK]\": 0, \"##b\": 3, \"\": 2}, "
        "\"max_input_chars_per_word\": 2, "
        "\"unk_token\": \"[UNK]\", \"continuing_subword_prefix\": \"##\"}, \"pre_tokenizer\": "
        "{\"type\": "
        "\"BertPreTokenizer\"}, \"normalizer\": null, \"decoder\": null, \"post_processor\": null, "
        "\"added_tokens\": null}";
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());
    Tokenizer *t = open_at(&err, a, write_at(a, "tokenizer.json", json));
    Tokens x = {0};

    CHECK_TEXT(ids(a, t, "a ab A abb \vb"), "1 1 3 0 0 0");
    CHECK_OK(tokenizer_encode(&err, a, t, "a", 1, "ab a", 4, 3, &x));
    CHECK_INT((int64_t)x.n, 3);
    CHECK_INT(x.type[1], 1);
    CHECK_TEXT(tokenizer_decode(&err, a, t, x.id, x.n, true), "a a ##b");
    CHECK_OK(tokenizer_encode(&err, a, t, "", 0, "", 0, 0, &x));
    CHECK_INT((int64_t)x.n, 0);
    CHECK_TEXT(tokenizer_decode(&err, a, t, x.id, 0, true), "");
    arena_free(a);
}

/* Added tokens beyond the vocabulary, one that only stands alone, spaces eaten on either side. */
TEST(text_tokenizer_added_tokens)
{
    static const char json[] = "{\"model\": {\"type\": \"WordPiece\", \"vocab\": {\"[UNK]\": 0, "
                               "\"a\": 1, \"x\": 2}}, \"pre_tokenizer\": {\"type\": "
                               "\"BertPreTokenizer\"}, \"added_tokens\": [{\"id\": 3, \"content\": "
                               "\"\xe4\xb8\xad\", \"single_word\": true, "
                               "\"special\": false}, {\"id\": 5, \"content\": \"<b>\", \"lstrip\": "
                               "true, \"rstrip\": true, \"special\": true}]}";
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());
    Tokenizer *t = open_at(&err, a, write_at(a, "tokenizer.json", json));
    Tokens x = {0};

    CHECK_INT(tokenizer_vocab(t), 6);
    CHECK(!tokenizer_piece(t, 4));
    CHECK_TEXT(ids(a, t,
                   "\xe4\xb8\xad a\xe4\xb8\xad \xe4\xb8\xad\xcc\x81 .\xe4\xb8\xad. "
                   "\xc3\xa9\xe4\xb8\xad \xff\xe4\xb8\xad"),
               "3 0 0 0 3 0 0 0 3");
    CHECK_OK(tokenizer_encode(&err, a, t, "a \xc2\xa0<b>\t <b>x", 13, NULL, 0, 0, &x));
    CHECK_INT((int64_t)x.n, 4);
    CHECK_INT(x.begin[1], 1);
    CHECK_INT(x.end[1], 8);
    CHECK_INT(x.begin[2], 8);
    CHECK_INT(x.end[3], 12);
    CHECK_TEXT(tokenizer_decode(&err, a, t, x.id, x.n, true), "a x");
    CHECK_TEXT(tokenizer_decode(&err, a, t, x.id, x.n, false), "a <b> <b> x");
    CHECK_OK(tokenizer_encode(&err, a, t, "x <b> x", 7, NULL, 0, 1, &x));
    CHECK_INT((int64_t)x.n, 1);
    arena_free(a);
}

TEST(text_tokenizer_decodes_as_written)
{
    static const char vocab[] =
        "[UNK]\n[CLS]\n[SEP]\ndo\nn't\n##n\n.\n,\n!\n?\n'\n's\nnot\n're\n've\n'm";
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());
    Tokenizer *t = open_at(&err, a, write_at(a, "vocab.txt", vocab));
    const int32_t id[] = {1, 5, 3, 6, 7, 3, 4, 8, 9, 10, 11, 13, 14, 15, 99, 5, 2};

    /* as the tokenizers library decodes the same ids */
    CHECK_TEXT(tokenizer_decode(&err, a, t, id, LEN(id), true), "##n do., don't!? ''s're've'mn");
    arena_free(a);
}

/* SPDX-License-Identifier: MIT */
