/* ops.h - the operations.  An op is one file: shape rule, gradient rule, plain reference in double, cost and
 * test shapes; and one row of ops.def.  Letters: T rows of all sequences, B sequences, D width, M x K x N
 * of a product, C classes.  [..] stands for leading dimensions that are taken together as rows. */
#ifndef OPS_H
#define OPS_H

#include "graph/op.h"

#define OP(name) extern const OpDef opdef_##name;
#include "ops/ops.def"
#undef OP
int op_count(void);
const OpDef *op_at(int i); /* rows of ops.def */

/* ---- products ---- */

/* y = op(a) op(b) (+ bias): ta = 0, tb = 1 is x W^T with W [N, K] as checkpoints store it.
 * a: [.., K] (ta: [K.., M], reduced over rows); b: [K.., N] (tb: [N, K]); bias: [N] or NO_NODE -> [.., N]
 * Contract: each element is one fma chain in rising k within blocks of 256, block sums added in order,
 * the bias added last. */
typedef struct MatmulAttr {
    bool ta, tb;
} MatmulAttr;
Node op_matmul(Node a, Node b, Node bias, bool ta, bool tb);
Node op_matmul_nt(Node x, Node w); /* x [.., K], w [N, K] -> [.., N] */

/* ---- elementwise; b has a's shape, or a suffix of it (a bias row), or rank 0 ---- */

Node op_add(Node a, Node b);
Node op_mul(Node a, Node b);
typedef struct ScaleAttr {
    float factor;
} ScaleAttr;
Node op_scale(Node x, float factor);
/* x; its gradient comes back times -strength (rank 0, an input of the graph). */
Node op_reverse(Node x, Node strength);
/* Sums leading dimensions away: [.., suffix] -> [suffix]; SHAPE0: all.  Blocks of 256 rows (of the suffix; for
 * SHAPE0 rows are the last axis), each in order, block sums added in order. */
Node op_sum_to(Node x, Shape suffix);
typedef struct FillAttr {
    Shape shape;
    Space space;
    float value;
} FillAttr;
Node op_fill(Graph *g, Shape shape, Space space, float value);

typedef enum {
    ACT_RELU,
    ACT_GELU,      /* erf form */
    ACT_GELU_TANH, /* "gelu_new" */
    ACT_QUICK_GELU,
    ACT_TANH,
    ACT_SIGMOID,
    ACT_SILU,
    ACT_RELU6,       /* min(max(x, 0), 6) */
    ACT_HARDSIGMOID, /* relu6(x + 3) / 6 */
    ACT_HARDSWISH    /* x relu6(x + 3) / 6 */
} Act;
typedef struct ActivateAttr {
    Act kind;
} ActivateAttr;
Node op_activate(Node x, Act kind);
Node op_activate_grad(Node x, Node dy, Act kind); /* dx */

/* ---- normalisation over the last axis ---- */

typedef struct NormAttr {
    float eps;
} NormAttr;
/* (x [.., D], w [D], b [D]) -> y, mean [..], rstd [..]; biased variance, two passes */
Node op_layernorm(Node x, Node w, Node b, float eps);
/* (dy, x, w, mean, rstd) -> dx, dw [D], db [D] */
Node op_layernorm_grad(Node dy, Node x, Node w, Node mean, Node rstd);
Node op_l2norm(Node x, float eps); /* y = x / max(|x|, eps) -> y, norm = |x| [..] */
Node op_l2norm_grad(Node dy, Node y, Node norm, float eps);
typedef struct DeltaAttr {
    float scale;
    bool turned; /* w is [in, out] */
} DeltaAttr;
/* 1 / |row i of w + scale b a|: w [out, in], b [out, r], a [r, in] -> [out].  A constant for gradients. */
Node op_delta_rnorm(Node w, Node b, Node a, float scale, bool turned);
Node op_softmax(Node x); /* over the last axis */
Node op_softmax_grad(Node dy, Node y);

