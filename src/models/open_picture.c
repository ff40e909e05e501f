/* open_picture.c - a network of pictures read: timm's folder, a small one that names architecture and library, or a
 * bare file of weights, told by its tensors. */
#include "image/image.h"
#include "models/inside.h"

#include <string.h>

/* ---- preprocessing: the variant's, and what pretrained_cfg says instead ---- */

static Status read_input_size(Err *e, const Config *c, Preprocess *p)
{
    float size[3] = {3, (float)p->size, (float)p->size};

    TRY(config_floats(e, c, "input_size", 3, 1, 1 << 14, size));
    if (size[0] != 3.0F)
        return config_fail(e, c, "input_size", "only pictures of 3 channels are supported");
    if (size[1] != size[2])
        return config_fail(e, c, "input_size", "only square pictures are supported");
    p->size = (int)size[1];
    return E_OK;
}

static Status read_crop(Err *e, const Config *c, Preprocess *p)
{
    const char *mode = p->squash ? "squash" : "center";
    float share = (float)p->crop_pct;

    TRY(config_float(e, c, "crop_pct", 0.05, 1, &share));
    if (config_has(c, "crop_pct"))
        p->crop_pct = json_double(config_get(c, "crop_pct"));
    TRY(config_text(e, c, "crop_mode", &mode));
    p->squash = strcmp(mode, "squash") == 0;
    if (!p->squash && strcmp(mode, "center") != 0)
        return config_fail(e, c, "crop_mode", "\"%s\" is not supported", mode);
    return E_OK;
}

static Status read_preprocess(Err *e, const Config *c, Preprocess *p)
{
    int64_t size = p->size;
    Config pre = *c; /* a folder of timm's early days has all keys on one level */
    Filter filter;

    TRY(config_int(e, c, "image_size", 1, 1 << 14, &size));
    p->size = (int)size;
    TRY(config_part(e, c, "pretrained_cfg", &pre));
    TRY(read_input_size(e, &pre, p));
    TRY(read_crop(e, &pre, p));
    TRY(config_text(e, &pre, "interpolation", &p->interpolation));
    TRY(config_floats(e, &pre, "mean", 3, -10, 10, p->mean));
    TRY(config_floats(e, &pre, "std", 3, 1e-6, 1e3, p->std));
    if (!filter_parse(p->interpolation, &filter))
        return config_fail(e, &pre, "interpolation", "\"%s\" is not supported", p->interpolation);
    p->resize = picture_resize_for(p->size, p->crop_pct);
    return E_OK;
}

/* ---- model_args: what timm gives its constructor ---- */

static Status read_args(Err *e, Model *m)
{
    static const char *const known[] = {"bn_eps", "bn_momentum", "drop_rate", "drop_path_rate",
                                        "aux_logits"};
    /* of auxiliary classifiers the tensors tell */
    const size_t names = m->def->optional ? LEN(known) : LEN(known) - 1;
    float drop = 0, path = 0;
    Config c = {0};

    m->eps = m->variant->eps;
    m->momentum = m->variant->momentum;
    TRY(config_part(e, &m->config, "model_args", &c));
    for (size_t i = 0; i < json_count(c.json); i++) {
        const char *key = json_key(c.json, i);
        bool good = false;

        for (size_t k = 0; k < names; k++)
            good |= strcmp(known[k], key) == 0;
        if (!good)
            return config_fail(e, &c, key, "this argument of the network is not supported");
    }
    if (c.json) {
        TRY(config_float(e, &c, "bn_eps", 0, 1, &m->eps));
        TRY(config_float(e, &c, "bn_momentum", 0, 1, &m->momentum));
        TRY(config_float(e, &c, "drop_rate", 0, 0.99, &drop));
        TRY(config_float(e, &c, "drop_path_rate", 0, 0.99, &path));
    }
    m->dropout = m->dropout < 0 ? drop : m->dropout;
    m->drop_path = m->drop_path < 0 ? path : m->drop_path;
    return E_OK;
}

/* ---- labels ---- */

static Status read_labels(Err *e, Arena *a, Model *m, int64_t labels)
{
    const Config *c = &m->config;
    const Json *names = config_get(c, "label_names");
    Config pre = {0};

    TRY(config_part(e, c, "pretrained_cfg", &pre));
    if (pre.json)
        TRY(config_int(e, &pre, "num_classes", 0, MODEL_LABELS_MAX, &labels));
    TRY(config_int(e, c, "num_classes", 0, MODEL_LABELS_MAX, &labels));
    m->labels = (int)labels;
    TRY(model_default_labels(e, a, m));
    TRY(model_read_problem(e, m));
    if (!names)
        return E_OK;
    if (json_count(names) != (size_t)m->labels)
        return config_fail(e, c, "label_names", "%zu names for %d classes", json_count(names),
                           m->labels);
    for (int i = 0; i < m->labels; i++)
        if (!(m->label[i] = json_text(json_item(names, (size_t)i))))
            return config_fail(e, c, "label_names", "name %d is not a text", i);
    return E_OK;
}

