/* schema.c - which column is the text, which the second text, which the label, and what kind of label.
 * Names people use decide first, then what the columns hold; where two answers are as good, the candidates
 * are listed and the person is asked. */
#include <string.h>

#include "data/schema.h"

/* Two texts that are read together. */
static const char *const pairs[][2] = {
    {"sentence1", "sentence2"}, {"premise", "hypothesis"},  {"text1", "text2"},
    {"text_a", "text_b"},       {"question1", "question2"}, {"query", "document"},
    {"query", "passage"},       {"question", "passage"},    {"question", "sentence"},
    {"question", "context"},    {"source", "target"},       {"first", "second"},
};

typedef struct Choice {
    Err *e;
    Arena *a;
    const Table *t;
    const ColumnFacts *facts;
    Schema *out;
} Choice;

static Cell name_of(const Table *t, int column)
{
    return (Cell){t->name[column], t->header ? strlen(t->name[column]) : 0};
}

static bool taken(const Choice *c, int column)
{
    return column == c->out->text || column == c->out->second || column == c->out->label;
}

/* One line a column: its name and what it holds. */
static Status list_columns(const Choice *c, bool labels_only)
{
    static const char *const kinds[] = {"text", "label", "number", "id", "empty"};
    int listed = 0;

    for (int i = 0; i < c->t->columns && listed < 20; i++) {
        bool label = c->facts[i].kind == COLUMN_LABEL || c->facts[i].kind == COLUMN_NUMBER;

        if (labels_only && (!label || i == c->out->text || i == c->out->second))
            continue;
        err_note(c->e, labels_only ? "could be" : "column", "\"%.40s\" (%s: %s)", c->t->name[i],
                 kinds[c->facts[i].kind], c->facts[i].reason);
        listed++;
    }
    if (labels_only && !listed)
        return list_columns(c, false);
    return c->e->code;
}

static Status asked(const Choice *c, const char *name, const char *what, int *out)
{
    *out = -1;
    if (!name)
        return E_OK;
    *out = table_column(c->t, name);
    if (*out < 0) {
        fail(c->e, E_NOINPUT, "there is no column \"%.40s\" to be the %s", name, what);
        err_note(c->e, "file", "%s", c->t->path);
        return list_columns(c, false);
    }
    return E_OK;
}

static Status text_check(const Choice *c, int column)
{
    ColumnKind kind = column < 0 ? COLUMN_TEXT : c->facts[column].kind;

    if (kind != COLUMN_ID && kind != COLUMN_EMPTY)
        return E_OK;
    fail(c->e, E_DATA, "column \"%.40s\" is no text: %s", c->t->name[column],
         kind == COLUMN_ID ? "it looks like an id" : "it is empty");
    err_note(c->e, "file", "%s", c->t->path);
    err_note(c->e, "found", "%s", c->facts[column].reason);
    return list_columns(c, false);
}

static Status label_refuse(const Choice *c, int column)
{
    fail(c->e, E_DATA, "column \"%.40s\" cannot be the label: nearly every value is different",
         c->t->name[column]);
    err_note(c->e, "file", "%s", c->t->path);
    err_note(c->e, "found", "%s", c->facts[column].reason);
    return list_columns(c, true);
}

static Status label_check(const Choice *c, int column)
{
    const ColumnFacts *f = &c->facts[column];
    int64_t filled = c->t->rows - f->empty;

    if (f->kind == COLUMN_EMPTY) {
        fail(c->e, E_DATA, "column \"%.40s\" cannot be the label: it is empty", c->t->name[column]);
        err_note(c->e, "file", "%s", c->t->path);
        return list_columns(c, true);
    }
    if (f->kind == COLUMN_ID || (f->kind == COLUMN_TEXT && 2 * f->distinct > filled && filled > 4))
        return label_refuse(c, column);
    return E_OK;
}

