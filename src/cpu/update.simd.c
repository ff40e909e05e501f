/* update.simd.c - AdamW and SGD in one pass over a parameter.  ops/adamw.c and ops/sgd.c have the formulas;
 * outputs may lie on their inputs, one that is not needed is not written. */
#include "cpu/kernels.h"
#include "cpu/simd_math.h"

SIMD void put_if(float *p, int64_t i, f32x v, int64_t n)
{
    if (p)
        f_put(p + i, v, n);
}

static void adamw_chunk(void *arg, int64_t begin, int64_t end, int thread)
{
    const OpCall *c = arg;
    const AdamwAttr *a = c->attr;
    const float *p = in_f(c, 0), *g = in_f(c, 1), *m = in_f(c, 2), *v = in_f(c, 3);
    const float *hyper = in_f(c, 5);
    float lr = hyper[0] * a->lr_scale, wd = hyper[1] * a->wd_scale;
    f32x coef = f_set(in_f(c, 4)[0]), keep = f_set(1.0F - lr * wd), rate = f_set(lr / hyper[2]);
    f32x b1 = f_set(a->beta1), n1 = f_set((float)(1.0 - (double)a->beta1));
    f32x b2 = f_set(a->beta2), n2 = f_set((float)(1.0 - (double)a->beta2));
    f32x root = f_sqrt(f_set(hyper[3])), eps = f_set(a->eps);

    (void)thread;
    for (int64_t i = begin; i < end; i += LANES) {
        int64_t n = end - i;
        f32x gi = f_mul(f_get(g + i, n), coef);
        f32x mi = f_fma(n1, gi, f_mul(b1, f_get(m + i, n)));
        f32x vi = f_fma(f_mul(n2, gi), gi, f_mul(b2, f_get(v + i, n)));
        f32x by = f_add(f_div(f_sqrt(vi), root), eps);
        f32x pi = f_sub(f_mul(f_get(p + i, n), keep), f_div(f_mul(rate, mi), by));

        put_if(out_f(c, 0), i, pi, n);
        put_if(out_f(c, 1), i, mi, n);
        put_if(out_f(c, 2), i, vi, n);
    }
}

void K(k_adamw)(const OpCall *c)
{
    OpCall call = *c;

    par_for(c->pool, shape_size(&c->in[0].shape), ELEMENT_GRAIN, adamw_chunk, &call);
}

static void sgd_chunk(void *arg, int64_t begin, int64_t end, int thread)
{
    const OpCall *c = arg;
    const SgdAttr *a = c->attr;
    const float *p = in_f(c, 0), *g = in_f(c, 1), *buf = in_f(c, 2), *hyper = in_f(c, 4);
    bool first = hyper[2] > 0 || hyper[2] < 0;
    f32x coef = f_set(in_f(c, 3)[0]), wd = f_set(hyper[1] * a->wd_scale);
    f32x rate = f_set(-(hyper[0] * a->lr_scale)), momentum = f_set(a->momentum);
    f32x damp = f_set(1.0F - a->dampening);

    (void)thread;
    for (int64_t i = begin; i < end; i += LANES) {
        int64_t n = end - i;
        f32x pi = f_get(p + i, n), gi = f_fma(wd, pi, f_mul(f_get(g + i, n), coef));
        f32x bi = first ? gi : f_fma(damp, gi, f_mul(momentum, f_get(buf + i, n)));
        f32x step = a->nesterov ? f_fma(momentum, bi, gi) : bi;

        put_if(out_f(c, 0), i, f_fma(rate, step, pi), n);
        put_if(out_f(c, 1), i, bi, n);
    }
}

void K(k_sgd)(const OpCall *c)
{
    OpCall call = *c;

    par_for(c->pool, shape_size(&c->in[0].shape), ELEMENT_GRAIN, sgd_chunk, &call);
}
/* SPDX-License-Identifier: MIT */
