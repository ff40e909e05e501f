/* fill.c - one value everywhere. */
#include "ops/rules.h"

static bool fill_shape(ShapeCall *c)
{
    const FillAttr *f = c->attr;

    if (f->space != SPACE_NONE &&
        (f->shape.rank < 1 || f->shape.dim[0] != graph_space_info(c->g, f->space)->capacity))
        return shape_fail(c, "fill of %s does not have the %lld rows of \"%.60s\"",
                          SHAPE_TEXT(&f->shape),
                          (long long)graph_space_info(c->g, f->space)->capacity,
                          graph_space_info(c->g, f->space)->name);
    set_out(c, 0, DT_F32, f->shape, f->space);
    return true;
}

static void fill_ref(const OpCall *c)
{
    const FillAttr *f = c->attr;
    real *y = c->out[0].data;

    for (int64_t i = 0; i < tensor_count(&c->out[0]); i++)
        y[i] = (real)f->value;
}

static const FillAttr tokens = {DIMS(CASE_T_CAPACITY, 7), CASE_T, 0.25F}, scalar = {.value = -1.5F},
                      table = {.shape = DIMS(3, 33), .value = 1};
static const OpCase cases[] = {{.attr = &tokens}, {.attr = &scalar}, {.attr = &table}};

const OpDef opdef_fill = {
    .name = "fill",
    .outputs = 1,
    .attr_size = sizeof(FillAttr),
    .shape = fill_shape,
    .ref = fill_ref,
    CASES(cases),
};

Node op_fill(Graph *g, Shape shape, Space space, float value)
{
    return graph_add(g, &opdef_fill, &NO_NODE, 0, &(FillAttr){shape, space, value});
}

/* SPDX-License-Identifier: MIT */
