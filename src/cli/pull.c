/* pull.c - engraft pull: hands over to engraft-pull, the only program of ours that touches the network. */
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef struct PullOptions {
    const char *wheel;
} PullOptions;

static const Flag flags[] = {
    FLAG(PullOptions, "wheel", 0, FLAG_TEXT, wheel, "FILE",
         "a package brought by hand, instead of the network"),
};

static int run(eg_ctx *ctx, const Common *common, const void *options, const char *const *words,
               int n)
{
    const PullOptions *o = options;
    const char *args[] = {"engraft-pull", words[0], o->wheel ? "--wheel" : NULL, o->wheel, NULL};
    char path[4096];
    ssize_t len = readlink("/proc/self/exe", path, sizeof path - 20);

    (void)ctx, (void)common, (void)n;
    len = len < 0 ? 0 : len;
    snprintf(path + len, sizeof path - (size_t)len, "-pull");
    execv(path, (char *const *)(uintptr_t)args);
    fprintf(stderr,
            "error: %s cannot be started\n  hint      It is built and installed beside engraft.\n",
            path);
    return E_UNAVAILABLE;
}

const Verb verb_pull = {
    .name = "pull",
    .summary = "bring a released model to this computer",
    .arguments = "MODEL",
    .example = "engraft pull all-MiniLM-L6-v2",
    .arguments_min = 1,
    .arguments_max = 1,
    .flags = flags,
    .flag_count = LEN(flags),
    .options_size = sizeof(PullOptions),
    .run = run,
};

/* SPDX-License-Identifier: MIT */
