/* load.c - tensors of a folder into parameters.  Nothing is left out silently: what the model wants is what it
 * asks for when built bare, and a name on either side without a partner is an error, unless it belongs to a
 * head that is replaced. */
#include "models/inside.h"

#include <stdio.h>
#include <string.h>

typedef struct Loading {
    Arena *a; /* for the time of loading */
    const Model *m;
    const Graph *g;
    Params *params;
    Map *file; /* plain name -> index in list */
    const Weight **weight;
    bool *used;
    int n;
    const char *fresh; /* first part of a new tensor's name */
    bool pooler_new;
    LoadReport *r;
} Loading;

static Status add_file(Err *e, Loading *l, const Weights *w, const char *from, const char *to)
{
    for (int i = 0; w && i < weights_count(w); i++) {
        const Weight *item = weights_at(w, i);
        const char *plain = model_plain_name(e, l->a, l->m->def, item->name);
        size_t k = strlen(from);
        int64_t other;

        if (plain && k && strncmp(plain, from, k) == 0)
            plain = arena_printf(e, l->a, "%s%s", to, plain + k);
        if (!plain)
            return e->code;
        if (map_get(l->file, plain, strlen(plain), &other)) {
            fail(e, E_DATA, "two tensors are \"%s\"", plain);
            err_note(e, "file", "%s", item->file);
            return err_note(e, "found", "\"%s\" and \"%s\"", l->weight[other]->name, item->name);
        }
        TRY(map_put(e, l->file, plain, strlen(plain), l->n));
        l->weight[l->n++] = item;
    }
    return E_OK;
}

static Status index_files(Err *e, Loading *l)
{
    const Model *m = l->m;
    int n = weights_count(m->weights) + (m->dense ? weights_count(m->dense) : 0);

    l->file = map_new(e, l->a, (size_t)n + 1);
    l->weight = NEWS(e, l->a, const Weight *, n + 1);
    l->used = NEWS(e, l->a, bool, n + 1);
    if (!l->file || !l->weight || !l->used)
        return e->code;
    TRY(add_file(e, l, m->weights, "", ""));
    return add_file(e, l, m->dense, "linear.", "classifier.");
}

static const Weight *find(Loading *l, const char *plain)
{
    int64_t i;

    if (!map_get(l->file, plain, strlen(plain), &i))
        return NULL;
    l->used[i] = true;
    return l->weight[i];
}

/* Other names under which a file may hold the tensor. */
static const Weight *find_tied(Loading *l, const char *plain)
{
    const char *const(*tie)[2] = l->m->def->ties;
    const Weight *w = find(l, plain);

    for (; !w && !l->m->untied && tie && (*tie)[0]; tie++)
        if (strcmp((*tie)[1], plain) == 0)
            w = find(l, (*tie)[0]);
    return w;
}

static Status wrong_shape(Err *e, const Loading *l, const Weight *w, const Shape *wanted)
{
    fail(e, E_DATA, "tensor \"%s\" has the wrong shape", w->name);
    err_note(e, "file", "%s", w->file);
    err_note(e, "expected", "%s   (by %s)", SHAPE_TEXT(wanted), l->m->config.path);
    err_note(e, "found", "%s", SHAPE_TEXT(&w->shape));
    return err_note(e, "hint", "The weights and config.json are of different models.");
}

static bool can_map(const Weight *w)
{
    return w->dtype == DT_F32 && w->data && (uintptr_t)w->data % sizeof(float) == 0;
}

static Status put(Err *e, Loading *l, const NodeInfo *node, const Weight *w)
{
    Param *p;

    if (!shape_equal(&w->shape, &node->desc[0].shape))
        return wrong_shape(e, l, w, &node->desc[0].shape);
    if (!graph_changes(l->g, node->name) && can_map(w))
        return params_map(e, l->params, node->name, w->shape, w->data);
    TRY(params_add(e, l->params, node->name, w->shape, &p));
    return weights_read_f32(e, w, p->data);
}

