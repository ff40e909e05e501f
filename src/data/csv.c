/* csv.c - comma, semicolon or tab separated values, quoted as RFC 4180 has it; line ends LF, CRLF or CR.
 * The separator is the one that cuts the first rows most evenly.  Tab-separated files often hold quotes
 * that quote nothing: where quoting does not work out over the whole file, quotes are ordinary there.
 * Cells are written behind each other into one buffer; each is at most as long as it was, plus its NUL. */
#include <string.h>

#include "data/table.h"

#define SAMPLE_BYTES ((size_t)256 << 10)
#define SAMPLE_ROWS  200

typedef struct Csv {
    const Source *src;
    size_t at, n;
    int64_t line;      /* of `at` */
    size_t line_start; /* byte where that line begins */
    char sep;
    bool quoting;
    char *out;
    size_t used;
} Csv;

typedef struct Start { /* of a row, to come back to */
    size_t at, used, cells;
    int64_t line;
} Start;

static bool at_line_end(const Csv *c)
{
    return c->at >= c->n || c->src->text[c->at] == '\n' || c->src->text[c->at] == '\r';
}

/* Over one line end; CRLF is one. */
static void line_next(Csv *c)
{
    if (c->at < c->n)
        c->at += c->src->text[c->at] == '\r' && c->at + 1 < c->n && c->src->text[c->at + 1] == '\n'
                     ? 2
                     : 1;
    c->line++;
    c->line_start = c->at;
}

static Status too_long(Err *e, const Csv *c, int64_t line, size_t line_start, size_t at)
{
    return source_fail(e, c->src, line, line_start, at, "a field of more than %zu bytes",
                       TABLE_FIELD_MAX);
}

static Status field_plain(Err *e, Csv *c)
{
    const char *text = c->src->text;
    size_t start = c->at;

    while (c->at < c->n && text[c->at] != c->sep && text[c->at] != '\n' && text[c->at] != '\r') {
        if (!text[c->at])
            return source_fail(e, c->src, c->line, c->line_start, c->at, "a NUL byte in a field");
        c->at++;
    }
    if (c->at - start > TABLE_FIELD_MAX)
        return too_long(e, c, c->line, c->line_start, start);
    memcpy(c->out + c->used, text + start, c->at - start);
    c->used += c->at - start;
    return E_OK;
}

/* From the opening quote to behind the closing one; "" inside is a quote. */
static Status field_quoted(Err *e, Csv *c)
{
    const char *text = c->src->text;
    size_t open = c->at++, open_start = c->line_start;
    int64_t open_line = c->line;

    for (;;) {
        if (c->at >= c->n)
            return source_fail(e, c->src, open_line, open_start, open,
                               "a quote that is never closed");
        char b = text[c->at];
        if (!b)
            return source_fail(e, c->src, c->line, c->line_start, c->at, "a NUL byte in a field");
        if (c->at - open > TABLE_FIELD_MAX)
            return too_long(e, c, open_line, open_start, open);
        if (b == '"' && !(c->at + 1 < c->n && text[c->at + 1] == '"'))
            break;
        c->out[c->used++] = b;
        if (b == '\n' || (b == '\r' && !(c->at + 1 < c->n && text[c->at + 1] == '\n'))) {
            c->line++;
            c->line_start = c->at + 1;
        }
        c->at += b == '"' ? 2 : 1;
    }
    c->at++;
    if (!at_line_end(c) && text[c->at] != c->sep)
        return source_fail(
            e, c->src, c->line, c->line_start, c->at,
            "text after a closing quote (a quote inside a quoted field is written twice)");
    return E_OK;
}

/* One row into `rows` (NULL: only counted), the line end included. */
static Status row_read(Err *e, Csv *c, Rows *rows, int *columns)
{
    size_t row = c->at, row_start = c->line_start;
    int64_t row_line = c->line;

    for (*columns = 0;;) {
        size_t from = c->used;

        if (*columns == TABLE_COLUMNS_MAX)
            return source_fail(e, c->src, c->line, c->line_start, c->at, "more than %d columns",
                               TABLE_COLUMNS_MAX);
        if (c->quoting && c->at < c->n && c->src->text[c->at] == '"')
            TRY(field_quoted(e, c));
        else
            TRY(field_plain(e, c));
        if (c->at - row > TABLE_ROW_MAX)
            return source_fail(e, c->src, row_line, row_start, row, "a row of more than %zu bytes",
                               TABLE_ROW_MAX);
        c->out[c->used++] = 0;
        ++*columns;
        if (rows) {
            TRY(GROW(e, rows->a, rows->cell, rows->cell_cap, rows->cells + 1));
            rows->cell[rows->cells++] = (Cell){c->out + from, c->used - 1 - from};
        }
        if (at_line_end(c))
            break;
        c->at++;
    }
    line_next(c);
    return E_OK;
}

