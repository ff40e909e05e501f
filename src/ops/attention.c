/* attention.c - y = softmax(scale q k') v within each sequence, head by head (Vaswani et al. 2017,
 * arXiv:1706.03762).  q: [Tq, D]  k, v: [Tk, D] -> y [Tq, D], lse [Tq, heads].  Dropout multiplies the
 * probabilities P by M.  A row that sees no key gives 0 and lse = -inf.
 * P = exp(scale q k' - lse)   dv = (P M)' dy   dS = P (M (dy v') - sum(dy y))   dq = scale dS k   dk = scale dS' q */
#include "ops/dropout.h"

#include <math.h>
#include <string.h>

static bool same_groups(ShapeCall *c, int q, int k, const AttentionAttr *a)
{
    const Desc *x = &c->in[q], *y = &c->in[k];

    if (!want_grouped(c, "attention", x->space) || !want_grouped(c, "attention", y->space))
        return false;
    if (graph_space_info(c->g, x->space)->groups != graph_space_info(c->g, y->space)->groups)
        return shape_fail(c, "attention of %s to %s: they are not rows of the same sequences",
                          IN_TEXT(c, q), IN_TEXT(c, k));
    int64_t d = x->shape.dim[1];

    if (d != y->shape.dim[1])
        return shape_fail(c, "attention of %s to %s: widths differ", IN_TEXT(c, q), IN_TEXT(c, k));
    if (a->heads < 1 || d % a->heads)
        return shape_fail(c, "attention of %s: %lld columns do not divide into %d heads",
                          IN_TEXT(c, q), (long long)d, a->heads);
    if (!(a->dropout >= 0 && a->dropout < 1))
        return shape_fail(c, "attention with a dropout of %g; it must be at least 0 and below 1",
                          (double)a->dropout);
    return true;
}

static bool attention_shape(ShapeCall *c)
{
    const AttentionAttr *a = c->attr;

    if (!want(c, 0, "attention's q", DT_F32, 2) || !want(c, 1, "attention's k", DT_F32, 2) ||
        !want_alike(c, "attention", 1, 2) || !same_groups(c, 0, 1, a))
        return false;
    c->out[0] = c->in[0];
    set_out(c, 1, DT_F32, SHAPE(c->in[0].shape.dim[0], a->heads), c->in[0].space);
    return true;
}

static void attention_grad(const GradCall *c, Node *dx)
{
    const AttentionAttr *a = c->attr;

    if (!only_first(c, &opdef_attention))
        return;
    Node d =
        op_attention_grad(c->dy[0], c->x[0], c->x[1], c->x[2], c->y[0], node_out(c->y[0], 1), *a);

    for (int i = 0; i < 3; i++)
        if (c->need[i])
            dx[i] = node_out(d, i);
}

/* One query row of one head: where it lies and how many keys it sees. */
typedef struct Query {
    int64_t row, position, key, keys; /* key: first row of the sequence in k and v */
    int64_t head, width, dim;         /* width of a head, D */
    uint32_t sample;
} Query;

typedef void (*QueryFn)(const OpCall *c, const Query *q);

/* Every query of every head, of a call whose q and k are inputs iq and iq + 1. */
static void each_query(const OpCall *c, int iq, QueryFn fn)
{
    const AttentionAttr *a = c->attr;
    const Rows *rq = c->in_rows[iq], *rk = c->in_rows[iq + 1];
    int64_t dim = c->in[iq].shape.dim[1];

    for (int64_t s = 0; s < rq->groups; s++) {
        int64_t nq = group_length(rq, s), shift = group_length(rk, s) - nq;

        for (int64_t i = 0; i < nq; i++) {
            int64_t keys = group_visible(rk, s);

            if (a->causal && i + shift + 1 < keys)
                keys = i + shift + 1 > 0 ? i + shift + 1 : 0;
            for (int h = 0; h < a->heads; h++)
                fn(c, &(Query){rq->offset[s] + i, i, rk->offset[s], keys, h, dim / a->heads, dim,
                               group_sample(rq, s)});
        }
    }
}

