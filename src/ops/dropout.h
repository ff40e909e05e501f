/* dropout.h - which elements dropout keeps: the rule of ops.h, for the references that apply it. */
#ifndef OPS_DROPOUT_H
#define OPS_DROPOUT_H

#include "ops/rules.h"

typedef struct DropoutRow {
    uint32_t position, sample, step;
    uint32_t key[2]; /* {seed[0] (+ head * 0x9E3779B9), seed[1] ^ site} */
} DropoutRow;

/* 1 / (1 - p) for a kept element c, 0 for a dropped one. */
real dropout_factor(const DropoutRow *r, uint32_t c, float p);
uint32_t group_sample(const Rows *r, int64_t group);

#endif
/* SPDX-License-Identifier: MIT */
