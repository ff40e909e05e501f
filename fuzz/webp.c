/* webp.c - fuzz target: a WebP file.
 * Parser: image/webp.c */
#include "picture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    return fuzz_picture(data, n);
}
/* SPDX-License-Identifier: MIT */
