/* epilogue.simd.c - the end of a convolution, on the part of the result that a thread has just computed. */
#include "cpu/epilogue.h"
#include "cpu/act.h"

SIMD f32x as_it_is(f32x x)
{
    return x;
}

/* One vector, or n channels of it; r: where the residual is */
SIMD f32x ended(const Epilogue *e, const float *from, int64_t channel, const float *r, int64_t n,
                const bool norm, const bool add)
{
    f32x y = f_get(from, n);

    if (norm)
        y = f_fma(f_sub(y, f_get(e->mean + channel, n)), f_get(e->scale + channel, n),
                  f_get(e->shift + channel, n));
    return add ? f_add(y, f_get(r, n)) : y;
}

SIMD void end_rows(const Epilogue *e, const EpiloguePart *p, const bool norm, const bool add,
                   Map1 act)
{
    for (int64_t row = 0; row < p->rows; row++) {
        const float *from = p->from + row * p->from_step;
        float *to = p->to + row * p->to_step;
        const float *r = add ? e->residual + p->at + row * p->to_step : from;
        int64_t i = 0;

        for (; i + LANES <= p->n; i += LANES)
            f_store(to + i, act(ended(e, from + i, p->channel + i, r + i, LANES, norm, add)));
        if (i < p->n)
            f_store_n(to + i, act(ended(e, from + i, p->channel + i, r + i, p->n - i, norm, add)),
                      p->n - i);
    }
}

SIMD void end_part(const Epilogue *e, const EpiloguePart *p, Map1 act)
{
    if (e->scale && e->residual)
        end_rows(e, p, true, true, act);
    else if (e->scale)
        end_rows(e, p, true, false, act);
    else if (e->residual)
        end_rows(e, p, false, true, act);
    else
        end_rows(e, p, false, false, act);
}

void K(epilogue)(const Epilogue *e, const EpiloguePart *p)
{
    if (!e->activate) {
        end_part(e, p, as_it_is);
        return;
    }
#define DO(fn, slope) end_part(e, p, fn)
    ACT_SWITCH(e->kind, DO)
#undef DO
}
/* SPDX-License-Identifier: MIT */
