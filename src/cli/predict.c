/* predict.c - engraft predict: label and probability for pictures or a table, or for stdin line by line. */
#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHOWN 200 /* bytes of a text in a line */

typedef struct PredictOptions {
    eg_use_options use;
    bool jsonl;
} PredictOptions;

static const Flag flags[] = {
    FLAG(PredictOptions, "output", 'o', FLAG_TEXT, use.output, "FILE",
         "a table with label and probability (else to stdout)"),
    FLAG(PredictOptions, "jsonl", 0, FLAG_BOOL, jsonl, NULL,
         "answer each {\"text\": ..} line of stdin at once"),
    FLAG(PredictOptions, "text", 0, FLAG_TEXT, use.text, "COLUMN",
         "column of the text, or of the pictures' files"),
    FLAG(PredictOptions, "second", 0, FLAG_TEXT, use.second, "COLUMN",
         "column of the other text of a pair"),
    FLAG(PredictOptions, "batch-size", 0, FLAG_INT, use.batch, "N", "texts at a time (32)"),
    FLAG(PredictOptions, "on-bad", 0, FLAG_TEXT, use.on_bad, "NAME",
         "unreadable rows and pictures: fail (default) or skip"),
};

static int answer_lines(eg_ctx *ctx, const char *path)
{
    eg_model *model;
    char *line = NULL;
    size_t cap = 0;
    ssize_t n;
    int code = eg_model_load(ctx, path, &model);

    while (!code && (n = getline(&line, &cap, stdin)) >= 0) {
        const char *out;

        if (n && line[n - 1] == '\n')
            n--;
        code = eg_predict_json(model, line, (size_t)n, &out);
        if (!code && (puts(out) < 0 || fflush(stdout)))
            code = E_IO;
    }
    free(line);
    return code;
}

/* One text on the command line: the answer in a line. */
static int answer_text(eg_ctx *ctx, const char *path, const char *text, bool json)
{
    eg_prediction p;
    eg_model *model;
    int code = eg_model_load(ctx, path, &model);

    if (!code)
        code = eg_classify(model, text, NULL, &p);
    if (code)
        return code;
    if (json) {
        printf("{\"text\":");
        print_json_text(text);
        if (p.label) {
            printf(",\"label\":");
            print_json_text(p.label);
        }
        print_json_number(p.label ? "probability" : "value", (double)p.probability);
        puts("}");
    } else if (p.label)
        printf("%s  %.3f\n", p.label, (double)p.probability);
    else
        printf("%.4f\n", (double)p.probability);
    return E_OK;
}

typedef struct Lines { /* answers on stdout */
    bool json;
} Lines;

static void answer_line(void *user, const char *sample, const char *label, float probability)
{
    const Lines *l = user;

    if (l->json) {
        printf("{\"sample\":");
        print_json_text(sample);
        if (label) {
            printf(",\"label\":");
            print_json_text(label);
        }
        print_json_number(label ? "probability" : "value", (double)probability);
        puts("}");
        return;
    }
    print_shown_text(sample, SHOWN);
    if (label) {
        printf("  ");
        print_shown_text(label, SHOWN);
    }
    printf("  %.3f\n", (double)probability);
}

static int answer_all(eg_ctx *ctx, const Common *common, const PredictOptions *o,
                      const char *const *words, int n)
{
    eg_use_options use = o->use;
    Lines lines = {common->json};
    int code = E_OK;

    for (int i = 1; i < n && !code; i++) {
        use.data = words[i];
        code = eg_predict_each(ctx, &use, answer_line, &lines);
    }
    return code;
}

static bool is_there(const char *path)
{
    FILE *file = fopen(path, "r"); /* a folder opens too */

    if (file)
        (void)fclose(file); /* only read: nothing can be lost */
    return file != NULL;
}

static int run(eg_ctx *ctx, const Common *common, const void *options, const char *const *words,
               int n)
{
    PredictOptions o = *(const PredictOptions *)options;
    int64_t rows;

    if (o.jsonl)
        return answer_lines(ctx, words[0]);
    if (n < 2) {
        fputs("error: engraft predict wants pictures, a table, a text in quotes, or --jsonl\n",
              stderr);
        return E_USAGE;
    }
    if (n == 2 && !is_there(words[1]) && strchr(words[1], ' '))
        return answer_text(ctx, words[0], words[1], common->json);
    o.use.model = words[0];
    o.use.data = words[1];
    if (!o.use.output)
        return answer_all(ctx, common, &o, words, n);
    if (n > 2) {
        fputs("error: one file takes the answers of one table, folder or list\n", stderr);
        return E_USAGE;
    }
    int code = eg_predict_file(ctx, &o.use, &rows);
    if (!code)
        cli_wrote(common, o.use.output, rows);
    return code;
}

const Verb verb_predict = {
    .name = "predict",
    .summary = "label and probability of new texts or pictures",
    .arguments = "MODEL PICTURES|TABLE",
    .example = "engraft predict reviews new.csv -o scored.csv",
    .arguments_min = 1,
    .arguments_max = -1,
    .flags = flags,
    .flag_count = LEN(flags),
    .options_size = sizeof(PredictOptions),
    .run = run,
};

/* SPDX-License-Identifier: MIT */
