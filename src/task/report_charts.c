/* report_charts.c - the drawings of the report; their colours are the page's. */
#include "task/report.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- the ladder: one line a candidate; boxes placed by shares of the width, so that it fits any page ---- */

typedef struct Axis {
    double low, high;
} Axis;

static double at(const Axis *a, double x)
{
    return 100 * (x - a->low) / (a->high - a->low);
}

static Axis ladder_axis(const TrainResult *r)
{
    double low = 1;

    for (int i = 0; i < r->rows; i++)
        low = fmin(low, fmin(r->row[i].interval.low, r->row[i].train));
    low = floor(low * 10) / 10;
    return (Axis){low > 0.9 ? 0.9 : low, 1};
}

static Status ladder_scale(Err *e, Writer *w, const Axis *a)
{
    double step = a->high - a->low > 0.55 ? 0.2 : 0.1;

    TRY(writer_printf(e, w, "<div class=scale>"));
    for (int k = (int)ceil(a->low / step - 1e-9); k * step < a->high + 1e-9; k++) {
        double x = k * step;

        TRY(writer_printf(e, w, "<i style=\"left:%.2f%%\">%.1f</i>", at(a, x),
                          fabs(x) < 1e-9 ? 0 : x));
    }
    return writer_printf(e, w, "</div>");
}

static Status ladder_row(Err *e, Writer *w, const Axis *a, const ScoreRow *r)
{
    TRY(writer_printf(e, w, "<div class=\"rung%s\"><span>", r->chosen ? " chosen" : ""));
    TRY(put_text(e, w, r->name, strlen(r->name)));
    return writer_printf(
        e, w,
        "</span><div class=track><i class=whisk style=\"left:%.2f%%;width:%.2f%%\">"
        "</i><i class=ring style=\"left:%.2f%%\"></i><i class=dot "
        "style=\"left:%.2f%%\"></i></div></div>",
        at(a, r->interval.low), at(a, r->interval.high) - at(a, r->interval.low), at(a, r->train),
        at(a, r->held));
}

Status report_ladder(Err *e, const Report *r)
{
    const TrainResult *t = r->j->r;
    Axis a = ladder_axis(t);

    TRY(writer_printf(e, r->w, "<div class=ladder>"));
    for (int i = 0; i < t->rows; i++)
        TRY(ladder_row(e, r->w, &a, &t->row[i]));
    TRY(ladder_scale(e, r->w, &a));
    return writer_printf(e, r->w, "</div>");
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
    *low = (double)INFINITY;
    *high = -(double)INFINITY;
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
