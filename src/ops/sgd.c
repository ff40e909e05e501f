/* sgd.c - one update of a parameter by gradient descent with momentum (Sutskever et al. 2013), as PyTorch:
 * g = coef g + wd p   buf = first ? g : momentum buf + (1 - dampening) g
 * p -= lr (nesterov ? g + momentum buf : buf)
 * with {lr, wd, first, unused} = hyper, lr and wd times the parameter's own scales. */
#include "ops/rules.h"

static bool sgd_shape(ShapeCall *c)
{
    if (!want(c, 0, "sgd's p", DT_F32, ANY_RANK) || !want_alike(c, "sgd", 0, 1) ||
        !want_alike(c, "sgd", 0, 2) || !want(c, 3, "sgd's coefficient", DT_F32, 0) ||
        !want_shape(c, 4, "sgd's rates", SHAPE(4), SPACE_NONE))
        return false;
    c->out[0] = c->in[0];
    c->out[1] = c->in[2];
    return true;
}

static void sgd_ref(const OpCall *c)
{
    const SgdAttr *a = c->attr;
    const real *p = c->in[0].data, *g = c->in[1].data, *buf = c->in[2].data;
    const real *coef = c->in[3].data, *hyper = c->in[4].data;
    real *p_out = c->out[0].data, *buf_out = c->out[1].data;
    real lr = hyper[0] * (real)a->lr_scale, wd = hyper[1] * (real)a->wd_scale;
    real momentum = (real)a->momentum;

    for (int64_t i = 0; i < tensor_count(&c->in[0]); i++) {
        real gi = g[i] * *coef + wd * p[i];
        real bi = hyper[2] != 0 ? gi : momentum * buf[i] + (1 - (real)a->dampening) * gi;
        real pi = p[i] - lr * (a->nesterov ? gi + momentum * bi : bi);

        if (p_out)
            p_out[i] = pi;
        if (buf_out)
            buf_out[i] = bi;
    }
}

static double sgd_flops(const OpCall *c)
{
    return 7.0 * (double)tensor_count(&c->in[0]);
}

static const SgdAttr plain = {.lr_scale = 1, .wd_scale = 1},
                     heavy = {.momentum = 0.9F, .dampening = 0.1F, .lr_scale = 2},
                     nesterov = {.momentum = 0.9F, .lr_scale = 1, .wd_scale = 1, .nesterov = true};
#define FIRST                                                                                      \
    {                                                                                              \
        0, 0, 0, CASE_FIXED, CASE_FIXED                                                            \
    }
#define LATER                                                                                      \
    {                                                                                              \
        0, 0, 0, CASE_FIXED, CASE_HOLES                                                            \
    }
static const OpCase cases[] = {
    {.in = {DIMS(3, 7), DIMS(3, 7), DIMS(3, 7), {0}, DIMS(4)}, .attr = &plain, .fill = FIRST},
    {.in = {DIMS(33), DIMS(33), DIMS(33), {0}, DIMS(4)}, .attr = &heavy, .fill = LATER},
    {.in = {DIMS(33), DIMS(33), DIMS(33), {0}, DIMS(4)}, .attr = &heavy, .fill = FIRST},
    {.in = {DIMS(70, 16), DIMS(70, 16), DIMS(70, 16), {0}, DIMS(4)},
     .attr = &nesterov,
     .fill = LATER},
};

const OpDef opdef_sgd = {
    .name = "sgd",
    .inputs = 5,
    .outputs = 2,
    .attr_size = sizeof(SgdAttr),
    .shape = sgd_shape,
    .ref = sgd_ref,
    .flops = sgd_flops,
    .inplace = {1, 3},
    CASES(cases),
};

Node op_sgd(Node p, Node g, Node buf, Node coef, Node hyper, SgdAttr attr)
{
    return op_call(&opdef_sgd, (Node[]){p, g, buf, coef, hyper}, &attr);
}

/* SPDX-License-Identifier: MIT */
