/* linear_xent.simd.c - cross-entropy of x W^T and its gradient, XENT_ROWS rows at a time: their scores are computed, become
 * their own gradient in place, and are used up.  Each of the three products and the softmax have the chains of the plain
 * composition: dw's blocks of 256 rows are these blocks. */
#include "cpu/gemm.h"

typedef struct Head {
    const OpCall *c;
    int64_t rows, d, classes;
    const float *x, *w, *dsum; /* dsum NULL: the sum alone */
    const int32_t *label;
    float *z, *loss, *lse,
        *gemm; /* scratch: [XENT_ROWS, V], [rows], [XENT_ROWS], what products take */
} Head;

/* x is input i.  Scratch as scratch_linear_xent counts it. */
static Head head_of(const OpCall *c, int i)
{
    Head h = {.c = c,
              .rows = tensor_dim0(&c->in[i]),
              .d = tensor_width(&c->in[i]),
              .classes = tensor_dim0(&c->in[i + 1]),
              .x = in_f(c, i),
              .w = in_f(c, i + 1),
              .dsum = i ? in_f(c, 0) : NULL,
              .label = c->in[i + 2].data,
              .z = c->scratch};

    h.lse = h.z + min_of(h.rows, XENT_ROWS) * h.classes;
    h.loss = h.lse + XENT_ROWS;
    h.gemm = h.loss + h.rows;
    return h;
}

static void multiply(const Head *h, const Product *p)
{
    K(gemm_units)(p, false, h->c->pool, h->gemm);
}

static void scores(const Head *h, int64_t r, int64_t n)
{
    multiply(h, &(Product){.l = matrix(h->x + r * h->d, n, h->d, true),
                           .r = matrix(h->w, h->classes, h->d, true),
                           .depth = h->d,
                           .c = h->z,
                           .c_step = h->classes});
}

/* Losses of n rows; z becomes its gradient. */
static void losses(const Head *h, int64_t r, int64_t n)
{
    static const XentAttr plain = {0};
    Tensor z = {DT_F32, SHAPE(n, h->classes), h->z}, lse = {DT_F32, SHAPE(n), h->lse};
    Tensor label = {DT_I32, SHAPE(n), (void *)(uintptr_t)(h->label + r)}, one = {.dtype = DT_F32};
    OpCall c = {.attr = &plain, .ins = 2, .outs = 2, .pool = h->c->pool, .scratch = h->loss + r};

    c.in[0] = z, c.in[1] = label, c.out[1] = lse;
    K(k_xent)(&c);
    if (!h->dsum)
        return;
    one.data = (void *)(uintptr_t)h->dsum;
    c.ins = 4, c.outs = 1;
    c.in[0] = one, c.in[1] = z, c.in[2] = label, c.in[3] = lse, c.out[0] = z;
    K(k_xent_grad)(&c);
}

static void gradients(const Head *h, int64_t r, int64_t n, float *dx, float *dw)
{
    if (dx)
        multiply(h, &(Product){.l = matrix(h->z, n, h->classes, true),
                               .r = matrix(h->w, h->d, h->d, false),
                               .depth = h->classes,
                               .c = dx + r * h->d,
                               .c_step = h->d});
    if (dw)
        multiply(h, &(Product){.l = matrix(h->z, h->classes, h->classes, false),
                               .r = matrix(h->x + r * h->d, h->d, h->d, false),
                               .depth = n,
                               .add = r > 0,
                               .c = dw,
                               .c_step = h->d});
}

void K(k_linear_xent)(const OpCall *c)
{
    Head h = head_of(c, 0);

    for (int64_t r = 0; r < h.rows; r += XENT_ROWS) {
        int64_t n = min_of(XENT_ROWS, h.rows - r);

        scores(&h, r, n);
        losses(&h, r, n);
    }
    if (out_f(c, 0))
        *out_f(c, 0) = sum_blocks(h.loss, h.rows);
}

void K(k_linear_xent_grad)(const OpCall *c)
{
    Head h = head_of(c, 1);

    if (h.rows == 0 && out_f(c, 1))
        memset(out_f(c, 1), 0, (size_t)(h.classes * h.d) * sizeof(float));
    for (int64_t r = 0; r < h.rows; r += XENT_ROWS) {
        int64_t n = min_of(XENT_ROWS, h.rows - r);

        scores(&h, r, n);
        losses(&h, r, n);
        gradients(&h, r, n, out_f(c, 0), out_f(c, 1));
    }
    if (out_f(c, 2))
        *out_f(c, 2) = sum_blocks(h.loss, h.rows);
}
/* SPDX-License-Identifier: MIT */
