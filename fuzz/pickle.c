/* pickle.c - fuzz target: a pickle and the tensors in it, on storages of at most 8 elements.  Seeds that are
 * .pt archives are unwrapped, so that mutations meet the pickle and not its checksum.
 * Parser: formats/pickle.c formats/pickle_build.c formats/pickle_value.c */
#include <string.h>

#include "formats.h"
#include "formats/torch.h"
#include "formats/zip.h"

size_t LLVMFuzzerMutate(uint8_t *data, size_t n, size_t most) __attribute__((weak));
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t n, size_t most, unsigned seed);

static Status any_record(Err *e, TorchFile *t, const Storage *s, Bytes *out)
{
    static _Alignas(64) const uint8_t bytes[64] = {1, 2, 3};

    if (s->key[0] == '?' || s->count > 8)
        return fail(e, E_DATA, "no record in %s", t->file);
    *out = (Bytes){bytes, (size_t)s->count * dtype_size(s->dtype)};
    return E_OK;
}

/* The pickle of an archive, or the bytes themselves. */
static Bytes unwrap(Arena *a, Bytes b)
{
    Err err = {0};
    Zip *z = NULL;

    if (b.n < 2 || memcmp(b.data, "PK", 2) != 0 || zip_open(&err, a, "seed", b, &z))
        return b;
    const ZipEntry *entry = zip_find(z, "m/data.pkl");

    return entry ? (Bytes){entry->data, (size_t)entry->packed} : b;
}

static Status read_pickle(Err *e, Weights *w, const char *file, Bytes b)
{
    TorchFile t = {.file = file, .w = w, .record = any_record};
    Cursor c = {.file = file};
    Value saved;

    b = unwrap(w->arena, b);
    c.data = b.data;
    c.n = b.n;
    TRY(pickle_new(e, w->arena, NULL, &t.pickle));
    TRY(pickle_run(e, t.pickle, &c, &saved));
    return torch_collect(e, &t, &saved);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    return fuzz_reader(read_pickle, data, n);
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t n, size_t most, unsigned seed)
{
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());
    Bytes b = a ? unwrap(a, (Bytes){data, n}) : (Bytes){data, n};

    (void)seed;
    memmove(data, b.data, b.n);
    arena_free(a);
    return LLVMFuzzerMutate(data, b.n, most);
}
/* SPDX-License-Identifier: MIT */
