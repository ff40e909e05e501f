/* pictures.h - what the tests of pictures share: files decoded or the test ends, pixels as a checksum. */
#ifndef TESTS_IMAGE_PICTURES_H
#define TESTS_IMAGE_PICTURES_H

#include "image/image.h"
#include "test.h"

#define GOLDEN "tests/golden/images/"

Arena *arena(void);                       /* the test's, one for all that it makes */
Picture picture_of(const char *path);     /* oriented */
Picture picture_stored(const char *path); /* as stored */
uint32_t picture_crc(const Picture *p);   /* CRC-32 of its bytes */
void check_same(const char *what, const Picture *found, const Picture *wanted);

#endif
/* SPDX-License-Identifier: MIT */
