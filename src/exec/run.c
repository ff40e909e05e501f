/* run.c - executing a plan: the only thing that changes.  A step allocates nothing. */
#include "exec/inside.h"

#include <string.h>

struct Run {
    const Plan *plan;
    Params *params;
    uint8_t *block; /* inputs, state, values */
    void *scratch;
    OpCall *call;                /* [plan->ops] */
    Rows *rows;                  /* [spaces] */
    int32_t **offset, **visible; /* [spaces] own memory of derived spaces */
    bool *given;                 /* [spaces] run_rows was called */
    bool resized;                /* rows changed since the calls' shapes were set */
    int moves;                   /* of the parameters, when the calls' pointers were set */
};

static void *buffer_data(const Run *r, int b)
{
    const Buffer *buf = &r->plan->buffer[b];

    if (b == NO_BUFFER)
        return NULL;
    if (buf->kind != BUF_PARAM)
        return r->block + buf->offset;
    return params_find(r->params, graph_node(r->plan->graph, buf->node)->name)->data;
}

static void *value_data(const Run *r, Node n)
{
    int b = node_valid(n) ? r->plan->value[n.id * OP_OUT_MAX + n.out] : NO_BUFFER;

    return b == NO_BUFFER ? NULL : buffer_data(r, b);
}

static void bind_data(const Run *r, OpCall *c, int node)
{
    const Graph *g = r->plan->graph;
    const NodeInfo *n = graph_node(g, node);

    for (int i = 0; i < n->ins; i++)
        c->in[i].data = value_data(r, n->in[i]);
    for (int i = 0; i < n->outs; i++)
        c->out[i].data = value_data(r, (Node){(Graph *)g, node, i});
}

/* Another run, or a method that merges, may have given parameters memory of their own. */
static void follow_params(Run *r)
{
    for (int i = 0; r->moves != params_moves(r->params) && i < r->plan->ops; i++)
        bind_data(r, &r->call[i], r->plan->op[i].node);
    r->moves = params_moves(r->params);
}

static void bind_call(Run *r, OpCall *c, int node, Pool *pool, uint64_t seed)
{
    const NodeInfo *n = graph_node(r->plan->graph, node);

    plan_call(r->plan, node, c);
    bind_data(r, c, node);
    for (int i = 0; i < n->ins; i++) {
        Space s = node_space(n->in[i]);

        c->in_rows[i] = s == SPACE_NONE ? NULL : &r->rows[s];
    }
    for (int i = 0; i < n->outs; i++)
        c->out_rows[i] = n->desc[i].space == SPACE_NONE ? NULL : &r->rows[n->desc[i].space];
    c->seed[0] = (uint32_t)seed;
    c->seed[1] = (uint32_t)(seed >> 32);
    c->pool = pool;
    c->scratch = r->scratch;
}

static bool is_stored(const Graph *g, int id)
{
    Node state, value;

    for (int i = 0; i < graph_store_count(g); i++) {
        graph_store_at(g, i, &state, &value);
        if (state.id == id)
            return true;
    }
    return false;
}

static Status bind_params(Err *e, Run *r)
{
    const Graph *g = r->plan->graph;

    for (int i = 0; i < graph_param_count(g); i++) {
        int id = graph_param_at(g, i).id;
        const NodeInfo *n = graph_node(g, id);
        Param *p = params_find(r->params, n->name);

        if (!p)
            return fail(e, E_DATA, "parameter \"%s\" has not been loaded", n->name);
        if (!shape_equal(&p->shape, &n->desc[0].shape)) {
            fail(e, E_DATA, "parameter \"%s\" has the wrong shape", n->name);
            err_note(e, "expected", "%s", SHAPE_TEXT(&n->desc[0].shape));
            return err_note(e, "found", "%s", SHAPE_TEXT(&p->shape));
        }
        if (is_stored(g, id))
            TRY(params_own(e, r->params, p));
    }
    return E_OK;
}

static Status make_rows(Err *e, Arena *a, Run *r)
{
    const Graph *g = r->plan->graph;
    int n = graph_space_count(g);

    r->rows = NEWS(e, a, Rows, n);
    r->offset = NEWS(e, a, int32_t *, n);
    r->visible = NEWS(e, a, int32_t *, n);
    r->given = NEWS(e, a, bool, n);
    if (!r->rows || !r->offset || !r->visible || !r->given)
        return err_failed(e->code);
    for (Space s = 1; s < n; s++) {
        const SpaceInfo *info = graph_space_info(g, s);

        if (info->base == SPACE_NONE && info->each == 0)
            continue;
        int64_t groups = graph_space_info(g, info->groups)->capacity;
        r->offset[s] = NEWS(e, a, int32_t, groups + 1);
        r->visible[s] = NEWS(e, a, int32_t, groups + 1);
        if (!r->offset[s] || !r->visible[s])
            return err_failed(e->code);
    }
    return E_OK;
}

