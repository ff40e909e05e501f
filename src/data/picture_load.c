/* picture_load.c - one picture of a set. */
#include "data/pictures.h"

#define FILE_MOST ((size_t)256 << 20)

static Status load_grey(Err *e, Arena *a, const PictureSample *s, Picture *out)
{
    int64_t n = (int64_t)s->width * s->height;
    uint8_t *rgb = NEWS(e, a, uint8_t, 3 * n);

    if (!rgb)
        return err_failed(e->code);
    for (int64_t i = 0; i < n; i++)
        rgb[3 * i] = rgb[3 * i + 1] = rgb[3 * i + 2] = s->grey[i];
    *out = (Picture){s->width, s->height, rgb};
    return E_OK;
}

Status picturesample_load(Err *e, Arena *a, const PictureSample *at, Picture *out)
{
    PictureLimits limits = {.file_max = FILE_MOST};
    Arena *file;
    Bytes b;

    if (at->grey)
        return load_grey(e, a, at, out);
    if (!(file = arena_child(e, a)))
        return err_failed(e->code);
    Status status = file_read_all(e, file, at->file, FILE_MOST, &b);
    if (!status)
        status = picture_decode(e, a, at->file, b, &limits, out);
    arena_free(file);
    return status;
}

Status pictureset_load(Err *e, Arena *a, const PictureSet *s, int64_t i, Picture *out)
{
    return picturesample_load(e, a, &s->at[i], out);
}

/* SPDX-License-Identifier: MIT */