/* ---- convolution.  x [B, C, H, W] in this order, in memory B, H, W, C; weights [O, C / groups, kh, kw] in memory as
 * in checkpoints.  Dimension 0 may name a row space. ---- */

typedef struct Conv2dAttr {
    int stride[2]; /* h, w */
    int pad[4];    /* top, left, bottom, right: TensorFlow's SAME puts the odd one at the end */
    int dilation[2];
    int groups;
} Conv2dAttr;
/* x [B, C, H, W], w [O, C / groups, kh, kw], bias [O] or NO_NODE -> [B, O, H', W'],
 * H' = (H + pad top + bottom - dilation (kh - 1) - 1) / stride + 1.
 * Contract: one fma chain over k = (ky, kx, c) in rising order (c fastest) within blocks of 256, zeros where the
 * window leaves the picture, block sums added in order, the bias last.  Depthwise (groups = C = O): one chain over ky, kx. */
Node op_conv2d(Node x, Node w, Node bias, Conv2dAttr attr);
typedef struct Conv2dGradXAttr {
    Conv2dAttr conv;
    int64_t h, w; /* of x */
} Conv2dGradXAttr;
/* dx.  The taps that reach a position lie `stride` apart; contract: over k = (ky, kx, o) of these as above. */
Node op_conv2d_grad_x(Node dy, Node w, Conv2dAttr attr, int64_t h, int64_t w_);
typedef struct Conv2dGradWAttr {
    Conv2dAttr conv;
    Shape w;
} Conv2dGradWAttr;
/* dw.  Contract: one chain over positions in rising order within blocks of 256, block sums added in order within
 * spans of 16 blocks, spans in order.  Depthwise: chains of 16 rows of positions (of all pictures), added in order. */
Node op_conv2d_grad_w(Node dy, Node x, Conv2dAttr attr, const Shape *w);
/* H' for axis 0, W' for axis 1; 0: the window does not fit */
int64_t conv2d_size(const Conv2dAttr *a, int axis, int64_t in, int64_t k);
/* [B, C, H, W] -> [C]: sum over B, H, W; blocks of 256 positions, each in order, block sums in order */
Node op_sum_positions(Node x);

/* ---- pictures: [B, C, H, W] in this order, in memory B, H, W, C.  Dimension 0 may name a row space. ---- */

/* Batch normalisation (Ioffe & Szegedy 2015, arXiv:1502.03167) by statistics that are given:
 * y = (x - mean) / sqrt(var + eps) w + b.  x [B, C, H, W], all others [C].  No gradient for mean and var. */
Node op_batchnorm(Node x, Node w, Node b, Node mean, Node var, float eps);
/* dx, dw [C], db [C]; without x and mean (NO_NODE) dx alone */
typedef struct BatchnormGradAttr {
    float eps;
    Act kind; /* with in[5], where the pass fold_batchnorm puts the activation's output: dy is the gradient of that */
} BatchnormGradAttr;
Node op_batchnorm_grad(Node dy, Node w, Node var, Node x, Node mean, float eps);
/* By the batch's own: y, mean [C], rstd = 1 / sqrt(biased variance + eps) [C], unbiased variance [C] (NaN of one
 * position; the last three have no gradient).  Blocks of 128 positions, two passes over each; variances combine
 * as Chan et al. 1983 do. */
Node op_batchnorm_train(Node x, Node w, Node b, float eps);
Node op_batchnorm_train_grad(Node dy, Node x, Node w, Node mean, Node rstd); /* dx, dw, db */
typedef struct BatchnormActAttr { /* of batchnorm_act, which the pass fold_batchnorm makes */
    float eps;
    bool rstd_given; /* in[4] is 1 / sqrt(var + eps) already */
    bool activate;
    Act kind;
} BatchnormActAttr;
/* (1 - momentum) old + momentum value; old where the value is not finite */
typedef struct RunningAttr {
    float momentum;
} RunningAttr;
Node op_running(Node old, Node value, float momentum);

typedef struct Conv2dActAttr { /* of conv2d_act, which the pass fold_conv makes */
    Conv2dAttr conv;
    float eps; /* with in[3 .. 6], batchnorm's */
    bool activate;
    Act kind;
} Conv2dActAttr;

