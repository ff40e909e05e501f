/* open_text.c - a folder of transformers or sentence-transformers read: family, head, labels, pooling, mapped
 * weights; most are of texts, some of pictures. */
#include "models/inside.h"

#include <stdio.h>
#include <string.h>

static Status find_family(Err *e, Model *m)
{
    const char *type = NULL;

    TRY(config_text(e, &m->config, "model_type", &type));
    TRY(config_need(e, &m->config, "model_type"));
    for (int i = 0; i < model_def_count(); i++) {
        const ModelDef *def = model_def_at(i);

        for (int k = 0; def->model_types && def->model_types[k]; k++)
            if (strcmp(def->model_types[k], type) == 0) {
                m->def = def;
                return E_OK;
            }
    }
    fail(e, E_UNAVAILABLE, "model family \"%s\" is not supported", type);
    err_note(e, "file", "%s", m->config.path);
    for (int i = 0; i < model_def_count(); i++)
        if (model_def_at(i)->model_types)
            err_note(e, "known", "%s (%s)", model_def_at(i)->name, model_def_at(i)->paper);
    return e->code;
}

static Status read_architecture(Err *e, Model *m)
{
    const Json *list = config_get(&m->config, "architectures");

    m->architecture = json_text(json_item(list, 0));
    if (list && !m->architecture)
        return config_fail(e, &m->config, "architectures", "expected a list of class names");
    return E_OK;
}

/* modules.json of sentence-transformers: pooling, normalisation, our classifier over a mean. */
static Status read_modules(Err *e, Arena *a, Model *m, bool *dense)
{
    char *path = path_join(e, a, m->folder, "modules.json");
    Config list;
    bool here;

    *dense = false;
    if (!path)
        return e->code;
    TRY(path_file(e, arena_sys(a), path, &here));
    if (!here)
        return E_OK;
    TRY(config_open(e, a, path, &list));
    for (size_t i = 0; i < json_count(list.json); i++) {
        const char *type = json_text(json_member(json_item(list.json, i), "type"));
        const char *name = type ? strrchr(type, '.') : NULL;

        if (!name)
            continue;
        m->normalize |= strcmp(name, ".Normalize") == 0;
        *dense |= strcmp(name, ".Dense") == 0;
    }
    return E_OK;
}

static Status read_pooling(Err *e, Arena *a, Model *m)
{
    char *path = path_join(e, a, m->folder, "1_Pooling/config.json");
    bool mean = false, cls = false, last = false;
    const char *mode = "";
    Config c;
    bool here;

    if (!path)
        return e->code;
    TRY(path_file(e, arena_sys(a), path, &here));
    if (!here)
        return E_OK;
    TRY(config_open(e, a, path, &c));
    TRY(config_bool(e, &c, "pooling_mode_mean_tokens", &mean));
    TRY(config_bool(e, &c, "pooling_mode_cls_token", &cls));
    TRY(config_bool(e, &c, "pooling_mode_lasttoken", &last));
    TRY(config_text(e, &c, "pooling_mode", &mode));
    mean |= strcmp(mode, "mean") == 0;
    cls |= strcmp(mode, "cls") == 0;
    last |= strcmp(mode, "lasttoken") == 0;
    if (mean + cls + last != 1)
        return config_fail(e, &c, "pooling_mode",
                           "only pooling by mean, [CLS] or the last token is supported");
    m->pooling = mean ? POOL_MEAN : last ? POOL_LAST : POOL_CLS;
    return E_OK;
}

static Status read_lengths(Err *e, Arena *a, Model *m)
{
    char *path = path_join(e, a, m->folder, "sentence_bert_config.json");
    Config c;
    bool here;

    m->usual_length = m->max_length;
    if (!path)
        return e->code;
    TRY(path_file(e, arena_sys(a), path, &here));
    if (!here)
        return E_OK;
    TRY(config_open(e, a, path, &c));
    return config_int(e, &c, "max_seq_length", 1, m->max_length, &m->usual_length);
}

