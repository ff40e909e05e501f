/* scratch.c - how much scratch memory kernels ask for, at a call's capacity and for every instruction set. */
#include "cpu/blocks.h"

/* The smallest tile has the most panels. */
#define TILE_ROWS_MIN 4

/* Sizes are counted as size_t. */
#define U(n) ((size_t)(n))

static size_t most(size_t a, size_t b)
{
    return a > b ? a : b;
}

static size_t blocks_of(size_t n, size_t size)
{
    return (n + size - 1) / size;
}

/* Floats of panels that hold n rows of `depth`. */
static size_t panel_floats(size_t n, size_t depth)
{
    size_t panels = n / TILE_ROWS_MIN + 1;

    return (n + panels) * depth + panels * U(TILE_PAD);
}

static size_t width_of(const Tensor *t)
{
    return (size_t)shape_last(&t->shape);
}

static size_t rows_of(const Tensor *t)
{
    size_t n = 1;

    for (int i = 0; i + 1 < t->shape.rank; i++)
        n *= (size_t)t->shape.dim[i];
    return n;
}

size_t scratch_matmul(const OpCall *c, int threads)
{
    const MatmulAttr *t = c->attr;
    size_t last = width_of(&c->in[0]), rows = rows_of(&c->in[0]), n = width_of(&c->out[0]);
    size_t m = t->ta ? last : rows, k = t->ta ? rows : last;
    size_t depth = k < U(K_BLOCK) ? k : U(K_BLOCK), k_blocks = blocks_of(k, U(K_BLOCK)) + 1;
    size_t block = panel_floats(m, depth) + (n + U(PANEL_MAX)) * (depth + U(TILE_PAD));
    /* Fewer actual rows let more blocks fit, but never more than PACKED_MAX and what panels add to it. */
    size_t packed = U(PACKED_MAX) / 3 * 4 + k_blocks * 10240;
    size_t both = most(block, k_blocks * block < packed ? k_blocks * block : packed);
    size_t wide = n <= U(FEW_MAX) && m > n ? m : n; /* the streamed side when the other is short */
    size_t rows_few = most(U(FEW_MAX), m < U(STREAM_MAX) ? m : U(STREAM_MAX));
    size_t few = k_blocks * panel_floats(rows_few, depth) +
                 (size_t)threads * ((U(K_BLOCK) + U(FEW_MAX)) * U(PANEL_MAX) + U(TILE_PAD)) +
                 (t->tb && wide == n ? 0 : k_blocks * U(FEW_MAX) * wide);

    return most(both, few) * sizeof(float);
}

size_t scratch_sum_to(const OpCall *c, int threads)
{
    size_t width = (size_t)shape_size(&c->out[0].shape), n = (size_t)shape_size(&c->in[0].shape);

    if (c->out[0].shape.rank == 0)
        return scratch_blocks(c, threads);
    return width == 0 ? 0 : blocks_of(n / width, U(SUM_BLOCK)) * width * sizeof(float);
}

size_t scratch_blocks(const OpCall *c, int threads)
{
    (void)threads;
    return blocks_of(rows_of(&c->in[0]), U(SUM_BLOCK)) * sizeof(float);
}

/* B turned, where W is. */
size_t scratch_delta(const OpCall *c, int threads)
{
    const DeltaAttr *a = c->attr;

    (void)threads;
    return a->turned ? (size_t)shape_size(&c->in[1].shape) * sizeof(float) : 0;
}

size_t scratch_rows(const OpCall *c, int threads)
{
    (void)threads;
    return rows_of(&c->in[0]) * sizeof(float);
}

/* Scores, numbers of rows (linear_xent.simd.c lays them out), and panels of the threads. */
size_t scratch_linear_xent(const OpCall *c, int threads)
{
    const Tensor *x = &c->in[c->ins - 3];
    size_t rows = rows_of(x), held = rows < U(XENT_ROWS) ? rows : U(XENT_ROWS);

    return (held * (size_t)c->in[c->ins - 2].shape.dim[0] + U(XENT_ROWS) + rows +
            (size_t)threads * U(UNIT_FLOATS)) *
           sizeof(float);
}

size_t scratch_norm_grad(const OpCall *c, int threads)
{
    (void)threads;
    return blocks_of(rows_of(&c->in[1]), U(NORM_BLOCK)) * 2 * width_of(&c->in[1]) * sizeof(float);
}

/* ---- convolutions (conv.simd.c lays it out): zeros, the turned weight, then what the product takes ---- */

#define RUN_FLOATS U(128) /* patch.h: RUN_MAX */

static size_t conv_floats(const Tensor *x, const Tensor *y, const Shape *w)
{
    size_t widest = most((size_t)x->shape.dim[1], (size_t)y->shape.dim[1]);

    return most(widest, RUN_FLOATS) + (size_t)shape_size(w);
}

/* A product whose right side of n columns is packed before; 0: by each thread. */
static size_t unit_floats(size_t n, size_t depth, int threads)
{
    size_t blocks = blocks_of(depth, U(K_BLOCK)) + 1;

    return (n ? (n + U(PANEL_MAX)) * (depth + blocks * U(TILE_PAD)) : 0) +
           (size_t)threads * U(UNIT_FLOATS);
}

