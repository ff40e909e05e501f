/* json.c - a pull scanner for JSON (RFC 8259): one token a call, no recursion, an offset for each token.
 * Refused: control characters and \u0000 in strings, lone surrogates, numbers that overflow a double,
 * nesting deeper than asked for, anything after the value.  Duplicate keys are for the caller to see. */
#include "base/base.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NUMBER_MAX 400 /* characters; a double needs 17 digits */

typedef enum { WANT_VALUE, WANT_VALUE_OR_END, WANT_KEY, WANT_KEY_OR_END, WANT_MORE } Want;

struct JsonScan {
    Arena *arena;
    const char *file, *data;
    size_t n, at;
    size_t from, line; /* where the value in hand began, and that line's number */
    Want want;
    bool skipping; /* do not copy strings */
    int depth, depth_max;
    bool in_object[JSON_DEPTH_MAX];
};

Status json_open(Err *e, Arena *a, const char *file, const void *data, size_t n, int depth,
                 JsonScan **out)
{
    JsonScan *s = NEW(e, a, JsonScan);

    if (!s)
        return e->code;
    *s = (JsonScan){.arena = a, .file = file, .data = data, .n = n};
    s->line = 1;
    s->depth_max = depth > 0 && depth < JSON_DEPTH_MAX ? depth : JSON_DEPTH_MAX;
    *out = s;
    return E_OK;
}

void json_again(JsonScan *s, size_t from, size_t end, size_t line)
{
    s->at = s->from = from;
    s->n = end;
    s->line = line;
    s->depth = 0;
    s->want = WANT_VALUE;
    s->skipping = false;
}

Status(json_fail)(Err *e, const JsonScan *s, size_t offset, const char *fmt, ...)
{
    char text[1000];
    size_t line = s->line, start = s->from;
    va_list args;

    va_start(args, fmt);
    if (vsnprintf(text, sizeof text, fmt, args) < 0)
        text[0] = 0;
    va_end(args);
    offset = offset < s->n ? offset : s->n;
    for (size_t i = s->from; i < offset; i++)
        if (s->data[i] == '\n') {
            line++;
            start = i + 1;
        }
    (void)fail(e, E_DATA, "%s", text);
    return err_note(e, "file", "%s:%zu:%zu, byte %zu", s->file, line, offset - start + 1, offset);
}

/* The next byte that is not blank; -1 at the end. */
static int peek(JsonScan *s)
{
    for (; s->at < s->n; s->at++) {
        char c = s->data[s->at];
        if (c != ' ' && c != '\n' && c != '\t' && c != '\r')
            return (unsigned char)c;
    }
    return -1;
}

static Status unexpected(Err *e, const JsonScan *s, const char *wanted)
{
    if (s->at >= s->n)
        return json_fail(e, s, s->at, "the JSON text ends where %s should be", wanted);
    unsigned char c = (unsigned char)s->data[s->at];
    if (c > 32 && c < 127)
        return json_fail(e, s, s->at, "JSON: %s expected, '%c' found", wanted, c);
    return json_fail(e, s, s->at, "JSON: %s expected, byte 0x%02x found", wanted, c);
}

/* Four hexadecimal digits at p, or -1. */
static int32_t hex4(const char *p, const char *end)
{
    int32_t v = 0;

    if (end - p < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        char c = p[i];
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
        if (digit < 0)
            return -1;
        v = v * 16 + digit;
    }
    return v;
}

static char *put_utf8(char *to, int32_t c)
{
    if (c < 0x80) {
        *to++ = (char)c;
    } else if (c < 0x800) {
        *to++ = (char)(0xc0 | c >> 6);
        *to++ = (char)(0x80 | (c & 63));
    } else if (c < 0x10000) {
        *to++ = (char)(0xe0 | c >> 12);
        *to++ = (char)(0x80 | (c >> 6 & 63));
        *to++ = (char)(0x80 | (c & 63));
    } else {
        *to++ = (char)(0xf0 | c >> 18);
        *to++ = (char)(0x80 | (c >> 12 & 63));
        *to++ = (char)(0x80 | (c >> 6 & 63));
        *to++ = (char)(0x80 | (c & 63));
    }
    return to;
}

/* The \u escape whose 'u' is at **from: moves *from behind it (and behind its second half). */
static const char *escape_u(const char **from, const char *end, int32_t *out)
{
    int32_t c = hex4(*from + 1, end), low;

    *from += 5;
    if (c < 0)
        return "\\u wants four hexadecimal digits";
    if (c == 0)
        return "\\u0000 in a string is refused";
    if (c >= 0xdc00 && c < 0xe000)
        return "lone low surrogate in a string";
    if (c >= 0xd800 && c < 0xdc00) {
        if (end - *from < 6 || (*from)[0] != '\\' || (*from)[1] != 'u')
            return "lone high surrogate in a string";
        low = hex4(*from + 2, end);
        if (low < 0xdc00 || low >= 0xe000)
            return "lone high surrogate in a string";
        *from += 6;
        c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
    }
    *out = c;
    return NULL;
}

