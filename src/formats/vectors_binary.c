/* vectors_binary.c - word2vec's binary form (Mikolov et al. 2013): "words dim\n", then for each word its bytes, a space
 * and dim little-endian floats.  The C tool ends each row with a line break, others do not: those in front of a word
 * belong to the row before. */
#include "formats/vectors.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static Status row_fail(Err *e, const Cursor *c, int64_t row, int64_t rows, const char *what)
{
    (void)fail(e, E_DATA, "%s", what);
    return err_note(e, "file", "%s, word %lld of %lld, byte %zu of %zu", c->file,
                    (long long)row + 1, (long long)rows, c->at, c->n);
}

static bool all_finite(const float *x, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        if (!isfinite(x[i]))
            return false;
    return true;
}

static Status read_row(Err *e, Cursor *c, VectorRows *r, const VectorHead *head, int64_t i)
{
    size_t floats = (size_t)head->dim * sizeof(float);
    char place[60];
    float *row;

    while (c->at < c->n && c->data[c->at] == '\n')
        c->at++;
    const uint8_t *word = c->data + c->at;
    const uint8_t *space = c->at < c->n ? memchr(word, ' ', c->n - c->at) : NULL;
    if (!space || c->n - c->at - (size_t)(space - word) - 1 < floats)
        return row_fail(e, c, i, head->n, "the file ends too early");
    (void)snprintf(place, sizeof place, "word %lld, byte %zu", (long long)i + 1, c->at);
    TRY(vectors_word(e, r, (const char *)word, (size_t)(space - word), place, &row));
    c->at += (size_t)(space - word) + 1;
    if (row) {
        memcpy(row, c->data + c->at, floats);
        if (!all_finite(row, head->dim))
            return row_fail(e, c, i, head->n, "a vector holds a number that is not finite");
    }
    c->at += floats;
    return E_OK;
}

Status vectors_binary(Err *e, Arena *a, const char *file, Bytes b, const VectorHead *head,
                      Vectors **out)
{
    Cursor c = {.file = file, .data = b.data, .n = b.n, .at = head->bytes};
    VectorRows r;

    TRY(vectors_rows(e, a, file, head->n, head->dim, &r));
    for (int64_t i = 0; i < head->n; i++)
        TRY(read_row(e, &c, &r, head, i));
    while (c.at < c.n && c.data[c.at] == '\n')
        c.at++;
    if (c.at < c.n)
        return row_fail(e, &c, head->n - 1, head->n, "there is more behind the last word");
    r.v->form = "word2vec binary";
    *out = r.v;
    return E_OK;
}

/* SPDX-License-Identifier: MIT */
