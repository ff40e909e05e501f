/* front.c - what prompt.c and prefix.c share: how many tokens stand in front, and PEFT's keys of prompt learning. */
#include "adapt/front.h"

#include <stdlib.h>
#include <string.h>

#define TOKENS_MAX 1024

Status front_start(Err *e, Arena *a, Method *m)
{
    FrontOptions *o = NEW(e, a, FrontOptions);

    if (!o)
        return e->code;
    *o = (FrontOptions){.tokens = 20, .of = m->target};
    m->options = o;
    return E_OK;
}

Status front_option(Err *e, Method *m, const char *key, const char *value)
{
    FrontOptions *o = m->options;
    char *end;

    if (strcmp(key, "tokens") != 0) {
        fail(e, E_USAGE, "method \"%s\" has no option \"%s\"", m->def->name, key);
        return err_note(e, "expected", "%s,layer_decay=1", m->def->usage);
    }
    long n = strtol(value, &end, 10);
    if (end == value || *end || n < 1 || n > TOKENS_MAX)
        return fail(e, E_USAGE, "tokens wants a whole number from 1 to %d, not \"%s\"", TOKENS_MAX,
                    value);
    o->tokens = (int)n;
    return E_OK;
}

int64_t front_positions(const Method *m)
{
    return ((const FrontOptions *)m->options)->tokens;
}

Status front_peft_read(Err *e, Arena *a, const Config *c, Method *m)
{
    FrontOptions *o = m->options;
    int64_t tokens = 0, parts = 1, width = m->target.dim;

    (void)a;
    TRY(config_int(e, c, "num_virtual_tokens", 1, TOKENS_MAX, &tokens));
    if (!tokens)
        return config_fail(e, c, "num_virtual_tokens", "the key is missing");
    TRY(config_int(e, c, "num_transformer_submodules", 1, 2, &parts));
    if (parts != 1)
        return config_fail(e, c, "num_transformer_submodules",
                           "an encoder with a decoder is not supported");
    TRY(config_int(e, c, "token_dim", 1, 1 << 20, &width));
    if (m->target.dim && width != m->target.dim)
        return config_fail(e, c, "token_dim", "rows of %lld for a model of width %lld",
                           (long long)width, (long long)m->target.dim);
    o->tokens = (int)tokens;
    return E_OK;
}

Status front_peft_write(Err *e, Config *c, const Method *m, Params *params)
{
    const FrontOptions *o = m->options;

    (void)params;
    TRY(config_set_int(e, c, "num_virtual_tokens", o->tokens));
    TRY(config_set_int(e, c, "token_dim", m->target.dim));
    TRY(config_set_int(e, c, "num_layers", m->target.layers));
    TRY(config_set_int(e, c, "num_transformer_submodules", 1));
    return m->target.heads ? config_set_int(e, c, "num_attention_heads", m->target.heads) : E_OK;
}

/* SPDX-License-Identifier: MIT */