static void fill_states(Run *r)
{
    const Plan *p = r->plan;

    for (int i = 0; i < p->buffers; i++) {
        const Buffer *b = &p->buffer[i];
        float *x = (float *)(void *)(r->block + b->offset);

        if (b->kind == BUF_STATE && graph_node(p->graph, b->node)->init == INIT_ONE)
            for (size_t k = 0; k < b->size / sizeof *x; k++)
                x[k] = 1.0F;
    }
}

Status run_new(Err *e, Arena *a, const Plan *p, Params *params, Pool *pool, uint64_t seed,
               Run **out)
{
    Run *r = NEW(e, a, Run);
    void *block;

    if (!r)
        return err_failed(e->code);
    r->plan = p;
    r->params = params;
    r->resized = true;
    TRY(bind_params(e, r));
    TRY(make_rows(e, a, r));
    TRY(block_alloc(e, a, p->block_bytes + 64, "the values of a step", &block));
    r->block = block;
    if (p->scratch_bytes)
        TRY(block_alloc(e, a, p->scratch_bytes, "the scratch space of kernels", &r->scratch));
    fill_states(r);
    r->call = NEWS(e, a, OpCall, p->ops + 1);
    if (!r->call)
        return err_failed(e->code);
    if (pool_threads(pool) > p->options.threads)
        return fail(e, E_INTERNAL, "the plan is for %d threads, the pool has %d",
                    p->options.threads, pool_threads(pool));
    for (int i = 0; i < p->ops; i++)
        bind_call(r, &r->call[i], p->op[i].node, pool, seed);
    r->moves = params_moves(params);
    *out = r;
    return E_OK;
}

/* Offsets of the spaces derived from s: every sequence grows by `extra` rows in front. */
static void extend_rows(Run *r, Space s)
{
    const Graph *g = r->plan->graph;

    for (Space x = 1; x < graph_space_count(g); x++) {
        const SpaceInfo *info = graph_space_info(g, x);
        const Rows *base = &r->rows[s];

        if (info->base != s)
            continue;
        for (int64_t i = 0; i <= base->groups; i++)
            r->offset[x][i] = base->offset[i] + (int32_t)(i * info->extra);
        for (int64_t i = 0; base->visible && i < base->groups; i++)
            r->visible[x][i] = base->visible[i] + (int32_t)info->extra;
        r->given[x] = true;
        r->rows[x] = *base;
        r->rows[x].count = base->count + base->groups * info->extra;
        r->rows[x].offset = r->offset[x];
        r->rows[x].visible = base->visible ? r->visible[x] : NULL;
        extend_rows(r, x); /* as deep as prefixes are stacked */
    }
}

/* Offsets of the spaces that have so many rows for each row of s. */
static void group_rows(Run *r, Space s)
{
    const Graph *g = r->plan->graph;

    for (Space x = 1; x < graph_space_count(g); x++) {
        const SpaceInfo *info = graph_space_info(g, x);
        int64_t groups = r->rows[s].count;

        if (info->groups != s || info->each == 0)
            continue;
        for (int64_t i = 0; i <= groups; i++)
            r->offset[x][i] = (int32_t)(i * info->each);
        r->given[x] = true;
        r->rows[x] = (Rows){.count = groups * info->each,
                            .groups = groups,
                            .offset = r->offset[x],
                            .sample = r->rows[s].sample};
        extend_rows(r, x);
    }
}

Status run_rows(Err *e, Run *r, const char *space, const Rows *rows)
{
    const Graph *g = r->plan->graph;

    for (Space s = 1; s < graph_space_count(g); s++) {
        const SpaceInfo *info = graph_space_info(g, s);

        if (strcmp(info->name, space) != 0)
            continue;
        if (rows->count > info->capacity ||
            (info->groups && rows->groups > graph_space_info(g, info->groups)->capacity))
            return fail(e, E_INTERNAL, "%lld rows of \"%s\" in a plan made for %lld",
                        (long long)rows->count, space, (long long)info->capacity);
        r->rows[s] = *rows;
        r->given[s] = true;
        if (info->groups) {
            r->given[info->groups] = true;
            r->rows[info->groups].count = rows->groups;
            r->rows[info->groups].sample = rows->sample;
        }
        extend_rows(r, s);
        group_rows(r, info->groups ? info->groups : s);
        r->resized = true;
        return E_OK;
    }
    return E_OK; /* a space that nothing in this graph uses */
}

