/* index.c - fuzz target: an index.json, parsed, and opened as if it lay beside the shards of the seeds.
 * Parser: formats/shards.c */
#include <string.h>

#include "formats.h"

/* A shard may be missing: that is no input of the wrong kind. */
static Status open_shards(Err *e, Arena *a, Bytes b)
{
    Weights *w;

    TRY(weights_new(e, a, &w));
    Status status = shards_open(e, w, "fuzz/seeds/index/index.json", b);

    if (!status)
        read_everything(e, a, w);
    return status == E_NOINPUT ? E_OK : status;
}

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
    return open_shards(e, w->arena, b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    return fuzz_reader(read_index, data, n);
}
/* SPDX-License-Identifier: MIT */
