/* test_wordpiece.c - ids, offsets, words, truncation and decoding equal the reference's; time is linear. */
#include <string.h>

#include "golden.h"
#include "test.h"

#define MINILM "data/models/all-minilm-l6-v2/"

static void row_check(const GoldenRow *row, void *arg)
{
    golden_check(arg, row);
}

static void pair_check(const GoldenRow *row, void *arg)
{
    GoldenRow cut = *row;

    cut.max = 32;
    golden_check(arg, &cut);
}

static Tokenizer *open_at(Err *e, Arena *a, const char *path)
{
    Tokenizer *t;

    check_ok_at(__FILE__, __LINE__, tokenizer_open(e, a, path, &t), e);
    return t;
}

TEST(text_wordpiece_tiny_uncased)
{
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());

    golden_rows("tests/golden/tokenizers/tiny-uncased.jsonl", row_check,
                open_at(&err, a, "tests/golden/tokenizers/tiny-uncased.json"));
    arena_free(a);
}

TEST(text_wordpiece_tiny_cased)
{
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());

    golden_rows("tests/golden/tokenizers/tiny-cased.jsonl", row_check,
                open_at(&err, a, "tests/golden/tokenizers/tiny-cased.json"));
    arena_free(a);
}

/* The same rows by either file, tokenizer.json or vocab.txt with tokenizer_config.json. */
TEST(text_wordpiece_minilm_rows_in_the_tree)
{
    static const char *const files[] = {MINILM "tokenizer.json", MINILM "vocab.txt"};
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());

    for (size_t i = 0; i < LEN(files); i++)
        golden_rows("tests/golden/tokenizers/bert-wordpiece.jsonl", row_check,
                    open_at(&err, a, test_shared(files[i])));
    arena_free(a);
}

TEST(text_wordpiece_minilm_all_rows)
{
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());
    Tokenizer *t = open_at(&err, a, test_shared(MINILM "tokenizer.json"));

    golden_rows(test_shared("golden/tokenizers/bert-wordpiece.jsonl"), row_check, t);
    golden_rows(test_shared("golden/tokenizers/bert-wordpiece-pairs-max32.jsonl"), pair_check, t);
    arena_free(a);
}

static void expect_tokens(const Tokenizer *t, const char *text, size_t n, const char *wanted)
{
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());
    Tokens x = {0};
    char *joined = arena_printf(&err, a, "%s", "");

    CHECK_OK(tokenizer_encode(&err, a, t, text, n, NULL, 0, 0, &x));
    for (size_t i = 0; i < x.n; i++)
        joined = arena_printf(&err, a, "%s%s%s(%d,%d)", joined, i ? " " : "",
                              tokenizer_piece(t, x.id[i]), x.begin[i], x.end[i]);
    CHECK_TEXT(joined, wanted);
    arena_free(a);
}

/* What is not UTF-8 is U+FFFD, which cleaning removes; each counts as one code point of the text. */
TEST(text_wordpiece_bytes_that_are_no_text)
{
    static const struct {
        const char *text;
        size_t n;
        const char *wanted;
    } rows[] = {
        {"o\0f", 3, "[CLS](0,0) of(0,3) [SEP](0,0)"}, /* one word, as the reference has it */
        {"a \xff of", 6, "[CLS](0,0) a(0,1) of(4,6) [SEP](0,0)"},
        {"a \xe2\x82 of", 7, "[CLS](0,0) a(0,1) of(4,6) [SEP](0,0)"},     /* truncated: one */
        {"a \xc0\xaf of", 7, "[CLS](0,0) a(0,1) of(5,7) [SEP](0,0)"},     /* overlong: two */
        {"a \xed\xa0\x80 of", 8, "[CLS](0,0) a(0,1) of(6,8) [SEP](0,0)"}, /* surrogate: three */
        {"a \xf4\x90\x80\x80 of", 9,
         "[CLS](0,0) a(0,1) of(7,9) [SEP](0,0)"}, /* beyond U+10FFFF: four */
        {"a \xf0\x9f\x98", 5, "[CLS](0,0) a(0,1) [SEP](0,0)"},
    };
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());
    Tokenizer *t = open_at(&err, a, "tests/golden/tokenizers/tiny-uncased.json");

    for (size_t i = 0; i < LEN(rows); i++)
        expect_tokens(t, rows[i].text, rows[i].n, rows[i].wanted);
    arena_free(a);
}

/* 8 MiB of each are a second's work; what is quadratic runs into the runner's limit by hours. */
TEST(text_wordpiece_is_linear)
{
    static const char *const unit[] = {"a",        "\xcc\x81",     "[",   "[MASK]",
                                       "players ", "\xe4\xb8\xad", "\xff"};
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());
    Tokenizer *t = open_at(&err, a, "tests/golden/tokenizers/tiny-uncased.json");
    size_t n = (size_t)8 << 20;
    char *text = NEWS(&err, a, char, n);
    Tokens x = {0};

    for (size_t u = 0; u < LEN(unit); u++) {
        size_t k = strlen(unit[u]);

        for (size_t i = 0; i < n; i++)
            text[i] = unit[u][i % k];
        CHECK_OK(tokenizer_encode(&err, a, t, text, n, NULL, 0, 0, &x));
        CHECK(x.n >= 2 && x.n <= n + 2);
    }
    arena_free(a);
}

TEST(text_wordpiece_reuses_its_arrays)
{
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());
    Tokenizer *t = open_at(&err, a, "tests/golden/tokenizers/tiny-uncased.json");
    Tokens x = {0};

    CHECK_OK(tokenizer_encode(&err, a, t, "the players play", 16, NULL, 0, 0, &x));
    const int32_t *id = x.id;
    size_t cap = x.cap;
    CHECK_OK(tokenizer_encode(&err, a, t, "a play", 6, "of the", 6, 0, &x));
    CHECK(x.id == id);
    CHECK_INT((int64_t)x.cap, (int64_t)cap);
    CHECK_INT(tokenizer_encode(&err, a, t, "a", 1, NULL, 0, 1, &x), E_USAGE);
    CHECK_HAS(err.text, "the maximum length is 1, but the tokenizer adds 2 tokens of its own");
    arena_free(a);
}

/* SPDX-License-Identifier: MIT */
