/* peft.c - adapter folders of Hugging Face PEFT: adapter_config.json and adapter_model.safetensors.
 * Names on disk are PEFT_PREFIX and the tensor's own; modules_to_save are whole tensors among them.  Unknown keys
 * of the configuration are passed over (it grows with each release); known ones that change the numbers and
 * that we do not compute are refused by name. */
#include "adapt/hub.h"

#include <string.h>

#define INNER ".base_layer." /* PEFT's layers hold the base's */

/* What stands before a tensor's own name on disk. */
static const char *prefix_of(const Method *m, bool added)
{
    if (!m->def->in_front)
        return PEFT_PREFIX;
    return added ? "" : PEFT_PREFIX_FRONT;
}

/* Tensors that the method brings or keeps beside the base's own of the name. */
static bool is_adapter(const Method *m, const char *param)
{
    return (m->def->adds && name_matches(m->def->adds, param)) ||
           (m->def->also && m->def->also(m, param));
}

char *peft_name(Err *e, Arena *a, const Method *m, const char *param)
{
    const char *prefix = prefix_of(m, is_adapter(m, param)), *dot = strrchr(param, '.');

    if (m->def->hub)
        return hub_name(e, a, m, param);
    if (dot && m->def->peft_wraps && m->def->peft_wraps(m, param))
        return arena_printf(e, a, "%s%.*s" INNER "%s", prefix, (int)(dot - param), param, dot + 1);
    return arena_printf(e, a, "%s%s", prefix, param);
}

/* *out NULL: no tensor is named so. */
static Status own_name(Err *e, Arena *a, const Method *m, const char *disk, const char **out)
{
    *out = NULL;
    if (m->def->hub)
        return hub_own_name(e, a, m, disk, out);
    for (int added = 1; added >= 0 && !*out; added--) {
        const char *prefix = prefix_of(m, added);
        size_t n = strlen(prefix);

        if (strncmp(disk, prefix, n) == 0 && (n || name_matches(m->def->adds, disk)))
            *out = disk + n;
    }
    const char *inner = *out && m->def->peft_wraps ? strstr(*out, INNER) : NULL;
    if (!inner)
        return E_OK;
    *out = arena_printf(e, a, "%.*s.%s", (int)(inner - *out), *out, inner + strlen(INNER));
    return *out ? E_OK : e->code;
}

/* With every bias PEFT saves those of its copies of a head, too: of the untouched one, and again of the trained one. */
static bool is_copy(const Method *m, const char *name)
{
    return m->def->also && (strstr(name, ".original_module.") || strstr(name, ".modules_to_save."));
}

static Status in_folder(Err *e, Arena *a, const char *folder, const char *name, const char **out)
{
    return (*out = path_join(e, a, folder, name)) ? E_OK : e->code;
}

/* ---- reading ---- */

static bool is_type(const char *known, const char *type)
{
    return known && strcmp(known, type) == 0;
}

/* The row whose peft_type this is, and whose flag is set where it has one; NULL: none. */
static Status find_def(Err *e, const Config *c, const char *type, const AdaptDef **out)
{
    *out = NULL;
    for (int i = 0; i < adapt_count(); i++) {
        const AdaptDef *def = adapt_at(i);
        bool on = def->peft_flag == NULL;

        if (!is_type(def->peft_type, type) && !is_type(def->peft_alias, type))
            continue;
        if (!on)
            TRY(config_bool(e, c, def->peft_flag, &on));
        if (on)
            *out = def;
    }
    return E_OK;
}

static Status unknown_type(Err *e, const Config *c, const char *type)
{
    config_fail(e, c, "peft_type", "\"%s\" is not supported", type);
    for (int i = 0; i < adapt_count(); i++)
        if (adapt_at(i)->peft_type && !adapt_at(i)->peft_flag)
            err_note(e, "supported", "%s", adapt_at(i)->peft_type);
    return e->code;
}

