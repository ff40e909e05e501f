/* report.c - report.html: one page that needs nothing else, to be read by the person whose data it is. */
#include "task/report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CLASSES_SHOWN 24 /* a larger confusion matrix helps nobody */

Status put_text(Err *e, Writer *w, const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const char *as = s[i] == '<'   ? "&lt;"
                         : s[i] == '>' ? "&gt;"
                         : s[i] == '&' ? "&amp;"
                         : s[i] == '"' ? "&quot;"
                                       : NULL;

        if (as)
            TRY(writer_put(e, w, as, strlen(as)));
        else
            TRY(writer_put(e, w, (unsigned char)s[i] < ' ' ? " " : s + i, 1));
    }
    return E_OK;
}

static Status put(Err *e, const Report *r, const char *html)
{
    return writer_put(e, r->w, html, strlen(html));
}

static Status say(Err *e, const Report *r, const char *text)
{
    return put_text(e, r->w, text, strlen(text));
}

static const ScoreRow *chosen(const Job *j)
{
    for (int i = 0; i < j->r->rows; i++)
        if (j->r->row[i].chosen)
            return &j->r->row[i];
    return &j->r->row[0];
}

/* ---- top ---- */

static Status head(Err *e, const Report *r)
{
    const Job *j = r->j;
    const ScoreRow *best = chosen(j);

    TRY(put(e, r,
            "<!doctype html>\n<html lang=en><head><meta charset=utf-8><meta name=viewport "
            "content=\"width=device-width,initial-scale=1\"><title>"));
    TRY(say(e, r, path_base(j->o.output)));
    TRY(put(e, r, "</title><style>\n"));
    TRY(put(e, r, report_css));
    TRY(put(e, r, "</style></head><body><main><header><h1>"));
    TRY(say(e, r, path_base(j->o.output)));
    TRY(put(e, r, "</h1><p class=soft>"));
    TRY(say(e, r, j->o.model_name));
    TRY(writer_printf(e, r->w, ", adapted to %lld %s from ", (long long)best->train_n,
                      j->kind->many));
    TRY(say(e, r, path_base(j->o.data)));
    TRY(writer_printf(
        e, r->w,
        "</p><div class=answer><div class=big>%.*f%s</div><p><b>%s on %lld %s it had not "
        "seen.</b> <span class=soft>With 95 %% confidence between %.*f and %.*f%s.</span><br>",
        j->regression ? 3 : 1, j->regression ? best->held : 100 * best->held,
        j->regression ? "" : " %", j->regression ? "Rank correlation (Spearman)" : "Right",
        (long long)best->held_n, j->kind->many, j->regression ? 2 : 0,
        j->regression ? best->interval.low : 100 * best->interval.low, j->regression ? 2 : 0,
        j->regression ? best->interval.high : 100 * best->interval.high,
        j->regression ? "" : " %"));
    TRY(say(e, r, j->r->verdict));
    return put(e, r, "</p></div></header>\n");
}

static Status candidates(Err *e, const Report *r)
{
    const TrainResult *t = r->j->r;

    TRY(writer_printf(
        e, r->w,
        "<section><h2>What it was compared with</h2><p class=\"soft small\">Filled: held-out score "
        "in its 95 %% interval. Hollow: score on the training %s. A wide gap between them means "
        "that it learned by heart.</p>",
        r->j->kind->many));
    TRY(report_ladder(e, r));
    TRY(put(
        e, r,
        "<div class=scroll style=\"margin-top:14px\"><table><tr><th></th><th class=n>training</th>"
        "<th class=n>validation</th><th class=n>held out</th><th class=n>95 % interval</th>"
        "<th class=n>n</th><th class=n>seconds</th></tr>"));
    for (int i = 0; i < t->rows; i++) {
        const ScoreRow *s = &t->row[i];

        TRY(writer_printf(e, r->w, "<tr%s><td>", s->chosen ? " class=chosen" : ""));
        TRY(say(e, r, s->name));
        TRY(writer_printf(
            e, r->w,
            "%s</td><td class=n>%.3f</td><td class=n>%.3f</td><td class=n>%.3f</td>"
            "<td class=n>%.3f to %.3f</td><td class=n>%lld</td><td class=n>%.1f</td></tr>",
            s->chosen ? "<span class=tag>saved</span>" : "", s->train, s->valid, s->held,
            s->interval.low, s->interval.high, (long long)s->held_n, s->seconds));
    }
    TRY(put(e, r, "</table></div>"));
    if (t->seeds > 1)
        TRY(writer_printf(e, r->w,
                          "<p class=\"soft small\" style=\"margin:12px 0 0\">Tuned %d times with "
                          "different seeds: "
                          "held-out mean %.3f, standard deviation %.3f.</p>",
                          t->seeds, t->seeds_mean, t->seeds_spread));
    return put(e, r, "</section>\n");
}

