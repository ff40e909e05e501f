/* conv2d.c - convolution of pictures; windows square or not, padding symmetric, or as TensorFlow's SAME has it: H' = H / s rounded up, what
 * is missing added half on each side, the odd one at the end.  x: [B, C, H, W] -> [B, out, H', W'] */
#include "nn/nn.h"

static void pad_same(Conv2dAttr *a, int axis, int64_t size, int k)
{
    int64_t out = (size + a->stride[axis] - 1) / a->stride[axis];
    int64_t all = (out - 1) * a->stride[axis] + (int64_t)a->dilation[axis] * (k - 1) + 1 - size;

    if (all < 0)
        all = 0;
    a->pad[axis] = (int)(all / 2);
    a->pad[axis + 2] = (int)(all - all / 2);
}

static int or_one(int n)
{
    return n ? n : 1;
}

Node nn_conv2d(Net n, const char *name, Node x, Conv2d c)
{
    Net at = nn_at(n, "%s", name);
    int s = or_one(c.stride), d = or_one(c.dilation), groups = or_one(c.groups);
    int k[2] = {c.k, c.k_across ? c.k_across : c.k}, pad = c.k_across ? c.pad_across : c.pad;
    Conv2dAttr a = {{s, s}, {c.pad, pad, c.pad, pad}, {d, d}, groups};
    int64_t in = node_dim(x, 1);

    if (graph_failed(n.g))
        return NO_NODE;
    graph_path(at.g, at.path);
    if (groups < 1 || in % groups != 0 || k[0] < 1 || k[1] < 1) {
        graph_fail(n.g, "a convolution of %lld channels in %d groups with a window of %d x %d",
                   (long long)in, groups, k[0], k[1]);
        return NO_NODE;
    }
    Node w = nn_param(at, "weight", SHAPE(c.out, in / groups, k[0], k[1]), INIT_KAIMING);
    Node b = c.bias ? nn_param(at, "bias", SHAPE(c.out), INIT_ZERO) : NO_NODE;

    x = nn_on_input(at, x);
    for (int i = 0; i < 2 && c.same && s > 0 && d > 0; i++)
        pad_same(&a, i, node_dim(x, 2 + i), k[i]);
    graph_path(at.g, at.path);
    return nn_on_conv(at, x, w, a, op_conv2d(x, w, b, a));
}

/* SPDX-License-Identifier: MIT */
