/* eval.c - engraft eval: a model's score on labelled rows. */
#include "cli/cli.h"

#include <inttypes.h>
#include <stdio.h>

static const Flag flags[] = {
    FLAG(eg_use_options, "text", 0, FLAG_TEXT, text, "COLUMN",
         "column of the text (default: found)"),
    FLAG(eg_use_options, "second", 0, FLAG_TEXT, second, "COLUMN",
         "column of the other text of a pair"),
    FLAG(eg_use_options, "label", 0, FLAG_TEXT, label, "COLUMN", "column of the label"),
    FLAG(eg_use_options, "batch-size", 0, FLAG_INT, batch, "N", "texts at a time (32)"),
    FLAG(eg_use_options, "on-bad", 0, FLAG_TEXT, on_bad, "NAME",
         "unreadable rows and pictures: fail (default) or skip"),
};

static void print_classes(const eg_eval_result *r)
{
    printf("\n%-28s %9s %9s %9s %7s\n", "class", "precision", "recall", "F1", "n");
    for (int k = 0; k < r->classes; k++)
        printf("%-28.28s %9.3f %9.3f %9.3f %7" PRId64 "\n", r->per_class[k].label,
               r->per_class[k].precision, r->per_class[k].recall, r->per_class[k].f1,
               r->per_class[k].n);
    printf("\nmacro F1 %.4f, Matthews %.4f, balanced accuracy %.4f\n", r->f1_macro, r->matthews,
           r->balanced_accuracy);
}

static void print_json(const eg_eval_result *r)
{
    printf("{\"metric\":");
    print_json_text(r->metric);
    printf(",\"n\":%" PRId64, r->n);
    print_json_number("score", r->score);
    print_json_number("low", r->low);
    print_json_number("high", r->high);
    print_json_number("loss", r->loss);
    if (r->classes) {
        print_json_number("f1_macro", r->f1_macro);
        print_json_number("matthews_correlation", r->matthews);
        print_json_number("balanced_accuracy", r->balanced_accuracy);
    } else {
        print_json_number("pearson", r->pearson);
        print_json_number("spearman", r->spearman);
        print_json_number("mse", r->mse);
    }
    printf(",\"classes\":[");
    for (int k = 0; k < r->classes; k++) {
        const eg_class_score *c = &r->per_class[k];

        printf("%s{\"label\":", k ? "," : "");
        print_json_text(c->label);
        print_json_number("precision", c->precision);
        print_json_number("recall", c->recall);
        print_json_number("f1", c->f1);
        printf(",\"n\":%" PRId64 "}", c->n);
    }
    puts("]}");
}

static int run(eg_ctx *ctx, const Common *common, const void *options, const char *const *words,
               int n)
{
    eg_use_options o = *(const eg_use_options *)options;
    eg_eval_result r;

    (void)n;
    o.model = words[0];
    o.data = words[1];
    int code = eg_eval(ctx, &o, &r);
    if (code)
        return code;
    if (common->json) {
        print_json(&r);
        return E_OK;
    }
    printf("%s %.4f  (95 %% interval %.4f to %.4f, n %" PRId64 ")\n", r.metric, r.score, r.low,
           r.high, r.n);
    if (r.classes)
        print_classes(&r);
    else
        printf("Pearson %.4f, Spearman %.4f, mean squared error %.4g\n", r.pearson, r.spearman,
               r.mse);
    return E_OK;
}

const Verb verb_eval = {
    .name = "eval",
    .summary = "a model's score on labelled texts or pictures",
    .arguments = "MODEL DATA",
    .example = "engraft eval reviews test.csv",
    .arguments_min = 2,
    .arguments_max = 2,
    .flags = flags,
    .flag_count = LEN(flags),
    .options_size = sizeof(eg_use_options),
    .run = run,
};

/* SPDX-License-Identifier: MIT */
