/* embed.c - rows of a table by number.  table: [V, D]  ids: i32 [T] -> [T, D]
 * The gradient adds dy's rows to a table of zeros in the order of t, but for the row `pad`. */
#include "ops/rules.h"

#include <string.h>

static bool embed_shape(ShapeCall *c)
{
    if (!want(c, 0, "embed's table", DT_F32, 2) || !want(c, 1, "embed's ids", DT_I32, 1))
        return false;
    if (c->in[0].space != SPACE_NONE)
        return shape_fail(c, "embed's table is %s; it must not be rows of a run", IN_TEXT(c, 0));
    set_out(c, 0, DT_F32, SHAPE(c->in[1].shape.dim[0], c->in[0].shape.dim[1]), c->in[1].space);
    return true;
}

static void embed_grad(const GradCall *c, Node *dx)
{
    const EmbedAttr *a = c->attr;

    dx[0] = op_embed_grad(c->dy[0], c->x[1], node_dim(c->x[0], 0), a->pad);
}

static void embed_ref(const OpCall *c)
{
    int64_t n = c->in[0].shape.dim[1];
    const real *table = c->in[0].data;
    const int32_t *ids = c->in[1].data;
    real *y = c->out[0].data;

    for (int64_t t = 0; t < tensor_count(&c->in[1]); t++)
        memcpy(y + t * n, table + ids[t] * n, (size_t)n * sizeof *y);
}

static bool embed_grad_shape(ShapeCall *c)
{
    const EmbedGradAttr *a = c->attr;

    if (!want(c, 0, "embed_grad's dy", DT_F32, 2) || !want(c, 1, "embed_grad's ids", DT_I32, 1))
        return false;
    if (c->in[0].shape.dim[0] != c->in[1].shape.dim[0] || c->in[0].space != c->in[1].space)
        return shape_fail(c, "embed_grad's dy %s and ids %s differ in rows", IN_TEXT(c, 0),
                          IN_TEXT(c, 1));
    set_out(c, 0, DT_F32, SHAPE(a->vocab, c->in[0].shape.dim[1]), SPACE_NONE);
    return true;
}

static void embed_grad_ref(const OpCall *c)
{
    const EmbedGradAttr *a = c->attr;
    int64_t n = c->in[0].shape.dim[1];
    const real *dy = c->in[0].data;
    const int32_t *ids = c->in[1].data;
    real *dtable = c->out[0].data;

    memset(dtable, 0, (size_t)(a->vocab * n) * sizeof *dtable);
    for (int64_t t = 0; t < tensor_count(&c->in[1]); t++)
        for (int64_t i = 0; ids[t] != a->pad && i < n; i++)
            dtable[ids[t] * n + i] += dy[t * n + i];
}

static const EmbedAttr none = {-1};
static const OpCase cases[] = {
    {.in = {DIMS(6, 7), DIMS(-CASE_T)}, .attr = &none, .fill = {0, CASE_INDEX}, .below = 6},
    {.in = {DIMS(40, 33), DIMS(-CASE_M)}, .attr = &none, .fill = {0, CASE_INDEX}, .below = 40},
    {.in = {DIMS(3, 16), DIMS(5)}, .attr = &none, .fill = {0, CASE_INDEX}, .below = 3},
};
static const EmbedGradAttr six = {6, -1}, forty = {40, 3}, three = {3, 0};
static const OpCase grad_cases[] = {
    {.in = {DIMS(-CASE_T, 7), DIMS(-CASE_T)}, .attr = &six, .fill = {0, CASE_INDEX}, .below = 6},
    {.in = {DIMS(-CASE_M, 33), DIMS(-CASE_M)},
     .attr = &forty,
     .fill = {0, CASE_INDEX},
     .below = 40},
    {.in = {DIMS(5, 16), DIMS(5)}, .attr = &three, .fill = {0, CASE_INDEX}, .below = 3},
};

const OpDef opdef_embed = {
    .name = "embed",
    .inputs = 2,
    .outputs = 1,
    .attr_size = sizeof(EmbedAttr),
    .shape = embed_shape,
    .grad = embed_grad,
    .ref = embed_ref,
    CASES(cases),
};

const OpDef opdef_embed_grad = {
    .name = "embed_grad",
    .inputs = 2,
    .outputs = 1,
    .attr_size = sizeof(EmbedGradAttr),
    .shape = embed_grad_shape,
    .ref = embed_grad_ref,
    CASES(grad_cases),
};

Node op_embed(Node table, Node ids, int64_t pad)
{
    return op_call(&opdef_embed, (Node[]){table, ids}, &(EmbedAttr){pad});
}

Node op_embed_grad(Node dy, Node ids, int64_t vocab, int64_t pad)
{
    return op_call(&opdef_embed_grad, (Node[]){dy, ids}, &(EmbedGradAttr){vocab, pad});
}

/* SPDX-License-Identifier: MIT */
