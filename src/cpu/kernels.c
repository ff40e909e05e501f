/* kernels.c - the table of kernels: kernels.def expanded, three instruction sets a row. */
#include "cpu/blocks.h"

#include <string.h>

#define KERNEL(op, name, refuse, scratch)                                                          \
    void name##_scalar(const OpCall *c);                                                           \
    void name##_avx2(const OpCall *c);                                                             \
    void name##_avx512(const OpCall *c);
#include "cpu/kernels.def"
#undef KERNEL

static const Kernel table[] = {
#define KERNEL(op, name, refuse, scratch)                                                          \
    {#op, #name, {name##_scalar, name##_avx2, name##_avx512}, refuse, scratch},
#include "cpu/kernels.def"
#undef KERNEL
};

int kernel_count(void)
{
    return (int)LEN(table);
}

const Kernel *kernel_at(int i)
{
    return &table[i];
}

const Kernel *kernel_choose(const OpDef *op, const OpCall *capacity)
{
    for (size_t i = 0; i < LEN(table); i++) {
        const Kernel *k = &table[i];

        if (!strcmp(k->op, op->name) && (!k->refuse || !k->refuse(capacity)))
            return k;
    }
    return NULL;
}
/* SPDX-License-Identifier: MIT */
