/* train.c - engraft train and plan: learn from a table of texts or from pictures, or say what that would take. */
#include "cli/cli.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#define T eg_train_options
static const Flag flags[] = {
    FLAG(T, "output", 'o', FLAG_TEXT, output, "DIR",
         "where the model goes (default: the data's name)"),
    FLAG(T, "model", 0, FLAG_TEXT, model, "NAME|DIR",
         "released model (all-MiniLM-L6-v2, efficientnet_lite0)"),
    RARE(T, "weights", 0, FLAG_TEXT, weights, "FILE", "a bare file of weights of that model"),
    FLAG(T, "method", 0, FLAG_TEXT, method, "TEXT",
         "full, head, freeze:K, lora, ia3, adapter, prompt, prefix .."),
    FLAG(T, "augment", 0, FLAG_TEXT, augment, "TEXT",
         "how pictures vary: crop,flip (default), jitter, none"),
    FLAG(T, "size", 0, FLAG_INT, size, "N", "pixels of a picture's side (the model's)"),
    RARE(T, "task", 0, FLAG_TEXT, task, "NAME", "classify or regression (default: found)"),
    FLAG(T, "text", 0, FLAG_TEXT, text, "COLUMN", "column of the text, or of the pictures' files"),
    RARE(T, "second", 0, FLAG_TEXT, second, "COLUMN", "column of the other text of a pair"),
    FLAG(T, "label", 0, FLAG_TEXT, label, "COLUMN", "column of the label"),
    FLAG(T, "valid", 0, FLAG_TEXT, valid, "FILE", "validation rows (default: split off by seed)"),
    FLAG(T, "test", 0, FLAG_TEXT, test, "FILE", "held-out rows (default: split off by seed)"),
    FLAG(T, "target", 0, FLAG_TEXT, target, "DATA", "unlabelled data of the domain it is for"),
    FLAG(T, "adapt", 0, FLAG_TEXT, adapt, "TEXT", "how: dann:strength=0.1|1,ramp=10,hidden=100"),
    RARE(T, "valid-share", 0, FLAG_FLOAT_OFF, valid_share, "X",
         "share split off for validation (0.15; 0: none)"),
    RARE(T, "test-share", 0, FLAG_FLOAT, test_share, "X", "share split off for the test (0.15)"),
    RARE(T, "per-class", 0, FLAG_INT, per_class, "N", "learn from at most N pictures a class"),
    RARE(T, "labels", 0, FLAG_INT, labels, "N", "learn and choose by at most N examples, by seed"),
    RARE(T, "test-limit", 0, FLAG_INT, test_limit, "N", "judge on at most N examples"),
    FLAG(T, "epochs", 0, FLAG_INT, epochs, "N",
         "times through the training part (5; pictures 6, numbers 40)"),
    FLAG(T, "batch-size", 0, FLAG_INT, batch, "N", "examples of a step (16)"),
    RARE(T, "grad-accum", 0, FLAG_INT, accumulate, "N", "batches of an update (1)"),
    FLAG(T, "lr", 0, FLAG_FLOAT, lr, "X",
         "rate (by method: full 5e-5, of pictures 5e-4, head 1e-3)"),
    RARE(T, "optimizer", 0, FLAG_TEXT, optimizer, "TEXT", "adamw (default) or sgd:momentum=0.9"),
    RARE(T, "weight-decay", 0, FLAG_FLOAT_OFF, weight_decay, "X", "of the optimizer (0.01)"),
    RARE(T, "warmup", 0, FLAG_FLOAT_OFF, warmup, "X", "updates, or a share of them below 1 (0.1)"),
    RARE(T, "schedule", 0, FLAG_TEXT, schedule, "NAME", "linear, cosine or constant"),
    RARE(T, "clip-grad", 0, FLAG_FLOAT_OFF, clip, "X", "largest gradient norm (1.0)"),
    RARE(T, "label-smoothing", 0, FLAG_FLOAT, smoothing, "X", "0 to below 1 (0)"),
    RARE(T, "layer-decay", 0, FLAG_FLOAT, layer_decay, "X",
         "a layer's rate is times this for each layer above it (1)"),
    RARE(T, "batch-norm", 0, FLAG_TEXT, batch_norm, "NAME",
         "frozen (as released), adapt (of what trains) or train (of all)"),
    RARE(T, "views", 0, FLAG_INT, views, "N",
         "ways of a picture that come back (0: ever new ones)"),
    RARE(T, "dropout", 0, FLAG_FLOAT_OFF, dropout, "X", "the model's own by default"),
    RARE(T, "class-weights", 0, FLAG_TEXT, class_weights, "NAME",
         "none or auto (rare classes count more)"),
    FLAG(T, "pooling", 0, FLAG_TEXT, pooling, "NAME",
         "cls (BERT's own head), last (GPT-2's) or mean"),
    RARE(T, "patience", 0, FLAG_INT_OFF, patience, "N",
         "stop after N epochs without a better score (3; 0: never)"),
    FLAG(T, "max-length", 0, FLAG_INT, max_length, "N",
         "tokens of a text (what the data needs, at most 256)"),
    FLAG(T, "seed", 0, FLAG_INT, seed, "N", "of the split, the head, the order, dropout (0)"),
    RARE(T, "seeds", 0, FLAG_INT, seeds, "N", "tune N times and print mean and spread (1)"),
    RARE(T, "scratch", 0, FLAG_BOOL, scratch, NULL, "the same network from random weights"),
    FLAG(T, "no-tuning", 0, FLAG_BOOL, no_tuning, NULL,
         "stop after the first answer: frozen features, linear head"),
    RARE(T, "no-baselines", 0, FLAG_BOOL, no_baselines, NULL, "leave out the bag of words"),
    FLAG(T, "resume", 0, FLAG_BOOL, resume, NULL, "go on with the interrupted run in DIR"),
    FLAG(T, "overwrite", 0, FLAG_BOOL, overwrite, NULL, "replace the finished run in DIR"),
    RARE(T, "accept-data-change", 0, FLAG_BOOL, accept_data_change, NULL,
         "resume although the data is another"),
    RARE(T, "on-bad", 0, FLAG_TEXT, on_bad, "NAME",
         "unreadable rows and pictures: fail (default) or skip"),
    RARE(T, "checkpoint-steps", 0, FLAG_INT, checkpoint_steps, "N", "a checkpoint every N updates"),
    RARE(T, "checkpoint-seconds", 0, FLAG_FLOAT, checkpoint_seconds, "X",
         "a checkpoint every X seconds (600)"),
};
#undef T

