/* safetensors.c - fuzz target: a safetensors file.
 * Parser: formats/safetensors.c formats/spans.c */
#include "formats.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    return fuzz_reader(safetensors_parse, data, n);
}
/* SPDX-License-Identifier: MIT */
