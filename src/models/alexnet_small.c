/* alexnet_small.c - AlexNet's form for pictures of 28 x 28 (after Krizhevsky et al. 2012): four convolutions, three pools,
 * three linear layers, no normalisation; small enough to be trained from random weights many times over, as studies of
 * layers do.  Nobody has released it: a layer is named by its place.  x: [B, 3, H, W]; the classifier reads [B, 128] */
#include "models/inside.h"

#include <stdlib.h>
#include <string.h>

#define POOLED 3 /* what is left of a picture, whatever its size, each way */

typedef struct Layer {
    Conv2d conv;
    bool pool; /* after it */
} Layer;

static const Layer layers[] = {
    {{.out = 16, .k = 5, .pad = 2, .bias = true}, true},
    {{.out = 32, .k = 3, .pad = 1, .bias = true}, true},
    {{.out = 64, .k = 3, .pad = 1, .bias = true}, false},
    {{.out = 64, .k = 3, .pad = 1, .bias = true}, true},
};

static void build(const Model *m, Net root, const ModelShape *shape, ModelOutputs *out)
{
    Node x = model_pixels(root, shape, out);

    for (size_t i = 0; i < LEN(layers); i++) {
        x = op_activate(nn_conv2d(nn_at(root, "conv%d", (int)i + 1), "", x, layers[i].conv),
                        ACT_RELU);
        if (layers[i].pool)
            x = op_maxpool2d(x, (Pool2dAttr){.k = {2, 2}, .stride = {2, 2}});
    }
    if (node_dim(x, 2) != POOLED || node_dim(x, 3) != POOLED)
        x = op_adaptive_avgpool(x, POOLED, POOLED);
    x = nn_dropout(root, "drop5", op_flatten(x), m->dropout);
    x = op_activate(nn_linear(root, "fc5", x, m->dim), ACT_RELU);
    x = nn_dropout(root, "drop6", x, m->dropout);
    out->pooled = op_activate(nn_linear(root, "fc6", x, m->dim), ACT_RELU);
    model_picture_head(m, root, "fc7", 0, shape, out);
}

static Status read_config(Err *e, Arena *a, Model *m)
{
    (void)e;
    (void)a;
    m->dim = 128;
    m->layers = (int)LEN(layers) - 1 + 2;
    return E_OK;
}

/* "conv1" is the stem, "fc6" the last layer, "fc7" the head. */
static int depth(const Model *m, const char *name)
{
    size_t letters = strspn(name, "convf");
    long at = strtol(name + letters, NULL, 10);

    return at >= 1 && at <= m->layers + 1 ? (int)at - 1 : m->layers + 1;
}

static const Variant variants[] = {
    {.name = "alexnet_small",
     .library = "engraft",
     .source = "engraft, from random weights",
     .eps = 1e-5F,
     .momentum = 0.1F,
     .pre = {.size = 28,
             .crop_pct = 1,
             .interpolation = "bilinear",
             .mean = {0.5F, 0.5F, 0.5F},
             .std = {0.5F, 0.5F, 0.5F}}},
};

const ModelDef model_alexnet_small = {
    .name = "alexnet_small",
    .paper = "after Krizhevsky et al. 2012",
    .input = INPUT_PICTURES,
    .prefix = "module",
    .head_names = (const char *const[]){"fc7", NULL},
    .lora_targets = "conv2|conv3|conv4|fc5|fc6",
    .variant = variants,
    .variants = (int)LEN(variants),
    .read_config = read_config,
    .build = build,
    .depth = depth,
};

/* SPDX-License-Identifier: MIT */
