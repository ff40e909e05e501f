/* depthwise.simd.c - convolution of each channel by itself (groups = C = O): vectors over the channels, a few
 * positions side by side, one fma chain over (ky, kx) for each; no product.  Where the window leaves the picture it
 * reads zeros.  For dx the window is slid over dy, with strides in residues of the position. */
#include "cpu/depthwise.h"
#include "cpu/epilogue.h"

typedef struct Depth {
    const Conv2dAttr *a;
    const Shape *x, *y, *w;
    const float *in, *weight, *bias, *zeros;
    float *turned;                /* the weight as [tap][channel] */
    int64_t channels, taps, rows; /* rows of a picture, counted in steps of the stride for dx */
    float *out;
    const Epilogue *e; /* what follows y, or NULL */
} Depth;

static Depth depth_of(const OpCall *c, const Conv2dAttr *a, const Shape *x, const Shape *y,
                      const Shape *w)
{
    Depth d = {.a = a, .x = x, .y = y, .w = w, .in = in_f(c, 0), .weight = in_f(c, 1)};
    float *zeros = c->scratch;

    d.channels = w->dim[0], d.taps = w->dim[2] * w->dim[3];
    memset(zeros, 0, (size_t)d.channels * sizeof *zeros);
    d.zeros = zeros, d.turned = zeros + d.channels;
    d.out = out_f(c, 0);
    return d;
}

typedef struct Slide {
    const Depth *d;
    Source from;
    Block t;
    float *out;
    int64_t step, n; /* from a position to the next in out; how many there are */
} Slide;

/* Channels c .. c + 15 of a block (`left` of them exist): taps, stride and step are constants where it matters. */
SIMD void slide_vector(const Slide *s, int64_t c, int64_t left, const bool whole,
                       const int64_t taps, const int64_t stride, const int64_t step)
{
    const Depth *d = s->d;
    const Axis *down = &s->from.down, *across = &s->from.across;
    const int64_t low = step < 0 ? (taps - 1) * step : 0, every = across->every * d->channels;
    f32x sum[ABREAST];

    block_fetch(&s->t, d->channels, c);
    UNROLL for (int j = 0; j < ABREAST; j++)
    {
        __builtin_prefetch(s->out + (AHEAD + j) * s->step + c, 1);
        sum[j] = f_zero();
    }
    for (int64_t row = 0; row < s->t.rows; row++) {
        const float *const *pixel = s->t.pixel + row * s->t.columns;
        int64_t tap = (down->tap + s->t.tap[row] * down->every) * d->w->dim[3] + across->tap;
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
SLIDE(any, s->from.across.taps, s->from.across.stride, s->from.across.step)

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
                         .from_step = d->channels,
                         .to_step = d->channels,
                         .n = d->channels,
                         .at = at};

    K(epilogue)(d->e, &part);
}

/* Row i of a picture, or of one residue of it. */
static void slide_row(Slide *s, const float *picture, float *out, int64_t i, bool fetch)
{
    SlideFn fn = slide_for(&s->from.across);

    s->out = out;
    s->t.fresh_rows = 0;
    for (int64_t j = 0; j < s->from.across.out; j += ABREAST, s->out += ABREAST * s->step) {
        block_fill(&s->t, &s->from, picture, i, j);
        s->n = min_of(ABREAST, s->from.across.out - j);
        if (fetch)
            block_ahead(&s->t, &s->from, picture, i, j);
        fn(s);
        if (s->d->e)
            end_block(s->d, s->out - s->d->out, s->n);
    }
}

/* begin .. end: rows of y in all pictures */
static void y_rows(void *arg, int64_t begin, int64_t end, int thread)
{
    const Depth *d = arg;
    Slide s = {.d = d, .step = d->channels};

    (void)thread;
    s.from = (Source){d->in, d->zeros, d->channels, window_over(d->a, d->x, d->y, d->w, 0),
                      window_over(d->a, d->x, d->y, d->w, 1)};
    for (int64_t r = begin; r < end; r++)
        slide_row(&s, d->in + r / d->rows * picture_floats(&s.from),
                  d->out + r * s.from.across.out * d->channels, r % d->rows, true);
}

/* begin .. end: as many rows of dx as the stride is, in all pictures */
static void dx_rows(void *arg, int64_t begin, int64_t end, int thread)
{
    const Depth *d = arg;
    int64_t width = d->x->dim[3] * d->channels, sy = d->a->stride[0], sx = d->a->stride[1];
    Slide s = {.d = d, .step = sx * d->channels, .from = {.at = d->in}};

    (void)thread;
    s.from.zeros = d->zeros, s.from.channels = d->channels;
    for (int64_t n = begin * sy * sx; n < end * sy * sx; n++) {
        int64_t r = n / sx / sy, ry = n / sx % sy, rx = n % sx, b = r / d->rows, i = r % d->rows;

        s.from.down = window_back(d->a, d->x, d->y, d->w, 0, ry);
        s.from.across = window_back(d->a, d->x, d->y, d->w, 1, rx);
        float *out = d->out + (b * d->x->dim[2] + i * sy + ry) * width + rx * d->channels;
        if (i < s.from.down.out)
            slide_row(&s, d->in + b * picture_floats(&s.from), out, i, ry == 0 && rx == 0);
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

/* Rows of which a chunk has enough to do. */
static int64_t rows_grain(const Depth *d)
{
    int64_t work = d->y->dim[3] * d->channels * d->taps;

    return max_of(1, 65536 / max_of(work, 1));
}

static void forward(const OpCall *c, const Conv2dAttr *a, const Epilogue *e)
{
    Depth d = depth_of(c, a, &c->in[0].shape, &c->out[0].shape, &c->in[1].shape);

    d.bias = c->ins > 2 ? in_f(c, 2) : NULL;
    d.rows = d.y->dim[2], d.e = e;
    par_for(c->pool, d.channels, 256, turn, &d);
    par_for(c->pool, d.y->dim[0] * d.rows, rows_grain(&d), y_rows, &d);
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

    d.rows = (a->h + d.a->stride[0] - 1) / d.a->stride[0];
    par_for(c->pool, d.channels, 256, turn, &d);
    par_for(c->pool, d.x->dim[0] * d.rows, rows_grain(&d), dx_rows, &d);
}
/* SPDX-License-Identifier: MIT */
