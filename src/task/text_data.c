/* text_data.c - a person's table as texts, labels and parts; what was found is said, with the reason. */
#include "data/features.h"
#include "task/inside.h"

#include <stdio.h>
#include <string.h>

typedef struct Source { /* one file of up to three */
    const Table *table;
    Schema schema;
    Labels labels;
    float *target;
    uint8_t *part;
} Source;

static Cell cell_at(const Table *t, int64_t row, int column)
{
    return t->cell[row * t->columns + column];
}

static Status other_features(Err *e, const Job *j, const Table *t)
{
    fail(e, E_DATA, "the files have different features");
    err_note(e, "file", "%s", t->path);
    err_note(e, "expected", "%lld, as in %s", (long long)j->columns, j->o.data);
    return err_note(e, "found", "%lld", (long long)t->features);
}

static Status find_columns(Err *e, const Job *j, const Table *t, bool main, Schema *out)
{
    const TrainOptions *o = &j->o;

    if (j->kind->table)
        return table_schema(e, j->a, t, FEATURES_NAME, NULL,
                            features_label(t, main ? o->label : j->label_name), true, out);
    return table_schema(e, j->a, t, main ? o->text : j->text_name,
                        main ? o->second : j->second_name, main ? o->label : j->label_name, true,
                        out);
}

static Status open_source(Err *e, Job *j, const char *path, const Labels *known, Source *s)
{
    const TrainOptions *o = &j->o;
    bool main = known == NULL;
    FeatureOptions how = {main ? o->label : j->label_name, true, o->bad};
    Table *t;

    TRY(sample_table(e, j->a, j->kind, path, &how, &t));
    s->table = t;
    if (t->features && j->columns && t->features != j->columns)
        return other_features(e, j, t);
    j->columns = t->features ? t->features : j->columns;
    TRY(find_columns(e, j, t, main, &s->schema));
    if (t->bad_rows)
        event_say(&j->c->events, EVENT_WARN, "%lld rows of %s could not be read and are left out",
                  (long long)t->bad_rows, path);
    if (main) {
        j->regression = o->kind == TASK_AUTO ? s->schema.regression : o->kind == TASK_REGRESSION;
        j->text_name = t->name[s->schema.text];
        j->second_name = s->schema.second >= 0 ? t->name[s->schema.second] : NULL;
        j->label_name = t->name[s->schema.label];
        j->form = t->form;
    }
    if (j->regression)
        return table_numbers(e, j->a, t, s->schema.label, &s->target);
    if (table_labels(e, j->a, t, s->schema.label, known, &s->labels))
        return known ? err_note(e, "hint", "%s has no row of that label to learn from", o->data)
                     : e->code;
    return E_OK;
}

static Status parts_of(Err *e, Job *j, Source *s, bool main, Part fixed)
{
    const TrainOptions *o = &j->o;

    if (main)
        return table_split(e, j->a, s->table, &s->schema, j->regression ? NULL : &s->labels,
                           o->valid ? 0 : o->valid_share, o->test ? 0 : o->test_share, o->seed,
                           &s->part, &j->duplicates);
    s->part = NEWS(e, j->a, uint8_t, s->table->rows + 1);
    if (!s->part)
        return err_failed(e->code);
    memset(s->part, (int)fixed, (size_t)s->table->rows);
    return E_OK;
}

static bool has_label(const Job *j, const Source *s, int64_t row)
{
    return j->regression ? s->target[row] == s->target[row] : s->labels.of_row[row] >= 0;
}

static void add_row(Job *j, const Source *s, int64_t row)
{
    int64_t at = j->n++;
    Part part = (Part)s->part[row];

    j->first[at] = cell_at(s->table, row, s->schema.text);
    if (j->second)
        j->second[at] = cell_at(s->table, row, s->schema.second);
    j->line[at] = s->table->line[row];
    if (j->regression)
        j->target[at] = s->target[row];
    else
        j->label[at] = s->labels.of_row[row];
    j->part.row[part][j->part.n[part]++] = at;
}

static Status collect(Err *e, Job *j, const Source *s, int sources)
{
    int64_t rows = 0, without = 0;

    for (int i = 0; i < sources; i++)
        rows += s[i].table->rows;
    j->first = NEWS(e, j->a, Cell, rows + 1);
    j->second = j->second_name ? NEWS(e, j->a, Cell, rows + 1) : NULL;
    j->line = NEWS(e, j->a, int64_t, rows + 1);
    j->label = j->regression ? NULL : NEWS(e, j->a, int32_t, rows + 1);
    j->target = j->regression ? NEWS(e, j->a, float, rows + 1) : NULL;
    for (int p = 0; p < 3; p++)
        if (!(j->part.row[p] = NEWS(e, j->a, int64_t, rows + 1)))
            return err_failed(e->code);
    if (!j->first || !j->line || (j->second_name && !j->second) || (!j->label && !j->target))
        return err_failed(e->code);
    for (int i = 0; i < sources; i++)
        for (int64_t r = 0; r < s[i].table->rows; r++) {
            if (has_label(j, &s[i], r))
                add_row(j, &s[i], r);
            else
                without++;
        }
    if (without)
        event_say(&j->c->events, EVENT_WARN, "%lld rows without a label are left out",
                  (long long)without);
    return E_OK;
}

