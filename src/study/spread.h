/* spread.h - the mean of a few numbers and how sure it is. */
#ifndef STUDY_SPREAD_H
#define STUDY_SPREAD_H

typedef struct Spread {
    int n;
    double mean, sd, error, low, high; /* error: of the mean; 95 % by Student's t */
} Spread;

Spread spread_of(const double *x, int n);

#endif
/* SPDX-License-Identifier: MIT */
