/* json.c - fuzz target: the JSON scanner.  Oracles: what can be read can be skipped, and read again in place.
 * Parser: base/json.c */
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* Tokens up to the end of the text. */
static Status read_all(Err *e, JsonScan *s, size_t n, size_t *tokens)
{
    JsonToken t = {0};

    for (*tokens = 0;; ++*tokens) {
        TRY(json_next(e, s, &t));
        if (t.kind == JSON_END)
            return E_OK;
        if (t.offset > n || (t.text && t.kind != JSON_NUMBER && t.text[t.len] != 0))
            abort();
    }
}

static void skip_and_read_again(Err *e, Arena *a, const uint8_t *data, size_t n, size_t tokens)
{
    JsonScan *s;
    JsonToken first, end;
    size_t again;

    if (json_open(e, a, "input", data, n, 0, &s))
        return;
    if (json_next(e, s, &first) || json_skip(e, s, &first) || json_expect(e, s, JSON_END, &end))
        abort();
    json_again(s, first.offset, n, 1);
    if (read_all(e, s, n, &again) || again != tokens)
        abort();
    json_again(s, first.offset, n, 1);
    if (!json_expect(e, s, JSON_END, &end) || !strstr(e->text, "the end expected"))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());
    JsonScan *s = NULL;
    size_t tokens;

    if (a && !json_open(&err, a, "input", data, n, 0, &s)) {
        if (!read_all(&err, s, n, &tokens))
            skip_and_read_again(&err, a, data, n, tokens);
        else if (!err.used)
            abort(); /* a refusal says why */
    }
    arena_free(a);
    return 0;
}
/* SPDX-License-Identifier: MIT */
