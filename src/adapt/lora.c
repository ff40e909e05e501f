/* lora.c - Hu et al. 2021, arXiv:2106.09685, eq. 3:  y = W x + (alpha / r) B A x
 * W frozen; A: [r, in] random; B: [out, r] zero, so step 0 leaves the model unchanged. */
#include "adapt/adapt.h"

#include <stdlib.h>
#include <string.h>

Node lora_on_linear(const void *options, Net at, Node x, Node w, Node b, Node wx)
{
    const LoraOptions *o = options;
    int rank = lora_rank(o, at.path);

    (void)b;
    if (!lora_wants(o, at.path, "all-linear"))
        return wx;
    Node down = nn_param(at, "lora_A.weight", SHAPE(rank, node_dim(x, -1)), INIT_KAIMING);
    Node up = nn_param(at, "lora_B.weight", SHAPE(node_dim(wx, -1), rank), INIT_ZERO);
    Node h = op_matmul_nt(nn_dropout(at, "lora_dropout", x, o->dropout), down); /* [.., r] */

    Node y = op_add(wx, op_scale(op_matmul_nt(h, up), lora_scale(o, at.path)));

    return o->dora ? dora_scale(o, at, w, down, up, y) : y;
}

/* A is a convolution like the layer's own, of rank channels; B one of windows of 1, as PEFT has it.  Grouped layers
 * (depthwise ones among them) and dilated ones have no such form: "all-conv" passes over them. */
Node lora_on_conv(const void *options, Net at, Node x, Node w, Conv2dAttr attr, Node y)
{
    const LoraOptions *o = options;
    static const Conv2dAttr one = {{1, 1}, {0}, {1, 1}, 1};
    const Shape *s = &node_desc(w)->shape;
    int rank = lora_rank(o, at.path);
    bool plain = attr.groups == 1 && attr.dilation[0] == 1 && attr.dilation[1] == 1;

    if (!lora_wants(o, at.path, plain ? "all-conv" : ""))
        return y;
    if (o->dora) {
        graph_fail(at.g, "DoRA is for linear layers; \"%s\" is a convolution", at.path);
        return y;
    }
    if (!plain) {
        graph_fail(at.g, "LoRA has no form for a convolution in groups or with dilation");
        return y;
    }
    Node down =
        nn_param(at, "lora_A.weight", SHAPE(rank, s->dim[1], s->dim[2], s->dim[3]), INIT_KAIMING);
    Node up = nn_param(at, "lora_B.weight", SHAPE(s->dim[0], rank, 1, 1), INIT_ZERO);
    Node h = op_conv2d(nn_dropout(at, "lora_dropout", x, o->dropout), down, NO_NODE, attr);

    return op_add(y, op_scale(op_conv2d(h, up, NO_NODE, one), lora_scale(o, at.path)));
}

/* W += scale B A, each element summed in double.  b: [out, r], a: [r, ..]; turned: W is [in, out] */
static void add_product(Param *w, const Param *b, const Param *a, float scale, bool turned)
{
    int64_t out = b->shape.dim[0], rank = b->shape.dim[1], in = shape_size(&w->shape) / out;

    for (int64_t i = 0; i < out; i++)
        for (int64_t j = 0; j < in; j++) {
            float *at = w->data + (turned ? j * out + i : i * in + j);
            double sum = 0;

            for (int64_t r = 0; r < rank; r++)
                sum += (double)b->data[i * rank + r] * (double)a->data[r * in + j];
            *at = (float)((double)*at + (double)scale * sum);
        }
}

static Status merge_one(Err *e, const Method *m, Params *p, const Param *down)
{
    static const char tail[] = ".lora_A.weight";
    size_t n = strlen(down->name) - (sizeof tail - 1);
    char up_name[700], w_name[700], path[700];

    if (n > 600)
        return fail(e, E_INTERNAL, "\"%.60s...\" is too long a name", down->name);
    memcpy(up_name, down->name, n);
    memcpy(path, down->name, n);
    path[n] = 0;
    memcpy(w_name, down->name, n);
    memcpy(up_name + n, ".lora_B.weight", sizeof ".lora_B.weight");
    memcpy(w_name + n, ".weight", sizeof ".weight");
    const Param *up = params_find(p, up_name);
    Param *w = params_find(p, w_name);
    if (!up || !w)
        return fail(e, E_INTERNAL, "\"%s\" has no partner to merge with", down->name);
    TRY(params_own(e, p, w));
    add_product(w, up, down, lora_scale(m->options, path), module_turned(&m->target, w_name));
    return dora_merge(e, m, p, w);
}

