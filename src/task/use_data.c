/* use_data.c - what a saved model is used on: a table of texts, or pictures; with labels where they are asked for. */
#include "data/features.h"
#include "task/picture.h"

#include <string.h>

/* ---- texts ---- */

/* Of rows of numbers there are as many as the model learned. */
static Status use_numbers(Err *e, Arena *a, const Table *t, const TaskModel *m, const char *asked,
                          bool label, Schema *schema)
{
    if (t->features && t->features != taskmodel_numbers(m)) {
        fail(e, E_DATA, "the rows have other features than the model");
        err_note(e, "file", "%s", t->path);
        err_note(e, "expected", "%lld", (long long)taskmodel_numbers(m));
        return err_note(e, "found", "%lld", (long long)t->features);
    }
    return table_schema(e, a, t, FEATURES_NAME, NULL, label ? features_label(t, asked) : NULL,
                        label, schema);
}

/* Columns as the model learned them when the table has them, else found. */
static Status use_table(Err *e, Arena *a, const UseOptions *o, const TaskModel *m, bool label,
                        Table **table, Schema *schema)
{
    const RunFacts *facts = taskmodel_facts(m);

    const SampleKind *kind = taskmodel_kind(m);
    const char *label_name = o->label ? o->label : facts->label;

    TRY(sample_table(e, a, kind, o->data, &(FeatureOptions){label_name, label, o->bad}, table));
    if (kind->table)
        return use_numbers(e, a, *table, m, label_name, label, schema);
    const char *text = o->text, *second = o->second, *want = o->label;

    if (!text && facts->text && table_column(*table, facts->text) >= 0)
        text = facts->text;
    if (!second && facts->second && table_column(*table, facts->second) >= 0)
        second = facts->second;
    if (!want && facts->label && table_column(*table, facts->label) >= 0)
        want = facts->label;
    TRY(table_schema(e, a, *table, text, second, label ? want : NULL, label, schema));
    if (!facts->second && facts->text && !o->second)
        schema->second = -1; /* it learned from single texts */
    if (facts->second && schema->second < 0) {
        fail(e, E_NOINPUT, "the model compares two texts, the table has one");
        return err_note(e, "expected", "a column \"%s\" (or --second)", facts->second);
    }
    return E_OK;
}

static Status use_cells(Err *e, Arena *a, const Table *t, int column, Cell **out)
{
    *out = column >= 0 ? NEWS(e, a, Cell, t->rows + 1) : NULL;
    if (column >= 0 && !*out)
        return err_failed(e->code);
    for (int64_t i = 0; *out && i < t->rows; i++)
        (*out)[i] = t->cell[i * t->columns + column];
    return E_OK;
}

static Status texts(Err *e, Arena *a, const UseOptions *o, const TaskModel *m, bool label,
                    UseData *out)
{
    Cell *first, *second;
    Schema schema;
    Table *t;

    TRY(use_table(e, a, o, m, label, &t, &schema));
    TRY(use_cells(e, a, t, schema.text, &first));
    TRY(use_cells(e, a, t, schema.second, &second));
    out->table = t;
    out->raw = (Raw){first, second, NULL, t->rows};
    if (!label)
        return E_OK;
    if (taskmodel_regression(m))
        return table_numbers(e, a, t, schema.label, &out->target);
    return table_labels(e, a, t, schema.label, &out->known, &out->labels);
}

/* ---- pictures ---- */

/* A folder in parts is judged on its test part, else on that for validation. */
static Status judged_part(Err *e, Arena *a, const TaskContext *c, PictureSet *s)
{
    Part p = s->given[PART_TEST] ? PART_TEST : PART_VALID;
    uint8_t *keep = NEWS(e, a, uint8_t, s->n + 1);

    if (!keep)
        return err_failed(e->code);
    if (!s->given[p])
        return E_OK;
    for (int64_t i = 0; i < s->n; i++)
        keep[i] = s->at[i].part == p;
    pictureset_keep(s, keep);
    event_say(&c->events, EVENT_SAY, "judged    on the %s part: %lld pictures",
              p == PART_TEST ? "test" : "validation", (long long)s->n);
    return E_OK;
}

/* Names of pictures as a table of one column. */
static Status name_table(Err *e, Arena *a, const PictureSet *s, const Cell *name, Table **out)
{
    Table *t = NEW(e, a, Table);
    const char **column = NEWS(e, a, const char *, 1);
    int64_t *line = NEWS(e, a, int64_t, s->n + 1);

    if (!t || !column || !line)
        return err_failed(e->code);
    column[0] = "picture";
    for (int64_t i = 0; i < s->n; i++)
        line[i] = i + 1;
    *t = (Table){.path = s->path,
                 .encoding = "UTF-8",
                 .form = "CSV",
                 .columns = 1,
                 .name = column,
                 .header = true,
                 .rows = s->n,
                 .cell = name,
                 .line = line};
    *out = t;
    return E_OK;
}

static Status pictures(Err *e, Arena *a, const TaskContext *c, const UseOptions *o,
                       const TaskModel *m, bool label, UseData *out)
{
    PictureOptions how = {.picture = o->text,
                          .label = o->label,
                          .known = label && !taskmodel_regression(m) ? &out->known : NULL,
                          .want_label = label,
                          .bad = o->bad};
    PictureSet s;

    TRY(pictureset_open(e, a, o->data, &how, &s));
    for (int i = 0; i < s.notes; i++)
        event_say(&c->events, EVENT_WARN, "%s", s.note[i]);
    if (label)
        TRY(judged_part(e, a, c, &s));
    if (o->bad == TABLE_SKIP)
        TRY(picture_look(e, a, c, &s, BAD_SKIP, NULL, NULL));
    if (label && !taskmodel_regression(m) == (s.number != NULL))
        return fail(e, E_DATA, "the labels of %s are not of the kind that the model gives", s.path);
    Cell *name = NEWS(e, a, Cell, s.n + 1);
    if (!name)
        return err_failed(e->code);
    for (int64_t i = 0; i < s.n; i++)
        name[i] = (Cell){s.at[i].name, strlen(s.at[i].name)};
    out->raw = (Raw){name, NULL, s.at, s.n};
    out->labels = s.labels;
    out->target = s.number;
    return name_table(e, a, &s, name, &out->table);
}

Status use_data(Err *e, Arena *a, const TaskContext *c, const UseOptions *o, const TaskModel *m,
                bool label, UseData *out)
{
    int n = taskmodel_outputs(m);

    *out = (UseData){.known = {.n = n, .name = NEWS(e, a, const char *, n + 1)}};
    if (!out->known.name)
        return err_failed(e->code);
    for (int k = 0; k < n; k++)
        out->known.name[k] = taskmodel_label(m, k);
    if (taskmodel_pictures(m))
        TRY(pictures(e, a, c, o, m, label, out));
    else
        TRY(texts(e, a, o, m, label, out));
    if (out->raw.n == 0)
        return fail(e, E_DATA, "there is nothing in %s to answer", o->data);
    return E_OK;
}

/* SPDX-License-Identifier: MIT */
