/* data_size_report.c - report.html of accuracy against the number of labels: two curves, what pre-training is worth. */
#include "study/data_size.h"
#include "study/page.h"

#include <math.h>

#define WIDTH  760.0
#define HEIGHT 360.0
#define LEFT   48.0
#define RIGHT  24.0
#define TOP    14.0
#define BOTTOM 46.0

static const char css[] = ".why{color:var(--soft);font-size:.82rem;font-weight:400}"
                          ".plot{max-width:760px;margin:0 auto}.dot-a{fill:var(--accent)}"
                          ".dot-b{fill:var(--accent2)}\n";

typedef struct Plane {
    const SizeResult *r;
    double low, high; /* of the score */
} Plane;

static double x_at(const Plane *p, int64_t labels)
{
    double from = log((double)p->r->point[0].labels);
    double to = log((double)p->r->point[p->r->points - 1].labels);
    double share = to > from ? (log((double)labels) - from) / (to - from) : 0.5;

    return LEFT + (WIDTH - LEFT - RIGHT) * share;
}

static double y_at(const Plane *p, double v)
{
    return TOP + (HEIGHT - TOP - BOTTOM) * (p->high - v) / (p->high - p->low);
}

static const Spread *curve(const SizePoint *p, bool released)
{
    return released ? &p->released : &p->fresh;
}

static void set_range(Plane *p)
{
    p->low = 1;
    p->high = 0;
    for (int i = 0; i < p->r->points; i++)
        for (int k = 0; k < 2; k++) {
            const Spread *s = curve(&p->r->point[i], k);

            if (s->n) {
                p->low = fmin(p->low, s->mean - s->sd);
                p->high = fmax(p->high, s->mean + s->sd);
            }
        }
    p->low = fmax(floor(10 * p->low) / 10, -1);
    p->high = fmin(ceil(10 * p->high) / 10, 1);
    if (!(p->low < p->high))
        p->low = p->high - 0.1;
}

