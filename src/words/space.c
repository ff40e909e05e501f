/* space.c - a table of word vectors with its rows at length 1, and its words whatever their case. */
#include "words/space.h"

#include <math.h>
#include <string.h>
#include <utf8proc.h>

enum { ROW_GRAIN = 512 };

const Vectors *space_vectors(const WordSpace *s)
{
    return s->v;
}

const int64_t *space_fold(const WordSpace *s)
{
    return s->fold;
}

float space_cosine(const WordSpace *s, int64_t i, int64_t j)
{
    const float *x = s->unit + i * s->v->dim, *y = s->unit + j * s->v->dim;
    double sum = 0;

    for (int64_t k = 0; k < s->v->dim; k++)
        sum += (double)x[k] * (double)y[k];
    return (float)sum;
}

/* The zero vector stays: it is at right angles to all. */
static void to_length_1(void *arg, int64_t begin, int64_t end, int thread)
{
    WordSpace *s = arg;
    int64_t dim = s->v->dim;

    (void)thread;
    for (int64_t i = begin; i < end; i++) {
        const float *x = s->v->value + i * dim;
        double square = 0;

        for (int64_t k = 0; k < dim; k++)
            square += (double)x[k] * (double)x[k];
        double scale = square > 0 ? 1 / sqrt(square) : 0;
        for (int64_t k = 0; k < dim; k++)
            s->unit[i * dim + k] = (float)((double)x[k] * scale);
    }
}

/* Lower case, character by character; bytes that are no UTF-8 stay.  `to` has room for 4 n + 4 bytes. */
static size_t fold_word(const char *word, size_t n, char *to)
{
    size_t used = 0;

    for (size_t i = 0; i < n;) {
        utf8proc_int32_t c;
        utf8proc_ssize_t step =
            utf8proc_iterate((const utf8proc_uint8_t *)word + i, (utf8proc_ssize_t)(n - i), &c);

        if (step > 0)
            used +=
                (size_t)utf8proc_encode_char(utf8proc_tolower(c), (utf8proc_uint8_t *)to + used);
        else
            to[used++] = word[i];
        i += step > 0 ? (size_t)step : 1;
    }
    return used;
}

/* Words in lower case already, most of them, need no copy. */
static Status fold_all(Err *e, Arena *a, WordSpace *s)
{
    size_t longest = 0;

    for (int64_t i = 0; i < s->v->n; i++) {
        size_t n = strlen(s->v->word[i]);
        longest = n > longest ? n : longest;
    }
    char *room = arena_alloc(e, a, 4 * longest + 4);
    if (!room)
        return err_failed(e->code);
    for (int64_t i = 0; i < s->v->n; i++) {
        const char *key = s->v->word[i];
        size_t n = strlen(key), used = fold_word(key, n, room);

        if (map_get(s->folded, room, used, &s->fold[i]))
            continue;
        s->fold[i] = i;
        if ((used != n || memcmp(room, key, n) != 0) && !(key = arena_strndup(e, a, room, used)))
            return err_failed(e->code);
        TRY(map_put(e, s->folded, key, used, i));
    }
    return E_OK;
}

Status space_open(Err *e, Arena *a, const Vectors *v, Pool *pool, Isa isa, WordSpace **out)
{
    WordSpace *s = NEW(e, a, WordSpace);
    void *block;

    if (!s)
        return err_failed(e->code);
    *s = (WordSpace){.v = v, .pool = pool, .isa = isa};
    s->folded = map_new(e, a, (size_t)v->n);
    s->fold = NEWS(e, a, int64_t, v->n + 1);
    if (!s->folded || !s->fold)
        return err_failed(e->code);
    TRY(block_alloc(e, a, (size_t)(v->n * v->dim) * sizeof(float), "vectors of length 1", &block));
    s->unit = block;
    par_for(pool, v->n, ROW_GRAIN, to_length_1, s);
    TRY(fold_all(e, a, s));
    *out = s;
    return E_OK;
}

int64_t space_folded(const WordSpace *s, const char *word, size_t n)
{
    enum { FIELD = 1000 };
    char room[4 * FIELD + 4];
    int64_t row;

    if (n > FIELD)
        return -1;
    return map_get(s->folded, room, fold_word(word, n, room), &row) ? row : -1;
}

Status space_word(Err *e, const WordSpace *s, const char *word, int64_t *row)
{
    const Vectors *v = s->v;
    size_t n = strlen(word);
    Near near = {0};

    if ((*row = vectors_find(v, word)) >= 0 || (*row = space_folded(s, word, n)) >= 0)
        return E_OK;
    for (int64_t i = 0; i < v->n && (!near.name || near.steps > 1); i++)
        near_keep(&near, word, n, v->word[i]);
    (void)fail(e, E_NOINPUT, "the table has no word \"%s\"", word);
    (void)err_note(e, "file", "%s, %lld words", v->file, (long long)v->n);
    return near.name ? err_note(e, "hint", "Did you mean \"%s\"?", near.name) : err_failed(e->code);
}

/* SPDX-License-Identifier: MIT */
