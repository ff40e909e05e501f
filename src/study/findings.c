/* findings.c - what of the paper holds here, by one rule: differences are taken between networks of the same seed, and
 * count when the 95 % interval of their mean (Student's t over the seeds) leaves out 0.  Nothing is asserted. */
#include "study/inside.h"

#include <math.h>
#include <string.h>

#define SAME_LEAST 0.01 /* a point: what a claim of sameness may hide at least */

/* ---- numbers by seed ---- */

typedef struct Series {
    int n;
    double x[100];
} Series;

static bool accuracy(const Study *s, HalvesKind kind, int seed, StudyNet net, int n, double *out)
{
    const Trial *c = study_trial(s, kind, seed, net, n);

    if (!c || !c->done)
        return false;
    *out = trial_accuracy(c);
    return true;
}

/* Of `net` with n layers, less that of `than` with m. */
static bool paired(const Study *s, HalvesKind kind, int seed, StudyNet net, int n, StudyNet than,
                   double *out)
{
    double x, y;

    if (!accuracy(s, kind, seed, net, n, &x) ||
        !accuracy(s, kind, seed, than, than == NET_B ? 0 : n, &y))
        return false;
    *out = x - y;
    return true;
}

Spread study_accuracy(const Study *s, HalvesKind kind, StudyNet net, int n)
{
    Series v = {0};

    for (int i = 0; i < s->o.seeds; i++)
        v.n += accuracy(s, kind, i, net, n, &v.x[v.n]);
    return spread_of(v.x, v.n);
}

Spread study_difference(const Study *s, HalvesKind kind, StudyNet net, int n)
{
    Series v = {0};

    for (int i = 0; i < s->o.seeds; i++)
        v.n += paired(s, kind, i, net, n, NET_B, &v.x[v.n]);
    return spread_of(v.x, v.n);
}

Spread study_probes(const Study *s, HalvesKind kind, StudyNet net, int n)
{
    Series v = {0};

    for (int i = 0; i < s->o.seeds; i++) {
        const Trial *c = study_trial(s, kind, i, net, n);

        if (c && c->done && c->probe >= 0)
            v.x[v.n++] = (double)c->probe / (double)c->pictures;
    }
    return spread_of(v.x, v.n);
}

/* From pairs of a network and its like: the variance of their difference is twice that of one. */
double study_again(const Study *s)
{
    double sum = 0, d;
    int n = 0;

    for (int kind = 0; kind < HALVES_KINDS; kind++)
        for (int i = 0; i < s->o.seeds; i++)
            if (paired(s, (HalvesKind)kind, i, NET_BNB, 0, NET_B, &d)) {
                sum += d * d / 2;
                n++;
            }
    return n ? sqrt(sum / n) : 0;
}

HalvesKind study_first(const Study *s)
{
    return s->kinds[HALVES_RANDOM] ? HALVES_RANDOM : HALVES_NAMED;
}

/* ---- the claims ---- */

typedef enum { SAME, BELOW, ABOVE, NOT_BELOW } Claim;
typedef enum { EARLY, MIDDLE, LAST, EVERY } Where;

static const struct Finding {
    Claim claim;
    StudyNet net, than;
    Where where;
    const char *text, *measured;
} findings[] = {
    {SAME, NET_ANB, NET_B, EARLY,
     "The first layers are general: taken from A and frozen, they serve B as well as its own",
     "AnB - baseB, n = 1 and 2"},
    {SAME, NET_BNB, NET_B, EARLY,
     "B's own first layers, frozen, with new ones learned above them, are as good as the whole",
     "BnB - baseB, n = 1 and 2"},
    {BELOW, NET_BNB, NET_B, MIDDLE,
     "In the middle B's own frozen layers do worse: neighbours had been learned together",
     "BnB - baseB, n between"},
    {BELOW, NET_ANB, NET_B, LAST, "The last layers are particular to A: AnB falls",
     "AnB - baseB, last n"},
    {BELOW, NET_ANB, NET_BNB, LAST, "... and lower than BnB: it is A's classes, not the cut",
     "AnB - BnB, last n"},
    {NOT_BELOW, NET_ANB_TUNED, NET_B, EVERY, "Taken layers that learn too are at or above baseB",
     "AnB+ - baseB, mean of all n"},
    {ABOVE, NET_ANB_TUNED, NET_BNB_TUNED, EVERY,
     "... and above BnB+: it is what A taught, not the longer training",
     "AnB+ - BnB+, mean of all n"},
};

static bool is_in(const Study *s, Where where, int n)
{
    int last = model_blocks(s->model);

    switch (where) {
    case EARLY:
        return n <= 2 && n < last;
    case MIDDLE:
        return n > 2 && n < last;
    case LAST:
        return n == last;
    case EVERY:
        break;
    }
    return true;
}