size_t scratch_conv2d(const OpCall *c, int threads)
{
    const Conv2dAttr *a = c->attr;
    const Shape *w = &c->in[1].shape;
    size_t o = (size_t)(w->dim[0] / a->groups);

    return (conv_floats(&c->in[0], &c->out[0], w) +
            unit_floats(o, (size_t)(w->dim[1] * w->dim[2] * w->dim[3]), threads)) *
           sizeof(float);
}

/* And batchnorm's factors. */
size_t scratch_conv2d_act(const OpCall *c, int threads)
{
    const Conv2dActAttr *a = c->attr;
    OpCall conv = *c;

    conv.attr = &a->conv;
    return scratch_conv2d(&conv, threads) + (size_t)c->out[0].shape.dim[1] * sizeof(float);
}

size_t scratch_conv2d_grad_x(const OpCall *c, int threads)
{
    const Conv2dGradXAttr *a = c->attr;
    const Shape *w = &c->in[1].shape;
    size_t o = (size_t)(w->dim[0] / a->conv.groups);

    return (conv_floats(&c->out[0], &c->in[0], w) +
            unit_floats((size_t)w->dim[1], o * (size_t)(w->dim[2] * w->dim[3]), threads)) *
           sizeof(float);
}

size_t scratch_conv2d_grad_w(const OpCall *c, int threads)
{
    const Conv2dGradWAttr *a = c->attr;
    const Shape *y = &c->in[0].shape;
    size_t positions = (size_t)(y->dim[0] * y->dim[2] * y->dim[3]);
    size_t spans = blocks_of(positions, U(K_BLOCK) * U(SPAN_BLOCKS)) + 1;
    size_t group = (size_t)(shape_size(&a->w) / a->conv.groups);

    return (conv_floats(&c->in[1], &c->in[0], &a->w) + spans * group + unit_floats(0, 0, threads)) *
           sizeof(float);
}

/* ---- 3 x 3 by transforms (winograd_grad_x.simd.c and winograd_grad_w.simd.c lay it out) ---- */

/* Where it is faster: enough channels for the products to outweigh the transforms, pictures of which few tiles are cut
 * off.  The batch has no say: a picture's bits do not depend on it. */
static const char *refuse_wino(const Conv2dAttr *a, const Shape *x, const Shape *w)
{
    for (int i = 0; i < 2; i++)
        if (w->dim[2 + i] != 3 || a->stride[i] != 1 || a->dilation[i] != 1 || a->pad[i] != 1 ||
            a->pad[2 + i] != 1)
            return "not a 3 x 3 window of stride 1 in a border of 1";
    if (a->groups != 1)
        return "in groups";
    if (w->dim[0] < 32 || w->dim[1] < 32)
        return "fewer than 32 channels";
    if (x->dim[2] < 12 || x->dim[3] < 12)
        return "a picture of less than 12 x 12";
    return NULL;
}

const char *refuse_winograd_grad_x(const OpCall *c)
{
    const Conv2dGradXAttr *a = c->attr;

    return refuse_wino(&a->conv, &c->in[0].shape, &c->in[1].shape);
}

const char *refuse_winograd_grad_w(const OpCall *c)
{
    const Conv2dGradWAttr *a = c->attr;

    return refuse_wino(&a->conv, &c->in[0].shape, &a->w);
}

size_t scratch_winograd_grad_x(const OpCall *c, int threads)
{
    size_t in = (size_t)c->in[0].shape.dim[1], out = (size_t)c->out[0].shape.dim[1];
    size_t blocks = blocks_of(in, U(K_BLOCK)), depth = in < U(K_BLOCK) ? in : U(K_BLOCK);
    size_t panels = blocks_of(out, 16) + 1; /* of 16 columns or of 32 */
    size_t filters = WINO_SPOTS * blocks * panels * (depth * 16 + U(TILE_PAD));

    return (in + 16 + filters + (size_t)threads * U(WINO_FLOATS((int64_t)blocks))) * sizeof(float);
}

size_t scratch_winograd_grad_w(const OpCall *c, int threads)
{
    size_t x = U(wino_row(c->in[1].shape.dim[1])), dy = U(wino_row(c->in[0].shape.dim[1]));
    size_t tiles = U(K_BLOCK) * (x + dy) + 2 * 16;

    (void)threads;
    return (x + dy + WINO_SPOTS * (tiles + (size_t)c->in[0].shape.dim[1] * x)) * sizeof(float);
}

/* ---- pictures (batchnorm.simd.c lays them out) ---- */

/* Two sums for each channel and block of positions. */
static size_t part_floats(const Tensor *t, int64_t block)
{
    size_t n = (size_t)t->shape.dim[1], positions = n ? (size_t)shape_size(&t->shape) / n : 0;

    return blocks_of(positions, U(block)) * 2 * n;
}

