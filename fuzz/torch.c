/* torch.c - fuzz target: a whole file of torch.save, in either form.  Half of the mutations change one entry
 * of an archive in place and clear its checksums (0 is "not written"), so that what is behind them is met.
 * Parser: formats/torch.c formats/torch_zip.c formats/torch_stream.c */
#include <string.h>

#include "formats.h"
#include "formats/zip.h"

size_t LLVMFuzzerMutate(uint8_t *data, size_t n, size_t most) __attribute__((weak));
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t n, size_t most, unsigned seed);

static Status read_torch(Err *e, Weights *w, const char *file, Bytes b)
{
    if (b.n > 4 && memcmp(b.data, "PK", 2) == 0)
        return torch_zip_parse(e, w, file, b);
    return torch_stream_parse(e, w, file, b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    return fuzz_reader(read_torch, data, n);
}

/* Clears the checksum in every record of the archive. */
static void clear_checksums(uint8_t *data, size_t n)
{
    static const struct {
        char signature[5];
        size_t crc;
    } records[] = {{"PK\1\2", 16}, {"PK\3\4", 14}, {"PK\7\10", 4}};

    for (size_t at = 0; at + 20 <= n; at++)
        for (size_t i = 0; i < LEN(records); i++)
            if (memcmp(data + at, records[i].signature, 4) == 0)
                memset(data + at + records[i].crc, 0, 4);
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t n, size_t most, unsigned seed)
{
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());
    Zip *z = NULL;

    if (a && seed % 2 && zip_open(&err, a, "seed", (Bytes){data, n}, &z) == E_OK && z->n > 0) {
        const ZipEntry *entry = &z->at[seed / 2 % 4 ? 0 : seed / 8 % z->n];
        size_t at = (size_t)(entry->data - data), size = (size_t)entry->packed;

        if (size > 0)
            (void)LLVMFuzzerMutate(data + at, size, size);
        clear_checksums(data, n);
    } else {
        n = LLVMFuzzerMutate(data, n, most);
    }
    arena_free(a);
    return n;
}
/* SPDX-License-Identifier: MIT */
