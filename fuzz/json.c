/* json.c - fuzz target: the JSON scanner. */
#include <stdlib.h>

#include "base/base.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());
    JsonScan *s = NULL;
    JsonToken t = {0};
    Status status = a ? json_open(&err, a, "input", data, n, 0, &s) : err.code;

    while (!status && (status = json_next(&err, s, &t)) == E_OK && t.kind != JSON_END)
        if (t.offset > n || (t.text && t.kind != JSON_NUMBER && t.text[t.len] != 0))
            abort();
    if (status && !err.used)
        abort(); /* a refusal says why */
    arena_free(a);
    return 0;
}
/* SPDX-License-Identifier: MIT */
