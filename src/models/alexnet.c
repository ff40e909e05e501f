/* alexnet.c - AlexNet as torchvision has it ("one weird trick", Krizhevsky 2014, arXiv:1404.5997, after Krizhevsky et al.
 * 2012): five convolutions, three pools, three linear layers.  x: [B, 3, H, W]; what the classifier reads: [B, 4096] */
#include "models/inside.h"

#include <stdlib.h>
#include <string.h>

#define POOLED 6 /* what is left of a picture, whatever its size, each way */

typedef struct Layer {
    Conv2d conv;
    int index; /* in "features" */
    bool pool; /* after it */
} Layer;

static const Layer layers[] = {
    {{.out = 64, .k = 11, .stride = 4, .pad = 2, .bias = true}, 0, true},
    {{.out = 192, .k = 5, .pad = 2, .bias = true}, 3, true},
    {{.out = 384, .k = 3, .pad = 1, .bias = true}, 6, false},
    {{.out = 256, .k = 3, .pad = 1, .bias = true}, 8, false},
    {{.out = 256, .k = 3, .pad = 1, .bias = true}, 10, true},
};

static void build(const Model *m, Net root, const ModelShape *shape, ModelOutputs *out)
{
    Node x = model_pixels(root, shape, out);
    Net features = nn_at(root, "features"), fc = nn_at(root, "classifier");

    for (size_t i = 0; i < LEN(layers); i++) {
        Net at = nn_at(features, "%d", layers[i].index);

        x = op_activate(nn_conv2d(at, "", x, layers[i].conv), ACT_RELU);
        if (layers[i].pool)
            x = op_maxpool2d(x, (Pool2dAttr){.k = {3, 3}, .stride = {2, 2}});
    }
    x = op_flatten(op_adaptive_avgpool(x, POOLED, POOLED));
    x = nn_dropout(fc, "0", x, m->dropout);
    x = op_activate(nn_linear(fc, "1", x, m->dim), ACT_RELU);
    x = nn_dropout(fc, "3", x, m->dropout);
    out->pooled = op_activate(nn_linear(fc, "4", x, m->dim), ACT_RELU);
    model_picture_head(m, root, "classifier.6", 0, shape, out);
}

static Status read_config(Err *e, Arena *a, Model *m)
{
    (void)e;
    (void)a;
    m->dim = 4096;
    m->layers = (int)LEN(layers) - 1 + 2;
    return E_OK;
}

static int depth(const Model *m, const char *name)
{
    if (strncmp(name, "features.", 9) == 0)
        for (size_t i = 0; i < LEN(layers); i++)
            if (layers[i].index == strtol(name + 9, NULL, 10))
                return (int)i;
    if (strncmp(name, "classifier.1.", 13) == 0)
        return m->layers - 1;
    return strncmp(name, "classifier.4.", 13) == 0 ? m->layers : m->layers + 1;
}

static const Variant variants[] = {
    {.name = "alexnet",
     .library = "torchvision",
     .source = "torchvision, ImageNet-1k",
     .licence = "bsd-3-clause",
     .eps = 1e-5F,
     .momentum = 0.1F,
     .pre = {.size = 224,
             .crop_pct = 0.875,
             .interpolation = "bilinear",
             .mean = {0.485F, 0.456F, 0.406F},
             .std = {0.229F, 0.224F, 0.225F}}},
};

const ModelDef model_alexnet = {
    .name = "alexnet",
    .paper = "Krizhevsky 2014, arXiv:1404.5997",
    .input = INPUT_PICTURES,
    .prefix = "module",
    .head_names = (const char *const[]){"classifier.6", NULL},
    .lora_targets = "features.3|features.6|features.8|features.10|classifier.1|classifier.4",
    .variant = variants,
    .variants = (int)LEN(variants),
    .read_config = read_config,
    .build = build,
    .depth = depth,
};

/* SPDX-License-Identifier: MIT */
