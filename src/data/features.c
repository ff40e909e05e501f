/* features.c - svmlight files and tables of numbers read.  A line of svmlight is LABEL COLUMN:VALUE .. # COMMENT (Joachims
 * 1999); columns begin at 0 or 1 and rise; "qid:3" is passed over. */
#include "data/features.h"
#include "data/table.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define LOOK_LINES 20

static bool blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* ---- a cell ---- */

FeatureScan feature_scan(Cell c)
{
    return (FeatureScan){c.s, c.s + c.n, 0};
}

static size_t token(const char *at, const char *end)
{
    size_t n = 0;

    while (at + n < end && !blank(at[n]) && at[n] != '\n')
        n++;
    return n;
}

static bool pair(const char *at, size_t n, int64_t *column, float *value)
{
    const char *colon = memchr(at, ':', n);
    size_t digits = colon ? (size_t)(colon - at) : 0;
    double x;
    bool whole;

    if (digits == 0 || digits > 9)
        return false;
    *column = 0;
    for (size_t i = 0; i < digits; i++) {
        if (at[i] < '0' || at[i] > '9')
            return false;
        *column = 10 * *column + (at[i] - '0');
    }
    if (*column >= FEATURES_COLUMNS_MAX ||
        !number_parse((Cell){colon + 1, n - digits - 1}, false, &x, &whole) ||
        fabs(x) > (double)FLT_MAX)
        return false;
    *value = (float)x;
    return true;
}

int feature_next(FeatureScan *s, int64_t *column, float *value)
{
    while (s->at < s->end && blank(*s->at))
        s->at++;
    size_t n = token(s->at, s->end);

    if (n == 0)
        return s->at < s->end ? -1 : 0;
    if (!pair(s->at, n, column, value) || *column < s->next)
        return -1;
    s->next = *column + 1;
    s->at += n;
    return 1;
}

/* ---- svmlight ---- */

typedef struct Line { /* of a file */
    const char *at, *end;
    int64_t number;
} Line;

/* The next line without its comment and blanks around it; false at the end. */
static bool next_line(const Source *s, size_t *at, Line *l)
{
    const char *stop, *hash;

    if (*at >= s->n)
        return false;
    l->at = s->text + *at;
    stop = memchr(l->at, '\n', s->n - *at);
    l->end = stop ? stop : s->text + s->n;
    *at = (size_t)(l->end - s->text) + 1;
    l->number++;
    hash = memchr(l->at, '#', (size_t)(l->end - l->at));
    l->end = hash ? hash : l->end;
    while (l->at < l->end && blank(*l->at))
        l->at++;
    while (l->end > l->at && blank(l->end[-1]))
        l->end--;
    return true;
}

static const char *after_label(const Line *l)
{
    size_t n = token(l->at, l->end);

    return memchr(l->at, ':', n) ? l->at : l->at + n;
}

static const char *over_blanks(const char *at, const char *end)
{
    while (at < end && blank(*at))
        at++;
    return at;
}

/* Over "qid:3" and blanks around it. */
static const char *after_query(const char *at, const char *end)
{
    at = over_blanks(at, end);
    if (end - at > 4 && memcmp(at, "qid:", 4) == 0)
        at += token(at, end);
    return over_blanks(at, end);
}

/* One bad line is told when it is read; most of the first ones must be good. */
static bool looks_svmlight(const Source *s)
{
    Line l = {0};
    size_t at = 0;
    int pairs = 0, bad = 0;

    for (int lines = 0; lines < LOOK_LINES && next_line(s, &at, &l);) {
        int64_t column;
        float value;

        if (l.at == l.end)
            continue;
        FeatureScan f = {after_query(after_label(&l), l.end), l.end, 0};
        int found, n = 0;
        while ((found = feature_next(&f, &column, &value)) > 0)
            n++;
        pairs += found == 0 && n > 0;
        bad += found < 0;
        lines++;
    }
    return pairs > 0 && pairs >= bad;
}

typedef struct Reading {
    Arena *a;
    const Source *s;
    Rows rows;
    bool want_label;
    char *text; /* a row's features while they are put together */
    size_t used, text_cap;
} Reading;

static Status add(Err *e, Reading *r, Cell label, Cell features, int64_t line)
{
    Rows *w = &r->rows;

    TRY(GROW(e, r->a, w->cell, w->cell_cap, w->cells + 2));
    TRY(GROW(e, r->a, w->line, w->line_cap, w->rows + 1));
    w->cell[w->cells++] = label;
    w->cell[w->cells++] = features;
    w->line[w->rows++] = line;
    return E_OK;
}

/* "+1" is "1". */
static Status keep(Err *e, Arena *a, const char *at, const char *end, Cell *out)
{
    at += end > at + 1 && *at == '+';
    out->n = (size_t)(end - at);
    out->s = arena_strndup(e, a, at, out->n);
    return out->s ? E_OK : e->code;
}

