/* ia3.c - Liu et al. 2022, arXiv:2205.05638, section 3.3: learned vectors stretch what keys, values and feed-forward
 * layers let through.  A layer's output:  y = l * (W x + b),  l [out, 1];  a feed-forward layer's input:
 * y = W (l * x) + b,  l [1, in]: the shapes of PEFT.  l begins at one, so step 0 leaves the model unchanged. */
#include "adapt/adapt.h"

#include <stdio.h>
#include <string.h>

#define TAIL ".ia3_l"

typedef struct Ia3Options {
    int targets, feedforwards;
    const char *const *target,
        *const *feedforward; /* feedforward: those of target whose input it is */
    MethodTarget of;
} Ia3Options;

static bool wants(const Ia3Options *o, const char *path)
{
    return !(o->of.is_head && o->of.is_head(o->of.model, path)) &&
           module_is(path, o->target, o->targets);
}

static bool is_feedforward(const Ia3Options *o, const char *path)
{
    return module_is(path, o->feedforward, o->feedforwards);
}

static Node ia3_on_input(const void *options, Net at, Node x)
{
    const Ia3Options *o = options;

    if (!wants(o, at.path) || !is_feedforward(o, at.path) || node_desc(x)->shape.rank == 4)
        return x;
    int64_t in = node_dim(x, -1);

    return op_mul(x, op_sum_to(nn_param(at, "ia3_l", SHAPE(1, in), INIT_ONE), SHAPE(in)));
}

/* The caller adds b to what comes back: l W x + (l b - b). */
static Node ia3_on_linear(const void *options, Net at, Node x, Node w, Node b, Node wx)
{
    const Ia3Options *o = options;
    int64_t out = node_dim(wx, -1);

    (void)x;
    (void)w;
    if (!wants(o, at.path) || is_feedforward(o, at.path))
        return wx;
    Node l = nn_param(at, "ia3_l", SHAPE(out, 1), INIT_ONE);
    Node one = op_fill(at.g, SHAPE(1, 1), SPACE_NONE, 1);
    Node row = op_sum_to(op_matmul_nt(one, l), SHAPE(out)); /* [out, 1] as [out] */
    Node y = op_mul(wx, row);

    return node_valid(b) ? op_add(y, op_add(op_mul(b, row), op_scale(b, -1))) : y;
}

static Node ia3_on_conv(const void *options, Net at, Node x, Node w, Conv2dAttr attr, Node y)
{
    (void)x;
    (void)w;
    (void)attr;
    if (wants(options, at.path))
        graph_fail(at.g, "IA3 stretches linear layers; \"%s\" is a convolution", at.path);
    return y;
}

/* ---- into the weights ---- */

/* Rows of w times l, or its columns. */
static void stretch(float *w, const Shape *shape, const float *l, bool rows)
{
    int64_t n = shape->dim[0], wide = shape_size(shape) / n;

    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < wide; j++)
            w[i * wide + j] *= l[rows ? i : j];
}

static Status merge_one(Err *e, const Method *m, Params *p, const Param *l)
{
    int n = (int)(strlen(l->name) - (sizeof TAIL - 1));
    char name[700];

    if (n > 600)
        return fail(e, E_INTERNAL, "\"%.60s...\" is too long a name", l->name);
    snprintf(name, sizeof name, "%.*s.weight", n, l->name);
    Param *w = params_find(p, name);
    snprintf(name, sizeof name, "%.*s.bias", n, l->name);
    Param *b = params_find(p, name);
    if (!w)
        return fail(e, E_INTERNAL, "\"%s\" has no weight to merge with", l->name);
    bool turned =
        module_turned(&m->target, name); /* l [out, 1] is of the output, [1, in] of what is read */
    bool output = l->shape.dim[1] == 1 && l->shape.dim[0] == w->shape.dim[turned ? 1 : 0];
    TRY(params_own(e, p, w));
    stretch(w->data, &w->shape, l->data, output != turned);
    if (!output || !b)
        return E_OK;
    TRY(params_own(e, p, b));
    stretch(b->data, &b->shape, l->data, true);
    return E_OK;
}

