/* idx.c - fuzz target: an IDX file, plain or gzip, of labels and of pictures.  Oracle: what is accepted, written
 * again plainly, reads back as the same bytes.
 * Parser: data/idx.c formats/gzip.c */
#include <stdlib.h>
#include <string.h>

#include "data/idx.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void write_again(Err *e, Arena *a, const Idx *x)
{
    size_t size = 1, head = 4 + 4 * (size_t)x->dims;

    for (int i = 0; i < x->dims; i++)
        size *= (size_t)x->dim[i];
    uint8_t *b = arena_alloc(e, a, head + size);
    if (!b)
        return;
    b[2] = 8;
    b[3] = (uint8_t)x->dims;
    for (int i = 0; i < x->dims; i++)
        for (int k = 0; k < 4; k++)
            b[4 + 4 * i + k] = (uint8_t)(x->dim[i] >> (24 - 8 * k));
    memcpy(b + head, x->data, size);

    Idx y;
    if (idx_read(e, a, "again", (Bytes){b, head + size}, x->dims, &y) ||
        memcmp(x->dim, y.dim, sizeof x->dim) != 0 || memcmp(x->data, y.data, size) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    for (int dims = 1; dims <= 3; dims += 2) {
        Err err = {0};
        Arena *a = arena_new(&err, sys_real());
        Idx x;

        if (a && !idx_read(&err, a, "input", (Bytes){data, n}, dims, &x))
            write_again(&err, a, &x);
        else if (!err.used)
            abort(); /* a refusal says why */
        arena_free(a);
    }
    return 0;
}

/* SPDX-License-Identifier: MIT */
