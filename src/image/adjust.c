/* adjust.c - brightness, contrast, saturation and hue as torchvision does them on PIL's bytes: blends in float, cut to
 * bytes; hue by way of PIL's HSV of three bytes.  In place. */
#include <string.h>

#include "image/image.h"

/* PIL's "L": 0.299 red, 0.587 green, 0.114 blue, of 16 bits after the point */
static int grey(const uint8_t *rgb)
{
    return (int)((rgb[0] * 19595U + rgb[1] * 38470U + rgb[2] * 7471U + 0x8000U) >> 16);
}

/* from + factor (to - from) */
static uint8_t blend(int from, int to, float factor)
{
    float v = (float)from + factor * (float)(to - from);

    return (uint8_t)(v <= 0.0f ? 0.0f : v >= 255.0f ? 255.0f : v);
}

/* Away from one grey for all pixels: a table. */
static void blend_all(Picture *p, int from, float factor)
{
    uint8_t table[256];

    for (int v = 0; v < 256; v++)
        table[v] = blend(from, v, factor);
    for (ptrdiff_t i = 0, n = 3 * (ptrdiff_t)p->width * p->height; i < n; i++)
        p->rgb[i] = table[p->rgb[i]];
}

static int mean_grey(const Picture *p)
{
    int64_t sum = 0, n = (int64_t)p->width * p->height;

    for (int64_t i = 0; i < n; i++)
        sum += grey(p->rgb + 3 * i);
    return (int)((double)sum / (double)n + 0.5);
}

static void saturate(Picture *p, float factor)
{
    uint8_t *rgb = p->rgb;

    for (ptrdiff_t i = 0, n = (ptrdiff_t)p->width * p->height; i < n; i++, rgb += 3) {
        int from = grey(rgb);

        for (int c = 0; c < 3; c++)
            rgb[c] = blend(from, rgb[c], factor);
    }
}

static uint8_t cut(double v)
{
    return (uint8_t)(v <= 0 ? 0 : v >= 255 ? 255 : v);
}

typedef struct Hsv {
    uint8_t hue, saturation, value;
} Hsv;

static Hsv to_hsv(const uint8_t *rgb)
{
    int r = rgb[0], g = rgb[1], b = rgb[2];
    int most = r > g ? r : g, least = r < g ? r : g;

    most = most > b ? most : b;
    least = least < b ? least : b;
    if (most == least)
        return (Hsv){0, 0, (uint8_t)most};
    float range = (float)(most - least), s = range / (float)most, h;
    float away_r = (float)(most - r) / range, away_g = (float)(most - g) / range;
    float away_b = (float)(most - b) / range;
    if (r == most)
        h = away_b - away_g;
    else if (g == most)
        h = (float)(2.0 + (double)away_r - (double)away_b);
    else
        h = (float)(4.0 + (double)away_g - (double)away_r);
    double turn = (double)h / 6.0 + 1.0; /* in 5/6 to 2 */
    h = (float)(turn >= 1 ? turn - 1 : turn);
    return (Hsv){cut((double)h * 255.0), cut((double)s * 255.0), (uint8_t)most};
}

static void from_hsv(Hsv x, uint8_t *rgb)
{
    /* which of value, falling, low and rising is red, green, blue in each sixth of the circle */
    static const uint8_t order[6][3] = {{0, 3, 2}, {1, 0, 2}, {2, 0, 3},
                                        {2, 1, 0}, {3, 2, 0}, {0, 2, 1}};
    double sixths = (double)(float)x.hue * 6.0 / 255.0, v = (double)(float)x.value;
    int sector = (int)sixths;
    double f = (double)(float)(sixths - sector),
           s = (double)(float)((double)(float)x.saturation / 255.0);
    uint8_t level[4] = {x.value, cut(v * (1.0 - s * f) + 0.5), cut(v * (1.0 - s) + 0.5),
                        cut(v * (1.0 - s * (1.0 - f)) + 0.5)};

    for (int c = 0; c < 3; c++)
        rgb[c] = x.saturation ? level[order[sector % 6][c]] : x.value;
}

static void turn_hue(Picture *p, double factor)
{
    int by = (int)(factor * 255);
    uint8_t *rgb = p->rgb;

    for (ptrdiff_t i = 0, n = (ptrdiff_t)p->width * p->height; i < n; i++, rgb += 3) {
        Hsv x = to_hsv(rgb);

        x.hue = (uint8_t)(x.hue + by);
        from_hsv(x, rgb);
    }
}

void picture_adjust(Picture *p, Adjust what, double factor)
{
    if (what == ADJUST_BRIGHTNESS)
        blend_all(p, 0, (float)factor);
    else if (what == ADJUST_CONTRAST)
        blend_all(p, mean_grey(p), (float)factor);
    else if (what == ADJUST_SATURATION)
        saturate(p, (float)factor);
    else
        turn_hue(p, factor);
}

void picture_flip_across(Picture *p)
{
    for (ptrdiff_t y = 0; y < p->height; y++) {
        uint8_t *left = p->rgb + 3 * y * p->width, *right = left + 3 * ((ptrdiff_t)p->width - 1);

        for (; left < right; left += 3, right -= 3)
            for (int c = 0; c < 3; c++) {
                uint8_t held = left[c];
                left[c] = right[c];
                right[c] = held;
            }
    }
}

void picture_flip_down(Picture *p)
{
    ptrdiff_t row = 3 * (ptrdiff_t)p->width;

    for (ptrdiff_t y = 0; y < p->height / 2; y++) {
        uint8_t *above = p->rgb + y * row, *below = p->rgb + (p->height - 1 - y) * row;

        for (ptrdiff_t i = 0; i < row; i++) {
            uint8_t held = above[i];
            above[i] = below[i];
            below[i] = held;
        }
    }
}
/* SPDX-License-Identifier: MIT */
