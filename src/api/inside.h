/* inside.h - the handles of the public header. */
#ifndef API_INSIDE_H
#define API_INSIDE_H

#include "engraft.h"
#include "exec/exec.h"
#include "hub/hub.h"
#include "task/task.h"

#include <signal.h>

struct eg_ctx {
    Arena *arena;
    Err err;
    Pool *pool;
    Isa isa;
    HubPlaces places;
    eg_event_fn on_event;
    void *user;
    volatile sig_atomic_t stop;
    double stage_start; /* when the current stage of work began, for rates */
    char stage[40];
};

/* A copy of text that lives as long as the context; NULL stays NULL. */
Status api_keep(eg_ctx *ctx, const char **text);
/* What the tasks work with: the pool, the cap, events turned into the host's. */
TaskContext api_task(eg_ctx *ctx);
/* The folder of a model by name; E_NOINPUT says where it was looked for. */
Status api_model(eg_ctx *ctx, Arena *a, const char *name, const char **folder);

/* Words to choices, the model found, the output named. */
Status api_train_options(eg_ctx *ctx, Arena *a, const eg_train_options *o, TrainOptions *out);

/* photos/, "study" -> photos-study; reviews.csv, "compare" -> reviews-compare */
Status api_beside(Err *e, Arena *a, const char *data, const char *what, const char **out);
Status api_on_bad(Err *e, const char *given, TableBad *out);

void api_note(eg_ctx *ctx, const char *fmt, ...) PRINTF(2, 3);

#endif
/* SPDX-License-Identifier: MIT */
