/* transform.c - from a picture of any size to what a model reads: torchvision's Resize, CenterCrop, ToTensor,
 * Normalize and timm's size before the crop. */
#include <string.h>

#include "image/image.h"

static int least(int a, int b)
{
    return a < b ? a : b;
}

Status picture_crop(Err *e, Arena *a, const Picture *p, Box box, Picture *out)
{
    if (!box.left && !box.top && box.width == p->width && box.height == p->height) {
        *out = *p;
        return E_OK;
    }
    uint8_t *rgb = NEWS(e, a, uint8_t, 3LL * box.width * box.height); /* zeroed: black */
    if (!rgb)
        return e->code;
    *out = (Picture){box.width, box.height, rgb};

    int from = box.left > 0 ? box.left : 0, to = least(box.left + box.width, p->width);
    for (ptrdiff_t y = 0; y < box.height && to > from; y++) {
        ptrdiff_t row = y + box.top;

        if (row >= 0 && row < p->height)
            memcpy(rgb + 3 * (y * box.width + from - box.left),
                   p->rgb + 3 * (row * p->width + from), 3 * (size_t)(to - from));
    }
    return E_OK;
}

/* Where CenterCrop begins: Python's round (halves to even) of the surplus, floor of what is missing. */
static int centre(int side, int crop)
{
    int surplus = side - crop, half = surplus / 2;

    if (surplus < 0)
        return -(-surplus / 2);
    return half + ((surplus & 1) && (half & 1));
}

Status picture_eval(Err *e, Arena *a, const Picture *p, const PictureEval *how, Picture *out)
{
    int w = p->width, h = p->height, side = how->resize;
    Picture sized = *p;

    if (side && how->squash)
        w = h = side;
    else if (side && w <= h)
        h = (int)((double)((int64_t)side * h) / w), w = side;
    else if (side)
        w = (int)((double)((int64_t)side * w) / h), h = side;
    if (w != p->width || h != p->height)
        TRY(picture_resize(e, a, p, w, h, how->filter, &sized));
    Box box = {centre(w, how->width), centre(h, how->height), how->width, how->height};
    return picture_crop(e, a, &sized, box, out);
}

int picture_resize_for(int size, double crop_pct)
{
    return (int)(size / crop_pct);
}

void picture_tensor(const Picture *p, const float mean[3], const float std[3], float *out)
{
    float value[3][256];

    for (int c = 0; c < 3; c++)
        for (int v = 0; v < 256; v++)
            value[c][v] = ((float)v / 255.0f - mean[c]) / std[c];
    for (ptrdiff_t i = 0, n = (ptrdiff_t)p->width * p->height; i < n; i++)
        for (int c = 0; c < 3; c++)
            out[3 * i + c] = value[c][p->rgb[3 * i + c]];
}
/* SPDX-License-Identifier: MIT */