static Status missing(Err *e, const Loading *l, const char *name)
{
    fail(e, E_DATA, "tensor \"%s\" is missing", name);
    err_note(e, "folder", "%s", l->m->folder);
    return err_note(e, "expected", "every tensor of a %s with %d layers (%s)", l->m->def->name,
                    l->m->layers, l->m->config.path);
}

/* Heads that predict tokens share their tensors; of others only the folder's own head is taken. */
static bool may_load_head(const Model *m)
{
    return !m->new_head || m->head == HEAD_MASKED || m->head == HEAD_CAUSAL ||
           m->head == HEAD_PRETRAINING;
}

static Status load_one(Err *e, Loading *l, const NodeInfo *node)
{
    const ModelDef *def = l->m->def;
    const char *plain = model_plain_name(e, l->a, def, node->name);

    if (!plain)
        return e->code;
    bool head = model_name_is_head(def, plain);
    const Weight *w = head && !may_load_head(l->m) ? NULL : find_tied(l, plain);
    int *have = head ? &l->r->head : &l->r->backbone;

    ++*(head ? &l->r->head_of : &l->r->backbone_of);
    if (params_find(l->params, node->name)) {
        ++*have;
        return E_OK;
    }
    if (w) {
        ++*have;
        return put(e, l, node, w);
    }
    if (head && l->m->new_head) {
        l->r->head_new++;
        l->fresh = plain;
        return E_OK;
    }
    if (l->m->new_head && model_name_in(def->optional, plain)) {
        l->pooler_new = true;
        return E_OK;
    }
    return missing(e, l, node->name);
}

/* A tied tensor that the file has under both names must be equal. */
static Status check_tie(Err *e, Loading *l, const Weight *alias, const char *other)
{
    const Weight *w = find(l, other);
    int64_t n = shape_size(&alias->shape), at = 0;

    if (!w)
        return E_OK;
    float *x = NEWS(e, l->a, float, n + 1), *y = NEWS(e, l->a, float, n + 1);
    if (!x || !y)
        return e->code;
    if (!shape_equal(&w->shape, &alias->shape))
        return wrong_shape(e, l, alias, &w->shape);
    TRY(weights_read_f32(e, alias, x));
    TRY(weights_read_f32(e, w, y));
    if (tensor_difference(x, y, n, &at) == 0)
        return E_OK;
    fail(e, E_DATA, "tensor \"%s\" differs from \"%s\", to which it is tied", alias->name, w->name);
    err_note(e, "file", "%s", alias->file);
    return err_note(e, "found", "%g and %g at %lld", (double)x[at], (double)y[at], (long long)at);
}

static Status check_unused(Err *e, Loading *l, const Weight *w, const char *plain)
{
    const ModelDef *def = l->m->def;

    for (int i = 0; !l->m->untied && def->ties && def->ties[i][0]; i++)
        if (strcmp(def->ties[i][0], plain) == 0)
            return check_tie(e, l, w, def->ties[i][1]);
    if (model_name_is_head(def, plain) || model_name_in(def->optional, plain) ||
        model_name_is_ignored(def, plain)) {
        l->r->unused++;
        return E_OK;
    }
    fail(e, E_DATA, "tensor \"%s\" is unexpected", w->name);
    err_note(e, "file", "%s", w->file);
    return err_note(e, "expected", "the tensors of a %s with %d layers (%s)", def->name,
                    l->m->layers, l->m->config.path);
}

static Status check_rest(Err *e, Loading *l)
{
    for (int i = 0; i < l->n; i++) {
        const Weight *w = l->weight[i];
        const char *plain = model_plain_name(e, l->a, l->m->def, w->name);

        if (!plain)
            return e->code;
        if (!l->used[i])
            TRY(check_unused(e, l, w, plain));
    }
    return E_OK;
}

