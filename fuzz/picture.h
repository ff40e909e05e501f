/* picture.h - what the targets of the picture readers share: a picture is whole and as large as its header says, a
 * refusal says why. */
#ifndef FUZZ_PICTURE_H
#define FUZZ_PICTURE_H

#include <stdlib.h>
#include <string.h>

#include "image/image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* Both decoded afresh: the same bits. */
static inline void check_again(Err *e, Arena *a, Bytes b, const PictureLimits *limits,
                               const Picture *first)
{
    Picture again;
    int w, h;

    if (picture_size(e, "input", b, &w, &h) || w != first->width || h != first->height ||
        picture_decode(e, a, "input", b, limits, &again) || again.width != w || again.height != h ||
        memcmp(first->rgb, again.rgb, 3 * (size_t)w * (size_t)h) != 0)
        abort();
}

static inline int fuzz_picture(const uint8_t *data, size_t n)
{
    PictureLimits limits = {.pixels_max = 1 << 16}; /* so that inputs are quick */
    Bytes b = {data, n};
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());
    Picture p;

    if (a && !picture_decode(&err, a, "input", b, &limits, &p))
        check_again(&err, a, b, &limits, &p);
    else if (err.code != E_DATA || !err.used)
        abort();
    arena_free(a);
    return 0;
}

#endif
/* SPDX-License-Identifier: MIT */
