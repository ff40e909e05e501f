/* study_data_size.c - engraft study data-size: how many labels a released network is worth. */
#include "cli/cli.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#define T eg_size_options
static const Flag flags[] = {
    FLAG(T, "output", 'o', FLAG_TEXT, train.output, "DIR",
         "where it goes (default: DATA-data-size)"),
    FLAG(T, "labels", 0, FLAG_TEXT, labels, "LIST",
         "numbers of labels with it: 50,200,all (50 to 1000)"),
    FLAG(T, "scratch", 0, FLAG_TEXT, scratch, "LIST", "the same from scratch (50 to all)"),
    FLAG(T, "seeds", 0, FLAG_INT, train.seeds, "N", "parts, labels, order and weights N times (3)"),
    FLAG(T, "method", 0, FLAG_TEXT, train.method, "TEXT",
         "how the released network is tuned (full)"),
    FLAG(T, "scratch-lr", 0, FLAG_FLOAT, scratch_lr, "X",
         "rate from scratch (1e-3 and 3e-4, validation chooses)"),
    FLAG(T, "updates", 0, FLAG_INT, updates, "N", "from scratch at least N updates (400)"),
#include "cli/runs_flags.def"
    FLAG(T, "resume", 0, FLAG_BOOL, train.resume, NULL, "go on with what is missing in DIR"),
    FLAG(T, "overwrite", 0, FLAG_BOOL, train.overwrite, NULL, "replace the study in DIR"),
};
#undef T

static void print_score(int64_t seeds, double mean, double spread, double work)
{
    if (seeds)
        printf("%10.3f %7.3f %8.1f", mean, spread, work / 60);
    else
        printf("%10s %7s %8s", "", "", "");
}

static void print_points(const eg_size_result *r)
{
    printf("\n%-10s%10s %7s %8s%14s %7s %8s\n", r->metric, "released", "sd", "cpu min",
           "from scratch", "sd", "cpu min");
    for (int i = 0; i < r->points; i++) {
        const eg_size_point *p = &r->point[i];

        printf("%10" PRId64, p->labels);
        print_score(p->released_seeds, p->released, p->released_spread, p->released_work);
        printf("    ");
        print_score(p->scratch_seeds, p->scratch, p->scratch_spread, p->scratch_work);
        printf("\n");
    }
}

static void print_worths(const eg_size_result *r)
{
    printf("\n%10s %8s   from scratch it takes\n", "labels", "score");
    for (int i = 0; i < r->worths; i++) {
        const eg_size_worth *w = &r->worth[i];
        bool all = w->reached == w->seeds;

        printf("%10" PRId64 " %8.3f   %s%.0f labels, %s%.1f times as many", w->labels, w->score,
               all ? "" : "> ", w->factor * (double)w->labels, all ? "" : "> ", w->factor);
        if (!all)
            printf(" (reached in %" PRId64 " of %" PRId64 " seeds)", w->reached, w->seeds);
        else if (!isnan(w->low))
            printf(" (%.1f to %.1f)", w->low, w->high);
        printf(", %.1f times the processor time\n", w->work);
    }
}

static void print_json_point(const eg_size_point *p)
{
    printf("{\"labels\":%" PRId64, p->labels);
    print_json_number("released", p->released_seeds ? p->released : (double)NAN);
    print_json_number("released_sd", p->released_seeds ? p->released_spread : (double)NAN);
    print_json_number("released_seconds", p->released_seeds ? p->released_work : (double)NAN);
    print_json_number("scratch", p->scratch_seeds ? p->scratch : (double)NAN);
    print_json_number("scratch_sd", p->scratch_seeds ? p->scratch_spread : (double)NAN);
    print_json_number("scratch_seconds", p->scratch_seeds ? p->scratch_work : (double)NAN);
    printf("}");
}

static void print_json_worth(const eg_size_worth *w)
{
    printf("{\"labels\":%" PRId64 ",\"seeds\":%" PRId64 ",\"reached\":%" PRId64, w->labels,
           w->seeds, w->reached);
    print_json_number("score", w->score);
    print_json_number("factor", w->factor);
    print_json_number("low", w->low);
    print_json_number("high", w->high);
    print_json_number("work", w->work);
    printf("}");
}

static void print_json(const eg_size_result *r)
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
    printf(",\"labelled\":%" PRId64 ",\"judged\":%" PRId64 ",\"seeds\":%" PRId64 ",\"points\":[",
           r->all, r->judged, r->seeds);
    for (int i = 0; i < r->points; i++) {
        if (i)
            printf(",");
        print_json_point(&r->point[i]);
    }
    printf("],\"worth\":[");
    for (int i = 0; i < r->worths; i++) {
        if (i)
            printf(",");
        print_json_worth(&r->worth[i]);
    }
    puts("]}");
}

static int run(eg_ctx *ctx, const Common *common, const void *options, const char *const *words,
               int n)
{
    eg_size_options o = *(const eg_size_options *)options;
    eg_size_result r;

    (void)n;
    o.train.data = words[0];
    int code = eg_study_data_size(ctx, &o, &r);
    if (code)
        return code;
    if (common->json) {
        print_json(&r);
        return E_OK;
    }
    print_points(&r);
    print_worths(&r);
    printf("\n%s\nrows    %s\nreport  %s\n", r.verdict, r.runs, r.report);
    return E_OK;
}

const Verb verb_study_data_size = {
    .name = "study",
    .part = "data-size",
    .summary = "how many labels a released network is worth",
    .arguments = "DATA",
    .example = "engraft study data-size reviews.csv -o worth",
    .arguments_min = 1,
    .arguments_max = 1,
    .flags = flags,
    .flag_count = LEN(flags),
    .options_size = sizeof(eg_size_options),
    .run = run,
};

/* SPDX-License-Identifier: MIT */
