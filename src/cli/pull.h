/* pull.h - the flags of pull, which two programs read: engraft, and engraft-pull, which it becomes. */
#ifndef CLI_PULL_H
#define CLI_PULL_H

#include "cli/cli.h"

typedef struct PullFlags {
    const char *revision, *wheel, *lock;
    int64_t retries, max_size;
    bool again, verify, offline;
} PullFlags;

#endif
/* SPDX-License-Identifier: MIT */
