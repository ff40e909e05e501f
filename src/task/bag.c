/* bag.c - bag of words: counts of lower-case words, weighted by how rare they are in training, length 1.  It is
 * scikit-learn's TfidfVectorizer: words of two or more letters, digits or _, idf = ln((1 + n) / (1 + df)) + 1. */
#include "task/inside.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#define SECOND_TEXT "\x01" /* before the words of a pair's other text */

typedef struct Bag {
    Arena *a, *scratch;
    Map *words;
    int64_t *df; /* rows of training that hold the word */
    size_t df_cap;
    int32_t *column; /* words of the rows, in turn */
    size_t column_cap;
    int64_t used;
    char *word; /* the one being read */
    size_t word_cap;
} Bag;

static bool is_word(utf8proc_int32_t c)
{
    utf8proc_category_t k = utf8proc_category(c);

    return c == '_' || (k >= UTF8PROC_CATEGORY_LU && k <= UTF8PROC_CATEGORY_LO) ||
           k == UTF8PROC_CATEGORY_ND || k == UTF8PROC_CATEGORY_NL || k == UTF8PROC_CATEGORY_NO;
}

/* A word read: its column, made when `learn`; left out when unknown. */
static Status add_word(Err *e, Bag *b, size_t n, bool learn)
{
    int64_t at;

    if (!map_get(b->words, b->word, n, &at)) {
        if (!learn)
            return E_OK;
        at = (int64_t)map_count(b->words);
        char *key = arena_strndup(e, b->scratch, b->word, n);
        if (!key)
            return err_failed(e->code);
        TRY(map_put(e, b->words, key, n, at));
        TRY(GROW(e, b->scratch, b->df, b->df_cap, at + 1));
        b->df[at] = 0;
    }
    TRY(GROW(e, b->scratch, b->column, b->column_cap, b->used + 1));
    b->column[b->used++] = (int32_t)at;
    return E_OK;
}

static Status add_text(Err *e, Bag *b, Cell c, const char *prefix, bool learn)
{
    const utf8proc_uint8_t *p = (const utf8proc_uint8_t *)c.s;
    size_t left = c.n, base = strlen(prefix), n, letters = 0;

    TRY(GROW(e, b->scratch, b->word, b->word_cap, base + 4 * c.n + 8));
    memcpy(b->word, prefix, base);
    n = base;
    while (left > 0) {
        utf8proc_int32_t code;
        utf8proc_ssize_t step = utf8proc_iterate(p, (utf8proc_ssize_t)left, &code);

        if (step > 0 && is_word(code)) {
            n += (size_t)utf8proc_encode_char(utf8proc_tolower(code),
                                              (utf8proc_uint8_t *)b->word + n);
            letters++;
        } else {
            if (letters > 1)
                TRY(add_word(e, b, n, learn));
            n = base;
            letters = 0;
        }
        p += step > 0 ? step : 1;
        left -= step > 0 ? (size_t)step : 1;
    }
    return letters > 1 ? add_word(e, b, n, learn) : E_OK;
}

static int rising(const void *a, const void *b)
{
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;

    return x < y ? -1 : x > y;
}

/* Words of a row into counts of different words, in order of column; counts lie beside them. */
static int64_t count_words(int32_t *column, int64_t n, float *count)
{
    int64_t used = 0;

    qsort(column, (size_t)n, sizeof *column, rising);
    for (int64_t i = 0; i < n; i++) {
        if (used > 0 && column[used - 1] == column[i]) {
            count[used - 1] += 1;
            continue;
        }
        column[used] = column[i];
        count[used++] = 1;
    }
    return used;
}

static void weigh(const Bag *b, const Matrix *m, float *value, int64_t row, int64_t trains)
{
    double square = 0;

    for (int64_t j = m->start[row]; j < m->start[row + 1]; j++) {
        double idf = log((1 + (double)trains) / (1 + (double)b->df[m->column[j]])) + 1;

        value[j] = (float)((double)value[j] * idf);
        square += (double)value[j] * (double)value[j];
    }
    for (int64_t j = m->start[row]; square > 0 && j < m->start[row + 1]; j++)
        value[j] = (float)((double)value[j] / sqrt(square));
}

static Status add_row(Err *e, Bag *b, const Raw *t, int64_t row, bool learn)
{
    TRY(add_text(e, b, t->first[row], "", learn));
    return t->second ? add_text(e, b, t->second[row], SECOND_TEXT, learn) : E_OK;
}

static Status read_rows(Err *e, Bag *b, const Raw *t, int64_t *start)
{
    for (int64_t i = 0; i < t->n; i++) {
        start[i] = b->used;
        TRY(add_row(e, b, t, i, false));
    }
    start[t->n] = b->used;
    return E_OK;
}

/* Words of all rows, in turn, into the counts of a matrix. */
static Status count_rows(Err *e, Arena *a, const Bag *b, int64_t *start, int64_t n, Matrix *out)
{
    float *value = NEWS(e, a, float, b->used + 1);
    int32_t *column = NEWS(e, a, int32_t, b->used + 1);
    int64_t used = 0;

    if (!value || !column)
        return err_failed(e->code);
    for (int64_t i = 0; i < n; i++) {
        int64_t words = start[i + 1] - start[i];

        for (int64_t k = 0; k < words; k++)
            column[used + k] = b->column[start[i] + k];
        start[i] = used;
        used += count_words(column + used, words, value + used);
    }
    start[n] = used;
    *out = (Matrix){n, (int64_t)map_count(b->words), value, start, column};
    return E_OK;
}

Status bag_make(Err *e, Arena *a, const Raw *texts, const int64_t *train, int64_t trains,
                Matrix *out)
{
    Bag b = {.a = a, .scratch = arena_child(e, a)};
    int64_t *start = NEWS(e, a, int64_t, texts->n + 1);

    if (!b.scratch || !start || !(b.words = map_new(e, b.scratch, 1024)))
        return err_failed(e->code);
    for (int64_t i = 0; i < trains; i++) /* words are learned first, so that all rows know them */
        TRY(add_row(e, &b, texts, train[i], true));
    b.used = 0;
    TRY(read_rows(e, &b, texts, start));
    TRY(count_rows(e, a, &b, start, texts->n, out));
    for (int64_t i = 0; i < trains; i++)
        for (int64_t j = start[train[i]]; j < start[train[i] + 1]; j++)
            b.df[out->column[j]]++;
    for (int64_t i = 0; i < texts->n; i++)
        weigh(&b, out, (float *)(uintptr_t)out->value, i, trains);
    arena_free(b.scratch);
    return E_OK;
}

Status job_bag(Err *e, Job *j)
{
    double began = clock_seconds();
    Arena *scratch = arena_child(e, j->a);
    Matrix m;

    j->bag.name =
        j->regression ? "bag of words + ridge regression" : "bag of words + logistic regression";
    if (!scratch)
        return err_failed(e->code);
    event_send(&j->c->events, &(Event){.kind = EVENT_STAGE, .text = "bag of words"});
    TRY(bag_make(e, scratch, &(Raw){j->first, j->second, NULL, j->n}, j->part.row[PART_TRAIN],
                 j->part.n[PART_TRAIN], &m));
    TRY(job_linear(e, scratch, j, &m));
    j->bag.seconds = clock_seconds() - began;
    arena_free(scratch);
    return E_OK;
}

/* SPDX-License-Identifier: MIT */
