/* flags.c - parsing by table: --name value, --name=value, -o value, -- ends the flags. */
#include "cli/cli.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const Flag common_flags[] = {
    FLAG(Common, "threads", 0, FLAG_INT, threads, "N", "threads to use (default: one per core)"),
    FLAG(Common, "isa", 0, FLAG_TEXT, isa, "NAME", "at most scalar, avx2 or avx512"),
    FLAG(Common, "json", 0, FLAG_BOOL, json, NULL, "results as JSON on stdout"),
    FLAG(Common, "quiet", 'q', FLAG_BOOL, quiet, NULL, "no progress, no notes"),
    FLAG(Common, "plain", 0, FLAG_BOOL, plain, NULL, "lines instead of a progress bar"),
    FLAG(Common, "", 'h', FLAG_BOOL, help, NULL, "a short help"),
    FLAG(Common, "help", 0, FLAG_BOOL, man, NULL, "this help"),
};

const Flag *cli_common_flags(int *n)
{
    *n = (int)LEN(common_flags);
    return common_flags;
}

/* A flag by its letter (-o) or by its name, which may be of one letter too (--n). */
static const Flag *find_in(const Flag *f, int n, bool letter, const char *name, size_t len)
{
    for (int i = 0; i < n; i++) {
        if (letter && len == 1 && f[i].letter == name[0])
            return &f[i];
        if (!letter && len && strlen(f[i].name) == len && strncmp(f[i].name, name, len) == 0)
            return &f[i];
    }
    return NULL;
}

static Status unknown(Err *e, const Verb *v, const char *word, const char *name)
{
    size_t n = strcspn(name, "=");
    Near near = {0};

    for (int i = 0; i < v->flag_count; i++)
        near_keep(&near, name, n, v->flags[i].name);
    for (size_t i = 0; i < LEN(common_flags); i++)
        near_keep(&near, name, n, common_flags[i].name);
    fail(e, E_USAGE, "engraft %s has no flag %s", v->name, word);
    if (near.name)
        err_note(e, "hint", "Did you mean --%s?", near.name);
    return err_note(e, near.name ? "" : "hint", "engraft %s --help lists all of them.", v->name);
}

static Status bad_value(Err *e, const Flag *f, const char *expected, const char *value)
{
    fail(e, E_USAGE, "--%s cannot be %s", f->name, value);
    return err_note(e, "expected", "%s", expected);
}

static Status set(Err *e, const Flag *f, char *base, const char *value)
{
    char *end;

    errno = 0;
    switch (f->kind) {
    case FLAG_BOOL:
        *(bool *)(void *)(base + f->offset) = true;
        return E_OK;
    case FLAG_TEXT:
        *(const char **)(void *)(base + f->offset) = value;
        return E_OK;
    case FLAG_INT:
    case FLAG_INT_OFF: {
        long long x = strtoll(value, &end, 10);
        if (errno || *end || end == value || x < 0 || x > INT32_MAX)
            return bad_value(e, f, "a whole number, 0 or more", value);
        *(int64_t *)(void *)(base + f->offset) = f->kind == FLAG_INT_OFF && x == 0 ? -1 : x;
        return E_OK;
    }
    case FLAG_FLOAT:
    case FLAG_FLOAT_OFF: {
        double x = strtod(value, &end);
        if (errno || *end || end == value || !(x >= 0 && x < 1e30))
            return bad_value(e, f, "a number, 0 or more", value);
        *(double *)(void *)(base + f->offset) = f->kind == FLAG_FLOAT_OFF && x <= 0 ? -1 : x;
        return E_OK;
    }
    }
    return E_OK;
}

/* One flag at argv[*i]; its value may be the next argument. */
static Status take_flag(Err *e, const Verb *v, char **argv, int argc, int *i, Parsed *out)
{
    const char *word = argv[*i], *name = word[1] == '-' ? word + 2 : word + 1;
    const char *equals = strchr(name, '=');
    size_t len = equals ? (size_t)(equals - name) : strlen(name);
    bool letter = word[1] != '-';
    const Flag *f = find_in(v->flags, v->flag_count, letter, name, len);
    char *base = out->options;

    if (!f) {
        f = find_in(common_flags, (int)LEN(common_flags), letter, name, len);
        base = (char *)&out->common;
    }
    if (!f)
        return unknown(e, v, word, name);
    if (f->kind == FLAG_BOOL)
        return equals ? fail(e, E_USAGE, "--%s takes no value", f->name) : set(e, f, base, NULL);
    if (equals)
        return set(e, f, base, equals + 1);
    if (*i + 1 >= argc)
        return fail(e, E_USAGE, "%s wants a value: %s", word, f->value);
    return set(e, f, base, argv[++*i]);
}

Status cli_parse(Err *e, Arena *a, const Verb *v, char **argv, int argc, Parsed *out)
{
    const char **found = NEWS(e, a, const char *, argc + 1);
    bool flags = true;
    int n = 0;

    if (!found)
        return e->code;
    for (int i = 0; i < argc; i++) {
        if (flags && strcmp(argv[i], "--") == 0)
            flags = false;
        else if (flags && argv[i][0] == '-' && argv[i][1])
            TRY(take_flag(e, v, argv, argc, &i, out));
        else
            found[n++] = argv[i];
    }
    out->words = found;
    out->n = n;
    if (out->common.help || out->common.man)
        return E_OK;
    if (n < v->arguments_min || (v->arguments_max >= 0 && n > v->arguments_max)) {
        fail(e, E_USAGE, "engraft %s takes %s%s", v->name, v->arguments,
             n < v->arguments_min ? "" : ", and nothing more");
        return err_note(e, "example", "%s", v->example);
    }
    return E_OK;
}

/* SPDX-License-Identifier: MIT */