static void print_score(const char *name, double value, const char *after)
{
    (void)name;
    if (isnan(value))
        printf("%10s%s", "-", after);
    else
        printf("%10.3f%s", value, after);
}

static void print_measure(const char *name, double without, double with)
{
    printf("  %-36s", name);
    print_score(name, without, "");
    print_score(name, with, "\n");
}

static void print_domain(const eg_domain *d)
{
    printf("\n%-38s%10s%10s\n", "two domains", "without", d->method);
    print_measure("error of reverse validation", d->plain_risk, d->risk);
    print_measure("proxy A-distance of what it makes", d->distance_plain, d->distance);
    if (!isnan(d->distance_raw))
        print_measure("proxy A-distance of the data", d->distance_raw, d->distance_raw);
    print_measure("accuracy of its domain classifier", (double)NAN, d->accuracy);
}

static void print_table(const eg_train_result *r)
{
    printf("\n%-38s%10s%10s%8s   %s\n", r->metric, "training", "held out", "n", "95 % interval");
    for (int i = 0; i < r->scores; i++) {
        const eg_score *s = &r->score[i];

        printf("%s %-36s", s->chosen ? ">" : " ", s->name);
        print_score(s->name, s->train, "");
        print_score(s->name, s->held, "");
        printf("%8" PRId64 "   %.3f to %.3f\n", s->held_n, s->low, s->high);
    }
    if (r->seeds > 1)
        printf("  tuned over %" PRId64 " seeds: %.3f, spread %.3f\n", r->seeds, r->seeds_mean,
               r->seeds_spread);
    if (r->domain.method)
        print_domain(&r->domain);
    printf("\n%s\n", r->verdict);
    printf("saved   %s  (loaded afresh: outputs within %.1e)\n", r->output, r->saved_difference);
    printf("report  %s\n", r->report);
    printf("next    engraft predict %s %s\n", r->output,
           r->pictures ? "new.jpg" : "new.csv -o scored.csv");
}

static void print_json_domain(const eg_domain *d)
{
    printf(",\"domain\":{\"method\":");
    print_json_text(d->method);
    printf(",\"targets\":%" PRId64, d->targets);
    print_json_number("strength", d->strength);
    print_json_number("risk", d->risk);
    print_json_number("plain_risk", d->plain_risk);
    print_json_number("accuracy", d->accuracy);
    print_json_number("distance_raw", d->distance_raw);
    print_json_number("distance_plain", d->distance_plain);
    print_json_number("distance", d->distance);
    printf(",\"hurts\":%s}", d->hurts ? "true" : "false");
}

