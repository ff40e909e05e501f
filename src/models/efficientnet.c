/* efficientnet.c - EfficientNet (Tan & Le 2019, arXiv:1905.11946): inverted residuals with squeeze and excite, scaled in
 * width and depth; its Lite forms have neither that nor SiLU, and a stem and head of one size; its second version (Tan &
 * Le 2021, arXiv:2104.00298) begins with blocks whose first two convolutions are one.  The same network goes by the names
 * of three libraries; the builder takes them from a table.  x: [B, C, H, W] */
#include "models/inside.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct Names {
    const char *library;
    const char *stem, *stem_norm, *head, *head_norm, *classifier;
    const char *blocks; /* "blocks.S.I" */
    int first;          /* S of the first stage; -1: "_blocks.N", counted through */
    struct Part {
        const char *expand, *expand_norm, *spread, *spread_norm, *squeeze, *excite, *project,
            *project_norm;
    } part[2]; /* of a block that does not expand, and of one that does */
} Names;

typedef struct EffSizes {
    double width, depth;
    bool lite;
    bool same;               /* TensorFlow's padding */
    const struct Plan *plan; /* NULL: the first version's */
} EffSizes;

typedef struct EffSpec {
    const Names *names;
    const struct Plan *plan;
    const char *head_name, *head_norm;
    int repeats[7];
    int64_t stem, head, out[7]; /* channels */
} EffSpec;

struct Stage {
    int repeats, k, stride, expand, out;
    bool fused; /* expands and spreads in one, without squeeze and excite */
};

struct Plan {
    int stem, stages;
    struct Stage stage[7];
};

static const struct Plan plan_v1 = {32,
                                    7,
                                    {{1, 3, 1, 1, 16, false},
                                     {2, 3, 2, 6, 24, false},
                                     {2, 5, 2, 6, 40, false},
                                     {3, 3, 2, 6, 80, false},
                                     {3, 5, 1, 6, 112, false},
                                     {4, 5, 2, 6, 192, false},
                                     {1, 3, 1, 6, 320, false}}};

static const struct Plan plan_v2_s = {24,
                                      6,
                                      {{2, 3, 1, 1, 24, true},
                                       {4, 3, 2, 4, 48, true},
                                       {4, 3, 2, 4, 64, true},
                                       {6, 3, 2, 4, 128, false},
                                       {9, 3, 1, 6, 160, false},
                                       {15, 3, 2, 6, 256, false}}};

static const struct Plan plan_v2_m = {24,
                                      7,
                                      {{3, 3, 1, 1, 24, true},
                                       {5, 3, 2, 4, 48, true},
                                       {5, 3, 2, 4, 80, true},
                                       {7, 3, 2, 4, 160, false},
                                       {14, 3, 1, 6, 176, false},
                                       {18, 3, 2, 6, 304, false},
                                       {5, 3, 1, 6, 512, false}}};

static const struct Plan plan_v2_l = {32,
                                      7,
                                      {{4, 3, 1, 1, 32, true},
                                       {7, 3, 2, 4, 64, true},
                                       {7, 3, 2, 4, 96, true},
                                       {10, 3, 2, 4, 192, false},
                                       {19, 3, 1, 6, 224, false},
                                       {25, 3, 2, 6, 384, false},
                                       {7, 3, 1, 6, 640, false}}};

static const Names known_names[] = {
    {"timm",
     "conv_stem",
     "bn1",
     "conv_head",
     "bn2",
     "classifier",
     "blocks",
     0,
     {{NULL, NULL, "conv_dw", "bn1", "se.conv_reduce", "se.conv_expand", "conv_pw", "bn2"},
      {"conv_pw", "bn1", "conv_dw", "bn2", "se.conv_reduce", "se.conv_expand", "conv_pwl", "bn3"}}},
    {"torchvision",
     "features.0.0",
     "features.0.1",
     NULL,
     NULL,
     "classifier.1",
     "features",
     1,
     {{NULL, NULL, "block.0.0", "block.0.1", "block.1.fc1", "block.1.fc2", "block.2.0",
       "block.2.1"},
      {"block.0.0", "block.0.1", "block.1.0", "block.1.1", "block.2.fc1", "block.2.fc2",
       "block.3.0", "block.3.1"}}},
    {"efficientnet-lite-pytorch",
     "_conv_stem",
     "_bn0",
     "_conv_head",
     "_bn1",
     "_fc",
     "_blocks",
     -1,
     {{NULL, NULL, "_depthwise_conv", "_bn1", "_se_reduce", "_se_expand", "_project_conv", "_bn2"},
      {"_expand_conv", "_bn0", "_depthwise_conv", "_bn1", "_se_reduce", "_se_expand",
       "_project_conv", "_bn2"}}},
};

/* ---- the network ---- */

static Act act_of(const Model *m)
{
    return ((const EffSizes *)m->variant->sizes)->lite ? ACT_RELU6 : ACT_SILU;
}

