/* embed.c - engraft embed: texts to vectors, for a table, or for stdin line by line. */
#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>

static const Flag flags[] = {
    FLAG(eg_use_options, "output", 'o', FLAG_TEXT, output, "FILE",
         ".safetensors or .csv, one row a text or picture"),
    FLAG(eg_use_options, "text", 0, FLAG_TEXT, text, "COLUMN",
         "column of the text (default: found)"),
    FLAG(eg_use_options, "batch-size", 0, FLAG_INT, batch, "N", "texts at a time (32)"),
    FLAG(eg_use_options, "max-length", 0, FLAG_INT, max_length, "N",
         "tokens of a text (the model's)"),
    FLAG(eg_use_options, "no-normalize", 0, FLAG_BOOL, no_normalize, NULL,
         "keep the vectors' length"),
};

static int embed_lines(eg_ctx *ctx, const char *path, bool json)
{
    eg_model *model;
    char *line = NULL;
    size_t cap = 0;
    ssize_t n;
    int code = eg_model_load(ctx, path, &model);
    float *x = code ? NULL : calloc((size_t)eg_model_width(model), sizeof *x);

    if (!code && !x)
        code = E_INTERNAL;
    while (!code && (n = getline(&line, &cap, stdin)) >= 0) {
        if (n && line[n - 1] == '\n')
            line[n - 1] = 0;
        code = eg_embed(model, line, x);
        for (int i = 0; !code && i < eg_model_width(model); i++)
            printf("%s%.8g", i ? json ? "," : " " : json ? "[" : "", (double)x[i]);
        if (!code && (puts(json ? "]" : "") < 0 || fflush(stdout)))
            code = E_IO;
    }
    free(x);
    free(line);
    return code;
}

static int run(eg_ctx *ctx, const Common *common, const void *options, const char *const *words,
               int n)
{
    eg_use_options o = *(const eg_use_options *)options;
    int64_t rows;

    if (n == 1)
        return embed_lines(ctx, words[0], common->json);
    o.model = words[0];
    o.data = words[1];
    if (!o.output) {
        fputs("error: where do the vectors go?\n  hint      -o vectors.safetensors\n", stderr);
        return E_USAGE;
    }
    int code = eg_embed_file(ctx, &o, &rows);
    if (!code)
        cli_wrote(common, o.output, rows);
    return code;
}

const Verb verb_embed = {
    .name = "embed",
    .summary = "texts or pictures to vectors; stdin without a table",
    .arguments = "MODEL [TABLE|FOLDER]",
    .example = "engraft embed all-MiniLM-L6-v2 < sentences.txt",
    .arguments_min = 1,
    .arguments_max = 2,
    .flags = flags,
    .flag_count = LEN(flags),
    .options_size = sizeof(eg_use_options),
    .run = run,
};

/* SPDX-License-Identifier: MIT */
