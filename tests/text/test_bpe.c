/* test_bpe.c - ids, offsets, words and decoding of byte-level BPE equal the reference's; time is n log n. */
#include <stdio.h>
#include <string.h>

#include "golden.h"
#include "test.h"
#include "text/tokenizer.h"

#define GPT2 "data/vocab/gpt2-bpe"

static void row_check(const GoldenRow *row, void *arg)
{
    golden_check(arg, row);
}

static Tokenizer *open_at(Err *e, Arena *a, const char *path)
{
    Tokenizer *t;

    check_ok_at(__FILE__, __LINE__, tokenizer_open(e, a, path, &t), e);
    return t;
}

static void write_at(Arena *a, const char *name, const void *data, size_t n)
{
    Err err = {0};
    Writer *w;

    CHECK_OK(writer_open(&err, a, path_join(&err, a, test_folder(), name), &w));
    CHECK_OK(writer_put(&err, w, data, n));
    CHECK_OK(writer_commit(&err, w));
}

static void copy_from(Arena *a, const char *from, const char *name)
{
    Err err = {0};
    Bytes b;

    CHECK_OK(file_read_all(&err, a, from, 1 << 24, &b));
    write_at(a, name, b.data, b.n);
}

/* RoBERTa's and GPT-2's post-processors, added tokens of all sorts, alphabets with gaps (tools/golden/tiny_bpe.py). */
TEST(text_bpe_tiny)
{
    static const char *const name[] = {
        "bpe-roberta", "bpe-roberta-prefix", "bpe-untrimmed-prefix",
        "bpe-bytes",   "bpe-template",       "bpe-gaps",
        "bpe-unknown", "bpe-unknown-fused",  "bpe-whole-texts",
    };
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());

    for (size_t i = 0; i < LEN(name); i++) {
        const char *at = arena_printf(&err, a, "tests/golden/tokenizers/%s", name[i]);
        Tokenizer *t = open_at(&err, a, arena_printf(&err, a, "%s.json", at));

        golden_rows(arena_printf(&err, a, "%s.jsonl", at), row_check, t);
    }
    arena_free(a);
}

/* vocab.json and merges.txt, with and without files that name the special tokens. */
TEST(text_bpe_folders)
{
    static const char *const name[] = {"bpe-folder-roberta", "bpe-folder-gpt2", "bpe-folder-bare"};
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());

    for (size_t i = 0; i < LEN(name); i++) {
        const char *at = arena_printf(&err, a, "tests/golden/tokenizers/%s", name[i]);

        golden_rows(arena_printf(&err, a, "%s.jsonl", at), row_check, open_at(&err, a, at));
        golden_rows(arena_printf(&err, a, "%s.jsonl", at), row_check,
                    open_at(&err, a, arena_printf(&err, a, "%s/merges.txt", at)));
    }
    arena_free(a);
}

static void config_at(Arena *a, const char *config)
{
    write_at(a, "tokenizer_config.json", config, strlen(config));
}

static const char *ids(Arena *a, const char *first, const char *second)
{
    Err err = {0};
    Tokens x = {0};
    const char *all = "";

    CHECK_OK(tokenizer_encode(&err, a, open_at(&err, a, test_folder()), first, strlen(first),
                              second, second ? strlen(second) : 0, 0, &x));
    for (size_t i = 0; i < x.n; i++)
        all = arena_printf(&err, a, "%s%s%d:%d", all, i ? " " : "", x.id[i], x.type[i]);
    return all;
}

