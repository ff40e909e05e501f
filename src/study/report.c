/* report.c - report.html of a study: what of the paper holds, the curves, the first layer's filters, every mean. */
#include "study/inside.h"
#include "study/page.h"

#include <math.h>
#include <string.h>

static const char css[] =
    ".a-,.b-,.a--tuned,.b--tuned{fill:none;stroke-width:2.2}.a-,.a--tuned{stroke:var(--accent2)}"
    ".b-,.b--tuned{stroke:var(--accent)}.a--tuned,.b--tuned{stroke-dasharray:6 4}\n"
    "circle.a-,circle.a--tuned{fill:var(--accent2);stroke:none}"
    "circle.b-,circle.b--tuned{fill:var(--accent);stroke:none}.faint{opacity:.32}\n"
    ".base{stroke:var(--ink);stroke-width:1.2}.band{fill:var(--ink);opacity:.08}"
    ".bar-a{stroke:var(--accent2);stroke-width:1.4}.bar-b{stroke:var(--accent);stroke-width:1.4}\n"
    ".plot{max-width:760px;margin:0 auto}.key .ka{background:var(--accent2)}.key .kd{height:0;"
    "background:none;border-top:3px dashed var(--accent)}.key .ka.kd{border-color:var(--accent2)}\n"
    ".verdict{white-space:nowrap;font-weight:650}.yes{color:var(--good)}.no{color:var(--accent2)}"
    ".filters{display:grid;grid-template-columns:repeat(8,1fr);gap:6px}\n"
    ".filters svg{width:100%;border-radius:3px}.note{margin:16px 0 "
    "0}.why{color:var(--soft);font-size:.82rem}\n";

static bool holds(const StudyFinding *f)
{
    return strncmp(f->verdict, "holds", 5) == 0;
}

/* ---- top ---- */

static Status head(Err *e, Writer *w, const Study *s)
{
    const StudyResult *r = s->r;
    int yes = 0;

    for (int i = 0; i < r->findings; i++)
        yes += holds(&r->finding[i]);
    TRY(page_open(e, w, path_base(s->o.output), css));
    TRY(page_put(e, w, "<h1>How transferable are the layers of "));
    TRY(page_say(e, w, s->model->architecture));
    TRY(page_put(e, w, "?</h1><p class=soft>"));
    TRY(page_say(e, w, path_base(s->o.data)));
    TRY(writer_printf(e, w,
                      ", %d classes in two halves, %d networks, %d %s (after Yosinski et al. "
                      "2014)</p><div class=answer><div class=big>%d of %d</div><p><b>findings of "
                      "the paper hold here beyond the spread.</b> <span class=soft>A network that "
                      "learns one half from random weights tells %.1f %% of its held-out pictures "
                      "rightly; trained again it differs by %.1f points (standard deviation). "
                      "Differences below are between networks of one seed.</span></p></div>"
                      "</header>\n",
                      s->labels.n, s->trials, s->o.seeds, s->o.seeds == 1 ? "seed" : "seeds", yes,
                      r->findings, 100 * r->base, 100 * r->spread));
    return E_OK;
}

/* ---- findings ---- */

static Status finding(Err *e, Writer *w, const StudyFinding *f)
{
    TRY(page_put(e, w, "<tr><td>"));
    TRY(page_say(e, w, f->claim));
    TRY(page_put(e, w, "<div class=why>"));
    TRY(page_say(e, w, f->measured));
    TRY(writer_printf(e, w, "</div></td><td class=n>%+.1f", 100 * f->mean));
    if (f->n > 1)
        TRY(writer_printf(e, w, " &plusmn; %.1f<div class=why>%+.1f to %+.1f</div>", 100 * f->error,
                          100 * f->low, 100 * f->high));
    TRY(writer_printf(e, w, "</td><td class=\"verdict%s\">",
                      holds(f)                                                      ? " yes"
                      : strstr(f->verdict, "not hold") || strstr(f->verdict, "opp") ? " no"
                                                                                    : ""));
    TRY(page_say(e, w, f->verdict));
    return page_put(e, w, "</td></tr>\n");
}

