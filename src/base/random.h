/* random.h - the parts of random.c that its tests hold against published values. */
#ifndef RANDOM_H
#define RANDOM_H

#include "base/base.h"

void philox4x32_rounds(int rounds, const uint32_t counter[4], const uint32_t key[2],
                       uint32_t out[4]);
double normal_quantile(double p); /* 0 < p < 1 */

#endif
/* SPDX-License-Identifier: MIT */
