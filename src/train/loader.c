/* loader.c - which samples an update sees.  The order of an epoch is a keyed permutation that is computed,
 * not stored, so going on in the middle of one is a seek. */
#include "train/train.h"

Status loader_new(Err *e, Arena *a, int64_t n, int64_t batch, int64_t accumulate, uint64_t seed,
                  Loader *out)
{
    int64_t update;

    if (n < 1)
        return fail(e, E_DATA, "there is nothing to train on");
    if (batch < 1 || accumulate < 1 || __builtin_mul_overflow(batch, accumulate, &update))
        return fail(e, E_USAGE, "a batch of %lld, %lld times an update, cannot be",
                    (long long)batch, (long long)accumulate);
    *out = (Loader){n, batch, accumulate, seed, (n - 1) / update + 1, NULL};
    out->index = NEWS(e, a, int64_t, update < n ? update : n);
    return out->index ? E_OK : e->code;
}

Window loader_window(Loader *l, int64_t epoch, int64_t w)
{
    uint64_t key = hash_fnv1a(&epoch, sizeof epoch, hash_fnv1a(&l->seed, sizeof l->seed, 0));
    int64_t first = w * l->batch * l->accumulate, n = l->batch * l->accumulate;

    if (n > l->n - first)
        n = l->n - first;
    for (int64_t i = 0; i < n; i++)
        l->index[i] = (int64_t)random_permute((uint64_t)(first + i), (uint64_t)l->n, key);
    return (Window){.batches = (n - 1) / l->batch + 1, .samples = n, .index = l->index};
}

/* SPDX-License-Identifier: MIT */
