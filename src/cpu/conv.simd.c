/* conv.simd.c - convolution of channels-last pictures as matrix products (implicit im2col; Chetlur et al. 2014,
 * arXiv:1410.0759), a product for each group.
 *   y  = windows of x [B H' W', (ky, kx, c)] times w
 *   dx = windows of dy [B H W, (ky, kx, o)] times w: with strides a product for each residue of the position, with
 *        the taps that meet it
 *   dw = dy' [O, B H' W'] times windows of x */
#include "cpu/epilogue.h"
#include "cpu/patch.h"

typedef struct Conv {
    const Conv2dAttr *a;
    const Shape *x, *y, *w;
    const float *pw;
    int64_t c, o, taps;           /* channels of a group, taps of a window */
    Axis axis[2];                 /* of the product at hand */
    float *zeros, *turned, *rest; /* scratch */
    bool forward;
} Conv;

static Conv conv_of(const OpCall *c, const Conv2dAttr *a, const Shape *x, const Shape *y,
                    const Shape *w)
{
    Conv v = {.a = a, .x = x, .y = y, .w = w, .zeros = c->scratch};
    int64_t widest = max_of(x->dim[1], max_of(y->dim[1], RUN_MAX));

    v.c = w->dim[1], v.o = w->dim[0] / a->groups, v.taps = w->dim[2] * w->dim[3];
    memset(v.zeros, 0, (size_t)widest * sizeof *v.zeros);
    v.turned = v.zeros + widest;
    v.rest = v.turned + shape_size(w);
    return v;
}

/* One tap on every position of a picture: rows of a matrix. */
static bool is_plain(const Axis *a)
{
    return a->taps == 1 && a->stride == 1 && a->first == 0 && a->out == a->size;
}

/* The windows of the axes over channels first .. of a picture `pixel` wide. */
static Side windows(const Conv *v, Patch *p, const float *at, int64_t channels, int64_t pixel,
                    bool rows)
{
    const Axis *y = &v->axis[0], *x = &v->axis[1];

    if (is_plain(y) && is_plain(x)) {
        int64_t positions = v->y->dim[0] * y->out * x->out;

        return matrix(at, rows ? positions : channels, pixel, rows);
    }
    *p = (Patch){at, channels, pixel, *y, *x, 1, v->zeros};
    p->run = run_of(p);
    return (Side){.count = rows ? v->y->dim[0] * y->out * x->out : y->taps * x->taps * channels,
                  .turned = rows,
                  .step = pixel * x->stride,
                  .pack = rows ? pack_patch : pack_windows,
                  .near = rows ? near_patch : near_windows,
                  .from = p};
}

static void slide(Conv *v)
{
    for (int i = 0; i < 2; i++)
        v->axis[i] = window_over(v->a, v->x, v->y, v->w, i);
}

/* [O, C, taps] -> [O][tap][c], or of the taps at hand [tap][O][c] */
static void turn_weight(void *arg, int64_t begin, int64_t end, int thread)
{
    const Conv *v = arg;
    int64_t down = v->axis[0].taps, across = v->axis[1].taps;

    (void)thread;
    for (int64_t o = begin; o < end; o++)
        for (int64_t t = 0; t < down * across; t++) {
            int64_t ky = v->axis[0].tap + t / across * v->axis[0].every;
            int64_t kx = v->axis[1].tap + t % across * v->axis[1].every;
            const float *from = v->pw + o * v->c * v->taps + ky * v->w->dim[3] + kx;
            int64_t group = o / v->o, i = o % v->o;
            float *to = v->turned + (v->forward ? (o * v->taps + t) * v->c
                                                : ((group * down * across + t) * v->o + i) * v->c);

            for (int64_t c = 0; c < v->c; c++)
                to[c] = from[c * v->taps];
        }
}

static const float *weight(Conv *v, const OpCall *c, bool forward)
{
    if (v->taps == 1)
        return v->pw;
    v->forward = forward;
    par_for(c->pool, v->w->dim[0], 4, turn_weight, v);
    return v->turned;
}

typedef struct Ending { /* of a group's channels, `channel` the first */
    const Epilogue *e;
    int64_t channel;
} Ending;

static void put_epilogue(const Product *p, const Part *part)
{
    const Ending *to = p->to;
    int64_t at = part->i * p->c_step + part->j, channel = to->channel + part->j;

    K(epilogue)
    (to->e, &(EpiloguePart){.from = part->from,
                            .to = p->c + at,
                            .rows = part->n,
                            .from_step = part->step,
                            .to_step = p->c_step,
                            .channel = channel,
                            .n = part->m,
                            .at = part->i * p->c_step + channel});
}

/* e: what follows, or NULL */
static void forward(const OpCall *c, const Conv2dAttr *a, const Epilogue *e)
{
    Conv v = conv_of(c, a, &c->in[0].shape, &c->out[0].shape, &c->in[1].shape);
    const float *bias = c->ins > 2 ? in_f(c, 2) : NULL;
    int64_t depth = v.taps * v.c;

    v.pw = in_f(c, 1);
    slide(&v);
    if (shape_size(v.y) == 0)
        return;
    const float *w = weight(&v, c, true);
    for (int64_t g = 0; g < v.a->groups; g++) {
        Patch patch;
        Ending ending = {e, g * v.o};
        Product p = {.depth = depth, .c = out_f(c, 0) + g * v.o, .c_step = v.y->dim[1]};

        p.l = windows(&v, &patch, in_f(c, 0) + g * v.c, v.c, v.x->dim[1], true);
        p.r = matrix(w + g * v.o * depth, v.o, depth, true);
        p.bias = bias ? bias + g * v.o : NULL;
        p.put = e ? put_epilogue : NULL;
        p.to = &ending;
        K(gemm_units)(&p, true, c->pool, v.rest);
    }
}

