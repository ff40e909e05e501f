/* taps.c - the weights of a resize, as Pillow computes them (src/libImaging/Resample.c): a filter stretched by the
 * scale when a picture shrinks, sampled at pixel centres, made to sum to 1, rounded to 22 bits. */
#include <string.h>

#include "image/resample.h"

/* sin(pi x) for any x of moderate size: sin(pi r) by its series for |r| <= 1/2, exact to a double's rounding */
static double sin_pi(double x)
{
    const double pi = 3.14159265358979323846;
    int turns = (int)(x < 0 ? x - 0.5 : x + 0.5);
    double r = (x - turns) * pi, square = r * r, sum = 1;

    for (int i = 23; i >= 3; i -= 2)
        sum = 1 - sum * square / (i * (i - 1));
    return turns & 1 ? -r * sum : r * sum;
}

static double sinc(double x)
{
    return x == 0 ? 1 : sin_pi(x) / (x * 3.14159265358979323846);
}

static double box(double x)
{
    return x > -0.5 && x <= 0.5 ? 1 : 0;
}

static double bilinear(double x)
{
    x = x < 0 ? -x : x;
    return x < 1 ? 1 - x : 0;
}

static double hamming(double x)
{
    x = x < 0 ? -x : x;
    return x < 1 ? sinc(x) * ((double)0.54f + (double)0.46f * sin_pi(x + 0.5)) : 0;
}

static double bicubic(double x)
{
    const double a = -0.5;

    x = x < 0 ? -x : x;
    if (x < 1)
        return ((a + 2) * x - (a + 3)) * x * x + 1;
    return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
}

static double lanczos(double x)
{
    return x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0;
}

typedef struct FilterDef {
    const char *name;
    double (*weight)(double x);
    double support;
} FilterDef;

static const FilterDef filters[FILTER_COUNT] = {
    [FILTER_BOX] = {"box", box, 0.5},           [FILTER_BILINEAR] = {"bilinear", bilinear, 1},
    [FILTER_HAMMING] = {"hamming", hamming, 1}, [FILTER_BICUBIC] = {"bicubic", bicubic, 2},
    [FILTER_LANCZOS] = {"lanczos", lanczos, 3},
};

bool filter_parse(const char *name, Filter *out)
{
    for (int i = 0; i < FILTER_COUNT; i++)
        if (!strcmp(filters[i].name, name)) {
            *out = (Filter)i;
            return true;
        }
    return false;
}

static int rounded(double k)
{
    return k < 0 ? (int)(-0.5 + k * (1 << RESAMPLE_BITS)) : (int)(0.5 + k * (1 << RESAMPLE_BITS));
}

Status taps_make(Err *e, Arena *a, int in, int out, Filter filter, Taps *t)
{
    const FilterDef *f = &filters[filter];
    double scale = (double)in / out, stretch = scale < 1 ? 1 : scale;
    double support = f->support * stretch, inverse = 1 / stretch;
    int most = (int)support;

    most += most < support;
    *t = (Taps){.n = out, .most = 2 * most + 1};
    t->first = NEWS(e, a, int, out);
    t->count = NEWS(e, a, int, out);
    t->k = NEWS(e, a, int32_t, (int64_t)out * t->most);
    double *w = NEWS(e, a, double, t->most);
    if (!t->first || !t->count || !t->k || !w)
        return e->code;
    for (ptrdiff_t i = 0; i < out; i++) {
        double centre = ((double)i + 0.5) * scale, sum = 0;
        int from = (int)(centre - support + 0.5), to = (int)(centre + support + 0.5);

        from = from < 0 ? 0 : from;
        to = to > in ? in : to;
        for (int j = 0; j < to - from; j++) {
            w[j] = f->weight((j + from - centre + 0.5) * inverse);
            sum += w[j];
        }
        t->first[i] = from;
        t->count[i] = to - from;
        for (int j = 0; j < to - from; j++)
            t->k[i * t->most + j] = rounded(sum != 0 ? w[j] / sum : w[j]);
    }
    return E_OK;
}
/* SPDX-License-Identifier: MIT */
