/* cpu.h - the processor as a device: kernels per op and instruction set, chosen when planning. */
#ifndef CPU_H
#define CPU_H

#include "ops/ops.h"

typedef void (*KernelFn)(const OpCall *c);

typedef struct Kernel {
    const char *op, *name;
    KernelFn fn[ISA_COUNT];
    const char *(*refuse)(const OpCall *c);          /* of a call at capacity: NULL, or why not */
    size_t (*scratch)(const OpCall *c, int threads); /* bytes at capacity; NULL: none */
} Kernel;

int kernel_count(void);
const Kernel *kernel_at(int i); /* rows of kernels.def, best first within an op */
/* The first row of the op that does not refuse; NULL when there is none. */
const Kernel *kernel_choose(const OpDef *op, const OpCall *capacity);

#endif
/* SPDX-License-Identifier: MIT */
