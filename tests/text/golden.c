/* golden.c - reads golden rows and compares a tokenizer with them. */
#include <stdio.h>
#include <string.h>

#include "golden.h"
#include "test.h"

/* Numbers of a possibly nested array; null counts as -1. */
static int64_t numbers(Err *e, JsonScan *s, int64_t *out, int64_t cap)
{
    JsonToken t;
    int depth = 1;
    int64_t n = 0;

    while (depth) {
        check_ok_at(__FILE__, __LINE__, json_next(e, s, &t), e);
        depth += (t.kind == JSON_ARRAY) - (t.kind == JSON_ARRAY_END);
        if (t.kind == JSON_NUMBER || t.kind == JSON_NULL) {
            CHECK(n < cap);
            out[n++] = t.kind == JSON_NUMBER ? t.integer : -1;
        }
    }
    return n;
}

static void row_value(Err *e, JsonScan *s, const JsonToken *k, const JsonToken *v, GoldenRow *r)
{
    if (!strcmp(k->text, "text") || !strcmp(k->text, "first")) {
        r->text = v->text;
        r->text_n = v->len;
    } else if (!strcmp(k->text, "second")) {
        r->second = v->text;
        r->second_n = v->len;
    } else if (!strcmp(k->text, "decoded")) {
        r->decoded = v->text;
        r->decoded_n = v->len;
    } else if (!strcmp(k->text, "max")) {
        r->max = v->integer;
    } else if (!strcmp(k->text, "ids")) {
        r->ids_n = numbers(e, s, r->ids, LEN(r->ids));
    } else if (!strcmp(k->text, "offsets")) {
        r->offsets_n = numbers(e, s, r->offsets, LEN(r->offsets));
    } else if (!strcmp(k->text, "type_ids")) {
        r->types_n = numbers(e, s, r->types, LEN(r->types));
    } else if (!strcmp(k->text, "words")) {
        r->words_n = numbers(e, s, r->words, LEN(r->words));
    } else {
        check_ok_at(__FILE__, __LINE__, json_skip(e, s, v), e);
    }
}

/* Our JSON refuses \u0000, which one row has in its text: U+F8FE stands for it while the row is read. */
static void nul_marks(char *line)
{
    for (char *p = line; (p = strstr(p, "\\u0000")) != NULL;)
        memcpy(p, "\\uf8fe", 6);
}

static void nul_back(char *text, size_t *n)
{
    size_t k = 0;

    for (size_t i = 0; i < *n; k++)
        if (*n - i >= 3 && !memcmp(text + i, "\xef\xa3\xbe", 3)) {
            text[k] = 0;
            i += 3;
        } else {
            text[k] = text[i++];
        }
    *n = k;
}

void golden_rows(const char *path, void (*check)(const GoldenRow *row, void *arg), void *arg)
{
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());
    GoldenRow *r = NEW(&err, a, GoldenRow);
    Bytes all;
    int64_t rows = 0;

    CHECK_OK(file_read_all(&err, a, path, 64 << 20, &all));
    const char *p = (const char *)all.data, *end = p + all.n;
    while (p < end) {
        const char *nl = memchr(p, '\n', (size_t)(end - p));
        JsonScan *s;
        JsonToken k, v;

        CHECK(nl != NULL);
        char *line = arena_strndup(&err, a, p, (size_t)(nl - p));
        nul_marks(line);
        *r = (GoldenRow){.ids_n = -1, .offsets_n = -1, .types_n = -1, .words_n = -1};
        CHECK_OK(json_open(&err, a, path, line, (size_t)(nl - p), 8, &s));
        CHECK_OK(json_expect(&err, s, JSON_OBJECT, &v));
        for (;;) {
            CHECK_OK(json_next(&err, s, &k));
            if (k.kind == JSON_OBJECT_END)
                break;
            CHECK_OK(json_next(&err, s, &v));
            row_value(&err, s, &k, &v, r);
        }
        nul_back((char *)(uintptr_t)r->text, &r->text_n);
        nul_back((char *)(uintptr_t)r->second, &r->second_n);
        nul_back((char *)(uintptr_t)r->decoded, &r->decoded_n);
        check(r, arg);
        rows++;
        p = nl + 1;
    }
    CHECK(rows > 0);
    arena_free(a);
}

static void same(const char *what, const char *text, const int32_t *found, const int64_t *wanted,
                 size_t step, size_t n)
{
    char message[300];

    for (size_t i = 0; i < n; i++) {
        (void)snprintf(message, sizeof message, "%s of token %zu in \"%.200s\"", what, i, text);
        check_int_at(__FILE__, __LINE__, message, found[i], wanted[i * step]);
    }
}

void golden_check(const Tokenizer *t, const GoldenRow *r)
{
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());
    Tokens x = {0};

    CHECK_OK(tokenizer_encode(&err, a, t, r->text, r->text_n, r->second, r->second_n, r->max, &x));
    for (size_t i = 0; i < x.n && i < (size_t)r->ids_n; i++)
        same("id", r->text, x.id, r->ids, 1, i + 1);
    CHECK_INT((int64_t)x.n, r->ids_n);
    if (r->offsets_n >= 0) {
        CHECK_INT(r->offsets_n, 2 * r->ids_n);
        same("begin", r->text, x.begin, r->offsets, 2, x.n);
        same("end", r->text, x.end, r->offsets + 1, 2, x.n);
    }
    if (r->types_n >= 0)
        same("type", r->text, x.type, r->types, 1, x.n);
    if (r->words_n >= 0)
        same("word", r->text, x.word, r->words, 1, x.n);
    if (r->decoded)
        CHECK_TEXT(tokenizer_decode(&err, a, t, x.id, x.n, true), r->decoded);
    arena_free(a);
}

/* SPDX-License-Identifier: MIT */
