/* front.h - what methods that put something in front of each text share (front.c): how many tokens, and PEFT's keys.
 * PEFT calls them prompt learning: one tensor, which has its plain name on disk. */
#ifndef ADAPT_FRONT_H
#define ADAPT_FRONT_H

#include "adapt/adapt.h"

#define FRONT_NAME "prompt_embeddings"

typedef struct FrontOptions {
    int tokens;
    const char *text; /* of a prompt: what it begins as; NULL: drawn words */
    MethodTarget of;
} FrontOptions;

Status front_start(Err *e, Arena *a, Method *m);
Status front_option(Err *e, Method *m, const char *key, const char *value);
int64_t front_positions(const Method *m);
Status front_peft_read(Err *e, Arena *a, const Config *c, Method *m);
Status front_peft_write(Err *e, Config *c, const Method *m, Params *params);

#endif
/* SPDX-License-Identifier: MIT */
