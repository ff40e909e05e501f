/* study_transferability.c - engraft study transferability: which layers of a network serve other classes. */
#include "cli/cli.h"

#include <inttypes.h>
#include <stdio.h>

#define T eg_study_options
static const Flag flags[] = {
    FLAG(T, "output", 'o', FLAG_TEXT, output, "DIR", "where it goes (default: DATA-study)"),
    FLAG(T, "model", 0, FLAG_TEXT, model, "NAME|DIR",
         "the network, from random weights (alexnet_small)"),
    FLAG(T, "a", 0, FLAG_TEXT, a, "CLASSES", "first half by name: cat,dog,horse"),
    FLAG(T, "b", 0, FLAG_TEXT, b, "CLASSES", "the half that is learned with A's layers"),
    FLAG(T, "far", 0, FLAG_BOOL, far, NULL, "named halves (of CIFAR-10 unasked) and random ones"),
    FLAG(T, "layers", 0, FLAG_TEXT, layers, "LIST", "how many are taken: 1,2,6 (1 to all)"),
    FLAG(T, "seeds", 0, FLAG_INT, seeds, "N", "halves, weights and order N times (4)"),
    FLAG(T, "seed", 0, FLAG_INT, seed, "N", "the first of them (0)"),
    FLAG(T, "epochs", 0, FLAG_INT, epochs, "N", "times through the pictures, each network (10)"),
    FLAG(T, "batch-size", 0, FLAG_INT, batch, "N", "pictures of a step (32)"),
    FLAG(T, "lr", 0, FLAG_FLOAT, lr, "X", "rate (1e-3)"),
    FLAG(T, "weight-decay", 0, FLAG_FLOAT_OFF, weight_decay, "X", "AdamW's (0.01)"),
    FLAG(T, "size", 0, FLAG_INT, size, "N", "pixels of a picture's side (the network's)"),
    FLAG(T, "per-class", 0, FLAG_INT_OFF, per_class, "N",
         "learn from at most N pictures a class (400; 0: all)"),
    FLAG(T, "test-limit", 0, FLAG_INT_OFF, test_limit, "N",
         "judge by at most N pictures a class (500; 0: all)"),
    FLAG(T, "resume", 0, FLAG_BOOL, resume, NULL, "go on with what is missing in DIR"),
    FLAG(T, "overwrite", 0, FLAG_BOOL, overwrite, NULL, "replace the study in DIR"),
};
#undef T

static void print_findings(const eg_study_result *r)
{
    printf("\nbaseB %.1f %%; trained again it differs by %.1f points (standard deviation)\n\n"
           "%-32s %8s %6s %15s   %s\n",
           100 * r->base, 100 * r->spread, "points of accuracy", "mean", "error", "95 %", "here");
    for (int i = 0; i < r->findings; i++) {
        const eg_study_finding *f = &r->finding[i];

        printf("%s\n", f->claim);
        if (f->seeds > 1)
            printf("  %-30s %+8.1f %6.1f %+7.1f to %+5.1f   %s\n", f->measured, 100 * f->mean,
                   100 * f->error, 100 * f->low, 100 * f->high, f->verdict);
        else
            printf("  %-30s %+8.1f %6s %16s   %s\n", f->measured, 100 * f->mean, "-", "-",
                   f->verdict);
    }
    printf("\nsaved   %s  (%" PRId64 " networks, %" PRId64 " of them now)\n", r->output,
           r->networks, r->trained);
    printf("rows    %s, %s\nreport  %s\n", r->networks_csv, r->summary, r->report);
}

static void print_json(const eg_study_result *r)
{
    printf("{\"output\":");
    print_json_text(r->output);
    printf(",\"report\":");
    print_json_text(r->report);
    printf(",\"networks_csv\":");
    print_json_text(r->networks_csv);
    printf(",\"summary\":");
    print_json_text(r->summary);
    printf(",\"networks\":%" PRId64 ",\"trained\":%" PRId64, r->networks, r->trained);
    print_json_number("base", r->base);
    print_json_number("spread", r->spread);
    printf(",\"findings\":[");
    for (int i = 0; i < r->findings; i++) {
        const eg_study_finding *f = &r->finding[i];

        printf("%s{\"claim\":", i ? "," : "");
        print_json_text(f->claim);
        printf(",\"measured\":");
        print_json_text(f->measured);
        printf(",\"verdict\":");
        print_json_text(f->verdict);
        printf(",\"seeds\":%" PRId64, f->seeds);
        print_json_number("mean", f->mean);
        print_json_number("error", f->error);
        print_json_number("low", f->low);
        print_json_number("high", f->high);
        printf("}");
    }
    puts("]}");
}

static int run(eg_ctx *ctx, const Common *common, const void *options, const char *const *words,
               int n)
{
    eg_study_options o = *(const eg_study_options *)options;
    eg_study_result r;

    (void)n;
    o.data = words[0];
    int code = eg_study_transferability(ctx, &o, &r);
    if (code)
        return code;
    if (common->json)
        print_json(&r);
    else
        print_findings(&r);
    return E_OK;
}

const Verb verb_study_transferability = {
    .name = "study",
    .part = "transferability",
    .summary = "which layers of a network serve other classes",
    .arguments = "DATA",
    .example = "engraft study transferability /usr/share/datasets/fashion-mnist -o study",
    .arguments_min = 1,
    .arguments_max = 1,
    .flags = flags,
    .flag_count = LEN(flags),
    .options_size = sizeof(eg_study_options),
    .run = run,
};

/* SPDX-License-Identifier: MIT */
