/* read.c - reading a graph: nodes, spaces, outputs, the order of execution, printing. */
#include "graph/inside.h"

#include <stdio.h>
#include <string.h>

Space graph_space(Graph *g, const char *name, int64_t capacity, Space groups)
{
    if (g->failed)
        return SPACE_NONE;
    char *copy = arena_printf(&g->err, g->arena, "%s", name);
    if (!copy || GROW(&g->err, g->arena, g->space, g->space_cap, g->spaces + 1)) {
        g->failed = true;
        return SPACE_NONE;
    }
    g->space[g->spaces] = (SpaceInfo){.name = copy, .capacity = capacity, .groups = groups};
    return g->spaces++;
}

Space graph_space_each(Graph *g, const char *name, Space groups, int64_t each)
{
    if (g->failed)
        return SPACE_NONE;
    for (Space s = 1; s < g->spaces; s++)
        if (g->space[s].groups == groups && g->space[s].each == each)
            return s;
    if (groups == SPACE_NONE || each < 1) {
        graph_fail(g, "%lld rows for each of \"%s\" cannot be", (long long)each,
                   g->space[groups].name);
        return SPACE_NONE;
    }
    Space s = graph_space(g, name, each * g->space[groups].capacity, groups);
    if (s != SPACE_NONE)
        g->space[s].each = each;
    return s;
}

int64_t graph_space_even(const Graph *g, Space s)
{
    int64_t extra = 0;

    while (g->space[s].base != SPACE_NONE) {
        extra += g->space[s].extra;
        s = g->space[s].base;
    }
    return g->space[s].each ? g->space[s].each + extra : 0;
}

Space graph_space_extended(Graph *g, Space base, int64_t extra)
{
    char name[100];

    if (g->failed)
        return SPACE_NONE;
    for (Space s = 1; s < g->spaces; s++)
        if (g->space[s].base == base && g->space[s].extra == extra)
            return s;
    const SpaceInfo *b = &g->space[base];
    if (b->groups == SPACE_NONE) {
        graph_fail(g, "rows of \"%s\" are not grouped in sequences, nothing can be put in front",
                   b->name);
        return SPACE_NONE;
    }
    int64_t capacity = b->capacity + extra * g->space[b->groups].capacity;
    snprintf(name, sizeof name, "%.60s+%lld", b->name, (long long)extra);
    Space s = graph_space(g, name, capacity, b->groups);
    if (s != SPACE_NONE) {
        g->space[s].base = base;
        g->space[s].extra = extra;
    }
    return s;
}

const SpaceInfo *graph_space_info(const Graph *g, Space s)
{
    return &g->space[s];
}

int graph_space_count(const Graph *g)
{
    return g->spaces;
}

int graph_count(const Graph *g)
{
    return g->nodes;
}

const NodeInfo *graph_node(const Graph *g, int id)
{
    return &g->node[id];
}

NodeInfo *graph_node_edit(Graph *g, int id)
{
    return &g->node[id];
}

const Desc *node_desc(Node n)
{
    static const Desc none = {.dtype = DT_F32};

    return node_valid(n) ? &n.g->node[n.id].desc[n.out] : &none;
}

int64_t node_dim(Node n, int i)
{
    const Shape *s = &node_desc(n)->shape;
    int at = i < 0 ? s->rank + i : i;

    return node_valid(n) && at >= 0 && at < s->rank ? s->dim[at] : 1;
}

Space node_space(Node n)
{
    return node_desc(n)->space;
}

int graph_param_count(const Graph *g)
{
    return g->params;
}

Node graph_param_at(const Graph *g, int i)
{
    return (Node){(Graph *)g, g->param[i], 0};
}

int graph_output_count(const Graph *g)
{
    return g->outputs;
}

Node graph_output_at(const Graph *g, int i, const char **name)
{
    if (name)
        *name = g->output[i].name;
    return g->output[i].node;
}

int graph_store_count(const Graph *g)
{
    return g->stores;
}