static Csv csv_at(const Source *s, char sep, bool quoting, char *out)
{
    return (Csv){.src = s, .n = s->n, .line = 1, .sep = sep, .quoting = quoting, .out = out};
}

/* How evenly a separator cuts the beginning: the share of rows with the commonest number of columns, and
 * half a point for having more than one, so that a ragged table still beats lines that are not cut. */
static double evenness(const Source *s, char sep, bool quoting, char *out, bool favoured)
{
    int count[SAMPLE_ROWS], rows = 0, most = 0, columns = 0, cut = 0;
    Csv c = csv_at(s, sep, quoting, out);
    Err ignored;

    while (rows < SAMPLE_ROWS && c.at < c.n && c.at < SAMPLE_BYTES) {
        c.used = 0;
        Status bad = row_read(&ignored, &c, NULL, &count[rows]);

        count[rows++] +=
            bad != E_OK; /* the field that went wrong is one too: it is said when read */
        if (bad)
            break;
    }
    for (int i = 0; i < rows; i++) {
        int same = 0;

        for (int k = 0; k < rows; k++)
            same += count[k] == count[i];
        cut += count[i] > 1;
        if (same > most || (same == most && count[i] > columns)) {
            most = same;
            columns = count[i];
        }
    }
    double share = rows ? (double)most / rows : 0;
    if (columns > 1)
        return share + 0.5 + (favoured ? 0.25 : 0);
    return rows && count[0] > 1 && favoured && 2 * cut >= rows ? share + 0.75 : share;
}

static bool ends_with(const char *s, const char *end)
{
    size_t n = strlen(s), k = strlen(end);

    return n >= k && cell_is((Cell){s + n - k, k}, end);
}

/* Whether quotes, taken as quotes, open and close properly over the whole file. */
static bool quotes_work(const Source *s, char *out)
{
    Csv c = csv_at(s, '\t', true, out);
    Err ignored;
    int columns;

    while (c.at < c.n) {
        c.used = 0;
        if (row_read(&ignored, &c, NULL, &columns))
            return false;
    }
    return true;
}

static Csv csv_sniff(const Source *s, char *out, const char **form)
{
    static const struct {
        char sep;
        const char *form, *name;
    } kinds[] = {{',', "CSV", ".csv"}, {'\t', "TSV", ".tsv"}, {';', "CSV with ;", ".csv"}};
    bool tab_quotes = quotes_work(s, out);
    double best = -1;
    size_t k = 0;

    for (size_t i = 0; i < LEN(kinds); i++) {
        bool quoting = kinds[i].sep != '\t' || tab_quotes;
        double score = evenness(s, kinds[i].sep, quoting, out, ends_with(s->path, kinds[i].name));

        if (score > best) {
            best = score;
            k = i;
        }
    }
    *form = kinds[k].form;
    return csv_at(s, kinds[k].sep, kinds[k].sep != '\t' || tab_quotes, out);
}

/* A row must have as many columns as the first one. */
static Status row_check(Err *e, const Csv *c, Rows *rows, int columns, const Start *start)
{
    if (rows->columns && columns != rows->columns)
        return source_fail(e, c->src, start->line, start->at, start->at,
                           "the row has %d column%s where the first has %d", columns,
                           columns == 1 ? "" : "s", rows->columns);
    rows->columns = columns;
    TRY(GROW(e, rows->a, rows->line, rows->line_cap, rows->rows + 1));
    rows->line[rows->rows++] = start->line;
    return E_OK;
}

/* After a bad row: on with the next line of the file, wherever its quotes had led. */
static void resume(Csv *c, Rows *rows, const Start *start)
{
    rows->cells = start->cells;
    c->used = start->used;
    c->at = start->at;
    c->line = start->line;
    while (!at_line_end(c))
        c->at++;
    line_next(c);
}

/* Excel may write "sep=;" as a first line of its own. */
static void separator_line(Csv *c)
{
    const char *text = c->src->text;

    if (c->n < 6 || memcmp(text, "sep=", 4) != 0 || (text[5] != '\n' && text[5] != '\r'))
        return;
    c->sep = text[4];
    c->at = 5;
    line_next(c);
}

Status csv_read(Err *e, Arena *a, const Source *s, Rows *out, const char **form)
{
    char *text = arena_alloc(e, a, s->n + 2);

    if (!text)
        return err_failed(e->code);
    Csv c = csv_sniff(s, text, form);
    separator_line(&c);
    while (c.at < c.n) {
        Start start = {c.at, c.used, out->cells, c.line};
        int columns;

        if (at_line_end(&c)) { /* an empty line is no row */
            line_next(&c);
            continue;
        }
        if (!row_read(e, &c, out, &columns) && !row_check(e, &c, out, columns, &start))
            continue;
        if (e->code != E_DATA)
            return err_failed(e->code);
        TRY(rows_bad(e, out));
        resume(&c, out, &start);
    }
    return E_OK;
}

/* SPDX-License-Identifier: MIT */
