/* test_json.c - tokens, escapes, numbers, and what is refused where. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "test.h"

static Err err;

/* All tokens as one letter each: {}[]k s n t f 0, or the message. */
static const char *tokens(const char *text, size_t n, int depth)
{
    static const char letters[] = "E{}[]ksntf0";
    static char out[4100];
    Arena *a = arena_new(&err, sys_real());
    JsonScan *s;
    JsonToken t;
    size_t used = 0;

    CHECK_OK(json_open(&err, a, "f.json", text, n, depth, &s));
    do {
        if (json_next(&err, s, &t)) {
            (void)strncpy(out, err.text, sizeof out - 1);
            break;
        }
        out[used++] = letters[t.kind];
        out[used] = 0;
        CHECK(used < sizeof out - 1);
    } while (t.kind != JSON_END);
    arena_free(a);
    return out;
}

static const char *scan(const char *text)
{
    return tokens(text, strlen(text), 0);
}

TEST(base_json_tokens)
{
    CHECK_TEXT(scan("{\"a\": [1, -2.5e3, \"x\", true, false, null, {}, []], \"b\":{\"c\":0}}  \n"),
               "{k[nnstf0{}[]]k{kn}}E");
    CHECK_TEXT(scan("\"x\""), "sE");
    CHECK_TEXT(scan(" 7"), "nE");
}