/* Windows: H' = (H + pad top + bottom - k) / stride + 1, rounded down, or up with `ceil` (a window must then begin
 * inside the picture or its padding above and left, as PyTorch has it).  pad: top, left, bottom, right, each below k. */
typedef struct Pool2dAttr {
    int k[2], stride[2], pad[4];
    bool ceil;
    bool count_pad; /* an average counts padding as zeros */
} Pool2dAttr;
typedef struct PoolGradAttr {
    Pool2dAttr pool;
    int64_t h, w; /* of x */
} PoolGradAttr;
/* y, index i32: the first maximum's place in its window, ky * k[1] + kx; NaN is above all */
Node op_maxpool2d(Node x, Pool2dAttr attr);
Node op_maxpool2d_grad(Node dy, Node index, PoolGradAttr attr);
Node op_avgpool2d(Node x, Pool2dAttr attr);
Node op_avgpool2d_grad(Node dy, PoolGradAttr attr);
/* [B, C, H, W] -> [B, C]: mean over H, W; blocks of 256 positions, block sums in order */
Node op_avgpool_all(Node x);
typedef struct PictureAttr {
    int64_t h, w;
} PictureAttr;
Node op_avgpool_all_grad(Node dy, int64_t h, int64_t w);
/* [B, C, H, W] -> [B, C, h, w]: PyTorch's AdaptiveAvgPool2d */
Node op_adaptive_avgpool(Node x, int64_t h, int64_t w);
Node op_adaptive_avgpool_grad(Node dy, int64_t h, int64_t w); /* of x */
/* y = x s: x [B, C, H, W], s [B, C] (squeeze and excite; Hu et al. 2017, arXiv:1709.01507) */
Node op_scale_channels(Node x, Node s);
Node op_scale_channels_grad(Node dy, Node x, Node s); /* dx, ds [B, C] (sums as op_avgpool_all's) */
/* [B, C] -> [B, C, 1, 1]: a row as a picture of one position; op_avgpool_all leads back */
Node op_as_picture(Node x);
/* [B, C, H, W] -> [B, C H W], the channel slowest, as checkpoints order it */
Node op_flatten(Node x);
Node op_flatten_grad(Node dy, int64_t h, int64_t w); /* of x */
/* [B, C_i, H, W] -> [B, sum of C_i, H, W]; c and d may be NO_NODE */
Node op_concat_channels(Node a, Node b, Node c, Node d);
typedef struct PadChannelsAttr {
    int64_t before, after;
} PadChannelsAttr;
/* Channels of zeros around x's: [B, before + C + after, H, W] */
Node op_pad_channels(Node x, int64_t before, int64_t after);
Node op_pad_channels_grad(Node dy, int64_t before, int64_t after);

/* Positions as rows, in the order of memory: [B, C, H, W] -> [T, C], T = B H W over a space that has H W rows for each
 * picture. */
Node op_picture_rows(Node x, Space space);
Node op_rows_picture(Node x, int64_t h, int64_t w); /* back, over the space of its groups */

/* The same numbers in another shape; of tensors without row space that are no pictures. */
typedef struct ReshapeAttr {
    Shape shape;
} ReshapeAttr;
Node op_reshape(Node x, Shape shape);

/* After `front` rows a grid, resized bicubically as PyTorch does, with or without antialias:
 * [front + from_h from_w, D] -> [front + h w, D] */
#define GRID_MAX 256 /* sides, at most */
typedef struct ResizeGridAttr {
    int64_t front, from_h, from_w, h, w;
    bool antialias;
} ResizeGridAttr;
Node op_resize_grid(Node x, ResizeGridAttr attr);
Node op_resize_grid_grad(Node dy, ResizeGridAttr attr); /* of x */

/* ---- rows ---- */

/* table [V, D], ids i32 [T] -> [T, D]; ids were checked by the caller.  pad: the row that gets no gradient from
 * being looked up (PyTorch's padding_idx), -1: none. */
