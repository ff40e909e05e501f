/* context.c - opening and closing: the arena, the threads, the instruction set. */
#include "api/inside.h"

#include <string.h>

static Status open_context(Err *e, eg_ctx *c, const eg_options *o)
{
    c->isa = isa_best();
    if (o->isa && !isa_parse(o->isa, &c->isa)) {
        fail(e, E_USAGE, "there is no instruction set \"%s\"", o->isa);
        return err_note(e, "expected", "scalar, avx2 or avx512");
    }
    if (c->isa > isa_best())
        c->isa = isa_best();
    c->places = (HubPlaces){o->models, o->hf_cache};
    c->on_event = o->on_event;
    c->user = o->user;
    return pool_new(e, c->arena, o->threads, &c->pool);
}

eg_ctx *eg_open(const eg_options *options)
{
    Err err = {0};
    Arena *a = arena_new(&err, options && options->sys ? options->sys : sys_real());
    eg_ctx *c = a ? NEW(&err, a, eg_ctx) : NULL;

    if (!c) {
        arena_free(a);
        return NULL;
    }
    c->arena = a;
    open_context(&c->err, c,
                 options ? options : &(eg_options){0}); /* a failure is told by the next call */
    return c;
}

void eg_close(eg_ctx *ctx)
{
    if (ctx)
        arena_free(ctx->arena);
}

const char *eg_error(const eg_ctx *ctx)
{
    return ctx ? ctx->err.text : "no memory for a context";
}

const char *eg_version(void)
{
    return "0.1.0";
}

void eg_stop(eg_ctx *ctx)
{
    ctx->stop = 1;
}

Status api_on_bad(Err *e, const char *given, TableBad *out)
{
    *out = given && strcmp(given, "skip") == 0 ? TABLE_SKIP : TABLE_FAIL;
    if (!given || *out == TABLE_SKIP || strcmp(given, "fail") == 0)
        return E_OK;
    fail(e, E_USAGE, "what is bad cannot be dealt with by \"%s\"", given);
    return err_note(e, "expected", "fail or skip");
}

/* SPDX-License-Identifier: MIT */