TEST(base_json_strings)
{
    static const struct {
        const char *json, *text;
    } cases[] = {
        {"\"plain\"", "plain"},
        {"\"\"", ""},
        {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t"},
        {"\"\\u0041\\u00e9\\u20AC\\ud83d\\ude00!\"", "A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80!"},
        {"\"\\uDBFF\\uDFFF\"", "\xf4\x8f\xbf\xbf"},
        {"\"\xc3\xa9\"", "\xc3\xa9"},
    };

    for (size_t i = 0; i < LEN(cases); i++) {
        Arena *a = arena_new(&err, sys_real());
        JsonScan *s;
        JsonToken t;
        CHECK_OK(json_open(&err, a, "f", cases[i].json, strlen(cases[i].json), 0, &s));
        CHECK_OK(json_expect(&err, s, JSON_STRING, &t));
        CHECK_TEXT(t.text, cases[i].text);
        CHECK_INT((int64_t)t.len, (int64_t)strlen(cases[i].text));
        arena_free(a);
    }
}

static JsonToken number(const char *text)
{
    Arena *a = arena_new(&err, sys_real());
    JsonScan *s;
    JsonToken t;

    CHECK_OK(json_open(&err, a, "f", text, strlen(text), 0, &s));
    CHECK_OK(json_expect(&err, s, JSON_NUMBER, &t));
    CHECK_INT((int64_t)t.len, (int64_t)strlen(text));
    arena_free(a);
    return t;
}

TEST(base_json_numbers)
{
    static const char *const texts[] = {"0",
                                        "-0",
                                        "1",
                                        "12.375",
                                        "1e5",
                                        "1E+5",
                                        "-1.5e-7",
                                        "0.1",
                                        "5e-324",
                                        "1e-400",
                                        "1.7976931348623157e308",
                                        "0.30000000000000004",
                                        "123456789.987654321",
                                        "2.2250738585072011e-308",
                                        "9007199254740993",
                                        "1e-999999999999999999999"};

    for (size_t i = 0; i < LEN(texts); i++)
        CHECK(number(texts[i]).number == strtod(texts[i], NULL));
    CHECK(number("9223372036854775807").is_integer);
    CHECK_INT(number("9223372036854775807").integer, INT64_MAX);
    CHECK_INT(number("-9223372036854775808").integer, INT64_MIN);
    CHECK(!number("9223372036854775808").is_integer);
    CHECK(!number("1.0").is_integer && !number("1e2").is_integer);
    CHECK_INT(number("-17").integer, -17);
}

TEST(base_json_skips_without_copying)
{
    static const char text[] = "{\"a\":{\"x\":[1,[2,{\"y\":\"\\n\"}]]},\"b\":7,\"c\":[[]]}";
    Arena *a = arena_new(&err, sys_real());
    JsonScan *s;
    JsonToken t;

    CHECK_OK(json_open(&err, a, "f", text, strlen(text), 0, &s));
    CHECK_OK(json_expect(&err, s, JSON_OBJECT, &t));
    CHECK_OK(json_expect(&err, s, JSON_KEY, &t));
    CHECK_OK(json_skip(&err, s, &t)); /* from the key */
    CHECK_OK(json_expect(&err, s, JSON_KEY, &t));
    CHECK_TEXT(t.text, "b");
    CHECK_INT((int64_t)t.offset, 30);
    CHECK_OK(json_expect(&err, s, JSON_NUMBER, &t));
    CHECK_OK(json_skip(&err, s, &t)); /* a number is over already */
    CHECK_OK(json_expect(&err, s, JSON_KEY, &t));
    CHECK_OK(json_expect(&err, s, JSON_ARRAY, &t));
    CHECK_OK(json_skip(&err, s, &t));
    CHECK_OK(json_expect(&err, s, JSON_OBJECT_END, &t));
    CHECK_INT(json_expect(&err, s, JSON_STRING, &t), E_DATA);
    CHECK_HAS(err.text, "a string expected, the end found");
    arena_free(a);
}

TEST(base_json_refuses)
{
    static const struct {
        const char *text, *why;
    } cases[] = {
        {"", "ends where a value should be"},
        {"{\"a\":1,}", "a key in quotes expected, '}' found"},
        {"[1,]", "a value expected, ']' found"},
        {"[1 2]", "',' or ']' expected, '2' found"},
        {"{\"a\" 1}", "':' expected, '1' found"},
        {"{a:1}", "a key in quotes expected, 'a' found"},
        {"[1}", "',' or ']' expected, '}' found"},
        {"{}x", "the end of the text expected, 'x' found"},
        {"{\"a\":", "ends where a value should be"},
        {"[", "ends where a value should be"},
        {"\"abc", "a string without an end"},
        {"\"abc\\", "a string without an end"},
        {"\"abc\\\"", "a string without an end"},
        {"\"a\tb\"", "control character 0x09"},
        {"\"\\x\"", "unknown escape"},
        {"\"\\u12g4\"", "four hexadecimal digits"},
        {"\"\\u123\"", "four hexadecimal digits"},
        {"\"\\u\"", "four hexadecimal digits"},
        {"\"\\u0000\"", "\\u0000"},
        {"\"\\ud800\"", "lone high surrogate"},
        {"\"\\ud800\\n\"", "lone high surrogate"},
        {"\"\\ud800\\u0041\"", "lone high surrogate"},
        {"\"\\udc00\\ud800\"", "lone low surrogate"},
        {"01", "badly written"},
        {"-", "badly written"},
        {"1.", "badly written"},
        {"1e", "badly written"},
        {"1e+", "badly written"},
        {".5", "a value expected, '.' found"},
        {"+1", "a value expected, '+' found"},
        {"1e999", "too large for a double"},
        {"NaN", "a value expected, 'N' found"},
        {"-Infinity", "badly written"},
        {"tru", "a value expected, 't' found"},
        {"'a'", "a value expected, ''' found"},
        {"\xef\xbb\xbf{}", "byte 0xef found"},
    };

    for (size_t i = 0; i < LEN(cases); i++)
        CHECK_HAS(scan(cases[i].text), cases[i].why);
    CHECK_HAS(tokens("\"a\0b\"", 5, 0), "control character 0x00");
    CHECK_HAS(scan("{\n \"a\": 1,\n \"b\": ?}"), "f.json:3:7, byte 17");
}

TEST(base_json_depth_and_length_caps)
{
    char text[1000];

    memset(text, '[', 64);
    memset(text + 64, ']', 64);
    CHECK_INT((int64_t)strlen(tokens(text, 128, 64)), 129);
    memset(text, '[', 65);
    CHECK_HAS(tokens(text, 65, 64), "nested deeper than 64");
    CHECK_TEXT(tokens("[[]]", 4, 2), "[[]]E");
    CHECK_HAS(tokens("[[[]]]", 6, 2), "nested deeper than 2");
    memset(text, '1', sizeof text);
    text[1] = '.';
    CHECK_TEXT(tokens(text, 400, 0), "nE");
    CHECK_HAS(tokens(text, 401, 0), "a number of 401 characters");
}

/* Truncated at every byte: an error or the end, never a read behind it (the sanitizers watch). */
TEST(base_json_truncated_anywhere)
{
    static const char text[] = "{\"a\\u00e9\\ud83d\\ude00\":[1.5e-3,true,null,{\"b\":\"c\\n\"}]}";

    for (size_t n = 0; n < strlen(text); n++) {
        char *copy = malloc(n + (n == 0));
        memcpy(copy, text, n);
        CHECK_HAS(tokens(copy, n, 0), "JSON");
        free(copy);
    }
}
/* SPDX-License-Identifier: MIT */
