/* matmul.c - y = op(a) op(b) + bias; every linear layer and its gradients.
 * a: [.., K] (ta: [K.., M], reduced over its rows)   b: [K, N] (ta: [K.., N] with a's rows; tb: [N, K]). */
#include "ops/rules.h"

static bool fits(ShapeCall *c, const MatmulAttr *m)
{
    const Desc *a = &c->in[0], *b = &c->in[1];
    bool rows_meet = m->ta && !m->tb; /* the product runs over the rows of both */
    int64_t ka = m->ta ? desc_rows(a) : shape_last(&a->shape);
    int64_t kb = m->tb ? shape_last(&b->shape) : desc_rows(b);

    if (a->shape.rank < 1 || b->shape.rank < 1 || (!rows_meet && b->shape.rank != 2) ||
        (m->ta && m->tb && a->shape.rank != 2))
        return shape_fail(c, "matmul cannot multiply %s and %s", IN_TEXT(c, 0), IN_TEXT(c, 1));
    if (ka != kb)
        return shape_fail(c, "matmul of %s%s and %s%s: inner lengths %lld and %lld differ",
                          IN_TEXT(c, 0), m->ta ? " transposed" : "", IN_TEXT(c, 1),
                          m->tb ? " transposed" : "", (long long)ka, (long long)kb);
    if (rows_meet ? a->space != b->space : b->space != SPACE_NONE)
        return shape_fail(c, "matmul mixes the rows of %s and %s", IN_TEXT(c, 0), IN_TEXT(c, 1));
    if (a->space != SPACE_NONE && (a->shape.rank < 2 || (m->ta && m->tb)))
        return shape_fail(c, "matmul cannot sum over the rows of %s against %s", IN_TEXT(c, 0),
                          IN_TEXT(c, 1));
    return true;
}

static bool matmul_shape(ShapeCall *c)
{
    const MatmulAttr *m = c->attr;

    if (!want(c, 0, "matmul's a", DT_F32, FLAT_RANK) ||
        !want(c, 1, "matmul's b", DT_F32, FLAT_RANK))
        return false;
    if (!fits(c, m))
        return false;
    const Shape *a = &c->in[0].shape, *b = &c->in[1].shape;
    int64_t n = m->tb ? b->dim[0] : shape_last(b);
    Shape out = m->ta ? SHAPE(shape_last(a), n) : *a;

    out.dim[out.rank - 1] = n;
    if (has_in(c, 2) && (!want(c, 2, "matmul's bias", DT_F32, 1) ||
                         !want_shape(c, 2, "matmul's bias", SHAPE(n), SPACE_NONE)))
        return false;
    set_out(c, 0, DT_F32, out, m->ta ? SPACE_NONE : c->in[0].space);
    return true;
}

static void matmul_grad(const GradCall *c, Node *dx)
{
    const MatmulAttr *m = c->attr;
    Node a = c->x[0], b = c->x[1], dy = c->dy[0];

    /* y = a b: da = dy b', db = a' dy, and the same read through the transposes */
    if (c->need[0])
        dx[0] = m->ta ? op_matmul(b, dy, NO_NODE, m->tb, true)
                      : op_matmul(dy, b, NO_NODE, false, !m->tb);
    if (c->need[1])
        dx[1] = m->tb ? op_matmul(dy, a, NO_NODE, true, m->ta)
                      : op_matmul(a, dy, NO_NODE, !m->ta, false);
    if (c->need[2])
        dx[2] = op_sum_to(dy, node_desc(c->x[2])->shape);
}

typedef struct Sizes {
    int64_t m, n, k;
} Sizes;

static Sizes sizes(const OpCall *c)
{
    const MatmulAttr *t = c->attr;
    int64_t last = shape_last(&c->in[0].shape), rows = tensor_rows(&c->in[0]);

    return (Sizes){t->ta ? last : rows, shape_last(&c->out[0].shape), t->ta ? rows : last};
}

static void matmul_ref(const OpCall *c)
{
    const MatmulAttr *t = c->attr;
    Sizes s = sizes(c);
    const real *a = c->in[0].data, *b = c->in[1].data, *bias = c->ins > 2 ? c->in[2].data : NULL;
    real *y = c->out[0].data;

    for (int64_t i = 0; i < s.m; i++) {
        for (int64_t j = 0; j < s.n; j++) {
            real sum = 0;

            for (int64_t k = 0; k < s.k; k++)
                sum += a[t->ta ? k * s.m + i : i * s.k + k] * b[t->tb ? j * s.k + k : k * s.n + j];
            y[i * s.n + j] = sum + (bias ? bias[j] : 0);
        }
    }
}

static double matmul_flops(const OpCall *c)
{
    Sizes s = sizes(c);

    return 2.0 * (double)s.m * (double)s.n * (double)s.k;
}

static const MatmulAttr nn = {false, false}, nt = {false, true}, tn = {true, false},
                        tt = {true, true};
static const OpCase cases[] = {
    {.in = {DIMS(-CASE_T, 7), DIMS(5, 7), DIMS(5)}, .attr = &nt},
    {.in = {DIMS(-CASE_T, 33), DIMS(18, 33)}, .attr = &nt},
    {.in = {DIMS(5), DIMS(3, 5), DIMS(3)}, .attr = &nt},
    {.in = {DIMS(2, 3, 16), DIMS(17, 16), DIMS(17)}, .attr = &nt},
    {.in = {DIMS(-CASE_T, 6), DIMS(6, 19), DIMS(19)}, .attr = &nn},
    {.in = {DIMS(4), DIMS(4, 9)}, .attr = &nn},
    {.in = {DIMS(-CASE_T, 7), DIMS(-CASE_T, 5)}, .attr = &tn},
    {.in = {DIMS(7, 1), DIMS(7, 33), DIMS(33)}, .attr = &tn},
    {.in = {DIMS(3), DIMS(4)}, .attr = &tn},
    {.in = {DIMS(7, 17), DIMS(3, 7), DIMS(3)}, .attr = &tt},
};

const OpDef opdef_matmul = {
    .name = "matmul",
    .inputs = 3,
    .optional = 1,
    .outputs = 1,
    .attr_size = sizeof(MatmulAttr),
    .shape = matmul_shape,
    .grad = matmul_grad,
    .ref = matmul_ref,
    .flops = matmul_flops,
    CASES(cases),
};

Node op_matmul(Node a, Node b, Node bias, bool ta, bool tb)
{
    return op_call(&opdef_matmul, (Node[]){a, b, bias}, &(MatmulAttr){ta, tb});
}

Node op_matmul_nt(Node x, Node w)
{
    return op_matmul(x, w, NO_NODE, false, true);
}

/* SPDX-License-Identifier: MIT */
