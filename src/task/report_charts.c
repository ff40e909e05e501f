/* report_charts.c - the drawings of the report, as SVG that takes its colours from the page. */
#include "task/report.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- the ladder: one line a candidate ---- */

#define LADDER_WIDTH 760.0
#define LADDER_LEFT  20.0
#define LADDER_STEP  58.0

typedef struct Axis {
    double low, high, left, width;
} Axis;

static double at(const Axis *a, double x)
{
    return a->left + (x - a->low) / (a->high - a->low) * a->width;
}

static Axis ladder_axis(const TrainResult *r)
{
    double low = 1;

    for (int i = 0; i < r->rows; i++)
        low = fmin(low, fmin(r->row[i].interval.low, r->row[i].train));
    low = floor(low * 10) / 10;
    if (low > 0.9)
        low = 0.9;
    return (Axis){low, 1, LADDER_LEFT, LADDER_WIDTH - 2 * LADDER_LEFT};
}

static Status ladder_grid(Err *e, Writer *w, const Axis *a, double height)
{
    double step = a->high - a->low > 0.55 ? 0.2 : 0.1;

    for (double x = ceil(a->low / step - 1e-9) * step; x < a->high + 1e-9; x += step) {
        TRY(writer_printf(e, w, "<line class=grid x1=%.1f x2=%.1f y1=8 y2=%.1f />", at(a, x),
                          at(a, x), height - 22));
        TRY(writer_printf(e, w, "<text x=%.1f y=%.1f text-anchor=middle>%.1f</text>", at(a, x),
                          height - 4, fabs(x) < 1e-9 ? 0 : x));
    }
    return E_OK;
}

static Status ladder_row(Err *e, Writer *w, const Axis *a, const ScoreRow *r, double y)
{
    TRY(writer_printf(e, w, "<text class=ink x=%.1f y=%.1f%s>", a->left, y - 14,
                      r->chosen ? " style=\"font-weight:650\"" : ""));
    TRY(put_text(e, w, r->name, strlen(r->name)));
    TRY(writer_printf(e, w, "</text><line class=whisk x1=%.1f x2=%.1f y1=%.1f y2=%.1f />",
                      at(a, r->interval.low), at(a, r->interval.high), y, y));
    TRY(writer_printf(e, w,
                      "<circle class=ring cx=%.1f cy=%.1f r=4 />"
                      "<circle class=dot cx=%.1f cy=%.1f r=6 />",
                      at(a, r->train), y, at(a, r->held), y));
    return E_OK;
}

Status report_ladder(Err *e, const Report *r)
{
    const TrainResult *t = r->j->r;
    double height = 34 + LADDER_STEP * t->rows;
    Axis a = ladder_axis(t);

    TRY(writer_printf(
        e, r->w, "<svg viewBox=\"0 0 %.0f %.0f\" role=img aria-label=\"scores with intervals\">",
        LADDER_WIDTH, height));
    TRY(ladder_grid(e, r->w, &a, height));
    for (int i = 0; i < t->rows; i++)
        TRY(ladder_row(e, r->w, &a, &t->row[i], 42 + LADDER_STEP * i));
    return writer_printf(e, r->w, "</svg>");
}

/* ---- curves by epoch ---- */

#define CURVE_WIDTH  360.0
#define CURVE_HEIGHT 190.0

static double value_of(const FitRow *r, int which)
{
    return which == 0 ? r->train_loss : which == 1 ? r->valid_loss : r->valid_score;
}

static void range_of(const Job *j, int first, int last, double *low, double *high)
{
    *low = INFINITY;
    *high = -INFINITY;
    for (int i = 0; i < j->history_rows; i++)
        for (int k = first; k <= last; k++) {
            double v = value_of(&j->history[i], k);

            if (isfinite(v)) {
                *low = fmin(*low, v);
                *high = fmax(*high, v);
            }
        }
    if (!(*low < *high)) {
        *low = isfinite(*low) ? *low - 0.5 : 0;
        *high = *low + 1;
    }
}

static double x_at(const Job *j, int i)
{
    int n = j->history_rows;

    return 40 + (CURVE_WIDTH - 56) * (n > 1 ? (double)i / (n - 1) : 0.5);
}

static double y_at(double v, double low, double high)
{
    return 14 + (CURVE_HEIGHT - 44) * (1 - (v - low) / (high - low));
}

static Status line_of(Err *e, const Report *r, int which, const char *class, double low,
                      double high)
{
    const Job *j = r->j;

    TRY(writer_printf(e, r->w, "<polyline class=%s points=\"", class));
    for (int i = 0; i < j->history_rows; i++)
        if (isfinite(value_of(&j->history[i], which)))
            TRY(writer_printf(e, r->w, "%.1f,%.1f ", x_at(j, i),
                              y_at(value_of(&j->history[i], which), low, high)));
    TRY(writer_printf(e, r->w, "\" />"));
    for (int i = 0; i < j->history_rows; i++) {
        double v = value_of(&j->history[i], which);

        if (isfinite(v))
            TRY(writer_printf(e, r->w, "<circle class=%s cx=%.1f cy=%.1f r=2.5 />", class,
                              x_at(j, i), y_at(v, low, high)));
    }
    return E_OK;
}

static Status frame(Err *e, const Report *r, double low, double high)
{
    const Job *j = r->j;

    TRY(writer_printf(e, r->w, "<svg viewBox=\"0 0 %.0f %.0f\" role=img>", CURVE_WIDTH,
                      CURVE_HEIGHT));
    for (int k = 0; k <= 2; k++) {
        double v = low + (high - low) * k / 2, y = y_at(v, low, high);

        TRY(writer_printf(e, r->w,
                          "<line class=grid x1=40 x2=%.0f y1=%.1f y2=%.1f />"
                          "<text x=34 y=%.1f text-anchor=end>%.2f</text>",
                          CURVE_WIDTH - 10, y, y, y + 4, v));
    }
    for (int i = 0; i < j->history_rows; i++)
        if (j->history_rows <= 12 || i % ((j->history_rows + 9) / 10) == 0)
            TRY(writer_printf(e, r->w, "<text x=%.1f y=%.0f text-anchor=middle>%d</text>",
                              x_at(j, i), CURVE_HEIGHT - 6, j->history[i].epoch));
    return E_OK;
}

Status report_curves(Err *e, const Report *r)
{
    double low, high;

    TRY(writer_printf(e, r->w,
                      "<div class=two><div><p class=key><span><i></i>training loss</span><span>"
                      "<i class=kb></i>validation loss</span></p>"));
    range_of(r->j, 0, 1, &low, &high);
    TRY(frame(e, r, low, high));
    TRY(line_of(e, r, 0, "a", low, high));
    TRY(line_of(e, r, 1, "b", low, high));
    TRY(writer_printf(
        e, r->w, "</svg></div><div><p class=key><span><i class=kb></i>validation %s</span></p>",
        r->j->r->metric));
    range_of(r->j, 2, 2, &low, &high);
    TRY(frame(e, r, low, high));
    TRY(line_of(e, r, 2, "b", low, high));
    return writer_printf(e, r->w, "</svg></div></div>");
}

/* SPDX-License-Identifier: MIT */
