/* codec.h - what the readers of the formats share.  A reader tells the header to decode_begin, which checks the
 * claim and gives the memory, and fills it. */
#ifndef IMAGE_CODEC_H
#define IMAGE_CODEC_H

#include "image/image.h"

typedef struct Decode {
    Arena *a;
    const char *name;
    Bytes file;
    PictureLimits limits; /* all set */
    bool head_only;
    int orientation; /* EXIF's 1 to 8; 0: none is named */
    Picture out;     /* as stored; rgb is NULL when head_only */
} Decode;

Status decode_begin(Err *e, Decode *d, int64_t width, int64_t height);
/* E_DATA with a line that names the file. */
Status decode_fail(Err *e, const Decode *d, const char *fmt, ...) PRINTF(3, 4);
#define decode_fail(...) err_failed(decode_fail(__VA_ARGS__))

Status jpeg_read(Err *e, Decode *d);
Status png_read(Err *e, Decode *d);
Status webp_read(Err *e, Decode *d);

/* The orientation in an EXIF block, with or without "Exif\0\0" before it: 1 to 8, 0 when it names none; 1 for what makes
 * no sense, as pixels are good without it. */
int exif_orientation(Bytes exif);
/* In an XMP packet, which counts where EXIF names none. */
int xmp_orientation(Bytes xmp);
/* Turns and mirrors as EXIF's orientation 2 to 8 asks. */
Status picture_orient(Err *e, Arena *a, const Picture *p, int orientation, Picture *out);

/* Grey bytes or palette indices at the front of a row become RGB in place. */
void row_grey(uint8_t *row, int width);

#endif
/* SPDX-License-Identifier: MIT */