static int count_kind(const Choice *c, ColumnKind kind, int *last)
{
    int n = 0;

    for (int i = 0; i < c->t->columns; i++)
        if (c->facts[i].kind == kind && !taken(c, i)) {
            *last = i;
            n++;
        }
    return n;
}

/* The column whose name is best known as a label; -1 when none is. */
static int label_by_name(const Choice *c)
{
    int best = -1, rank = -1;

    for (int i = 0; i < c->t->columns; i++) {
        int k = taken(c, i) ? -1 : known_label(name_of(c->t, i));

        if (k >= 0 && c->facts[i].kind != COLUMN_EMPTY && (best < 0 || k < rank)) {
            best = i;
            rank = k;
        }
    }
    return best;
}

static Status label_find(Choice *c)
{
    int column = label_by_name(c), labels, numbers;

    if (column >= 0) {
        c->out->label = column;
        return label_check(c, column);
    }
    labels = count_kind(c, COLUMN_LABEL, &column);
    numbers = labels ? 0 : count_kind(c, COLUMN_NUMBER, &column);
    if (labels == 1 || numbers == 1) {
        c->out->label = column;
        return E_OK;
    }
    fail(c->e, E_DATA,
         labels + numbers ? "several columns could be the label" : "no column looks like a label");
    err_note(c->e, "file", "%s", c->t->path);
    list_columns(c, labels + numbers > 0);
    return err_note(c->e, "hint", "Name it: --label COLUMN");
}

static bool could_be_text(const Choice *c, int column)
{
    return !taken(c, column) &&
           (c->facts[column].kind == COLUMN_TEXT || c->facts[column].kind == COLUMN_LABEL);
}

static bool pair_by_name(Choice *c)
{
    for (size_t p = 0; p < LEN(pairs); p++) {
        int found[2] = {-1, -1};

        for (int i = 0; i < c->t->columns; i++)
            for (int k = 0; k < 2; k++)
                if (cell_is(name_of(c->t, i), pairs[p][k]) && could_be_text(c, i))
                    found[k] = i;
        if (found[0] >= 0 && found[1] >= 0) {
            c->out->text = found[0];
            c->out->second = found[1];
            return true;
        }
    }
    return false;
}

static int text_by_name(const Choice *c)
{
    int best = -1, rank = -1;

    for (int i = 0; i < c->t->columns; i++) {
        int k = could_be_text(c, i) ? known_text(name_of(c->t, i)) : -1;

        if (k >= 0 && (best < 0 || k < rank)) {
            best = i;
            rank = k;
        }
    }
    return best;
}

/* The column of the most words, else (every one repeats itself) of the most different values. */
static int text_by_content(const Choice *c)
{
    int best = -1;

    for (int i = 0; i < c->t->columns; i++)
        if (!taken(c, i) && c->facts[i].kind == COLUMN_TEXT &&
            (best < 0 || c->facts[i].mean_words > c->facts[best].mean_words))
            best = i;
    for (int i = 0; i < c->t->columns && best < 0; i++)
        if (could_be_text(c, i))
            best = i;
    for (int i = 0; i < c->t->columns; i++)
        if (could_be_text(c, i) && c->facts[best].kind == COLUMN_LABEL &&
            c->facts[i].distinct > c->facts[best].distinct)
            best = i;
    return best;
}

static Status text_find(Choice *c)
{
    int last = -1;

    if (pair_by_name(c))
        return E_OK;
    c->out->text = text_by_name(c);
    if (c->out->text >= 0)
        return E_OK;
    if (count_kind(c, COLUMN_TEXT, &last) == 2 && c->out->second < 0) {
        for (int i = last; i >= 0; i--)
            if (c->facts[i].kind == COLUMN_TEXT && !taken(c, i) && i != last)
                c->out->text = i;
        c->out->second = last;
        return E_OK;
    }
    c->out->text = text_by_content(c);
    if (c->out->text >= 0)
        return E_OK;
    fail(c->e, E_DATA, "no column looks like text");
    err_note(c->e, "file", "%s", c->t->path);
    list_columns(c, false);
    return err_note(c->e, "hint", "Name it: --text COLUMN");
}

