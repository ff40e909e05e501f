/* vectors_write.c - word vectors written in word2vec's two forms. */
#include "formats/vectors.h"

#include <string.h>

static Status write_rows(Err *e, Writer *w, const Vectors *v, bool binary)
{
    for (int64_t i = 0; i < v->n; i++) {
        const float *row = v->value + i * v->dim;

        TRY(writer_put(e, w, v->word[i], strlen(v->word[i])));
        if (binary) {
            TRY(writer_put(e, w, " ", 1));
            TRY(writer_put(e, w, row, (size_t)v->dim * sizeof *row));
        }
        for (int64_t k = 0; !binary && k < v->dim; k++)
            TRY(writer_printf(e, w, " %.9g", (double)row[k]));
        TRY(writer_put(e, w, "\n", 1));
    }
    return E_OK;
}

Status vectors_write(Err *e, Arena *a, const char *path, const Vectors *v, bool binary)
{
    Writer *w;

    TRY(writer_open(e, a, path, &w));
    TRY(writer_printf(e, w, "%lld %lld\n", (long long)v->n, (long long)v->dim));
    TRY(write_rows(e, w, v, binary));
    return writer_commit(e, w);
}

/* SPDX-License-Identifier: MIT */