Status lora_merge(Err *e, const Method *m, Params *p, int *merged)
{
    for (int i = 0; i < params_count(p); i++) {
        const Param *item = params_at(p, i);

        if (!name_matches("*.lora_A.weight", item->name))
            continue;
        TRY(merge_one(e, m, p, item));
        ++*merged;
    }
    return E_OK;
}

/* ---- options ---- */

static Status set_targets(Err *e, Arena *a, LoraOptions *o, const char *text)
{
    return modules_parse(e, a, "lora", text, &o->target, &o->targets);
}

Status lora_start(Err *e, Arena *a, Method *m)
{
    LoraOptions *o = NEW(e, a, LoraOptions);

    if (!o)
        return e->code;
    *o = (LoraOptions){.rank = 8, .alpha = 16, .of = m->target};
    m->options = o;
    return set_targets(e, a, o, m->target.lora_targets ? m->target.lora_targets : "all-linear");
}

static Status number(Err *e, const char *key, const char *value, float low, float high, float *out)
{
    char *end;
    float x = strtof(value, &end);

    if (end == value || *end || !(x >= low && x <= high))
        return fail(e, E_USAGE, "%s wants a number from %g to %g, not \"%s\"", key, (double)low,
                    (double)high, value);
    *out = x;
    return E_OK;
}

Status lora_option(Err *e, Arena *a, Method *m, const char *key, const char *value)
{
    LoraOptions *o = m->options;
    float x;

    if (strcmp(key, "targets") == 0)
        return set_targets(e, a, o, value);
    if (strcmp(key, "rank") == 0) {
        TRY(number(e, key, value, 1, 4096, &x));
        o->rank = (int)x;
        return (float)o->rank == x ? E_OK : fail(e, E_USAGE, "rank wants a whole number");
    }
    if (strcmp(key, "alpha") == 0)
        return number(e, key, value, 0, 1e6F, &o->alpha);
    if (strcmp(key, "dropout") == 0)
        return number(e, key, value, 0, 0.99F, &o->dropout);
    if (strcmp(key, "rank_pattern") == 0 || strcmp(key, "alpha_pattern") == 0)
        return lora_pattern_parse(e, a, key, value, *key == 'r' ? &o->ranks : &o->alphas);
    if (strcmp(key, "bias") == 0)
        return lora_bias_parse(e, value, &o->bias);
    if (strcmp(key, "rslora") == 0 && !*value) {
        o->rslora = true;
        return E_OK;
    }
    fail(e, E_USAGE, "method \"%s\" has no option \"%s\"", m->def->name, key);
    return err_note(e, "expected", "%s,layer_decay=1", m->def->usage);
}

const char *lora_usual(const MethodTarget *target)
{
    return target->lora_targets;
}

const AdaptDef adapt_lora = {
    .name = "lora",
    .usage = LORA_USAGE("lora"),
    .summary = "small matrices beside the frozen weights learn",
    .rules = {.on_linear = lora_on_linear, .on_conv = lora_on_conv},
    .trains = "*.lora_?.weight", /* and the task's head; everything else is frozen */
    .rate = 1e-3,
    .in_mean = true,
    .fitted_head = true,
    .identity = true,
    .check = lora_check,
    .also = lora_trains_bias,
    .adds = "*.lora_?.weight",
    .start = lora_start,
    .option = lora_option,
    .merge = lora_merge,
    .usual = lora_usual,
    .peft_type = "LORA",
    .peft_wraps = lora_wraps,
    .peft_read = lora_peft_read,
    .peft_write = lora_peft_write,
};

/* SPDX-License-Identifier: MIT */
