/* full.c - every tensor trains. */
#include "adapt/adapt.h"

const AdaptDef adapt_full = {
    .name = "full",
    .usage = "full",
    .summary = "every weight learns",
    .trains = "*",
    .identity = true,
};

/* SPDX-License-Identifier: MIT */
