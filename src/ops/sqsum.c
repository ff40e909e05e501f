/* sqsum.c - sum of squares of all elements -> [].  Of a gradient: its norm, squared. */
#include "ops/rules.h"

static bool sqsum_shape(ShapeCall *c)
{
    if (!want(c, 0, "sqsum's x", DT_F32, ANY_RANK))
        return false;
    set_out(c, 0, DT_F32, SHAPE0, SPACE_NONE);
    return true;
}

static void sqsum_ref(const OpCall *c)
{
    const real *x = c->in[0].data;
    real sum = 0;

    for (int64_t i = 0; i < tensor_count(&c->in[0]); i++)
        sum += x[i] * x[i];
    *(real *)c->out[0].data = sum;
}

static double sqsum_flops(const OpCall *c)
{
    return 2.0 * (double)tensor_count(&c->in[0]);
}

static const OpCase cases[] = {
    {.in = {DIMS(600, 7)}}, {.in = {DIMS(33)}}, {.in = {{0}}}, {.in = {DIMS(2, 3, 16)}}};

const OpDef opdef_sqsum = {
    .name = "sqsum",
    .inputs = 1,
    .outputs = 1,
    .shape = sqsum_shape,
    .ref = sqsum_ref,
    .flops = sqsum_flops,
    CASES(cases),
};

Node op_sqsum(Node x)
{
    return op_call(&opdef_sqsum, (Node[]){x}, NULL);
}

/* SPDX-License-Identifier: MIT */