static Status finding_rows(Err *e, Writer *w, const Study *s)
{
    double same = 200 * s->r->spread > 1 ? 200 * s->r->spread : 1;

    TRY(page_put(e, w,
                 "<section><h2>What of the paper holds</h2><div class=scroll><table><tr><th>"
                 "finding</th><th class=n>points, &plusmn; standard error<br>95 %</th><th>here"
                 "</th></tr>\n"));
    for (int i = 0; i < s->r->findings; i++)
        TRY(finding(e, w, &s->r->finding[i]));
    return writer_printf(
        e, w,
        "</table></div><p class=\"soft small note\">The rule: each row is the mean over seeds of a "
        "paired difference, with its 95 %% interval by Student's t. A claim of lower or higher "
        "holds when the interval lies on that side of 0. A claim of sameness (or of &ldquo;at or "
        "above&rdquo;) holds when the interval stays within %.1f points of 0 (or above that), "
        "twice the spread of a network trained again, a point at least.</p></section>\n",
        same);
}

/* ---- curves ---- */

static Status curves(Err *e, Writer *w, const Study *s, HalvesKind kind)
{
    if (!s->kinds[kind])
        return E_OK;
    TRY(page_put(e, w,
                 kind == HALVES_RANDOM ? "<section><h2>Random halves</h2>"
                                       : "<section><h2>Named halves: A is "));
    if (kind == HALVES_NAMED) {
        TRY(page_say(e, w, s->o.a));
        TRY(page_put(e, w, "; B is "));
        TRY(page_say(e, w, s->o.b));
        TRY(page_put(e, w, "</h2>"));
    }
    TRY(page_put(
        e, w,
        "<p class=key><span><i></i>BnB</span><span><i class=kd></i>BnB+</span><span><i class=ka>"
        "</i>AnB</span><span><i class=\"ka kd\"></i>AnB+</span><span>grey: baseB, trained once "
        "and again</span></p><div class=plot>"));
    TRY(study_chart(e, w, s, kind));
    return page_put(
        e, w,
        "</div><p class=\"soft small note\">Accuracy on B when the first n layers are taken from "
        "the network of A (AnB) or of B (BnB) and frozen, or learn too (+). Drawn at the mean "
        "of baseB plus the difference to baseB of the same seed, so that easy and hard halves "
        "do not blur it; bars are standard errors, dots are seeds.</p></section>\n");
}

static Status probes(Err *e, Writer *w, const Study *s, HalvesKind kind)
{
    if (!study_probes(s, kind, NET_ANB, s->layer[0]).n)
        return E_OK;
    TRY(writer_printf(e, w,
                      "<section><h2>A linear classifier on each layer%s</h2>"
                      "<p class=key><span><i></i>layers of B</span><span><i class=ka></i>"
                      "layers of A</span></p><div class=plot>",
                      kind == HALVES_NAMED ? ", named halves" : ""));
    TRY(study_chart_probes(e, w, s, kind));
    return page_put(
        e, w,
        "</div><p class=\"soft small note\">Held-out accuracy on B of logistic regression on "
        "what the first n frozen layers make of a picture (maps averaged to 3 x 3), "
        "nothing learned above them. Bars are standard errors over seeds.</p></section>\n");
}

/* ---- the numbers ---- */

static Status mean_cell(Err *e, Writer *w, const Study *s, HalvesKind kind, StudyNet net, int n)
{
    Spread x = study_accuracy(s, kind, net, n), d = study_difference(s, kind, net, n);

    if (!x.n)
        return page_put(e, w, "<td class=n>-</td>");
    return writer_printf(e, w, "<td class=n>%.3f <span class=soft>%+.3f &plusmn; %.3f</span></td>",
                         x.mean, d.mean, d.error);
}

