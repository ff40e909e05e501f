/* augment.c - a picture varied for training: torchvision's RandomResizedCrop, flips and ColorJitter.  Every number is
 * Philox of (seed, epoch, sample, purpose, which): a sample's variation depends on nothing else. */
#include <math.h>
#include <string.h>

#include "image/image.h"

typedef struct Draws {
    PictureKey key;
    uint64_t purpose;
} Draws;

/* In [0, 1) */
static double draw(const Draws *d, uint32_t which)
{
    uint32_t counter[4] = {(uint32_t)d->key.sample, (uint32_t)(d->key.sample >> 32), d->key.epoch,
                           which};
    uint64_t key = d->key.seed ^ d->purpose;
    uint32_t halves[2] = {(uint32_t)key, (uint32_t)(key >> 32)}, out[4];

    philox4x32(counter, halves, out);
    return (double)(((uint64_t)out[1] << 32 | out[0]) >> 11) * 0x1p-53;
}

static int draw_below(const Draws *d, uint32_t which, int n)
{
    return (int)(draw(d, which) * n);
}

/* low^(1 - u) high^u: uniform in the logarithm.  r^u is the product of those square roots of square roots that u has
 * a bit for; sqrt is exact by IEEE 754, so the result is the same everywhere. */
static double between(double low, double high, double u)
{
    double root = high / low, x = low;

    for (int bit = 0; bit < 40; bit++) {
        root = sqrt(root);
        u *= 2;
        if (u >= 1) {
            x *= root;
            u -= 1;
        }
    }
    return x;
}

static int rounded(double x)
{
    return (int)(x + 0.5);
}

Box picture_vary_box(int width, int height, const PictureVary *how, PictureKey key)
{
    enum { TRIES = 10, AREA = 0, ASPECT, LEFT, TOP, OF_A_TRY };
    Draws d = {key, random_purpose("picture crop")};
    double low = how->area[1] > 0 ? how->area[0] : 0.08, high = how->area[1] > 0 ? how->area[1] : 1;
    double narrow = how->aspect[1] > 0 ? how->aspect[0] : 3.0 / 4;
    double wide = how->aspect[1] > 0 ? how->aspect[1] : 4.0 / 3;

    for (uint32_t i = 0; i < TRIES * OF_A_TRY; i += OF_A_TRY) {
        double area = (double)width * height * (low + draw(&d, i + AREA) * (high - low));
        double aspect = between(narrow, wide, draw(&d, i + ASPECT));
        int w = rounded(sqrt(area * aspect)), h = rounded(sqrt(area / aspect));

        if (w > 0 && w <= width && h > 0 && h <= height)
            return (Box){draw_below(&d, i + LEFT, width - w + 1),
                         draw_below(&d, i + TOP, height - h + 1), w, h};
    }
    Box all = {0, 0, width, height}; /* the middle, in the nearest aspect that is allowed */
    if (width < narrow * height)
        all.height = rounded(width / narrow);
    else if (width > wide * height)
        all.width = rounded(height * wide);
    all.left = (width - all.width) / 2;
    all.top = (height - all.height) / 2;
    return all;
}

static void jitter(const PictureVary *how, PictureKey key, Picture *p)
{
    Draws d = {key, random_purpose("picture colours")};
    Adjust order[ADJUST_COUNT] = {ADJUST_BRIGHTNESS, ADJUST_CONTRAST, ADJUST_SATURATION,
                                  ADJUST_HUE};

    for (int i = ADJUST_COUNT - 1; i > 0; i--) { /* Fisher and Yates */
        int j = draw_below(&d, (uint32_t)(ADJUST_COUNT + i), i + 1);
        Adjust held = order[i];

        order[i] = order[j];
        order[j] = held;
    }
    for (int i = 0; i < ADJUST_COUNT; i++) {
        double most = how->adjust[order[i]], u = draw(&d, (uint32_t)order[i]);
        double low = order[i] == ADJUST_HUE ? -most : most < 1 ? 1 - most : 0;
        double high = order[i] == ADJUST_HUE ? most : 1 + most;

        if (most > 0)
            picture_adjust(p, order[i], low + u * (high - low));
    }
}

Status picture_vary(Err *e, Arena *a, const Picture *p, const PictureVary *how, PictureKey key,
                    Picture *out)
{
    Cut cut = {picture_vary_box(p->width, p->height, how, key), how->width, how->height,
               how->filter};
    Draws d = {key, random_purpose("picture flips")};

    TRY(picture_cut(e, a, p, &cut, out));
    if (out->rgb == p->rgb) { /* nothing was cut, and p stays as it is */
        size_t n = 3 * (size_t)p->width * (size_t)p->height;

        if (!(out->rgb = NEWS(e, a, uint8_t, n)))
            return e->code;
        memcpy(out->rgb, p->rgb, n);
    }
    if (draw(&d, 0) < how->flip_across)
        picture_flip_across(out);
    if (draw(&d, 1) < how->flip_down)
        picture_flip_down(out);
    jitter(how, key, out);
    return E_OK;
}
/* SPDX-License-Identifier: MIT */
