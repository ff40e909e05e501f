/* resnet_cifar.c - the residual networks of 32 x 32 pictures (He et al. 2015, arXiv:1512.03385, section 4.2): three stages
 * of 16, 32 and 64 channels, shortcuts without weights, names as pytorch_resnet_cifar10 has them.  x: [B, C, H, W] */
#include "models/inside.h"

#include <stdlib.h>
#include <string.h>

static int blocks_of(const Model *m) /* in each stage */
{
    return *(const int *)m->variant->sizes;
}

/* Every second position, and channels of zeros around the old ones. */
static Node narrow_to_wide(Node x, int64_t planes)
{
    int64_t more = planes - node_dim(x, 1);

    x = op_avgpool2d(x, (Pool2dAttr){.k = {1, 1}, .stride = {2, 2}});
    return op_pad_channels(x, more / 2, more - more / 2);
}

/* x: [B, C, H, W] -> [B, planes, H/s, W/s] */
static Node block(const Model *m, Net n, Node x, int64_t planes, int stride)
{
    Conv2d first = {.out = planes, .k = 3, .stride = stride, .pad = 1};
    Conv2d second = {.out = planes, .k = 3, .pad = 1};
    Node y = op_activate(model_conv_norm(m, n, "conv1", "bn1", x, first), ACT_RELU);

    y = model_conv_norm(m, n, "conv2", "bn2", y, second);
    if (stride != 1)
        x = narrow_to_wide(x, planes);
    return op_activate(op_add(y, x), ACT_RELU);
}

static void build(const Model *m, Net root, const ModelShape *shape, ModelOutputs *out)
{
    Conv2d stem = {.out = 16, .k = 3, .pad = 1};
    Node x = model_conv_norm(m, root, "conv1", "bn1", model_pixels(root, shape, out), stem);

    x = op_activate(x, ACT_RELU);
    for (int stage = 0; stage < 3; stage++)
        for (int i = 0; i < blocks_of(m); i++)
            x = block(m, nn_at(root, "layer%d.%d", stage + 1, i), x, 16 << stage,
                      stage && i == 0 ? 2 : 1);
    out->pooled = op_avgpool_all(x);
    model_picture_head(m, root, "linear", m->dropout, shape, out);
}

static Status read_config(Err *e, Arena *a, Model *m)
{
    (void)e;
    (void)a;
    m->dim = 64;
    m->layers = 3 * blocks_of(m);
    return E_OK;
}

static int depth(const Model *m, const char *name)
{
    char *end;

    if (strncmp(name, "conv1.", 6) == 0 || strncmp(name, "bn1.", 4) == 0)
        return 0;
    if (strncmp(name, "layer", 5) != 0)
        return m->layers + 1;
    int stage = (int)strtol(name + 5, &end, 10);
    return (stage - 1) * blocks_of(m) + (*end ? (int)strtol(end + 1, NULL, 10) : 0) + 1;
}

#define ROW(row, n)                                                                                \
    {                                                                                              \
        .name = (row), .library = "pytorch_resnet_cifar10",                                        \
        .source = "pytorch_resnet_cifar10, CIFAR-10", .licence = "bsd-2-clause", .eps = 1e-5F,     \
        .momentum = 0.1F, .sizes = &(const int){n}, .pre = {                                       \
            .size = 32,                                                                            \
            .crop_pct = 1,                                                                         \
            .interpolation = "bilinear",                                                           \
            .mean = {0.485F, 0.456F, 0.406F},                                                      \
            .std = {0.229F, 0.224F, 0.225F}                                                        \
        }                                                                                          \
    }

static const Variant variants[] = {
    ROW("resnet20", 3), ROW("resnet32", 5),   ROW("resnet44", 7),
    ROW("resnet56", 9), ROW("resnet110", 18),
};

const ModelDef model_resnet_cifar = {
    .name = "resnet_cifar",
    .paper = "He et al. 2015, arXiv:1512.03385, section 4.2",
    .input = INPUT_PICTURES,
    .prefix = "module",
    .head_names = (const char *const[]){"linear", NULL},
    .ignored = (const char *const[]){"num_batches_tracked", NULL},
    .lora_targets = "conv1|conv2",
    .variant = variants,
    .variants = (int)LEN(variants),
    .read_config = read_config,
    .build = build,
    .depth = depth,
};

/* SPDX-License-Identifier: MIT */
