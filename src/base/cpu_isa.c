/* cpu_isa.c - which of the compiled kernel levels this processor runs (tables: Intel SDM vol. 2, CPUID). */
#include "base/base.h"

#include <cpuid.h>
#include <string.h>

static const char *const names[ISA_COUNT] = {"scalar", "avx2", "avx512"};

static bool has_f16c(void) /* clang 14 has no name for it in __builtin_cpu_supports */
{
    unsigned a, b, c, d;

    return __get_cpuid(1, &a, &b, &c, &d) && (c & bit_F16C);
}

Isa isa_best(void)
{
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma") || !has_f16c())
        return ISA_SCALAR;
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
        return ISA_AVX512;
    return ISA_AVX2;
}

const char *isa_name(Isa isa)
{
    return names[isa];
}

bool isa_parse(const char *name, Isa *out)
{
    for (int i = 0; i < ISA_COUNT; i++)
        if (!strcmp(name, names[i])) {
            *out = (Isa)i;
            return true;
        }
    return false;
}
/* SPDX-License-Identifier: MIT */