/* What GPT-2 puts around texts when its settings ask for it. */
TEST(text_bpe_begins_and_ends)
{
#define NAMES_                                                                                     \
    "\"tokenizer_class\": \"GPT2Tokenizer\", \"bos_token\": \"<s>\", \"eos_token\": \"</s>\""
    Arena *a = test_arena();

    copy_from(a, "tests/golden/tokenizers/bpe-folder-bare/vocab.json", "vocab.json");
    copy_from(a, "tests/golden/tokenizers/bpe-folder-bare/merges.txt", "merges.txt");
    config_at(a, "{" NAMES_ "}");
    const char *x = ids(a, "a", NULL), *y = ids(a, "b", NULL), *second = ids(a, "", "b");
    Err err = {0};
    CHECK_TEXT(ids(a, "a", "b"), arena_printf(&err, a, "%s %s", x, second));
    config_at(a, "{" NAMES_ ", \"add_bos_token\": true}");
    CHECK_TEXT(ids(a, "a", NULL), arena_printf(&err, a, "0:0 %s", x));
    CHECK_TEXT(ids(a, "a", "b"), arena_printf(&err, a, "0:0 %s 0:1 %s", x, second));
    config_at(a, "{" NAMES_ ", \"add_eos_token\": true}");
    CHECK_TEXT(ids(a, "b", NULL), arena_printf(&err, a, "%s 2:0", y));
    CHECK_TEXT(ids(a, "a", "b"), arena_printf(&err, a, "%s 2:0 %s 2:1", x, second));
    config_at(a, "{" NAMES_ ", \"add_bos_token\": true, \"add_eos_token\": true}");
    CHECK_TEXT(ids(a, "a", NULL), arena_printf(&err, a, "0:0 %s 2:0", x));
    CHECK_TEXT(ids(a, "a", "b"), arena_printf(&err, a, "0:0 %s 2:0 0:1 %s 2:1", x, second));
#undef NAMES_
}

/* The rows were made without any added token. */
TEST(text_bpe_gpt2_all_rows)
{
    static const char config[] = "{\"tokenizer_class\": \"GPT2Tokenizer\", \"unk_token\": null, "
                                 "\"bos_token\": null, \"eos_token\": null}";
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());

    copy_from(a, test_shared(GPT2 "/encoder.json"), "encoder.json");
    copy_from(a, test_shared(GPT2 "/vocab.bpe"), "vocab.bpe");
    write_at(a, "tokenizer_config.json", config, sizeof config - 1);
    golden_rows(test_shared("golden/tokenizers/gpt2-bytelevel-bpe.jsonl"), row_check,
                open_at(&err, a, test_folder()));
    arena_free(a);
}

/* Bytes that are no text are U+FFFD, one for each maximal subpart; offsets count it as one code point. */
TEST(text_bpe_bytes_that_are_no_text)
{
    static const char
        text[] = "the\xff the \xe2\x82 \xed\xa0\x80\xc3\xa9",
        *same = "the\xef\xbf\xbd the \xef\xbf\xbd \xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xc3\xa9";
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());
    Tokenizer *t = open_at(&err, a, "tests/golden/tokenizers/bpe-roberta-prefix.json");
    Tokens x = {0}, y = {0};

    CHECK_OK(tokenizer_encode(&err, a, t, text, sizeof text - 1, NULL, 0, 0, &x));
    CHECK_OK(tokenizer_encode(&err, a, t, same, strlen(same), NULL, 0, 0, &y));
    CHECK_INT((int64_t)x.n, (int64_t)y.n);
    CHECK(!memcmp(x.id, y.id, x.n * sizeof *x.id));
    CHECK(!memcmp(x.begin, y.begin, x.n * sizeof *x.begin));
    CHECK(!memcmp(x.end, y.end, x.n * sizeof *x.end));
    CHECK_TEXT(tokenizer_decode(&err, a, t, x.id, x.n, true), arena_printf(&err, a, " %s", same));
    arena_free(a);
}

/* 1 MiB of each, one word or many, are a second's work; what is quadratic runs into the runner's limit. */
TEST(text_bpe_is_not_quadratic)
{
    static const char *const unit[] = {"a",   "\xcc\x81",     "'",    "<mask>", "players ",
                                       " ",   "\xe4\xb8\xad", "\xff", " \n",    "ab",
                                       "<x> "};
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());
    Tokenizer *t = open_at(&err, a, "tests/golden/tokenizers/bpe-roberta.json");
    size_t n = (size_t)1 << 20;
    char *text = NEWS(&err, a, char, n);
    Tokens x = {0};

    for (size_t u = 0; u < LEN(unit); u++) {
        size_t k = strlen(unit[u]);

        for (size_t i = 0; i < n; i++)
            text[i] = unit[u][i % k];
        CHECK_OK(tokenizer_encode(&err, a, t, text, n, NULL, 0, 0, &x));
        CHECK(x.n >= 3 && x.n <= 3 * n + 2);
    }
    arena_free(a);
}

