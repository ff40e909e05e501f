/* place.c - memory of a step: who lives when, who may take over whose place, and where each value lies
 * (largest first, at the lowest offset that is free for its whole life). */
#include "exec/inside.h"

#include <stdlib.h>

typedef struct Place {
    Plan *plan;
    const Graph *g;
    int *last; /* [nodes * OP_OUT_MAX] last position that reads the value, -1: nobody */
} Place;

static size_t round_up(size_t n)
{
    return (n + 63) & ~(size_t)63;
}

static int slot(Node n)
{
    return n.id * OP_OUT_MAX + n.out;
}

static void use(Place *l, Node n, int at)
{
    if (node_valid(n) && l->last[slot(n)] < at)
        l->last[slot(n)] = at;
}

/* The end of the segment that a store belongs to. */
static int store_end(const Place *l, Node value)
{
    const NodeInfo *n = graph_node(l->g, value.id);

    return n->segment == SEG_UPDATE ? l->plan->ops : l->plan->step_ops;
}

static void find_last_uses(Place *l)
{
    const Plan *p = l->plan;

    for (int at = 0; at < p->ops; at++) {
        const NodeInfo *n = graph_node(l->g, p->op[at].node);

        for (int i = 0; i < n->ins; i++)
            use(l, n->in[i], at);
    }
    for (int i = 0; i < graph_store_count(l->g); i++) {
        Node state, value;

        graph_store_at(l->g, i, &state, &value);
        use(l, value, store_end(l, value));
    }
    for (int i = 0; i < graph_output_count(l->g); i++)
        use(l, graph_output_at(l->g, i, NULL), PLAN_END);
    for (int i = 0; !graph_updates(l->g) && i < graph_param_count(l->g); i++)
        use(l, graph_gradient(l->g, graph_param_at(l->g, i)), PLAN_END);
    for (int i = 0; p->options.keep_all && i < graph_count(l->g) * OP_OUT_MAX; i++)
        l->last[i] = l->last[i] >= 0 ? PLAN_END : l->last[i];
}

static int buffer_new(Plan *p, BufferKind kind, Node n, int first, int last)
{
    Buffer *b = &p->buffer[p->buffers];
    const Desc *d = node_desc(n);

    *b = (Buffer){.kind = kind, .node = n.id, .first = first, .last = last};
    b->size = round_up((size_t)shape_size(&d->shape) * dtype_size(d->dtype));
    return p->buffers++;
}

static void place_sources(Place *l)
{
    static const BufferKind kind[] = {BUF_VALUE, BUF_INPUT, BUF_PARAM, BUF_STATE};
    Plan *p = l->plan;

    for (int id = 0; id < graph_count(l->g); id++) {
        const NodeInfo *n = graph_node(l->g, id);
        Node node = {(Graph *)l->g, id, 0};

        if (n->kind == NODE_INPUT && n->desc[0].space != SPACE_NONE && l->last[slot(node)] < 0)
            continue; /* rows that nothing reads */
        if (n->kind != NODE_OP)
            p->value[slot(node)] = buffer_new(p, kind[n->kind], node, 0, PLAN_END);
    }
}

/* The state that output `out` of the op at `at` may write directly: it is stored there, the kernel works in
 * place, and nobody reads the old value later. */
static int direct_store(Place *l, int at, int out)
{
    const NodeInfo *n = graph_node(l->g, l->plan->op[at].node);
    Node self = {(Graph *)l->g, l->plan->op[at].node, out};

    if (!n->op->inplace[out])
        return NO_BUFFER;
    Node in = n->in[n->op->inplace[out] - 1];
    for (int i = 0; i < graph_store_count(l->g); i++) {
        Node state, value;

        graph_store_at(l->g, i, &state, &value);
        if (node_same(value, self) && node_same(state, in) && l->last[slot(in)] == at)
            return l->plan->value[slot(in)];
    }
    return NO_BUFFER;
}

/* The dying input whose memory output `out` may take over. */
static int take_over(Place *l, int at, int out)
{
    const Plan *p = l->plan;
    const NodeInfo *n = graph_node(l->g, p->op[at].node);

    if (p->options.keep_all || !n->op->inplace[out])
        return NO_BUFFER;
    Node in = n->in[n->op->inplace[out] - 1];
    if (!node_valid(in))
        return NO_BUFFER;
    int b = p->value[slot(in)];
    const Desc *d = &n->desc[out];
    if (b == NO_BUFFER || p->buffer[b].kind != BUF_VALUE || p->buffer[b].last != at ||
        !shape_equal(&d->shape, &node_desc(in)->shape) || d->dtype != node_desc(in)->dtype)
        return NO_BUFFER;
    return b;
}

