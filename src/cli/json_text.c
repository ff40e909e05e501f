/* json_text.c - JSON text and text out of files on stdout: neither lets a control character through. */
#include "cli/cli.h"

#include <math.h>
#include <stdio.h>

/* Bytes of the UTF-8 character at s; 0 when it is none (surrogates and long forms are none). */
static int character(const unsigned char *s)
{
    static const struct {
        unsigned char low, high, first, last; /* of the lead byte, of the byte after it */
        int n;
    } form[] = {
        {0x20, 0x7f, 0, 0xff, 1},    {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
        {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
        {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4}};

    for (size_t i = 0; i < LEN(form); i++) {
        if (s[0] < form[i].low || s[0] > form[i].high || s[1] < form[i].first ||
            s[1] > form[i].last)
            continue;
        for (int k = 2; k < form[i].n; k++)
            if ((s[k] & 0xc0) != 0x80)
                return 0;
        return form[i].n;
    }
    return 0;
}

/* C0, DEL and C1 steer a terminal; C1 is two bytes in UTF-8. */
static bool is_control(const unsigned char *s, int n)
{
    return *s < 0x20 || *s == 0x7f || (n == 2 && s[0] == 0xc2 && s[1] < 0xa0);
}

void print_json_text(const char *text)
{
    const unsigned char *s = (const unsigned char *)text;

    putchar('"');
    while (*s) {
        int n = character(s);

        if (*s == '"' || *s == '\\')
            printf("\\%c", *s);
        else if (is_control(s, n))
            printf("\\u%04x", n == 2 ? s[1] : *s);
        else if (n)
            printf("%.*s", n, (const char *)s);
        else
            printf("\\ufffd");
        s += n ? n : 1;
    }
    putchar('"');
}

int print_shown_text(const char *text, size_t most)
{
    const unsigned char *s = (const unsigned char *)text, *first = s;
    int took = 0;

    while (*s && (size_t)(s - first) < most) {
        int n = character(s), step = n ? n : 1;

        if (n && !is_control(s, n)) {
            printf("%.*s", n, (const char *)s);
            took++;
        } else
            for (int k = 0; k < step; k++)
                took += printf("\\x%02x", s[k]);
        s += step;
    }
    return took;
}

void print_json_number(const char *key, double value)
{
    if (isfinite(value))
        printf(",\"%s\":%.9g", key, value);
    else
        printf(",\"%s\":null", key);
}

/* SPDX-License-Identifier: MIT */