/* ---- classes ---- */

static Status cell_bar(Err *e, const Report *r, double v)
{
    return writer_printf(e, r->w,
                         "<td class=n>%.3f<div class=bar><i style=\"width:%.0f%%\"></i></div></td>",
                         v, 100 * v);
}

static Status per_class(Err *e, const Report *r)
{
    const Confusion *c = &r->held;

    TRY(put(e, r,
            "<section><h2>Class by class, held out</h2><div class=scroll><table><tr><th>class</th>"
            "<th class=n>precision</th><th class=n>recall</th><th class=n>F1</th><th "
            "class=n>n</th></tr>"));
    for (int k = 0; k < c->classes; k++) {
        int64_t n = 0;

        for (int i = 0; i < c->classes; i++)
            n += c->count[k * c->classes + i];
        TRY(put(e, r, "<tr><td>"));
        TRY(say(e, r, r->j->labels.name[k]));
        TRY(put(e, r, "</td>"));
        TRY(cell_bar(e, r, metric_precision(c, k)));
        TRY(cell_bar(e, r, metric_recall(c, k)));
        TRY(cell_bar(e, r, metric_f1(c, k)));
        TRY(writer_printf(e, r->w, "<td class=n>%lld</td></tr>", (long long)n));
    }
    return writer_printf(
        e, r->w,
        "</table></div><p class=\"soft small\" style=\"margin:12px 0 0\">F1 macro %.3f, weighted "
        "%.3f; balanced accuracy %.3f; Matthews correlation %.3f.</p></section>\n",
        metric_f1_macro(c), metric_f1_weighted(c), metric_balanced_accuracy(c), metric_matthews(c));
}

static Status confusion(Err *e, const Report *r)
{
    const Confusion *c = &r->held;

    if (c->classes > CLASSES_SHOWN)
        return E_OK;
    TRY(put(e, r,
            "<section><h2>What is taken for what</h2><p class=\"soft small\">A row is the true "
            "class, a "
            "column what the model said.</p><div class=scroll><table class=conf><tr><th></th>"));
    for (int k = 0; k < c->classes; k++) {
        TRY(put(e, r, "<th>"));
        TRY(say(e, r, r->j->labels.name[k]));
        TRY(put(e, r, "</th>"));
    }
    TRY(put(e, r, "</tr>"));
    for (int k = 0; k < c->classes; k++) {
        int64_t n = 0;

        for (int i = 0; i < c->classes; i++)
            n += c->count[k * c->classes + i];
        TRY(put(e, r, "<tr><th>"));
        TRY(say(e, r, r->j->labels.name[k]));
        TRY(put(e, r, "</th>"));
        for (int i = 0; i < c->classes; i++) {
            int64_t v = c->count[k * c->classes + i];

            TRY(writer_printf(e, r->w, "<td style=\"background:rgba(var(--tint),%.2f)\">%lld</td>",
                              n ? 0.04 + 0.5 * (double)v / (double)n : 0.04, (long long)v));
        }
        TRY(put(e, r, "</tr>"));
    }
    return put(e, r, "</table></div></section>\n");
}

