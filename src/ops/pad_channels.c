/* pad_channels.c - channels of zeros before and after: what shortcuts without weights do where a network widens (option A
 * of He et al. 2015, arXiv:1512.03385).  [B, C, H, W] -> [B, before + C + after, H, W]; dx is the middle of dy. */
#include "ops/pictures.h"

static bool pad_channels_shape(ShapeCall *c)
{
    const PadChannelsAttr *a = c->attr;

    if (!want_pictures(c, 0, "pad_channels' x"))
        return false;
    if (a->before < 0 || a->after < 0)
        return shape_fail(c, "pad_channels by %lld and %lld", (long long)a->before,
                          (long long)a->after);
    c->out[0] = c->in[0];
    c->out[0].shape.dim[1] += a->before + a->after;
    return true;
}

static void pad_channels_grad(const GradCall *c, Node *dx)
{
    const PadChannelsAttr *a = c->attr;

    dx[0] = op_pad_channels_grad(c->dy[0], a->before, a->after);
}

/* The narrow tensor's row of a position lies in the wide one's at `before`. */
static void pad_channels_ref(const OpCall *c)
{
    const PadChannelsAttr *a = c->attr;
    int64_t n = picture_channels(&c->in[0]), wide = picture_channels(&c->out[0]);
    const real *x = c->in[0].data;
    real *y = c->out[0].data;

    for (int64_t i = 0; i < tensor_count(&c->out[0]); i++) {
        int64_t k = i % wide - a->before;

        y[i] = k >= 0 && k < n ? x[i / wide * n + k] : 0;
    }
}

static bool pad_channels_grad_shape(ShapeCall *c)
{
    const PadChannelsAttr *a = c->attr;

    if (!want_pictures(c, 0, "pad_channels_grad's dy"))
        return false;
    if (c->in[0].shape.dim[1] <= a->before + a->after)
        return shape_fail(c, "pad_channels_grad of %s without %lld and %lld channels",
                          IN_TEXT(c, 0), (long long)a->before, (long long)a->after);
    c->out[0] = c->in[0];
    c->out[0].shape.dim[1] -= a->before + a->after;
    return true;
}

static void pad_channels_grad_ref(const OpCall *c)
{
    const PadChannelsAttr *a = c->attr;
    int64_t n = picture_channels(&c->out[0]), wide = picture_channels(&c->in[0]);
    const real *dy = c->in[0].data;
    real *dx = c->out[0].data;

    for (int64_t i = 0; i < tensor_count(&c->out[0]); i++)
        dx[i] = dy[i / n * wide + a->before + i % n];
}

static const PadChannelsAttr both = {2, 3}, end = {0, 1};
static const OpCase cases[] = {
    {.in = {DIMS(-CASE_M, 3, 2, 5)}, .attr = &both},
    {.in = {DIMS(2, 1, 3, 3)}, .attr = &end},
    {.in = {DIMS(1, 17, 1, 1)}, .attr = &both},
};
static const OpCase grad_cases[] = {
    {.in = {DIMS(-CASE_M, 8, 2, 5)}, .attr = &both},
    {.in = {DIMS(2, 2, 3, 3)}, .attr = &end},
    {.in = {DIMS(1, 22, 1, 1)}, .attr = &both},
};

const OpDef opdef_pad_channels = {
    .name = "pad_channels",
    .inputs = 1,
    .outputs = 1,
    .attr_size = sizeof(PadChannelsAttr),
    .shape = pad_channels_shape,
    .grad = pad_channels_grad,
    .ref = pad_channels_ref,
    CASES(cases),
};

const OpDef opdef_pad_channels_grad = {
    .name = "pad_channels_grad",
    .inputs = 1,
    .outputs = 1,
    .attr_size = sizeof(PadChannelsAttr),
    .shape = pad_channels_grad_shape,
    .ref = pad_channels_grad_ref,
    CASES(grad_cases),
};

Node op_pad_channels(Node x, int64_t before, int64_t after)
{
    return op_call(&opdef_pad_channels, (Node[]){x}, &(PadChannelsAttr){before, after});
}

Node op_pad_channels_grad(Node dy, int64_t before, int64_t after)
{
    return op_call(&opdef_pad_channels_grad, (Node[]){dy}, &(PadChannelsAttr){before, after});
}

/* SPDX-License-Identifier: MIT */
