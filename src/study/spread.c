/* spread.c - the mean of a few numbers and how sure it is, by Student's t. */
#include "study/spread.h"

#include "base/base.h"

#include <math.h>

/* Student's t for 95 %, by degrees of freedom from 1. */
static const double t95[] = {12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228,
                             2.201,  2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086,
                             2.080,  2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042};

Spread spread_of(const double *x, int n)
{
    Spread s = {.n = n};
    double square = 0;

    for (int i = 0; i < n; i++)
        s.mean += x[i] / n;
    for (int i = 0; i < n; i++)
        square += (x[i] - s.mean) * (x[i] - s.mean);
    s.sd = n > 1 ? sqrt(square / (n - 1)) : 0;
    s.error = n > 1 ? s.sd / sqrt(n) : 0;
    double t = n < 2 ? 0 : n - 2 < (int)LEN(t95) ? t95[n - 2] : 1.96 + 2.4 / (n - 1);
    s.low = s.mean - t * s.error;
    s.high = s.mean + t * s.error;
    return s;
}

/* SPDX-License-Identifier: MIT */
