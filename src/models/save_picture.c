/* save_picture.c - timm's layout: config.json and model.safetensors under timm's names, whatever names the weights
 * came with.  A network that timm does not have keeps its own names and library. */
#include "models/inside.h"

#include <string.h>

/* The same network as timm knows it, and its parameters in the order of building. */
static Status as_timm(Err *e, Arena *a, const Model *m, Model *timm, Graph **g)
{
    const ModelDef *def = m->def;

    *timm = *m;
    if (m->variant->timm)
        timm->variant = model_variant(m->variant->timm, "timm", &def);
    if (!timm->variant)
        return fail(e, E_INTERNAL, "timm's \"%s\" has no row", m->variant->timm);
    TRY(def->read_config(e, a, timm));
    return model_bare_graph(e, a, timm, g);
}

static const char *param_name(const Graph *g, int i)
{
    return graph_node(g, graph_param_at(g, i).id)->name;
}

/* "classifier" of "classifier.weight" */
static char *module_of(Err *e, Arena *a, const char *tensor)
{
    const char *dot = strrchr(tensor, '.');

    return arena_strndup(e, a, tensor, dot ? (size_t)(dot - tensor) : strlen(tensor));
}

/* ---- config.json ---- */

static Status set_preprocess(Err *e, const Preprocess *p, Config *c)
{
    static const char *const gone[] = {"url",           "hf_hub_id",       "file",
                                       "test_crop_pct", "test_input_size", "label_offset"};
    const int64_t size[3] = {3, p->size, p->size};

    for (size_t i = 0; i < LEN(gone); i++) /* true only of the weights that it began with */
        config_drop(c, gone[i]);
    TRY(config_set_ints(e, c, "input_size", size, 3));
    TRY(config_set_text(e, c, "interpolation", p->interpolation));
    TRY(config_set_float(e, c, "crop_pct", (float)p->crop_pct));
    TRY(config_set_text(e, c, "crop_mode", p->squash ? "squash" : "center"));
    TRY(config_set_floats(e, c, "mean", p->mean, 3));
    return config_set_floats(e, c, "std", p->std, 3);
}

/* What timm needs to load the weights, and to give the network another number of classes. */
static Status set_pretrained(Err *e, Arena *a, const Model *m, const Graph *g, Config *c)
{
    Config old = {.path = c->path};

    TRY(config_part(e, c, "pretrained_cfg", &old));
    Config p = config_new(e, a, c->path, old.json ? &old : NULL);
    if (!p.json)
        return err_failed(e->code);
    TRY(set_preprocess(e, &m->pre, &p));
    TRY(config_set_int(e, &p, "num_classes", m->labels));
    for (int i = 0; i < graph_param_count(g); i++) {
        const char *name = param_name(g, i);
        char *module = module_of(e, a, name);

        if (!module)
            return err_failed(e->code);
        if (i == 0)
            TRY(config_set_text(e, &p, "first_conv", module));
        if (model_is_head(m, name))
            TRY(config_set_text(e, &p, "classifier", module));
    }
    if (!config_has(&p, "license") && m->variant->licence)
        TRY(config_set_text(e, &p, "license", m->variant->licence));
    return config_set(e, c, "pretrained_cfg", &p);
}

/* Batch norms that are not those of timm's constructor, auxiliary classifiers. */
static Status set_args(Err *e, Arena *a, const Model *m, const Variant *timm, Config *c)
{
    Config old = {.path = c->path};

    TRY(config_part(e, c, "model_args", &old));
    Config args = config_new(e, a, c->path, old.json ? &old : NULL);
    if (!args.json)
        return err_failed(e->code);
    if (m->eps != timm->eps)
        TRY(config_set_float(e, &args, "bn_eps", m->eps));
    if (m->momentum != timm->momentum)
        TRY(config_set_float(e, &args, "bn_momentum", m->momentum));
    config_drop(&args, "aux_logits");
    if (model_has_auxiliary(m))
        TRY(config_set_bool(e, &args, "aux_logits", true));
    if (json_count(args.json))
        return config_set(e, c, "model_args", &args);
    config_drop(c, "model_args");
    return E_OK;
}

static Status set_labels(Err *e, const Model *m, Config *c)
{
    static const char *const problem[] = {
        [PROBLEM_MULTI] = "multi_label_classification",
        [PROBLEM_REGRESSION] = "regression",
    };

    config_drop(c, "label_names");
    config_drop(c, "label_descriptions");
    config_drop(c, "problem_type");
    TRY(config_set_int(e, c, "num_classes", m->labels));
    if (m->labels)
        TRY(config_set_texts(e, c, "label_names", m->label, (size_t)m->labels));
    if (m->labels && (m->problem != PROBLEM_SINGLE || m->labels == 1))
        return config_set_text(e, c, "problem_type",
                               m->problem == PROBLEM_SINGLE ? "single_label_classification"
                                                            : problem[m->problem]);
    return E_OK;
}

static Status save_config(Err *e, Arena *a, const Model *m, const Model *timm, const Graph *g,
                          const char *folder)
{
    char *path = path_join(e, a, folder, "config.json");

    if (!path)
        return e->code;
    Config c = config_new(e, a, path, &m->config);
    if (!c.json)
        return err_failed(e->code);
    TRY(config_set_text(e, &c, "architecture", timm->variant->name));
    config_drop(&c, "image_size");
    config_drop(&c, "library");
    if (!m->variant->timm)
        TRY(config_set_text(e, &c, "library", m->variant->library));
    TRY(set_labels(e, m, &c));
    TRY(config_set_int(e, &c, "num_features", m->dim));
    TRY(config_set_text(e, &c, "global_pool", m->def->global_pool ? m->def->global_pool : "avg"));
    if (m->def->clipped_head)
        TRY(config_set_text(e, &c, "head_activation", m->clipped_head ? "relu" : "none"));
    TRY(set_args(e, a, m, timm->variant, &c));
    TRY(set_pretrained(e, a, timm, g, &c));
    return config_save(e, a, &c);
}

Status model_save_picture_config(Err *e, Arena *a, const Model *m, const char *folder)
{
    Model timm;
    Graph *g;

    TRY(as_timm(e, a, m, &timm, &g));
    return save_config(e, a, m, &timm, g, folder);
}

Status model_save_picture(Err *e, Arena *a, const Model *m, Params *params, const char *folder)
{
    char *path = path_join(e, a, folder, "model.safetensors");
    NamedTensor *t;
    Model timm;
    Graph *g;
    int n;

    if (!path)
        return e->code;
    TRY(as_timm(e, a, m, &timm, &g));
    TRY(model_tensors(e, a, m, params, &t, &n));
    for (int i = 0; i < n; i++) {
        const NodeInfo *node =
            i < graph_param_count(g) ? graph_node(g, graph_param_at(g, i).id) : NULL;

        if (!node || !shape_equal(&node->desc[0].shape, &t[i].tensor.shape))
            return fail(e, E_INTERNAL, "timm's %s has no place for tensor \"%s\"",
                        timm.variant->name, t[i].name);
        t[i].name = node->name;
    }
    TRY(safetensors_write(e, a, path, t, n, NULL));
    return save_config(e, a, m, &timm, g, folder);
}

/* SPDX-License-Identifier: MIT */
