/* variants.c - the rows of picture models: found by name, and told by the tensors of a file. */
#include "models/inside.h"

#include <stdio.h>
#include <string.h>

static bool is_called(const Variant *v, const char *name, const char *library)
{
    return strcmp(v->name, name) == 0 && (!library || strcmp(v->library, library) == 0);
}

/* torchvision and timm name many networks and their tensors alike: such a row serves both. */
static bool timm_calls(const Variant *v, const char *name, const char *library)
{
    return v->timm && library && strcmp(library, "timm") == 0 && strcmp(v->timm, name) == 0 &&
           strcmp(v->library, "torchvision") == 0;
}

const Variant *model_variant(const char *name, const char *library, const ModelDef **def)
{
    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; i < model_def_count(); i++) {
            *def = model_def_at(i);
            for (int k = 0; k < (*def)->variants; k++)
                if ((pass ? timm_calls : is_called)(&(*def)->variant[k], name, library))
                    return &(*def)->variant[k];
        }
    return NULL;
}

Status model_variant_unknown(Err *e, const char *name)
{
    fail(e, E_UNAVAILABLE, "there is no network \"%s\" among the known ones", name);
    for (int i = 0; i < model_def_count(); i++) {
        const ModelDef *def = model_def_at(i);
        char list[1200] = "";
        size_t used = 0;

        for (int k = 0; k < def->variants && used < sizeof list - 60; k++)
            if (!strstr(list, def->variant[k].name))
                used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", used ? ", " : "",
                                         def->variant[k].name);
        if (used)
            err_note(e, def->name, "%s", list);
    }
    return err_failed(e->code);
}

Status model_of_variant(Err *e, Arena *a, const ModelDef *def, const Variant *v, int labels,
                        Model *m)
{
    *m = (Model){.folder = "",
                 .def = def,
                 .variant = v,
                 .pre = v->pre,
                 .eps = v->eps,
                 .momentum = v->momentum,
                 .head = labels ? HEAD_PICTURE : HEAD_NONE,
                 .labels = labels};
    m->config = config_new(e, a, v->name, NULL);
    return m->config.json ? def->read_config(e, a, m) : err_failed(e->code);
}

/* ---- told by the tensors of a file ---- */

typedef struct Fit {
    const Weights *w;
    const ModelDef *def;
    Map *plain; /* name without prefix -> tensor */
    int ignored;
    int used, labels; /* by the variant at hand */
} Fit;

static Status index_names(Err *e, Arena *a, Fit *f)
{
    int n = weights_count(f->w);

    f->plain = map_new(e, a, (size_t)n + 1);
    if (!f->plain)
        return e->code;
    for (int i = 0; i < n; i++) {
        const char *name = model_plain_name(e, a, f->def, weights_at(f->w, i)->name);

        if (!name)
            return e->code;
        TRY(map_put(e, f->plain, name, strlen(name), i));
        f->ignored += model_name_is_ignored(f->def, name) || model_name_in(f->def->optional, name);
    }
    return E_OK;
}

/* Backbone tensors must be there in their shapes; of the head, which may be of any task or none, only the width. */
static bool has_tensor(Fit *f, const Model *m, const NodeInfo *node)
{
    const Shape *want = &node->desc[0].shape;
    bool head = model_is_head(m, node->name);
    int64_t i;

    if (!map_get(f->plain, node->name, strlen(node->name), &i))
        return head;
    const Shape *have = &weights_at(f->w, (int)i)->shape;
    f->used++;
    if (!head)
        return shape_equal(have, want);
    f->labels = have->rank > 0 && have->dim[0] < MODEL_LABELS_MAX ? (int)have->dim[0] : 0;
    return f->labels && have->rank == want->rank &&
           shape_size(have) / have->dim[0] == shape_size(want) / want->dim[0];
}

static Status try_variant(Err *e, Arena *a, Fit *f, const Variant *v, bool *fits)
{
    Graph *g;
    Model m;

    TRY(model_of_variant(e, a, f->def, v, 1, &m));
    TRY(model_bare_graph(e, a, &m, &g));
    f->used = f->labels = 0;
    *fits = true;
    for (int i = 0; i < graph_param_count(g) && *fits; i++)
        *fits = has_tensor(f, &m, graph_node(g, graph_param_at(g, i).id));
    *fits &= f->used + f->ignored == weights_count(f->w);
    return E_OK;
}

static Status try_family(Err *e, Arena *a, Fit *f, ModelGuess *out)
{
    TRY(index_names(e, a, f));
    for (int k = 0; k < f->def->variants; k++) {
        Arena *scratch = arena_child(e, a);
        bool fits = false;

        if (!scratch)
            return e->code;
        Status s = try_variant(e, scratch, f, &f->def->variant[k], &fits);
        arena_free(scratch);
        if (s)
            return s;
        if (fits && out->n < (int)LEN(out->variant)) {
            out->def[out->n] = f->def;
            out->variant[out->n++] = &f->def->variant[k];
            out->labels = f->labels;
        }
    }
    return E_OK;
}

Status model_guess(Err *e, Arena *a, const Weights *w, ModelGuess *out)
{
    *out = (ModelGuess){0};
    for (int i = 0; i < model_def_count(); i++) {
        Arena *scratch = arena_child(e, a);
        Fit f = {.w = w, .def = model_def_at(i)};

        if (!scratch)
            return e->code;
        Status s = try_family(e, scratch, &f, out);
        arena_free(scratch);
        if (s)
            return s;
    }
    return E_OK;
}

/* SPDX-License-Identifier: MIT */
