/* test_gradients.c - every gradient rule against central finite differences of the references, for every
 * differentiable input of every case; and whole graphs against differences of their loss. */
#include "passes/passes.h"
#include "ref/standard.h"

#include "test.h"

#include <math.h>
#include <stdio.h>

#define H   1e-5
#define TOL 1e-6

static bool differentiable(const CaseGraph *k, int i)
{
    return node_valid(k->in[i]) && node_desc(k->in[i])->dtype == DT_F32 &&
           k->c->fill[i] == CASE_ANY;
}

/* Relative to the value, and to a hundredth for values near 0. */
static void check_slope(const char *what, double rule, double slope)
{
    check_near_at(__FILE__, __LINE__, what, rule, slope, TOL * fmax(fabs(slope), 0.01));
}

static real weighted(const Ref *r, Node y, Node dy)
{
    Tensor a = ref_value(r, y), b = ref_value(r, dy);
    real sum = 0;

    for (int64_t i = 0; i < shape_size(&a.shape); i++)
        sum += ((const real *)a.data)[i] * ((const real *)b.data)[i];
    return sum;
}

/* Asks the rule for input `only` alone (-1: for all), and checks that it gives that and nothing else. */
static void ask(const CaseGraph *k, Node dy, int only, Node *dx)
{
    GradCall c = {.attr = graph_node(k->g, k->y.id)->attr};
    Err err = {0};

    for (int i = 0; i < OP_OUT_MAX; i++) {
        c.y[i] = i < k->op->outputs ? node_out(k->y, i) : NO_NODE;
        c.dy[i] = i ? NO_NODE : dy;
    }
    for (int i = 0; i < OP_IN_MAX; i++) {
        dx[i] = NO_NODE;
        c.x[i] = i < k->op->inputs ? k->in[i] : NO_NODE;
        c.need[i] = i < k->op->inputs && differentiable(k, i) && (only < 0 || only == i);
    }
    k->op->grad(&c, dx);
    CHECK_OK(graph_finish(&err, k->g));
    for (int i = 0; i < k->op->inputs; i++) {
        check_at(__FILE__, __LINE__, node_valid(dx[i]) == c.need[i], k->op->name);
        if (!c.need[i])
            continue;
        const Desc *want = node_desc(k->in[i]), *have = node_desc(dx[i]);
        check_text_at(__FILE__, __LINE__, k->op->name, SHAPE_TEXT(&have->shape),
                      SHAPE_TEXT(&want->shape));
        CHECK(have->dtype == want->dtype && have->space == want->space);
    }
}

/* What a rule gives is times this the slope: reversal is no derivative. */
static real turned(const Ref *r, const CaseGraph *k)
{
    return k->op == &opdef_reverse ? -*(const real *)ref_value(r, k->in[1]).data : 1;
}

static void check_input(Ref *r, const CaseGraph *k, Node dy, int i, Node dx, const char *what)
{
    real *x = ref_real(r, k->in[i]);
    const real *rule = ref_real(r, dx);

    for (int64_t j = 0; j < ref_count(r, k->in[i]); j++) {
        real keep = x[j];

        x[j] = keep + H;
        ref_run_node(r, k->y.id);
        real above = weighted(r, k->y, dy);
        x[j] = keep - H;
        ref_run_node(r, k->y.id);
        real below = weighted(r, k->y, dy);
        x[j] = keep;
        check_slope(what, rule[j], turned(r, k) * (above - below) / (2 * H));
    }
}

/* The number of inputs checked. */
static int check_case(const OpDef *op, int which, int rows)
{
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());
    CaseGraph k = case_graph(a, op, &op->cases[which]);
    const Desc *y = node_desc(k.y);
    Node dy = graph_input(k.g, "dy", DT_F32, y->shape, y->space), dx[OP_IN_MAX];
    int checked = 0;
    char what[100];

    for (int i = 0; i < op->inputs; i++)
        if (differentiable(&k, i))
            ask(&k, dy, i, dx);
    ask(&k, dy, -1, dx);
    for (int i = 0; i < op->inputs; i++)
        if (node_valid(dx[i]))
            graph_output(k.g, "dx", dx[i]);

    Ref *r = ref_new(k.g);
    standard_rows(r, rows);
    ref_clock(r, 0x123456789ABCDEF0U, 3);
    case_fill(r, &k, (uint64_t)which);
    fill_any(r, dy, (uint64_t)which, 99);
    ref_run(r);
    for (int i = 0; i < op->inputs; i++) {
        if (!node_valid(dx[i]))
            continue;
        snprintf(what, sizeof what, "%s: case %d, rows %d, input %d", op->name, which, rows, i);
        check_input(r, &k, dy, i, dx[i], what);
        checked++;
    }
    arena_free(a);
    return checked;
}

TEST(ops_gradients_equal_finite_differences)
{
    int ops = 0;

    for (int i = 0; i < op_count(); i++) {
        const OpDef *op = op_at(i);

        if (!op->grad)
            continue;
        for (int c = 0; c < op->case_count; c++)
            for (int rows = STANDARD_SHORT; rows <= STANDARD_VISIBLE; rows++)
                check_at(__FILE__, __LINE__, check_case(op, c, rows) > 0, op->name);
        ops++;
    }
    printf("%d differentiable operations\n", ops);
    CHECK(ops >= 20);
}