/* A seed's difference, mean of the n in question. */
static bool seed_mean(const Study *s, HalvesKind kind, int seed, const struct Finding *f,
                      double *out)
{
    double sum = 0, d;
    int n = 0;

    for (int i = 0; i < s->layers; i++)
        if (is_in(s, f->where, s->layer[i]) &&
            paired(s, kind, seed, f->net, s->layer[i], f->than, &d)) {
            sum += d;
            n++;
        }
    *out = n ? sum / n : 0;
    return n > 0;
}

static const char *verdict(Claim claim, const Spread *d, double same)
{
    if (d->n < 2)
        return "one seed tells nothing";
    switch (claim) {
    case SAME:
        if (d->low >= -same && d->high <= same)
            return "holds";
        return fabs(d->mean) > same && (d->low > 0 || d->high < 0) ? "does not hold" : "undecided";
    case BELOW:
        return d->high < 0 ? "holds" : d->low > 0 ? "the opposite" : "not beyond the spread";
    case ABOVE:
        return d->low > 0 ? "holds" : d->high < 0 ? "the opposite" : "not beyond the spread";
    case NOT_BELOW:
        if (d->low > 0)
            return "holds: above";
        if (d->low >= -same)
            return "holds";
        return d->high < 0 && d->mean < -same ? "does not hold" : "undecided";
    }
    return "";
}

static void add(Study *s, const struct Finding *f, const Series *v)
{
    StudyResult *r = s->r;
    Spread d = spread_of(v->x, v->n);
    double same = 2 * r->spread > SAME_LEAST ? 2 * r->spread : SAME_LEAST;

    if (v->n > 0)
        r->finding[r->findings++] = (StudyFinding){.claim = f->text,
                                                   .measured = f->measured,
                                                   .verdict = verdict(f->claim, &d, same),
                                                   .n = d.n,
                                                   .mean = d.mean,
                                                   .error = d.error,
                                                   .low = d.low,
                                                   .high = d.high};
}

/* What named halves lose, less what random ones do. */
static void add_far(Study *s)
{
    const struct Finding f = {
        .claim = BELOW,
        .net = NET_ANB,
        .than = NET_B,
        .where = EVERY,
        .text = "Layers transfer worse between distant classes than between random ones",
        .measured = "(AnB - baseB) far - near, mean of all n"};
    Series v = {0};
    double far, near;

    for (int i = 0; i < s->o.seeds; i++)
        if (seed_mean(s, HALVES_NAMED, i, &f, &far) && seed_mean(s, HALVES_RANDOM, i, &f, &near))
            v.x[v.n++] = far - near;
    add(s, &f, &v);
}

Status study_findings(Err *e, Study *s)
{
    HalvesKind kind = study_first(s);

    (void)e;
    s->r->spread = study_again(s);
    s->r->base = study_accuracy(s, kind, NET_B, 0).mean;
    for (size_t i = 0; i < LEN(findings); i++) {
        Series v = {0};

        for (int seed = 0; seed < s->o.seeds; seed++)
            v.n += seed_mean(s, kind, seed, &findings[i], &v.x[v.n]);
        add(s, &findings[i], &v);
    }
    if (s->kinds[HALVES_RANDOM] && s->kinds[HALVES_NAMED])
        add_far(s);
    return E_OK;
}

/* ---- summary.csv ---- */

static Status summary_row(Err *e, Writer *w, const Study *s, HalvesKind kind, StudyNet net, int n)
{
    Spread x = study_accuracy(s, kind, net, n), d = study_difference(s, kind, net, n);
    Spread p = study_probes(s, kind, net, n);

    if (!x.n)
        return E_OK;
    TRY(writer_printf(e, w, "%s,%s,%d,%d,%.6f,%.6f,", halves_name(kind), net_name(net), n, x.n,
                      x.mean, x.sd));
    if (net == NET_A || net == NET_B)
        TRY(writer_printf(e, w, ",,,,"));
    else
        TRY(writer_printf(e, w, "%.6f,%.6f,%.6f,%.6f,", d.mean, d.error, d.low, d.high));
    if (p.n)
        TRY(writer_printf(e, w, "%.6f,%.6f", p.mean, p.sd));
    else
        TRY(writer_printf(e, w, ","));
    return writer_printf(e, w, "\n");
}

Status study_summary(Err *e, Study *s)
{
    Writer *w;

    s->r->summary = study_path(e, s, "summary.csv");
    s->r->networks_csv = study_path(e, s, "networks.csv");
    if (!s->r->summary || !s->r->networks_csv)
        return err_failed(e->code);
    TRY(writer_open(e, s->a, s->r->summary, &w));
    TRY(writer_printf(e, w,
                      "classes,network,layers,seeds,accuracy,sd,difference,error,low,high,"
                      "probe,probe_sd\n"));
    for (int kind = 0; kind < HALVES_KINDS; kind++)
        for (int net = 0; net < NETS; net++)
            for (int i = -1; i < s->layers; i++)
                TRY(summary_row(e, w, s, (HalvesKind)kind, (StudyNet)net, i < 0 ? 0 : s->layer[i]));
    return writer_commit(e, w);
}

/* SPDX-License-Identifier: MIT */
