/* prefix.c - Li and Liang 2021, arXiv:2101.00190: learned keys and values in front of those of every text, in each
 * layer.  One tensor [tokens, layers * 2 * D], of each layer the keys and then the values, as PEFT saves it (also
 * where a projection made it).  The texts' positions begin after them, as a cache's would. */
#include "adapt/front.h"

#include <stdio.h>

static void prefix_on_attention(const void *options, Net at, AttentionParts *p)
{
    const FrontOptions *o = options;
    Net root = {at.g, "", at.hooks};
    int64_t layers = o->of.layers, dim = node_dim(p->k, -1);
    char name[500];

    if (graph_failed(at.g))
        return;
    snprintf(name, sizeof name, "%s.key", at.path);
    int layer = o->of.depth ? o->of.depth(o->of.model, name) - 1 : -1;
    if (layer < 0 || layer >= layers || node_dim(p->v, -1) != dim) {
        graph_fail(at.g, "a prefix has no place in \"%s\"", at.path);
        return;
    }
    Node all = nn_param(root, FRONT_NAME, SHAPE(o->tokens, layers * 2 * dim), INIT_NORMAL_002);

    graph_path(at.g, at.path);
    p->k = op_rows_prepend(op_columns(all, (int64_t)2 * layer * dim, dim), p->k);
    p->v = op_rows_prepend(op_columns(all, ((int64_t)2 * layer + 1) * dim, dim), p->v);
}

static int64_t prefix_on_position(const void *options)
{
    return ((const FrontOptions *)options)->tokens;
}

static Status prefix_option(Err *e, Arena *a, Method *m, const char *key, const char *value)
{
    (void)a;
    return front_option(e, m, key, value);
}

static Status prefix_peft_read(Err *e, Arena *a, const Config *c, Method *m)
{
    int64_t layers = m->target.layers;

    TRY(config_int(e, c, "num_layers", 1, 10000, &layers));
    if (layers != m->target.layers)
        return config_fail(e, c, "num_layers", "a prefix for %lld layers, the model has %d",
                           (long long)layers, m->target.layers);
    return front_peft_read(e, a, c, m);
}

static Status prefix_peft_write(Err *e, Arena *a, Config *c, const Method *m, Params *params)
{
    (void)a;
    TRY(front_peft_write(e, c, m, params));
    TRY(config_set_int(e, c, "encoder_hidden_size", m->target.dim));
    return config_set_bool(e, c, "prefix_projection", false);
}

const AdaptDef adapt_prefix = {
    .name = "prefix",
    .usage = "prefix:tokens=20",
    .summary = "learned keys and values in front of each text, in every layer",
    .rules = {.on_attention = prefix_on_attention, .on_position = prefix_on_position},
    .trains = FRONT_NAME,
    .adds = FRONT_NAME,
    .rate = 1e-2,
    .in_mean = true,
    .in_front = true,
    .start = front_start,
    .option = prefix_option,
    .positions = front_positions,
    .peft_type = "PREFIX_TUNING",
    .peft_read = prefix_peft_read,
    .peft_write = prefix_peft_write,
};

/* SPDX-License-Identifier: MIT */
