/* resnet.c - residual networks (He et al. 2015, arXiv:1512.03385) with torchvision's names, which are timm's too; wide
 * ones (Zagoruyko & Komodakis 2016, arXiv:1605.07146), with groups (Xie et al. 2016, arXiv:1611.05431), and the tweaks
 * called D (He et al. 2018, arXiv:1812.01187).  x: [B, C, H, W] */
#include "models/inside.h"

#include <stdlib.h>
#include <string.h>

typedef struct ResnetSizes {
    int blocks[4];
    bool bottleneck;
    bool
        deep; /* D: three small convolutions for a stem, shortcuts that average where they shrink */
    int groups, width; /* of a bottleneck's middle: planes * width / 64 * groups */
} ResnetSizes;

/* Two 3x3.  x: [B, C, H, W] -> [B, planes, H/s, W/s] */
static Node basic(const Model *m, Net n, Node x, int64_t planes, int stride)
{
    Conv2d first = {.out = planes, .k = 3, .stride = stride, .pad = 1};
    Conv2d second = {.out = planes, .k = 3, .pad = 1};

    x = op_activate(model_conv_norm(m, n, "conv1", "bn1", x, first), ACT_RELU);
    return model_conv_norm(m, n, "conv2", "bn2", x, second);
}

/* 1x1 reduce, 3x3, 1x1 expand.  x: [B, C, H, W] -> [B, 4 planes, H/s, W/s] */
static Node bottleneck(const Model *m, Net n, Node x, int64_t planes, int stride)
{
    const ResnetSizes *s = m->variant->sizes;
    int64_t width = planes * s->width / 64 * s->groups;
    Conv2d reduce = {.out = width, .k = 1}, expand = {.out = 4 * planes, .k = 1};
    Conv2d middle = {.out = width, .k = 3, .stride = stride, .pad = 1, .groups = s->groups};

    x = op_activate(model_conv_norm(m, n, "conv1", "bn1", x, reduce), ACT_RELU);
    x = op_activate(model_conv_norm(m, n, "conv2", "bn2", x, middle), ACT_RELU);
    return model_conv_norm(m, n, "conv3", "bn3", x, expand);
}

/* What is added to a block's output where its shape is not the input's. */
static Node downsample(const Model *m, Net n, Node x, int64_t out, int stride)
{
    const ResnetSizes *s = m->variant->sizes;
    Pool2dAttr halve = {.k = {2, 2}, .stride = {2, 2}, .ceil = true};

    if (!s->deep)
        return model_conv_norm(m, n, "0", "1", x, (Conv2d){.out = out, .k = 1, .stride = stride});
    if (stride == 2)
        x = op_avgpool2d(x, halve);
    return model_conv_norm(m, n, "1", "2", x, (Conv2d){.out = out, .k = 1});
}

static Node block(const Model *m, Net n, Node x, int64_t planes, int stride, float drop)
{
    const ResnetSizes *s = m->variant->sizes;
    Node y = s->bottleneck ? bottleneck(m, n, x, planes, stride) : basic(m, n, x, planes, stride);
    int64_t out = node_dim(y, 1);

    if (stride != 1 || node_dim(x, 1) != out)
        x = downsample(m, nn_at(n, "downsample"), x, out, stride);
    return op_activate(op_add(nn_drop_path(n, "drop_path", y, drop), x), ACT_RELU);
}

/* x: [B, 3, H, W] -> [B, 64, H/4, W/4] */
static Node stem(const Model *m, Net root, Node x)
{
    const ResnetSizes *s = m->variant->sizes;
    Pool2dAttr pool = {.k = {3, 3}, .stride = {2, 2}, .pad = {1, 1, 1, 1}};
    Conv2d whole = {.out = 64, .k = 7, .stride = 2, .pad = 3};
    Conv2d first = {.out = 32, .k = 3, .stride = 2, .pad = 1}, then = {.out = 32, .k = 3, .pad = 1},
           last = {.out = 64, .k = 3, .pad = 1};

    if (s->deep) {
        x = op_activate(model_conv_norm(m, root, "conv1.0", "conv1.1", x, first), ACT_RELU);
        x = op_activate(model_conv_norm(m, root, "conv1.3", "conv1.4", x, then), ACT_RELU);
        x = model_conv_norm(m, root, "conv1.6", "bn1", x, last);
    } else {
        x = model_conv_norm(m, root, "conv1", "bn1", x, whole);
    }
    return op_maxpool2d(op_activate(x, ACT_RELU), pool);
}

