/* replay_main.c - a fuzz target without a fuzzer: gives it each file of the folders named, whole, cut at
 * up to 64 places, and with 64 bytes changed one after another (by a fixed generator). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* A block of exactly n bytes, so that a sanitizer sees the first byte read behind it. */
static void give(const uint8_t *data, size_t n, size_t change, uint8_t to)
{
    uint8_t *copy = malloc(n ? n : 1);

    if (!copy)
        exit(E_INTERNAL);
    memcpy(copy, data, n);
    if (change < n)
        copy[change] = to;
    (void)LLVMFuzzerTestOneInput(copy, n);
    free(copy);
}

static int replay(const uint8_t *data, size_t n)
{
    enum { VARIANTS = 64 };
    int count = 1;

    give(data, n, n, 0);
    if (n > (size_t)1 << 20) /* large files once */
        return count;
    size_t step = n / VARIANTS + 1;
    for (size_t cut = 0; cut < n; cut += step, count++)
        give(data, cut, cut, 0);
    for (uint64_t i = 0; i < VARIANTS && n; i++, count++) {
        uint64_t r = hash_fnv1a(&i, sizeof i, n + 1);
        give(data, n, (size_t)(r >> 8) % n, (uint8_t)(r >> 56));
    }
    return count;
}

static Status replay_folder(Err *e, Arena *a, const char *folder, int *files, int *inputs)
{
    char **names;
    size_t n;

    if (path_kind(arena_sys(a), folder) == PATH_NONE)
        return E_OK; /* a target may have no corpus yet: the counts say so */
    TRY(dir_list(e, a, folder, &names, &n));
    for (size_t i = 0; i < n; i++) {
        const char *path = path_join(e, a, folder, names[i]);
        Arena *one = arena_child(e, a);
        Bytes b;

        if (!path || !one)
            return e->code;
        if (path_kind(arena_sys(a), path) == PATH_FILE) {
            TRY(file_read_all(e, one, path, (size_t)1 << 28, &b));
            *inputs += replay(b.data, b.n);
            ++*files;
        }
        arena_free(one);
    }
    return E_OK;
}

int main(int argc, char **argv)
{
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());
    int files = 0, inputs = 0;
    Status status = a ? E_OK : err.code;

    for (int i = 1; i < argc && !status; i++)
        status = replay_folder(&err, a, argv[i], &files, &inputs);
    arena_free(a);
    if (status)
        (void)fprintf(stderr, "%s: %s\n", argv[0], err.text);
    printf("replay %s: %d files, %d inputs\n", path_base(argv[0]), files, inputs);
    return status;
}
/* SPDX-License-Identifier: MIT */
