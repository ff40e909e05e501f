/* image.h - pictures: decoded, resized, cropped, varied, made into tensors, compared.
 * Everything returned lives in the Arena it was given.  Same input, same bits: all arithmetic is on integers,
 * or on floats in a fixed order, and equals Pillow's and torchvision's. */
#ifndef IMAGE_H
#define IMAGE_H

#include "base/base.h"

typedef struct Picture { /* 3 bytes a pixel: red, green, blue; row after row */
    int width, height;
    uint8_t *rgb;
} Picture;

/* ---- decoding (picture.c; jpeg.c, png.c, webp.c) ---- */

typedef struct PictureLimits { /* 0 takes the default; NULL for all of them */
    int64_t side_max;          /* 65535 */
    int64_t pixels_max;        /* 64 Mi */
    size_t file_max;           /* 256 MiB */
    bool as_stored; /* leave EXIF's orientation unapplied, as torchvision's loader does */
} PictureLimits;

/* JPEG, PNG or WebP, told by its bytes; others are named and refused.  The header is checked against the limits
 * before anything is allocated.  As PIL: exif_transpose, then convert("RGB"), so alpha is dropped, not blended;
 * but 16-bit grey keeps its high byte, where PIL cuts at 255.  A damaged file is E_DATA, never half a picture. */
Status picture_decode(Err *e, Arena *a, const char *name, Bytes file, const PictureLimits *limits,
                      Picture *out);
/* From the header alone: what picture_decode would give (orientation applied). */
Status picture_size(Err *e, const char *name, Bytes file, int *width, int *height);

typedef struct PictureForm {
    bool read; /* picture_decode takes it */
    const char *what,
        *hint; /* else "a HEIC picture" and the command that converts it; NULL: unknown */
} PictureForm;

PictureForm picture_form(Bytes head); /* of a file's first 32 bytes */

/* ---- writing (jpeg_write.c): for pages that show it ---- */

Status picture_jpeg(Err *e, Arena *a, const Picture *p, int quality, Bytes *out);

/* ---- geometry (resize.c, transform.c) ---- */

typedef enum {
    FILTER_BOX,
    FILTER_BILINEAR,
    FILTER_HAMMING,
    FILTER_BICUBIC,
    FILTER_LANCZOS,
    FILTER_COUNT
} Filter;

bool filter_parse(const char *name, Filter *out); /* "bilinear", .. */

typedef struct Box { /* of pixels */
    int left, top, width, height;
} Box;

/* What PIL's Image.resize gives.  The same size is a view of p, not a copy. */
Status picture_resize(Err *e, Arena *a, const Picture *p, int width, int height, Filter filter,
                      Picture *out);
/* PIL's crop, then resize: torchvision's resized_crop.  `from` lies within p. */
typedef struct Cut {
    Box from;
    int width, height;
    Filter filter;
} Cut;

Status picture_cut(Err *e, Arena *a, const Picture *p, const Cut *how, Picture *out);
/* What lies outside of p is black. */
Status picture_crop(Err *e, Arena *a, const Picture *p, Box box, Picture *out);

typedef struct PictureEval { /* torchvision's Resize(resize), CenterCrop((height, width)) */
    int resize;              /* the shorter side; 0: as it is */
    bool squash;             /* both sides to `resize`, whatever the shape was */
    int width, height;       /* of the crop; where the picture is smaller, black is around it */
    Filter filter;
} PictureEval;

Status picture_eval(Err *e, Arena *a, const Picture *p, const PictureEval *how, Picture *out);
/* floor(size / crop_pct), as timm has it. */
int picture_resize_for(int size, double crop_pct);

/* (v / 255 - mean) / std in float, in this order, as ToTensor and Normalize.  out: [H, W, 3] */
void picture_tensor(const Picture *p, const float mean[3], const float std[3], float *out);

/* ---- variation for training (augment.c, adjust.c) ---- */

typedef enum {
    ADJUST_BRIGHTNESS,
    ADJUST_CONTRAST,
    ADJUST_SATURATION,
    ADJUST_HUE,
    ADJUST_COUNT
} Adjust;

typedef struct PictureVary { /* 0 leaves a thing as it is, or takes the default named */
    int width, height;       /* of the result */
    Filter filter;
    double area[2];                /* of the crop, as a part of the whole; 0.08 to 1 */
    double aspect[2];              /* width / height, uniform in its logarithm; 3/4 to 4/3 */
    double flip_across, flip_down; /* how likely */
    double adjust
        [ADJUST_COUNT]; /* factors in 1 - x to 1 + x, not below 0; hue: turns by -x to x, x <= 0.5 */
} PictureVary;

typedef struct
    PictureKey { /* what a variation is a function of: not of threads, batches or order */
    uint64_t seed, sample;
    uint32_t epoch;
} PictureKey;

/* torchvision's RandomResizedCrop, flips and ColorJitter, in this order. */
Status picture_vary(Err *e, Arena *a, const Picture *p, const PictureVary *how, PictureKey key,
                    Picture *out);
/* The crop of it. */
Box picture_vary_box(int width, int height, const PictureVary *how, PictureKey key);
/* torchvision's adjust_* on a PIL picture, in place. */
void picture_adjust(Picture *p, Adjust what, double factor);
void picture_flip_across(Picture *p); /* left and right change places */
void picture_flip_down(Picture *p);

/* ---- near duplicates (hash.c, alike.c) ---- */

/* Alike for pictures that look alike: the signs of 64 low frequencies of the brightness. */
Status picture_hash(Err *e, Arena *a, const Picture *p, uint64_t *hash);

/* Bits that may differ in copies: what re-encoding, shrinking to a third and a little brightness change; see hash.c. */
#define PICTURE_ALIKE 4

/* Unites pictures whose hashes differ in at most `distance` bits, and whom they are united with.  group: [n], of each
 * the least index it is united with, its own when alone. */
Status picture_groups(Err *e, Arena *a, const uint64_t *hash, int64_t n, int distance,
                      int64_t *group);

#endif
/* SPDX-License-Identifier: MIT */
