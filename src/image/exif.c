/* exif.c - the orientation of a camera's picture: EXIF is a TIFF directory of 12-byte entries, in either byte order;
 * tag 0x112 is a number from 1 to 8.  Every offset is checked; what makes no sense counts as absent. */
#include "image/codec.h"

#include <string.h>

typedef struct Tiff {
    Bytes b;
    bool big_endian;
} Tiff;

/* n <= 4 bytes; 0 outside of the block. */
static uint32_t number(const Tiff *t, size_t at, size_t n)
{
    uint32_t v = 0;

    if (at > t->b.n || n > t->b.n - at)
        return 0;
    for (size_t i = 0; i < n; i++)
        v = v << 8 | t->b.data[t->big_endian ? at + i : at + n - 1 - i];
    return v;
}

int exif_orientation(Bytes exif)
{
    enum { ORIENTATION = 0x112, SHORT = 3 };
    Tiff t = {exif, false};

    if (t.b.n >= 6 && !memcmp(t.b.data, "Exif\0", 6))
        t.b = (Bytes){t.b.data + 6, t.b.n - 6};
    if (t.b.n < 8 || (memcmp(t.b.data, "II*", 4) != 0 && memcmp(t.b.data, "MM\0*", 4) != 0))
        return 0;
    t.big_endian = t.b.data[0] == 'M';
    size_t at = number(&t, 4, 4), entries = number(&t, at, 2);
    for (size_t i = 0, p = at + 2; i < entries && p < t.b.n; i++, p += 12) {
        if (number(&t, p, 2) != ORIENTATION)
            continue;
        uint32_t v = number(&t, p + 8, number(&t, p + 2, 2) == SHORT ? 2 : 4);
        return v >= 1 && v <= 8 ? (int)v : 1;
    }
    return 0;
}

/* tiff:Orientation="6" or <tiff:Orientation>6< */
int xmp_orientation(Bytes xmp)
{
    static const char name[] = "tiff:Orientation";
    const uint8_t *at = xmp.data, *end = at + xmp.n;

    while ((at = memmem(at, (size_t)(end - at), name, sizeof name - 1))) {
        at += sizeof name - 1;
        at += at < end && *at == '=';
        if (end - at >= 2 && (*at == '"' || *at == '>') && at[1] >= '0' && at[1] <= '9')
            return at[1] >= '1' && at[1] <= '8' ? at[1] - '0' : 1;
    }
    return 0;
}

/* Orientation 5 to 8 exchange rows and columns; the others keep them.  Pixel (x, y) of the result is taken from
 * start + x * dx + y * dy of what is stored. */
Status picture_orient(Err *e, Arena *a, const Picture *p, int orientation, Picture *out)
{
    bool turned = orientation >= 5;
    bool from_right = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
    bool from_below = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
    ptrdiff_t w = p->width, h = p->height;
    ptrdiff_t sx = from_right ? -3 : 3, sy = from_below ? -3 * w : 3 * w;
    const uint8_t *start =
        p->rgb + (from_right ? 3 * (w - 1) : 0) + (from_below ? 3 * w * (h - 1) : 0);
    ptrdiff_t dx = turned ? sy : sx, dy = turned ? sx : sy;
    uint8_t *rgb = NEWS(e, a, uint8_t, w * h * 3);

    if (!rgb)
        return e->code;
    *out = (Picture){turned ? p->height : p->width, turned ? p->width : p->height, rgb};
    for (ptrdiff_t y = 0; y < out->height; y++)
        for (ptrdiff_t x = 0; x < out->width; x++, rgb += 3)
            memcpy(rgb, start + x * dx + y * dy, 3);
    return E_OK;
}
/* SPDX-License-Identifier: MIT */
