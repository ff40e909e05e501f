/* formats.h - what the targets of the weight readers share: everything accepted is read, every refusal says
 * why. */
#ifndef FUZZ_FORMATS_H
#define FUZZ_FORMATS_H

#include <stdlib.h>

#include "formats/weights.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* Reads each tensor (their number and size are the file's claims, so within reason). */
static inline void read_everything(Err *e, Arena *a, const Weights *w)
{
    int64_t left = 1 << 20;
    WeightsSum sum;

    weights_sum(w, &sum);
    for (int i = 0; i < weights_count(w) && left > 0; i++) {
        const Weight *t = weights_at(w, i);
        int64_t n = shape_size(&t->shape);

        if (weights_find(w, t->name) != t || n < 0)
            abort();
        if ((left -= n + 1) < 0)
            return;
        float *values = NEWS(e, a, float, n + 1);
        int64_t *integers = NEWS(e, a, int64_t, n + 1);

        if (!values || !integers || weights_read_f32(e, t, values))
            abort();
        (void)weights_read_i64(e, t, integers);
    }
}

typedef Status (*Reader)(Err *e, Weights *w, const char *file, Bytes b);

static inline int fuzz_reader(Reader reader, const uint8_t *data, size_t n)
{
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());
    Weights *w = NULL;
    Status status = a ? weights_new(&err, a, &w) : err.code;

    if (!status)
        status = reader(&err, w, "input", (Bytes){data, n});
    if (status && (!err.used || status != E_DATA))
        abort(); /* bad input is E_DATA, and says why */
    if (!status)
        read_everything(&err, a, w);
    arena_free(a);
    return 0;
}

#endif
/* SPDX-License-Identifier: MIT */
