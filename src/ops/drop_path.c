/* drop_path.c - whole samples are dropped with probability p, kept ones are times 1 / (1 - p) (stochastic depth;
 * Huang et al. 2016, arXiv:1603.09382).  A sample is a row of dimension 0, or a sequence of rows.  Which ones is a
 * pure function of seed, site, step and sample, so the gradient is the op itself. */
#include "ops/dropout.h"

static bool drop_path_shape(ShapeCall *c)
{
    const DropoutAttr *a = c->attr;

    if (!(a->p >= 0 && a->p < 1))
        return shape_fail(c, "drop_path of %g; it must be at least 0 and below 1", (double)a->p);
    if (!want(c, 0, "drop_path's x", DT_F32, ANY_RANK))
        return false;
    if (c->in[0].shape.rank < 1)
        return shape_fail(c, "drop_path wants samples in dimension 0, found %s", IN_TEXT(c, 0));
    return op_same_shape(c);
}

static void drop_path_grad(const GradCall *c, Node *dx)
{
    const DropoutAttr *a = c->attr;

    dx[0] = op_drop_path(c->dy[0], a->p, a->site);
}

static void drop_rows(const OpCall *c, int64_t begin, int64_t end, uint32_t sample)
{
    const DropoutAttr *a = c->attr;
    int64_t rows = c->in[0].shape.dim[0], n = rows > 0 ? tensor_count(&c->in[0]) / rows : 0;
    const real *x = c->in[0].data;
    real *y = c->out[0].data;
    DropoutRow r = {0, sample, c->step, {c->seed[0], c->seed[1] ^ a->site}};
    real factor = dropout_factor(&r, 0, a->p);

    for (int64_t i = begin * n; i < end * n; i++)
        y[i] = x[i] * factor;
}

static void drop_path_ref(const OpCall *c)
{
    const Rows *r = c->in_rows[0];

    if (r && r->groups) {
        for (int64_t s = 0; s < r->groups; s++)
            drop_rows(c, r->offset[s], r->offset[s + 1], group_sample(r, s));
        return;
    }
    for (int64_t i = 0; i < c->in[0].shape.dim[0]; i++)
        drop_rows(c, i, i + 1, r ? group_sample(r, i) : (uint32_t)i);
}

static const DropoutAttr half = {0.5F, 12}, tenth = {0.1F, 99}, most = {0.9F, 3};
static const OpCase cases[] = {
    {.in = {DIMS(-CASE_B, 7, 3, 2)}, .attr = &half},
    {.in = {DIMS(-CASE_T, 33)}, .attr = &half},
    {.in = {DIMS(40, 16)}, .attr = &tenth},
    {.in = {DIMS(5, 3, 2, 2)}, .attr = &most},
};

const OpDef opdef_drop_path = {
    .name = "drop_path",
    .inputs = 1,
    .outputs = 1,
    .attr_size = sizeof(DropoutAttr),
    .shape = drop_path_shape,
    .grad = drop_path_grad,
    .ref = drop_path_ref,
    .of_batch = true,
    .inplace = {1},
    CASES(cases),
};

Node op_drop_path(Node x, float p, uint32_t site)
{
    if (!node_valid(x) || p == 0 || graph_mode(x.g) != MODE_TRAIN)
        return x;
    return op_call(&opdef_drop_path, (Node[]){x}, &(DropoutAttr){p, site});
}

/* SPDX-License-Identifier: MIT */
