/* passes.c - runs the rows of passes.def. */
#include "passes/passes.h"

#include <string.h>

typedef struct Pass {
    const char *name;
    PassFn run;
} Pass;

static const Pass passes[] = {
#define PASS(name) {#name, pass_##name},
#include "passes/passes.def"
#undef PASS
};

Status passes_run(Err *e, Graph *g, const char *except)
{
    for (size_t i = 0; i < LEN(passes); i++) {
        if (except && strncmp(except, passes[i].name, strlen(except)) == 0)
            continue;
        Arena *scratch = arena_child(e, graph_arena(g));
        if (!scratch)
            return err_failed(e->code);
        Status s = passes[i].run(e, g, scratch);
        arena_free(scratch);
        if (s)
            return err_while(e, "running pass %s", passes[i].name);
    }
    return graph_finish(e, g);
}

/* SPDX-License-Identifier: MIT */
