/* dora.c - Liu et al. 2024, arXiv:2402.09353, eq. 5:  W' = m (W + s B A) / |W + s B A|, row by row: LoRA turns the weights
 * of an output, the learned m is their length.  m begins as |W|, so step 0 leaves the model unchanged.  The
 * divisor counts as a constant in gradients (section 4.3). */
#include "adapt/adapt.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define TAIL "lora_magnitude_vector"

Node dora_scale(const LoraOptions *o, Net at, Node w, Node down, Node up, Node product)
{
    bool turned = module_turned(&o->of, nn_at(at, "weight").path);
    Node m = nn_param(at, TAIL, SHAPE(node_dim(up, 0)), INIT_ONE);

    return op_mul(product, op_mul(m, op_delta_rnorm(w, up, down, lora_scale(o, at.path), turned)));
}

/* |row i of w|, or its column */
static double length(const float *w, const Shape *shape, int64_t i, bool turned)
{
    int64_t wide = shape->dim[1], n = turned ? shape->dim[0] : wide;
    double sum = 0;

    for (int64_t j = 0; j < n; j++) {
        double x = (double)w[turned ? j * wide + i : i * wide + j];

        sum += x * x;
    }
    return sqrt(sum);
}

/* "..query.lora_magnitude_vector" -> "..query.weight"; or back */
static Status sibling(Err *e, const char *name, const char *last, char *out, size_t size)
{
    const char *dot = strrchr(name, '.');
    int n = dot ? (int)(dot - name) + 1 : 0;

    if (snprintf(out, size, "%.*s%s", n, name, last) >= (int)size)
        return fail(e, E_INTERNAL, "\"%.60s...\" is too long a name", name);
    return E_OK;
}

static Status dora_begin(Err *e, const Method *m, const Graph *g, Params *p, uint64_t seed)
{
    (void)seed;
    for (int i = 0; i < graph_param_count(g); i++) {
        const NodeInfo *node = graph_node(g, graph_param_at(g, i).id);
        char name[700];
        Param *item;

        if (!name_matches("*." TAIL, node->name) || params_find(p, node->name))
            continue;
        TRY(sibling(e, node->name, "weight", name, sizeof name));
        const Param *w = params_find(p, name);
        if (!w)
            return fail(e, E_INTERNAL, "\"%s\" has no weight to take its length from", node->name);
        TRY(params_add(e, p, node->name, node->desc[0].shape, &item));
        for (int64_t k = 0; k < item->shape.dim[0]; k++)
            item->data[k] = (float)length(w->data, &w->shape, k, module_turned(&m->target, name));
    }
    return E_OK;
}

Status dora_merge(Err *e, const Method *m, Params *p, Param *w)
{
    bool turned = module_turned(&m->target, w->name);
    char name[700];

    TRY(sibling(e, w->name, TAIL, name, sizeof name));
    const Param *wanted = params_find(p, name);
    for (int64_t i = 0; wanted && i < wanted->shape.dim[0]; i++) {
        double by = (double)wanted->data[i] / length(w->data, &w->shape, i, turned);
        int64_t wide = w->shape.dim[1], n = turned ? w->shape.dim[0] : wide;

        for (int64_t j = 0; j < n; j++) {
            float *at = w->data + (turned ? j * wide + i : i * wide + j);

            *at = (float)((double)*at * by);
        }
    }
    return E_OK;
}

static Status dora_start(Err *e, Arena *a, Method *m)
{
    TRY(lora_start(e, a, m));
    LoraOptions *o = m->options;
    o->dora = true;
    return E_OK;
}

const AdaptDef adapt_dora = {
    .name = "dora",
    .usage = LORA_USAGE("dora"),
    .summary = "LoRA, and the length of each output's weights learns by itself",
    .rules = {.on_linear = lora_on_linear, .on_conv = lora_on_conv},
    .trains = "*.lora_*",
    .rate = 1e-3,
    .in_mean = true,
    .fitted_head = true,
    .identity = true,
    .check = lora_check,
    .also = lora_trains_bias,
    .adds = "*.lora_*",
    .start = dora_start,
    .option = lora_option,
    .begin = dora_begin,
    .merge = lora_merge,
    .usual = lora_usual,
    .peft_type = "LORA",
    .peft_flag = "use_dora",
    .peft_wraps = lora_wraps,
    .peft_read = lora_peft_read,
    .peft_write = lora_peft_write,
};

/* SPDX-License-Identifier: MIT */
