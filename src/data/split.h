/* split.h - parts by seed, of whatever is to be learned from. */
#ifndef DATA_SPLIT_H
#define DATA_SPLIT_H

#include "data/data.h"

typedef struct Split {
    int64_t n;
    const int32_t
        *label; /* NULL: all alike; samples of label -1 stay in training, to be seen there */
    const int64_t *group; /* samples of one number go to one part; NULL: each by itself */
    double valid, test;   /* shares */
    uint64_t seed;
} Split;

/* part: [n], all PART_TRAIN (zeros); stratified by label. */
Status split_parts(Err *e, Arena *a, const Split *s, uint8_t *part);

#endif
/* SPDX-License-Identifier: MIT */
