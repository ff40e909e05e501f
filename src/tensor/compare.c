/* compare.c - how far apart two blocks of numbers are. */
#include "tensor/tensor.h"

#include <math.h>

double tensor_difference(const float *a, const float *b, int64_t n, int64_t *where)
{
    double most = 0;

    *where = 0;
    for (int64_t i = 0; i < n; i++) {
        double d = a[i] == b[i] ? 0 : fabs((double)a[i] - (double)b[i]);
        if (isnan(d))
            d = HUGE_VAL;
        if (d > most) {
            most = d;
            *where = i;
        }
    }
    return most;
}
/* SPDX-License-Identifier: MIT */