void K(k_conv2d)(const OpCall *c)
{
    forward(c, c->attr, NULL);
}

/* scratch: batchnorm's scale [O], then as k_conv2d's */
void K(k_conv2d_act)(const OpCall *c)
{
    const Conv2dActAttr *a = c->attr;
    OpCall conv = *c;
    Epilogue e = epilogue_of(c, c->scratch);

    conv.scratch = (float *)c->scratch + c->out[0].shape.dim[1];
    forward(&conv, &a->conv, &e);
}

/* ---- dx ---- */

typedef struct Spread { /* where the rows of a residue lie in dx */
    float *at;
    int64_t row, column, picture, across, down; /* floats from one to the next; positions */
} Spread;

static void put_spread(const Product *p, const Part *part)
{
    const Spread *s = p->to;

    for (int64_t i = 0; i < part->n; i++) {
        int64_t at = part->i + i, row = at / s->across;
        float *to = s->at + row / s->down * s->picture + row % s->down * s->row +
                    at % s->across * s->column + part->j;
        const float *from = part->from + i * part->step;

        for (int64_t j = 0; j < part->m; j += LANES)
            f_put(to + j, f_get(from + j, part->m - j), part->m - j);
    }
}

static Spread spread_of(const Conv *v, float *dx, int64_t ry, int64_t rx)
{
    int64_t pixel = v->x->dim[1], width = v->x->dim[3] * pixel;

    return (Spread){.at = dx + ry * width + rx * pixel,
                    .row = v->a->stride[0] * width,
                    .column = v->a->stride[1] * pixel,
                    .picture = v->x->dim[2] * width,
                    .across = v->axis[1].out,
                    .down = v->axis[0].out};
}

/* The part of dx with these residues. */
static void dx_residue(Conv *v, const OpCall *c, int64_t ry, int64_t rx)
{
    v->axis[0] = window_back(v->a, v->x, v->y, v->w, 0, ry);
    v->axis[1] = window_back(v->a, v->x, v->y, v->w, 1, rx);
    int64_t taps = v->axis[0].taps * v->axis[1].taps, n = v->o * v->c * taps;
    bool whole = v->a->stride[0] == 1 && v->a->stride[1] == 1;

    if (v->axis[0].out == 0 || v->axis[1].out == 0)
        return;
    const float *w = weight(v, c, false);
    for (int64_t g = 0; g < v->a->groups; g++) {
        float *dx = out_f(c, 0) + g * v->c;
        Spread spread = spread_of(v, dx, ry, rx);
        Patch patch;
        Product p = {.depth = taps * v->o, .c = dx, .c_step = v->x->dim[1], .to = &spread};

        p.l = windows(v, &patch, in_f(c, 0) + g * v->o, v->o, v->y->dim[1], true);
        p.r = matrix(w + g * n, v->c, v->c, false);
        p.put = whole ? NULL : put_spread;
        K(gemm_units)(&p, true, c->pool, v->rest);
    }
}

void K(k_conv2d_grad_x)(const OpCall *c)
{
    const Conv2dGradXAttr *a = c->attr;
    Conv v = conv_of(c, &a->conv, &c->out[0].shape, &c->in[0].shape, &c->in[1].shape);

    v.pw = in_f(c, 1);
    if (shape_size(v.x) == 0)
        return;
    for (int64_t ry = 0; ry < v.a->stride[0]; ry++)
        for (int64_t rx = 0; rx < v.a->stride[1]; rx++)
            dx_residue(&v, c, ry, rx);
}

/* ---- dw ---- */

typedef struct Partials { /* [span][o][(ky, kx, c)] of a group -> [o][c][ky, kx] */
    const float *from;
    float *to;
    int64_t o, c, taps, spans;
} Partials;

static void add_partials(void *arg, int64_t begin, int64_t end, int thread)
{
    const Partials *s = arg;
    int64_t row = s->taps * s->c, plane = s->o * row;

    (void)thread;
    for (int64_t o = begin; o < end; o++)
        for (int64_t t = 0; t < s->taps; t++) {
            const float *from = s->from + o * row + t * s->c;
            float *to = s->to + o * row + t;

            for (int64_t c = 0; c < s->c; c++) {
                float sum = from[c];

                for (int64_t n = 1; n < s->spans; n++)
                    sum += from[n * plane + c];
                to[c * s->taps] = sum;
            }
        }
}

void K(k_conv2d_grad_w)(const OpCall *c)
{
    const Conv2dGradWAttr *a = c->attr;
    Conv v = conv_of(c, &a->conv, &c->in[1].shape, &c->in[0].shape, &c->out[0].shape);
    int64_t positions = v.y->dim[0] * v.y->dim[2] * v.y->dim[3], row = v.taps * v.c;
    int64_t spans = max_of(1, panels(positions, K_BLOCK * SPAN_BLOCKS));
    float *partial = v.rest, *panel = partial + spans * v.o * row;

    slide(&v);
    for (int64_t g = 0; g < v.a->groups; g++) {
        Patch patch;
        Partials s = {partial, out_f(c, 0) + g * v.o * row, v.o, v.c, v.taps, spans};
        Product p = {.depth = positions, .c = partial, .c_step = row, .span = SPAN_BLOCKS};

        p.span_step = v.o * row;
        p.l = matrix(in_f(c, 0) + g * v.o, v.o, v.y->dim[1], false);
        p.r = windows(&v, &patch, in_f(c, 1) + g * v.c, v.c, v.x->dim[1], false);
        K(gemm_units)(&p, false, c->pool, panel);
        par_for(c->pool, v.o, max_of(1, 4096 / row), add_partials, &s);
    }
}
/* SPDX-License-Identifier: MIT */