/* Numbers per channel, and tables that repeat them. */
static size_t channel_floats(const Tensor *t, size_t numbers, size_t tables)
{
    return numbers * (size_t)t->shape.dim[1] + tables * U(channel_period(t->shape.dim[1]));
}

size_t scratch_batchnorm(const OpCall *c, int threads)
{
    (void)threads;
    return channel_floats(&c->in[0], 1, 3) * sizeof(float);
}

size_t scratch_batchnorm_grad(const OpCall *c, int threads)
{
    (void)threads;
    return (channel_floats(&c->in[0], 4, 1) + part_floats(&c->in[0], SUM_BLOCK)) * sizeof(float);
}

size_t scratch_batchnorm_train(const OpCall *c, int threads)
{
    (void)threads;
    return (channel_floats(&c->in[0], 3, 3) + part_floats(&c->in[0], STATS_BLOCK)) * sizeof(float);
}

size_t scratch_batchnorm_train_grad(const OpCall *c, int threads)
{
    (void)threads;
    return (channel_floats(&c->in[0], 5, 5) + part_floats(&c->in[0], SUM_BLOCK)) * sizeof(float);
}

/* ---- depthwise: zeros, then the turned weight or dw's parts ---- */

static const char *refuse_window(const Conv2dAttr *a, int64_t channels, const Shape *w)
{
    if (a->groups != channels || w->dim[0] != channels)
        return "not one input channel and one output channel a group";
    for (int i = 0; i < 2; i++)
        if (a->stride[i] > DEPTH_STRIDE_MAX || w->dim[2 + i] > DEPTH_SPREAD_MAX ||
            a->dilation[i] * (w->dim[2 + i] - 1) >= DEPTH_SPREAD_MAX)
            return "the window or its stride is too large";
    return NULL;
}

const char *refuse_depthwise(const OpCall *c)
{
    return refuse_window(c->attr, c->in[0].shape.dim[1], &c->in[1].shape);
}

const char *refuse_depthwise_act(const OpCall *c)
{
    const Conv2dActAttr *a = c->attr;

    return refuse_window(&a->conv, c->in[0].shape.dim[1], &c->in[1].shape);
}

const char *refuse_depthwise_grad_x(const OpCall *c)
{
    const Conv2dGradXAttr *a = c->attr;

    return refuse_window(&a->conv, c->out[0].shape.dim[1], &c->in[1].shape);
}

const char *refuse_depthwise_grad_w(const OpCall *c)
{
    const Conv2dGradWAttr *a = c->attr;

    return refuse_window(&a->conv, c->in[1].shape.dim[1], &a->w);
}

size_t scratch_depthwise(const OpCall *c, int threads)
{
    const Shape *w = &c->in[1].shape;

    (void)threads;
    return (size_t)(w->dim[0] + shape_size(w)) * sizeof(float);
}

size_t scratch_depthwise_act(const OpCall *c, int threads)
{
    return scratch_depthwise(c, threads) + (size_t)c->out[0].shape.dim[1] * sizeof(float);
}

size_t scratch_depthwise_grad_w(const OpCall *c, int threads)
{
    const Conv2dGradWAttr *a = c->attr;
    const Shape *y = &c->in[0].shape;
    size_t blocks = blocks_of((size_t)(y->dim[0] * y->dim[2]), U(DEPTH_ROWS));

    (void)threads;
    return ((size_t)a->w.dim[0] + blocks * (size_t)shape_size(&a->w)) * sizeof(float);
}

/* ---- attention: what one thread holds of one head (attention.simd.c lays it out) ---- */

static size_t lanes_up(size_t n)
{
    return blocks_of(n, 16) * 16;
}

static int64_t head_width(const OpCall *c, int q)
{
    const AttentionAttr *a = c->attr;

    return (int64_t)lanes_up(width_of(&c->in[q]) / (size_t)a->heads);
}

int64_t attention_floats(int64_t keys, int64_t d, bool backward)
{
    size_t k = (size_t)keys, w = (size_t)d;
    size_t panels = lanes_up(panel_floats(k, w)), dense = lanes_up(k * w + U(TILE_PAD));
    size_t block = lanes_up(U(QUERY_BLOCK) * w + 2 * U(TILE_PAD)),
           scores = lanes_up(k * U(QUERY_BLOCK));
    size_t copies = backward ? 2 : 1, blocks = backward ? 4 : 1;

    return (int64_t)(copies * (panels + scores) + dense + blocks * block + 4 * U(QUERY_BLOCK));
}

static size_t attention_bytes(const OpCall *c, int q, int threads, bool backward)
{
    int64_t keys = c->in[q + 1].shape.dim[0];

    return (size_t)threads * (size_t)attention_floats(keys, head_width(c, q), backward) *
           sizeof(float);
}

size_t scratch_attention(const OpCall *c, int threads)
{
    return attention_bytes(c, 0, threads, false);
}

size_t scratch_attention_grad(const OpCall *c, int threads)
{
    return attention_bytes(c, 1, threads, true);
}
/* SPDX-License-Identifier: MIT */
