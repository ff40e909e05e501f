/* pairs.c - pairs of words with a score by people (WordSim-353, SimLex-999, MEN): Spearman's correlation of the scores
 * with the cosines, ties sharing their mean rank, pairs with a word that the table lacks left out.
 * The words are the first two columns that hold no numbers, the score is the first column of numbers behind them; a file
 * of one column is cut at its spaces.  MEN's words end in a tag ("sun-n"), which is cut off where all have one. */
#include "data/table.h"
#include "words/space.h"

#include <string.h>

typedef struct Pairs {
    const Table *table;
    Cell *cell; /* [rows * columns] */
    int columns, first, second, score;
    bool comma;
} Pairs;

static Cell pair_cell(const Pairs *p, int64_t row, int column)
{
    return cell_trim(p->cell[row * p->columns + column]);
}

static Status pairs_fail(Err *e, const char *path, const char *what)
{
    (void)fail(e, E_DATA, "%s", what);
    (void)err_note(e, "file", "%s", path);
    return err_note(e, "expected",
                    "rows of two words and a score, or questions under \": section\"");
}

/* The words of a cell; how many, at most `most`. */
static int cut(Cell c, Cell *to, int most)
{
    int n = 0;

    for (size_t i = 0; i < c.n && n < most; n++) {
        while (i < c.n && (c.s[i] == ' ' || c.s[i] == '\t'))
            i++;
        size_t start = i;
        while (i < c.n && c.s[i] != ' ' && c.s[i] != '\t')
            i++;
        to[n] = (Cell){c.s + start, i - start};
    }
    return n;
}

/* One column holds them all: "sun sunlight 50.0". */
static Status cut_rows(Err *e, Arena *a, const Table *t, Pairs *p)
{
    enum { MOST = 16 };
    Cell field[MOST];

    p->columns = cut(cell_trim(t->cell[0]), field, MOST);
    p->cell = NEWS(e, a, Cell, (size_t)t->rows * (size_t)p->columns + 1);
    if (!p->cell)
        return err_failed(e->code);
    for (int64_t i = 0; i < t->rows; i++) {
        Cell *to = p->cell + i * p->columns;

        if (cut(cell_trim(t->cell[i]), field, MOST) != p->columns) {
            (void)fail(e, E_DATA, "the row has not as many words as the first one");
            (void)err_note(e, "file", "%s, line %lld", t->path, (long long)t->line[i]);
            return err_note(e, "expected", "two words and a score, in columns");
        }
        for (int k = 0; k < p->columns; k++)
            to[k] = field[k];
    }
    return E_OK;
}

static bool is_number(const Pairs *p, int64_t row, int column)
{
    double x;
    bool whole;

    return number_parse(pair_cell(p, row, column), p->comma, &x, &whole);
}

static void find_columns(Pairs *p)
{
    p->first = p->second = p->score = -1;
    for (int k = 0; k < p->columns; k++) {
        int64_t numbers = 0;

        for (int64_t i = 0; i < p->table->rows; i++)
            numbers += is_number(p, i, k);
        if (2 * numbers > p->table->rows && p->second >= 0 && p->score < 0)
            p->score = k;
        else if (2 * numbers < p->table->rows && p->first < 0)
            p->first = k;
        else if (2 * numbers < p->table->rows && p->second < 0)
            p->second = k;
    }
}

/* "-n" or "_n" at the end of every word. */
static bool all_tagged(const Pairs *p)
{
    for (int64_t i = 0; i < 2 * p->table->rows; i++) {
        Cell c = pair_cell(p, i / 2, i % 2 ? p->second : p->first);
        if (!c.n)
            continue;
        if (c.n < 3 || (c.s[c.n - 2] != '-' && c.s[c.n - 2] != '_') || c.s[c.n - 1] < 'a' ||
            c.s[c.n - 1] > 'z')
            return false;
    }
    return true;
}

/* A pair or an empty row, which pandas leaves behind; *empty says which. */
static Status check_row(Err *e, const Pairs *p, int64_t row, bool *empty)
{
    int filled = 0, column[] = {p->first, p->second, p->score};

    for (int k = 0; k < 3; k++)
        filled += pair_cell(p, row, column[k]).n > 0;
    *empty = !filled;
    if (!filled || (filled == 3 && is_number(p, row, p->score)))
        return E_OK;
    (void)fail(e, E_DATA, "the row is no pair of words with a score");
    (void)err_note(e, "file", "%s, line %lld", p->table->path, (long long)p->table->line[row]);
    return err_note(e, "found", "\"%.40s\", \"%.40s\", \"%.40s\"", pair_cell(p, row, p->first).s,
                    pair_cell(p, row, p->second).s, pair_cell(p, row, p->score).s);
}

static Status take(Err *e, Arena *a, const WordSpace *s, const Pairs *p, WordPairs *out)
{
    int64_t rows = p->table->rows;
    bool tagged = all_tagged(p), whole;
    double x = 0;

    out->people = NEWS(e, a, float, rows + 1);
    out->ours = NEWS(e, a, float, rows + 1);
    if (!out->people || !out->ours)
        return err_failed(e->code);
    for (int64_t i = 0; i < rows; i++) {
        Cell word[2] = {pair_cell(p, i, p->first), pair_cell(p, i, p->second)};
        int64_t row[2];
        bool empty;

        TRY(check_row(e, p, i, &empty));
        if (empty)
            continue;
        for (int k = 0; k < 2; k++)
            row[k] = space_folded(s, word[k].s, word[k].n - (tagged ? 2 : 0));
        (void)number_parse(pair_cell(p, i, p->score), p->comma, &x, &whole);
        if (row[0] < 0 || row[1] < 0) {
            out->unknown++;
            continue;
        }
        out->people[out->n] = (float)x;
        out->ours[out->n++] = space_cosine(s, row[0], row[1]);
    }
    if (!tagged)
        return E_OK;
    Cell c = pair_cell(p, 0, p->first);
    out->tag = arena_strndup(e, a, c.s + c.n - 2, 2);
    return out->tag ? E_OK : err_failed(e->code);
}

Status words_pairs(Err *e, Arena *a, const WordSpace *s, const char *path, WordPairs *out)
{
    Table *t;

    TRY(table_open(e, a, path, TABLE_FAIL, &t));
    Pairs p = {.table = t, .columns = t->columns, .comma = table_comma(t)};
    p.cell = (Cell *)(uintptr_t)t->cell;
    if (t->columns == 1)
        TRY(cut_rows(e, a, t, &p));
    find_columns(&p);
    if (p.score < 0)
        return pairs_fail(e, path, "there are no pairs of words with a score in the file");
    *out = (WordPairs){0};
    return take(e, a, s, &p, out);
}

/* SPDX-License-Identifier: MIT */