typedef struct EmbedAttr {
    int64_t pad;
} EmbedAttr;
Node op_embed(Node table, Node ids, int64_t pad);
typedef struct EmbedGradAttr {
    int64_t vocab, pad;
} EmbedGradAttr;
/* -> [V, D], rows added in order of t */
Node op_embed_grad(Node dy, Node ids, int64_t vocab, int64_t pad);
typedef struct RowsAttr {
    Space space;
    int64_t value;
} RowsAttr;
Node op_row_position(Graph *g, Space space, int64_t first); /* i32 [T]: first + index in sequence */
/* i32 [B]: first row of each sequence.  Its input is row_position of the tokens, for in_rows only. */
Node op_row_start(Graph *g, Space tokens);
/* i32 [B]: the last visible row of each sequence. */
Node op_row_last(Graph *g, Space tokens);
Node op_gather(Node x, Node index); /* x [T, D], index i32 [M] -> [M, D] */
/* -> [T, D]; equal indices add */
Node op_gather_grad(Node dy, Node index, Space space, int64_t capacity);
Node op_segment_mean(Node x); /* [T, D] -> [B, D], mean over each sequence's visible rows */
/* -> [T, D]; zero for rows that are not visible */
Node op_segment_mean_grad(Node dy, Space tokens);
Node op_split3(Node x);                      /* [.., 3 D] -> three of [.., D] */
Node op_split3_grad(Node a, Node b, Node c); /* and back */
/* p [P, D] in front of each sequence of x [T, D] -> extended space */
Node op_rows_prepend(Node p, Node x);
Node op_rows_drop(Node x); /* an extended space back to its base */
/* Base rows into the extended space, zeros in front (the gradient of drop). */
Node op_rows_pad(Node x, Space extended);
/* ids i32 [T] into the extended space, `value` in front. */
Node op_rows_lead(Node ids, Space extended, int64_t value);
typedef struct ColumnsAttr {
    int64_t from, n; /* of columns_grad n is how many the result has */
} ColumnsAttr;
Node op_columns(Node x, int64_t from, int64_t n); /* [.., W] -> [.., n] */
Node op_columns_grad(Node dy, int64_t from, int64_t wide);
/* Extended x -> [P, D]: the front rows summed over sequences in order. */
Node op_rows_prefix_sum(Node x);

/* ---- attention over sequences (Vaswani et al. 2017, arXiv:1706.03762).  Heads lie side by side in
 * D = heads * d.  q: [Tq, D], k, v: [Tk, D]; spaces of q and k may differ but group the same sequences
 * -> y [Tq, D], lse [Tq, heads] (log-sum-exp of the scaled scores).  Causal: row i sees keys up to
 * i + (len k - len q).  Keys at or beyond in_rows' visible count are not seen; a row that sees none gives 0 and
 * lse = -inf.  Dropout acts on probabilities. */
typedef struct AttentionAttr {
    int heads;
    bool causal;
    float scale; /* 1 / sqrt(d) usually */
    float dropout;
    uint32_t site;
} AttentionAttr;
Node op_attention(Node q, Node k, Node v, AttentionAttr attr);
Node op_attention_grad(Node dy, Node q, Node k, Node v, Node y, Node lse,
                       AttentionAttr attr); /* dq, dk, dv */

/* ---- dropout (Srivastava et al. 2014): keep element c of row r iff word (c & 3) of Philox4x32-7(counter =
 * {c >> 2, position of r in its sequence, sample number, step}, key = {seed[0], seed[1] ^ site}) is at least
 * (uint32)(p * 2^32); kept ones are times 1 / (1 - p).  Rows without sequences: position 0, sample of the row.
 * Attention: c is the key's index within the sequence, position the query's, key[0] = seed[0] + head * 0x9E3779B9.
 * The gradient is the op itself. */
typedef struct DropoutAttr {
    float p;
    uint32_t site;
} DropoutAttr;
Node op_dropout(Node x, float p,
                uint32_t site); /* x itself when p is 0 or the graph is not for training */