Status peft_open(Err *e, Arena *a, const char *folder, const MethodTarget *target, Method **out)
{
    const char *path, *type = "";
    Config c;

    TRY(in_folder(e, a, folder, "adapter_config.json", &path));
    TRY(config_open(e, a, path, &c));
    TRY(config_text(e, &c, "peft_type", &type));
    if (!*type) {
        if (config_has(&c, "config")) /* AdapterHub's file of the same name */
            return hub_open(e, a, &c, target, out);
        return config_fail(e, &c, "peft_type", "the key is missing, and \"config\" is, too");
    }
    const AdaptDef *def;
    TRY(find_def(e, &c, type, &def));
    if (!def)
        return unknown_type(e, &c, type);
    TRY(method_make(e, a, def, NULL, target, out));
    return def->peft_read(e, a, &c, *out);
}

Status peft_text(Err *e, Arena *a, const char *folder, const char *key, const char **out)
{
    const char *path;
    Config c;

    TRY(in_folder(e, a, folder, "adapter_config.json", &path));
    TRY(config_open(e, a, path, &c));
    if (strcmp(key, "base_model_name_or_path") == 0 && !config_has(&c, key))
        key = "model_name"; /* AdapterHub's */
    return config_text(e, &c, key, out);
}

static bool is_end(const char *whole, const char *end)
{
    size_t n = strlen(whole), k = strlen(end);

    return n > k && whole[n - k - 1] == '.' && strcmp(whole + n - k, end) == 0;
}

/* AdapterHub takes a folder of a bare model for one with a head, and the other way round. */
static const NodeInfo *find_anywhere(const Graph *g, const char *name)
{
    for (int i = 0; i < graph_param_count(g); i++) {
        const NodeInfo *n = graph_node(g, graph_param_at(g, i).id);

        if (is_end(n->name, name) || is_end(name, n->name))
            return n;
    }
    return NULL;
}

static const NodeInfo *find_param(const Graph *g, const char *name)
{
    for (int i = 0; i < graph_param_count(g); i++) {
        const NodeInfo *n = graph_node(g, graph_param_at(g, i).id);

        if (strcmp(n->name, name) == 0)
            return n;
    }
    return NULL;
}

static Status load_tensor(Err *e, Arena *a, const Method *m, const Graph *g, const Weight *w,
                          Params *params, PeftReport *r)
{
    const char *name;
    Param *p;

    TRY(own_name(e, a, m, w->name, &name));
    const NodeInfo *node = name ? find_param(g, name) : NULL;
    if (name && !node && m->def->hub && (node = find_anywhere(g, name)))
        name = node->name;
    if (name && !node &&
        (is_copy(m, name) || (m->target.headless && m->target.is_head(m->target.model, name))))
        return E_OK;
    if (!node || !method_trains(m, name)) {
        fail(e, E_DATA, "adapter tensor \"%s\" has no place in this model", w->name);
        err_note(e, "file", "%s", w->file);
        return err_note(e, "expected", "%s and the names of the base model's layers",
                        m->def->hub ? "\".adapters.\", the adapter's name" : prefix_of(m, false));
    }
    if (!shape_equal(&w->shape, &node->desc[0].shape)) {
        fail(e, E_DATA, "adapter tensor \"%s\" has the wrong shape", w->name);
        err_note(e, "file", "%s", w->file);
        err_note(e, "expected", "%s", SHAPE_TEXT(&node->desc[0].shape));
        return err_note(e, "found", "%s", SHAPE_TEXT(&w->shape));
    }
    ++*(is_adapter(m, name) ? &r->adapter : &r->head);
    TRY(params_add(e, params, node->name, w->shape, &p));
    return weights_read_f32(e, w, p->data);
}

Status peft_load(Err *e, Arena *a, const char *folder, const Method *m, const Graph *g,
                 Params *params, PeftReport *report)
{
    Weights *w;

    *report = (PeftReport){0};
    TRY(method_check(e, m, g));
    TRY(weights_open(e, a, folder, &w));
    for (int i = 0; i < weights_count(w); i++)
        TRY(load_tensor(e, a, m, g, weights_at(w, i), params, report));
    for (int i = 0; i < graph_param_count(g); i++) {
        const char *name = graph_node(g, graph_param_at(g, i).id)->name;

        if (!is_adapter(m, name) || params_find(params, name))
            continue;
        fail(e, E_DATA, "adapter tensor \"%s\" is missing", peft_name(e, a, m, name));
        return err_note(e, "folder", "%s", folder);
    }
    return E_OK;
}