static Status bad_line(Err *e, Reading *r, const Line *l, const char *at, const char *what)
{
    size_t start = (size_t)(l->at - r->s->text), n = token(at, l->end);

    source_fail(e, r->s, l->number, start, (size_t)(at - r->s->text), "%s", what);
    err_note(e, "expected", "a label, then column:value ..; columns rise and are below %lld",
             (long long)FEATURES_COLUMNS_MAX);
    err_note(e, "found", "%.*s", (int)(n < 40 ? n : 40), at);
    return rows_bad(e, &r->rows);
}

static Status svmlight_line(Err *e, Reading *r, const Line *l)
{
    const char *label = after_label(l), *pairs = after_query(label, l->end);
    FeatureScan f = {pairs, l->end, 0};
    Cell name, features;
    int64_t column;
    float value;
    int found;

    if (label == l->at && r->want_label)
        return bad_line(e, r, l, l->at, "a row without a label");
    while ((found = feature_next(&f, &column, &value)) > 0)
        ;
    if (found < 0)
        return bad_line(e, r, l, f.at, "no feature of svmlight");
    TRY(keep(e, r->a, l->at, label, &name));
    TRY(keep(e, r->a, pairs, l->end, &features));
    return add(e, r, name, features, l->number);
}

static Status svmlight_read(Err *e, Reading *r)
{
    Line l = {0};
    size_t at = 0;

    while (next_line(r->s, &at, &l))
        if (l.at < l.end)
            TRY(svmlight_line(e, r, &l));
    return E_OK;
}

/* ---- a table of numbers ---- */

/* Of a column's first rows: all of them numbers; or few different words, each without a blank. */
static void look_at_column(const Table *t, int column, bool *numbers, bool *words)
{
    int64_t rows = t->rows < LOOK_LINES ? t->rows : LOOK_LINES;
    double x;
    bool whole;

    *numbers = *words = true;
    for (int64_t i = 0; i < rows; i++) {
        Cell c = cell_trim(table_cell(t, i, column));

        *numbers &= number_parse(c, table_comma(t), &x, &whole);
        *words &= c.n > 0 && c.n <= 40 && !memchr(c.s, ' ', c.n);
    }
}

/* Asked for; else named like one; else the only one that holds no numbers. */
static int label_column(const Table *t, const char *asked)
{
    int best = -1, rank = -1;

    if (asked)
        return table_column(t, asked);
    for (int c = 0; c < t->columns && t->header; c++) {
        int k = known_label((Cell){t->name[c], strlen(t->name[c])});

        if (k >= 0 && (best < 0 || k < rank)) {
            best = c;
            rank = k;
        }
    }
    for (int c = 0; c < t->columns && rank < 0; c++) {
        bool numbers, words;

        look_at_column(t, c, &numbers, &words);
        if (!numbers && best >= 0)
            return -1; /* several */
        best = numbers ? best : c;
    }
    return best;
}

static Status not_a_number(Err *e, const Table *t, int64_t row, int column)
{
    Cell c = cell_trim(table_cell(t, row, column));

    fail(e, E_DATA, c.n ? "a feature is no number" : "a feature is missing");
    err_note(e, "file", "%s:%lld", t->path, (long long)t->line[row]);
    err_note(e, "column", "%.60s", t->name[column]);
    return c.n ? err_note(e, "found", "%.*s", (int)(c.n < 40 ? c.n : 40), c.s) : e->code;
}

static Status add_pair(Err *e, Reading *r, int64_t column, double x)
{
    char text[60];
    int n = snprintf(text, sizeof text, "%s%lld:%.9g", r->used ? " " : "", (long long)column, x);

    for (char *c = text; *c; c++)
        if (*c == ',')
            *c = '.'; /* a host's locale may write one */
    TRY(GROW(e, r->a, r->text, r->text_cap, r->used + sizeof text));
    memcpy(r->text + r->used, text, (size_t)n);
    r->used += (size_t)n;
    return E_OK;
}

/* A row's numbers as pairs, 0 left out. */
static Status fold_row(Err *e, Reading *r, const Table *t, int64_t row, int label)
{
    Cell of = label < 0 ? (Cell){"", 0} : table_cell(t, row, label), features;
    int64_t k = 0;

    r->used = 0;
    for (int c = 0; c < t->columns; c++) {
        double x;
        bool whole;

        if (c == label)
            continue;
        if (!number_parse(table_cell(t, row, c), table_comma(t), &x, &whole) ||
            fabs(x) > (double)FLT_MAX) {
            not_a_number(e, t, row, c);
            return rows_bad(e, &r->rows);
        }
        if (x != 0)
            TRY(add_pair(e, r, k, x));
        k++;
    }
    TRY(keep(e, r->a, r->text, r->text + r->used, &features));
    return add(e, r, of, features, t->line[row]);
}

