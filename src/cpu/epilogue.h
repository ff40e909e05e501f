/* epilogue.h - what is done to the sums of a convolution before they go to memory: y = f(fma(y - mean, scale, shift) +
 * residual), the parts of it that there are; the arithmetic of batchnorm_act.  Included by *.simd.c. */
#ifndef EPILOGUE_H
#define EPILOGUE_H

#include "cpu/kernels.h"

typedef struct Epilogue {
    const float *mean, *scale, *shift; /* [channels], or NULL */
    const float *residual;             /* as the result, or NULL */
    bool activate;
    Act kind;
} Epilogue;

/* Of conv2d_act; scale: memory for a number of each channel. */
SIMD Epilogue epilogue_of(const OpCall *c, float *scale)
{
    const Conv2dActAttr *a = c->attr;
    Epilogue e = {.residual = in_f(c, 7), .activate = a->activate, .kind = a->kind};
    const float *w = in_f(c, 3), *var = in_f(c, 6);
    int64_t n = c->out[0].shape.dim[1];

    if (!w)
        return e;
    e.mean = in_f(c, 5), e.scale = scale, e.shift = in_f(c, 4);
    for (int64_t i = 0; i < n; i += LANES) {
        f32x rstd = f_div(f_set(1.0F), f_sqrt(f_add(f_get(var + i, n - i), f_set(a->eps))));

        f_put(scale + i, f_mul(f_get(w + i, n - i), rstd), n - i);
    }
    return e;
}

typedef struct
    EpiloguePart { /* rows of positions, n channels of each from `channel` on; to may be from */
    const float *from;
    float *to;
    int64_t rows, from_step, to_step, channel, n;
    int64_t at; /* of `to` in the result: where the residual is */
} EpiloguePart;

void K(epilogue)(const Epilogue *e, const EpiloguePart *p);

#endif
/* SPDX-License-Identifier: MIT */
