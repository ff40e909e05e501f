/* channels.simd.c - channels moved about: zeros around them, a row seen as a picture. */
#include "cpu/kernels.h"

#include <string.h>

SIMD void copy_f(const float *from, float *to, int64_t n)
{
    memcpy(to, from, (size_t)n * sizeof *to);
}

static void as_picture_chunk(void *arg, int64_t begin, int64_t end, int thread)
{
    const OpCall *c = arg;

    (void)thread;
    copy_f(in_f(c, 0) + begin, out_f(c, 0) + begin, end - begin);
}

void K(k_as_picture)(const OpCall *c)
{
    OpCall call = *c;

    par_for(c->pool, shape_size(&c->in[0].shape), ELEMENT_GRAIN, as_picture_chunk, &call);
}

static void pad_chunk(void *arg, int64_t begin, int64_t end, int thread)
{
    const OpCall *c = arg;
    const PadChannelsAttr *a = c->attr;
    int64_t n = c->in[0].shape.dim[1], wide = c->out[0].shape.dim[1];

    (void)thread;
    for (int64_t i = begin; i < end; i++) {
        float *y = out_f(c, 0) + i * wide;

        memset(y, 0, (size_t)a->before * sizeof *y);
        copy_f(in_f(c, 0) + i * n, y + a->before, n);
        memset(y + a->before + n, 0, (size_t)a->after * sizeof *y);
    }
}

static void unpad_chunk(void *arg, int64_t begin, int64_t end, int thread)
{
    const OpCall *c = arg;
    const PadChannelsAttr *a = c->attr;
    int64_t n = c->out[0].shape.dim[1], wide = c->in[0].shape.dim[1];

    (void)thread;
    for (int64_t i = begin; i < end; i++)
        copy_f(in_f(c, 0) + i * wide + a->before, out_f(c, 0) + i * n, n);
}

static void each_position(const OpCall *c, ParFn fn)
{
    const int64_t *d = c->in[0].shape.dim;
    OpCall call = *c;

    par_for(c->pool, d[0] * d[2] * d[3], row_grain(d[1]), fn, &call);
}

void K(k_pad_channels)(const OpCall *c)
{
    each_position(c, pad_chunk);
}

void K(k_pad_channels_grad)(const OpCall *c)
{
    each_position(c, unpad_chunk);
}

/* SPDX-License-Identifier: MIT */