static real dot(const real *x, const real *y, int64_t n)
{
    real sum = 0;

    for (int64_t i = 0; i < n; i++)
        sum += x[i] * y[i];
    return sum;
}

static real keep(const OpCall *c, const Query *q, int64_t key)
{
    const AttentionAttr *a = c->attr;
    DropoutRow r = {(uint32_t)q->position,
                    q->sample,
                    c->step,
                    {c->seed[0] + (uint32_t)q->head * 0x9E3779B9U, c->seed[1] ^ a->site}};

    return a->dropout > 0 ? dropout_factor(&r, (uint32_t)key, a->dropout) : 1;
}

static void attend(const OpCall *c, const Query *q)
{
    const AttentionAttr *a = c->attr;
    int64_t column = q->head * q->width, at = q->row * q->dim + column;
    const real *x = (const real *)c->in[0].data + at;
    const real *k = (const real *)c->in[1].data + q->key * q->dim + column;
    const real *v = (const real *)c->in[2].data + q->key * q->dim + column;
    real *y = c->out[0].data, *lse = c->out[1].data, top = -HUGE_VAL, sum = 0;

    for (int64_t j = 0; j < q->keys; j++)
        top = fmax(top, (real)a->scale * dot(x, k + j * q->dim, q->width));
    for (int64_t j = 0; j < q->keys; j++)
        sum += exp((real)a->scale * dot(x, k + j * q->dim, q->width) - top);
    if (lse)
        lse[q->row * a->heads + q->head] = top + (q->keys ? log(sum) : 0);
    if (!y)
        return;
    memset(y + at, 0, (size_t)q->width * sizeof *y);
    for (int64_t j = 0; j < q->keys; j++) {
        real p = exp((real)a->scale * dot(x, k + j * q->dim, q->width) - top) / sum;

        for (int64_t i = 0; i < q->width; i++)
            y[at + i] += p * keep(c, q, j) * v[j * q->dim + i];
    }
}

static void attention_ref(const OpCall *c)
{
    each_query(c, 0, attend);
}

static bool attention_grad_shape(ShapeCall *c)
{
    const AttentionAttr *a = c->attr;

    if (!want(c, 1, "attention_grad's q", DT_F32, 2) ||
        !want(c, 2, "attention_grad's k", DT_F32, 2) || !want_alike(c, "attention_grad", 0, 1) ||
        !want_alike(c, "attention_grad", 2, 3) || !want_alike(c, "attention_grad", 1, 4) ||
        !same_groups(c, 1, 2, a) ||
        !want_shape(c, 5, "attention_grad's lse", SHAPE(c->in[1].shape.dim[0], a->heads),
                    c->in[1].space))
        return false;
    for (int i = 0; i < 3; i++)
        c->out[i] = c->in[1 + i];
    return true;
}

static void attend_grad(const OpCall *c, const Query *q)
{
    const AttentionAttr *a = c->attr;
    int64_t column = q->head * q->width, at = q->row * q->dim + column;
    const real *dy = (const real *)c->in[0].data + at, *x = (const real *)c->in[1].data + at;
    const real *k = c->in[2].data, *v = c->in[3].data;
    real lse = ((const real *)c->in[5].data)[q->row * a->heads + q->head];
    real *dq = c->out[0].data, *dk = c->out[1].data, *dv = c->out[2].data;
    real through = dot(dy, (const real *)c->in[4].data + at, q->width);

    for (int64_t j = 0; j < q->keys; j++) {
        int64_t to = (q->key + j) * q->dim + column;
        real p = exp((real)a->scale * dot(x, k + to, q->width) - lse), m = keep(c, q, j);
        real ds = (real)a->scale * p * (m * dot(dy, v + to, q->width) - through);

        for (int64_t i = 0; i < q->width; i++) {
            if (dq)
                dq[at + i] += ds * k[to + i];
            if (dk)
                dk[to + i] += ds * x[i];
            if (dv)
                dv[to + i] += p * m * dy[i];
        }
    }
}

static void attention_grad_ref(const OpCall *c)
{
    for (int i = 0; i < 3; i++)
        if (c->out[i].data)
            memset(c->out[i].data, 0, (size_t)tensor_count(&c->out[i]) * sizeof(real));
    each_query(c, 1, attend_grad);
}

