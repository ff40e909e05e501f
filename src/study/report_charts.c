/* report_charts.c - accuracy against the number of layers taken; the colours are the page's. */
#include "study/inside.h"

#include <math.h>
#include <string.h>

#define WIDTH  760.0
#define HEIGHT 360.0
#define LEFT   48.0
#define RIGHT  64.0
#define TOP    14.0
#define BOTTOM 46.0

typedef struct Plane {
    Writer *w;
    const Study *s;
    HalvesKind kind;
    double low, high; /* of accuracy */
    double base;      /* where differences are drawn from; NAN: accuracies as they are */
    int last;         /* n at the right */
} Plane;

static double x_at(const Plane *p, int n)
{
    return LEFT + (WIDTH - LEFT - RIGHT) * n / p->last;
}

static double y_at(const Plane *p, double v)
{
    return TOP + (HEIGHT - TOP - BOTTOM) * (p->high - v) / (p->high - p->low);
}

/* A network's mean, and each seed's, where they are drawn. */
static Spread value(const Plane *p, StudyNet net, int n)
{
    Spread x = isnan(p->base) ? study_probes(p->s, p->kind, net, n)
                              : study_difference(p->s, p->kind, net, n);

    if (!isnan(p->base))
        x.mean += p->base;
    return x;
}

static bool of_seed(const Plane *p, int seed, StudyNet net, int n, double *out)
{
    const Trial *c = study_trial(p->s, p->kind, seed, net, n);
    const Trial *b = study_trial(p->s, p->kind, seed, NET_B, 0);

    if (!c || !c->done || !b->done)
        return false;
    if (isnan(p->base)) {
        *out = (double)c->probe / (double)c->pictures;
        return c->probe >= 0;
    }
    *out = p->base + trial_accuracy(c) - trial_accuracy(b);
    return true;
}

static int taken(const Plane *p, int i) /* -1: none */
{
    return i < 0 ? 0 : p->s->layer[i];
}

static void stretch(Plane *p, double v)
{
    p->low = fmin(p->low, v);
    p->high = fmax(p->high, v);
}

static void set_range(Plane *p, StudyNet first, StudyNet last)
{
    double v;

    p->low = 1;
    p->high = 0;
    for (int net = (int)first; net <= (int)last; net++)
        for (int i = -1; i < p->s->layers; i++)
            for (int seed = 0; seed < p->s->o.seeds; seed++)
                if (of_seed(p, seed, (StudyNet)net, taken(p, i), &v))
                    stretch(p, v);
    if (!isnan(p->base)) {
        stretch(p, p->base - 1.2 * p->s->r->spread);
        stretch(p, p->base + 1.2 * p->s->r->spread);
    }
    double room = 0.06 * (p->high - p->low) + 0.002;
    p->low -= room;
    p->high += room;
}

/* ---- frame ---- */

/* The name of the n-th block's first tensor without its last part: "conv1". */
static const char *block_name(const Study *s, const Graph *g, int n, int *length)
{
    for (int i = 0; i < graph_param_count(g); i++) {
        const char *name = graph_node(g, graph_param_at(g, i).id)->name;

        if (model_depth(s->model, name) != n - 1)
            continue;
        *length = (int)strcspn(name, ".");
        return name;
    }
    return NULL;
}

static double step_of(double range)
{
    static const double steps[] = {0.002, 0.005, 0.01, 0.02, 0.05, 0.1};

    for (size_t i = 0; i < LEN(steps); i++)
        if (range / steps[i] <= 7)
            return steps[i];
    return 0.2;
}

