/* running.c - an exponential average over steps: y = (1 - momentum) old + momentum value.  A value that is not
 * finite (a step that blew up, the variance of one number) leaves the average as it was. */
#include "ops/rules.h"

#include <math.h>

static bool running_shape(ShapeCall *c)
{
    const RunningAttr *a = c->attr;

    if (!(a->momentum >= 0 && a->momentum <= 1))
        return shape_fail(c, "a momentum of %g; it must be between 0 and 1", (double)a->momentum);
    return want(c, 0, "running's average", DT_F32, ANY_RANK) && want_alike(c, "running", 0, 1) &&
           op_same_shape(c);
}

static void running_ref(const OpCall *c)
{
    const RunningAttr *a = c->attr;
    const real *old = c->in[0].data, *value = c->in[1].data;
    real *y = c->out[0].data, m = (real)a->momentum;

    for (int64_t i = 0; i < tensor_count(&c->in[0]); i++)
        y[i] = isfinite(value[i]) ? (1 - m) * old[i] + m * value[i] : old[i];
}

static const RunningAttr tenth = {0.1F}, all = {1}, none = {0};
static const OpCase cases[] = {
    {.in = {DIMS(19), DIMS(19)}, .attr = &tenth},
    {.in = {DIMS(32), DIMS(32)}, .attr = &all},
    {.in = {DIMS(-CASE_B, 5), DIMS(-CASE_B, 5)}, .attr = &none},
    {.in = {{0}, {0}}, .attr = &tenth},
};

const OpDef opdef_running = {
    .name = "running",
    .inputs = 2,
    .outputs = 1,
    .attr_size = sizeof(RunningAttr),
    .shape = running_shape,
    .ref = running_ref,
    .inplace = {1},
    CASES(cases),
};

Node op_running(Node old, Node value, float momentum)
{
    return op_call(&opdef_running, (Node[]){old, value}, &(RunningAttr){momentum});
}

/* SPDX-License-Identifier: MIT */
