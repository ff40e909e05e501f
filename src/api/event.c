/* event.c - telling the host what happens. */
#include "api/inside.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

static void send(eg_ctx *ctx, const eg_event *event)
{
    if (ctx->on_event)
        ctx->on_event(ctx->user, event);
}

void api_note(eg_ctx *ctx, const char *fmt, ...)
{
    char text[2000];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    send(ctx, &(eg_event){.kind = EG_EVENT_NOTE, .text = text});
}

static void progress(eg_ctx *ctx, const Event *event)
{
    double seconds = clock_seconds() - ctx->stage_start;
    double rate = seconds > 0 ? (double)event->step / seconds : 0;
    int64_t left = event->steps > event->step ? event->steps - event->step : 0;

    send(ctx, &(eg_event){.kind = EG_EVENT_PROGRESS,
                          .text = event->text ? event->text : ctx->stage,
                          .done = event->step,
                          .total = event->steps,
                          .rate = rate,
                          .seconds_left = rate > 0 ? (double)left / rate : 0,
                          .loss = event->lr > 0 ? event->loss : (double)NAN});
}

static void evaluated(eg_ctx *ctx, const Event *event)
{
    char valid[60] = "", score[100] = "";

    if (!isnan(event->valid_loss)) /* else there is no validation part */
        snprintf(valid, sizeof valid, ", validation loss %.4f", event->valid_loss);
    if (*valid && event->metric)
        snprintf(score, sizeof score, ", %s %.4f", event->metric, event->score);
    api_note(ctx, "epoch %d of %d: loss %.4f%s%s%s", event->epoch, event->epochs, event->train_loss,
             valid, score, *valid && event->best ? ", the best so far" : "");
}

static void on_event(void *arg, const Event *event)
{
    eg_ctx *ctx = arg;

    switch (event->kind) {
    case EVENT_SAY:
        api_note(ctx, "%s", event->text);
        return;
    case EVENT_WARN:
        api_note(ctx, "warning: %s", event->text);
        return;
    case EVENT_STAGE:
        ctx->stage_start = clock_seconds();
        snprintf(ctx->stage, sizeof ctx->stage, "%s", event->text);
        return;
    case EVENT_STEP:
        progress(ctx, event);
        return;
    case EVENT_EVAL:
        evaluated(ctx, event);
        return;
    case EVENT_SAVED:
        return;
    }
}

TaskContext api_task(eg_ctx *ctx)
{
    return (TaskContext){.sys = arena_sys(ctx->arena),
                         .pool = ctx->pool,
                         .isa = ctx->isa,
                         .events = {.fn = on_event, .arg = ctx, .stop = &ctx->stop}};
}

Status api_keep(eg_ctx *ctx, const char **text)
{
    if (*text)
        *text = arena_printf(&ctx->err, ctx->arena, "%s", *text);
    else
        return E_OK;
    return *text ? E_OK : ctx->err.code;
}

Status api_model(eg_ctx *ctx, Arena *a, const char *name, const char **folder)
{
    return hub_resolve(&ctx->err, a, &ctx->places, name, folder);
}

/* SPDX-License-Identifier: MIT */
