/* row.c - numbers of rows: row_position gives each token its place in its sequence plus `first`;
 * row_start gives each sequence its first row, row_last its last visible one (the first where none is). */
#include "ops/rules.h"

static bool row_position_shape(ShapeCall *c)
{
    const RowsAttr *a = c->attr;

    if (!want_grouped(c, "row_position", a->space))
        return false;
    set_out(c, 0, DT_I32, SHAPE(graph_space_info(c->g, a->space)->capacity), a->space);
    return true;
}

static void row_position_ref(const OpCall *c)
{
    const RowsAttr *a = c->attr;
    const Rows *r = c->out_rows[0];
    int32_t *y = c->out[0].data;

    for (int64_t s = 0; s < r->groups; s++)
        for (int64_t i = r->offset[s]; i < r->offset[s + 1]; i++)
            y[i] = (int32_t)(a->value + i - r->offset[s]);
}

static bool by_sequence_shape(ShapeCall *c)
{
    if (!want(c, 0, "the rows of sequences", DT_I32, 1) ||
        !want_grouped(c, "a row of each sequence", c->in[0].space))
        return false;
    Space groups = graph_space_info(c->g, c->in[0].space)->groups;

    set_out(c, 0, DT_I32, SHAPE(graph_space_info(c->g, groups)->capacity), groups);
    return true;
}

static void row_start_ref(const OpCall *c)
{
    const Rows *r = c->in_rows[0];
    int32_t *y = c->out[0].data;

    for (int64_t s = 0; s < r->groups; s++)
        y[s] = r->offset[s];
}

static void row_last_ref(const OpCall *c)
{
    const Rows *r = c->in_rows[0];
    int32_t *y = c->out[0].data;

    for (int64_t s = 0; s < r->groups; s++) {
        int64_t n = group_visible(r, s);

        y[s] = (int32_t)(r->offset[s] + (n > 0 ? n - 1 : 0));
    }
}

static const RowsAttr plain = {CASE_T, 0}, second = {CASE_T, 2}, longer = {CASE_X, -1};
static const OpCase position_cases[] = {{.attr = &plain}, {.attr = &second}, {.attr = &longer}};
static const OpCase start_cases[] = {
    {.in = {DIMS(-CASE_T)}, .fill = {CASE_INDEX}},
    {.in = {DIMS(-CASE_X)}, .fill = {CASE_INDEX}},
    {.in = {DIMS(-CASE_S)}, .fill = {CASE_INDEX}},
};

const OpDef opdef_row_position = {
    .name = "row_position",
    .outputs = 1,
    .attr_size = sizeof(RowsAttr),
    .shape = row_position_shape,
    .ref = row_position_ref,
    CASES(position_cases),
};

const OpDef opdef_row_start = {
    .name = "row_start",
    .inputs = 1,
    .outputs = 1,
    .shape = by_sequence_shape,
    .ref = row_start_ref,
    CASES(start_cases),
};

const OpDef opdef_row_last = {
    .name = "row_last",
    .inputs = 1,
    .outputs = 1,
    .shape = by_sequence_shape,
    .ref = row_last_ref,
    CASES(start_cases),
};

Node op_row_position(Graph *g, Space space, int64_t first)
{
    return graph_add(g, &opdef_row_position, &NO_NODE, 0, &(RowsAttr){space, first});
}

/* The positions are read for their row space only: it is how a call learns where sequences begin. */
Node op_row_start(Graph *g, Space tokens)
{
    return op_call(&opdef_row_start, (Node[]){op_row_position(g, tokens, 0)}, NULL);
}

Node op_row_last(Graph *g, Space tokens)
{
    return op_call(&opdef_row_last, (Node[]){op_row_position(g, tokens, 0)}, NULL);
}

/* SPDX-License-Identifier: MIT */
