/* test_share_xent.c - the loss of a vocabulary without its scores: the bits of the sum and of both gradients are those of
 * the plain composition, for every instruction set, and the sum is computed once. */
#include "exec/exec.h"
#include "test.h"

#include <string.h>

enum { ROWS = 600, D = 24, V = 301 }; /* three blocks of rows, the last one short */

typedef struct Made {
    bool plain;  /* matmul and xent */
    bool frozen; /* w */
    bool more;   /* the loss has another term, so that a node reads the sum */
} Made;

typedef struct Net {
    Err err;
    Graph *g;
    Params *params;
    Plan *plan;
    Run *run;
} Net;

static void build(Net *n, Made how)
{
    n->g = graph_new(&n->err, test_arena(), MODE_TRAIN);
    Space rows = graph_space(n->g, "rows", ROWS + 7, SPACE_NONE);
    Node in = graph_input(n->g, "x", DT_F32, SHAPE(ROWS + 7, D), rows);
    Node y = graph_input(n->g, "labels", DT_I32, SHAPE(ROWS + 7), rows);
    Node x = op_matmul_nt(in, graph_param(n->g, "first", SHAPE(D, D), INIT_KAIMING, true));
    Node w = graph_param(n->g, "w", SHAPE(V, D), INIT_KAIMING, !how.frozen);
    Node sum = how.plain ? op_xent(op_matmul_nt(x, w), y, NO_NODE, 0) : op_linear_xent(x, w, y);

    graph_loss(n->g, "next", how.more ? op_add(sum, op_sum_to(x, SHAPE0)) : sum);
    check_ok_at(__FILE__, __LINE__, graph_backward(&n->err, n->g), &n->err);
}

static void run(Net *n, Isa isa, const char *except)
{
    PlanOptions o = {.isa = isa, .threads = 2, .except = except};
    Arena *a = graph_arena(n->g);
    Pool *pool;

    n->params = params_new(&n->err, a);
    check_ok_at(__FILE__, __LINE__, pool_new(&n->err, a, 2, &pool), &n->err);
    check_ok_at(__FILE__, __LINE__, params_init_missing(&n->err, n->params, n->g, 3, NULL),
                &n->err);
    check_ok_at(__FILE__, __LINE__, plan_make(&n->err, a, n->g, &o, &n->plan), &n->err);
    check_ok_at(__FILE__, __LINE__, run_new(&n->err, a, n->plan, n->params, pool, 11, &n->run),
                &n->err);
    check_ok_at(__FILE__, __LINE__, run_rows(&n->err, n->run, "rows", &(Rows){.count = ROWS}),
                &n->err);
    float *x = run_input(n->run, "x");
    int32_t *y = run_input(n->run, "labels");
    for (int i = 0; i < ROWS * D; i++)
        x[i] = (float)random_uniform(1, 0, (uint64_t)i) - 0.5F;
    for (int i = 0; i < ROWS; i++)
        y[i] = i % 5 == 4 ? -1 : i * 37 % V;
    check_ok_at(__FILE__, __LINE__, run_scalar(&n->err, n->run, "loss.next.scale", 0.01F), &n->err);
    check_ok_at(__FILE__, __LINE__, run_step(&n->err, n->run), &n->err);
}

static int count(const Net *n, const OpDef *op)
{
    int *id, all, found = 0;
    Err err;

    CHECK_OK(graph_order(&err, n->g, graph_arena(n->g), &id, &all));
    for (int i = 0; i < all; i++)
        found += graph_node(n->g, id[i])->kind == NODE_OP && graph_node(n->g, id[i])->op == op;
    return found;
}

static void check_same(Tensor x, Tensor y)
{
    CHECK((x.data == NULL) == (y.data == NULL));
    if (x.data)
        CHECK(!memcmp(x.data, y.data, (size_t)shape_size(&x.shape) * sizeof(float)));
}

static void check(Made how)
{
    for (Isa isa = ISA_SCALAR; isa <= isa_best(); isa++) {
        Net plain = {0}, fused = {0};
        Made other = how;

        other.plain = true;
        build(&plain, other);
        build(&fused, how);
        run(&plain, isa, NULL);
        run(&fused, isa, NULL);
        CHECK_INT(count(&fused, &opdef_linear_xent), how.more);
        CHECK_INT(count(&fused, &opdef_linear_xent_grad), 1);
        check_same(run_output(plain.run, "loss.next"), run_output(fused.run, "loss.next"));
        check_same(run_gradient(plain.run, "first"), run_gradient(fused.run, "first"));
        check_same(run_gradient(plain.run, "w"), run_gradient(fused.run, "w"));
        CHECK((run_gradient(fused.run, "w").data == NULL) == how.frozen);
    }
}

TEST(passes_share_xent_keeps_bits)
{
    check((Made){.frozen = false});
    check((Made){.frozen = true});
}

TEST(passes_share_xent_leaves_a_sum_that_is_read)
{
    check((Made){.more = true});
}

TEST(passes_share_xent_can_be_left_out)
{
    Net n = {0};

    build(&n, (Made){.plain = false});
    run(&n, isa_best(), "share_xent");
    CHECK_INT(count(&n, &opdef_linear_xent), 1);
}

/* SPDX-License-Identifier: MIT */