static Status choose_head(Err *e, Arena *a, Model *m, const ModelOptions *o)
{
    HeadKind have = m->labels ? HEAD_PICTURE : HEAD_NONE;

    m->head = o->head == HEAD_AUTO ? have : o->head;
    if (m->head == HEAD_AUTO || (o->head == HEAD_AUTO && o->labels))
        m->head = HEAD_PICTURE;
    if (m->head != HEAD_NONE && m->head != HEAD_PICTURE)
        return fail(e, E_UNAVAILABLE, "family \"%s\" has no such head", m->def->name);
    if (m->head == HEAD_NONE)
        m->labels = 0;
    m->new_head = m->head != have || o->scratch;
    return model_take_labels(e, a, m, o);
}

/* Auxiliary classifiers are kept where the file has them. */
static Status find_optional(Err *e, Arena *a, Model *m)
{
    for (int i = 0; m->weights && m->def->optional && i < weights_count(m->weights); i++) {
        const char *plain = model_plain_name(e, a, m->def, weights_at(m->weights, i)->name);

        if (!plain)
            return e->code;
        m->optional |= model_name_in(m->def->optional, plain);
    }
    return E_OK;
}

/* A ReLU would cut off what a new classifier says: see squeezenet.c. */
static Status read_clip(Err *e, Model *m)
{
    const char *act = m->def->clipped_head ? "relu" : "none";

    TRY(config_text(e, &m->config, "head_activation", &act));
    if (strcmp(act, "none") != 0 && (!m->def->clipped_head || strcmp(act, "relu") != 0))
        return config_fail(e, &m->config, "head_activation", "\"%s\" is not supported", act);
    m->clipped_head = strcmp(act, "relu") == 0 && !m->new_head;
    return E_OK;
}

/* ---- which network ---- */

static Status by_config(Err *e, Model *m, const ModelOptions *o)
{
    const char *name = "", *library = NULL;

    TRY(config_text(e, &m->config, "architecture", &name));
    TRY(config_text(e, &m->config, "library", &library));
    m->variant = model_variant(name, library ? library : "timm", &m->def);
    if (!m->variant && !library)
        m->variant = model_variant(name, NULL, &m->def);
    if (!m->variant) {
        model_variant_unknown(e, name);
        return err_note(e, "file", "%s", m->config.path);
    }
    if (o->variant && strcmp(o->variant, name) != 0)
        return config_fail(e, &m->config, "architecture", "\"%s\" was asked for, this is \"%s\"",
                           o->variant, name);
    m->architecture = name;
    return E_OK;
}

static Status refuse_guess(Err *e, const Model *m, const ModelGuess *g, const char *asked)
{
    if (g->n == 0) {
        fail(e, E_DATA, "the tensors of this file are of no network of pictures that is known");
        err_note(e, "file", "%s", m->folder);
        return err_note(e, "hint",
                        "engraft info lists them; a model of texts is a folder with "
                        "config.json.");
    }
    fail(e, E_DATA,
         asked ? "the tensors of this file are of another network"
               : "the tensors of this file fit several networks");
    err_note(e, "file", "%s", m->folder);
    for (int i = 0; i < g->n; i++)
        err_note(e, asked ? "found" : "candidate", "%s (%s)", g->variant[i]->name,
                 g->variant[i]->source);
    if (asked)
        return err_note(e, "expected", "%s", asked);
    return err_note(e, "hint", "Say which: --model %s --weights %s", g->variant[0]->name,
                    m->folder);
}

static Status by_tensors(Err *e, Arena *a, Model *m, const ModelOptions *o, int *labels)
{
    ModelGuess g;
    int fits = 0;

    TRY(model_guess(e, a, m->weights, &g));
    for (int i = 0; i < g.n; i++)
        if (!o->variant || strcmp(g.variant[i]->name, o->variant) == 0) {
            m->def = g.def[i];
            m->variant = g.variant[i];
            m->architecture = m->variant->name;
            fits++;
        }
    *labels = g.labels;
    return fits == 1 ? E_OK : refuse_guess(e, m, &g, fits ? NULL : o->variant);
}

static Status by_name(Err *e, Model *m, const ModelOptions *o)
{
    const char *name = o->variant ? o->variant : "";

    m->variant = model_variant(name, NULL, &m->def);
    m->architecture = name;
    return m->variant ? E_OK : model_variant_unknown(e, name);
}

Status model_open_picture(Err *e, Arena *a, Model *m, const ModelOptions *o)
{
    bool known = config_has(&m->config, "architecture");
    int labels = 1000;

    if (*m->folder && (!o->scratch || !known))
        TRY(weights_open(e, a, m->folder, &m->weights));
    if (known)
        TRY(by_config(e, m, o));
    else if (m->weights)
        TRY(by_tensors(e, a, m, o, &labels));
    else
        TRY(by_name(e, m, o));
    if (o->scratch)
        m->weights = NULL;
    m->pre = m->variant->pre;
    TRY(read_preprocess(e, &m->config, &m->pre));
    TRY(read_args(e, m));
    TRY(read_labels(e, a, m, labels));
    TRY(choose_head(e, a, m, o));
    TRY(read_clip(e, m));
    TRY(find_optional(e, a, m));
    return m->def->read_config(e, a, m);
}

/* SPDX-License-Identifier: MIT */