/* ---- examples ---- */

typedef struct Miss {
    int64_t sample;
    double by; /* how sure it was of the wrong answer, or how far off */
    int said;
} Miss;

static int worst_first(const void *a, const void *b)
{
    const Miss *x = a, *y = b;

    if (x->by != y->by)
        return x->by > y->by ? -1 : 1;
    return x->sample < y->sample ? -1 : x->sample > y->sample;
}

static int64_t find_misses(const Report *r, Miss *miss)
{
    const Job *j = r->j;
    int64_t n = 0;

    for (int64_t i = 0; i < j->part.n[PART_TEST]; i++) {
        int64_t text = j->part.row[PART_TEST][i];
        const float *p = r->out + text * j->outputs;
        int said = 0;

        for (int k = 1; k < j->outputs; k++)
            said = p[k] > p[said] ? k : said;
        if (j->regression)
            miss[n++] = (Miss){text, fabs((double)p[0] - (double)j->target[text]), 0};
        else if (said != j->label[text])
            miss[n++] = (Miss){text, (double)p[said], said};
    }
    qsort(miss, (size_t)n, sizeof *miss, worst_first);
    return n;
}

static Status one_miss(Err *e, const Report *r, const Miss *m)
{
    const Job *j = r->j;

    TRY(put(e, r, "<div class=wrong>"));
    TRY(j->kind->show(e, r->w, j, m->sample));
    TRY(put(e, r, "<p class=\"soft small\">"));
    if (j->regression) {
        TRY(writer_printf(e, r->w, "is %.3g, said %.3g", (double)j->target[m->sample],
                          (double)r->out[m->sample]));
    } else {
        TRY(put(e, r, "is <b>"));
        TRY(say(e, r, j->labels.name[j->label[m->sample]]));
        TRY(put(e, r, "</b>, said <b>"));
        TRY(say(e, r, j->labels.name[m->said]));
        TRY(writer_printf(e, r->w, "</b> with %.0f %%", 100 * m->by));
    }
    if (!j->kind->gallery)
        TRY(writer_printf(e, r->w, " &middot; line %lld", (long long)j->line[m->sample]));
    return put(e, r, "</p></div>");
}

static Status misses(Err *e, const Report *r)
{
    const Job *j = r->j;
    Miss *miss = NEWS(e, j->a, Miss, j->part.n[PART_TEST] + 1);

    if (!miss)
        return err_failed(e->code);
    int64_t n = find_misses(r, miss);
    TRY(put(e, r, "<section><h2>Most wrong</h2>"));
    if (n == 0)
        TRY(writer_printf(e, r->w, "<p class=soft>No held-out %s was answered wrongly.</p>",
                          j->kind->one));
    else
        TRY(writer_printf(e, r->w,
                          "<p class=\"soft small\">%s of %lld held-out %s, the surest errors "
                          "first. Some may be "
                          "labelled wrongly in the data.</p>",
                          j->regression ? "The largest differences" : "Errors",
                          (long long)j->part.n[PART_TEST], j->kind->many));
    TRY(put(e, r, j->kind->gallery ? "<div class=gallery>" : "<div>"));
    for (int64_t i = 0; i < n && i < j->kind->wrong_shown; i++)
        TRY(one_miss(e, r, &miss[i]));
    return put(e, r, "</div></section>\n");
}

/* ---- how it was made ---- */

static Status fact(Err *e, const Report *r, const char *name, const char *text)
{
    TRY(writer_printf(e, r->w, "<dt>%s</dt><dd>", name));
    TRY(say(e, r, text));
    return put(e, r, "</dd>");
}