/* Whole samples dropped (stochastic depth; Huang et al. 2016, arXiv:1603.09382): sample s is kept iff word 0 of
 * the same generator at {0, 0, s, step} says so, and is then times 1 / (1 - p).  Rows of a sequence go together. */
Node op_drop_path(Node x, float p, uint32_t site); /* x itself as with op_dropout */

/* ---- losses: rank 0 sums, so that normalisers can be chosen over a whole update ---- */

typedef struct XentAttr {
    float smoothing;
} XentAttr;
/* logits [M, C], labels i32 [M] (negative: ignored), weights f32 [C] or NO_NODE -> sum [], lse [M].
 * sum over i of (1 - s) w[y_i] nll(y_i) + s / C * sum over c of w[c] nll(c): PyTorch's before dividing. */
Node op_xent(Node logits, Node labels, Node weights, float smoothing);
Node op_xent_grad(Node dsum, Node logits, Node labels, Node lse, Node weights,
                  float smoothing); /* dlogits */
/* op_xent(op_matmul_nt(x, w), labels, NO_NODE, 0), bit for bit, without the scores in memory: x [M, D], w [V, D],
 * labels i32 [M] -> sum [] */
Node op_linear_xent(Node x, Node w, Node labels);
Node op_linear_xent_grad(Node dsum, Node x, Node w, Node labels); /* dx, dw, and the sum */
/* Softmax over a sequence's rows (visible or not): scores [T, C], its column `column`, target i32 [B] row within
 * the sequence (negative or beyond: ignored) -> sum [], lse [B] */
typedef struct SpanAttr {
    int64_t column;
} SpanAttr;
Node op_span_xent(Node scores, Node target, int64_t column);
Node op_span_xent_grad(Node dsum, Node scores, Node target, Node lse,
                       int64_t column); /* other columns 0 */
Node op_mse(Node pred, Node target);    /* same shapes, f32 -> sum of squares [] */
Node op_mse_grad(Node dsum, Node pred, Node target);
Node op_bce(Node logits, Node target); /* sum of binary cross-entropies with logits [] */
Node op_bce_grad(Node dsum, Node logits, Node target);

/* ---- the update ---- */

Node op_sqsum(Node x); /* sum of squares [], order as op_sum_to to SHAPE0 */
/* rank 0 -> coefficient min(1, max / (norm + 1e-6)) and norm = sqrt(sqsum); max <= 0: coefficient 1 */
Node op_clip(Node sqsum, Node max_norm);
/* hyper: f32 [4] = {lr, weight decay, 1 - beta1^t, 1 - beta2^t}.  Loshchilov & Hutter 2017, PyTorch's order:
 * p *= 1 - lr wd; m, v; p -= lr / bc1 * m / (sqrt(v) / sqrt(bc2) + eps).  coef scales g first; lr and wd are
 * times lr_scale and wd_scale. */
typedef struct AdamwAttr {
    float beta1, beta2, eps, lr_scale, wd_scale;
} AdamwAttr;
Node op_adamw(Node p, Node g, Node m, Node v, Node coef, Node hyper,
              AdamwAttr attr); /* -> p, m, v */
/* hyper: f32 [4] = {lr, weight decay, first step ? 1 : 0, 0}.  PyTorch's SGD: g += wd p; buf = first ? g :
 * momentum buf + (1 - dampening) g; p -= lr (nesterov ? g + momentum buf : buf) */
typedef struct SgdAttr {
    float momentum, dampening, lr_scale, wd_scale;
    bool nesterov;
} SgdAttr;
Node op_sgd(Node p, Node g, Node buf, Node coef, Node hyper, SgdAttr attr); /* -> p, buf */

/* ---- helpers for shape rules ---- */

bool op_same_shape(ShapeCall *c); /* out[0] = in[0] */
bool shape_fail(ShapeCall *c, const char *fmt, ...) PRINTF(2, 3);
int64_t desc_rows(const Desc *d); /* product of all but the last dimension */

#endif
/* SPDX-License-Identifier: MIT */