static void print_json(const eg_train_result *r)
{
    printf("{\"output\":");
    print_json_text(r->output);
    printf(",\"report\":");
    print_json_text(r->report);
    printf(",\"metric\":");
    print_json_text(r->metric);
    printf(",\"verdict\":");
    print_json_text(r->verdict);
    printf(",\"classes\":%d,\"train\":%" PRId64 ",\"valid\":%" PRId64 ",\"test\":%" PRId64,
           r->classes, r->train_n, r->valid_n, r->test_n);
    print_json_number("first_answer_seconds", r->first_answer_seconds);
    print_json_number("saved_difference", r->saved_difference);
    print_json_number("seeds_mean", r->seeds_mean);
    print_json_number("seeds_spread", r->seeds_spread);
    if (r->domain.method)
        print_json_domain(&r->domain);
    printf(",\"scores\":[");
    for (int i = 0; i < r->scores; i++) {
        const eg_score *s = &r->score[i];

        printf("%s{\"name\":", i ? "," : "");
        print_json_text(s->name);
        print_json_number("train", s->train);
        print_json_number("valid", s->valid);
        print_json_number("valid_loss", s->valid_loss);
        print_json_number("held_out", s->held);
        print_json_number("low", s->low);
        print_json_number("high", s->high);
        print_json_number("seconds", s->seconds);
        printf(",\"n\":%" PRId64 ",\"chosen\":%s}", s->held_n, s->chosen ? "true" : "false");
    }
    puts("]}");
}

static int run_train(eg_ctx *ctx, const Common *common, const void *options,
                     const char *const *words, int n)
{
    eg_train_options o = *(const eg_train_options *)options;
    eg_train_result r;

    (void)n;
    o.data = words[0];
    int code = eg_train(ctx, &o, &r);
    if (code)
        return code;
    if (common->json)
        print_json(&r);
    else
        print_table(&r);
    return E_OK;
}

const Verb verb_train = {
    .name = "train",
    .summary = "learn from a table of texts, or a folder of pictures",
    .arguments = "DATA",
    .example = "engraft train reviews.csv -o reviews",
    .arguments_min = 1,
    .arguments_max = 1,
    .flags = flags,
    .flag_count = LEN(flags),
    .options_size = sizeof(eg_train_options),
    .run = run_train,
};

static int run_plan(eg_ctx *ctx, const Common *common, const void *options,
                    const char *const *words, int n)
{
    eg_train_options o = *(const eg_train_options *)options;
    eg_plan_result p;

    (void)n;
    o.data = words[0];
    int code = eg_plan(ctx, &o, &p);
    if (code)
        return code;
    if (common->json) {
        printf("{\"task\":");
        print_json_text(p.task);
        printf(",\"classes\":%d,\"train\":%" PRId64 ",\"valid\":%" PRId64 ",\"test\":%" PRId64
               ",\"max_length\":%" PRId64 ",\"size\":%" PRId64 ",\"tokens\":%" PRId64
               ",\"updates\":%" PRId64 ",\"parameters\":%" PRId64 ",\"trained\":%" PRId64
               ",\"bytes\":%zu,\"flops\":%.6g}\n",
               p.classes, p.train_n, p.valid_n, p.test_n, p.max_length, p.size, p.tokens, p.updates,
               p.parameters, p.trained, p.bytes, p.flops);
        return E_OK;
    }
    printf("task      %s: %s\n", p.task, p.why);
    printf("rows      %" PRId64 " to train on, %" PRId64 " to validate, %" PRId64 " held out\n",
           p.train_n, p.valid_n, p.test_n);
    if (p.size)
        printf("pictures  %" PRId64 " x %" PRId64 " pixels\n", p.size, p.size);
    else if (p.max_length)
        printf("texts     %" PRId64 " tokens in all, at most %" PRId64 " each\n", p.tokens,
               p.max_length);
    printf("trains    %" PRId64 " of %" PRId64 " parameters in %" PRId64 " updates\n", p.trained,
           p.parameters, p.updates);
    printf("memory    %.0f MB\n", (double)p.bytes / 1e6);
    printf("work      %.1f Tflop\n", p.flops / 1e12);
    return E_OK;
}

const Verb verb_plan = {
    .name = "plan",
    .summary = "what train would do: task, memory, work",
    .arguments = "DATA",
    .example = "engraft plan reviews.csv --method lora",
    .arguments_min = 1,
    .arguments_max = 1,
    .flags = flags,
    .flag_count = LEN(flags),
    .options_size = sizeof(eg_train_options),
    .run = run_plan,
};

/* SPDX-License-Identifier: MIT */