/* One Tokens for many texts allocates nothing more, and takes another tokenizer without mixing words. */
TEST(text_bpe_reuses_its_room)
{
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());
    Tokenizer *t[2] = {open_at(&err, a, "tests/golden/tokenizers/bpe-roberta.json"),
                       open_at(&err, a, "tests/golden/tokenizers/bpe-folder-gpt2")};
    Tokens x = {0}, y = {0};

    for (int i = 0; i < 4; i++) {
        CHECK_OK(tokenizer_encode(&err, a, t[i % 2], "the players play", 16, NULL, 0, 0, &x));
        y = (Tokens){0};
        CHECK_OK(tokenizer_encode(&err, a, t[i % 2], "the players play", 16, NULL, 0, 0, &y));
        CHECK_INT((int64_t)x.n, (int64_t)y.n);
        CHECK(!memcmp(x.id, y.id, x.n * sizeof *x.id));
    }
    CHECK_INT(tokenizer_encode(&err, a, t[0], "a", 1, NULL, 0, 1, &x), E_USAGE);
    arena_free(a);
}

/* A file cut anywhere is refused, but where only its line end is missing. */
TEST(text_bpe_cut_at_every_byte)
{
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());
    const char *folder = "tests/golden/tokenizers/bpe-folder-bare";
    SavedFile file[2] = {{.path = path_join(&err, a, folder, "vocab.json")},
                         {.path = path_join(&err, a, folder, "merges.txt")}};
    BpeFiles f = {.vocab = &file[0], .merges = &file[1]};
    int whole = 0;

    for (size_t i = 0; i < LEN(file); i++)
        CHECK_OK(file_read_all(&err, a, file[i].path, 1 << 20, &file[i].bytes));
    for (size_t i = 0; i < LEN(file); i++) {
        size_t n = file[i].bytes.n;

        for (file[i].bytes.n = 0; file[i].bytes.n < n; file[i].bytes.n++) {
            Arena *one = arena_child(&err, a);
            Tokenizer *t = NEW(&err, one, Tokenizer);

            t->path = "cut";
            Status s = vocab_bpe_read(&err, one, t, &f);
            CHECK(s == E_OK || s == E_DATA);
            CHECK(s != E_OK || i == 1); /* an object has an end */
            whole += s == E_OK;
            arena_free(one);
        }
        file[i].bytes.n = n;
    }
    CHECK(whole > 0); /* of merges.txt: before and after each line end */
    arena_free(a);
}

/* Saved under the names that other tools know, whatever they were read as. */
TEST(text_bpe_saves_its_files)
{
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());
    const char *folder = path_join(&err, a, test_folder(), "saved");
    const char *from = path_join(&err, a, test_folder(), "from");
    static const char *const was[] = {"vocab.json", "merges.txt", "special_tokens_map.json",
                                      "added_tokens.json", "tokenizer_config.json"};
    static const char *const as[] = {"encoder.json", "vocab.bpe", "special_tokens_map.json",
                                     "added_tokens.json", "tokenizer_config.json"};

    CHECK_OK(dir_make(&err, sys_real(), folder));
    CHECK_OK(dir_make(&err, sys_real(), from));
    for (size_t i = 0; i < LEN(was); i++)
        copy_from(a, arena_printf(&err, a, "tests/golden/tokenizers/bpe-folder-roberta/%s", was[i]),
                  arena_printf(&err, a, "from/%s", as[i]));
    CHECK_OK(tokenizer_save(&err, a, open_at(&err, a, from), folder));
    for (size_t i = 0; i < LEN(was); i++)
        CHECK(path_kind(sys_real(), path_join(&err, a, folder, was[i])) == PATH_FILE);
    golden_rows("tests/golden/tokenizers/bpe-folder-roberta.jsonl", row_check,
                open_at(&err, a, folder));
    arena_free(a);
}

/* SPDX-License-Identifier: MIT */
