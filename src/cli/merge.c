/* merge.c - engraft merge: an adapter put into its base's weights, in the released layout. */
#include "cli/cli.h"

#include <stdio.h>

static const Flag flags[] = {
    FLAG(eg_merge_options, "output", 'o', FLAG_TEXT, output, "DIR", "where the merged model goes"),
    FLAG(eg_merge_options, "base", 0, FLAG_TEXT, base, "MODEL",
         "the base (default: the one that the adapter names)"),
};

static void print_json(const eg_merge_options *o, const eg_merge_result *r)
{
    printf("{\"output\":");
    print_json_text(o->output);
    printf(",\"base\":");
    print_json_text(r->base);
    printf(",\"layers\":%d,\"compared\":\"%s\"", r->layers, r->output);
    print_json_number("difference", r->difference);
    print_json_number("largest", r->largest);
    puts("}");
}

static int run(eg_ctx *ctx, const Common *common, const void *options, const char *const *words,
               int n)
{
    eg_merge_options o = *(const eg_merge_options *)options;
    eg_merge_result r;

    (void)n;
    o.adapter = words[0];
    if (!o.output) {
        fputs("error: where does the merged model go?\n  hint      -o DIR\n", stderr);
        return E_USAGE;
    }
    int code = eg_merge(ctx, &o, &r);
    if (code)
        return code;
    if (common->json)
        print_json(&o, &r);
    else
        printf("base    %s\nsaved   %s  (%d layers merged)\n"
               "loaded  afresh: %s within %.1e of base and adapter, the largest is %.3g\n",
               r.base, o.output, r.layers, r.output, r.difference, r.largest);
    return E_OK;
}

const Verb verb_merge = {
    .name = "merge",
    .summary = "an adapter put into its base's weights",
    .arguments = "ADAPTER",
    .example = "engraft merge reviews-lora/adapter -o reviews-merged",
    .arguments_min = 1,
    .arguments_max = 1,
    .flags = flags,
    .flag_count = LEN(flags),
    .options_size = sizeof(eg_merge_options),
    .run = run,
};

/* SPDX-License-Identifier: MIT */
