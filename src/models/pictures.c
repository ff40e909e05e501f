/* pictures.c - what families of pictures share. */
#include "models/inside.h"

Node model_pixels(Net root, const ModelShape *shape, const ModelOutputs *out)
{
    Shape s = SHAPE(shape->pictures, 3, shape->height, shape->width);

    return graph_input(root.g, "pixel_values", DT_F32, s, out->batch);
}

Node model_conv_norm(const Model *m, Net n, const char *conv, const char *norm, Node x, Conv2d c)
{
    return nn_batchnorm(n, norm, nn_conv2d(n, conv, x, c), m->eps, m->momentum);
}

Node model_conv_unit(const Model *m, Net n, Node x, Conv2d c)
{
    return op_activate(model_conv_norm(m, n, "conv", "bn", x, c), ACT_RELU);
}

bool model_has_auxiliary(const Model *m)
{
    return m->optional && m->head == HEAD_PICTURE && !m->new_head;
}

void model_add_auxiliary(ModelOutputs *out, Node logits, float weight)
{
    out->auxiliary[out->auxiliaries++] = logits;
    out->auxiliary_weight = weight;
}

/* SPDX-License-Identifier: MIT */
