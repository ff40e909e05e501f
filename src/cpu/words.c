/* words.c - the kernels of word vectors, one set for each instruction set. */
#include "cpu/words.h"

#define KERNELS(isa)                                                                               \
    void words_compute_##isa(const WordBatch *b, int64_t begin, int64_t end);                      \
    void words_apply_##isa(const WordBatch *b, int64_t part, int64_t parts);
KERNELS(scalar)
KERNELS(avx2)
KERNELS(avx512)

const WordKernels *word_kernels(Isa isa)
{
    static const WordKernels table[ISA_COUNT] = {
        {words_compute_scalar, words_apply_scalar},
        {words_compute_avx2, words_apply_avx2},
        {words_compute_avx512, words_apply_avx512},
    };

    return &table[isa];
}

/* SPDX-License-Identifier: MIT */