static void place_values(Place *l)
{
    Plan *p = l->plan;

    for (int at = 0; at < p->ops; at++) {
        int id = p->op[at].node;
        const NodeInfo *n = graph_node(l->g, id);

        for (int out = 0; out < n->outs; out++) {
            Node self = {(Graph *)l->g, id, out};
            int last = l->last[slot(self)];

            if (last < 0)
                continue;
            int b = direct_store(l, at, out);
            if (b == NO_BUFFER)
                b = take_over(l, at, out);
            if (b == NO_BUFFER)
                b = buffer_new(p, BUF_VALUE, self, at, last);
            if (p->buffer[b].kind == BUF_VALUE && p->buffer[b].last < last)
                p->buffer[b].last = last;
            p->value[slot(self)] = b;
        }
    }
}

static Status list_copies(Err *e, Place *l)
{
    Plan *p = l->plan;

    p->copy = NEWS(e, p->arena, StoreCopy, graph_store_count(l->g) + 1);
    if (!p->copy)
        return err_failed(e->code);
    for (int i = 0; i < graph_store_count(l->g); i++) {
        Node state, value;

        graph_store_at(l->g, i, &state, &value);
        int from = p->value[slot(value)], to = p->value[slot(state)];
        size_t bytes = (size_t)shape_size(&node_desc(state)->shape) * sizeof(float);
        if (from != to)
            p->copy[p->copies++] =
                (StoreCopy){from, to, bytes, graph_node(l->g, value.id)->segment};
    }
    return E_OK;
}

static int by_size(const void *a, const void *b)
{
    const Buffer *x = *(Buffer *const *)a, *y = *(Buffer *const *)b;

    if (x->size != y->size)
        return x->size > y->size ? -1 : 1;
    return x < y ? -1 : x > y;
}

static size_t put(Buffer *b, Buffer **placed, int n)
{
    size_t at = 0;
    int i, where = n;

    for (i = 0; i < n; i++) { /* placed is sorted by offset */
        const Buffer *o = placed[i];

        if (o->first > b->last || o->last < b->first)
            continue;
        if (o->offset >= at + b->size)
            break;
        if (o->offset + o->size > at)
            at = o->offset + o->size;
    }
    b->offset = at;
    while (where > 0 && placed[where - 1]->offset > at) {
        placed[where] = placed[where - 1];
        where--;
    }
    placed[where] = b;
    return at + b->size;
}

static Status lay_out(Err *e, Plan *p)
{
    Buffer **sorted = NEWS(e, p->arena, Buffer *, p->buffers + 1);
    Buffer **placed = NEWS(e, p->arena, Buffer *, p->buffers + 1);
    int n = 0;

    if (!sorted || !placed)
        return err_failed(e->code);
    for (int i = 0; i < p->buffers; i++) {
        Buffer *b = &p->buffer[i];

        if (b->kind == BUF_VALUE)
            sorted[n++] = b;
        else if (b->kind == BUF_INPUT)
            p->input_bytes += b->size;
        else if (b->kind == BUF_STATE)
            p->state_bytes += b->size;
    }
    qsort(sorted, (size_t)n, sizeof *sorted, by_size);
    for (int i = 0; i < n; i++) {
        size_t end = put(sorted[i], placed, i);

        p->value_bytes = end > p->value_bytes ? end : p->value_bytes;
    }
    size_t input = 0, state = p->input_bytes, value = p->input_bytes + p->state_bytes;
    for (int i = 0; i < p->buffers; i++) {
        Buffer *b = &p->buffer[i];
        size_t *at = b->kind == BUF_INPUT ? &input : &state;

        if (b->kind == BUF_VALUE)
            b->offset += value;
        else if (b->kind != BUF_PARAM) {
            b->offset = *at;
            *at += b->size;
        }
    }
    p->block_bytes = value + p->value_bytes;
    return E_OK;
}

Status plan_place(Err *e, Plan *p)
{
    int slots = graph_count(p->graph) * OP_OUT_MAX;
    Place l = {.plan = p, .g = p->graph, .last = NEWS(e, p->arena, int, slots + 1)};

    p->value = NEWS(e, p->arena, int, slots + 1);
    p->buffer = NEWS(e, p->arena, Buffer, slots + 1);
    if (!l.last || !p->value || !p->buffer)
        return err_failed(e->code);
    for (int i = 0; i < slots; i++) {
        l.last[i] = -1;
        p->value[i] = NO_BUFFER;
    }
    find_last_uses(&l);
    place_sources(&l);
    place_values(&l);
    TRY(list_copies(e, &l));
    return lay_out(e, p);
}

/* SPDX-License-Identifier: MIT */
