/* zip.c - fuzz target: an archive, every entry unpacked.
 * Parser: formats/zip.c formats/unzip.c */
#include "formats/zip.h"
#include "formats.h"

#define ENTRY_CAP ((size_t)1 << 20)

static Status read_zip(Err *e, Weights *w, const char *file, Bytes b)
{
    Zip *z = NULL;
    Bytes out;

    TRY(zip_open(e, w->arena, file, b, &z));
    for (size_t i = 0; i < z->n; i++) {
        Arena *one = arena_child(e, w->arena);

        if (!one || zip_find(z, z->at[i].name) != &z->at[i])
            abort();
        if (!zip_unpack(e, one, z, &z->at[i], ENTRY_CAP, &out) && out.n != z->at[i].size)
            abort();
        arena_free(one);
    }
    return E_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    return fuzz_reader(read_zip, data, n);
}
/* SPDX-License-Identifier: MIT */
