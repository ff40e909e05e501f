/* corpus.c - a plain text as numbers.  One pass: words are numbered as they appear and written to a file without a
 * name; the vocabulary, commonest first, is made at the end, and rows are looked up when tokens are read back. */
#include "words/learn.h"

#include <stdlib.h>
#include <string.h>

enum { BUFFER = 1 << 16, WORD_MAX = 1000 /* bytes */ };

typedef struct Reading {
    Arena *a;
    const char *path;
    Map *places;
    const char **word;
    int64_t *times;
    size_t word_cap, times_cap;
    char *text; /* the words, one behind the other */
    size_t used, room;
    Corpus *c;
    int32_t buffer[BUFFER];
    size_t n;
} Reading;

static Status flush(Err *e, Reading *r)
{
    int64_t at;

    if (r->n)
        TRY(spill_put(e, r->c->tokens, r->buffer, r->n * sizeof *r->buffer, &at));
    r->c->count += (int64_t)r->n;
    r->n = 0;
    return E_OK;
}

static Status put(Err *e, Reading *r, int32_t token)
{
    if (r->n == BUFFER)
        TRY(flush(e, r));
    r->buffer[r->n++] = token;
    return E_OK;
}

static Status new_word(Err *e, Reading *r, const char *s, size_t n, int64_t *place)
{
    *place = (int64_t)map_count(r->places);
    if (*place >= INT32_MAX)
        return fail(e, E_DATA, "more different words than can be numbered");
    if (r->room - r->used < n + 1) {
        r->room = BUFFER;
        r->used = 0;
        if (!(r->text = arena_alloc(e, r->a, r->room)))
            return err_failed(e->code);
    }
    char *copy = r->text + r->used;
    memcpy(copy, s, n);
    copy[n] = 0;
    r->used += n + 1;
    TRY(GROW(e, r->a, r->word, r->word_cap, *place + 1));
    TRY(GROW(e, r->a, r->times, r->times_cap, *place + 1));
    r->word[*place] = copy;
    r->times[*place] = 0;
    return map_put(e, r->places, copy, n, *place);
}

static bool is_gap(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f';
}

static Status text_fail(Err *e, const Reading *r, int64_t line, const char *what)
{
    (void)fail(e, E_DATA, "%s", what);
    (void)err_note(e, "file", "%s, line %lld", r->path, (long long)line);
    return err_note(e, "expected", "plain text, a sentence or paragraph a line");
}

static Status read_text(Err *e, Reading *r, Bytes b)
{
    const char *s = (const char *)b.data;
    int64_t line = 1, place;

    for (size_t i = 0; i < b.n;) {
        size_t start = i;

        while (i < b.n && !is_gap(s[i]) && s[i] != '\n' && s[i])
            i++;
        if (i - start > WORD_MAX)
            return text_fail(e, r, line, "a word of more than 1000 bytes");
        if (i < b.n && !s[i])
            return text_fail(e, r, line, "a NUL byte in the text");
        if (i > start) {
            if (!map_get(r->places, s + start, i - start, &place))
                TRY(new_word(e, r, s + start, i - start, &place));
            r->times[place]++;
            r->c->all++;
            TRY(put(e, r, (int32_t)place));
        }
        if (i < b.n && s[i] == '\n') {
            line++;
            TRY(put(e, r, LINE_END));
        }
        i += i < b.n;
    }
    return flush(e, r);
}

typedef struct Counted {
    int64_t times, place;
} Counted;

static int commonest(const void *a, const void *b)
{
    const Counted *x = a, *y = b;

    if (x->times != y->times)
        return x->times < y->times ? 1 : -1;
    return x->place < y->place ? -1 : x->place > y->place;
}

static Status make_vocabulary(Err *e, Arena *a, const Reading *r, int64_t min_count, Corpus *c)
{
    int64_t n = 0, distinct = (int64_t)map_count(r->places);
    Counted *counted = NEWS(e, r->a, Counted, distinct + 1);

    c->distinct = distinct;
    c->row_of = NEWS(e, a, int32_t, distinct + 1);
    if (!counted || !c->row_of)
        return err_failed(e->code);
    for (int64_t i = 0; i < distinct; i++) {
        c->row_of[i] = -1;
        if (r->times[i] >= min_count)
            counted[n++] = (Counted){r->times[i], i};
    }
    qsort(counted, (size_t)n, sizeof *counted, commonest);
    c->word = NEWS(e, a, const char *, n + 1);
    c->times = NEWS(e, a, int64_t, n + 1);
    if (!c->word || !c->times)
        return err_failed(e->code);
    for (int64_t i = 0; i < n; i++) {
        const char *word = r->word[counted[i].place];

        c->row_of[counted[i].place] = (int32_t)i;
        c->times[i] = counted[i].times;
        c->words += counted[i].times;
        if (!(c->word[i] = arena_strndup(e, a, word, strlen(word))))
            return err_failed(e->code);
    }
    c->vocabulary = n;
    return E_OK;
}

static Status read_corpus(Err *e, Arena *a, Arena *scratch, const char *path, int64_t min_count,
                          Corpus *c)
{
    Reading *r = NEW(e, scratch, Reading);
    File *f;
    Bytes b;

    if (!r || !(r->places = map_new(e, scratch, 1 << 16)))
        return err_failed(e->code);
    r->a = scratch;
    r->path = path;
    r->c = c;
    TRY(file_open(e, scratch, path, &f));
    TRY(file_map(e, f, &b));
    TRY(read_text(e, r, b));
    TRY(make_vocabulary(e, a, r, min_count, c));
    if (c->vocabulary > 1)
        return E_OK;
    (void)fail(e, E_DATA, "no two words appear %lld times in the text", (long long)min_count);
    (void)err_note(e, "file", "%s, %lld words", path, (long long)c->all);
    return err_note(e, "hint", "word vectors want millions of words; --min-count 1 keeps all");
}

Status corpus_read(Err *e, Arena *a, const char *path, const char *folder, int64_t min_count,
                   Corpus *out)
{
    Arena *scratch = arena_child(e, a);

    *out = (Corpus){0};
    if (!scratch)
        return err_failed(e->code);
    TRY(spill_open(e, a, folder, &out->tokens));
    Status s = read_corpus(e, a, scratch, path, min_count, out);
    arena_free(scratch);
    return s;
}

Status corpus_get(Err *e, const Corpus *c, int64_t at, int64_t n, int32_t *to, int64_t *got)
{
    TRY(spill_get(e, c->tokens, at * (int64_t)sizeof *to, to, (size_t)n * sizeof *to));
    *got = 0;
    for (int64_t i = 0; i < n; i++) {
        int32_t row = to[i] == LINE_END ? LINE_END : c->row_of[to[i]];

        if (to[i] == LINE_END || row >= 0)
            to[(*got)++] = row;
    }
    return E_OK;
}

/* SPDX-License-Identifier: MIT */