static int find_source(const Run *r, NodeKind kind, const char *name)
{
    const Plan *p = r->plan;

    for (int i = 0; i < p->buffers; i++) {
        const NodeInfo *n = graph_node(p->graph, p->buffer[i].node);

        if (p->buffer[i].kind != BUF_VALUE && n->kind == kind && strcmp(n->name, name) == 0)
            return i;
    }
    return NO_BUFFER;
}

void *run_input(Run *r, const char *name)
{
    int b = find_source(r, NODE_INPUT, name);

    return b == NO_BUFFER ? NULL : buffer_data(r, b);
}

Status run_scalar(Err *e, Run *r, const char *name, float value)
{
    float *x = run_input(r, name);

    if (!x)
        return fail(e, E_INTERNAL, "the plan has no input \"%s\"", name);
    *x = value;
    return E_OK;
}

static Tensor tensor_of(const Run *r, Node n)
{
    const Desc *d = node_desc(n);
    Tensor t = {d->dtype, d->shape, value_data(r, n)};

    if (d->space != SPACE_NONE)
        t.shape.dim[0] = r->rows[d->space].count;
    return t;
}

Tensor run_output(const Run *r, const char *name)
{
    const Graph *g = r->plan->graph;

    for (int i = 0; i < graph_output_count(g); i++) {
        const char *have;
        Node n = graph_output_at(g, i, &have);

        if (strcmp(have, name) == 0)
            return tensor_of(r, n);
    }
    return (Tensor){0};
}

Tensor run_gradient(const Run *r, const char *param)
{
    const Graph *g = r->plan->graph;

    for (int i = 0; i < graph_param_count(g); i++) {
        Node p = graph_param_at(g, i), grad = graph_gradient(g, p);

        if (strcmp(graph_node(g, p.id)->name, param) == 0)
            return node_valid(grad) ? tensor_of(r, grad) : (Tensor){0};
    }
    return (Tensor){0};
}

float *run_state(Run *r, const char *name, int64_t *n)
{
    int b = find_source(r, NODE_STATE, name);

    if (b == NO_BUFFER)
        return NULL;
    if (n)
        *n = shape_size(&graph_node(r->plan->graph, r->plan->buffer[b].node)->desc[0].shape);
    return buffer_data(r, b);
}

const char *run_state_name(const Run *r, int i)
{
    const Plan *p = r->plan;

    for (int b = 0; b < p->buffers; b++)
        if (p->buffer[b].kind == BUF_STATE && i-- == 0)
            return graph_node(p->graph, p->buffer[b].node)->name;
    return NULL;
}

int run_state_count(const Run *r)
{
    int n = 0;

    while (run_state_name(r, n))
        n++;
    return n;
}

void run_clock(Run *r, uint32_t step)
{
    for (int i = 0; i < r->plan->ops; i++)
        r->call[i].step = step;
}

static void resize(Run *r)
{
    for (int i = 0; i < r->plan->ops; i++) {
        OpCall *c = &r->call[i];

        for (int k = 0; k < c->ins; k++)
            if (c->in_rows[k])
                c->in[k].shape.dim[0] = c->in_rows[k]->count;
        for (int k = 0; k < c->outs; k++)
            if (c->out_rows[k])
                c->out[k].shape.dim[0] = c->out_rows[k]->count;
    }
    r->resized = false;
}

static void execute(Run *r, int begin, int end, Segment segment)
{
    const Plan *p = r->plan;

    if (r->resized)
        resize(r);
    follow_params(r);
    for (int i = begin; i < end; i++)
        p->op[i].fn(&r->call[i]);
    for (int i = 0; i < p->copies; i++)
        if (p->copy[i].segment == segment)
            memcpy(buffer_data(r, p->copy[i].to), buffer_data(r, p->copy[i].from),
                   p->copy[i].bytes);
}

Status run_step(Err *e, Run *r)
{
    const Graph *g = r->plan->graph;

    for (Space s = 1; s < graph_space_count(g); s++)
        if (!r->given[s])
            return fail(e, E_INTERNAL, "no rows of \"%s\" were given to the step",
                        graph_space_info(g, s)->name);
    execute(r, 0, r->plan->step_ops, SEG_STEP);
    return E_OK;
}

Status run_update(Err *e, Run *r)
{
    if (r->plan->ops == r->plan->step_ops && r->plan->copies == 0)
        return fail(e, E_INTERNAL, "the plan has no update segment");
    execute(r, r->plan->step_ops, r->plan->ops, SEG_UPDATE);
    return E_OK;
}

/* SPDX-License-Identifier: MIT */
