/* dtype.c - element types: sizes and safetensors' names, from dtypes.def. */
#include "tensor/tensor.h"

#include <string.h>

static const struct {
    const char *name;
    size_t size;
} dtypes[DT_COUNT] = {
#define DTYPE(name, size, st, np) {st, size},
#include "tensor/dtypes.def"
#undef DTYPE
};

size_t dtype_size(DType t)
{
    return dtypes[t].size;
}

const char *dtype_name(DType t)
{
    return dtypes[t].name;
}

bool dtype_parse(const char *name, size_t len, DType *out)
{
    for (int i = 0; i < DT_COUNT; i++)
        if (strlen(dtypes[i].name) == len && !memcmp(dtypes[i].name, name, len)) {
            *out = (DType)i;
            return true;
        }
    return false;
}
/* SPDX-License-Identifier: MIT */