static Status facts(Err *e, const Report *r)
{
    const Job *j = r->j;
    const TrainOptions *o = &j->o;
    long long update = o->batch * o->accumulate;
    char *settings = arena_printf(e, j->a,
                                  "%s, %s; %d epochs, batch %lld, AdamW, rate %g (%s, warm-up %g), "
                                  "decay %g, clip %g, "
                                  "smoothing %g, class weights %s, patience %d, seed %llu",
                                  o->method, j->how, o->epochs, update, o->lr, o->schedule,
                                  o->warmup, o->weight_decay, o->clip, o->smoothing,
                                  o->class_weights, o->patience, (unsigned long long)o->seed);
    char *parts =
        arena_printf(e, j->a, "%lld training, %lld validation, %lld test", (long long)j->part.n[0],
                     (long long)j->part.n[1], (long long)j->part.n[2]);
    char *trained =
        arena_printf(e, j->a, "%.2f of %.2f million numbers, %lld updates; best epoch %d",
                     (double)j->trained_values / 1e6, (double)j->param_values / 1e6,
                     (long long)j->updates, j->best_epoch);

    if (!settings || !parts || !trained)
        return err_failed(e->code);
    TRY(put(e, r, "<section><h2>How it was made</h2><dl>"));
    TRY(fact(e, r, "Base model", o->model_name));
    TRY(fact(e, r, "Its licence", j->licence ? j->licence : "not stated in its folder"));
    TRY(fact(e, r, "Data", o->data));
    TRY(fact(e, r, "Fingerprint", j->fingerprint));
    if (j->picture)
        TRY(fact(e, r, "Pictures", j->how));
    else
        TRY(fact(e, r, "Text, label",
                 j->second_name ? arena_printf(e, j->a, "%s + %s, %s", j->text_name, j->second_name,
                                               j->label_name)
                                : arena_printf(e, j->a, "%s, %s", j->text_name, j->label_name)));
    TRY(fact(e, r, "Parts", parts));
    if (j->tuned.out) {
        TRY(fact(e, r, "Settings", settings));
        TRY(fact(e, r, "Trained", trained));
    }
    return writer_printf(
        e, r->w,
        "</dl></section>\n<footer>Made by engraft. The test part was read once, after every "
        "choice had been made on the validation part.</footer></main></body></html>\n");
}

static Status held_confusion(Err *e, Report *r)
{
    const Job *j = r->j;
    int64_t n = j->part.n[PART_TEST];
    int32_t *truth = NEWS(e, j->a, int32_t, n + 1), *found = NEWS(e, j->a, int32_t, n + 1);

    if (!truth || !found)
        return err_failed(e->code);
    for (int64_t i = 0; i < n; i++) {
        int64_t text = j->part.row[PART_TEST][i];
        const float *p = r->out + text * j->outputs;

        truth[i] = j->label[text];
        for (int k = 1; k < j->outputs; k++)
            found[i] = p[k] > p[found[i]] ? k : found[i];
    }
    return confusion_make(e, j->a, j->outputs, truth, found, n, &r->held);
}

Status job_report(Err *e, Job *j)
{
    Report r = {.j = j};
    const Scores *s = j->r->tuning_won || !j->frozen.out ? &j->tuned : &j->frozen;

    r.out = s->out;
    j->r->report = arena_printf(e, j->a, "%s/report.html", j->o.output);
    if (!j->r->report)
        return err_failed(e->code);
    TRY(writer_open(e, j->a, j->r->report, &r.w));
    TRY(head(e, &r));
    TRY(candidates(e, &r));
    if (j->history_rows > 0) {
        TRY(put(e, &r, "<section><h2>How it learned, by epoch</h2>"));
        TRY(report_curves(e, &r));
        TRY(put(e, &r, "</section>\n"));
    }
    if (!j->regression) {
        TRY(held_confusion(e, &r));
        TRY(per_class(e, &r));
        TRY(confusion(e, &r));
    }
    TRY(misses(e, &r));
    TRY(facts(e, &r));
    return writer_commit(e, r.w);
}

/* SPDX-License-Identifier: MIT */
