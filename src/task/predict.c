/* predict.c - a table in, the same table out with two columns more; of pictures a table of their names. */
#include "task/inside.h"

#include <stdio.h>
#include <string.h>

#define CHUNK      512
#define CHUNK_EACH 16 /* answers that somebody is waiting for */

typedef struct Sheet { /* what is written, and how */
    const Table *table;
    const TaskModel *model;
    Writer *w;
    char separator; /* 0: JSON lines */
    const char *label, *probability;
} Sheet;

/* ---- cells ---- */

static Status put_json(Err *e, Writer *w, const char *s, size_t n)
{
    TRY(writer_put(e, w, "\"", 1));
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s[i];

        if (c == '"' || c == '\\')
            TRY(writer_printf(e, w, "\\%c", c));
        else if (c < ' ')
            TRY(writer_printf(e, w, "\\u%04x", c));
        else
            TRY(writer_put(e, w, s + i, 1));
    }
    return writer_put(e, w, "\"", 1);
}

static Status put_cell(Err *e, const Sheet *s, const char *text, size_t n)
{
    bool quote = false;

    for (size_t i = 0; i < n; i++)
        quote |= text[i] == s->separator || text[i] == '"' || text[i] == '\n' || text[i] == '\r';
    if (!quote)
        return writer_put(e, s->w, text, n);
    TRY(writer_put(e, s->w, "\"", 1));
    for (size_t i = 0; i < n; i++)
        TRY(writer_put(e, s->w, text[i] == '"' ? "\"\"" : text + i, text[i] == '"' ? 2 : 1));
    return writer_put(e, s->w, "\"", 1);
}

static Status put_header(Err *e, const Sheet *s)
{
    for (int c = 0; c < s->table->columns; c++) {
        TRY(put_cell(e, s, s->table->name[c], strlen(s->table->name[c])));
        TRY(writer_put(e, s->w, &s->separator, 1));
    }
    TRY(writer_printf(e, s->w, "%s", s->label));
    if (s->probability)
        TRY(writer_printf(e, s->w, "%c%s", s->separator, s->probability));
    return writer_put(e, s->w, "\n", 1);
}

static int best_of(const float *p, int n)
{
    int best = 0;

    for (int k = 1; k < n; k++)
        best = p[k] > p[best] ? k : best;
    return best;
}

static Status put_answer(Err *e, const Sheet *s, const float *p)
{
    int k = best_of(p, taskmodel_outputs(s->model));
    const char *label = taskmodel_label(s->model, k);

    if (taskmodel_regression(s->model))
        return writer_printf(e, s->w, "%.6g", (double)p[0]);
    TRY(s->separator ? put_cell(e, s, label, strlen(label))
                     : put_json(e, s->w, label, strlen(label)));
    if (s->separator)
        return writer_printf(e, s->w, "%c%.6f", s->separator, (double)p[k]);
    TRY(writer_put(e, s->w, ",", 1));
    TRY(put_json(e, s->w, s->probability, strlen(s->probability)));
    return writer_printf(e, s->w, ":%.6f", (double)p[k]);
}

static Status put_row(Err *e, const Sheet *s, int64_t row, const float *p)
{
    const Table *t = s->table;

    if (!s->separator)
        TRY(writer_put(e, s->w, "{", 1));
    for (int c = 0; c < t->columns; c++) {
        Cell cell = t->cell[row * t->columns + c];

        if (s->separator) {
            TRY(put_cell(e, s, cell.s, cell.n));
            TRY(writer_put(e, s->w, &s->separator, 1));
            continue;
        }
        TRY(put_json(e, s->w, t->name[c], strlen(t->name[c])));
        TRY(writer_put(e, s->w, ":", 1));
        TRY(put_json(e, s->w, cell.s, cell.n));
        TRY(writer_put(e, s->w, ",", 1));
    }
    if (!s->separator) {
        TRY(put_json(e, s->w, s->label, strlen(s->label)));
        TRY(writer_put(e, s->w, ":", 1));
    }
    TRY(put_answer(e, s, p));
    return writer_put(e, s->w, s->separator ? "\n" : "}\n", s->separator ? 1 : 2);
}