/* id2label, num_labels and problem_type of the folder; transformers' defaults are 2 labels, LABEL_i. */
static Status read_labels(Err *e, Arena *a, Model *m)
{
    const Config *c = &m->config;
    const Json *names = config_get(c, "id2label");
    int64_t n = 2;

    TRY(config_int(e, c, "num_labels", 1, MODEL_LABELS_MAX, &n));
    if (json_count(names))
        n = (int64_t)json_count(names);
    m->labels = (int)n;
    TRY(model_default_labels(e, a, m));
    for (int i = 0; i < m->labels && json_count(names); i++) {
        char key[24];

        snprintf(key, sizeof key, "%d", i);
        m->label[i] = json_text(json_member(names, key));
        if (!m->label[i])
            return config_fail(e, c, "id2label", "label %d is missing or not a text", i);
    }
    return model_read_problem(e, m);
}

/* What the folder holds, what was asked for, and whether that means a new head. */
static Status choose_head(Err *e, Arena *a, Model *m, const ModelOptions *o, bool dense)
{
    HeadKind have = model_head_of(m->def, m->architecture);

    if (have == HEAD_AUTO)
        have = HEAD_NONE; /* a class of another task: its head is dropped, its backbone serves */
    if (have == HEAD_NONE && dense && config_has(&m->config, "problem_type"))
        have = HEAD_MEAN;
    if (have == HEAD_NONE && dense)
        return fail(e, E_UNAVAILABLE, "\"%s\" has a Dense module, which is not supported",
                    m->folder);
    m->head = o->head == HEAD_AUTO ? have : o->head;
    if (!m->def->architecture[m->head])
        return fail(e, E_UNAVAILABLE, "family \"%s\" has no such head", m->def->name);
    m->new_head = m->head != have || o->scratch;
    return model_take_labels(e, a, m, o);
}

static Status open_weights(Err *e, Arena *a, Model *m, const ModelOptions *o)
{
    if (o->scratch) {
        m->optional = true;
        return E_OK;
    }
    if (!m->weights)
        TRY(weights_open(e, a, m->folder, &m->weights));
    for (int i = 0; i < weights_count(m->weights); i++) {
        const char *name = weights_at(m->weights, i)->name;
        const char *plain = model_plain_name(e, a, m->def, name);

        if (!plain)
            return e->code;
        m->optional |= model_name_in(m->def->optional, plain);
    }
    if (m->head != HEAD_MEAN || m->new_head)
        return E_OK;
    char *path = path_join(e, a, m->folder, "2_Dense");
    return path ? weights_open(e, a, path, &m->dense) : e->code;
}

static Status read_texts(Err *e, Arena *a, Model *m, bool *dense)
{
    TRY(m->def->read_config(e, a, m));
    m->pooling = m->def->causal ? POOL_LAST : POOL_CLS;
    TRY(read_modules(e, a, m, dense));
    TRY(read_pooling(e, a, m));
    return read_lengths(e, a, m);
}

/* Which of a library's spellings its tensors have, the weights say. */
static Status read_picture(Err *e, Arena *a, Model *m, const ModelOptions *o)
{
    if (!o->scratch)
        TRY(weights_open(e, a, m->folder, &m->weights));
    TRY(m->def->read_config(e, a, m));
    m->pre = m->variant->pre;
    m->eps = m->variant->eps;
    m->momentum = m->variant->momentum;
    return model_read_processor(e, a, m);
}

Status model_open_text(Err *e, Arena *a, Model *m, const ModelOptions *o)
{
    bool dense = false;

    if (o->variant)
        return fail(e, E_USAGE, "a variant's name is for models of pictures; \"%s\" is a folder",
                    m->folder);
    TRY(find_family(e, m));
    TRY(read_architecture(e, m));
    if (m->def->input == INPUT_PICTURES)
        TRY(read_picture(e, a, m, o));
    else if (m->def->input == INPUT_TOKENS)
        TRY(read_texts(e, a, m, &dense));
    else
        TRY(m->def->read_config(e, a, m));
    TRY(read_labels(e, a, m));
    TRY(choose_head(e, a, m, o, dense));
    return open_weights(e, a, m, o);
}

/* SPDX-License-Identifier: MIT */
