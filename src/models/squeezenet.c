/* squeezenet.c - SqueezeNet (Iandola et al. 2016, arXiv:1602.07360) with torchvision's names: eight fire modules, pools
 * that round up, and for a classifier a 1 x 1 convolution, its ReLU, the mean over the picture.  A new classifier has
 * no ReLU: its mean is then a linear function of the mean features.  x: [B, 3, H, W]; what it reads: [B, 512] */
#include "models/inside.h"

#include <stdlib.h>
#include <string.h>

#define FIRES 8
#define FIRST 3 /* where the fires begin among "features" */

typedef struct SqueezeSizes {
    Conv2d stem;
    bool pool[FIRES]; /* one after this fire */
    bool caffe;       /* reads blue, green, red */
} SqueezeSizes;

static const int squeeze[FIRES] = {16, 16, 32, 32, 48, 48, 64, 64};

/* 1x1 to few channels, then 1x1 and 3x3 side by side.  x: [B, C, H, W] -> [B, 8 narrow, H, W] */
static Node fire(Net n, Node x, int64_t narrow)
{
    Conv2d reduce = {.out = narrow, .k = 1, .bias = true};
    Conv2d one = {.out = 4 * narrow, .k = 1, .bias = true};
    Node none = NO_NODE;
    Conv2d three = {.out = 4 * narrow, .k = 3, .pad = 1, .bias = true};

    x = op_activate(nn_conv2d(n, "squeeze", x, reduce), ACT_RELU);
    Node a = op_activate(nn_conv2d(n, "expand1x1", x, one), ACT_RELU);
    Node b = op_activate(nn_conv2d(n, "expand3x3", x, three), ACT_RELU);
    return op_concat_channels(a, b, none, none);
}

/* Red, green, blue the other way round. */
static Node blue_first(Node x)
{
    return op_concat_channels(op_pad_channels_grad(x, 2, 0), op_pad_channels_grad(x, 1, 1),
                              op_pad_channels_grad(x, 0, 2), NO_NODE);
}

static void classify(const Model *m, Net root, Node x, const ModelShape *shape, ModelOutputs *out)
{
    Net at = nn_at(root, "classifier");

    out->pooled = op_avgpool_all(x);
    graph_output(root.g, "features", out->pooled);
    if (m->head != HEAD_PICTURE)
        return;
    x = nn_dropout(at, "0", m->clipped_head ? x : op_as_picture(out->pooled), m->dropout);
    x = nn_conv2d(at, "1", x, (Conv2d){.out = m->labels, .k = 1, .bias = true});
    if (m->clipped_head)
        x = op_activate(x, ACT_RELU);
    model_class_logits(m, root, op_avgpool_all(x), shape, out);
}

static void build(const Model *m, Net root, const ModelShape *shape, ModelOutputs *out)
{
    const SqueezeSizes *s = m->variant->sizes;
    const Pool2dAttr pool = {.k = {3, 3}, .stride = {2, 2}, .ceil = true};
    Node x = model_pixels(root, shape, out);
    Net features = nn_at(root, "features");

    x = nn_conv2d(features, "0", s->caffe ? blue_first(x) : x, s->stem);
    x = op_maxpool2d(op_activate(x, ACT_RELU), pool);
    for (int i = 0, at = FIRST; i < FIRES; i++, at++) {
        x = fire(nn_at(features, "%d", at), x, squeeze[i]);
        if (s->pool[i]) {
            x = op_maxpool2d(x, pool);
            at++;
        }
    }
    classify(m, root, x, shape, out);
}

static Status read_config(Err *e, Arena *a, Model *m)
{
    (void)e;
    (void)a;
    m->dim = 512;
    m->layers = FIRES;
    return E_OK;
}

static int depth(const Model *m, const char *name)
{
    const SqueezeSizes *s = m->variant->sizes;

    if (strncmp(name, "features.", 9) != 0)
        return m->layers + 1;
    int at = (int)strtol(name + 9, NULL, 10);
    if (at < FIRST)
        return 0;
    for (int i = 0; i < FIRES; i++) {
        if (at == FIRST + i)
            return i + 1;
        at -= s->pool[i];
    }
    return m->layers;
}

#define STEM(channels, window)                                                                     \
    {                                                                                              \
        .out = (channels), .k = (window), .stride = 2, .bias = true                                \
    }
#define IMAGENET                                                                                   \
    {                                                                                              \
        .size = 224, .crop_pct = 0.875, .interpolation = "bilinear",                               \
        .mean = {0.485F, 0.456F, 0.406F}, .std = {                                                 \
            0.229F,                                                                                \
            0.224F,                                                                                \
            0.225F                                                                                 \
        }                                                                                          \
    }
#define CAFFE /* whole numbers minus 123, 117, 104 */                                              \
    {                                                                                              \
        .size = 227, .crop_pct = 0.8764, .interpolation = "bilinear",                              \
        .mean = {123 / 255.0F, 117 / 255.0F, 104 / 255.0F}, .std = {                               \
            1 / 255.0F,                                                                            \
            1 / 255.0F,                                                                            \
            1 / 255.0F                                                                             \
        }                                                                                          \
    }
#define ROW(row, lib, from, terms, values, ...)                                                    \
    {                                                                                              \
        .name = (row), .library = (lib), .source = (from), .licence = (terms), .eps = 1e-5F,       \
        .momentum = 0.1F, .pre = values, .sizes = &(const SqueezeSizes)                            \
        {                                                                                          \
            __VA_ARGS__                                                                            \
        }                                                                                          \
    }

static const Variant variants[] = {
    ROW("squeezenet1_0", "torchvision", "torchvision, ImageNet-1k", "bsd-3-clause", IMAGENET,
        .stem = STEM(96, 7), .pool = {[2] = true, [6] = true}),
    ROW("squeezenet1_1", "torchvision", "torchvision, ImageNet-1k", "bsd-3-clause", IMAGENET,
        .stem = STEM(64, 3), .pool = {[1] = true, [3] = true}),
    ROW("squeezenet1_1_caffe", "caffe", "the authors, ImageNet-1k, channels blue first",
        "bsd-2-clause", CAFFE, .stem = STEM(64, 3), .pool = {[1] = true, [3] = true},
        .caffe = true),
};

const ModelDef model_squeezenet = {
    .name = "squeezenet",
    .paper = "Iandola et al. 2016, arXiv:1602.07360",
    .input = INPUT_PICTURES,
    .prefix = "module",
    .head_names = (const char *const[]){"classifier.1", NULL},
    .clipped_head = true,
    .lora_targets = "all-conv",
    .variant = variants,
    .variants = (int)LEN(variants),
    .read_config = read_config,
    .build = build,
    .depth = depth,
};

/* SPDX-License-Identifier: MIT */