static Status frame(Err *e, Writer *w, const Plane *p)
{
    TRY(writer_printf(e, w, "<svg viewBox=\"0 0 %.0f %.0f\" role=img>", WIDTH, HEIGHT));
    for (int k = (int)lround(10 * p->low); k <= (int)lround(10 * p->high); k++) {
        double y = y_at(p, k / 10.0);

        TRY(writer_printf(e, w,
                          "<line class=grid x1=%.0f x2=%.0f y1=%.1f y2=%.1f /><text x=%.0f y=%.1f "
                          "text-anchor=end>%.1f</text>",
                          LEFT, WIDTH - RIGHT, y, y, LEFT - 6, y + 4, k / 10.0));
    }
    for (int i = 0; i < p->r->points; i++)
        TRY(writer_printf(e, w, "<text x=%.1f y=%.0f text-anchor=middle>%lld</text>",
                          x_at(p, p->r->point[i].labels), HEIGHT - BOTTOM + 18,
                          (long long)p->r->point[i].labels));
    return writer_printf(e, w, "<text x=%.0f y=%.0f text-anchor=middle>labels</text>",
                         (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8);
}

static Status line(Err *e, Writer *w, const Plane *p, bool released)
{
    const char *class = released ? "a" : "b";

    TRY(writer_printf(e, w, "<polyline class=%s points=\"", class));
    for (int i = 0; i < p->r->points; i++)
        if (curve(&p->r->point[i], released)->n)
            TRY(writer_printf(e, w, "%.1f,%.1f ", x_at(p, p->r->point[i].labels),
                              y_at(p, curve(&p->r->point[i], released)->mean)));
    TRY(page_put(e, w, "\" />"));
    for (int i = 0; i < p->r->points; i++) {
        const Spread *s = curve(&p->r->point[i], released);
        double x = x_at(p, p->r->point[i].labels);

        if (!s->n)
            continue;
        TRY(writer_printf(e, w,
                          "<line class=%s x1=%.1f x2=%.1f y1=%.1f y2=%.1f /><circle class=dot-%s "
                          "cx=%.1f cy=%.1f r=3.5 />",
                          class, x, x, y_at(p, s->mean - s->sd), y_at(p, s->mean + s->sd), class, x,
                          y_at(p, s->mean)));
    }
    return E_OK;
}

static Status chart(Err *e, Writer *w, const SizeResult *r)
{
    Plane p = {.r = r};

    set_range(&p);
    TRY(page_put(e, w,
                 "<p class=key><span><i></i>released network</span><span><i class=kb></i>the same "
                 "from scratch</span></p><div class=plot>"));
    TRY(frame(e, w, &p));
    TRY(line(e, w, &p, false));
    TRY(line(e, w, &p, true));
    return page_put(e, w, "</svg></div>");
}

/* ---- tables ---- */

static Status score_cell(Err *e, Writer *w, const Spread *s, double work)
{
    if (!s->n)
        return page_put(e, w, "<td class=n></td><td class=n></td>");
    return writer_printf(e, w, "<td class=n>%.3f &plusmn; %.3f</td><td class=n>%.1f min</td>",
                         s->mean, s->sd, work / 60);
}

static Status points(Err *e, Writer *w, const SizeResult *r)
{
    TRY(page_put(
        e, w,
        "<div class=scroll style=\"margin-top:14px\"><table><tr><th>labels</th><th class=n>"
        "released</th><th class=n>processor</th><th class=n>from scratch</th><th class=n>"
        "processor</th></tr>\n"));
    for (int i = 0; i < r->points; i++) {
        const SizePoint *p = &r->point[i];

        TRY(writer_printf(e, w, "<tr><td>%lld</td>", (long long)p->labels));
        TRY(score_cell(e, w, &p->released, p->work[0]));
        TRY(score_cell(e, w, &p->fresh, p->work[1]));
        TRY(page_put(e, w, "</tr>\n"));
    }
    return page_put(e, w, "</table></div></section>\n");
}

static Status worths(Err *e, Writer *w, const SizeResult *r)
{
    TRY(page_put(e, w,
                 "<section><h2>What pre-training is worth</h2><div class=scroll><table><tr><th>"
                 "labels</th><th class=n>score</th><th class=n>from scratch<br>it takes</th>"
                 "<th class=n>times the labels</th><th class=n>times the<br>processor time</th>"
                 "</tr>\n"));
    for (int i = 0; i < r->worths; i++) {
        const SizeWorth *x = &r->worth[i];
        const char *least = x->reached < x->seeds ? "&gt; " : "";

        TRY(writer_printf(e, w,
                          "<tr><td>%lld</td><td class=n>%.3f</td><td class=n>%s%.0f</td>"
                          "<td class=n>%s%.1f",
                          (long long)x->labels, x->score, least, x->factor * (double)x->labels,
                          least, x->factor));
        if (x->reached < x->seeds)
            TRY(writer_printf(e, w, "<div class=why>reached in %d of %d seeds</div>", x->reached,
                              x->seeds));
        else if (!isnan(x->low))
            TRY(writer_printf(e, w, "<div class=why>%.1f to %.1f</div>", x->low, x->high));
        TRY(writer_printf(e, w, "</td><td class=n>%s%.1f</td></tr>\n", least, x->work));
    }
    return page_put(
        e, w,
        "</table></div><p class=\"soft small\" style=\"margin:16px 0 0\">For each seed: "
        "where the curve from scratch first comes as far, between two trained numbers "
        "linear in their logarithm. Means of the logarithm, 95 % by Student's t over "
        "seeds.</p></section>\n");
}

static Status facts(Err *e, Arena *a, Writer *w, const SizeOptions *o, const SizeResult *r)
{
    const TrainOptions *t = &o->train;

    TRY(page_put(e, w, "<section><h2>How it was made</h2><dl>"));
    TRY(page_fact(e, w, "Data", t->data));
    TRY(page_fact(e, w, "Network", t->model_name));
    TRY(page_fact(
        e, w, "Labels",
        "to learn and to choose by, drawn by seed; a smaller number's are among those of a "
        "larger one; the held-out part of a seed is one and the same"));
    TRY(page_fact(e, w, "Released",
                  "the model that a person is left with: tuned or frozen features, by validation"));
    TRY(page_fact(
        e, w, "From scratch",
        o->scratch_lr > 0
            ? arena_printf(e, a, "rate %g, at least %lld updates, the best epoch on validation",
                           o->scratch_lr, (long long)o->updates)
            : arena_printf(e, a,
                           "two rates, at least %lld updates each, the best rate and epoch on "
                           "validation; the time is that of the better one",
                           (long long)o->updates)));
    TRY(page_fact(e, w, "Seeds",
                  arena_printf(e, a, "%llu to %llu", (unsigned long long)t->seed,
                               (unsigned long long)t->seed + (uint64_t)r->seeds - 1)));
    TRY(page_fact(e, w, "Numbers", "runs.csv has a row for each training"));
    return page_put(e, w, "</dl></section>\n");
}

Status data_size_report(Err *e, Arena *a, const SizeOptions *o, SizeResult *r)
{
    const SizeWorth *x = &r->worth[r->worths / 2];
    Writer *w;

    if (!(r->report = path_join(e, a, r->output, "report.html")))
        return err_failed(e->code);
    TRY(writer_open(e, a, r->report, &w));
    TRY(page_open(e, w, path_base(r->output), css));
    TRY(page_put(e, w, "<h1>How many labels is "));
    TRY(page_say(e, w, o->train.model_name));
    TRY(page_put(e, w, " worth?</h1><p class=soft>"));
    TRY(page_say(e, w, path_base(o->train.data)));
    TRY(writer_printf(e, w,
                      ", %lld labelled, %lld held out, %d %s</p><div class=answer><div class=big>"
                      "%s%.1f &times;</div><p><b>the labels, with %lld.</b> <span class=soft>",
                      (long long)r->all, (long long)r->judged, r->seeds,
                      r->seeds == 1 ? "seed" : "seeds", x->reached < x->seeds ? "&gt; " : "",
                      x->factor, (long long)x->labels));
    TRY(page_say(e, w, r->verdict));
    TRY(writer_printf(e, w, "</span></p></div></header>\n<section><h2>Held-out %s</h2>",
                      r->metric));
    TRY(chart(e, w, r));
    TRY(points(e, w, r));
    TRY(worths(e, w, r));
    TRY(facts(e, a, w, o, r));
    TRY(page_close(e, w, ""));
    return writer_commit(e, w);
}

/* SPDX-License-Identifier: MIT */
