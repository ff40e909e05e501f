/* run_pictures.c - batches of pictures from files: "pixel_values" (or "pixels") [B, 3, H, W], turned channels last. */
#include "task/run_input.h"

#include <string.h>

static const Weight *pixels(const RunReader *r)
{
    const Weight *w = run_lookup(r, "pixel_values");

    return w ? w : run_lookup(r, "pixels");
}

int run_pictures_count(const Weights *file)
{
    RunReader r = {.file = file};

    while (pixels(&r))
        r.i++;
    return r.i;
}

/* [B, 3, H, W] -> B, H, W, 3 */
static void channels_last(const float *from, float *to, int64_t pictures, int64_t positions)
{
    for (int64_t b = 0; b < pictures; b++)
        for (int64_t i = 0; i < positions; i++)
            for (int64_t c = 0; c < 3; c++)
                *to++ = from[(b * 3 + c) * positions + i];
}

static Status read_pixels(Err *e, const RunReader *r)
{
    const Weight *w = pixels(r);
    RunBatch *b = r->b;

    if (!w) {
        fail(e, E_NOINPUT, "there is no tensor \"pixel_values\"");
        return err_note(e, "file", "%s",
                        weights_count(r->file) ? weights_at(r->file, 0)->file : "an empty file");
    }
    const int64_t *d = w->shape.dim;
    if (w->shape.rank != 4 || d[0] < 1 || d[1] != 3 || d[2] < 1 || d[3] < 1)
        return run_bad_shape(e, w, &SHAPE(1, 3, r->m->pre.size, r->m->pre.size));
    float *raw = NEWS(e, r->a, float, shape_size(&w->shape));
    float *x = NEWS(e, r->a, float, shape_size(&w->shape));
    if (!raw || !x)
        return err_failed(e->code);
    TRY(weights_read_f32(e, w, raw));
    channels_last(raw, x, d[0], d[2] * d[3]);
    b->sequences = d[0];
    b->height = d[2];
    b->width = d[3];
    b->pixels = x;
    return E_OK;
}

Status run_pictures_read(Err *e, const RunReader *r, Model *m)
{
    RunBatch *b = r->b;

    TRY(read_pixels(e, r));
    b->rows = (Rows){.count = b->sequences};
    if (m->head != HEAD_NONE)
        TRY(run_labels(e, r, m));
    b->labelled = b->labels || b->numbers;
    return E_OK;
}

Status run_pictures_fill(Err *e, const RunBatch *b, Run *r)
{
    float *to = run_input(r, "pixel_values");

    TRY(run_rows(e, r, "batch", &b->rows));
    if (to)
        memcpy(to, b->pixels, (size_t)(b->sequences * 3 * b->height * b->width) * sizeof *to);
    return E_OK;
}

/* SPDX-License-Identifier: MIT */
