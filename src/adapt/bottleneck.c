/* bottleneck.c - small networks after the sublayers of each layer learn, the model as it is: y + up(act(down(z))), with
 * y what the sublayer adds to the residual x.
 * houlsby (Houlsby et al. 2019, arXiv:1902.00751): after attention and after the feed-forward part, z = y.
 * pfeiffer (Pfeiffer et al. 2020, arXiv:2005.00247): after the feed-forward part alone, z = norm(y + x) with the layer's
 * own norm, or y + x where the layer has its norms in front: what AdapterHub computes.
 * down: [D / reduction, D], drawn from N(0, 0.02); up begins at zero, so step 0 leaves the model unchanged.
 * Names are AdapterHub's less the adapter's own, which hub.c puts in and takes out. */
#include "adapt/hub.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define REDUCTION_MAX 4096

/* Where a family has its sublayers, and what AdapterHub calls the place. */
static const struct {
    const char *end, *hub;
    bool attention;
} places[] = {{"attention.output", "attention.output", true}, /* BERT, RoBERTa */
              {"output", "output", false},
              {"attn", "attention_adapters", true}, /* GPT-2 */
              {"mlp", "output_adapters", false},
              {"attention", "attention_adapters", true}, /* DistilBERT */
              {"ffn", "output_adapters", false}};

static Node bottleneck_on_sublayer(const void *options, Net at, Node y, const Join *join)
{
    const BottleneckOptions *o = options;
    size_t i = 0, n = strlen(at.path);

    while (i < LEN(places) && !module_is(at.path, &places[i].end, 1))
        i++;
    if (i == LEN(places)) {
        graph_fail(at.g, "a bottleneck has no place in \"%s\"", at.path);
        return y;
    }
    if (!(places[i].attention ? o->after_attention : o->after_feedforward))
        return y;
    Net root = {at.g, "", at.hooks};
    Net own =
        nn_at(root, "%.*s%s.adapters", (int)(n - strlen(places[i].end)), at.path, places[i].hub);
    int64_t dim = node_dim(y, -1);
    int64_t width = (int64_t)floor((double)dim / (double)o->reduction);
    Node z = y;

    width = width < 1 ? 1 : width;

    if (o->reads_sum) {
        z = op_add(y, join->x);
        if (join->norm)
            z = nn_layernorm(join->at, join->norm, z, join->eps);
    }
    Node down = nn_param(own, "adapter_down.0.weight", SHAPE(width, dim), INIT_NORMAL_002);
    Node shift = nn_param(own, "adapter_down.0.bias", SHAPE(width), INIT_ZERO);
    Node up = nn_param(own, "adapter_up.weight", SHAPE(dim, width), INIT_ZERO);
    Node last = nn_param(own, "adapter_up.bias", SHAPE(dim), INIT_ZERO);

    graph_path(at.g, own.path);
    Node h = op_activate(op_add(op_matmul_nt(z, down), shift), o->act);
    h = op_add(op_matmul_nt(h, up), last);
    if (o->scaling < 1 || o->scaling > 1)
        h = op_scale(h, o->scaling);
    return op_add(nn_dropout(own, "dropout", h, o->dropout), y);
}

/* ---- options ---- */

static void set_kind(BottleneckOptions *o, bool houlsby)
{
    o->after_attention = houlsby;
    o->after_feedforward = true;
    o->reads_sum = !houlsby;
    o->act = houlsby ? ACT_SILU : ACT_RELU;
    o->act_name = houlsby ? "swish" : "relu";
}

static Status bottleneck_start(Err *e, Arena *a, Method *m)
{
    BottleneckOptions *o = NEW(e, a, BottleneckOptions);

    if (!o)
        return e->code;
    *o = (BottleneckOptions){.reduction = 16, .scaling = 1, .name = "engraft"};
    set_kind(o, false);
    m->options = o;
    return E_OK;
}

static Status bottleneck_option(Err *e, Arena *a, Method *m, const char *key, const char *value)
{
    BottleneckOptions *o = m->options;
    bool houlsby = strcmp(key, "houlsby") == 0;
    char *end;

    (void)a;
    if (!*value && (houlsby || strcmp(key, "pfeiffer") == 0)) {
        set_kind(o, houlsby);
        return E_OK;
    }
    if (strcmp(key, "reduction") != 0) {
        fail(e, E_USAGE, "method \"%s\" has no option \"%s\"", m->def->name, key);
        return err_note(e, "expected", "%s,layer_decay=1", m->def->usage);
    }
    float x = strtof(value, &end);
    if (end == value || *end || !(x > 0 && x <= REDUCTION_MAX))
        return fail(e, E_USAGE, "reduction wants a number above 0 and up to %d, not \"%s\"",
                    REDUCTION_MAX, value);
    o->reduction = x;
    return E_OK;
}

const AdaptDef adapt_adapter = {
    .name = "adapter",
    .usage = "adapter:houlsby|pfeiffer,reduction=16",
    .summary = "a small network after each layer learns (AdapterHub's bottleneck)",
    .rules = {.on_sublayer = bottleneck_on_sublayer},
    .trains = "*" HUB_TAIL "*",
    .rate = 1e-3,
    .in_mean = true,
    .fitted_head = true,
    .identity = true,
    .adds = "*" HUB_TAIL "*",
    .hub = true,
    .start = bottleneck_start,
    .option = bottleneck_option,
};

/* SPDX-License-Identifier: MIT */