/* Query and key pairs; a call without rows, as a plan sees it, counts as one sequence. */
static double pairs(const OpCall *c, int iq)
{
    const Rows *rq = c->in_rows[iq], *rk = c->in_rows[iq + 1];
    double sum = 0;

    if (!rq || !rk || !rq->offset || !rk->offset)
        return (double)c->in[iq].shape.dim[0] * (double)c->in[iq + 1].shape.dim[0];
    for (int64_t s = 0; s < rq->groups; s++)
        sum += (double)group_length(rq, s) * (double)group_visible(rk, s);
    return sum;
}

static double attention_flops(const OpCall *c)
{
    return 4.0 * pairs(c, 0) * (double)c->in[0].shape.dim[1];
}

static double attention_grad_flops(const OpCall *c)
{
    return 10.0 * pairs(c, 1) * (double)c->in[1].shape.dim[1];
}

static const AttentionAttr one = {.heads = 1, .scale = 0.5F},
                           two = {.heads = 2, .scale = 0.7F, .causal = true},
                           three = {.heads = 3, .scale = 1, .dropout = 0.3F, .site = 9},
                           wide = {.heads = 1, .scale = 0.25F, .dropout = 0.1F, .causal = true};
static const OpCase cases[] = {
    {.in = {DIMS(-CASE_T, 7), DIMS(-CASE_T, 7), DIMS(-CASE_T, 7)}, .attr = &one},
    {.in = {DIMS(-CASE_T, 6), DIMS(-CASE_T, 6), DIMS(-CASE_T, 6)}, .attr = &two},
    {.in = {DIMS(-CASE_T, 15), DIMS(-CASE_X, 15), DIMS(-CASE_X, 15)}, .attr = &three},
    {.in = {DIMS(-CASE_T, 32), DIMS(-CASE_S, 32), DIMS(-CASE_S, 32)}, .attr = &two},
    {.in = {DIMS(-CASE_S, 33), DIMS(-CASE_T, 33), DIMS(-CASE_T, 33)}, .attr = &wide},
};
#define GRAD_CASE(sq, sk, dim, heads)                                                              \
    {                                                                                              \
        DIMS(-(sq), dim), DIMS(-(sq), dim), DIMS(-(sk), dim), DIMS(-(sk), dim), DIMS(-(sq), dim),  \
            DIMS(-(sq), heads)                                                                     \
    }
static const OpCase grad_cases[] = {
    {.in = GRAD_CASE(CASE_T, CASE_T, 7, 1), .attr = &one},
    {.in = GRAD_CASE(CASE_T, CASE_T, 6, 2), .attr = &two},
    {.in = GRAD_CASE(CASE_T, CASE_X, 15, 3), .attr = &three},
    {.in = GRAD_CASE(CASE_T, CASE_S, 32, 2), .attr = &two},
    {.in = GRAD_CASE(CASE_S, CASE_T, 33, 1), .attr = &wide},
};

const OpDef opdef_attention = {
    .name = "attention",
    .inputs = 3,
    .outputs = 2,
    .attr_size = sizeof(AttentionAttr),
    .shape = attention_shape,
    .grad = attention_grad,
    .ref = attention_ref,
    .flops = attention_flops,
    CASES(cases),
};

const OpDef opdef_attention_grad = {
    .name = "attention_grad",
    .inputs = 6,
    .outputs = 3,
    .attr_size = sizeof(AttentionAttr),
    .shape = attention_grad_shape,
    .ref = attention_grad_ref,
    .flops = attention_grad_flops,
    CASES(grad_cases),
};

Node op_attention(Node q, Node k, Node v, AttentionAttr attr)
{
    if (node_valid(q) && graph_mode(q.g) != MODE_TRAIN)
        attr.dropout = 0;
    return op_call(&opdef_attention, (Node[]){q, k, v}, &attr);
}

Node op_attention_grad(Node dy, Node q, Node k, Node v, Node y, Node lse, AttentionAttr attr)
{
    return op_call(&opdef_attention_grad, (Node[]){dy, q, k, v, y, lse}, &attr);
}

/* SPDX-License-Identifier: MIT */
