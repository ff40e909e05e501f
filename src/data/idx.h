/* idx.h - IDX files, the form of MNIST. */
#ifndef DATA_IDX_H
#define DATA_IDX_H

#include "base/base.h"

#define IDX_DIMS_MAX 3
#define IDX_SIDE_MAX 65535

typedef struct Idx {
    int dims;
    int64_t dim[IDX_DIMS_MAX];
    const uint8_t *data; /* dim[0] x dim[1] x .. bytes */
} Idx;

/* Bytes of `dims` dimensions, 1 (labels) or 3 (pictures), gzip or plain; every claim is held against the bytes
 * that are there before memory is asked for.  Plain data is not copied. */
Status idx_read(Err *e, Arena *a, const char *file, Bytes b, int dims, Idx *out);

#endif
/* SPDX-License-Identifier: MIT */