static const char *label_reason(const Choice *c, bool regression)
{
    const Table *t = c->t;
    int k = c->out->label;
    const ColumnFacts *f = &c->facts[k];
    double value;
    bool whole;

    if (regression)
        return arena_printf(c->e, c->a, "label \"%.40s\" (%s): a measurement, so regression",
                            t->name[k], f->reason);
    bool numbers = true;
    for (int64_t i = 0; i < t->rows && numbers; i++) {
        Cell cell = cell_trim(table_cell(t, i, k));
        numbers = !cell.n || number_parse(cell, table_comma(t), &value, &whole);
    }
    return arena_printf(
        c->e, c->a, "label \"%.40s\" (%lld different values): %s", t->name[k],
        (long long)f->distinct,
        numbers && f->distinct > 2
            ? "few whole numbers, so classes (--task regression takes them as a measurement)"
            : "classes");
}

static Status schema_reason(const Choice *c)
{
    Schema *s = c->out;
    const Table *t = c->t;
    int other = -1;
    const char *second =
        s->second < 0 ? ""
                      : arena_printf(c->e, c->a, " and \"%.40s\" together", t->name[s->second]);
    const char *label = s->label < 0 ? NULL : label_reason(c, s->regression);
    const char *unused = count_kind(c, COLUMN_TEXT, &other) > 0
                             ? arena_printf(c->e, c->a, "; \"%.40s\" is not used", t->name[other])
                             : "";

    if (!second || !unused || (s->label >= 0 && !label))
        return c->e->code;
    s->reason =
        arena_printf(c->e, c->a, "text \"%.40s\"%s (%s)%s%s%s", t->name[s->text], second,
                     c->facts[s->text].reason, unused, label ? "; " : "", label ? label : "");
    return s->reason ? E_OK : c->e->code;
}

static Status facts_new(Err *e, Arena *a, const Table *t, Schema *out)
{
    ColumnFacts *facts = NEWS(e, a, ColumnFacts, t->columns);

    *out = (Schema){.text = -1, .second = -1, .label = -1, .facts = facts};
    if (!facts)
        return err_failed(e->code);
    for (int i = 0; i < t->columns; i++)
        TRY(column_facts(e, a, t, i, &facts[i]));
    return E_OK;
}

static Status label_take(Choice *c, bool want_label)
{
    if (c->out->label >= 0)
        TRY(label_check(c, c->out->label));
    else if (want_label)
        TRY(label_find(c));
    c->out->regression = c->out->label >= 0 && c->facts[c->out->label].kind == COLUMN_NUMBER;
    return E_OK;
}

Status schema_label(Err *e, Arena *a, const Table *t, int source, const char *label,
                    bool want_label, Schema *out)
{
    TRY(facts_new(e, a, t, out));
    Choice c = {.e = e, .a = a, .t = t, .facts = out->facts, .out = out};

    out->text = source;
    TRY(asked(&c, label, "label", &out->label));
    TRY(label_take(&c, want_label));
    out->reason = out->label < 0 ? "no label" : label_reason(&c, out->regression);
    return out->reason ? E_OK : e->code;
}

/* NOLINTNEXTLINE(readability-function-size): the contract names its many inputs one by one */
Status table_schema(Err *e, Arena *a, const Table *t, const char *text, const char *second,
                    const char *label, bool want_label, Schema *out)
{
    TRY(facts_new(e, a, t, out));
    Choice c = {.e = e, .a = a, .t = t, .facts = out->facts, .out = out};

    TRY(asked(&c, text, "text", &out->text));
    TRY(asked(&c, second, "second text", &out->second));
    TRY(asked(&c, label, "label", &out->label));
    TRY(text_check(&c, out->text));
    TRY(text_check(&c, out->second));
    TRY(label_take(&c, want_label));
    if (out->text < 0)
        TRY(text_find(&c));
    return schema_reason(&c);
}

/* SPDX-License-Identifier: MIT */
