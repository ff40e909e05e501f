/* ref.c - a graph run node by node with its references, nothing shared, nothing in place. */
#include "ref/ref.h"

#include "test.h"

#include <string.h>

struct Ref {
    Graph *g;
    void **value; /* [nodes * OP_OUT_MAX] */
    int *order, ordered;
    Rows *rows; /* [spaces] */
    bool *given;
    uint64_t seed;
    uint32_t step;
};

static void *need(void *p, const Err *e)
{
    if (!p)
        check_ok_at(__FILE__, __LINE__, e->code, e);
    return p;
}

static size_t cell(const Desc *d)
{
    return d->dtype == DT_I32 ? sizeof(int32_t) : sizeof(real);
}

Ref *ref_new(Graph *g)
{
    Err err = {0};
    Arena *a = graph_arena(g);
    Ref *r = need(NEW(&err, a, Ref), &err);
    int n = graph_count(g);

    CHECK_OK(graph_finish(&err, g));
    *r = (Ref){.g = g};
    CHECK_OK(graph_order(&err, g, a, &r->order, &r->ordered));
    r->value = need(NEWS(&err, a, void *, n *OP_OUT_MAX + 1), &err);
    r->rows = need(NEWS(&err, a, Rows, graph_space_count(g)), &err);
    r->given = need(NEWS(&err, a, bool, graph_space_count(g)), &err);
    for (int id = 0; id < n; id++) {
        const NodeInfo *info = graph_node(g, id);

        for (int k = 0; k < info->outs; k++) {
            const Desc *d = &info->desc[k];
            int64_t count = shape_size(&d->shape);
            void *p = need(arena_array(&err, a, (size_t)count + 1, cell(d)), &err);

            for (int64_t i = 0; info->init == INIT_ONE && i < count; i++)
                ((real *)p)[i] = 1;
            r->value[id * OP_OUT_MAX + k] = p;
        }
    }
    return r;
}

static Rows extend(Ref *r, const Rows *base, int64_t extra)
{
    Err err = {0};
    Arena *a = graph_arena(r->g);
    int32_t *offset = need(NEWS(&err, a, int32_t, base->groups + 1), &err);
    int32_t *visible = need(NEWS(&err, a, int32_t, base->groups + 1), &err);
    Rows rows = *base;

    for (int64_t i = 0; i <= base->groups; i++)
        offset[i] = base->offset[i] + (int32_t)(i * extra);
    for (int64_t i = 0; base->visible && i < base->groups; i++)
        visible[i] = base->visible[i] + (int32_t)extra;
    rows.count = base->count + base->groups * extra;
    rows.offset = offset;
    rows.visible = base->visible ? visible : NULL;
    return rows;
}

static void group(Ref *r, Space s)
{
    Err err = {0};

    for (Space x = 1; x < graph_space_count(r->g); x++) {
        const SpaceInfo *info = graph_space_info(r->g, x);
        int64_t groups = r->rows[s].count;

        if (info->groups != s || info->each == 0)
            continue;
        int32_t *offset = need(NEWS(&err, graph_arena(r->g), int32_t, groups + 1), &err);
        for (int64_t i = 0; i <= groups; i++)
            offset[i] = (int32_t)(i * info->each);
        r->rows[x] = (Rows){.count = groups * info->each,
                            .groups = groups,
                            .offset = offset,
                            .sample = r->rows[s].sample};
        r->given[x] = true;
    }
}

void ref_rows(Ref *r, Space s, Rows rows)
{
    const SpaceInfo *info = graph_space_info(r->g, s);

    CHECK(s > SPACE_NONE && s < graph_space_count(r->g));
    CHECK(rows.count <= info->capacity);
    r->rows[s] = rows;
    r->given[s] = true;
    if (info->groups != SPACE_NONE) {
        CHECK(rows.groups <= graph_space_info(r->g, info->groups)->capacity);
        r->rows[info->groups] = (Rows){.count = rows.groups, .sample = rows.sample};
        r->given[info->groups] = true;
    }
    group(r, info->groups != SPACE_NONE ? info->groups : s);
    for (Space x = s + 1; x < graph_space_count(r->g); x++)
        if (graph_space_info(r->g, x)->base == s)
            ref_rows(r, x, extend(r, &rows, graph_space_info(r->g, x)->extra));
}

Space ref_space(const Ref *r, const char *name)
{
    for (Space s = 1; s < graph_space_count(r->g); s++)
        if (strcmp(graph_space_info(r->g, s)->name, name) == 0)
            return s;
    check_text_at(__FILE__, __LINE__, "row space", "(none)", name);
    return SPACE_NONE;
}