static Status report_text(Err *e, Arena *a, const Loading *l)
{
    LoadReport *r = l->r;
    char head[200] = "";
    int part = l->fresh ? (int)strcspn(l->fresh, ".") : 0;
    bool labels = model_has_labels(l->m->head);

    if (l->m->problem == PROBLEM_REGRESSION && labels && r->head_new)
        snprintf(head, sizeof head, "; %.*s new: %d %s", part, l->fresh, l->m->labels,
                 l->m->labels == 1 ? "number" : "numbers");
    else if (r->head_new && labels)
        snprintf(head, sizeof head, "; %.*s new: %d classes", part, l->fresh, l->m->labels);
    else if (r->head_new)
        snprintf(head, sizeof head, "; %.*s new: %d of %d tensors", part, l->fresh, r->head_new,
                 r->head_of);
    else if (r->head_of)
        snprintf(head, sizeof head, "; head %d of %d tensors", r->head, r->head_of);
    r->text = arena_printf(e, a, "backbone %d of %d tensors%s%s", r->backbone, r->backbone_of,
                           l->pooler_new ? "; pooler new" : "", head);
    return r->text ? E_OK : e->code;
}

Status model_bare_graph(Err *e, Arena *a, const Model *m, Graph **out)
{
    ModelShape least = {
        .sequences = 1, .tokens = 1, .pictures = 1, .height = m->pre.size, .width = m->pre.size};
    ModelOutputs unused;

    *out = graph_new(e, a, MODE_EVAL);
    if (!*out)
        return e->code;
    return model_build(e, m, *out, NULL, &least, &unused);
}

static const NodeInfo *node_of(const Graph *g, const char *name)
{
    for (int i = 0; i < graph_param_count(g); i++) {
        const NodeInfo *n = graph_node(g, graph_param_at(g, i).id);

        if (strcmp(n->name, name) == 0)
            return n;
    }
    return NULL;
}

static Status load_all(Err *e, Arena *a, Loading *l)
{
    Graph *bare;

    TRY(model_bare_graph(e, l->a, l->m, &bare));
    TRY(index_files(e, l));
    for (int i = 0; i < graph_param_count(bare); i++) {
        const NodeInfo *wanted = graph_node(bare, graph_param_at(bare, i).id);
        const NodeInfo *node = node_of(l->g, wanted->name);

        TRY(load_one(e, l, node ? node : wanted));
    }
    TRY(check_rest(e, l));
    return report_text(e, a, l);
}

Status model_load(Err *e, Arena *a, const Model *m, const Graph *g, Params *params,
                  LoadReport *report)
{
    Loading l = {.m = m, .g = g, .params = params, .r = report};

    *report = (LoadReport){.text = "nothing: all weights are new"};
    if (!m->weights)
        return E_OK;
    l.a = arena_child(e, a);
    if (!l.a)
        return e->code;
    Status s = load_all(e, a, &l);
    weights_forget(m->weights); /* what was copied is here twice */
    arena_free(l.a);
    return s;
}

/* What saving writes: names in the order of building. */
Status model_tensors(Err *e, Arena *a, const Model *m, Params *params, NamedTensor **out, int *n)
{
    Graph *bare;

    TRY(model_bare_graph(e, a, m, &bare));
    *n = graph_param_count(bare);
    *out = NEWS(e, a, NamedTensor, *n + 1);
    if (!*out)
        return e->code;
    for (int i = 0; i < *n; i++) {
        const NodeInfo *node = graph_node(bare, graph_param_at(bare, i).id);
        const Param *p = params_find(params, node->name);

        if (!p)
            return fail(e, E_INTERNAL, "tensor \"%s\" has no value to save", node->name);
        (*out)[i] = (NamedTensor){node->name, {DT_F32, p->shape, p->data}};
    }
    return E_OK;
}

/* SPDX-License-Identifier: MIT */