/* ---- writing ---- */

/* The module whose whole tensors are saved: a name less its last part.  Under PEFT's own tasks "classifier" is wrapped
 * whether listed or not, so its parts (RoBERTa's) must not stand beside it. */
static size_t module_length(const char *name, const char *dot, const char *task_type)
{
    static const char whole[] = "classifier.";

    return task_type && strncmp(name, whole, sizeof whole - 1) == 0 ? sizeof whole - 2
                                                                    : (size_t)(dot - name);
}

static Status head_modules(Err *e, Arena *a, const Method *m, Params *params, const char *task_type,
                           const char ***out, size_t *n)
{
    *n = 0;
    *out = NEWS(e, a, const char *, params_count(params) + 1);
    if (!*out)
        return e->code;
    for (int i = 0; i < params_count(params); i++) {
        const char *name = params_at(params, i)->name, *dot = strrchr(name, '.');
        char *module;
        bool seen = false;

        if (!dot || !m->target.is_head || !m->target.is_head(m->target.model, name))
            continue;
        if (!(module = arena_strndup(e, a, name, module_length(name, dot, task_type))))
            return e->code;
        for (size_t k = 0; k < *n; k++)
            seen |= strcmp((*out)[k], module) == 0;
        if (!seen)
            (*out)[(*n)++] = module;
    }
    return E_OK;
}

static Status save_config(Err *e, Arena *a, const char *folder, const Method *m, Params *params,
                          const char *base, const char *task_type)
{
    const char **module, *path;
    size_t modules;

    TRY(in_folder(e, a, folder, "adapter_config.json", &path));
    Config c = config_new(e, a, path, NULL);
    if (!c.json)
        return e->code;
    if (m->def->hub) {
        TRY(hub_write(e, a, &c, m, base));
        return config_save(e, a, &c);
    }
    TRY(config_set_text(e, &c, "peft_type", m->def->peft_type));
    TRY(config_set_text(e, &c, "task_type", task_type));
    TRY(config_set_text(e, &c, "base_model_name_or_path", base));
    TRY(config_set_text(e, &c, "revision", NULL));
    TRY(config_set_text(e, &c, "auto_mapping", NULL));
    TRY(config_set_bool(e, &c, "inference_mode", true));
    TRY(m->def->peft_write(e, a, &c, m, params));
    TRY(head_modules(e, a, m, params, task_type, &module, &modules));
    if (task_type && strcmp(task_type, "FEATURE_EXTRACTION") == 0)
        modules = 0;
    if (modules)
        TRY(config_set_texts(e, &c, "modules_to_save", module, modules));
    else
        TRY(config_set_text(e, &c, "modules_to_save", NULL));
    return config_save(e, a, &c);
}

Status peft_save(Err *e, Arena *a, const char *folder, const Method *m, Params *params,
                 const char *base, const char *task_type)
{
    NamedTensor *t = NEWS(e, a, NamedTensor, params_count(params) + 1);
    const char *path;
    bool head = !m->def->hub && (!task_type || strcmp(task_type, "FEATURE_EXTRACTION") !=
                                                   0); /* its base has no head */
    int n = 0;

    if (!t)
        return e->code;
    if (!m->def->peft_write && !m->def->hub)
        return fail(e, E_USAGE, "method \"%s\" has no PEFT form", m->def->name);
    TRY(dir_make(e, arena_sys(a), folder));
    for (int i = 0; i < params_count(params); i++) {
        const Param *p = params_at(params, i);

        if (!is_adapter(m, p->name) && (!head || !method_trains(m, p->name)))
            continue;
        t[n] = (NamedTensor){peft_name(e, a, m, p->name), {DT_F32, p->shape, p->data}};
        if (!t[n++].name)
            return e->code;
    }
    TRY(in_folder(e, a, folder, m->def->hub ? HUB_FILE : "adapter_model.safetensors", &path));
    TRY(safetensors_write(e, a, path, t, n, NULL));
    return save_config(e, a, folder, m, params, base, task_type);
}

/* SPDX-License-Identifier: MIT */