static void resnet_build(const Model *m, Net root, const ModelShape *shape, ModelOutputs *out)
{
    const ResnetSizes *s = m->variant->sizes;
    Node x = stem(m, root, model_pixels(root, shape, out));

    for (int stage = 0, done = 0; stage < 4; stage++)
        for (int i = 0; i < s->blocks[stage]; i++, done++)
            x = block(m, nn_at(root, "layer%d.%d", stage + 1, i), x, 64 << stage,
                      stage && i == 0 ? 2 : 1, m->drop_path * (float)done / (float)(m->layers - 1));
    out->pooled = op_avgpool_all(x);
    model_picture_head(m, root, "fc", m->dropout, shape, out);
}

static Status resnet_read_config(Err *e, Arena *a, Model *m)
{
    const ResnetSizes *s = m->variant->sizes;

    (void)e;
    (void)a;
    m->dim = s->bottleneck ? 2048 : 512;
    m->layers = s->blocks[0] + s->blocks[1] + s->blocks[2] + s->blocks[3];
    return E_OK;
}

static int resnet_depth(const Model *m, const char *name)
{
    const ResnetSizes *s = m->variant->sizes;
    int depth = 1;
    char *end;

    if (strncmp(name, "conv1.", 6) == 0 || strncmp(name, "bn1.", 4) == 0)
        return 0;
    if (strncmp(name, "layer", 5) != 0)
        return m->layers + 1;
    long stage = strtol(name + 5, &end, 10);
    for (int k = 1; k < stage && k <= 4; k++)
        depth += s->blocks[k - 1];
    return depth + (*end ? (int)strtol(end + 1, NULL, 10) : 0);
}

#define IMAGENET .mean = {0.485F, 0.456F, 0.406F}, .std = {0.229F, 0.224F, 0.225F}
#define ROW(lib, row, from, terms, ...)                                                            \
    {                                                                                              \
        .name = row, .library = lib, .timm = row, .source = from, .licence = terms, .eps = 1e-5F,  \
        .momentum = 0.1F, .sizes = &(const ResnetSizes){__VA_ARGS__},
#define PLAIN(row, ...)                                                                            \
    ROW("torchvision", row, "torchvision, ImageNet-1k", "bsd-3-clause", __VA_ARGS__).pre = {       \
        .size = 224, .crop_pct = 0.875, .interpolation = "bilinear", IMAGENET}                     \
    }
#define DEEP(row, side, share, ...)                                                                \
    ROW("timm", row, "timm, ImageNet-1k (ra2)", "apache-2.0", __VA_ARGS__).pre = {                 \
        .size = side, .crop_pct = share, .interpolation = "bicubic", IMAGENET}                     \
    }
#define BASIC(...)         .blocks = {__VA_ARGS__}, .groups = 1, .width = 64
#define BOTTLENECK(...)    BASIC(__VA_ARGS__), .bottleneck = true
#define GROUPED(g, w, ...) .blocks = {__VA_ARGS__}, .groups = g, .width = w, .bottleneck = true

static const Variant variants[] = {
    PLAIN("resnet18", BASIC(2, 2, 2, 2)),
    PLAIN("resnet34", BASIC(3, 4, 6, 3)),
    PLAIN("resnet50", BOTTLENECK(3, 4, 6, 3)),
    PLAIN("resnet101", BOTTLENECK(3, 4, 23, 3)),
    PLAIN("resnet152", BOTTLENECK(3, 8, 36, 3)),
    PLAIN("wide_resnet50_2", GROUPED(1, 128, 3, 4, 6, 3)),
    PLAIN("wide_resnet101_2", GROUPED(1, 128, 3, 4, 23, 3)),
    PLAIN("resnext50_32x4d", GROUPED(32, 4, 3, 4, 6, 3)),
    PLAIN("resnext101_32x8d", GROUPED(32, 8, 3, 4, 23, 3)),
    DEEP("resnet18d", 224, 0.875, BASIC(2, 2, 2, 2), .deep = true),
    DEEP("resnet34d", 224, 0.875, BASIC(3, 4, 6, 3), .deep = true),
    DEEP("resnet50d", 224, 0.875, BOTTLENECK(3, 4, 6, 3), .deep = true),
    DEEP("resnet101d", 256, 0.95, BOTTLENECK(3, 4, 23, 3), .deep = true),
    DEEP("resnet152d", 256, 0.95, BOTTLENECK(3, 8, 36, 3), .deep = true),
};

const ModelDef model_resnet = {
    .name = "resnet",
    .paper = "He et al. 2015, arXiv:1512.03385",
    .input = INPUT_PICTURES,
    .prefix = "module",
    .head_names = (const char *const[]){"fc", NULL},
    .ignored = (const char *const[]){"num_batches_tracked", NULL},
    .lora_targets = "conv1|conv2|conv3",
    .variant = variants,
    .variants = (int)LEN(variants),
    .read_config = resnet_read_config,
    .build = resnet_build,
    .depth = resnet_depth,
};

/* SPDX-License-Identifier: MIT */
