/* compare_report.c - report.html of methods side by side. */
#include "study/compare.h"
#include "study/page.h"

#include <math.h>

static const char css[] = ".why{color:var(--soft);font-size:.82rem;font-weight:400}\n";

static Status head(Err *e, Writer *w, const CompareOptions *o, const CompareResult *r)
{
    TRY(page_open(e, w, path_base(r->output), css));
    TRY(page_put(e, w, "<h1>Which method, for "));
    TRY(page_say(e, w, path_base(o->train.data)));
    TRY(page_put(e, w, "?</h1><p class=soft>"));
    TRY(page_say(e, w, o->train.model_name));
    TRY(writer_printf(e, w,
                      ", %lld labelled to learn and choose by, %lld held out, %d %s</p>"
                      "<div class=answer><div class=big>%.1f%s</div><p><b>",
                      (long long)r->learned, (long long)r->judged, r->seeds,
                      r->seeds == 1 ? "seed" : "seeds",
                      r->classes ? 100 * r->row[r->best].held.mean : r->row[r->best].held.mean,
                      r->classes ? " %" : ""));
    TRY(page_say(e, w, r->row[r->best].method));
    TRY(writer_printf(e, w, ", %s held out.</b> <span class=soft>", r->metric));
    TRY(page_say(e, w, r->verdict));
    return page_put(e, w, "</span></p></div></header>\n");
}

/* ---- scores as lines ---- */

typedef struct Axis {
    double low, high;
} Axis;

static double at(const Axis *a, double x)
{
    return 100 * (fmin(fmax(x, a->low), a->high) - a->low) / (a->high - a->low);
}

static Status rungs(Err *e, Writer *w, const CompareResult *r)
{
    Axis a = {1, 0};

    for (int i = 0; i < r->rows; i++) {
        a.low = fmin(a.low, r->row[i].held.mean - r->row[i].held.sd);
        a.high = fmax(a.high, r->row[i].held.mean + r->row[i].held.sd);
    }
    a.low = floor(20 * a.low) / 20;
    a.high = fmin(ceil(20 * a.high + 1e-9) / 20, 1);
    TRY(page_put(e, w, "<div class=ladder>"));
    for (int i = 0; i < r->rows; i++) {
        const Spread *s = &r->row[i].held;
        double from = at(&a, s->mean - s->sd);

        TRY(writer_printf(e, w, "<div class=\"rung%s\"><span>", i == r->best ? " chosen" : ""));
        TRY(page_say(e, w, r->row[i].method));
        TRY(writer_printf(e, w,
                          "</span><div class=track><i class=whisk style=\"left:%.2f%%;width:"
                          "%.2f%%\"></i><i class=dot style=\"left:%.2f%%\"></i></div></div>",
                          from, at(&a, s->mean + s->sd) - from, at(&a, s->mean)));
    }
    return writer_printf(e, w,
                         "<div class=scale><i style=\"left:0\">%.2f</i><i style=\"left:100%%\">"
                         "%.2f</i></div></div>",
                         a.low, a.high);
}

/* ---- the table ---- */

static Status cost(Err *e, Writer *w, const CompareRow *row)
{
    if (isnan(row->work))
        return page_put(e, w, "<td class=n>-</td><td class=n>-</td><td class=n>-</td>");
    return writer_printf(e, w,
                         "<td class=n>%lld<div class=why>%.1f MB</div></td><td class=n>%.0f MB</td>"
                         "<td class=n>%.1f min</td>",
                         (long long)row->trained, 4e-6 * (double)row->trained,
                         1e-6 * (double)row->bytes, row->work / 60);
}

static Status table(Err *e, Writer *w, const CompareResult *r)
{
    TRY(page_put(e, w,
                 "<div class=scroll style=\"margin-top:14px\"><table><tr><th></th><th class=n>held "
                 "out</th><th class=n>against "));
    TRY(page_say(e, w, r->row[1].method));
    TRY(page_put(e, w,
                 "</th><th class=n>trained,<br>to keep</th><th class=n>memory</th><th class=n>"
                 "processor</th></tr>\n"));
    for (int i = 0; i < r->rows; i++) {
        const CompareRow *row = &r->row[i];

        TRY(writer_printf(e, w, "<tr%s><td>", i == r->best ? " class=chosen" : ""));
        TRY(page_say(e, w, row->method));
        TRY(writer_printf(e, w, "%s</td><td class=n>%.3f",
                          i == r->best ? "<span class=tag>best on validation</span>" : "",
                          row->held.mean));
        if (r->seeds > 1)
            TRY(writer_printf(e, w, " &plusmn; %.3f", row->held.sd));
        TRY(page_put(e, w, "</td><td class=n>"));
        if (i == 1)
            TRY(page_put(e, w, "-"));
        else if (r->seeds > 1)
            TRY(writer_printf(e, w, "%+.3f<div class=why>%+.3f to %+.3f</div>", row->less.mean,
                              row->less.low, row->less.high));
        else
            TRY(writer_printf(e, w, "%+.3f", row->less.mean));
        TRY(page_put(e, w, "</td>"));
        TRY(cost(e, w, row));
        TRY(page_put(e, w, "</tr>\n"));
    }
    return page_put(e, w, "</table></div>");
}

static Status facts(Err *e, Arena *a, Writer *w, const CompareOptions *o, const CompareResult *r)
{
    TRY(page_put(e, w, "<section><h2>How it was made</h2><dl>"));
    TRY(page_fact(e, w, "Data", o->train.data));
    TRY(page_fact(
        e, w, "Network",
        arena_printf(e, a, "%s, %lld parameters", o->train.model_name, (long long)r->parameters)));
    TRY(page_fact(e, w, "Seeds",
                  arena_printf(e, a, "%llu to %llu: %s order of samples, head",
                               (unsigned long long)o->train.seed,
                               (unsigned long long)o->train.seed + (uint64_t)r->seeds - 1,
                               o->train.test ? "" : "parts,")));
    TRY(page_fact(
        e, w, "Scores",
        "each method's tuned network at its best epoch on validation, held out; differences "
        "are between runs of one seed, their interval is Student's t over seeds"));
    TRY(page_fact(e, w, "To keep", "what was trained, in 32 bits; without the released network"));
    TRY(page_fact(e, w, "Memory",
                  "as planned before the run: weights, values of a step, optimiser"));
    TRY(page_fact(e, w, "Numbers",
                  "runs.csv has a row for each run; a folder for each method "
                  "holds the first seed's model with its own report"));
    return page_put(e, w, "</dl></section>\n");
}

Status compare_report(Err *e, Arena *a, const CompareOptions *o, CompareResult *r)
{
    Writer *w;

    if (!(r->report = path_join(e, a, r->output, "report.html")))
        return err_failed(e->code);
    TRY(writer_open(e, a, r->report, &w));
    TRY(head(e, w, o, r));
    TRY(page_put(e, w,
                 "<section><h2>Side by side</h2><p class=\"soft small\">Held-out score: mean "
                 "over seeds, the bar is one standard deviation each way.</p>"));
    TRY(rungs(e, w, r));
    TRY(table(e, w, r));
    TRY(page_put(e, w, "</section>\n"));
    TRY(facts(e, a, w, o, r));
    TRY(page_close(e, w, ""));
    return writer_commit(e, w);
}

/* SPDX-License-Identifier: MIT */