static Conv2d window(const Model *m, int64_t out, int k, int stride, int64_t groups)
{
    const EffSizes *s = m->variant->sizes;

    return (Conv2d){.out = out,
                    .k = k,
                    .stride = stride,
                    .pad = s->same ? 0 : k / 2,
                    .same = s->same,
                    .groups = (int)groups};
}

/* Each channel times a gate that sees all of the picture (Hu et al. 2017, arXiv:1709.01507). */
static Node squeeze_excite(Net n, const struct Part *p, Node x, int64_t width)
{
    Node s = op_as_picture(op_avgpool_all(x)); /* [B, C, 1, 1] */

    s = op_activate(nn_conv2d(n, p->squeeze, s, (Conv2d){.out = width, .k = 1, .bias = true}),
                    ACT_SILU);
    s = nn_conv2d(n, p->excite, s, (Conv2d){.out = node_dim(x, 1), .k = 1, .bias = true});
    return op_scale_channels(x, op_avgpool_all(op_activate(s, ACT_SIGMOID)));
}

/* x: [B, C, H, W] -> [B, out, H/s, W/s] */
static Node block(const Model *m, Net n, Node x, const struct Stage *b, int stride, int64_t out)
{
    const EffSpec *spec = m->spec;
    const EffSizes *s = m->variant->sizes;
    const struct Part *p = &spec->names->part[b->expand != 1];
    int64_t in = node_dim(x, 1), middle = in * b->expand;

    if (b->expand != 1)
        x = op_activate(
            model_conv_norm(m, n, p->expand, p->expand_norm, x, (Conv2d){.out = middle, .k = 1}),
            act_of(m));
    x = op_activate(model_conv_norm(m, n, p->spread, p->spread_norm, x,
                                    window(m, middle, b->k, stride, middle)),
                    act_of(m));
    if (!s->lite)
        x = squeeze_excite(n, p, x, in / 4);
    return model_conv_norm(m, n, p->project, p->project_norm, x, (Conv2d){.out = out, .k = 1});
}

/* Expand and spread in one convolution; names are torchvision's, the only ones that this version has here. */
static Node fused(const Model *m, Net n, Node x, const struct Stage *b, int stride, int64_t out)
{
    int64_t middle = b->expand == 1 ? out : node_dim(x, 1) * b->expand;

    x = op_activate(
        model_conv_norm(m, n, "block.0.0", "block.0.1", x, window(m, middle, b->k, stride, 1)),
        act_of(m));
    if (b->expand == 1)
        return x;
    return model_conv_norm(m, n, "block.1.0", "block.1.1", x, (Conv2d){.out = out, .k = 1});
}

static Net place(const EffSpec *s, Net root, int stage, int i, int done)
{
    const Names *n = s->names;

    return n->first < 0 ? nn_at(root, "%s.%d", n->blocks, done)
                        : nn_at(root, "%s.%d.%d", n->blocks, stage + n->first, i);
}

static Node blocks(const Model *m, Net root, Node x)
{
    const EffSpec *s = m->spec;

    for (int stage = 0, done = 0; stage < s->plan->stages; stage++)
        for (int i = 0; i < s->repeats[stage]; i++, done++) {
            const struct Stage *b = &s->plan->stage[stage];
            Net n = place(s, root, stage, i, done);
            int stride = i ? 1 : b->stride;
            Node y = (b->fused ? fused : block)(m, n, x, b, stride, s->out[stage]);
            float drop = m->drop_path * (float)done / (float)m->layers;

            x = stride == 1 && node_dim(x, 1) == node_dim(y, 1)
                    ? op_add(nn_drop_path(n, "drop_path", y, drop), x)
                    : y;
        }
    return x;
}

static void efficientnet_build(const Model *m, Net root, const ModelShape *shape, ModelOutputs *out)
{
    const EffSpec *s = m->spec;
    const Names *n = s->names;
    Node x = model_pixels(root, shape, out);

    x = model_conv_norm(m, root, n->stem, n->stem_norm, x, window(m, s->stem, 3, 2, 1));
    x = blocks(m, root, op_activate(x, act_of(m)));
    x = model_conv_norm(m, root, s->head_name, s->head_norm, x, (Conv2d){.out = s->head, .k = 1});
    out->pooled = op_avgpool_all(op_activate(x, act_of(m)));
    model_picture_head(m, root, n->classifier, m->dropout, shape, out);
}

/* ---- sizes ---- */

/* The nearest multiple of 8, at most a tenth less. */
static int64_t scaled(double width, int channels)
{
    double wide = channels * width;
    int64_t n = (int64_t)(wide + 4) / 8 * 8;

    return (double)n < 0.9 * wide ? n + 8 : n;
}

