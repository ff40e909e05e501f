/* conv2d.c - y(o, i, j) = b_o + sum over ky, kx, c of w(o, c, ky, kx) x(c, i s + ky d - p, j s + kx d - p), outside of
 * x zeros; output channels and input channels in groups that do not mix (LeCun et al. 1989).
 * x: [B, C, H, W]  w: [O, C / groups, kh, kw]  b: [O] -> [B, O, H', W'].  dx and dw are sums of the same terms. */
#include "ops/pictures.h"

/* ---- shapes ---- */

int64_t conv2d_size(const Conv2dAttr *a, int axis, int64_t in, int64_t k)
{
    int64_t room = in + a->pad[axis] + a->pad[axis + 2] - a->dilation[axis] * (k - 1) - 1;

    return room < 0 ? 0 : room / a->stride[axis] + 1;
}

static bool sound(ShapeCall *c, const Conv2dAttr *a)
{
    for (int i = 0; i < 2; i++)
        if (a->stride[i] < 1 || a->dilation[i] < 1 || a->pad[i] < 0 || a->pad[i + 2] < 0 ||
            a->groups < 1)
            return shape_fail(c, "conv2d with strides %d, %d, dilations %d, %d and %d groups",
                              a->stride[0], a->stride[1], a->dilation[0], a->dilation[1],
                              a->groups);
    return true;
}

/* The shape of y from x's and w's; x and w are told in a refusal. */
static bool out_shape(ShapeCall *c, const Conv2dAttr *a, const Shape *x, const Shape *w, Shape *y)
{
    if (!sound(c, a))
        return false;
    if (w->rank != 4 || w->dim[0] % a->groups != 0 || x->dim[1] != w->dim[1] * a->groups ||
        shape_size(w) < 1)
        return shape_fail(c,
                          "conv2d of %s in %d groups: the weight %s does not fit "
                          "(wanted [out, %lld / %d, height, width])",
                          SHAPE_TEXT(x), a->groups, SHAPE_TEXT(w), (long long)x->dim[1], a->groups);
    *y = SHAPE(x->dim[0], w->dim[0], conv2d_size(a, 0, x->dim[2], w->dim[2]),
               conv2d_size(a, 1, x->dim[3], w->dim[3]));
    if (y->dim[2] < 1 || y->dim[3] < 1)
        return shape_fail(
            c, "conv2d: the window of the weight %s does not fit into %s and its padding",
            SHAPE_TEXT(w), SHAPE_TEXT(x));
    return true;
}

static bool conv2d_shape(ShapeCall *c)
{
    Shape y = SHAPE0;

    if (!want_pictures(c, 0, "conv2d's x") || !want(c, 1, "conv2d's weight", DT_F32, 4) ||
        !want_shape(c, 1, "conv2d's weight", c->in[1].shape, SPACE_NONE) ||
        !out_shape(c, c->attr, &c->in[0].shape, &c->in[1].shape, &y))
        return false;
    if (has_in(c, 2) && (!want(c, 2, "conv2d's bias", DT_F32, 1) ||
                         !want_shape(c, 2, "conv2d's bias", SHAPE(y.dim[1]), SPACE_NONE)))
        return false;
    set_out(c, 0, DT_F32, y, c->in[0].space);
    return true;
}

/* dy must be what x and w give. */
static bool want_dy(ShapeCall *c, const Conv2dAttr *a, const Shape *x, const Shape *w)
{
    Shape y = SHAPE0;

    return out_shape(c, a, x, w, &y) && want_shape(c, 0, "conv2d's dy", y, c->in[0].space);
}

static bool conv2d_grad_x_shape(ShapeCall *c)
{
    const Conv2dGradXAttr *a = c->attr;

    if (!want_pictures(c, 0, "conv2d_grad_x's dy") ||
        !want(c, 1, "conv2d_grad_x's weight", DT_F32, 4))
        return false;
    const Shape *w = &c->in[1].shape;
    Shape x = SHAPE(c->in[0].shape.dim[0], w->dim[1] * a->conv.groups, a->h, a->w);
    set_out(c, 0, DT_F32, x, c->in[0].space);
    return want_dy(c, &a->conv, &x, w);
}

