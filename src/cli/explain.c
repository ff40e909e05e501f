/* explain.c - engraft explain: a step of a model, with shapes and kernels. */
#include "cli/cli.h"

#include <stdio.h>

typedef struct ExplainOptions {
    bool kernels;
} ExplainOptions;

static const Flag flags[] = {
    FLAG(ExplainOptions, "kernels", 0, FLAG_BOOL, kernels, NULL,
         "also the kernels that refused, and why"),
};

static void print_line(void *user, const char *text)
{
    (void)user;
    puts(text);
}

static void print_item(void *user, const char *text)
{
    int *n = user;

    if ((*n)++)
        puts(",");
    print_json_text(text);
}

static int run(eg_ctx *ctx, const Common *common, const void *options, const char *const *words,
               int n)
{
    const ExplainOptions *o = options;

    if (!common->json)
        return eg_explain(ctx, words[0], o->kernels, print_line, NULL);
    n = 0;
    putchar('[');
    int code = eg_explain(ctx, words[0], o->kernels, print_item, &n);
    puts("]");
    return code;
}

const Verb verb_explain = {
    .name = "explain",
    .summary = "a step of a model: shapes and kernels",
    .arguments = "MODEL",
    .example = "engraft explain all-MiniLM-L6-v2 --kernels",
    .arguments_min = 1,
    .arguments_max = 1,
    .flags = flags,
    .flag_count = LEN(flags),
    .options_size = sizeof(ExplainOptions),
    .run = run,
};

/* SPDX-License-Identifier: MIT */
