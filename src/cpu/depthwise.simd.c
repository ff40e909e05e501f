/* depthwise.simd.c - convolution of each channel by itself (groups = C = O): vectors over the channels, a few
 * positions side by side, one fma chain over (ky, kx) for each; no product.  Where the window leaves the picture it
 * reads zeros.  For dx the window is slid over dy, residue by residue.  dw: a chain over the positions of DEPTH_ROWS
 * rows for each tap, these added in order. */
#include "cpu/epilogue.h"
#include "cpu/window.h"

#if defined(__AVX512F__)
#define ABREAST 7
#else
#define ABREAST 4
#endif
#define COLUMNS_MAX ((ABREAST - 1) * DEPTH_STRIDE_MAX + DEPTH_SPREAD_MAX)

typedef struct Depth {
    const Conv2dAttr *a;
    const Shape *x, *y, *w;
    const float *in, *weight, *bias, *zeros;
    float *turned; /* the weight as [tap][channel] */
    int64_t channels, taps;
    Axis down, across;
    float *out;                   /* the first position of the residue at hand */
    int64_t row, column, picture; /* floats of `out` from one to the next */
    float *part;                  /* dw: [rows' block][tap][channel] */
    const Epilogue *e;            /* y: what follows, or NULL */
} Depth;

static Depth depth_of(const OpCall *c, const Conv2dAttr *a, const Shape *x, const Shape *y,
                      const Shape *w)
{
    Depth d = {.a = a, .x = x, .y = y, .w = w, .channels = w->dim[0]};
    float *zeros = c->scratch;

    memset(zeros, 0, (size_t)d.channels * sizeof *zeros);
    d.zeros = zeros, d.turned = d.part = zeros + d.channels;
    d.taps = w->dim[2] * w->dim[3];
    return d;
}

/* ---- what a block of positions reads ---- */

typedef struct Block {
    /* [taps down][columns]: pixels, or zeros; tap t of position j reads column j * stride + t * step - low */
    const float *pixel[DEPTH_SPREAD_MAX * COLUMNS_MAX];
    int64_t rows, columns;
    int64_t low;               /* the column of the first position's leftmost tap, at most 0 */
    int tap[DEPTH_SPREAD_MAX]; /* of each row: those outside the picture are left out */
} Block;

/* Position i, j of picture b and those behind it. */
static void block_fill(Block *t, const Depth *d, const float *picture, int64_t i, int64_t j)
{
    const Axis *y = &d->down, *x = &d->across;
    int64_t first = j * x->stride + x->first;

    t->low = min_of(0, (x->taps - 1) * x->step);
    t->columns = (ABREAST - 1) * x->stride + (x->taps - 1) * (x->step < 0 ? -x->step : x->step) + 1;
    t->rows = 0;
    for (int64_t tap = 0; tap < y->taps; tap++) {
        int64_t row = i * y->stride + y->first + tap * y->step, at = first + t->low;
        const float **to = t->pixel + t->rows * t->columns;

        if (row < 0 || row >= y->size)
            continue;
        for (int64_t n = 0; n < t->columns; n++, at++)
            to[n] =
                at >= 0 && at < x->size ? picture + (row * x->size + at) * d->channels : d->zeros;
        t->tap[t->rows++] = (int)tap;
    }
}

/* ---- y and dx ---- */

typedef struct Slide {
    const Depth *d;
    const Block *t;
    float *out;
    int64_t step, n; /* from a position to the next in out; how many there are */
} Slide;

