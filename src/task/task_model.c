/* task_model.c - a saved model, to be asked many times: classes, numbers, embeddings. */
#include "task/adapter.h"
#include "task/inside.h"

#include <string.h>

struct TaskModel {
    Arena *a;
    const TaskContext *c;
    const char *folder;
    Model *head, *encoder; /* encoder: opened when an embedding is first asked for */
    Reader reader;
    RunFacts facts;
    bool no_normalize;
    TaskNet head_net, encoder_net;
    bool head_ready, encoder_ready;
};

Status run_facts(Err *e, Arena *a, const char *folder, RunFacts *out)
{
    const char *path = arena_printf(e, a, "%s/engraft/run.json", folder);
    Config c;
    bool here;

    *out = (RunFacts){0};
    if (!path)
        return err_failed(e->code);
    TRY(path_file(e, arena_sys(a), path, &here));
    if (!here)
        return E_OK;
    TRY(config_open(e, a, path, &c));
    TRY(config_text(e, &c, "text", &out->text));
    TRY(config_text(e, &c, "second", &out->second));
    TRY(config_text(e, &c, "label", &out->label));
    return config_int(e, &c, "max_length", 1, 1 << 20, &out->max_length);
}

Status taskmodel_open(Err *e, Arena *a, const TaskContext *c, const UseOptions *o, TaskModel **out)
{
    TaskModel *m = NEW(e, a, TaskModel);
    ModelOptions mo = {.head = HEAD_AUTO};

    if (!m)
        return err_failed(e->code);
    *m = (TaskModel){.a = a, .c = c, .folder = o->model, .no_normalize = o->no_normalize};
    TRY(model_open(e, a, o->model, &mo, &m->head));
    TRY(adapter_beside(e, a, m->folder, m->head, &m->head_net.adapter, &m->head_net.method));
    TRY(run_facts(e, a, o->model, &m->facts));
    const SampleKind *kind = sample_kind(m->head->def->input);
    TRY(kind->open(e, a, m->head, o->max_length > 0 ? o->max_length : m->facts.max_length,
                   &m->reader));
    m->reader.events = &c->events;
    m->reader.pool = c->pool;
    *out = m;
    return E_OK;
}

static bool has_classes(const Model *m)
{
    return m->head == HEAD_SEQUENCE || m->head == HEAD_MEAN || m->head == HEAD_PICTURE;
}

int taskmodel_outputs(const TaskModel *m)
{
    return has_classes(m->head) ? m->head->labels : 0;
}

bool taskmodel_pictures(const TaskModel *m)
{
    return m->reader.kind == &sample_picture;
}

const SampleKind *taskmodel_kind(const TaskModel *m)
{
    return m->reader.kind;
}

int64_t taskmodel_numbers(const TaskModel *m)
{
    return m->head->numbers;
}

int taskmodel_width(const TaskModel *m)
{
    return (int)m->head->dim;
}

const char *taskmodel_label(const TaskModel *m, int k)
{
    return k >= 0 && k < taskmodel_outputs(m) ? m->head->label[k] : "";
}

bool taskmodel_regression(const TaskModel *m)
{
    return m->head->problem == PROBLEM_REGRESSION;
}

const RunFacts *taskmodel_facts(const TaskModel *m)
{
    return &m->facts;
}

static Status make_ready(Err *e, TaskModel *m, const Model *model, TaskNet *net)
{
    Params *params = params_new(e, m->a);

    if (!params)
        return err_failed(e->code);
    net->model = model;
    net->reader = &m->reader;
    TRY(tasknet_eval(e, m->a, m->c, net, params, m->reader.size, 0));
    if (net->loaded.head_new)
        return fail(e, E_DATA, "the model in \"%s\" lacks %d tensors of its head", m->folder,
                    net->loaded.head_new);
    return E_OK;
}

static Status ask(Err *e, TaskModel *m, TaskNet *net, const Raw *raw, const char *output, int width,
                  float *out)
{
    Arena *scratch = arena_child(e, m->a);
    SampleSet set;

    if (!scratch)
        return err_failed(e->code);
    TRY(m->reader.kind->make(e, scratch, &m->reader, raw, &set));
    TRY(tasknet_each(e, m->c, net, &(Ask){&set, NULL, raw->n, output, width, NULL}, out));
    arena_free(scratch);
    return E_OK;
}

Raw raw_slice(const Raw *raw, int64_t at, int64_t n)
{
    return (Raw){raw->first + at, raw->second ? raw->second + at : NULL,
                 raw->picture ? raw->picture + at : NULL, raw->n - at < n ? raw->n - at : n};
}

Status taskmodel_raw(Err *e, Arena *a, const TaskModel *m, const char *first, const char *second,
                     Raw *out)
{
    Cell *cell = NEWS(e, a, Cell, 2);
    PictureSample *picture = NEW(e, a, PictureSample);

    if (!cell || !picture)
        return err_failed(e->code);
    cell[0] = (Cell){first, strlen(first)};
    cell[1] = (Cell){second, second ? strlen(second) : 0};
    *picture = (PictureSample){.name = first, .file = first};
    *out = (Raw){cell, second ? cell + 1 : NULL, taskmodel_pictures(m) ? picture : NULL, 1};
    return E_OK;
}

Status taskmodel_predict(Err *e, TaskModel *m, const Raw *raw, float *out)
{
    if (!has_classes(m->head)) {
        fail(e, E_USAGE, "the model in \"%s\" has no head to predict with", m->folder);
        return err_note(e, "hint", "engraft train makes one; engraft embed gives its embeddings");
    }
    if (!m->head_ready)
        TRY(make_ready(e, m, m->head, &m->head_net));
    m->head_ready = true;
    TRY(ask(e, m, &m->head_net, raw, "logits", m->head->labels, out));
    if (m->head->problem == PROBLEM_SINGLE)
        softmax_rows(out, raw->n, m->head->labels);
    return E_OK;
}

Status taskmodel_embed(Err *e, TaskModel *m, const Raw *raw, float *out)
{
    if (!m->encoder_ready) {
        ModelOptions o = {.head = HEAD_NONE};

        TRY(model_open(e, m->a, m->folder, &o, &m->encoder));
        TRY(adapter_beside(e, m->a, m->folder, m->encoder, &m->encoder_net.adapter,
                           &m->encoder_net.method));
        if (m->no_normalize)
            m->encoder->normalize = false;
        TRY(make_ready(e, m, m->encoder, &m->encoder_net));
        m->encoder_ready = true;
    }
    return ask(e, m, &m->encoder_net, raw, m->reader.kind->embedding, (int)m->head->dim, out);
}

/* SPDX-License-Identifier: MIT */
