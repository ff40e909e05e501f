/* params.c - parameters by name: mapped where a file holds them, owned where they are trained. */
#include "exec/exec.h"

#include <string.h>

struct Params {
    Arena *arena;
    Map *by_name;
    Param **item;
    size_t cap;
    int n;
    int moves;
};

Params *params_new(Err *e, Arena *a)
{
    Params *p = NEW(e, a, Params);

    if (!p)
        return NULL;
    p->arena = a;
    p->by_name = map_new(e, a, 256);
    return p->by_name ? p : NULL;
}

int params_count(const Params *p)
{
    return p->n;
}

int params_moves(const Params *p)
{
    return p->moves;
}

Param *params_at(Params *p, int i)
{
    return p->item[i];
}

Param *params_find(Params *p, const char *name)
{
    int64_t i;

    return map_get(p->by_name, name, strlen(name), &i) ? p->item[i] : NULL;
}

static Status insert(Err *e, Params *p, const char *name, Shape shape, Param **out)
{
    if (params_find(p, name))
        return fail(e, E_INTERNAL, "parameter \"%s\" is loaded twice", name);
    TRY(GROW(e, p->arena, p->item, p->cap, p->n + 1));
    Param *item = NEW(e, p->arena, Param);
    if (!item)
        return err_failed(e->code);
    item->name = arena_printf(e, p->arena, "%s", name);
    item->shape = shape;
    if (!item->name)
        return err_failed(e->code);
    TRY(map_put(e, p->by_name, item->name, strlen(item->name), p->n));
    p->item[p->n++] = item;
    *out = item;
    return E_OK;
}

static Status own_memory(Err *e, Params *p, Param *item)
{
    void *block;
    size_t bytes = (size_t)shape_size(&item->shape) * sizeof(float);

    TRY(block_alloc(e, p->arena, bytes ? bytes : sizeof(float), item->name, &block));
    item->data = block;
    item->owned = true;
    return E_OK;
}

Status params_add(Err *e, Params *p, const char *name, Shape shape, Param **out)
{
    Param *item;

    TRY(insert(e, p, name, shape, &item));
    if (out)
        *out = item;
    return own_memory(e, p, item);
}

Status params_map(Err *e, Params *p, const char *name, Shape shape, const float *data)
{
    Param *item;

    TRY(insert(e, p, name, shape, &item));
    item->data = (float *)(uintptr_t)data; /* never written: owned is false */
    return E_OK;
}

Status params_own(Err *e, Params *p, Param *item)
{
    const float *from = item->data;

    if (item->owned)
        return E_OK;
    TRY(own_memory(e, p, item));
    p->moves++;
    memcpy(item->data, from, (size_t)shape_size(&item->shape) * sizeof(float));
    return E_OK;
}

/* sqrt by Newton's iteration from above: the same bits on every machine. */
static double square_root(double x)
{
    double r = x > 1 ? x : 1;

    for (int i = 0; i < 64; i++)
        r = 0.5 * (r + x / r);
    return r;
}

static void fill(float *x, const Shape *shape, Init init, uint64_t seed, uint64_t purpose)
{
    int64_t n = shape_size(shape);
    int64_t fan_in = shape->rank > 1 ? n / (shape->dim[0] ? shape->dim[0] : 1) : n;
    double bound = 1.0 / square_root((double)(fan_in ? fan_in : 1));

    for (int64_t i = 0; i < n; i++) {
        if (init == INIT_NORMAL_002)
            x[i] = (float)(0.02 * random_normal(seed, purpose, (uint64_t)i));
        else if (init == INIT_KAIMING)
            x[i] = (float)(bound * (2.0 * random_uniform(seed, purpose, (uint64_t)i) - 1.0));
        else
            x[i] = init == INIT_ONE ? 1.0F : 0.0F;
    }
}

Status params_init_missing(Err *e, Params *p, const Graph *g, uint64_t seed, int *made)
{
    int n = 0;

    for (int i = 0; i < graph_param_count(g); i++) {
        const NodeInfo *node = graph_node(g, graph_param_at(g, i).id);
        Param *item;

        if (params_find(p, node->name))
            continue;
        TRY(params_add(e, p, node->name, node->desc[0].shape, &item));
        fill(item->data, &item->shape, node->init, seed, random_purpose(node->name));
        n++;
    }
    if (made)
        *made = n;
    return E_OK;
}

/* SPDX-License-Identifier: MIT */
