/* bitfit.c - Ben Zaken et al. 2022, arXiv:2106.10199: only the biases train, those of norms among them. */
#include "adapt/adapt.h"

const AdaptDef adapt_bitfit = {
    .name = "bitfit",
    .usage = "bitfit",
    .summary = "only biases learn",
    .trains = "*.bias",
    .rate = 1e-3,
    .in_mean = true,
    .identity = true,
};

/* SPDX-License-Identifier: MIT */