static Status means(Err *e, Writer *w, const Study *s, HalvesKind kind)
{
    Spread a = study_accuracy(s, kind, NET_A, 0), b = study_accuracy(s, kind, NET_B, 0);

    if (!s->kinds[kind])
        return E_OK;
    TRY(writer_printf(e, w,
                      "<section><h2>Means over seeds, %s halves</h2><p class=soft>baseA %.3f, "
                      "standard deviation %.3f; baseB %.3f, %.3f. Beside each mean: the difference "
                      "to baseB and its standard error.</p><div class=scroll><table><tr><th>n</th>",
                      halves_name(kind), a.mean, a.sd, b.mean, b.sd));
    for (int net = NET_BNB; net < NETS; net++)
        TRY(writer_printf(e, w, "<th class=n>%s</th>", net_name((StudyNet)net)));
    TRY(page_put(e, w, "</tr>\n<tr><td>0</td>"));
    TRY(mean_cell(e, w, s, kind, NET_BNB, 0));
    TRY(page_put(e, w, "<td></td><td></td><td></td></tr>\n"));
    for (int i = 0; i < s->layers; i++) {
        TRY(writer_printf(e, w, "<tr><td>%d</td>", s->layer[i]));
        for (int net = NET_BNB; net < NETS; net++)
            TRY(mean_cell(e, w, s, kind, (StudyNet)net, s->layer[i]));
        TRY(page_put(e, w, "</tr>\n"));
    }
    return page_put(e, w, "</table></div></section>\n");
}

/* ---- how ---- */

static Status facts(Err *e, Writer *w, const Study *s)
{
    const StudyOptions *o = &s->o;
    int64_t learn = 0;

    for (int64_t i = 0; i < s->n; i++)
        learn += s->picture[i].part == PART_TRAIN;
    TRY(page_put(e, w, "<section><h2>How it was made</h2><dl>"));
    TRY(page_fact(e, w, "Network",
                  arena_printf(e, s->a, "%s, %d layers before its classifier",
                               s->model->architecture, model_blocks(s->model))));
    TRY(page_fact(e, w, "Data", o->data));
    TRY(page_fact(e, w, "Fingerprint", s->fingerprint));
    TRY(page_fact(e, w, "Pictures",
                  arena_printf(e, s->a,
                               "%lld to learn from, %lld held out; %lld x %lld pixels, not "
                               "varied",
                               (long long)learn, (long long)(s->n - learn), (long long)o->size,
                               (long long)o->size)));
    TRY(page_fact(e, w, "Training",
                  arena_printf(e, s->a,
                               "every network alike: %d epochs, batch %lld, AdamW, rate %g "
                               "(linear, warm-up 0.1), decay %g, clip 1; the last epoch counts, "
                               "nothing is chosen by the held-out pictures",
                               o->epochs, (long long)o->batch, o->lr, o->weight_decay)));
    TRY(page_fact(e, w, "Seeds",
                  arena_printf(e, s->a, "%llu to %llu: halves, weights, order",
                               (unsigned long long)o->seed,
                               (unsigned long long)o->seed + (uint64_t)o->seeds - 1)));
    TRY(page_fact(e, w, "Numbers",
                  "networks.csv has a row for each network, summary.csv the means; bases/ "
                  "the networks that gave their layers"));
    TRY(page_put(e, w, "</dl></section>\n"));
    return page_close(e, w,
                      "After J. Yosinski, J. Clune, Y. Bengio and H. Lipson, How transferable are "
                      "features in deep neural networks?, 2014.");
}

Status study_report(Err *e, Study *s)
{
    HalvesKind first = study_first(s);
    Writer *w;

    s->r->report = study_path(e, s, "report.html");
    if (!s->r->report)
        return err_failed(e->code);
    TRY(writer_open(e, s->a, s->r->report, &w));
    TRY(head(e, w, s));
    TRY(finding_rows(e, w, s));
    for (int kind = 0; kind < HALVES_KINDS; kind++)
        TRY(curves(e, w, s, (HalvesKind)kind));
    TRY(probes(e, w, s, first));
    TRY(study_filters(e, w, s));
    for (int kind = 0; kind < HALVES_KINDS; kind++)
        TRY(means(e, w, s, (HalvesKind)kind));
    TRY(facts(e, w, s));
    return writer_commit(e, w);
}

/* SPDX-License-Identifier: MIT */