/* torchvision counts the head among "features". */
static Status name_head(Err *e, Arena *a, EffSpec *s)
{
    s->head_name = s->names->head;
    s->head_norm = s->names->head_norm;
    if (s->head_name)
        return E_OK;
    s->head_name = arena_printf(e, a, "%s.%d.0", s->names->blocks, s->plan->stages + 1);
    s->head_norm = arena_printf(e, a, "%s.%d.1", s->names->blocks, s->plan->stages + 1);
    return s->head_name && s->head_norm ? E_OK : err_failed(e->code);
}

static Status efficientnet_read_config(Err *e, Arena *a, Model *m)
{
    const EffSizes *z = m->variant->sizes;
    EffSpec *s = NEW(e, a, EffSpec);

    if (!s)
        return e->code;
    for (size_t i = 0; i < LEN(known_names); i++)
        if (strcmp(known_names[i].library, m->variant->library) == 0)
            s->names = &known_names[i];
    s->plan = z->plan ? z->plan : &plan_v1;
    TRY(name_head(e, a, s));
    s->stem = z->lite ? 32 : scaled(z->width, s->plan->stem);
    s->head = z->lite ? 1280 : scaled(z->width, 1280);
    m->layers = 0;
    for (int i = 0; i < s->plan->stages; i++) {
        const struct Stage *b = &s->plan->stage[i];
        bool fixed = z->lite && (i == 0 || i == 6);

        s->out[i] = scaled(z->width, b->out);
        s->repeats[i] = fixed ? b->repeats : (int)ceil(b->repeats * z->depth);
        m->layers += s->repeats[i];
    }
    m->dim = s->head;
    m->spec = s;
    return E_OK;
}

static bool under(const char *name, const char *place)
{
    size_t n = strlen(place);

    return strncmp(name, place, n) == 0 && name[n] == '.';
}

static int efficientnet_depth(const Model *m, const char *name)
{
    const EffSpec *s = m->spec;
    const Names *n = s->names;
    int depth = 1;
    char *end;

    if (under(name, n->stem) || under(name, n->stem_norm))
        return 0;
    if (!under(name, n->blocks) || under(name, s->head_name) || under(name, s->head_norm))
        return m->layers + 1;
    int stage = (int)strtol(name + strlen(n->blocks) + 1, &end, 10);
    if (n->first < 0)
        return depth + stage;
    for (int k = 0; k < stage - n->first && k < s->plan->stages; k++)
        depth += s->repeats[k];
    return depth + (*end ? (int)strtol(end + 1, NULL, 10) : 0);
}

/* ---- rows ---- */

#define IMAGENET                                                                                   \
    {0.485F, 0.456F, 0.406F},                                                                      \
    {                                                                                              \
        0.229F, 0.224F, 0.225F                                                                     \
    }
#define HALF                                                                                       \
    {0.5F, 0.5F, 0.5F},                                                                            \
    {                                                                                              \
        0.5F, 0.5F, 0.5F                                                                           \
    }

static const Variant variants[] = {
#define ROW(row, lib, from, terms, e, mo, w, d, is_lite, is_same, side, share, how, cut, values)   \
    {.name = (row),                                                                                \
     .library = (lib),                                                                             \
     .timm = (row),                                                                                \
     .source = (from),                                                                             \
     .licence = (terms),                                                                           \
     .eps = (e),                                                                                   \
     .momentum = (mo),                                                                             \
     .pre = {side, 0, share, cut, how, values},                                                    \
     .sizes = &(const EffSizes){w, d, is_lite, is_same, NULL}},
#define SECOND(row, its_plan, side, how, values)                                                   \
    {.name = (row),                                                                                \
     .library = "torchvision",                                                                     \
     .source = "torchvision, ImageNet-1k",                                                         \
     .licence = "bsd-3-clause",                                                                    \
     .eps = 1e-3F,                                                                                 \
     .momentum = 0.1F,                                                                             \
     .pre = {side, 0, 1.0, false, how, values},                                                    \
     .sizes = &(const EffSizes){1, 1, false, false, &(its_plan)}},
#include "models/efficientnet.def"
#undef ROW
#undef SECOND
};

const ModelDef model_efficientnet = {
    .name = "efficientnet",
    .paper = "Tan & Le 2019, arXiv:1905.11946",
    .input = INPUT_PICTURES,
    .prefix = "module",
    .head_names = (const char *const[]){"classifier", "_fc", NULL},
    .ignored = (const char *const[]){"num_batches_tracked", NULL},
    /* of each spelling the 1x1 convolutions, where most weights are */
    .lora_targets =
        "conv_pw|conv_pwl|conv_head|block.3.0|features.7.0|features.8.0|_expand_conv|_project_conv|"
        "_conv_head",
    .variant = variants,
    .variants = (int)LEN(variants),
    .read_config = efficientnet_read_config,
    .build = efficientnet_build,
    .depth = efficientnet_depth,
};

/* SPDX-License-Identifier: MIT */
