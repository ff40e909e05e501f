/* schedule.c - the learning rate of each update.  Warm-up is a factor min(1, (step + 1) / warmup) on top of
 * the decay, so a schedule without warm-up is PyTorch's LambdaLR of the same name. */
#include "train/train.h"

#include <string.h>

static const char *const schedule_names[] = {
    [SCHEDULE_LINEAR] = "linear",
    [SCHEDULE_COSINE] = "cosine",
    [SCHEDULE_CONSTANT] = "constant",
};

bool schedule_parse(const char *name, size_t n, ScheduleKind *out)
{
    for (size_t i = 0; i < LEN(schedule_names); i++)
        if (strlen(schedule_names[i]) == n && memcmp(schedule_names[i], name, n) == 0) {
            *out = (ScheduleKind)i;
            return true;
        }
    return false;
}

const char *schedule_name(ScheduleKind kind)
{
    return schedule_names[kind];
}

/* sin(pi x / 2) for x in [-1, 1]: Taylor's polynomial to x^21, whose rest is below 1e-17. */
static double sin_quarter(double x)
{
    const double half_pi = 1.57079632679489661923;
    double t = half_pi * x, t2 = t * t, sum = 1;

    for (int k = 10; k >= 1; k--)
        sum = 1 - sum * t2 / (double)(2 * k * (2 * k + 1));
    return t * sum;
}

double schedule_at(const Schedule *s, int64_t step)
{
    double rate = s->lr, done = s->total > 0 ? (double)step / (double)s->total : 0;

    if (s->warmup > 0 && (double)(step + 1) < s->warmup)
        rate *= (double)(step + 1) / s->warmup;
    if (s->kind == SCHEDULE_CONSTANT)
        return rate;
    if (done > 1)
        done = 1;
    if (s->kind == SCHEDULE_LINEAR)
        return rate * (1 - done);
    return rate * 0.5 * (1 + sin_quarter(1 - 2 * done)); /* cos(pi d) = sin(pi / 2 (1 - 2 d)) */
}

/* SPDX-License-Identifier: MIT */
