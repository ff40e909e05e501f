/* open.c - a released model read: what kind of folder or file it is, and what all kinds share: labels. */
#include "models/inside.h"

#include <string.h>

Status model_default_labels(Err *e, Arena *a, Model *m)
{
    m->label = NEWS(e, a, const char *, m->labels + 1);
    if (!m->label)
        return e->code;
    for (int i = 0; i < m->labels; i++)
        if (!(m->label[i] = arena_printf(e, a, "LABEL_%d", i)))
            return e->code;
    return E_OK;
}

Status model_read_problem(Err *e, Model *m)
{
    const char *problem = "";

    TRY(config_text(e, &m->config, "problem_type", &problem));
    m->problem = m->labels == 1 ? PROBLEM_REGRESSION : PROBLEM_SINGLE;
    if (strcmp(problem, "regression") == 0)
        m->problem = PROBLEM_REGRESSION;
    else if (strcmp(problem, "multi_label_classification") == 0)
        m->problem = PROBLEM_MULTI;
    else if (strcmp(problem, "single_label_classification") == 0)
        m->problem = PROBLEM_SINGLE;
    else if (*problem)
        return config_fail(e, &m->config, "problem_type", "\"%s\" is not known", problem);
    return E_OK;
}

static bool same_labels(const Model *m, const ModelOptions *o)
{
    bool same = m->labels == o->labels && m->problem == o->problem;

    for (int i = 0; same && o->label && i < o->labels; i++)
        same = strcmp(m->label[i], o->label[i]) == 0;
    return same;
}

Status model_take_labels(Err *e, Arena *a, Model *m, const ModelOptions *o)
{
    if (o->labels && model_has_labels(m->head) && !same_labels(m, o)) {
        m->new_head = true;
        m->labels = o->labels;
        m->problem = o->problem;
        TRY(model_default_labels(e, a, m));
        for (int i = 0; o->label && i < o->labels; i++)
            if (!(m->label[i] = arena_printf(e, a, "%s", o->label[i])))
                return e->code;
    }
    m->new_head &= m->head != HEAD_NONE;
    return E_OK;
}

static Status open_folder(Err *e, Arena *a, Model *m, const ModelOptions *o)
{
    if (config_has(&m->config, "model_type"))
        return model_open_text(e, a, m, o);
    if (config_has(&m->config, "architecture"))
        return model_open_picture(e, a, m, o);
    fail(e, E_DATA, "%s names no model", path_base(m->config.path));
    err_note(e, "file", "%s", m->config.path);
    return err_note(e, "expected", "\"model_type\" (transformers) or \"architecture\" (timm)");
}

static Status open_file(Err *e, Arena *a, Model *m, const ModelOptions *o)
{
    m->config = config_new(e, a, m->folder, NULL);
    return m->config.json ? model_open_picture(e, a, m, o) : err_failed(e->code);
}

static Status open_drawn(Err *e, Arena *a, Model *m, const ModelOptions *o)
{
    ModelOptions drawn = *o;

    drawn.variant = NULL;
    drawn.scratch = true;
    TRY(model_drawn(o->variant)->draw(e, a, m, o->variant, o->numbers > 0 ? o->numbers : 1));
    return model_open_text(e, a, m, &drawn);
}

static bool is_weight_file(const char *name)
{
    static const char *const endings[] = {".safetensors", ".pth", ".pt", ".th", ".bin"};
    const char *dot = strrchr(name, '.');

    for (size_t i = 0; dot && i < LEN(endings); i++)
        if (strcmp(dot, endings[i]) == 0)
            return true;
    return false;
}

Status model_lone_file(Err *e, Arena *a, const char *folder, const char **file)
{
    char **names;
    size_t n, found = 0;

    *file = NULL;
    if (path_kind(arena_sys(a), folder) != PATH_DIR)
        return E_OK;
    TRY(dir_list(e, a, folder, &names, &n));
    for (size_t i = 0; i < n; i++)
        if (is_weight_file(names[i]) && ++found == 1 &&
            !(*file = path_join(e, a, folder, names[i])))
            return e->code;
    if (found > 1)
        *file = NULL;
    return E_OK;
}

Status model_open(Err *e, Arena *a, const char *path, const ModelOptions *o, Model **out)
{
    Model *m = NEW(e, a, Model);
    const Sys *sys = arena_sys(a);
    bool here;

    if (!m || !(m->folder = arena_printf(e, a, "%s", path ? path : "")))
        return e->code;
    m->dropout = o->dropout < 0 ? 0 : o->dropout > 0 ? o->dropout : -1;
    m->drop_path = o->drop_path < 0 ? 0 : o->drop_path > 0 ? o->drop_path : -1;
    *out = m;
    if (!path && model_drawn(o->variant))
        return open_drawn(e, a, m, o);
    if (!path || path_kind(sys, path) == PATH_FILE)
        return open_file(e, a, m, o);
    TRY(model_settle(e, a, path));
    char *config = path_join(e, a, path, "config.json");
    if (!config)
        return e->code;
    TRY(path_file(e, sys, config, &here));
    if (here) {
        TRY(config_open(e, a, config, &m->config));
        return open_folder(e, a, m, o);
    }
    TRY(model_lone_file(e, a, path, &m->folder));
    if (m->folder)
        return open_file(e, a, m, o);
    fail(e, E_NOINPUT, "\"%s\" is not a model folder", path);
    return err_note(e, "expected", "%s", config);
}

/* SPDX-License-Identifier: MIT */