static Status fold(Err *e, Reading *r, const Table *t, const char *asked, const char **name,
                   int64_t *columns)
{
    int label = label_column(t, asked);

    if (asked && label < 0 && r->want_label) {
        fail(e, E_NOINPUT, "there is no column \"%.40s\" to be the label", asked);
        err_note(e, "file", "%s", t->path);
        return err_note(e, "found", "%d columns, \"%.40s\" to \"%.40s\"", t->columns, t->name[0],
                        t->name[t->columns - 1]);
    }
    if (label < 0 && r->want_label)
        label = t->columns - 1;
    *name = label < 0 ? "label" : t->name[label];
    *columns = t->columns - (label >= 0);
    if (*columns < 1) {
        fail(e, E_DATA, "a table of numbers has no column but the label");
        return err_note(e, "file", "%s", t->path);
    }
    TRY(GROW(e, r->a, r->text, r->text_cap, 1));
    for (int64_t i = 0; i < t->rows; i++)
        TRY(fold_row(e, r, t, i, label));
    return E_OK;
}

/* ---- either ---- */

static Status finish(Err *e, Reading *r, Table *t, const char *label)
{
    t->columns = 2;
    t->header = true;
    t->rows = (int64_t)r->rows.rows;
    t->cell = r->rows.cell;
    t->line = r->rows.line;
    t->bad_rows = r->rows.bad;
    t->name = NEWS(e, r->a, const char *, 2);
    if (!t->name)
        return err_failed(e->code);
    t->name[0] = label;
    t->name[1] = FEATURES_NAME;
    if (t->rows)
        return E_OK;
    fail(e, E_DATA, "the file holds no rows");
    return err_note(e, "file", "%s", t->path);
}

static Status read_numbers(Err *e, Reading *r, const char *path, Bytes b, const char *label,
                           Table *t)
{
    const char *name;
    Table *from;

    TRY(table_read(e, r->a, path, b, r->rows.mode, &from));
    if (table_column(from, FEATURES_NAME) >= 0) {
        *t = *from;
        return E_OK;
    }
    *t = (Table){.path = from->path, .encoding = from->encoding};
    r->rows.bad = from->bad_rows;
    if (!(t->form = arena_printf(e, r->a, "numbers in %s", from->form)))
        return err_failed(e->code);
    TRY(fold(e, r, from, label, &name, &t->features));
    return finish(e, r, t, name);
}

Status features_read(Err *e, Arena *a, const char *path, Bytes b, const FeatureOptions *o,
                     Table **out)
{
    Reading r = {.a = a, .rows = {.a = a, .mode = o->bad}, .want_label = o->want_label};
    Arena *scratch = arena_child(e, a);
    Table *t = NEW(e, a, Table);
    Source source;

    if (!scratch || !t)
        return err_failed(e->code);
    *out = t;
    t->path = arena_strndup(e, a, path, strlen(path));
    if (!t->path)
        return err_failed(e->code);
    TRY(source_read(e, scratch, t->path, b, &source));
    if (!looks_svmlight(&source)) {
        arena_free(scratch);
        return read_numbers(e, &r, path, b, o->label, t);
    }
    t->encoding = source.encoding;
    t->form = "svmlight";
    r.s = &source;
    TRY(svmlight_read(e, &r));
    arena_free(scratch);
    return finish(e, &r, t, "label");
}

const char *features_label(const Table *t, const char *asked)
{
    return t->features || strcmp(t->form, "svmlight") == 0 ? t->name[0] : asked;
}

/* ---- is it one? ---- */

/* What a saved part of such data is. */
static bool has_features(const Table *t)
{
    int column = table_column(t, FEATURES_NAME), found = 0;
    int64_t rows = t->rows < LOOK_LINES ? t->rows : LOOK_LINES, k;
    float x;

    for (int64_t i = 0; column >= 0 && i < rows; i++) {
        FeatureScan f = feature_scan(table_cell(t, i, column));
        int next = feature_next(&f, &k, &x);

        if (next < 0)
            return false;
        found += next;
    }
    return found > 0;
}

static bool table_of_numbers(const Table *t)
{
    int numbers = 0, words = 0;

    if (strcmp(t->form, "JSONL") == 0)
        return false;
    for (int c = 0; c < t->columns; c++) {
        bool number, word;

        look_at_column(t, c, &number, &word);
        numbers += number;
        words += !number && word;
    }
    return numbers >= 2 &&
           (numbers == t->columns || (numbers >= 3 && numbers + words == t->columns && words == 1));
}

bool features_look(Arena *scratch, const char *path, Bytes head)
{
    Err ignored = {0};
    Source source;
    Table *t;

    if (head.n == 0 || source_read(&ignored, scratch, path, head, &source))
        return false;
    return looks_svmlight(&source) || (!table_read(&ignored, scratch, path, head, TABLE_SKIP, &t) &&
                                       (table_of_numbers(t) || has_features(t)));
}

/* SPDX-License-Identifier: MIT */