static Status frame(Err *e, const Plane *p)
{
    double step = step_of(p->high - p->low);

    TRY(writer_printf(e, p->w, "<svg viewBox=\"0 0 %.0f %.0f\" role=img>", WIDTH, HEIGHT));
    for (int k = (int)ceil(p->low / step); k * step <= p->high; k++)
        TRY(writer_printf(e, p->w,
                          "<line class=grid x1=%.0f x2=%.0f y1=%.1f y2=%.1f />"
                          "<text x=%.0f y=%.1f text-anchor=end>%.*f</text>",
                          LEFT, WIDTH - RIGHT, y_at(p, k * step), y_at(p, k * step), LEFT - 8,
                          y_at(p, k * step) + 4, step < 0.01 ? 3 : 2, k * step));
    return writer_printf(e, p->w, "<text x=%.0f y=%.0f text-anchor=middle>n, layers taken</text>",
                         (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 2);
}

static Status ticks(Err *e, const Plane *p)
{
    ModelShape shape = {.pictures = 1, .height = p->s->o.size, .width = p->s->o.size};
    Arena *a = arena_child(e, p->s->a);
    Graph *g = a ? graph_new(e, a, MODE_EVAL) : NULL;
    ModelOutputs unused;

    if (!g)
        return err_failed(e->code);
    TRY(model_build(e, p->s->model, g, NULL, &shape, &unused));
    for (int i = -1; i < p->s->layers; i++) {
        int n = taken(p, i), length = 0;
        bool empty = n == 0 && isnan(p->base); /* nothing was frozen to be read */
        const char *name = p->last <= 12 && n ? block_name(p->s, g, n, &length) : NULL;

        if (!empty)
            TRY(writer_printf(e, p->w, "<text x=%.1f y=%.0f text-anchor=middle>%d%s%.*s</text>",
                              x_at(p, n), HEIGHT - 24, n, name ? " " : "", name ? length : 0,
                              name ? name : ""));
    }
    arena_free(a);
    return E_OK;
}

/* ---- lines ---- */

static const char *class_of(StudyNet net)
{
    static const char *const class[NETS] = {"", "", "b-", "a-", "b--tuned", "a--tuned"};

    return class[net];
}

static Status points(Err *e, const Plane *p, StudyNet net, double aside)
{
    const char *bar = net == NET_ANB || net == NET_ANB_TUNED ? "bar-a" : "bar-b";
    double v;

    for (int i = -1; i < p->s->layers; i++) {
        int n = taken(p, i);
        Spread d = value(p, net, n);
        double x = x_at(p, n) + aside;

        if (!d.n)
            continue;
        for (int seed = 0; seed < p->s->o.seeds; seed++)
            if (of_seed(p, seed, net, n, &v))
                TRY(writer_printf(e, p->w, "<circle class=\"%s faint\" cx=%.1f cy=%.1f r=2.4 />",
                                  class_of(net), x, y_at(p, v)));
        TRY(writer_printf(e, p->w,
                          "<line class=%s x1=%.1f x2=%.1f y1=%.1f y2=%.1f /><circle class=%s "
                          "cx=%.1f cy=%.1f r=4 />",
                          bar, x, x, y_at(p, d.mean - d.error), y_at(p, d.mean + d.error),
                          class_of(net), x, y_at(p, d.mean)));
    }
    return E_OK;
}

static Status line(Err *e, const Plane *p, StudyNet net, double aside)
{
    TRY(writer_printf(e, p->w, "<polyline class=%s points=\"", class_of(net)));
    for (int i = 0; i < p->s->layers; i++) {
        Spread d = value(p, net, taken(p, i));

        if (d.n)
            TRY(writer_printf(e, p->w, "%.1f,%.1f ", x_at(p, taken(p, i)) + aside,
                              y_at(p, d.mean)));
    }
    TRY(writer_printf(e, p->w, "\" />"));
    return points(e, p, net, aside);
}

/* Names at the right end, moved apart where they would lie on one another. */
static Status names(Err *e, const Plane *p, StudyNet first, StudyNet last)
{
    double at[NETS];
    int order[NETS], k = 0;

    for (int net = (int)first; net <= (int)last; net++) {
        Spread d = value(p, (StudyNet)net, p->last);
        int i = k;

        if (!d.n)
            continue;
        at[net] = y_at(p, d.mean);
        for (k++; i > 0 && at[order[i - 1]] > at[net]; i--)
            order[i] = order[i - 1];
        order[i] = net;
    }
    for (int i = 1; i < k; i++)
        at[order[i]] = fmax(at[order[i]], at[order[i - 1]] + 14);
    for (int i = 0; i < k; i++)
        TRY(writer_printf(e, p->w, "<text class=ink x=%.1f y=%.1f>%s</text>", x_at(p, p->last) + 16,
                          at[order[i]] + 4, net_name((StudyNet)order[i])));
    return E_OK;
}

static Status base_line(Err *e, const Plane *p)
{
    double spread = p->s->r->spread, top = y_at(p, p->base + spread);

    return writer_printf(e, p->w,
                         "<rect class=band x=%.1f y=%.1f width=%.1f height=%.1f /><line class=base "
                         "x1=%.1f x2=%.1f y1=%.1f y2=%.1f />",
                         LEFT, top, WIDTH - LEFT - RIGHT, y_at(p, p->base - spread) - top, LEFT,
                         WIDTH - RIGHT, y_at(p, p->base), y_at(p, p->base));
}

Status study_chart(Err *e, Writer *w, const Study *s, HalvesKind kind)
{
    Plane p = {.w = w, .s = s, .kind = kind, .last = s->layer[s->layers - 1]};

    p.base = study_accuracy(s, kind, NET_B, 0).mean;
    set_range(&p, NET_BNB, NET_ANB_TUNED);
    TRY(frame(e, &p));
    TRY(ticks(e, &p));
    TRY(base_line(e, &p));
    for (int net = NET_BNB; net < NETS; net++)
        TRY(line(e, &p, (StudyNet)net, 5.0 * (net - NET_BNB) - 7.5));
    TRY(names(e, &p, NET_BNB, NET_ANB_TUNED));
    return writer_printf(e, w, "</svg>");
}

Status study_chart_probes(Err *e, Writer *w, const Study *s, HalvesKind kind)
{
    Plane p = {.w = w, .s = s, .kind = kind, .last = s->layer[s->layers - 1]};

    p.base = (double)NAN;
    set_range(&p, NET_BNB, NET_ANB);
    TRY(frame(e, &p));
    TRY(ticks(e, &p));
    for (int net = NET_BNB; net <= NET_ANB; net++)
        TRY(line(e, &p, (StudyNet)net, 5.0 * (net - NET_BNB) - 2.5));
    return writer_printf(e, w, "</svg>");
}

/* SPDX-License-Identifier: MIT */