void graph_store_at(const Graph *g, int i, Node *state, Node *value)
{
    *state = g->store[i].state;
    *value = g->store[i].value;
}

int graph_loss_count(const Graph *g)
{
    return g->losses;
}

void graph_loss_at(const Graph *g, int i, Node *sum, Node *scale)
{
    *sum = g->loss[i].node;
    *scale = g->loss[i].scale;
}

static void redirect(Named *list, int n, Node from, Node to)
{
    for (int i = 0; i < n; i++)
        if (node_same(list[i].node, from))
            list[i].node = to;
}

void graph_redirect(Graph *g, Node from, Node to)
{
    redirect(g->output, g->outputs, from, to);
    redirect(g->loss, g->losses, from, to);
}

static int param_index(const Graph *g, Node param)
{
    for (int i = 0; i < g->params; i++)
        if (g->param[i] == param.id)
            return i;
    return -1;
}

Node graph_gradient(const Graph *g, Node param)
{
    int i = param_index(g, param);

    return i < 0 ? NO_NODE : g->gradient[i];
}

void graph_set_gradient(Graph *g, Node param, Node gradient)
{
    int i = param_index(g, param);

    if (i >= 0)
        g->gradient[i] = gradient;
}

bool graph_changes(const Graph *g, const char *param)
{
    for (int i = 0; i < g->params; i++) {
        const NodeInfo *n = &g->node[g->param[i]];

        if (strcmp(n->name, param) != 0)
            continue;
        for (int k = 0; !n->trainable && k < g->stores; k++)
            if (g->store[k].state.id == g->param[i])
                return true;
        return n->trainable;
    }
    return false;
}

bool graph_updates(const Graph *g)
{
    for (int i = 0; i < g->stores; i++)
        if (g->node[g->store[i].value.id].segment == SEG_UPDATE)
            return true;
    return false;
}

/* Inputs always have smaller numbers than the nodes that read them (passes keep this), so the order is
 * the order of making, less what nothing needs. */
Status graph_order(Err *e, const Graph *g, Arena *a, int **ids, int *n)
{
    bool *need = NEWS(e, a, bool, g->nodes + 1);
    int *order = NEWS(e, a, int, g->nodes + 1);

    if (!need || !order)
        return err_failed(e->code);
    for (int i = 0; i < g->outputs; i++)
        need[g->output[i].node.id] = true;
    for (int i = 0; i < g->stores; i++)
        need[g->store[i].value.id] = need[g->store[i].state.id] = true;
    for (int i = 0; i < g->losses; i++)
        need[g->loss[i].node.id] = true;
    for (int i = 0; i < g->params && !graph_updates(g); i++)
        if (node_valid(g->gradient[i]))
            need[g->gradient[i].id] = true;
    for (int id = g->nodes - 1; id >= 0; id--)
        for (int i = 0; need[id] && i < g->node[id].ins; i++)
            if (node_valid(g->node[id].in[i]))
                need[g->node[id].in[i].id] = true;
    *n = 0;
    for (int id = 0; id < g->nodes; id++)
        if (need[id])
            order[(*n)++] = id;
    *ids = order;
    return E_OK;
}

void graph_print(const Graph *g, void (*line)(void *arg, const char *text), void *arg)
{
    static const char *const kind[] = {"", "input", "param", "state"};
    char text[600];

    for (int id = 0; id < g->nodes; id++) {
        const NodeInfo *n = &g->node[id];
        int at = snprintf(text, sizeof text, "%5d %-16s %-18s", id,
                          n->kind == NODE_OP ? n->op->name : kind[n->kind],
                          SHAPE_TEXT(&n->desc[0].shape));

        for (int i = 0; i < n->ins && at < 400; i++)
            at += snprintf(text + at, sizeof text - (size_t)at, " %d", n->in[i].id);
        snprintf(text + at, sizeof text - (size_t)at, "  %s", n->name ? n->name : "");
        line(arg, text);
    }
}

/* SPDX-License-Identifier: MIT */
