/* inception.c - Inception v3 (Szegedy et al. 2015, arXiv:1512.00567) with torchvision's names: large windows taken apart
 * into rows and columns, an auxiliary classifier that learns along.  x: [B, 3, H, W] -> what the classifier reads:
 * [B, 2048] */
#include "models/inside.h"

#include <string.h>

#define AUX_WEIGHT 0.4F

typedef enum { KEEP, OPEN, HALVE } Step; /* padded; not padded; not padded, every second place */

typedef struct Unit { /* convolution, norm, ReLU */
    const char *name;
    int out, down, across; /* the window */
    Step step;
} Unit;

static Node unit(const Model *m, Net n, Node x, const Unit *u)
{
    bool pad = u->step == KEEP;

    return model_conv_unit(m, nn_at(n, "%s", u->name), x,
                           (Conv2d){.out = u->out,
                                    .k = u->down,
                                    .pad = pad ? u->down / 2 : 0,
                                    .k_across = u->across,
                                    .pad_across = pad ? u->across / 2 : 0,
                                    .stride = u->step == HALVE ? 2 : 1});
}

/* One after the other, up to a unit without a name. */
static Node chain(const Model *m, Net n, Node x, const Unit *u)
{
    for (; u->name; u++)
        x = unit(m, n, x, u);
    return x;
}

#define CHAIN(...)                                                                                 \
    (const Unit[])                                                                                 \
    {                                                                                              \
        __VA_ARGS__,                                                                               \
        {                                                                                          \
            0                                                                                      \
        }                                                                                          \
    }

/* Averages, their padding counted, and a unit over them. */
static Node pooled(const Model *m, Net n, Node x, int out)
{
    Pool2dAttr around = {.k = {3, 3}, .stride = {1, 1}, .pad = {1, 1, 1, 1}, .count_pad = true};

    return unit(m, n, op_avgpool2d(x, around), &(Unit){"branch_pool", out, 1, 1, KEEP});
}

static Node halved(Node x)
{
    return op_maxpool2d(x, (Pool2dAttr){.k = {3, 3}, .stride = {2, 2}});
}

/* 1x1, 5x5, two 3x3, averages.  c: channels of the last */
static Node mixed_a(const Model *m, Net n, Node x, int c)
{
    Node a = chain(m, n, x, CHAIN({"branch1x1", 64, 1, 1, KEEP}));
    Node b =
        chain(m, n, x, CHAIN({"branch5x5_1", 48, 1, 1, KEEP}, {"branch5x5_2", 64, 5, 5, KEEP}));
    Node d = chain(m, n, x,
                   CHAIN({"branch3x3dbl_1", 64, 1, 1, KEEP}, {"branch3x3dbl_2", 96, 3, 3, KEEP},
                         {"branch3x3dbl_3", 96, 3, 3, KEEP}));

    return op_concat_channels(a, b, d, pooled(m, n, x, c));
}

/* H, W halved: 3x3, two 3x3, maxima. */
static Node mixed_b(const Model *m, Net n, Node x, int c)
{
    Node a = chain(m, n, x, CHAIN({"branch3x3", c, 3, 3, HALVE}));
    Node b = chain(m, n, x,
                   CHAIN({"branch3x3dbl_1", 64, 1, 1, KEEP}, {"branch3x3dbl_2", 96, 3, 3, KEEP},
                         {"branch3x3dbl_3", 96, 3, 3, HALVE}));

    return op_concat_channels(a, b, halved(x), NO_NODE);
}

/* 1x1, a row and a column of 7, two of each, averages.  c: channels between them */
static Node mixed_c(const Model *m, Net n, Node x, int c)
{
    Node a = chain(m, n, x, CHAIN({"branch1x1", 192, 1, 1, KEEP}));
    Node b = chain(m, n, x,
                   CHAIN({"branch7x7_1", c, 1, 1, KEEP}, {"branch7x7_2", c, 1, 7, KEEP},
                         {"branch7x7_3", 192, 7, 1, KEEP}));
    Node d = chain(m, n, x,
                   CHAIN({"branch7x7dbl_1", c, 1, 1, KEEP}, {"branch7x7dbl_2", c, 7, 1, KEEP},
                         {"branch7x7dbl_3", c, 1, 7, KEEP}, {"branch7x7dbl_4", c, 7, 1, KEEP},
                         {"branch7x7dbl_5", 192, 1, 7, KEEP}));

    return op_concat_channels(a, b, d, pooled(m, n, x, 192));
}

/* H, W halved: 3x3, 7x7 taken apart and 3x3, maxima. */
static Node mixed_d(const Model *m, Net n, Node x, int c)
{
    Node a =
        chain(m, n, x, CHAIN({"branch3x3_1", c, 1, 1, KEEP}, {"branch3x3_2", 320, 3, 3, HALVE}));
    Node b = chain(m, n, x,
                   CHAIN({"branch7x7x3_1", c, 1, 1, KEEP}, {"branch7x7x3_2", c, 1, 7, KEEP},
                         {"branch7x7x3_3", c, 7, 1, KEEP}, {"branch7x7x3_4", c, 3, 3, HALVE}));

    return op_concat_channels(a, b, halved(x), NO_NODE);
}

