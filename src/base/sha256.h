/* sha256.h - the compression of SHA-256 by the processor's own instructions, where it has them. */
#ifndef BASE_SHA256_H
#define BASE_SHA256_H

#include "base/base.h"

extern const uint32_t sha256_constant[64];
bool sha256_has_ni(void);
void sha256_compress_ni(uint32_t h[8], const uint8_t *block, size_t blocks);

#endif
/* SPDX-License-Identifier: MIT */