/* ---- the table ---- */

/* The column's name, or predicted_NAME when the table has one of that name. */
static const char *new_column(Err *e, Arena *a, const Table *t, const char *name)
{
    return table_column(t, name) < 0 ? name : arena_printf(e, a, "predicted_%s", name);
}

static Status sheet_open(Err *e, Arena *a, const Table *t, const TaskModel *m, const char *path,
                         Sheet *s)
{
    bool regression = taskmodel_regression(m);

    *s = (Sheet){.table = t, .model = m, .separator = ','};
    if (strstr(t->form, "JSON") || (taskmodel_pictures(m) && strstr(path_base(path), ".json")))
        s->separator = 0;
    else if (strstr(t->form, "TSV") || (taskmodel_pictures(m) && strstr(path_base(path), ".tsv")))
        s->separator = '\t';
    else if (strchr(t->form, ';'))
        s->separator = ';';
    s->label = new_column(e, a, t, regression ? "value" : "label");
    s->probability = regression ? NULL : new_column(e, a, t, "probability");
    if (!s->label || (!regression && !s->probability))
        return err_failed(e->code);
    TRY(writer_open(e, a, path, &s->w));
    return s->separator ? put_header(e, s) : E_OK;
}

Status task_predict(Err *e, Arena *a, const TaskContext *c, const UseOptions *o, const char *output,
                    int64_t *rows)
{
    UseData d;
    TaskModel *m;
    Sheet s;

    TRY(taskmodel_open(e, a, c, o, &m));
    TRY(use_data(e, a, c, o, m, false, &d));
    float *p = NEWS(e, a, float, CHUNK *(taskmodel_outputs(m) + 1));
    if (!p)
        return err_failed(e->code);
    TRY(sheet_open(e, a, d.table, m, output, &s));
    event_send(&c->events, &(Event){.kind = EVENT_STAGE, .text = "predicting", .steps = d.raw.n});
    for (int64_t at = 0; at < d.raw.n; at += CHUNK) {
        Raw some = raw_slice(&d.raw, at, CHUNK);

        TRY(taskmodel_predict(e, m, &some, p));
        for (int64_t i = 0; i < some.n; i++)
            TRY(put_row(e, &s, at + i, p + i * taskmodel_outputs(m)));
        event_send(&c->events, &(Event){.kind = EVENT_STEP,
                                        .text = "predicting",
                                        .step = at + some.n,
                                        .steps = d.raw.n});
    }
    *rows = d.raw.n;
    return writer_commit(e, s.w);
}

Status task_predict_each(Err *e, Arena *a, const TaskContext *c, const UseOptions *o,
                         const AnswerFn *each, int64_t *rows)
{
    UseData d;
    TaskModel *m;

    TRY(taskmodel_open(e, a, c, o, &m));
    TRY(use_data(e, a, c, o, m, false, &d));
    int outputs = taskmodel_outputs(m);
    float *p = NEWS(e, a, float, CHUNK_EACH *(outputs + 1));
    if (!p)
        return err_failed(e->code);
    for (int64_t at = 0; at < d.raw.n; at += CHUNK_EACH) {
        Raw some = raw_slice(&d.raw, at, CHUNK_EACH);

        TRY(taskmodel_predict(e, m, &some, p));
        for (int64_t i = 0; i < some.n; i++) {
            int k = best_of(p + i * outputs, outputs);

            each->fn(each->arg, some.first[i].s,
                     taskmodel_regression(m) ? NULL : taskmodel_label(m, k), p[i * outputs + k]);
        }
    }
    *rows = d.raw.n;
    return E_OK;
}

/* SPDX-License-Identifier: MIT */