static bool conv2d_grad_w_shape(ShapeCall *c)
{
    const Conv2dGradWAttr *a = c->attr;

    if (!want_pictures(c, 0, "conv2d_grad_w's dy") || !want_pictures(c, 1, "conv2d_grad_w's x"))
        return false;
    if (c->in[0].space != c->in[1].space)
        return shape_fail(c, "conv2d_grad_w mixes the rows of %s and %s", IN_TEXT(c, 0),
                          IN_TEXT(c, 1));
    set_out(c, 0, DT_F32, a->w, SPACE_NONE);
    return want_dy(c, &a->conv, &c->in[1].shape, &a->w);
}

static void conv2d_grad(const GradCall *c, Node *dx)
{
    const Conv2dAttr *a = c->attr;
    Node x = c->x[0], w = c->x[1], dy = c->dy[0];

    if (c->need[0])
        dx[0] = op_conv2d_grad_x(dy, w, *a, node_dim(x, 2), node_dim(x, 3));
    if (c->need[1])
        dx[1] = op_conv2d_grad_w(dy, x, *a, &node_desc(w)->shape);
    if (c->need[2])
        dx[2] = op_sum_positions(dy);
}

/* ---- references: all three results are sums of the same terms y x w ---- */

typedef struct Terms {
    const Conv2dAttr *a;
    const Shape *x, *y, *w;
    int64_t c, o; /* channels of a group */
} Terms;

typedef struct Term { /* where its three factors lie */
    int64_t x, y, w;
} Term;

static int64_t element(const Shape *s, int64_t b, int64_t c, int64_t i, int64_t j)
{
    return ((b * s->dim[2] + i) * s->dim[3] + j) * s->dim[1] + c;
}

/* Term ky, kx, c of y(b, o, i, j): false when it lies outside the picture. */
static bool term_at(const Terms *t, const int64_t at[4], int64_t ky, int64_t kx, int64_t c,
                    Term *out)
{
    int64_t i = at[2] * t->a->stride[0] + ky * t->a->dilation[0] - t->a->pad[0];
    int64_t j = at[3] * t->a->stride[1] + kx * t->a->dilation[1] - t->a->pad[1];

    if (i < 0 || j < 0 || i >= t->x->dim[2] || j >= t->x->dim[3])
        return false;
    out->x = element(t->x, at[0], at[1] / t->o * t->c + c, i, j);
    out->y = element(t->y, at[0], at[1], at[2], at[3]);
    out->w = ((at[1] * t->c + c) * t->w->dim[2] + ky) * t->w->dim[3] + kx;
    return true;
}

typedef void (*TermFn)(const OpCall *c, const Term *t);

static void each_term_of(const OpCall *c, const Terms *t, const int64_t at[4], TermFn fn)
{
    Term term;

    for (int64_t ky = 0; ky < t->w->dim[2]; ky++)
        for (int64_t kx = 0; kx < t->w->dim[3]; kx++)
            for (int64_t k = 0; k < t->c; k++)
                if (term_at(t, at, ky, kx, k, &term))
                    fn(c, &term);
}

static void each_term(const OpCall *c, const Conv2dAttr *a, const Shape *const xyw[3], TermFn fn)
{
    Terms t = {.a = a, .x = xyw[0], .y = xyw[1], .w = xyw[2]};
    int64_t at[4];

    t.c = t.w->dim[1];
    t.o = t.w->dim[0] / a->groups;
    for (at[0] = 0; at[0] < t.y->dim[0]; at[0]++)
        for (at[1] = 0; at[1] < t.y->dim[1]; at[1]++)
            for (at[2] = 0; at[2] < t.y->dim[2]; at[2]++)
                for (at[3] = 0; at[3] < t.y->dim[3]; at[3]++)
                    each_term_of(c, &t, at, fn);
}

static const real *in_real(const OpCall *c, int i)
{
    return c->in[i].data;
}

static void clear(const OpCall *c)
{
    real *y = c->out[0].data;

    for (int64_t i = 0; i < tensor_count(&c->out[0]); i++)
        y[i] = 0;
}

static void term_y(const OpCall *c, const Term *t)
{
    ((real *)c->out[0].data)[t->y] += in_real(c, 0)[t->x] * in_real(c, 1)[t->w];
}

static void term_dx(const OpCall *c, const Term *t)
{
    ((real *)c->out[0].data)[t->x] += in_real(c, 0)[t->y] * in_real(c, 1)[t->w];
}

static void term_dw(const OpCall *c, const Term *t)
{
    ((real *)c->out[0].data)[t->w] += in_real(c, 0)[t->y] * in_real(c, 1)[t->x];
}

