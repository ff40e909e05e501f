/* freeze.c - the stem and the first k layers stay as they are (Howard and Ruder 2018, arXiv:1801.06146, and
 * many before): what is general is kept, what is of the old task is learned anew. */
#include "adapt/adapt.h"

#include <stdlib.h>

typedef struct FreezeOptions {
    int layers;
} FreezeOptions;

static Status start(Err *e, Arena *a, Method *m)
{
    m->options = NEW(e, a, FreezeOptions);
    return m->options ? E_OK : e->code;
}

static Status option(Err *e, Arena *a, Method *m, const char *key, const char *value)
{
    FreezeOptions *o = m->options;
    char *end;
    long n = strtol(key, &end, 10);

    (void)a;
    if (*value || end == key || *end || n < 0 || n > m->target.layers) {
        fail(e, E_USAGE, "freeze wants how many layers, 0 to %d", m->target.layers);
        return err_note(e, "found", "%s", key);
    }
    o->layers = (int)n;
    return E_OK;
}

static bool frozen(const Method *m, const char *name)
{
    const FreezeOptions *o = m->options;
    int depth = m->target.depth(m->target.model, name);

    return depth >= 0 && depth <= o->layers;
}

const AdaptDef adapt_freeze = {
    .name = "freeze",
    .usage = "freeze:4",
    .summary = "embeddings and the first 4 layers stay, the rest learns",
    .trains = "*",
    .frozen = frozen,
    .identity = true,
    .start = start,
    .option = option,
};

/* SPDX-License-Identifier: MIT */
