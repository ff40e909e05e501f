/* adamw.c - one update of a parameter (Loshchilov & Hutter 2017, arXiv:1711.05101, in PyTorch's order):
 * g *= coef   p *= 1 - lr wd   m = b1 m + (1 - b1) g   v = b2 v + (1 - b2) g g
 * p -= lr / bc1 m / (sqrt(v) / sqrt(bc2) + eps)
 * with {lr, wd, bc1, bc2} = hyper, lr and wd times the parameter's own scales. */
#include "ops/rules.h"

#include <math.h>

static bool adamw_shape(ShapeCall *c)
{
    if (!want(c, 0, "adamw's p", DT_F32, ANY_RANK))
        return false;
    for (int i = 1; i < 4; i++)
        if (!want_alike(c, "adamw", 0, i))
            return false;
    if (!want(c, 4, "adamw's coefficient", DT_F32, 0) ||
        !want_shape(c, 5, "adamw's rates", SHAPE(4), SPACE_NONE))
        return false;
    c->out[0] = c->in[0];
    c->out[1] = c->in[2];
    c->out[2] = c->in[3];
    return true;
}

static void adamw_ref(const OpCall *c)
{
    const AdamwAttr *a = c->attr;
    const real *p = c->in[0].data, *g = c->in[1].data, *m = c->in[2].data, *v = c->in[3].data;
    const real *coef = c->in[4].data, *hyper = c->in[5].data;
    real *p_out = c->out[0].data, *m_out = c->out[1].data, *v_out = c->out[2].data;
    real lr = hyper[0] * (real)a->lr_scale, wd = hyper[1] * (real)a->wd_scale;
    real b1 = (real)a->beta1, b2 = (real)a->beta2;

    for (int64_t i = 0; i < tensor_count(&c->in[0]); i++) {
        real gi = g[i] * *coef, mi = b1 * m[i] + (1 - b1) * gi, vi = b2 * v[i] + (1 - b2) * gi * gi;
        real pi = p[i] * (1 - lr * wd);

        pi -= lr / hyper[2] * mi / (sqrt(vi) / sqrt(hyper[3]) + (real)a->eps);
        if (p_out)
            p_out[i] = pi;
        if (m_out)
            m_out[i] = mi;
        if (v_out)
            v_out[i] = vi;
    }
}

static double adamw_flops(const OpCall *c)
{
    return 14.0 * (double)tensor_count(&c->in[0]);
}

static const AdamwAttr usual = {0.9F, 0.999F, 1e-8F, 1, 1}, bare = {0.8F, 0.99F, 1e-6F, 0.5F, 0};
#define FILLS                                                                                      \
    {                                                                                              \
        0, 0, 0, CASE_FIXED, CASE_FIXED, CASE_FIXED                                                \
    }
static const OpCase cases[] = {
    {.in = {DIMS(3, 7), DIMS(3, 7), DIMS(3, 7), DIMS(3, 7), {0}, DIMS(4)},
     .attr = &usual,
     .fill = FILLS},
    {.in = {DIMS(33), DIMS(33), DIMS(33), DIMS(33), {0}, DIMS(4)}, .attr = &bare, .fill = FILLS},
    {.in = {DIMS(70, 16), DIMS(70, 16), DIMS(70, 16), DIMS(70, 16), {0}, DIMS(4)},
     .attr = &usual,
     .fill = FILLS},
};

const OpDef opdef_adamw = {
    .name = "adamw",
    .inputs = 6,
    .outputs = 3,
    .attr_size = sizeof(AdamwAttr),
    .shape = adamw_shape,
    .ref = adamw_ref,
    .flops = adamw_flops,
    .inplace = {1, 3, 4},
    CASES(cases),
};

Node op_adamw(Node p, Node g, Node m, Node v, Node coef, Node hyper, AdamwAttr attr)
{
    return op_call(&opdef_adamw, (Node[]){p, g, m, v, coef, hyper}, &attr);
}

/* SPDX-License-Identifier: MIT */