TEST(ops_gradients_refuse_further_outputs)
{
    static const OpDef *const several[] = {
        &opdef_layernorm, &opdef_l2norm,          &opdef_attention, &opdef_xent,
        &opdef_span_xent, &opdef_batchnorm_train, &opdef_maxpool2d};

    for (size_t i = 0; i < LEN(several); i++) {
        Err err = {0};
        Arena *a = arena_new(&err, sys_real());
        CaseGraph k = case_graph(a, several[i], &several[i]->cases[0]);
        GradCall c = {.attr = graph_node(k.g, k.y.id)->attr, .need = {true}};
        Node dx[OP_IN_MAX];

        for (int n = 0; n < OP_OUT_MAX; n++)
            c.dy[n] = n == 1 ? node_out(k.y, 1) : NO_NODE;
        several[i]->grad(&c, dx);
        CHECK(graph_finish(&err, k.g) != E_OK);
        CHECK_HAS(err.text, "first output only");
        arena_free(a);
    }
}

/* ---- whole graphs: an encoder with a prefix, sums that fork, two losses ---- */

typedef struct Small {
    Graph *g;
    Node ids, labels, target;
} Small;

static Node param(Graph *g, const char *name, Shape s)
{
    return graph_param(g, name, s, INIT_ZERO, true);
}

static Small small_encoder(Arena *a)
{
    Err err = {0};
    Small s = {.g = graph_new(&err, a, MODE_TRAIN)};
    Graph *g = s.g;

    standard_spaces(g);
    s.ids = graph_input(g, "ids", DT_I32, SHAPE(CASE_T_CAPACITY), CASE_T);
    s.labels = graph_input(g, "labels", DT_I32, SHAPE(8), CASE_B);
    s.target = graph_input(g, "target", DT_I32, SHAPE(8), CASE_B);
    Node x = op_embed(param(g, "table", SHAPE(11, 6)), s.ids, -1);
    Node at = op_embed(param(g, "positions", SHAPE(9, 6)), op_row_position(g, CASE_T, 1), -1);

    x = op_rows_prepend(param(g, "prefix", SHAPE(CASE_EXTRA, 6)), op_add(x, at));
    x = op_layernorm(x, param(g, "norm.w", SHAPE(6)), param(g, "norm.b", SHAPE(6)), 1e-5F);
    Node q = op_matmul_nt(x, param(g, "q", SHAPE(6, 6)));
    Node k = op_matmul(x, param(g, "k", SHAPE(6, 6)), param(g, "k.b", SHAPE(6)), false, true);
    Node y = op_attention(q, k, x, (AttentionAttr){.heads = 2, .scale = 0.6F, .dropout = 0.2F});

    x = op_add(op_rows_drop(x), op_dropout(op_rows_drop(y), 0.25F, 5));
    x = op_mul(op_activate(x, ACT_GELU), param(g, "gain", SHAPE(6)));
    Node pooled = op_add(op_segment_mean(x), op_gather(x, op_row_start(g, CASE_T)));
    Node head = param(g, "head", SHAPE(4, 6));
    graph_loss(g, "class", op_xent(op_matmul_nt(pooled, head), s.labels, NO_NODE, 0.1F));
    graph_loss(g, "span", op_span_xent(op_matmul_nt(x, head), s.target, 1));
    return s;
}

static real total_loss(Ref *r)
{
    ref_run(r);
    return 0.7 * ref_real(r, ref_node(r, "loss.class"))[0] +
           0.2 * ref_real(r, ref_node(r, "loss.span"))[0];
}

TEST(ops_gradients_of_a_whole_graph)
{
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());
    Small s = small_encoder(a);

    CHECK_OK(graph_backward(&err, s.g));
    Ref *r = ref_new(s.g);
    standard_rows(r, STANDARD_VISIBLE);
    ref_clock(r, 4, 2);
    for (int i = 0; i < 9; i++)
        ref_int(r, s.ids)[i] = i * 7 % 11;
    for (int i = 0; i < 3; i++) {
        ref_int(r, s.labels)[i] = i;
        ref_int(r, s.target)[i] = 2 - i;
    }
    ref_real(r, ref_node(r, "loss.class.scale"))[0] = 0.7;
    ref_real(r, ref_node(r, "loss.span.scale"))[0] = 0.2;
    for (int i = 0; i < graph_param_count(s.g); i++)
        fill_any(r, graph_param_at(s.g, i), 8, (uint64_t)i);
    CHECK(isfinite(total_loss(r)));
    for (int i = 0; i < graph_param_count(s.g); i++) {
        Node p = graph_param_at(s.g, i);
        real *x = ref_real(r, p), rule[100];
        int64_t n = ref_count(r, p);

        for (int64_t j = 0; j < n; j++)
            rule[j] = ref_real(r, graph_gradient(s.g, p))[j];
        for (int64_t j = 0; j < n; j++) {
            real keep = x[j];

            x[j] = keep + H;
            real above = total_loss(r);
            x[j] = keep - H;
            real below = total_loss(r);
            x[j] = keep;
            check_slope(graph_node(s.g, p.id)->name, rule[j], (above - below) / (2 * H));
        }
        total_loss(r);
    }
    arena_free(a);
}

/* SPDX-License-Identifier: MIT */
