/* bytes_text.h - GPT-2's way to write any byte as one printable character. */
#ifndef BYTES_TEXT_H
#define BYTES_TEXT_H

#include "base/base.h"

#define BYTE_SPACE 0x120u /* what stands for a space */

/* The code point that stands for a byte, U+0021 to U+0143. */
uint32_t byte_char(uint8_t byte);
/* The byte that c stands for, or -1. */
int char_byte(uint32_t c);
/* Appends what a piece stands for, at most as many bytes as it has: each character's byte, or all as it is
 * written when one stands for none.  Returns how many. */
size_t piece_bytes(const char *piece, uint8_t *out);

#endif

/* SPDX-License-Identifier: MIT */
