/* channels.simd.c - channels moved about: zeros around them, one picture after the other, a row seen as a picture or a
 * picture as a row. */
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

/* The pieces of work of a picture are groups of its positions: each is read as it lies. */
static void concat_chunk(void *arg, int64_t begin, int64_t end, int thread)
{
    const OpCall *c = arg;
    int64_t wide = c->out[0].shape.dim[1], before = 0;

    (void)thread;
    for (int k = 0; k < c->ins && c->in[k].data; k++) {
        int64_t n = c->in[k].shape.dim[1];
        const float *x = c->in[k].data;

        for (int64_t i = begin; i < end; i++)
            copy_f(x + i * n, out_f(c, 0) + i * wide + before, n);
        before += n;
    }
}

void K(k_concat_channels)(const OpCall *c)
{
    const int64_t *d = c->out[0].shape.dim;
    OpCall call = *c;

    par_for(c->pool, d[0] * d[2] * d[3], row_grain(d[1]), concat_chunk, &call);
}

typedef struct Turn { /* a matrix [rows, columns] of each picture, turned */
    const float *from;
    float *to;
    int64_t rows, columns;
} Turn;

/* Items are rows of what is written. */
static void turn_chunk(void *arg, int64_t begin, int64_t end, int thread)
{
    const Turn *t = arg;

    (void)thread;
    for (int64_t i = begin; i < end; i++) {
        const float *x = t->from + i / t->columns * t->rows * t->columns + i % t->columns;

        for (int64_t k = 0; k < t->rows; k++)
            t->to[i * t->rows + k] = x[k * t->columns];
    }
}

static void turn_pictures(const OpCall *c, int64_t pictures, int64_t rows, int64_t columns)
{
    Turn t = {in_f(c, 0), out_f(c, 0), rows, columns};

    par_for(c->pool, pictures * columns, row_grain(rows), turn_chunk, &t);
}

void K(k_flatten)(const OpCall *c)
{
    const int64_t *d = c->in[0].shape.dim;

    turn_pictures(c, d[0], d[2] * d[3], d[1]);
}

void K(k_flatten_grad)(const OpCall *c)
{
    const int64_t *d = c->out[0].shape.dim;

    turn_pictures(c, d[0], d[1], d[2] * d[3]);
}

/* SPDX-License-Identifier: MIT */
