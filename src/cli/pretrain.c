/* pretrain.c - engraft pretrain: learning from plain text, without labels. */
#include "cli/cli.h"

#include <inttypes.h>
#include <stdio.h>

static const Flag flags[] = {
    FLAG(eg_pretrain_options, "objective", 0, FLAG_TEXT, objective, "NAME",
         "skipgram (default) or cbow: word vectors"),
    FLAG(eg_pretrain_options, "output", 'o', FLAG_TEXT, output, "DIR", "folder to make"),
    FLAG(eg_pretrain_options, "epochs", 0, FLAG_INT, epochs, "N", "times through the text (5)"),
    FLAG(eg_pretrain_options, "lr", 0, FLAG_FLOAT, lr, "X", "rate at first; it falls to 0 (0.025)"),
    FLAG(eg_pretrain_options, "seed", 0, FLAG_INT, seed, "N", "of all that is random (0)"),
    FLAG(eg_pretrain_options, "width", 0, FLAG_INT, width, "N", "numbers a word (100)"),
    FLAG(eg_pretrain_options, "window", 0, FLAG_INT, window, "N", "words to each side (5)"),
    FLAG(eg_pretrain_options, "negative", 0, FLAG_INT, negative, "N", "other words drawn (5)"),
    FLAG(eg_pretrain_options, "min-count", 0, FLAG_INT, min_count, "N",
         "leave out rarer words (5)"),
    FLAG(eg_pretrain_options, "sample", 0, FLAG_FLOAT_OFF, sample, "X",
         "leave out words commoner than this share at times (0.001; 0: never)"),
    FLAG(eg_pretrain_options, "overwrite", 0, FLAG_BOOL, overwrite, NULL, "replace what is there"),
};

static int run(eg_ctx *ctx, const Common *common, const void *options, const char *const *words,
               int n)
{
    eg_pretrain_options o = *(const eg_pretrain_options *)options;
    eg_pretrain_result r;

    (void)n;
    o.data = words[0];
    if (!o.output) {
        fputs("error: where does what is learned go?\n  hint      -o DIR\n", stderr);
        return E_USAGE;
    }
    int code = eg_pretrain(ctx, &o, &r);
    if (code)
        return code;
    double rate = r.seconds > 0 ? (double)(r.words * r.epochs) / r.seconds : 0;
    cli_event_end(cli_display(common));
    if (common->json) {
        printf("{\"output\":");
        print_json_text(o.output);
        printf(",\"words\":%" PRId64 ",\"vocabulary\":%" PRId64 ",\"epochs\":%" PRId64, r.words,
               r.vocabulary, r.epochs);
        print_json_number("seconds", r.seconds);
        print_json_number("words_per_second", rate);
        puts("}");
        return E_OK;
    }
    printf("saved     %s: %" PRId64
           " words; learned in %.1f s, %.0f words/s; read afresh, the same\n",
           o.output, r.vocabulary, r.seconds, rate);
    return E_OK;
}

const Verb verb_pretrain = {
    .name = "pretrain",
    .summary = "learns from plain text: word vectors",
    .arguments = "TEXT",
    .example = "engraft pretrain corpus.txt --objective skipgram -o vectors",
    .arguments_min = 1,
    .arguments_max = 1,
    .flags = flags,
    .flag_count = LEN(flags),
    .options_size = sizeof(eg_pretrain_options),
    .run = run,
};

/* SPDX-License-Identifier: MIT */