/* Channels c .. c + 15 of a block (`left` of them exist): taps, stride and step are constants where it matters. */
SIMD void slide_vector(const Slide *s, int64_t c, int64_t left, const bool whole,
                       const int64_t taps, const int64_t stride, const int64_t step)
{
    const Depth *d = s->d;
    const int64_t low = step < 0 ? (taps - 1) * step : 0, every = d->across.every * d->channels;
    f32x sum[ABREAST];

    UNROLL for (int j = 0; j < ABREAST; j++) sum[j] = f_zero();
    for (int64_t row = 0; row < s->t->rows; row++) {
        const float *const *pixel = s->t->pixel + row * s->t->columns;
        int64_t tap = (d->down.tap + s->t->tap[row] * d->down.every) * d->w->dim[3] + d->across.tap;
        const float *w = d->turned + tap * d->channels + c;

        UNROLL_KNOWN for (int64_t t = 0; t < taps; t++)
        {
            f32x by = whole ? f_load(w + t * every) : f_load_n(w + t * every, left);

            UNROLL for (int j = 0; j < ABREAST; j++)
            {
                const float *x = pixel[j * stride + t * step - low] + c;

                sum[j] = f_fma(whole ? f_load(x) : f_load_n(x, left), by, sum[j]);
            }
        }
    }
    f32x bias = d->bias ? f_get(d->bias + c, left) : f_zero();
    for (int j = 0; j < ABREAST; j++)
        if (j < s->n)
            f_put(s->out + j * s->step + c, d->bias ? f_add(sum[j], bias) : sum[j], left);
}

SIMD void slide_block(const Slide *s, const int64_t taps, const int64_t stride, const int64_t step)
{
    int64_t c = 0, all = s->d->channels;

    for (; c + LANES <= all; c += LANES)
        slide_vector(s, c, LANES, true, taps, stride, step);
    if (c < all)
        slide_vector(s, c, all - c, false, taps, stride, step);
}

typedef void (*SlideFn)(const Slide *s);

#define SLIDE(name, taps, stride, step)                                                            \
    static void slide_##name(const Slide *s)                                                       \
    {                                                                                              \
        slide_block(s, taps, stride, step);                                                        \
    }
SLIDE(three, 3, 1, 1)
SLIDE(three_half, 3, 2, 1)
SLIDE(five, 5, 1, 1)
SLIDE(five_half, 5, 2, 1)
SLIDE(one_back, 1, 1, -1)
SLIDE(two_back, 2, 1, -1)
SLIDE(three_back, 3, 1, -1)
SLIDE(five_back, 5, 1, -1)
SLIDE(any, s->d->across.taps, s->d->across.stride, s->d->across.step)

static SlideFn slide_for(const Axis *x)
{
    static const struct {
        int64_t taps, stride, step;
        SlideFn fn;
    } known[] = {
        {3, 1, 1, slide_three},       {3, 2, 1, slide_three_half}, {5, 1, 1, slide_five},
        {5, 2, 1, slide_five_half},   {1, 1, -1, slide_one_back},  {2, 1, -1, slide_two_back},
        {3, 1, -1, slide_three_back}, {5, 1, -1, slide_five_back},
    };

    for (size_t i = 0; i < LEN(known); i++)
        if (known[i].taps == x->taps && known[i].stride == x->stride && known[i].step == x->step)
            return known[i].fn;
    return slide_any;
}

/* What follows y, on n positions that were just computed, from d->out[at] on. */
static void end_block(const Depth *d, int64_t at, int64_t n)
{
    EpiloguePart part = {.from = d->out + at,
                         .to = d->out + at,
                         .rows = n,
                         .from_step = d->column,
                         .to_step = d->column,
                         .n = d->channels,
                         .at = at};

    K(epilogue)(d->e, &part);
}

/* begin .. end: rows of the residue at hand in all pictures */
static void slide_rows(void *arg, int64_t begin, int64_t end, int thread)
{
    const Depth *d = arg;
    SlideFn fn = slide_for(&d->across);
    Block t;
    Slide s = {.d = d, .t = &t, .step = d->column};

    (void)thread;
    for (int64_t r = begin; r < end; r++) {
        int64_t b = r / d->down.out, i = r % d->down.out;
        const float *picture = d->in + b * d->down.size * d->across.size * d->channels;

        s.out = d->out + b * d->picture + i * d->row;
        for (int64_t j = 0; j < d->across.out; j += ABREAST, s.out += ABREAST * s.step) {
            block_fill(&t, d, picture, i, j);
            s.n = min_of(ABREAST, d->across.out - j);
            fn(&s);
            if (d->e)
                end_block(d, s.out - d->out, s.n);
        }
    }
}

