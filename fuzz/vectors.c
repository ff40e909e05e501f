/* vectors.c - fuzz target: a table of word vectors, in any of its forms.  Oracle: what is accepted, written again
 * as word2vec's binary form, reads back as the same words and floats.
 * Parser: formats/vectors.c formats/vectors_text.c formats/vectors_binary.c formats/decimal.c */
#include <stdlib.h>
#include <string.h>

#include "formats/vectors.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* Words with a space, or with a line break in front, cannot be written in that form. */
static bool can_be_written(const Vectors *v)
{
    for (int64_t i = 0; i < v->n; i++)
        if (strchr(v->word[i], ' ') || v->word[i][0] == '\n')
            return false;
    return true;
}

static size_t write_again(const Vectors *v, uint8_t *b)
{
    size_t floats = (size_t)v->dim * sizeof(float), n = 0;

    for (int64_t i = 0; i < v->n; i++) {
        size_t word = strlen(v->word[i]);

        if (b) {
            memcpy(b + n, v->word[i], word);
            b[n + word] = ' ';
            memcpy(b + n + word + 1, v->value + i * v->dim, floats);
        }
        n += word + 1 + floats;
    }
    return n;
}

static void check_again(Err *e, Arena *a, const Vectors *v)
{
    size_t n = write_again(v, NULL);
    uint8_t *b = arena_alloc(e, a, n ? n : 1);
    VectorHead head = {.here = true, .n = v->n, .dim = v->dim};
    Vectors *w;

    if (!b)
        return;
    (void)write_again(v, b);
    if (vectors_binary(e, a, "again", (Bytes){b, n}, &head, &w) || w->n != v->n || w->duplicates)
        abort();
    for (int64_t i = 0; i < v->n; i++)
        if (strcmp(v->word[i], w->word[i]) != 0 || vectors_find(v, v->word[i]) != i)
            abort();
    if (memcmp(v->value, w->value, (size_t)(v->n * v->dim) * sizeof(float)) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());
    Vectors *v;
    Status s = a ? vectors_read(&err, a, "input", (Bytes){data, n}, &v) : err.code;

    if (!s && can_be_written(v))
        check_again(&err, a, v);
    if (s && (!err.used || s != E_DATA))
        abort(); /* bad input is E_DATA, and says why */
    arena_free(a);
    return 0;
}

/* SPDX-License-Identifier: MIT */
