/* vgg.c - very deep plain networks (Simonyan & Zisserman 2014, arXiv:1409.1556): 3 x 3 convolutions in five stages, a
 * pool after each, three linear layers; names as torchvision has them.  x: [B, 3, H, W]; what the classifier reads:
 * [B, 4096] */
#include "models/inside.h"

#include <stdlib.h>
#include <string.h>

#define POOLED 7 /* what is left of a picture, whatever its size, each way */

typedef struct VggSizes {
    int convolutions[5]; /* of each stage */
    bool norm;           /* batch norm after each */
} VggSizes;

static const int width[5] = {64, 128, 256, 512, 512};

/* A convolution, what follows it, its place among "features": conv, [norm,] relu.  *at moves on. */
static Node layer(const Model *m, Net features, Node x, int out, int *at)
{
    const VggSizes *s = m->variant->sizes;
    Conv2d c = {.out = out, .k = 3, .pad = 1, .bias = true};

    x = nn_conv2d(nn_at(features, "%d", *at), "", x, c);
    if (s->norm)
        x = nn_batchnorm(nn_at(features, "%d", *at + 1), "", x, m->eps, m->momentum);
    *at += s->norm ? 3 : 2;
    return op_activate(x, ACT_RELU);
}

static void build(const Model *m, Net root, const ModelShape *shape, ModelOutputs *out)
{
    const VggSizes *s = m->variant->sizes;
    Node x = model_pixels(root, shape, out);
    Net features = nn_at(root, "features"), fc = nn_at(root, "classifier");
    int at = 0;

    for (int stage = 0; stage < 5; stage++) {
        for (int i = 0; i < s->convolutions[stage]; i++)
            x = layer(m, features, x, width[stage], &at);
        x = op_maxpool2d(x, (Pool2dAttr){.k = {2, 2}, .stride = {2, 2}});
        at++;
    }
    x = op_flatten(op_adaptive_avgpool(x, POOLED, POOLED));
    x = op_activate(nn_linear(fc, "0", x, m->dim), ACT_RELU);
    x = nn_dropout(fc, "2", x, m->dropout);
    out->pooled = op_activate(nn_linear(fc, "3", x, m->dim), ACT_RELU);
    model_picture_head(m, root, "classifier.6", m->dropout, shape, out);
}

static int convolutions(const VggSizes *s)
{
    return s->convolutions[0] + s->convolutions[1] + s->convolutions[2] + s->convolutions[3] +
           s->convolutions[4];
}

static Status read_config(Err *e, Arena *a, Model *m)
{
    (void)e;
    (void)a;
    m->dim = 4096;
    m->layers = convolutions(m->variant->sizes) - 1 + 2;
    return E_OK;
}

/* Which convolution place `index` of "features" belongs to. */
static int convolution_at(const VggSizes *s, long index)
{
    int each = s->norm ? 3 : 2, done = 0;

    for (int stage = 0; stage < 5; stage++) {
        int n = s->convolutions[stage];

        if (index < (long)n * each)
            return done + (int)(index / each);
        index -= (long)n * each + 1;
        done += n;
    }
    return done;
}

static int depth(const Model *m, const char *name)
{
    if (strncmp(name, "features.", 9) == 0)
        return convolution_at(m->variant->sizes, strtol(name + 9, NULL, 10));
    if (strncmp(name, "classifier.0.", 13) == 0)
        return m->layers - 1;
    return strncmp(name, "classifier.3.", 13) == 0 ? m->layers : m->layers + 1;
}

#define ROW(row, normed, ...)                                                                      \
    {                                                                                              \
        .name = (row), .library = "torchvision", .source = "torchvision, ImageNet-1k",             \
        .licence = "bsd-3-clause", .eps = 1e-5F, .momentum = 0.1F,                                 \
        .sizes = &(const VggSizes){{__VA_ARGS__}, normed}, .pre = {                                \
            .size = 224,                                                                           \
            .crop_pct = 0.875,                                                                     \
            .interpolation = "bilinear",                                                           \
            .mean = {0.485F, 0.456F, 0.406F},                                                      \
            .std = {0.229F, 0.224F, 0.225F}                                                        \
        }                                                                                          \
    }

static const Variant variants[] = {
    ROW("vgg11", false, 1, 1, 2, 2, 2), ROW("vgg11_bn", true, 1, 1, 2, 2, 2),
    ROW("vgg13", false, 2, 2, 2, 2, 2), ROW("vgg13_bn", true, 2, 2, 2, 2, 2),
    ROW("vgg16", false, 2, 2, 3, 3, 3), ROW("vgg16_bn", true, 2, 2, 3, 3, 3),
    ROW("vgg19", false, 2, 2, 4, 4, 4), ROW("vgg19_bn", true, 2, 2, 4, 4, 4),
};

const ModelDef model_vgg = {
    .name = "vgg",
    .paper = "Simonyan & Zisserman 2014, arXiv:1409.1556",
    .input = INPUT_PICTURES,
    .prefix = "module",
    .head_names = (const char *const[]){"classifier.6", NULL},
    .ignored = (const char *const[]){"num_batches_tracked", NULL},
    .lora_targets = "all-conv|all-linear",
    .variant = variants,
    .variants = (int)LEN(variants),
    .read_config = read_config,
    .build = build,
    .depth = depth,
};

/* SPDX-License-Identifier: MIT */
