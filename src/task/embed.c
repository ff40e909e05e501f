/* embed.c - one embedding for each text of a table or each picture, as safetensors or CSV. */
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
    UseData d;
    TaskModel *m;

    if (!csv && !ends_in(output, ".safetensors")) {
        fail(e, E_USAGE, "\"%s\" does not say how embeddings are to be written", output);
        return err_note(e, "expected", "a name that ends in .safetensors or .csv");
    }
    TRY(taskmodel_open(e, a, c, o, &m));
    TRY(use_data(e, a, c, o, m, false, &d));
    int width = taskmodel_width(m);
    float *x = NEWS(e, a, float, d.raw.n *width + 1);
    if (!x)
        return err_failed(e->code);
    event_send(&c->events, &(Event){.kind = EVENT_STAGE, .text = "embedding", .steps = d.raw.n});
    for (int64_t at = 0; at < d.raw.n; at += CHUNK) {
        Raw some = raw_slice(&d.raw, at, CHUNK);

        TRY(taskmodel_embed(e, m, &some, x + at * width));
        event_send(&c->events, &(Event){.kind = EVENT_STEP,
                                        .text = "embedding",
                                        .step = at + some.n,
                                        .steps = d.raw.n});
    }
    *rows = d.raw.n;
    if (csv)
        return write_csv(e, a, output, x, d.raw.n, width);
    NamedTensor out = {"embeddings", {DT_F32, SHAPE(d.raw.n, width), x}};
    return safetensors_write(e, a, output, &out, 1, NULL);
}

/* SPDX-License-Identifier: MIT */
