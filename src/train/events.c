/* events.c - what happens, told to whoever listens; and whether to stop. */
#include "train/train.h"

#include <stdarg.h>
#include <stdio.h>

void event_send(const Events *ev, const Event *event)
{
    if (ev && ev->fn)
        ev->fn(ev->arg, event);
}

void event_say(const Events *ev, EventKind kind, const char *fmt, ...)
{
    char text[2000];
    va_list ap;

    if (!ev || !ev->fn)
        return;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    event_send(ev, &(Event){.kind = kind, .text = text});
}

bool event_stop(const Events *ev)
{
    return ev && ev->stop && *ev->stop != 0;
}

/* SPDX-License-Identifier: MIT */
