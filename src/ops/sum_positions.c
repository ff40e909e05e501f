/* sum_positions.c - y_c = sum of x over pictures and positions.  x: [B, C, H, W] -> [C] */
#include "ops/pictures.h"

static bool sum_positions_shape(ShapeCall *c)
{
    if (!want_pictures(c, 0, "sum_positions' x"))
        return false;
    set_out(c, 0, DT_F32, SHAPE(c->in[0].shape.dim[1]), SPACE_NONE);
    return true;
}

static void sum_positions_ref(const OpCall *c)
{
    int64_t n = picture_channels(&c->in[0]), count = tensor_count(&c->in[0]);
    const real *x = c->in[0].data;
    real *y = c->out[0].data;

    for (int64_t i = 0; i < n; i++)
        y[i] = 0;
    for (int64_t i = 0; i < count; i++)
        y[i % n] += x[i];
}

static double sum_positions_flops(const OpCall *c)
{
    return (double)tensor_count(&c->in[0]);
}

static const OpCase cases[] = {
    {.in = {DIMS(-CASE_B, 7, 3, 2)}},
    {.in = {DIMS(2, 33, 1, 5)}},
    {.in = {DIMS(3, 16, 9, 11)}},
    {.in = {DIMS(5, 3, 20, 21)}},
};

const OpDef opdef_sum_positions = {
    .name = "sum_positions",
    .inputs = 1,
    .outputs = 1,
    .shape = sum_positions_shape,
    .ref = sum_positions_ref,
    .flops = sum_positions_flops,
    CASES(cases),
};

Node op_sum_positions(Node x)
{
    return op_call(&opdef_sum_positions, (Node[]){x}, NULL);
}

/* SPDX-License-Identifier: MIT */