void ref_clock(Ref *r, uint64_t seed, uint32_t step)
{
    r->seed = seed;
    r->step = step;
}

Node ref_node(const Ref *r, const char *name)
{
    for (int i = 0; i < graph_output_count(r->g); i++) {
        const char *have;
        Node n = graph_output_at(r->g, i, &have);

        if (strcmp(have, name) == 0)
            return n;
    }
    for (int id = 0; id < graph_count(r->g); id++) {
        const NodeInfo *n = graph_node(r->g, id);

        if (n->kind != NODE_OP && strcmp(n->name, name) == 0)
            return (Node){r->g, id, 0};
    }
    check_text_at(__FILE__, __LINE__, "node", "(none)", name);
    return NO_NODE;
}

Tensor ref_value(const Ref *r, Node n)
{
    const Desc *d = node_desc(n);
    Tensor t = {d->dtype, d->shape, r->value[n.id * OP_OUT_MAX + n.out]};

    CHECK(node_valid(n));
    if (d->space != SPACE_NONE) {
        CHECK(r->given[d->space]);
        t.shape.dim[0] = r->rows[d->space].count;
    }
    return t;
}

int64_t ref_count(const Ref *r, Node n)
{
    Tensor t = ref_value(r, n);

    return shape_size(&t.shape);
}

real *ref_real(Ref *r, Node n)
{
    CHECK(node_valid(n) && node_desc(n)->dtype == DT_F32);
    return r->value[n.id * OP_OUT_MAX + n.out];
}

int32_t *ref_int(Ref *r, Node n)
{
    CHECK(node_valid(n) && node_desc(n)->dtype == DT_I32);
    return r->value[n.id * OP_OUT_MAX + n.out];
}

void ref_set(Ref *r, Node n, const float *x)
{
    real *to = ref_real(r, n);

    for (int64_t i = 0; i < ref_count(r, n); i++)
        to[i] = (real)x[i];
}

static const Rows *rows_of(const Ref *r, Node n)
{
    return node_space(n) == SPACE_NONE ? NULL : &r->rows[node_space(n)];
}

OpCall ref_call(const Ref *r, int id)
{
    const NodeInfo *n = graph_node(r->g, id);
    OpCall c = {.attr = n->attr,
                .ins = n->ins,
                .outs = n->outs,
                .seed = {(uint32_t)r->seed, (uint32_t)(r->seed >> 32)},
                .step = r->step};

    for (int i = 0; i < n->ins; i++) {
        if (!node_valid(n->in[i]))
            continue;
        c.in[i] = ref_value(r, n->in[i]);
        c.in_rows[i] = rows_of(r, n->in[i]);
    }
    for (int i = 0; i < n->outs; i++) {
        Node out = {r->g, id, i};

        c.out[i] = ref_value(r, out);
        c.out_rows[i] = rows_of(r, out);
    }
    return c;
}

void ref_run_node(Ref *r, int id)
{
    OpCall c = ref_call(r, id);

    CHECK(graph_node(r->g, id)->op->ref != NULL);
    graph_node(r->g, id)->op->ref(&c);
}

OpCall ref_call_f32(const Ref *r, int id, Arena *a)
{
    Err err = {0};
    OpCall c = ref_call(r, id);

    for (int i = 0; i < c.ins + c.outs; i++) {
        Tensor *t = i < c.ins ? &c.in[i] : &c.out[i - c.ins];
        int64_t n = shape_size(&t->shape);

        if (!t->data)
            continue;
        const real *from = t->data;
        float *to = need(arena_array(&err, a, (size_t)n + 1, sizeof *to), &err);
        if (t->dtype == DT_I32)
            memcpy(to, t->data, (size_t)n * sizeof(int32_t));
        else if (i < c.ins)
            for (int64_t k = 0; k < n; k++)
                to[k] = (float)from[k];
        t->data = to;
    }
    return c;
}

static void run_segment(Ref *r, Segment s)
{
    for (int i = 0; i < r->ordered; i++) {
        const NodeInfo *n = graph_node(r->g, r->order[i]);

        if (n->kind == NODE_OP && n->segment == s)
            ref_run_node(r, r->order[i]);
    }
    for (int i = 0; i < graph_store_count(r->g); i++) {
        Node state, value;

        graph_store_at(r->g, i, &state, &value);
        if (graph_node(r->g, value.id)->segment == s)
            memcpy(ref_real(r, state), ref_real(r, value),
                   (size_t)ref_count(r, value) * sizeof(real));
    }
}

void ref_run(Ref *r)
{
    run_segment(r, SEG_STEP);
}

void ref_update(Ref *r)
{
    run_segment(r, SEG_UPDATE);
}

/* SPDX-License-Identifier: MIT */