/* A row and a column of 3 side by side. */
static Node cross(const Model *m, Net n, Node x, const char *row, const char *column)
{
    Node a = unit(m, n, x, &(Unit){row, 384, 1, 3, KEEP});
    Node b = unit(m, n, x, &(Unit){column, 384, 3, 1, KEEP}), none = NO_NODE;

    return op_concat_channels(a, b, none, none);
}

/* 1x1, a cross, 3x3 and a cross, averages of c channels. */
static Node mixed_e(const Model *m, Net n, Node x, int c)
{
    Node a = chain(m, n, x, CHAIN({"branch1x1", 320, 1, 1, KEEP}));
    Node b = chain(m, n, x, CHAIN({"branch3x3_1", 384, 1, 1, KEEP}));
    b = cross(m, n, b, "branch3x3_2a", "branch3x3_2b");
    Node d = chain(m, n, x,
                   CHAIN({"branch3x3dbl_1", 448, 1, 1, KEEP}, {"branch3x3dbl_2", 384, 3, 3, KEEP}));
    d = cross(m, n, d, "branch3x3dbl_3a", "branch3x3dbl_3b");

    return op_concat_channels(a, b, d, pooled(m, n, x, c));
}

static const struct Mix {
    const char *name;
    Node (*build)(const Model *m, Net n, Node x, int c);
    int c;
} mixes[] = {
    {"Mixed_5b", mixed_a, 32},  {"Mixed_5c", mixed_a, 64},  {"Mixed_5d", mixed_a, 64},
    {"Mixed_6a", mixed_b, 384}, {"Mixed_6b", mixed_c, 128}, {"Mixed_6c", mixed_c, 160},
    {"Mixed_6d", mixed_c, 160}, {"Mixed_6e", mixed_c, 192}, {"Mixed_7a", mixed_d, 192},
    {"Mixed_7b", mixed_e, 192}, {"Mixed_7c", mixed_e, 192},
};

static void auxiliary(const Model *m, Net n, Node x, ModelOutputs *out)
{
    if (!model_has_auxiliary(m))
        return;
    x = op_avgpool2d(x, (Pool2dAttr){.k = {5, 5}, .stride = {3, 3}});
    x = chain(m, n, x, CHAIN({"conv0", 128, 1, 1, KEEP}, {"conv1", 768, 5, 5, OPEN}));
    model_add_auxiliary(out, nn_linear(n, "fc", op_avgpool_all(x), m->labels), AUX_WEIGHT);
}

static void build(const Model *m, Net root, const ModelShape *shape, ModelOutputs *out)
{
    Node x = model_pixels(root, shape, out);

    x = chain(m, root, x,
              CHAIN({"Conv2d_1a_3x3", 32, 3, 3, HALVE}, {"Conv2d_2a_3x3", 32, 3, 3, OPEN},
                    {"Conv2d_2b_3x3", 64, 3, 3, KEEP}));
    x = chain(m, root, halved(x),
              CHAIN({"Conv2d_3b_1x1", 80, 1, 1, KEEP}, {"Conv2d_4a_3x3", 192, 3, 3, OPEN}));
    x = halved(x);
    for (size_t i = 0; i < LEN(mixes); i++) {
        x = mixes[i].build(m, nn_at(root, "%s", mixes[i].name), x, mixes[i].c);
        if (strcmp(mixes[i].name, "Mixed_6e") == 0)
            auxiliary(m, nn_at(root, "AuxLogits"), x, out);
    }
    out->pooled = op_avgpool_all(x);
    model_picture_head(m, root, "fc", m->dropout, shape, out);
}

static Status read_config(Err *e, Arena *a, Model *m)
{
    (void)e;
    (void)a;
    m->dim = 2048;
    m->layers = (int)LEN(mixes);
    return E_OK;
}

static int depth(const Model *m, const char *name)
{
    if (strncmp(name, "Conv2d_", 7) == 0)
        return 0;
    for (size_t i = 0; i < LEN(mixes); i++)
        if (strncmp(name, mixes[i].name, strlen(mixes[i].name)) == 0)
            return (int)i + 1;
    return m->layers + 1;
}

/* The released weights, TensorFlow's, read x / 127.5 - 1 (torchvision's transform_input). */
static const Variant variants[] = {
    {.name = "inception_v3",
     .library = "torchvision",
     .timm = "inception_v3",
     .source = "torchvision, ImageNet-1k",
     .licence = "bsd-3-clause",
     .eps = 1e-3F,
     .momentum = 0.1F,
     .pre = {.size = 299,
             .crop_pct = 0.8742,
             .interpolation = "bilinear",
             .mean = {0.5F, 0.5F, 0.5F},
             .std = {0.5F, 0.5F, 0.5F}}},
};

const ModelDef model_inception = {
    .name = "inception",
    .paper = "Szegedy et al. 2015, arXiv:1512.00567",
    .input = INPUT_PICTURES,
    .prefix = "module",
    .head_names = (const char *const[]){"fc", NULL},
    .optional = (const char *const[]){"AuxLogits", NULL},
    .ignored = (const char *const[]){"num_batches_tracked", NULL},
    .lora_targets = "all-conv",
    .variant = variants,
    .variants = (int)LEN(variants),
    .read_config = read_config,
    .build = build,
    .depth = depth,
};

/* SPDX-License-Identifier: MIT */