static Status ia3_merge(Err *e, const Method *m, Params *p, int *merged)
{
    for (int i = 0; i < params_count(p); i++) {
        const Param *l = params_at(p, i);

        if (!name_matches(m->def->adds, l->name))
            continue;
        TRY(merge_one(e, m, p, l));
        ++*merged;
    }
    return E_OK;
}

/* ---- options ---- */

static Status ia3_start(Err *e, Arena *a, Method *m)
{
    Ia3Options *o = NEW(e, a, Ia3Options);

    if (!o)
        return e->code;
    *o = (Ia3Options){.of = m->target};
    m->options = o;
    if (m->target.ia3_targets)
        TRY(modules_parse(e, a, "ia3", m->target.ia3_targets, &o->target, &o->targets));
    return m->target.ia3_feedforward ? modules_parse(e, a, "ia3", m->target.ia3_feedforward,
                                                     &o->feedforward, &o->feedforwards)
                                     : E_OK;
}

static Status ia3_option(Err *e, Arena *a, Method *m, const char *key, const char *value)
{
    Ia3Options *o = m->options;

    if (strcmp(key, "targets") == 0)
        return modules_parse(e, a, "ia3", value, &o->target, &o->targets);
    if (strcmp(key, "feedforward") == 0)
        return modules_parse(e, a, "ia3", value, &o->feedforward, &o->feedforwards);
    fail(e, E_USAGE, "method \"ia3\" has no option \"%s\"", key);
    return err_note(e, "expected", "%s,layer_decay=1", m->def->usage);
}

/* ---- PEFT ---- */

static Status ia3_peft_read(Err *e, Arena *a, const Config *c, Method *m)
{
    Ia3Options *o = m->options;

    if (json_count(config_get(c, "exclude_modules")) || json_text(config_get(c, "exclude_modules")))
        return config_fail(e, c, "exclude_modules", "this variant of IA3 is not supported");
    TRY(modules_read(e, a, c, "target_modules", &o->target, &o->targets));
    if (config_has(c, "feedforward_modules") && !json_text(config_get(c, "feedforward_modules")) &&
        json_count(config_get(c, "feedforward_modules")) == 0) {
        o->feedforwards = 0; /* PEFT writes [] where every vector is of an output */
        return E_OK;
    }
    return modules_read(e, a, c, "feedforward_modules", &o->feedforward, &o->feedforwards);
}

static Status ia3_peft_write(Err *e, Arena *a, Config *c, const Method *m, Params *params)
{
    const Ia3Options *o = m->options;

    (void)a;
    TRY(config_set_texts(e, c, "target_modules", o->target, (size_t)o->targets));
    TRY(config_set_texts(e, c, "feedforward_modules", o->feedforward, (size_t)o->feedforwards));
    TRY(config_set_bool(e, c, "fan_in_fan_out", modules_turned(m, params)));
    return config_set_bool(e, c, "init_ia3_weights", true);
}

static const char *ia3_usual(const MethodTarget *target)
{
    return target->ia3_targets;
}

const AdaptDef adapt_ia3 = {
    .name = "ia3",
    .usage = "ia3:targets=key|value|output.dense,feedforward=output.dense",
    .summary = "a learned factor for each number that keys, values and feed-forward layers pass on",
    .rules = {.on_input = ia3_on_input, .on_linear = ia3_on_linear, .on_conv = ia3_on_conv},
    .trains = "*" TAIL,
    .rate = 1e-3,
    .in_mean = true,
    .fitted_head = true,
    .identity = true,
    .adds = "*" TAIL,
    .start = ia3_start,
    .option = ia3_option,
    .merge = ia3_merge,
    .usual = ia3_usual,
    .peft_type = "IA3",
    .peft_read = ia3_peft_read,
    .peft_write = ia3_peft_write,
};

/* SPDX-License-Identifier: MIT */
