/* index.c - fuzz target: an index.json, without the shards that it names. */
#include <string.h>

#include "formats.h"

static Status read_index(Err *e, Weights *w, const char *file, Bytes b)
{
    ShardIndex x = {0};

    TRY(shards_parse(e, w, file, b, &x));
    for (size_t i = 0; i < x.n_tensors; i++)
        if (x.file_of[i] < 0 || (size_t)x.file_of[i] >= x.n_files || !x.tensors[i])
            abort();
    for (size_t i = 0; i < x.n_files; i++)
        if (strchr(x.files[i], '/') || x.files[i][0] == '.' || !x.files[i][0])
            abort(); /* nothing outside the folder can be named */
    return E_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    return fuzz_reader(read_index, data, n);
}
/* SPDX-License-Identifier: MIT */