/* Decodes the escapes of [from, end) to `to`, which may be `from` itself: decoded is never longer. */
static const char *unescape(const char *from, const char *end, char *to, size_t *len, size_t *bad)
{
    static const char letters[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
    const char *start = from, *first = to;

    while (from < end) {
        if (*from != '\\') {
            *to++ = *from++;
            continue;
        }
        *bad = (size_t)(from - start);
        const char *letter = strchr(letters, *++from); /* a quote ended the text: from < end */
        if (*from == 'u') {
            int32_t c = 0;
            const char *why = escape_u(&from, end, &c);
            if (why)
                return why;
            to = put_utf8(to, c);
        } else if (letter && *letter) {
            *to++ = values[letter - letters];
            from++;
        } else {
            return "unknown escape in a string";
        }
    }
    *len = (size_t)(to - first);
    return NULL;
}

static Status scan_string(Err *e, JsonScan *s, JsonToken *t)
{
    size_t start = ++s->at;
    bool escapes = false;

    for (; s->at < s->n && s->data[s->at] != '"'; s->at++) {
        unsigned char c = (unsigned char)s->data[s->at];
        if (c < 32)
            return json_fail(e, s, s->at, "JSON: control character 0x%02x in a string", c);
        if (c == '\\') {
            escapes = true;
            s->at++;
        }
    }
    if (s->at >= s->n)
        return json_fail(e, s, t->offset, "JSON: a string without an end");
    t->len = s->at++ - start;
    if (s->skipping)
        return E_OK;
    char *copy = arena_strndup(e, s->arena, s->data + start, t->len);
    if (!copy)
        return e->code;
    if (escapes) {
        size_t bad = 0;
        const char *why = unescape(copy, copy + t->len, copy, &t->len, &bad);
        if (why)
            return json_fail(e, s, start + bad, "JSON: %s", why);
        copy[t->len] = 0;
    }
    t->text = copy;
    return E_OK;
}

static size_t digits(const JsonScan *s, size_t at)
{
    while (at < s->n && s->data[at] >= '0' && s->data[at] <= '9')
        at++;
    return at;
}

/* strtod of the digits with the point taken out and the exponent moved: the host's locale has no say. */
static double number_value(const char *p, size_t n)
{
    char text[NUMBER_MAX + 32];
    size_t used = 0, i = 0;
    long fraction = 0, exponent = 0;
    bool after = false;

    for (; i < n && p[i] != 'e' && p[i] != 'E'; i++) {
        if (p[i] == '.') {
            after = true;
            continue;
        }
        fraction += after;
        text[used++] = p[i];
    }
    if (i < n)
        exponent = strtol(p + i + 1, NULL, 10); /* bounded: the copy in the caller ends the text */
    exponent = exponent > 100000 ? 100000 : exponent < -100000 ? -100000 : exponent;
    (void)snprintf(text + used, sizeof text - used, "e%ld", exponent - fraction);
    return strtod(text, NULL);
}

static Status scan_number(Err *e, JsonScan *s, JsonToken *t)
{
    char copy[NUMBER_MAX + 1];
    size_t start = s->at, at = start + (s->data[start] == '-');
    size_t end = digits(s, at);

    t->is_integer = true;
    if (end == at || (end > at + 1 && s->data[at] == '0'))
        return json_fail(e, s, start, "JSON: a number is badly written");
    at = end;
    if (at < s->n && s->data[at] == '.') {
        t->is_integer = false;
        end = digits(s, ++at);
        if (end == at)
            return json_fail(e, s, start, "JSON: a number is badly written");
        at = end;
    }
    if (at < s->n && (s->data[at] == 'e' || s->data[at] == 'E')) {
        t->is_integer = false;
        at++;
        at += at < s->n && (s->data[at] == '+' || s->data[at] == '-');
        end = digits(s, at);
        if (end == at)
            return json_fail(e, s, start, "JSON: a number is badly written");
        at = end;
    }
    t->text = s->data + start;
    t->len = at - start;
    s->at = at;
    if (t->len > NUMBER_MAX)
        return json_fail(e, s, start, "JSON: a number of %zu characters", t->len);
    memcpy(copy, t->text, t->len);
    copy[t->len] = 0;
    t->number = number_value(copy, t->len);
    if (isinf(t->number))
        return json_fail(e, s, start, "JSON: a number is too large for a double");
    for (size_t i = copy[0] == '-'; t->is_integer && i < t->len; i++) {
        int digit = copy[i] - '0';
        t->is_integer =
            !__builtin_mul_overflow(t->integer, (int64_t)10, &t->integer) &&
            !__builtin_add_overflow(t->integer, copy[0] == '-' ? -digit : digit, &t->integer);
    }
    return E_OK;
}

static Status scan_word(Err *e, JsonScan *s, JsonToken *t)
{
    static const struct {
        const char *text;
        JsonKind kind;
    } words[] = {{"true", JSON_TRUE}, {"false", JSON_FALSE}, {"null", JSON_NULL}};

    for (size_t i = 0; i < LEN(words); i++) {
        size_t len = strlen(words[i].text);
        if (len <= s->n - s->at && !memcmp(s->data + s->at, words[i].text, len)) {
            t->kind = words[i].kind;
            s->at += len;
            return E_OK;
        }
    }
    return unexpected(e, s, "a value");
}

static Status open_level(Err *e, JsonScan *s, JsonToken *t, bool object)
{
    if (s->depth == s->depth_max)
        return json_fail(e, s, s->at, "JSON: nested deeper than %d levels", s->depth_max);
    s->in_object[s->depth++] = object;
    s->at++;
    s->want = object ? WANT_KEY_OR_END : WANT_VALUE_OR_END;
    t->kind = object ? JSON_OBJECT : JSON_ARRAY;
    return E_OK;
}

static Status close_level(JsonScan *s, JsonToken *t)
{
    t->kind = s->in_object[--s->depth] ? JSON_OBJECT_END : JSON_ARRAY_END;
    s->at++;
    s->want = WANT_MORE;
    return E_OK;
}

static Status scan_value(Err *e, JsonScan *s, JsonToken *t, int c)
{
    if (c == '{' || c == '[')
        return open_level(e, s, t, c == '{');
    s->want = WANT_MORE;
    if (c == '"') {
        t->kind = JSON_STRING;
        return scan_string(e, s, t);
    }
    if (c == '-' || (c >= '0' && c <= '9')) {
        t->kind = JSON_NUMBER;
        return scan_number(e, s, t);
    }
    return scan_word(e, s, t);
}

static Status scan_key(Err *e, JsonScan *s, JsonToken *t, int c)
{
    if (c != '"')
        return unexpected(e, s, "a key in quotes");
    t->kind = JSON_KEY;
    TRY(scan_string(e, s, t));
    if (peek(s) != ':')
        return unexpected(e, s, "':'");
    s->at++;
    s->want = WANT_VALUE;
    return E_OK;
}

Status json_next(Err *e, JsonScan *s, JsonToken *t)
{
    int c = peek(s);

    if (s->want == WANT_MORE && s->depth && c == ',') {
        s->at++;
        s->want = s->in_object[s->depth - 1] ? WANT_KEY : WANT_VALUE;
        c = peek(s);
    }
    *t = (JsonToken){.kind = JSON_END, .offset = s->at};
    switch (s->want) {
    case WANT_MORE:
        if (!s->depth)
            return c < 0 ? E_OK : unexpected(e, s, "the end of the text");
        if (c == (s->in_object[s->depth - 1] ? '}' : ']'))
            return close_level(s, t);
        return unexpected(e, s, s->in_object[s->depth - 1] ? "',' or '}'" : "',' or ']'");
    case WANT_VALUE_OR_END:
        return c == ']' ? close_level(s, t) : scan_value(e, s, t, c);
    case WANT_KEY_OR_END:
        return c == '}' ? close_level(s, t) : scan_key(e, s, t, c);
    case WANT_KEY:
        return scan_key(e, s, t, c);
    default:
        return scan_value(e, s, t, c);
    }
}

Status json_skip(Err *e, JsonScan *s, const JsonToken *first)
{
    JsonToken t = *first;
    int open = first->kind == JSON_OBJECT || first->kind == JSON_ARRAY;
    bool key = first->kind == JSON_KEY;
    Status status = E_OK;

    s->skipping = true;
    while ((open || key) && !status) {
        status = json_next(e, s, &t);
        key = false;
        open += t.kind == JSON_OBJECT || t.kind == JSON_ARRAY;
        open -= t.kind == JSON_OBJECT_END || t.kind == JSON_ARRAY_END;
    }
    s->skipping = false;
    return status;
}

Status json_expect(Err *e, JsonScan *s, JsonKind kind, JsonToken *t)
{
    static const char *const names[] = {"the end",
                                        "an object",
                                        "the end of an object",
                                        "an array",
                                        "the end of an array",
                                        "a key",
                                        "a string",
                                        "a number",
                                        "true",
                                        "false",
                                        "null"};

    TRY(json_next(e, s, t));
    if (t->kind != kind)
        return json_fail(e, s, t->offset, "JSON: %s expected, %s found", names[kind],
                         names[t->kind]);
    return E_OK;
}
/* SPDX-License-Identifier: MIT */
