/* err.c - messages: one primary line, then labelled lines, worded after PostgreSQL's rules.
 * Text from files ends up here, so control characters are shown as '?', and a line break inside a text is
 * indented: a file cannot forge a line of ours. */
#include "base/base.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define INDENT "            " /* as wide as "  expected  " */

static void add_char(Err *e, char c)
{
    if (e->used + 1 < sizeof e->text)
        e->text[e->used++] = c;
}

static void add_text(Err *e, const char *s)
{
    for (; *s; s++) {
        unsigned char c = (unsigned char)*s;
        add_char(e, (char)(c == '\n' || (c >= 32 && c != 127) ? c : '?'));
        if (c == '\n')
            for (const char *i = INDENT; *i; i++)
                add_char(e, *i);
    }
    e->text[e->used] = 0;
}

static void PRINTF(2, 0) add_format(Err *e, const char *fmt, va_list args)
{
    char line[sizeof e->text];

    int n = vsnprintf(line, sizeof line, fmt, args);
    if (n < 0)
        line[0] = 0;
    add_text(e, line);
    if (n >= (int)sizeof line || e->used + 1 >= sizeof e->text)
        memcpy(e->text + e->used - 3, "...", 3);
}

static void start_label(Err *e, const char *label)
{
    char text[64];

    if (e->used)
        add_char(e, '\n');
    (void)snprintf(text, sizeof text, "  %-8s  ", label);
    add_text(e, text);
}

Status(fail)(Err *e, Status code, const char *fmt, ...)
{
    va_list args;

    e->code = code;
    e->used = 0;
    va_start(args, fmt);
    add_format(e, fmt, args);
    va_end(args);
    return code;
}

Status(err_note)(Err *e, const char *label, const char *fmt, ...)
{
    va_list args;

    start_label(e, label);
    va_start(args, fmt);
    add_format(e, fmt, args);
    va_end(args);
    return e->code;
}

Status(err_while)(Err *e, const char *fmt, ...)
{
    va_list args;

    start_label(e, "while");
    va_start(args, fmt);
    add_format(e, fmt, args);
    va_end(args);
    return e->code;
}
/* SPDX-License-Identifier: MIT */
