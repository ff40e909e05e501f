/* features_open.c - files of numbers by their path. */
#include "data/features.h"
#include "data/table.h"

#define LOOK_BYTES ((size_t)64 << 10)

Status features_open(Err *e, Arena *a, const char *path, const FeatureOptions *o, Table **out)
{
    Arena *file = arena_child(e, a);
    Bytes b;

    if (!file)
        return err_failed(e->code);
    TRY(file_read_all(e, file, path, TABLE_FILE_MAX, &b));
    TRY(features_read(e, a, path, b, o, out));
    arena_free(file);
    return E_OK;
}

Status features_told(Err *e, Arena *a, const char *path, bool *features)
{
    Arena *scratch = arena_child(e, a);
    File *f;

    if (!scratch)
        return err_failed(e->code);
    TRY(file_open(e, scratch, path, &f));
    size_t n = (size_t)file_size(f) < LOOK_BYTES ? (size_t)file_size(f) : LOOK_BYTES;
    uint8_t *head = NEWS(e, scratch, uint8_t, n + 1);
    if (!head)
        return err_failed(e->code);
    TRY(file_read_at(e, f, 0, head, n));
    while ((int64_t)n < file_size(f) && n > 0 && head[n - 1] != '\n')
        n--; /* whole lines */
    head[n] = 0;
    *features = features_look(scratch, path, (Bytes){head, n});
    arena_free(scratch);
    return E_OK;
}

/* SPDX-License-Identifier: MIT */
