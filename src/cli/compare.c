/* compare.c - engraft compare: methods side by side on one's own data. */
#include "cli/cli.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#define T eg_compare_options
static const Flag flags[] = {
    FLAG(T, "output", 'o', FLAG_TEXT, train.output, "DIR",
         "where the models and the report go (default: DATA-compare)"),
    FLAG(T, "methods", 0, FLAG_TEXT, methods, "LIST",
         "full,lora:rank=4,alpha=8,head .. (full,lora,bitfit,head)"),
    FLAG(T, "seeds", 0, FLAG_INT, train.seeds, "N", "parts, order and head N times (3)"),
    RARE(T, "valid-share", 0, FLAG_FLOAT_OFF, train.valid_share, "X",
         "share split off for validation (0.15)"),
    RARE(T, "test-share", 0, FLAG_FLOAT, train.test_share, "X",
         "share split off for the test (0.15)"),
    FLAG(T, "labels", 0, FLAG_INT, train.labels, "N",
         "learn and choose by at most N examples, by seed"),
#include "cli/runs_flags.def"
    FLAG(T, "resume", 0, FLAG_BOOL, train.resume, NULL, "go on with what is missing in DIR"),
    FLAG(T, "overwrite", 0, FLAG_BOOL, train.overwrite, NULL, "replace the comparison in DIR"),
};
#undef T

static void print_difference(const eg_compare_result *r, int i)
{
    const eg_compare_row *row = &r->row[i];

    if (i == 1)
        printf("  %24s", "-");
    else if (r->seeds > 1)
        printf("  %+.3f (%+.3f to %+.3f)", row->less, row->low, row->high);
    else
        printf("  %+24.3f", row->less);
}

static void print_cost(const eg_compare_row *row)
{
    if (isnan(row->work))
        printf("%11s %9s %9s %8s\n", "-", "-", "-", "-");
    else
        printf("%11" PRId64 " %6.1f MB %6.0f MB %8.1f\n", row->trained, 4e-6 * (double)row->trained,
               1e-6 * (double)row->bytes, row->work / 60);
}

static void print_table(const eg_compare_result *r)
{
    char against[40];

    snprintf(against, sizeof against, "against %.14s, 95 %%", r->row[1].method);
    printf("\n%-32s %8s %7s  %24s%11s %9s %9s %8s\n", r->metric, "held out", "sd", against,
           "trained", "to keep", "memory", "cpu min");
    for (int i = 0; i < r->rows; i++) {
        const eg_compare_row *row = &r->row[i];

        printf("%s %-30.30s %8.3f %7.3f", i == r->best ? ">" : " ", row->method, row->held,
               row->spread);
        print_difference(r, i);
        print_cost(row);
    }
    printf("\n%s\n", r->verdict);
    printf("learned from %" PRId64 ", judged on %" PRId64 ", %" PRId64
           " seed%s; > is the best on validation\n",
           r->learned, r->judged, r->seeds, r->seeds == 1 ? "" : "s");
    printf("saved   %s/%s", r->output, r->row[1].folder);
    for (int i = 2; i < r->rows; i++)
        printf(", %s", r->row[i].folder);
    printf(": the first seed's models\nreport  %s\n", r->report);
}

static void print_json_row(const eg_compare_row *row)
{
    printf("{\"method\":");
    print_json_text(row->method);
    printf(",\"folder\":");
    if (row->folder)
        print_json_text(row->folder);
    else
        printf("null");
    print_json_number("held_out", row->held);
    print_json_number("sd", row->spread);
    print_json_number("difference", row->less);
    print_json_number("low", row->low);
    print_json_number("high", row->high);
    print_json_number("seconds", row->seconds);
    print_json_number("processor_seconds", row->work);
    printf(",\"trained\":%" PRId64 ",\"bytes\":%zu}", row->trained, row->bytes);
}

static void print_json(const eg_compare_result *r)
{
    printf("{\"output\":");
    print_json_text(r->output);
    printf(",\"report\":");
    print_json_text(r->report);
    printf(",\"runs\":");
    print_json_text(r->runs);
    printf(",\"metric\":");
    print_json_text(r->metric);
    printf(",\"verdict\":");
    print_json_text(r->verdict);
    printf(",\"learned\":%" PRId64 ",\"judged\":%" PRId64 ",\"seeds\":%" PRId64 ",\"best\":",
           r->learned, r->judged, r->seeds);
    print_json_text(r->row[r->best].method);
    printf(",\"smallest\":");
    print_json_text(r->row[r->smallest].method);
    printf(",\"rows\":[");
    for (int i = 0; i < r->rows; i++) {
        if (i)
            printf(",");
        print_json_row(&r->row[i]);
    }
    puts("]}");
}

static int run(eg_ctx *ctx, const Common *common, const void *options, const char *const *words,
               int n)
{
    eg_compare_options o = *(const eg_compare_options *)options;
    eg_compare_result r;

    (void)n;
    o.train.data = words[0];
    int code = eg_compare(ctx, &o, &r);
    if (code)
        return code;
    if (common->json)
        print_json(&r);
    else
        print_table(&r);
    return E_OK;
}

const Verb verb_compare = {
    .name = "compare",
    .summary = "methods side by side: score, size, memory, time",
    .arguments = "DATA",
    .example = "engraft compare reviews.csv --methods full,lora,ia3,head",
    .arguments_min = 1,
    .arguments_max = 1,
    .flags = flags,
    .flag_count = LEN(flags),
    .options_size = sizeof(eg_compare_options),
    .run = run,
};

/* SPDX-License-Identifier: MIT */
