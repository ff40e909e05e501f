/* jpeg.c - fuzz target: a JPEG file.
 * Parser: image/jpeg.c image/exif.c */
#include "picture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    return fuzz_picture(data, n);
}
/* SPDX-License-Identifier: MIT */
