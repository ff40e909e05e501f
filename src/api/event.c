/* event.c - telling the host what happens. */
#include "api/inside.h"

#include <stdarg.h>
#include <stdio.h>

void api_note(eg_ctx *ctx, const char *fmt, ...)
{
    char text[2000];
    va_list ap;

    if (!ctx->on_event)
        return;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    ctx->on_event(ctx->user, &(eg_event){.kind = EG_EVENT_NOTE, .text = text});
}

/* SPDX-License-Identifier: MIT */