/* [C, taps] -> [tap][c] */
static void turn(void *arg, int64_t begin, int64_t end, int thread)
{
    const Depth *d = arg;

    (void)thread;
    for (int64_t c = begin; c < end; c++)
        for (int64_t t = 0; t < d->taps; t++)
            d->turned[t * d->channels + c] = d->weight[c * d->taps + t];
}

static void slide_all(Depth *d, const OpCall *c)
{
    int64_t work = d->across.out * d->channels * max_of(1, d->down.taps * d->across.taps);

    par_for(c->pool, d->y->dim[0] * d->down.out, max_of(1, 65536 / max_of(work, 1)), slide_rows, d);
}

static void forward(const OpCall *c, const Conv2dAttr *a, const Epilogue *e)
{
    Depth d = depth_of(c, a, &c->in[0].shape, &c->out[0].shape, &c->in[1].shape);

    d.in = in_f(c, 0), d.weight = in_f(c, 1), d.bias = c->ins > 2 ? in_f(c, 2) : NULL;
    par_for(c->pool, d.channels, 256, turn, &d);
    d.down = window_over(d.a, d.x, d.y, d.w, 0), d.across = window_over(d.a, d.x, d.y, d.w, 1);
    d.column = d.channels, d.row = d.across.out * d.column, d.picture = d.down.out * d.row;
    d.out = out_f(c, 0);
    d.e = e;
    slide_all(&d, c);
}

void K(k_depthwise)(const OpCall *c)
{
    forward(c, c->attr, NULL);
}

/* scratch: batchnorm's scale [C], then as k_depthwise's */
void K(k_depthwise_act)(const OpCall *c)
{
    const Conv2dActAttr *a = c->attr;
    OpCall conv = *c;
    Epilogue e = epilogue_of(c, c->scratch);

    conv.scratch = (float *)c->scratch + c->out[0].shape.dim[1];
    forward(&conv, &a->conv, &e);
}

void K(k_depthwise_grad_x)(const OpCall *c)
{
    const Conv2dGradXAttr *a = c->attr;
    Depth d = depth_of(c, &a->conv, &c->out[0].shape, &c->in[0].shape, &c->in[1].shape);
    int64_t row = a->w * d.channels;

    d.in = in_f(c, 0), d.weight = in_f(c, 1);
    par_for(c->pool, d.channels, 256, turn, &d);
    d.picture = a->h * row, d.row = d.a->stride[0] * row, d.column = d.a->stride[1] * d.channels;
    for (int64_t ry = 0; ry < d.a->stride[0]; ry++)
        for (int64_t rx = 0; rx < d.a->stride[1]; rx++) {
            d.down = window_back(d.a, d.x, d.y, d.w, 0, ry);
            d.across = window_back(d.a, d.x, d.y, d.w, 1, rx);
            d.out = out_f(c, 0) + ry * row + rx * d.channels;
            slide_all(&d, c);
        }
}

/* ---- dw ---- */

typedef struct Gather { /* a block of positions of dy, and what they are multiplied with */
    const Depth *d;
    const Block *t;
    const float *dy[ABREAST]; /* zeros where there is none */
    float *part;              /* [tap][channel], added to */
} Gather;

SIMD void gather_vector(const Gather *g, int64_t c, int64_t left, const bool whole,
                        const int64_t taps, const int64_t stride, const int64_t step)
{
    const Depth *d = g->d;
    f32x dy[ABREAST];

    UNROLL for (int j = 0; j < ABREAST; j++) dy[j] =
        whole ? f_load(g->dy[j] + c) : f_load_n(g->dy[j] + c, left);
    for (int64_t row = 0; row < g->t->rows; row++) {
        const float *const *pixel = g->t->pixel + row * g->t->columns;
        float *part = g->part + g->t->tap[row] * d->w->dim[3] * d->channels + c;

        UNROLL_KNOWN for (int64_t t = 0; t < taps; t++, part += d->channels)
        {
            f32x sum = whole ? f_load(part) : f_load_n(part, left);

            UNROLL for (int j = 0; j < ABREAST; j++)
            {
                const float *x = pixel[j * stride + t * step] + c;

                sum = f_fma(whole ? f_load(x) : f_load_n(x, left), dy[j], sum);
            }
            f_put(part, sum, left);
        }
    }
}

