/* progress.c - events of the library on stderr: a bar on a terminal, lines elsewhere. */
#include "cli/cli.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef struct Display {
    const Common *common;
    bool bar;      /* a bar stands on the current line */
    double shown;  /* when the last progress was drawn */
    char what[80]; /* its text */
} Display;

Display *cli_display(const Common *common)
{
    static Display d; /* the terminal is one, and the command is its only user */

    d.common = common;
    return &d;
}

static void format_time(char *out, size_t n, double seconds)
{
    long s = (long)(seconds + 0.5);

    if (s >= 3600)
        snprintf(out, n, "%ld h %02ld min", s / 3600, s / 60 % 60);
    else if (s >= 60)
        snprintf(out, n, "%ld min %02ld s", s / 60, s % 60);
    else
        snprintf(out, n, "%ld s", s);
}

static void format_loss(char *out, size_t n, double loss)
{
    out[0] = 0;
    if (!isnan(loss))
        snprintf(out, n, "loss %.4g, ", loss);
}

void cli_event_end(Display *d)
{
    if (d->bar)
        fputs("\r\033[K", stderr);
    d->bar = false;
}

static void draw_bar(Display *d, const eg_event *ev)
{
    char bar[31] = "", left[40], loss[40];
    int full = ev->total ? (int)(ev->done * 30 / ev->total) : 0;

    memset(bar, '#', (size_t)full);
    memset(bar + full, '.', (size_t)(30 - full));
    bar[30] = 0;
    format_time(left, sizeof left, ev->seconds_left);
    format_loss(loss, sizeof loss, ev->loss);
    fprintf(stderr, "\r\033[K%s [%s] %3d%%  %s%.1f/s, %s left", ev->text, bar,
            ev->total ? (int)(ev->done * 100 / ev->total) : 0, loss, ev->rate, left);
    (void)fflush(stderr);
    d->bar = true;
}

static void draw_line(const eg_event *ev)
{
    char left[40], loss[40];

    format_time(left, sizeof left, ev->seconds_left);
    format_loss(loss, sizeof loss, ev->loss);
    fprintf(stderr, "%s: %lld of %lld, %s%.1f/s, %s left\n", ev->text, (long long)ev->done,
            (long long)ev->total, loss, ev->rate, left);
}

static void progress(Display *d, const eg_event *ev)
{
    bool terminal = isatty(2) && !d->common->plain;
    bool same = strncmp(d->what, ev->text, sizeof d->what - 1) == 0;
    bool last = ev->done >= ev->total;
    double now = clock_seconds();

    if (same && !last && now - d->shown < (terminal ? 0.1 : 10.0))
        return;
    if (!terminal && !same) /* a first line only after a while: short work stays silent */
        d->shown = now;
    else if (terminal)
        draw_bar(d, ev);
    else if (!last || now - d->shown > 10.0)
        draw_line(ev);
    if (terminal || same)
        d->shown = now;
    snprintf(d->what, sizeof d->what, "%s", ev->text);
}

void cli_event(void *user, const eg_event *ev)
{
    Display *d = user;

    if (ev->kind == EG_EVENT_PROGRESS && !d->common->quiet) {
        progress(d, ev);
        return;
    }
    cli_event_end(d);
    if (ev->kind == EG_EVENT_RESULT && !d->common->json)
        printf("%s\n", ev->text);
    else if (ev->kind == EG_EVENT_NOTE && !d->common->quiet)
        fprintf(stderr, "%s\n", ev->text);
}

void cli_wrote(const Common *common, const char *file, int64_t rows)
{
    if (common->json) {
        printf("{\"output\":");
        print_json_text(file);
        printf(",\"rows\":%lld}\n", (long long)rows);
    } else if (!common->quiet)
        fprintf(stderr, "%s: %lld rows\n", file, (long long)rows);
}

/* SPDX-License-Identifier: MIT */