static void conv2d_ref(const OpCall *c)
{
    const Shape *const xyw[] = {&c->in[0].shape, &c->out[0].shape, &c->in[1].shape};
    real *y = c->out[0].data;

    clear(c);
    each_term(c, c->attr, xyw, term_y);
    for (int64_t i = 0; c->ins > 2 && c->in[2].data && i < tensor_count(&c->out[0]); i++)
        y[i] += in_real(c, 2)[i % c->out[0].shape.dim[1]];
}

static void conv2d_grad_x_ref(const OpCall *c)
{
    const Conv2dGradXAttr *a = c->attr;
    const Shape *const xyw[] = {&c->out[0].shape, &c->in[0].shape, &c->in[1].shape};

    clear(c);
    each_term(c, &a->conv, xyw, term_dx);
}

static void conv2d_grad_w_ref(const OpCall *c)
{
    const Conv2dGradWAttr *a = c->attr;
    const Shape *const xyw[] = {&c->in[1].shape, &c->in[0].shape, &c->out[0].shape};

    clear(c);
    each_term(c, &a->conv, xyw, term_dw);
}

/* ---- costs: terms outside the picture are counted too ---- */

static double cost(const Tensor *y, const Shape *w)
{
    return 2.0 * (double)tensor_count(y) * (double)(w->dim[1] * w->dim[2] * w->dim[3]);
}

static double conv2d_flops(const OpCall *c)
{
    return cost(&c->out[0], &c->in[1].shape);
}

static double conv2d_grad_x_flops(const OpCall *c)
{
    return cost(&c->in[0], &c->in[1].shape);
}

static double conv2d_grad_w_flops(const OpCall *c)
{
    return cost(&c->in[0], &c->out[0].shape);
}

/* ---- cases: each serves all three ---- */

#define ATTR(s, pt, pl, pb, pr, d, g)                                                              \
    {                                                                                              \
        .stride = {s, s}, .pad = {pt, pl, pb, pr}, .dilation = {d, d}, .groups = (g)               \
    }
#define A_plain       ATTR(1, 0, 0, 0, 0, 1, 1)
#define A_around      ATTR(1, 1, 1, 1, 1, 1, 1)
#define A_half        ATTR(2, 0, 1, 1, 2, 1, 1)
#define A_wide        ATTR(1, 2, 1, 2, 2, 2, 1)
#define A_groups      ATTR(1, 1, 1, 1, 1, 1, 2)
#define A_half_groups ATTR(2, 1, 1, 1, 1, 1, 2)
#define A_depth       ATTR(1, 1, 1, 1, 1, 1, 5)
#define A_half_depth  ATTR(2, 1, 2, 2, 1, 1, 5)
#define A_two_deep    ATTR(1, 1, 1, 1, 1, 1, 5)
#define A_stem        ATTR(2, 3, 3, 3, 3, 1, 1)
#define A_step        ATTR(2, 0, 0, 0, 0, 1, 1)
#define A_row         ATTR(1, 0, 3, 0, 3, 1, 1)
#define A_column      ATTR(1, 3, 0, 3, 0, 1, 1)
#define A_odd                                                                                      \
    {                                                                                              \
        .stride = {3, 1}, .pad = {2, 0, 0, 1}, .dilation = {2, 3}, .groups = 2                     \
    }
/* F(name, B, C, H, W, O, bias, C / groups, kh, kw, H', W'); A_name is the attribute */
#define EACH_CASE(F)                                                                               \
    F(plain, -CASE_B, 5, 3, 2, 4, BIAS, 5, 1, 1, 3, 2)                                             \
    F(around, 2, 3, 4, 5, 2, BIAS, 3, 3, 3, 4, 5)                                                  \
    F(half, -CASE_B, 2, 5, 4, 3, NONE, 2, 3, 3, 2, 3)                                              \
    F(wide, 1, 2, 5, 6, 3, BIAS, 2, 3, 3, 5, 5)                                                    \
    F(groups, 2, 4, 3, 3, 6, BIAS, 2, 3, 3, 3, 3)                                                  \
    F(half_groups, 1, 4, 5, 4, 2, NONE, 2, 3, 3, 3, 2)                                             \
    F(depth, -CASE_B, 5, 3, 4, 5, BIAS, 1, 3, 3, 3, 4)                                             \
    F(half_depth, 1, 5, 6, 5, 5, NONE, 1, 5, 5, 3, 2)                                              \
    F(two_deep, 1, 5, 3, 3, 10, NONE, 1, 3, 3, 3, 3)                                               \
    F(stem, 1, 3, 8, 7, 2, BIAS, 3, 7, 7, 4, 4)                                                    \
    F(step, 2, 3, 5, 4, 4, NONE, 3, 1, 1, 3, 2)                                                    \
    F(row, -CASE_B, 5, 3, 8, 4, NONE, 5, 1, 7, 3, 8)                                               \
    F(column, 2, 17, 5, 3, 3, BIAS, 17, 7, 1, 5, 3)                                                \
    F(odd, 1, 4, 7, 8, 4, BIAS, 2, 3, 2, 2, 6)
