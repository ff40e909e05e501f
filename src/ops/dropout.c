/* dropout.c - each element is dropped with probability p, kept ones are times 1 / (1 - p)
 * (Srivastava et al. 2014).  Which ones is a pure function of seed, site, step, sample and position, so the
 * gradient is the op itself. */
#include "ops/dropout.h"

real dropout_factor(const DropoutRow *r, uint32_t c, float p)
{
    uint32_t word[4];
    const uint32_t counter[4] = {c >> 2, r->position, r->sample, r->step};

    philox4x32(counter, r->key, word);
    return word[c & 3] >= (uint32_t)((double)p * 4294967296.0) ? 1 / (1 - (real)p) : 0;
}

uint32_t group_sample(const Rows *r, int64_t group)
{
    return r->sample ? r->sample[group] : (uint32_t)group;
}

static bool dropout_shape(ShapeCall *c)
{
    const DropoutAttr *a = c->attr;

    if (!(a->p >= 0 && a->p < 1))
        return shape_fail(c, "dropout of %g; it must be at least 0 and below 1", (double)a->p);
    return want(c, 0, "dropout's x", DT_F32, ANY_RANK) && op_same_shape(c);
}

static void dropout_grad(const GradCall *c, Node *dx)
{
    const DropoutAttr *a = c->attr;

    dx[0] = op_dropout(c->dy[0], a->p, a->site);
}

static void drop_row(const OpCall *c, int64_t row, int64_t position, uint32_t sample)
{
    const DropoutAttr *a = c->attr;
    int64_t rows = c->in[0].shape.rank ? c->in[0].shape.dim[0] : 1;
    int64_t n = tensor_count(&c->in[0]) / rows;
    const real *x = c->in[0].data;
    real *y = c->out[0].data;
    DropoutRow r = {(uint32_t)position, sample, c->step, {c->seed[0], c->seed[1] ^ a->site}};

    for (int64_t i = 0; i < n; i++)
        y[row * n + i] = x[row * n + i] * dropout_factor(&r, (uint32_t)i, a->p);
}

static void dropout_ref(const OpCall *c)
{
    const Rows *r = c->in_rows[0];
    int64_t rows = c->in[0].shape.rank ? c->in[0].shape.dim[0] : 1;

    if (r && r->groups) {
        for (int64_t s = 0; s < r->groups; s++)
            for (int64_t i = r->offset[s]; i < r->offset[s + 1]; i++)
                drop_row(c, i, i - r->offset[s], group_sample(r, s));
        return;
    }
    for (int64_t i = 0; i < rows; i++)
        drop_row(c, i, 0, r ? group_sample(r, i) : (uint32_t)i);
}

static const DropoutAttr tenth = {0.1F, 77}, half = {0.5F, 0x80000001}, most = {0.9F, 3};
static const OpCase cases[] = {
    {.in = {DIMS(-CASE_T, 7)}, .attr = &half},  {.in = {DIMS(-CASE_T, 33)}, .attr = &tenth},
    {.in = {DIMS(-CASE_B, 16)}, .attr = &most}, {.in = {DIMS(-CASE_M)}, .attr = &half},
    {.in = {DIMS(19, 5)}, .attr = &tenth},
};

const OpDef opdef_dropout = {
    .name = "dropout",
    .inputs = 1,
    .outputs = 1,
    .attr_size = sizeof(DropoutAttr),
    .shape = dropout_shape,
    .grad = dropout_grad,
    .ref = dropout_ref,
    .of_batch = true,
    .inplace = {1},
    CASES(cases),
};

Node op_dropout(Node x, float p, uint32_t site)
{
    if (!node_valid(x) || p == 0 || graph_mode(x.g) != MODE_TRAIN)
        return x;
    return op_call(&opdef_dropout, (Node[]){x}, &(DropoutAttr){p, site});
}

/* SPDX-License-Identifier: MIT */
