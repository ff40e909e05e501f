/* googlenet.c - GoogLeNet, Inception's first form (Szegedy et al. 2014, arXiv:1409.4842), with batch norm and
 * torchvision's names; its branch of 5 x 5 windows has 3 x 3 ones, as released.  Two auxiliary classifiers learn along.
 * x: [B, 3, H, W]; what the classifier reads: [B, 1024] */
#include "models/inside.h"

#include <string.h>

#define AUX_WEIGHT 0.3F
#define AUX_SIDE   4

typedef struct Mix { /* channels of its branches */
    char name[3];
    int one, reduce3, three, reduce5, five, pool;
} Mix;

static const Mix mixes[] = {
    {"3a", 64, 96, 128, 16, 32, 32},     {"3b", 128, 128, 192, 32, 96, 64},
    {"4a", 192, 96, 208, 16, 48, 64},    {"4b", 160, 112, 224, 24, 64, 64},
    {"4c", 128, 128, 256, 24, 64, 64},   {"4d", 112, 144, 288, 32, 64, 64},
    {"4e", 256, 160, 320, 32, 128, 128}, {"5a", 256, 160, 320, 32, 128, 128},
    {"5b", 384, 192, 384, 48, 128, 128},
};

/* A convolution of windows k x k that keeps the size, its norm, a ReLU. */
static Node unit(const Model *m, Net n, Node x, int out, int k)
{
    return model_conv_unit(m, n, x, (Conv2d){.out = out, .k = k, .pad = k / 2});
}

/* Four branches side by side.  x: [B, C, H, W] -> [B, one + three + five + pool, H, W] */
static Node inception(const Model *m, Net n, Node x, const Mix *s)
{
    Pool2dAttr around = {.k = {3, 3}, .stride = {1, 1}, .pad = {1, 1, 1, 1}, .ceil = true};
    Node a = unit(m, nn_at(n, "branch1"), x, s->one, 1);
    Node b = unit(m, nn_at(n, "branch2.0"), x, s->reduce3, 1);
    b = unit(m, nn_at(n, "branch2.1"), b, s->three, 3);
    Node c = unit(m, nn_at(n, "branch3.0"), x, s->reduce5, 1);
    c = unit(m, nn_at(n, "branch3.1"), c, s->five, 3);
    Node d = unit(m, nn_at(n, "branch4.1"), op_maxpool2d(x, around), s->pool, 1);

    return op_concat_channels(a, b, c, d);
}

/* A classifier halfway up. */
static void auxiliary(const Model *m, Net n, Node x, ModelOutputs *out)
{
    if (!model_has_auxiliary(m))
        return;
    x = unit(m, nn_at(n, "conv"), op_adaptive_avgpool(x, AUX_SIDE, AUX_SIDE), 128, 1);
    x = op_activate(nn_linear(n, "fc1", op_flatten(x), 1024), ACT_RELU);
    x = nn_linear(n, "fc2", nn_dropout(n, "dropout", x, m->dropout), m->labels);
    model_add_auxiliary(out, x, AUX_WEIGHT);
}

static void build(const Model *m, Net root, const ModelShape *shape, ModelOutputs *out)
{
    Pool2dAttr halve = {.k = {3, 3}, .stride = {2, 2}, .ceil = true};
    Pool2dAttr small = {.k = {2, 2}, .stride = {2, 2}, .ceil = true};
    Node x = model_pixels(root, shape, out);

    x = model_conv_unit(m, nn_at(root, "conv1"), x,
                        (Conv2d){.out = 64, .k = 7, .stride = 2, .pad = 3});
    x = unit(m, nn_at(root, "conv2"), op_maxpool2d(x, halve), 64, 1);
    x = op_maxpool2d(unit(m, nn_at(root, "conv3"), x, 192, 3), halve);
    for (size_t i = 0; i < LEN(mixes); i++) {
        const char *name = mixes[i].name;

        if (strcmp(name, "4a") == 0)
            x = op_maxpool2d(x, halve);
        if (strcmp(name, "5a") == 0)
            x = op_maxpool2d(x, small);
        x = inception(m, nn_at(root, "inception%s", name), x, &mixes[i]);
        if (strcmp(name, "4a") == 0)
            auxiliary(m, nn_at(root, "aux1"), x, out);
        if (strcmp(name, "4d") == 0)
            auxiliary(m, nn_at(root, "aux2"), x, out);
    }
    out->pooled = op_avgpool_all(x);
    model_picture_head(m, root, "fc", m->dropout, shape, out);
}

static Status read_config(Err *e, Arena *a, Model *m)
{
    (void)e;
    (void)a;
    m->dim = 1024;
    m->layers = (int)LEN(mixes);
    return E_OK;
}

static int depth(const Model *m, const char *name)
{
    if (strncmp(name, "conv", 4) == 0)
        return 0;
    for (size_t i = 0; i < LEN(mixes); i++)
        if (strncmp(name, "inception", 9) == 0 && strncmp(name + 9, mixes[i].name, 2) == 0)
            return (int)i + 1;
    return m->layers + 1;
}

/* The released weights read x / 127.5 - 1, whatever torchvision's pictures were normalised by (transform_input). */
static const Variant variants[] = {
    {.name = "googlenet",
     .library = "torchvision",
     .source = "torchvision, ImageNet-1k",
     .licence = "bsd-3-clause",
     .eps = 1e-3F,
     .momentum = 0.1F,
     .pre = {.size = 224,
             .crop_pct = 0.875,
             .interpolation = "bilinear",
             .mean = {0.5F, 0.5F, 0.5F},
             .std = {0.5F, 0.5F, 0.5F}}},
};

const ModelDef model_googlenet = {
    .name = "googlenet",
    .paper = "Szegedy et al. 2014, arXiv:1409.4842",
    .input = INPUT_PICTURES,
    .prefix = "module",
    .head_names = (const char *const[]){"fc", NULL},
    .optional = (const char *const[]){"aux1", "aux2", NULL},
    .ignored = (const char *const[]){"num_batches_tracked", NULL},
    .lora_targets = "all-conv",
    .variant = variants,
    .variants = (int)LEN(variants),
    .read_config = read_config,
    .build = build,
    .depth = depth,
};

/* SPDX-License-Identifier: MIT */
