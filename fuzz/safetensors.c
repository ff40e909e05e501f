/* safetensors.c - fuzz target: a safetensors file. */
#include "formats.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    return fuzz_reader(safetensors_parse, data, n);
}
/* SPDX-License-Identifier: MIT */
