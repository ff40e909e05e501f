/* vectors_text.c - a word and its numbers on each line: GloVe (Pennington et al. 2014) without a first line, word2vec
 * and fastText with one.  A line is read from its end, since a few of GloVe's words hold spaces ("at name@domain.com"):
 * the last dim fields are numbers, what stands in front of them is the word. */
#include "formats/vectors.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct Line {
    const char *file, *s;
    size_t n; /* without white space at the end */
    int64_t number;
} Line;

static bool is_gap(char c)
{
    return c == ' ' || c == '\t';
}

static size_t trimmed(const char *s, size_t n)
{
    while (n && (is_gap(s[n - 1]) || s[n - 1] == '\r'))
        n--;
    return n;
}

/* The field that ends at `end`: where it begins. */
static size_t field_start(const char *s, size_t end)
{
    while (end && !is_gap(s[end - 1]))
        end--;
    return end;
}

/* Where the run of gaps before `at` begins. */
static size_t gap_start(const char *s, size_t at)
{
    while (at && is_gap(s[at - 1]))
        at--;
    return at;
}

/* Takes up to `most` fields off the end, leaving a word in front (which may be empty): how many, and the word's end. */
static int64_t fields_off(const char *s, size_t n, int64_t most, size_t *word)
{
    int64_t fields = 0;

    for (*word = n; fields < most; fields++) {
        size_t start = field_start(s, *word);

        if (start == 0)
            break;
        *word = fields + 1 < most ? gap_start(s, start) : start - 1;
    }
    return fields;
}

static bool is_number(const char *s, size_t start, size_t end)
{
    double x;

    return decimal_parse(s + start, end - start, &x);
}

bool vectors_is_row(const char *line, size_t n, int64_t dim)
{
    size_t word;

    n = trimmed(line, n);
    if (fields_off(line, n, dim, &word) < dim)
        return false;
    for (size_t end = n; end > word; end = gap_start(line, field_start(line, end)))
        if (!is_number(line, field_start(line, end), end))
            return false;
    return true;
}

/* How many numbers end a line, one field at least being left as the word. */
static int64_t numbers_in(const char *s, size_t n)
{
    int64_t count = 0;

    for (size_t end = n, start; (start = field_start(s, end)) > 0; end = gap_start(s, start)) {
        if (!is_number(s, start, end))
            break;
        count++;
    }
    return count;
}

static Status line_fail(Err *e, const Line *l)
{
    return err_note(e, "file", "%s, line %lld", l->file, (long long)l->number);
}

static Status wrong_columns(Err *e, const Line *l, int64_t dim, bool head)
{
    int64_t found = numbers_in(l->s, l->n);

    if (!l->n)
        (void)fail(e, E_DATA, "an empty line");
    else
        (void)fail(e, E_DATA, "the line has a word and %lld numbers", (long long)found);
    (void)line_fail(e, l);
    return err_note(e, "expected", "%lld numbers, as the first line %s", (long long)dim,
                    head ? "says" : "has");
}

static Status read_numbers(Err *e, const Line *l, size_t at, int64_t dim, float *row)
{
    for (int64_t k = 0; k < dim; k++) {
        double x;

        while (is_gap(l->s[at]))
            at++;
        size_t start = at;
        while (at < l->n && !is_gap(l->s[at]))
            at++;
        if (!decimal_parse(l->s + start, at - start, &x) || !isfinite(row[k] = (float)x)) {
            (void)fail(e, E_DATA, "\"%.*s\" is no finite number",
                       (int)(at - start < 40 ? at - start : 40), l->s + start);
            (void)err_note(e, "file", "%s, line %lld, number %lld", l->file, (long long)l->number,
                           (long long)k + 1);
            return err_note(e, "expected", "a word and %lld numbers", (long long)dim);
        }
    }
    return E_OK;
}

static Status read_line(Err *e, VectorRows *r, const Line *l, int64_t dim, bool head)
{
    char place[40];
    size_t word, before;
    float *row;

    if (fields_off(l->s, l->n, dim, &word) < dim)
        return wrong_columns(e, l, dim, head);
    before = field_start(l->s, word); /* a number too many is no part of a word with spaces */
    if (before && before < word && is_number(l->s, before, word))
        return wrong_columns(e, l, dim, head);
    (void)snprintf(place, sizeof place, "line %lld", (long long)l->number);
    TRY(vectors_word(e, r, l->s, word, place, &row));
    return row ? read_numbers(e, l, word, dim, row) : E_OK;
}

static int64_t count_lines(const char *s, size_t n)
{
    int64_t lines = 0;

    for (const char *at = s, *end = s + n; at < end; lines++) {
        const char *found = memchr(at, '\n', (size_t)(end - at));

        at = found ? found + 1 : end;
    }
    return lines;
}

static Status check_count(Err *e, const VectorRows *r, const VectorHead *head, int64_t rows)
{
    if (!head->here || rows == head->n)
        return E_OK;
    (void)fail(e, E_DATA, "the table has %lld words where its first line says %lld",
               (long long)rows, (long long)head->n);
    (void)err_note(e, "file", "%s", r->v->file);
    return err_note(e, "hint", "the file may be cut short; fetch it again");
}

Status vectors_text(Err *e, Arena *a, const char *file, Bytes b, const VectorHead *head,
                    Vectors **out)
{
    const char *at = (const char *)b.data + head->bytes, *end = (const char *)b.data + b.n;
    Line l = {.file = file, .number = head->here};
    int64_t lines = count_lines(at, (size_t)(end - at)), dim = head->dim, rows = 0;
    VectorRows r;

    if (!head->here) {
        const char *first = memchr(at, '\n', b.n);

        dim = numbers_in(at, trimmed(at, first ? (size_t)(first - at) : b.n));
    }
    if (dim < 1 || dim > VECTORS_DIM_MAX) {
        (void)fail(e, E_DATA, "%lld numbers a word: at least 1 and at most %d", (long long)dim,
                   VECTORS_DIM_MAX);
        return err_note(e, "file", "%s, line 1", file);
    }
    int64_t most = (int64_t)(b.n / (2 * (size_t)dim)) + 1;
    TRY(vectors_rows(e, a, file, lines < most ? lines : most, dim, &r));
    for (; at < end; rows++) {
        const char *found = memchr(at, '\n', (size_t)(end - at)), *stop = found ? found : end;

        l.s = at;
        l.n = trimmed(at, (size_t)(stop - at));
        l.number++;
        TRY(read_line(e, &r, &l, dim, head->here));
        at = found ? found + 1 : end;
    }
    TRY(check_count(e, &r, head, rows));
    r.v->form = head->here ? "word2vec text" : "GloVe text";
    *out = r.v;
    return E_OK;
}

/* SPDX-License-Identifier: MIT */
