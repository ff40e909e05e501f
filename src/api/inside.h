/* inside.h - the handles of the public header. */
#ifndef API_INSIDE_H
#define API_INSIDE_H

#include "engraft.h"
#include "exec/exec.h"
#include "hub/hub.h"

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
};

void api_note(eg_ctx *ctx, const char *fmt, ...) PRINTF(2, 3);

#endif
/* SPDX-License-Identifier: MIT */
