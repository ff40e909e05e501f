/* facts.c - what each column of a table holds: text, a label, numbers, an id, or nothing. */
#include <string.h>

#include "data/schema.h"
#include "text/utf8.h"

#define FEW_NUMBERS 20 /* as many different whole numbers are classes, more are a measurement */
#define LABELS_MAX  1000
#define LABEL_WORDS 6.0 /* a label is not longer on average */
#define UNIQUE      0.95

typedef struct Tally {
    int64_t filled, numbers, wholes, distinct, plain; /* plain: only letters and blanks */
    double words, bytes;
    bool counting; /* whole numbers, each one more than the one before */
} Tally;

/* Words as people count them; scripts written without spaces count two characters a word. */
static double count_words(Cell c, bool *letters)
{
    const uint8_t *p = (const uint8_t *)c.s, *end = p + c.n;
    bool inside = false, bad = false;
    double n = 0;

    *letters = true;
    while (p < end) {
        uint32_t u;

        p += utf8_get(p, end, &u, &bad);
        bool blank = u <= ' ' || u == 0xa0;
        bool dense = u >= 0x2e80 && u < 0xd7a4 && !(u >= 0xac00);

        n += dense ? 0.5 : !blank && !inside;
        inside = !blank && !dense;
        *letters &= blank || u >= 128 || (u >= 'a' && u <= 'z') || (u >= 'A' && u <= 'Z');
    }
    return n;
}

static Status tally(Err *e, Arena *scratch, const Table *t, int column, Tally *out)
{
    Map *seen = map_new(e, scratch, 256);
    double value, last = 0;
    bool whole, letters, comma = table_comma(t);

    if (!seen)
        return err_failed(e->code);
    *out = (Tally){.counting = true};
    for (int64_t i = 0; i < t->rows; i++) {
        Cell c = cell_trim(table_cell(t, i, column));

        if (!c.n)
            continue;
        bool number = number_parse(c, comma, &value, &whole);
        out->counting &= number && whole && (!out->filled || value == last + 1);
        last = number ? value : 0;
        out->filled++;
        out->numbers += number;
        out->wholes += number && whole;
        out->words += count_words(c, &letters);
        out->bytes += (double)c.n;
        out->plain += letters;
        TRY(map_put(e, seen, c.s, c.n, 1));
    }
    out->distinct = (int64_t)map_count(seen);
    return E_OK;
}

static ColumnKind kind_of_numbers(const Tally *y, Cell name)
{
    bool unique = y->distinct == y->filled && y->wholes == y->filled;

    if (y->wholes == y->filled && y->distinct <= FEW_NUMBERS && 2 * y->distinct <= y->filled)
        return known_id(name) ? COLUMN_ID : COLUMN_LABEL;
    if (known_id(name) || (unique && y->filled >= 3 && y->counting) ||
        (unique && y->filled >= 20 && known_label(name) < 0))
        return COLUMN_ID;
    return COLUMN_NUMBER;
}

static ColumnKind kind_of_words(const Tally *y, Cell name)
{
    double mean = y->words / (double)y->filled, length = y->bytes / (double)y->filled;
    bool unique = (double)y->distinct >= UNIQUE * (double)y->filled;
    bool sequences = 2 * y->plain >= y->filled && length >= 12; /* proteins are one long word */

    if (mean < 2.5 && known_id(name)) /* a date may repeat and have a time behind it */
        return COLUMN_ID;
    if (2 * y->distinct <= y->filled && mean <= LABEL_WORDS && y->distinct <= LABELS_MAX)
        return COLUMN_LABEL;
    if (mean < 1.5 && unique && y->filled >= 10 && 2 * y->plain < y->filled && !sequences)
        return COLUMN_ID;
    return COLUMN_TEXT;
}

static const char *reason(Err *e, Arena *a, const Table *t, const Tally *y, ColumnKind kind)
{
    long long distinct = (long long)y->distinct, filled = (long long)y->filled;

    switch (kind) {
    case COLUMN_EMPTY:
        return arena_printf(e, a, "all %lld values are empty", (long long)t->rows);
    case COLUMN_TEXT:
        return arena_printf(e, a, "%.1f words on average, %lld of %lld values are different",
                            y->words / (double)y->filled, distinct, filled);
    case COLUMN_NUMBER:
        return arena_printf(e, a, "numbers, %lld of %lld values are different", distinct, filled);
    default:
        return arena_printf(e, a, "%lld of %lld values are different", distinct, filled);
    }
}

Status column_facts(Err *e, Arena *a, const Table *t, int column, ColumnFacts *out)
{
    Arena *scratch = arena_child(e, a);
    Cell name = {t->name[column], t->header ? strlen(t->name[column]) : 0};
    Tally y = {0};

    if (!scratch)
        return err_failed(e->code);
    TRY(tally(e, scratch, t, column, &y));
    arena_free(scratch);
    out->kind = !y.filled               ? COLUMN_EMPTY
                : y.numbers == y.filled ? kind_of_numbers(&y, name)
                                        : kind_of_words(&y, name);
    out->distinct = y.distinct;
    out->empty = t->rows - y.filled;
    out->mean_words = y.filled ? y.words / (double)y.filled : 0;
    out->reason = reason(e, a, t, &y, out->kind);
    return out->reason ? E_OK : e->code;
}

/* SPDX-License-Identifier: MIT */
