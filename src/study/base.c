/* base.c - the two networks of each seed that learn a half from random weights and give their first layers: each is kept
 * as a file of weights, so that a study that goes on need not train them again. */
#include "study/inside.h"

#include <string.h>

const char *study_base_file(Err *e, const Study *s, const Trial *trial)
{
    return arena_printf(e, s->a, "%s/bases/%s-%d-%s.safetensors", s->o.output,
                        halves_name(trial->halves), trial->seed, trial->net == NET_A ? "A" : "B");
}

static Status bare_graph(Err *e, Arena *a, const Study *s, const Half *half, Graph **out)
{
    ModelShape shape = {.pictures = 1, .height = s->o.size, .width = s->o.size};
    ModelOutputs unused;
    Model *m;

    TRY(study_model(e, a, s, half, &m));
    if (!(*out = graph_new(e, a, MODE_EVAL)))
        return err_failed(e->code);
    return model_build(e, m, *out, NULL, &shape, &unused);
}

static Status save(Err *e, Arena *a, const Study *s, const Half *half, Params *p, const char *path)
{
    const char *folder = study_path(e, s, "bases");
    NamedTensor *t;
    Graph *g;
    int n;

    TRY(bare_graph(e, a, s, half, &g));
    n = graph_param_count(g);
    t = NEWS(e, a, NamedTensor, n + 1);
    if (!folder || !t)
        return err_failed(e->code);
    for (int i = 0; i < n; i++) {
        const Param *x = params_find(p, graph_node(g, graph_param_at(g, i).id)->name);

        t[i] = (NamedTensor){x->name, {DT_F32, x->shape, x->data}};
    }
    TRY(dir_make(e, arena_sys(s->a), folder));
    return safetensors_write(e, a, path, t, n, NULL);
}

static Status load(Err *e, Arena *a, const Study *s, const Half *half, const char *path,
                   uint64_t *sum, Params **out)
{
    Weights *w;
    Graph *g;

    TRY(bare_graph(e, a, s, half, &g));
    TRY(weights_open(e, a, path, &w));
    if (!(*out = params_new(e, a)))
        return err_failed(e->code);
    for (int i = 0; i < graph_param_count(g); i++) {
        const NodeInfo *node = graph_node(g, graph_param_at(g, i).id);
        const Weight *have = weights_find(w, node->name);
        Param *p;

        if (!have || !shape_equal(&have->shape, &node->desc[0].shape))
            return fail(e, E_DATA, "%s has no \"%s\" that fits", path, node->name);
        TRY(params_add(e, *out, node->name, have->shape, &p));
        TRY(weights_read_f32(e, have, p->data));
    }
    *sum = study_hash(g, *out);
    return E_OK;
}

/* What cannot be read, or is not what its row says, is made again: the same numbers come out. */
static bool kept(Err *e, Arena *a, const Study *s, const Half *half, const Trial *trial,
                 const char *path, Params **out)
{
    uint64_t sum = 0;

    if (path_kind(arena_sys(s->a), path) != PATH_FILE) {
        event_say(&s->c->events, EVENT_WARN, "%s is gone: that network is trained again", path);
        return false;
    }
    if (load(e, a, s, half, path, &sum, out) == E_OK && sum == trial->weights)
        return true;
    event_say(&s->c->events, EVENT_WARN,
              "%s does not hold what networks.csv says: it is made again", path);
    *e = (Err){0};
    return false;
}

Status study_base(Err *e, Arena *a, Study *s, const Learn *how, Trial *trial, Params **out)
{
    const Half *half = how->half;
    const char *path = study_base_file(e, s, trial);
    Trial was = *trial;

    if (!path)
        return err_failed(e->code);
    if (was.done && kept(e, a, s, half, trial, path, out))
        return E_OK;
    TRY(study_learn(e, a, s, how, trial, out));
    if (was.done && was.weights != trial->weights) {
        fail(e, E_DATA, "a network came out with other numbers than its row has");
        err_note(e, "file", "%s/networks.csv", s->o.output);
        err_note(e, "network", "%s, %s halves, seed %d", net_name(trial->net),
                 halves_name(trial->halves), trial->seed);
        return err_note(e, "hint",
                        "the row was changed, or is of another version of engraft; "
                        "--overwrite begins the study anew");
    }
    return save(e, a, s, half, *out, path);
}

/* SPDX-License-Identifier: MIT */
