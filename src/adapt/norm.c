/* norm.c - only the scales and shifts of normalisations train (Qi et al. 2022, arXiv:2204.11918, of layer norms;
 * Frankle et al. 2020, arXiv:2003.00152, of batch norms). */
#include "adapt/adapt.h"

const AdaptDef adapt_norm = {
    .name = "norm",
    .usage = "norm",
    .summary = "only scales and shifts of normalisations learn",
    .norms = true,
    .rate = 1e-3,
    .in_mean = true,
    .identity = true,
};

/* SPDX-License-Identifier: MIT */