/* Cells behind the labelled ones. */
static Status append(Err *e, Job *j, Cell **cells, const Table *t, int column)
{
    Cell *all = NEWS(e, j->a, Cell, j->n + t->rows + 1);

    if (!all)
        return err_failed(e->code);
    memcpy(all, *cells, (size_t)j->n * sizeof *all);
    for (int64_t i = 0; i < t->rows; i++)
        all[j->n + i] = cell_at(t, i, column);
    *cells = all;
    return E_OK;
}

static bool has_labels(const Job *j, const Table *t)
{
    int column = table_column(t, j->label_name);

    for (int64_t i = 0; column >= 0 && i < t->rows; i++)
        if (cell_at(t, i, column).n > 0)
            return true;
    return false;
}

Status text_target(Err *e, Job *j)
{
    const TrainOptions *o = &j->o;
    FeatureOptions how = {j->label_name, false, o->bad};
    Schema schema;
    Table *t;

    TRY(sample_table(e, j->a, j->kind, o->target, &how, &t));
    if (j->columns != t->features && (j->columns || t->features))
        return other_features(e, j, t);
    TRY(table_schema(e, j->a, t, j->text_name, j->second_name, NULL, false, &schema));
    TRY(append(e, j, &j->first, t, schema.text));
    if (j->second)
        TRY(append(e, j, &j->second, t, schema.second));
    j->targets = t->rows;
    event_say(&j->c->events, EVENT_SAY, "target    %s: %s, %lld rows%s", o->target, t->form,
              (long long)t->rows, has_labels(j, t) ? "; it has labels: they are not read" : "");
    return E_OK;
}

/* SHA-256 over the files' own sums, in order. */
static Status fingerprint(Err *e, Job *j)
{
    const char *path[] = {j->o.data, j->o.valid, j->o.test, j->o.target};
    char hex[65];
    Sha256 all;

    sha256_start(&all);
    for (size_t i = 0; i < LEN(path); i++) {
        if (!path[i])
            continue;
        TRY(sha256_file(e, j->a, path[i], hex));
        sha256_add(&all, hex, 64);
    }
    sha256_end(&all, hex);
    j->fingerprint = arena_strndup(e, j->a, hex, 64);
    return j->fingerprint ? E_OK : e->code;
}

static void say_data(const Job *j, const Source *s)
{
    const Events *ev = &j->c->events;

    event_say(ev, EVENT_SAY, "data      %s: %s, %s, %lld rows", j->o.data, j->form,
              s->table->encoding, (long long)s->table->rows);
    if (!j->kind->table)
        event_say(ev, EVENT_SAY, "columns   %s", s->schema.reason);
    if (j->regression)
        event_say(ev, EVENT_SAY, "task      regression: \"%s\" is a measurement", j->label_name);
    else
        event_say(ev, EVENT_SAY, "task      classify: %d classes in \"%s\"%s", j->outputs,
                  j->label_name, s->schema.regression ? " (asked for)" : "");
    event_say(ev, EVENT_SAY, "parts     %lld training, %lld validation, %lld test (seed %llu)%s",
              (long long)j->part.n[0], (long long)j->part.n[1], (long long)j->part.n[2],
              (unsigned long long)j->o.seed, j->duplicates ? "" : "; no text is there twice");
    if (j->part.n[PART_VALID] == 0)
        event_say(
            ev, EVENT_SAY,
            "parts     without validation nothing is chosen: tuning runs to its end and is kept");
    if (j->duplicates)
        event_say(ev, EVENT_SAY, "parts     %lld rows repeat another's text; they stay in one part",
                  (long long)j->duplicates);
}

Status text_data(Err *e, Job *j)
{
    Source s[3] = {0};
    int n = 1;

    TRY(open_source(e, j, j->o.data, NULL, &s[0]));
    TRY(parts_of(e, j, &s[0], true, PART_TRAIN));
    j->labels = s[0].labels;
    j->outputs = j->regression ? 1 : j->labels.n;
    if (j->o.valid) {
        TRY(open_source(e, j, j->o.valid, &j->labels, &s[n]));
        TRY(parts_of(e, j, &s[n++], false, PART_VALID));
    }
    if (j->o.test) {
        TRY(open_source(e, j, j->o.test, &j->labels, &s[n]));
        TRY(parts_of(e, j, &s[n++], false, PART_TEST));
    }
    TRY(collect(e, j, s, n));
    say_data(j, &s[0]);
    return fingerprint(e, j);
}

/* SPDX-License-Identifier: MIT */