SIMD void gather_block(const Gather *g, const int64_t taps, const int64_t stride,
                       const int64_t step)
{
    int64_t c = 0, all = g->d->channels;

    for (; c + LANES <= all; c += LANES)
        gather_vector(g, c, LANES, true, taps, stride, step);
    if (c < all)
        gather_vector(g, c, all - c, false, taps, stride, step);
}

static void gather_any(const Gather *g)
{
    const Axis *x = &g->d->across;

    if (x->taps == 3 && x->step == 1 && x->stride == 1)
        gather_block(g, 3, 1, 1);
    else if (x->taps == 3 && x->step == 1 && x->stride == 2)
        gather_block(g, 3, 2, 1);
    else if (x->taps == 5 && x->step == 1 && x->stride == 1)
        gather_block(g, 5, 1, 1);
    else if (x->taps == 5 && x->step == 1 && x->stride == 2)
        gather_block(g, 5, 2, 1);
    else
        gather_block(g, x->taps, x->stride, x->step);
}

static void gather_row(const Depth *d, const float *dy, int64_t r, Gather *g, Block *t)
{
    int64_t b = r / d->down.out, i = r % d->down.out;
    const float *picture = d->in + b * d->down.size * d->across.size * d->channels;

    dy += r * d->across.out * d->channels;
    for (int64_t j = 0; j < d->across.out; j += ABREAST) {
        block_fill(t, d, picture, i, j);
        for (int64_t n = 0; n < ABREAST; n++)
            g->dy[n] = j + n < d->across.out ? dy + (j + n) * d->channels : d->zeros;
        gather_any(g);
    }
}

/* begin .. end: blocks of rows */
static void gather_rows(void *arg, int64_t begin, int64_t end, int thread)
{
    const Depth *d = arg;
    int64_t rows = d->y->dim[0] * d->down.out, plane = d->taps * d->channels;
    Block t;
    Gather g = {.d = d, .t = &t};

    (void)thread;
    for (int64_t block = begin; block < end; block++) {
        g.part = d->part + block * plane;
        memset(g.part, 0, (size_t)plane * sizeof *g.part);
        for (int64_t r = block * DEPTH_ROWS; r < min_of(rows, (block + 1) * DEPTH_ROWS); r++)
            gather_row(d, d->weight, r, &g, &t);
    }
}

/* begin .. end: channels */
static void add_parts(void *arg, int64_t begin, int64_t end, int thread)
{
    const Depth *d = arg;
    int64_t rows = d->y->dim[0] * d->down.out, plane = d->taps * d->channels;

    (void)thread;
    for (int64_t t = 0; t < d->taps; t++)
        for (int64_t c = begin; c < end; c++) {
            const float *part = d->part + t * d->channels + c;
            float sum = rows > 0 ? *part : 0.0F;

            for (int64_t block = 1; block * DEPTH_ROWS < rows; block++)
                sum += part[block * plane];
            d->out[c * d->taps + t] = sum;
        }
}

void K(k_depthwise_grad_w)(const OpCall *c)
{
    const Conv2dGradWAttr *a = c->attr;
    Depth d = depth_of(c, &a->conv, &c->in[1].shape, &c->in[0].shape, &c->out[0].shape);

    d.weight = in_f(c, 0), d.in = in_f(c, 1), d.out = out_f(c, 0);
    d.down = window_over(d.a, d.x, d.y, d.w, 0), d.across = window_over(d.a, d.x, d.y, d.w, 1);
    par_for(c->pool, (d.y->dim[0] * d.down.out + DEPTH_ROWS - 1) / DEPTH_ROWS, 1, gather_rows, &d);
    par_for(c->pool, d.channels, 64, add_parts, &d);
}
/* SPDX-License-Identifier: MIT */
