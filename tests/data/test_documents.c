/* test_documents.c - plain text by its blank lines: every line in one document, none of its ends in it. */
#include "data/data.h"
#include "test.h"

#include <stdio.h>
#include <string.h>

static const char *put(const char *name, const char *text, size_t n)
{
    Err err;
    Writer *w;
    char *path = path_join(&err, test_arena(), test_folder(), name);

    CHECK_OK(writer_open(&err, test_arena(), path, &w));
    CHECK_OK(writer_put(&err, w, text, n));
    CHECK_OK(writer_commit(&err, w));
    return path;
}

/* The documents of a text, with a bar between them. */
static void check(const char *text, const char *want)
{
    Err err;
    Documents d;
    char have[300] = "";
    size_t at = 0;
    Cell c;

    CHECK_OK(documents_open(&err, test_arena(), put("text", text, strlen(text)), &d));
    while (documents_next(&d, &c))
        at += (size_t)snprintf(have + at, sizeof have - at, "%s%.*s", at ? "|" : "", (int)c.n, c.s);
    CHECK_TEXT(have, want);
    CHECK(!documents_next(&d, &c));
}

TEST(data_documents_stand_between_blank_lines)
{
    check("one", "one");
    check("one\ntwo\n", "one\ntwo");
    check("one\n\ntwo\n", "one|two");
    check("\n \t\r\n one\r\ntwo\r\n\r\n\r\n three \n\n\n", " one\r\ntwo| three ");
    check("a\n\nb\n\nc", "a|b|c");
    check("\xEF\xBB\xBF"
          "a\n",
          "a");
}

/* A long one is cut at a line's end, and nothing is lost. */
TEST(data_documents_long)
{
    enum { LINES = 30000, LINE = 100 };
    static char text[LINES * LINE];
    size_t bytes = 0;
    Err err;
    Documents d;
    Cell c;

    memset(text, 'x', sizeof text);
    for (size_t i = 1; i <= LINES; i++)
        text[i * LINE - 1] = '\n';
    CHECK_OK(documents_open(&err, test_arena(), put("long", text, sizeof text), &d));
    while (documents_next(&d, &c)) {
        CHECK(c.n <= (1 << 20) + LINE && (c.n + 1) % LINE == 0);
        bytes += c.n + 1;
    }
    CHECK_INT((int64_t)bytes, LINES * LINE);
    CHECK_INT(d.count, 3);
    text[5] = 0; /* one line of three million, no end at all */
    memset(text, 'x', sizeof text);
    CHECK_OK(documents_open(&err, test_arena(), put("line", text, sizeof text), &d));
    CHECK(documents_next(&d, &c) && c.n == sizeof text && !documents_next(&d, &c));
}

TEST(data_documents_refuse)
{
    static const struct {
        const char *text;
        size_t n;
        const char *why;
    } cases[] = {
        {"", 0, "the file is empty"},
        {" \n\n\t\n", 5, "nothing but blanks"},
        {"PK\x03\x04 something", 14, "text"},
        {"abcdefghijk\0lmnopqrst", 21, "binary"},
    };

    for (size_t i = 0; i < LEN(cases); i++) {
        Err err = {0};
        Documents d;

        CHECK(documents_open(&err, test_arena(), put("bad", cases[i].text, cases[i].n), &d));
        CHECK_HAS(err.text, cases[i].why);
    }
}

/* SPDX-License-Identifier: MIT */
