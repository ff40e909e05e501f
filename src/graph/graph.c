/* graph.c - building: nodes, parameters, state, effects and the sticky error. */
#include "graph/inside.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

Graph *graph_new(Err *e, Arena *a, Mode mode)
{
    Graph *g = NEW(e, a, Graph);

    if (!g)
        return NULL;
    g->arena = a;
    g->mode = mode;
    g->segment = SEG_STEP;
    g->path = "";
    g->source = map_new(e, a, 256);
    if (!g->source || GROW(e, a, g->space, g->space_cap, 8))
        return NULL;
    g->space[0] = (SpaceInfo){.name = "", .capacity = 0};
    g->spaces = 1;
    return g;
}

Mode graph_mode(const Graph *g)
{
    return g->mode;
}

Arena *graph_arena(Graph *g)
{
    return g->arena;
}

bool graph_failed(const Graph *g)
{
    return g->failed;
}

Status graph_fail(Graph *g, const char *fmt, ...)
{
    char text[1000];
    va_list ap;

    if (g->failed)
        return g->err.code;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    g->failed = true;
    fail(&g->err, E_DATA, "%s", text);
    if (g->path[0])
        err_note(&g->err, "at", "%s", g->path);
    return g->err.code;
}

Status graph_finish(Err *e, Graph *g)
{
    if (g->failed)
        *e = g->err;
    return g->failed ? g->err.code : E_OK;
}

void graph_segment(Graph *g, Segment s)
{
    g->segment = s;
}

void graph_path(Graph *g, const char *path)
{
    g->path = path;
}

int graph_grow(Graph *g, NodeKind kind, const char *name)
{
    NodeInfo *n;

    if (g->failed)
        return -1;
    if (GROW(&g->err, g->arena, g->node, g->node_cap, g->nodes + 1)) {
        g->failed = true;
        return -1;
    }
    n = &g->node[g->nodes];
    *n = (NodeInfo){.kind = kind, .name = name, .segment = g->segment};
    for (int i = 0; i < OP_IN_MAX; i++)
        n->in[i] = NO_NODE;
    return g->nodes++;
}

/* The node of this kind and name when it exists already and has the same desc. */
static bool source_known(Graph *g, char kind, const char *name, const Desc *d, Node *out)
{
    char key[600];
    int len = snprintf(key, sizeof key, "%c%s", kind, name);
    int64_t id;

    *out = NO_NODE;
    if (g->failed)
        return true;
    if (len < 0 || (size_t)len >= sizeof key) {
        graph_fail(g, "a name has more than 600 bytes: \"%.60s...\"", name);
        return true;
    }
    if (!map_get(g->source, key, (size_t)len, &id))
        return false;
    const Desc *have = &g->node[id].desc[0];
    if (!shape_equal(&have->shape, &d->shape) || have->dtype != d->dtype || have->space != d->space)
        graph_fail(g, "\"%s\" is asked for as %s, but it is %s already", name,
                   SHAPE_TEXT(&d->shape), SHAPE_TEXT(&have->shape));
    else
        *out = (Node){g, (int32_t)id, 0};
    return true;
}

static Node source_new(Graph *g, NodeKind kind, char letter, const char *name, Desc d)
{
    char *key = arena_printf(&g->err, g->arena, "%c%s", letter, name);
    int id = key ? graph_grow(g, kind, key + 1) : -1;

    if (!key)
        g->failed = true;
    if (id < 0)
        return NO_NODE;
    g->node[id].outs = 1;
    g->node[id].desc[0] = d;
    g->node[id].segment = SEG_STEP;
    if (map_put(&g->err, g->source, key, strlen(key), id)) {
        g->failed = true;
        return NO_NODE;
    }
    return (Node){g, id, 0};
}

Node graph_input(Graph *g, const char *name, DType dtype, Shape shape, Space space)
{
    Desc d = {dtype, shape, space};
    Node n;

    if (source_known(g, 'i', name, &d, &n))
        return n;
    if (dtype != DT_F32 && dtype != DT_I32) {
        graph_fail(g, "input \"%s\" is %s; only F32 and I32 are computed with", name,
                   dtype_name(dtype));
        return NO_NODE;
    }
    return source_new(g, NODE_INPUT, 'i', name, d);
}

Node graph_param(Graph *g, const char *name, Shape shape, Init init, bool trainable)
{
    Desc d = {DT_F32, shape, SPACE_NONE};
    Node n;

    if (source_known(g, 'p', name, &d, &n))
        return n;
    n = source_new(g, NODE_PARAM, 'p', name, d);
    if (!node_valid(n))
        return n;
    if (GROW(&g->err, g->arena, g->param, g->param_cap, g->params + 1) ||
        GROW(&g->err, g->arena, g->gradient, g->gradient_cap, g->params + 1)) {
        g->failed = true;
        return NO_NODE;
    }
    g->node[n.id].init = init;
    g->node[n.id].trainable = trainable;
    g->param[g->params] = n.id;
    g->gradient[g->params++] = NO_NODE;
    return n;
}

