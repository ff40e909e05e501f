/* embed.c - one embedding for each text of a table, as safetensors or CSV. */
#include "task/inside.h"

#include <string.h>

#define CHUNK 512

static Status write_csv(Err *e, Arena *a, const char *path, const float *x, int64_t rows, int width)
{
    Writer *w;

    TRY(writer_open(e, a, path, &w));
    for (int64_t i = 0; i < rows * width; i++)
        TRY(writer_printf(e, w, "%.9g%c", (double)x[i], (i + 1) % width ? ',' : '\n'));
    return writer_commit(e, w);
}

static bool ends_in(const char *s, const char *end)
{
    size_t n = strlen(s), k = strlen(end);

    return n >= k && strcmp(s + n - k, end) == 0;
}

Status task_embed(Err *e, Arena *a, const TaskContext *c, const UseOptions *o, const char *output,
                  int64_t *rows)
{
    bool csv = ends_in(output, ".csv");
    TaskModel *m;
    Table *t;
    Schema schema;
    Cell *first;

    if (!csv && !ends_in(output, ".safetensors")) {
        fail(e, E_USAGE, "\"%s\" does not say how embeddings are to be written", output);
        return err_note(e, "expected", "a name that ends in .safetensors or .csv");
    }
    TRY(taskmodel_open(e, a, c, o, &m));
    TRY(table_open(e, a, o->data, o->bad, &t));
    TRY(table_schema(e, a, t, o->text, NULL, NULL, false, &schema));
    TRY(use_cells(e, a, t, schema.text, &first));
    int width = taskmodel_width(m);
    float *x = NEWS(e, a, float, t->rows *width + 1);
    if (!x)
        return err_failed(e->code);
    event_send(&c->events, &(Event){.kind = EVENT_STAGE, .text = "embedding", .steps = t->rows});
    for (int64_t at = 0; at < t->rows; at += CHUNK) {
        int64_t n = t->rows - at < CHUNK ? t->rows - at : CHUNK;

        TRY(taskmodel_embed(e, m, first + at, n, x + at * width));
        event_send(
            &c->events,
            &(Event){.kind = EVENT_STEP, .text = "embedding", .step = at + n, .steps = t->rows});
    }
    *rows = t->rows;
    if (csv)
        return write_csv(e, a, output, x, t->rows, width);
    NamedTensor out = {"embeddings", {DT_F32, SHAPE(t->rows, width), x}};
    return safetensors_write(e, a, output, &out, 1, NULL);
}

/* SPDX-License-Identifier: MIT */