#define BIAS(o) DIMS(o)
#define NONE(o)                                                                                    \
    {                                                                                              \
        0                                                                                          \
    }

#define ATTRS(name, b_, c_, h_, w_, o_, bias, g_, kh, kw, oh, ow)                                  \
    static const Conv2dAttr name = A_##name;                                                       \
    static const Conv2dGradXAttr name##_x = {.conv = A_##name, .h = (h_), .w = (w_)};              \
    static const Conv2dGradWAttr name##_w = {.conv = A_##name, .w = DIMS(o_, g_, kh, kw)};
EACH_CASE(ATTRS)

#define CASE_Y(name, b_, c_, h_, w_, o_, bias, g_, kh, kw, oh, ow)                                 \
    {.in = {DIMS(b_, c_, h_, w_), DIMS(o_, g_, kh, kw), bias(o_)}, .attr = &(name)},
#define CASE_GRAD_X(name, b_, c_, h_, w_, o_, bias, g_, kh, kw, oh, ow)                            \
    {.in = {DIMS(b_, o_, oh, ow), DIMS(o_, g_, kh, kw)}, .attr = &name##_x},
#define CASE_GRAD_W(name, b_, c_, h_, w_, o_, bias, g_, kh, kw, oh, ow)                            \
    {.in = {DIMS(b_, o_, oh, ow), DIMS(b_, c_, h_, w_)}, .attr = &name##_w},

static const OpCase cases[] = {EACH_CASE(CASE_Y)};
static const OpCase grad_x_cases[] = {EACH_CASE(CASE_GRAD_X)};
static const OpCase grad_w_cases[] = {EACH_CASE(CASE_GRAD_W)};

const OpDef opdef_conv2d = {
    .name = "conv2d",
    .inputs = 3,
    .optional = 1,
    .outputs = 1,
    .attr_size = sizeof(Conv2dAttr),
    .shape = conv2d_shape,
    .grad = conv2d_grad,
    .ref = conv2d_ref,
    .flops = conv2d_flops,
    CASES(cases),
};

const OpDef opdef_conv2d_grad_x = {
    .name = "conv2d_grad_x",
    .inputs = 2,
    .outputs = 1,
    .attr_size = sizeof(Conv2dGradXAttr),
    .shape = conv2d_grad_x_shape,
    .ref = conv2d_grad_x_ref,
    .flops = conv2d_grad_x_flops,
    CASES(grad_x_cases),
};

const OpDef opdef_conv2d_grad_w = {
    .name = "conv2d_grad_w",
    .inputs = 2,
    .outputs = 1,
    .attr_size = sizeof(Conv2dGradWAttr),
    .shape = conv2d_grad_w_shape,
    .ref = conv2d_grad_w_ref,
    .flops = conv2d_grad_w_flops,
    CASES(grad_w_cases),
};

Node op_conv2d(Node x, Node w, Node bias, Conv2dAttr attr)
{
    return op_call(&opdef_conv2d, (Node[]){x, w, bias}, &attr);
}

Node op_conv2d_grad_x(Node dy, Node w, Conv2dAttr attr, int64_t h, int64_t w_)
{
    return op_call(&opdef_conv2d_grad_x, (Node[]){dy, w},
                   &(Conv2dGradXAttr){.conv = attr, .h = h, .w = w_});
}

Node op_conv2d_grad_w(Node dy, Node x, Conv2dAttr attr, const Shape *w)
{
    return op_call(&opdef_conv2d_grad_w, (Node[]){dy, x},
                   &(Conv2dGradWAttr){.conv = attr, .w = *w});
}

/* SPDX-License-Identifier: MIT */
