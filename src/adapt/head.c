/* head.c - only the task's head trains; the backbone is a feature extractor. */
#include "adapt/adapt.h"

const AdaptDef adapt_head = {
    .name = "head",
    .usage = "head",
    .summary = "only the new head learns",
    .rate = 1e-3,
    .in_mean = true,
    .fitted_head = true,
    .identity = true,
};

/* SPDX-License-Identifier: MIT */
