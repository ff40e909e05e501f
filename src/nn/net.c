/* net.c - places in the name tree, parameters, and the hooks that methods answer. */
#include "nn/inside.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define PATH_LIMIT 400

Net nn_root(Graph *g, const Hook *hooks)
{
    return (Net){g, "", hooks};
}

/* "a" and "b" -> "a.b" in the graph's arena; NULL after the graph has failed. */
static const char *join(Graph *g, const char *path, const char *name)
{
    Err e = {0};
    const char *s;

    if (graph_failed(g))
        return NULL;
    if (!*path || !*name)
        s = arena_printf(&e, graph_arena(g), "%s%s", path, name);
    else
        s = arena_printf(&e, graph_arena(g), "%s.%s", path, name);
    if (!s)
        graph_fail(g, "%s", e.text);
    return s;
}

Net nn_at(Net n, const char *fmt, ...)
{
    char name[PATH_LIMIT];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(name, sizeof name, fmt, ap);
    va_end(ap);
    const char *path = join(n.g, n.path, name);
    return path ? (Net){n.g, path, n.hooks} : n;
}

static ParamRule rule_of(const Hook *hooks, const char *path, bool of_norm)
{
    ParamRule rule = {.of_norm = of_norm};

    for (const Hook *h = hooks; h; h = h->next)
        if (h->rules->on_param)
            h->rules->on_param(h->options, path, &rule);
    return rule;
}

static Node param(Net n, const char *name, Shape shape, Init init, bool of_norm)
{
    const char *path = join(n.g, n.path, name);

    if (!path)
        return NO_NODE;
    graph_path(n.g, path);
    return graph_param(n.g, path, shape, init, rule_of(n.hooks, path, of_norm).trainable);
}

Node nn_param(Net n, const char *name, Shape shape, Init init)
{
    return param(n, name, shape, init, false);
}

Node nn_norm_param(Net n, const char *name, Shape shape, Init init)
{
    return param(n, name, shape, init, true);
}

Node nn_statistic(Net n, const char *name, Shape shape, Init init, bool *fixed)
{
    const char *path = join(n.g, n.path, name);

    if (!path)
        return NO_NODE;
    *fixed |= rule_of(n.hooks, path, true).fixed_statistics;
    graph_path(n.g, path);
    return graph_param(n.g, path, shape, init, false);
}

Node nn_on_input(Net at, Node x)
{
    for (const Hook *h = at.hooks; h; h = h->next)
        if (h->rules->on_input)
            x = h->rules->on_input(h->options, at, x);
    return x;
}

Node nn_on_linear(Net at, Node x, Node w, Node b, Node wx)
{
    for (const Hook *h = at.hooks; h; h = h->next)
        if (h->rules->on_linear)
            wx = h->rules->on_linear(h->options, at, x, w, b, wx);
    return wx;
}

Node nn_on_conv(Net at, Node x, Node w, Conv2dAttr attr, Node y)
{
    for (const Hook *h = at.hooks; h; h = h->next)
        if (h->rules->on_conv)
            y = h->rules->on_conv(h->options, at, x, w, attr, y);
    return y;
}

void nn_on_attention(Net at, AttentionParts *p)
{
    for (const Hook *h = at.hooks; h; h = h->next)
        if (h->rules->on_attention)
            h->rules->on_attention(h->options, at, p);
}

int64_t nn_on_position(Net at)
{
    int64_t taken = 0;

    for (const Hook *h = at.hooks; h; h = h->next)
        if (h->rules->on_position)
            taken += h->rules->on_position(h->options);
    return taken;
}

Node nn_on_embed(Net at, Node x)
{
    for (const Hook *h = at.hooks; h; h = h->next)
        if (h->rules->on_embed)
            x = h->rules->on_embed(h->options, at, x);
    return x;
}

Node nn_on_sublayer(Net at, Node y, Join join)
{
    for (const Hook *h = at.hooks; h; h = h->next)
        if (h->rules->on_sublayer)
            y = h->rules->on_sublayer(h->options, at, y, &join);
    return y;
}

void nn_on_loss(Net root)
{
    for (const Hook *h = root.hooks; h; h = h->next)
        if (h->rules->on_loss)
            h->rules->on_loss(h->options, root);
}

Node nn_on_grad(const Hook *hooks, const char *name, Node w, Node grad)
{
    for (const Hook *h = hooks; h; h = h->next)
        if (h->rules->on_grad)
            grad = h->rules->on_grad(h->options, name, w, grad);
    return grad;
}

/* SPDX-License-Identifier: MIT */
