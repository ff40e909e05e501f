/* picture_augment.c - how pictures are varied while a network learns: "crop,flip", "crop=0.3,flip,jitter=0.2", "none". */
#include "task/picture.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CROP_AREA 0.5 /* of a picture, at least */
#define JITTER    0.2

static Status unknown(Err *e, const char *text)
{
    fail(e, E_USAGE, "pictures cannot be varied by \"%s\"", text);
    err_note(e, "expected", "none, or some of crop, flip, flip-down, jitter with commas between");
    err_note(e, "", "crop=0.5: the least part that is left of a picture");
    return err_note(e, "", "jitter=0.2: how far brightness, contrast and colour go");
}

/* "crop=0.3": is it `name`?  *value keeps the default where none is given; NaN when it is no number in 0 .. 1. */
static bool part_is(const char *at, size_t n, const char *name, double *value)
{
    size_t k = strlen(name);
    char *end;

    if (n < k || memcmp(at, name, k) != 0 || (n > k && at[k] != '='))
        return false;
    if (n == k)
        return true;
    *value = strtod(at + k + 1, &end);
    if (end != at + n || end == at + k + 1 || !(*value > 0 && *value <= 1))
        *value = (double)NAN;
    return true;
}

static bool take(const char *at, size_t n, Augment *out)
{
    double area = CROP_AREA, jitter = JITTER, none = 1;
    PictureVary *v = &out->how;

    if (part_is(at, n, "crop", &area)) {
        out->crop = true;
        v->area[0] = area;
        v->area[1] = 1;
    } else if (part_is(at, n, "jitter", &jitter)) {
        v->adjust[ADJUST_BRIGHTNESS] = v->adjust[ADJUST_CONTRAST] = v->adjust[ADJUST_SATURATION] =
            jitter;
    } else if (n == 4 && memcmp(at, "flip", 4) == 0) {
        v->flip_across = 0.5;
    } else if (n == 9 && memcmp(at, "flip-down", 9) == 0) {
        v->flip_down = 0.5;
    } else {
        none = 0;
    }
    return none > 0 && area == area && jitter == jitter;
}

Status augment_parse(Err *e, const char *text, Augment *out)
{
    *out = (Augment){0};
    if (strcmp(text, "none") == 0)
        return E_OK;
    out->any = true;
    for (const char *at = text;; at++) {
        size_t n = strcspn(at, ",");

        if (!take(at, n, out))
            return unknown(e, text);
        at += n;
        if (!*at)
            return E_OK;
    }
}

Status augment_picture(Err *e, Arena *a, const Augment *g, const PictureEval *eval,
                       const Picture *p, PictureKey key, Picture *out)
{
    PictureVary how = g->how;

    how.width = eval->width;
    how.height = eval->height;
    how.filter = eval->filter;
    if (!g->crop)
        how.area[0] = how.area[1] = how.aspect[0] = how.aspect[1] = 1;
    return picture_vary(e, a, p, &how, key, out);
}

/* SPDX-License-Identifier: MIT */