Node graph_state(Graph *g, const char *name, Shape shape, Init init)
{
    Desc d = {DT_F32, shape, SPACE_NONE};
    Node n;

    if (source_known(g, 's', name, &d, &n))
        return n;
    n = source_new(g, NODE_STATE, 's', name, d);
    if (node_valid(n))
        g->node[n.id].init = init;
    return n;
}

void graph_store(Graph *g, Node state, Node value)
{
    if (g->failed || !node_valid(state) || !node_valid(value))
        return;
    const NodeInfo *s = &g->node[state.id];

    if (s->kind != NODE_STATE && s->kind != NODE_PARAM) {
        graph_fail(g, "only state and parameters can be stored to");
        return;
    }
    if (shape_size(&node_desc(value)->shape) != shape_size(&s->desc[0].shape)) {
        graph_fail(g, "state \"%s\" is %s, the value stored is %s", s->name,
                   SHAPE_TEXT(&s->desc[0].shape), SHAPE_TEXT(&node_desc(value)->shape));
        return;
    }
    for (int i = 0; i < g->stores; i++)
        if (g->store[i].state.id == state.id) {
            graph_fail(g, "\"%s\" is stored to twice in a step", s->name);
            return;
        }
    if (GROW(&g->err, g->arena, g->store, g->store_cap, g->stores + 1))
        g->failed = true;
    else
        g->store[g->stores++] = (Store){state, value};
}

static void name_add(Graph *g, Named **list, size_t *cap, int *n, Named item)
{
    item.name = arena_printf(&g->err, g->arena, "%s", item.name);
    if (!item.name ||
        arena_grow(&g->err, g->arena, (void **)list, cap, (size_t)*n + 1, sizeof item))
        g->failed = true;
    else
        (*list)[(*n)++] = item;
}

void graph_output(Graph *g, const char *name, Node n)
{
    if (!g->failed && node_valid(n))
        name_add(g, &g->output, &g->output_cap, &g->outputs, (Named){name, n, NO_NODE});
}

void graph_only(Graph *g, const char *name, Node n)
{
    g->outputs = g->losses = g->stores = 0;
    for (int i = 0; i < g->params; i++)
        g->gradient[i] = NO_NODE;
    graph_output(g, name, n);
}

void graph_loss(Graph *g, const char *name, Node sum)
{
    char input[200];

    if (g->failed || !node_valid(sum))
        return;
    if (node_desc(sum)->shape.rank != 0) {
        graph_fail(g, "loss \"%s\" is %s; a loss is one number", name,
                   SHAPE_TEXT(&node_desc(sum)->shape));
        return;
    }
    snprintf(input, sizeof input, "loss.%s.scale", name);
    Node scale = graph_input(g, input, DT_F32, SHAPE0, SPACE_NONE);
    name_add(g, &g->loss, &g->loss_cap, &g->losses, (Named){name, sum, scale});
    snprintf(input, sizeof input, "loss.%s", name);
    graph_output(g, input, sum);
}

static bool inputs_ready(Graph *g, const OpDef *op, const Node *in, int ins)
{
    if (g->failed)
        return false;
    if (ins > op->inputs || ins < op->inputs - op->optional)
        return graph_fail(g, "%s takes %d inputs, got %d", op->name, op->inputs, ins) == E_OK;
    for (int i = 0; i < ins; i++)
        if (!node_valid(in[i]) && i < op->inputs - op->optional)
            return graph_fail(g, "input %d of %s is missing", i, op->name) == E_OK;
    return true;
}

/* Two different row spaces of the same capacity must never meet unnoticed: shape rules compare spaces. */
Node graph_add(Graph *g, const OpDef *op, const Node *in, int ins, const void *attr)
{
    ShapeCall c = {.g = g, .ins = ins, .outs = op->outputs};
    void *copy = NULL;

    if (!inputs_ready(g, op, in, ins))
        return NO_NODE;
    if (op->attr_size) {
        copy = arena_alloc(&g->err, g->arena, op->attr_size);
        if (!copy) {
            g->failed = true;
            return NO_NODE;
        }
        memcpy(copy, attr, op->attr_size);
    }
    c.attr = copy;
    for (int i = 0; i < ins; i++) {
        c.node_in[i] = in[i];
        c.in[i] = node_valid(in[i]) ? *node_desc(in[i]) : (Desc){.dtype = DT_COUNT};
    }
    if (!op->shape(&c)) {
        graph_fail(g, "%s cannot take these shapes", op->name);
        return NO_NODE;
    }
    int id = graph_grow(g, NODE_OP, g->path);
    if (id < 0)
        return NO_NODE;
    NodeInfo *n = &g->node[id];
    n->op = op;
    n->attr = copy;
    n->ins = ins;
    n->outs = c.outs;
    memcpy(n->in, in, (size_t)ins * sizeof *in);
    memcpy(n->desc, c.out, sizeof n->desc);
    return (Node){g, id, 0};
}

Node node_out(Node n, int out)
{
    if (!node_valid(n) || out >= n.g->node[n.id].outs)
        return NO_NODE;
    return (Node){n.g, n.id, out};
}

/* SPDX-License-Identifier: MIT */
