/* pretrain.c - engraft pretrain: learning from plain text, without labels. */
#include "cli/cli.h"

#include <inttypes.h>
#include <stdio.h>

#define T eg_pretrain_options
static const Flag flags[] = {
    FLAG(T, "objective", 0, FLAG_TEXT, objective, "NAME",
         "words: skipgram (default), cbow; models: lm (next), mlm (masked)"),
    FLAG(T, "output", 'o', FLAG_TEXT, output, "DIR", "folder to make"),
    FLAG(T, "model", 0, FLAG_TEXT, model, "NAME|DIR", "the model that learns on (GPT-2, BERT, ..)"),
    FLAG(T, "epochs", 0, FLAG_INT, epochs, "N", "times through the text (words 5, models 1)"),
    FLAG(T, "lr", 0, FLAG_FLOAT, lr, "X", "rate (words 0.025; models 5e-5, from scratch 6e-4)"),
    FLAG(T, "seed", 0, FLAG_INT, seed, "N", "of all that is random (0)"),
    FLAG(T, "overwrite", 0, FLAG_BOOL, overwrite, NULL, "replace what is there"),
    FLAG(T, "width", 0, FLAG_INT, width, "N", "words: numbers of each (100)"),
    FLAG(T, "window", 0, FLAG_INT, window, "N", "words: how many to each side (5)"),
    FLAG(T, "negative", 0, FLAG_INT, negative, "N", "words: others drawn (5)"),
    FLAG(T, "min-count", 0, FLAG_INT, min_count, "N", "words: leave out rarer ones (5)"),
    FLAG(T, "sample", 0, FLAG_FLOAT_OFF, sample, "X",
         "words: thin out commoner ones than this share (0.001; 0: none)"),
    FLAG(T, "length", 0, FLAG_INT, length, "N",
         "models: tokens of a row (the model's, at most 512)"),
    FLAG(T, "batch-size", 0, FLAG_INT, batch, "N", "models: rows of a step (8)"),
    RARE(T, "grad-accum", 0, FLAG_INT, accumulate, "N", "models: steps of an update (1)"),
    RARE(T, "weight-decay", 0, FLAG_FLOAT_OFF, weight_decay, "X", "models: AdamW's (0.01)"),
    RARE(T, "warmup", 0, FLAG_FLOAT_OFF, warmup, "X",
         "models: updates, or a share of them below 1 (0.05)"),
    RARE(T, "schedule", 0, FLAG_TEXT, schedule, "NAME", "models: cosine, linear or constant"),
    RARE(T, "clip-grad", 0, FLAG_FLOAT_OFF, clip, "X", "models: largest gradient norm (1.0)"),
    RARE(T, "dropout", 0, FLAG_FLOAT_OFF, dropout, "X", "models: their own by default"),
    FLAG(T, "valid-share", 0, FLAG_FLOAT_OFF, valid_share, "X",
         "models: share held out at the text's end (0.05; 0: none)"),
    FLAG(T, "scratch", 0, FLAG_BOOL, scratch, NULL, "models: the same network from random weights"),
    FLAG(T, "resume", 0, FLAG_BOOL, resume, NULL, "models: go on with the interrupted run in DIR"),
    RARE(T, "accept-data-change", 0, FLAG_BOOL, accept_data_change, NULL,
         "models: resume although the text is another"),
    RARE(T, "checkpoint-steps", 0, FLAG_INT, checkpoint_steps, "N",
         "models: a checkpoint every N updates"),
    RARE(T, "checkpoint-seconds", 0, FLAG_FLOAT, checkpoint_seconds, "X",
         "models: a checkpoint every X seconds (600)"),
};
#undef T

static void words_json(const eg_pretrain_result *r, double rate)
{
    printf(",\"words\":%" PRId64 ",\"vocabulary\":%" PRId64 ",\"epochs\":%" PRId64, r->words,
           r->vocabulary, r->epochs);
    print_json_number("seconds", r->seconds);
    print_json_number("words_per_second", rate);
}

static void model_json(const eg_pretrain_result *r)
{
    printf(",\"objective\":\"%s\",\"documents\":%" PRId64 ",\"tokens\":%" PRId64
           ",\"held_out\":%" PRId64 ",\"epochs\":%" PRId64 ",\"updates\":%" PRId64,
           r->objective, r->documents, r->tokens, r->held, r->epochs, r->updates);
    print_json_number("perplexity_before", r->before);
    print_json_number("perplexity", r->after);
    print_json_number("tokens_per_second", r->tokens_per_second);
    print_json_number("saved_difference", r->saved_difference);
}

static void model_text(const eg_pretrain_options *o, const eg_pretrain_result *r)
{
    if (r->held > 0)
        printf("perplexity  %.2f before, %.2f after, on %" PRId64 " held-out tokens\n", r->before,
               r->after, r->held);
    else
        printf("perplexity  %.2f over the last epoch of learning; nothing was held out\n",
               r->after);
    printf("speed       %.0f tokens/s\n", r->tokens_per_second);
    printf("saved       %s  (loaded afresh: loss within %.1e)\n", o->output, r->saved_difference);
    printf("next        engraft train DATA --model %s\n", o->output);
}

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
        if (r.vocabulary > 0)
            words_json(&r, rate);
        else
            model_json(&r);
        puts("}");
    } else if (r.vocabulary > 0) {
        printf("saved     %s: %" PRId64
               " words; learned in %.1f s, %.0f words/s; read afresh, the same\n",
               o.output, r.vocabulary, r.seconds, rate);
    } else {
        model_text(&o, &r);
    }
    return E_OK;
}

const Verb verb_pretrain = {
    .name = "pretrain",
    .summary = "learn from plain text: word vectors, or on with a model",
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
