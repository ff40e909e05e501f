/* test_values.c - references against numbers worked out by other means: by hand, from the formulas of PyTorch's
 * documentation in another language, or from what an operation must be in a simple case. */
#include "ref/standard.h"

#include "test.h"

#include <math.h>

#define TOL 1e-7 /* attributes are floats */

typedef struct Bench {
    Arena *a;
    Graph *g;
    Ref *r;
} Bench;

static Bench bench(Mode mode)
{
    Err err = {0};
    Bench b = {.a = arena_new(&err, sys_real())};

    b.g = graph_new(&err, b.a, mode);
    standard_spaces(b.g);
    return b;
}

static void start(Bench *b, int rows)
{
    b->r = ref_new(b->g);
    standard_rows(b->r, rows);
}

static Node tokens(Bench *b, const char *name, int64_t width)
{
    return graph_input(b->g, name, DT_F32, SHAPE(CASE_T_CAPACITY, width), CASE_T);
}

static Node plain(Bench *b, const char *name, Shape s)
{
    return graph_input(b->g, name, DT_F32, s, SPACE_NONE);
}

static Node out(Node n, const char *name)
{
    graph_output(n.g, name, n);
    return n;
}

static void check_values(Bench *b, Node n, const double *want, int64_t count)
{
    const real *have = ref_real(b->r, n);

    CHECK_INT(ref_count(b->r, n), count);
    for (int64_t i = 0; i < count; i++)
        CHECK_NEAR(have[i], want[i], TOL);
}
#define CHECK_VALUES(b, n, ...)                                                                    \
    check_values((b), (n), (double[]){__VA_ARGS__}, LEN(((double[]){__VA_ARGS__})))

TEST(ops_values_activations_at_one)
{
    static const double want[] = {[ACT_RELU] = 1,
                                  [ACT_GELU] = 0.8413447460685429,
                                  [ACT_GELU_TANH] = 0.8411919906082768,
                                  [ACT_QUICK_GELU] = 0.8457957659328212,
                                  [ACT_TANH] = 0.7615941559557649,
                                  [ACT_SIGMOID] = 0.7310585786300049,
                                  [ACT_SILU] = 0.7310585786300049,
                                  [ACT_RELU6] = 1,
                                  [ACT_HARDSIGMOID] = 2.0 / 3,
                                  [ACT_HARDSWISH] = 2.0 / 3};

    for (int kind = 0; kind < (int)LEN(want); kind++) {
        Bench b = bench(MODE_TRAIN);
        Node x = plain(&b, "x", SHAPE0), y = out(op_activate(x, (Act)kind), "y");

        start(&b, STANDARD_SHORT);
        ref_set(b.r, x, (float[]){1});
        ref_run(b.r);
        CHECK_NEAR(ref_real(b.r, y)[0], want[kind], 1e-12);
        arena_free(b.a);
    }
}

TEST(ops_values_norms)
{
    Bench b = bench(MODE_TRAIN);
    Node x = plain(&b, "x", SHAPE(1, 3)), w = plain(&b, "w", SHAPE(3)),
         c = plain(&b, "b", SHAPE(3));
    Node y = out(op_layernorm(x, w, c, 1e-5F), "y"), z = out(op_l2norm(x, 1e-12F), "z");
    Node s = out(op_softmax(x), "s");

    start(&b, STANDARD_SHORT);
    ref_set(b.r, x, (float[]){1, 2, 4});
    ref_set(b.r, w, (float[]){1, 2, 1});
    ref_set(b.r, c, (float[]){0, 0, 10});
    ref_run(b.r);
    CHECK_VALUES(&b, y, -1.0690415314502977, 2 * -0.26726038286257453, 10 + 1.3363019143128718);
    CHECK_VALUES(&b, node_out(y, 1), 7.0 / 3);
    CHECK_VALUES(&b, z, 1 / sqrt(21), 2 / sqrt(21), 4 / sqrt(21));
    CHECK_VALUES(&b, node_out(z, 1), sqrt(21));
    double e = exp(1) + exp(2) + exp(4);
    CHECK_VALUES(&b, s, exp(1) / e, exp(2) / e, exp(4) / e);
    arena_free(b.a);
}

TEST(ops_values_cross_entropy)
{
    Bench b = bench(MODE_TRAIN);
    Node x = plain(&b, "x", SHAPE(3, 3)), w = plain(&b, "w", SHAPE(3));
    Node t = graph_input(b.g, "t", DT_I32, SHAPE(3), SPACE_NONE);
    Node y = out(op_xent(x, t, w, 0.1F), "y"), p = out(op_xent(x, t, NO_NODE, 0), "p");

    start(&b, STANDARD_SHORT);
    ref_set(b.r, x, (float[]){1, 2, 3, 9, 9, 9, 0.5F, -1, 0});
    ref_set(b.r, w, (float[]){1, 2, 0.5F});
    ref_int(b.r, t)[0] = 2;
    ref_int(b.r, t)[1] = -100;
    ref_run(b.r);
    CHECK_VALUES(&b, y, 1.0868428286108225);
    CHECK_VALUES(&b, p, 3.40760596444438 - 3 + 1.1041306053367284 - 0.5);
    arena_free(b.a);
}

TEST(ops_values_span_cross_entropy)
{
    Bench b = bench(MODE_TRAIN);
    Node x = tokens(&b, "x", 2), t = graph_input(b.g, "t", DT_I32, SHAPE(8), CASE_B);
    Node y = out(op_span_xent(x, t, 1), "y");

    start(&b, STANDARD_VISIBLE); /* lengths 3, 1, 5; what is visible does not matter */
    ref_int(b.r, t)[0] = 2;
    ref_int(b.r, t)[1] = 1; /* beyond the end */
    ref_int(b.r, t)[2] = 4;
    ref_run(b.r);
    CHECK_VALUES(&b, y, log(3) + log(5));
    CHECK_VALUES(&b, node_out(y, 1), log(3), 0, log(5));
    arena_free(b.a);
}

TEST(ops_values_clip)
{
    Bench b = bench(MODE_TRAIN);
    Node x = plain(&b, "x", SHAPE(2)), max = plain(&b, "max", SHAPE0);
    Node y = out(op_clip(op_sqsum(x), max), "y");

    start(&b, STANDARD_SHORT);
    ref_set(b.r, x, (float[]){3, -4});
    ref_set(b.r, max, (float[]){1});
    ref_run(b.r);
    CHECK_VALUES(&b, y, 1 / 5.000001);
    CHECK_VALUES(&b, node_out(y, 1), 5);
    ref_set(b.r, max, (float[]){7});
    ref_run(b.r);
    CHECK_VALUES(&b, y, 1);
    ref_set(b.r, max, (float[]){0});
    ref_run(b.r);
    CHECK_VALUES(&b, y, 1);
    arena_free(b.a);
}

/* Two updates through state, as an optimiser builds them. */
TEST(ops_values_adamw)
{
    Bench b = bench(MODE_TRAIN);
    Node p = graph_param(b.g, "p", SHAPE(2), INIT_ZERO, true), g = plain(&b, "g", SHAPE(2));
    Node m = graph_state(b.g, "m", SHAPE(2), INIT_ZERO),
         v = graph_state(b.g, "v", SHAPE(2), INIT_ZERO);
    Node coef = plain(&b, "coef", SHAPE0), hyper = plain(&b, "hyper", SHAPE(4));
    AdamwAttr attr = {0.9F, 0.99F, 1e-8F, 0.5F, 2};

    graph_segment(b.g, SEG_UPDATE);
    Node y = op_adamw(p, g, m, v, coef, hyper, attr);

    graph_store(b.g, p, y);
    graph_store(b.g, m, node_out(y, 1));
    graph_store(b.g, v, node_out(y, 2));
    start(&b, STANDARD_SHORT);
    ref_set(b.r, p, (float[]){1, -2});
    ref_set(b.r, coef, (float[]){0.5F});
    ref_set(b.r, g, (float[]){1, -2});
    ref_set(b.r, hyper, (float[]){0.02F, 0.05F, 0.1F, 0.01F});
    ref_update(b.r);
    CHECK_VALUES(&b, p, 0.9890000002, -1.9880000001);
    ref_set(b.r, g, (float[]){-0.5F, 6});
    ref_set(b.r, hyper, (float[]){0.02F, 0.05F, 0.19F, 0.0199F});
    ref_update(b.r);
    CHECK_VALUES(&b, p, 0.9853440059765934, -1.9909449815906983);
    CHECK_VALUES(&b, m, 0.019999999999999997, 0.20999999999999996);
    CHECK_VALUES(&b, v, 0.003100000000000003, 0.09990000000000009);
    arena_free(b.a);
}

TEST(ops_values_sgd_nesterov)
{
    static const float grad[] = {0.5F, -0.25F, 1};
    static const double want[] = {0.9031, 0.90757411, 0.6981892081909999},
                        wanted_buf[] = {0.51, 0.21803100000000003, 1.2053036411};
    Bench b = bench(MODE_TRAIN);
    Node p = graph_param(b.g, "p", SHAPE(1), INIT_ONE, true), g = plain(&b, "g", SHAPE(1));
    Node buf = graph_state(b.g, "buf", SHAPE(1), INIT_ZERO);
    Node coef = plain(&b, "coef", SHAPE0), hyper = plain(&b, "hyper", SHAPE(4));

    graph_segment(b.g, SEG_UPDATE);
    Node y = op_sgd(p, g, buf, coef, hyper,
                    (SgdAttr){.momentum = 0.9F, .lr_scale = 1, .wd_scale = 1, .nesterov = true});

    graph_store(b.g, p, y);
    graph_store(b.g, buf, node_out(y, 1));
    start(&b, STANDARD_SHORT);
    ref_set(b.r, coef, (float[]){1});
    ref_real(b.r, buf)[0] = 1e9; /* the first step must not read it */
    for (int i = 0; i < 3; i++) {
        ref_set(b.r, g, &grad[i]);
        ref_set(b.r, hyper, (float[]){0.1F, 0.01F, i == 0, 0});
        ref_update(b.r);
        CHECK_NEAR(ref_real(b.r, p)[0], want[i], TOL);
        CHECK_NEAR(ref_real(b.r, buf)[0], wanted_buf[i], TOL);
    }
    arena_free(b.a);
}

/* Equal scores: a causal row is the mean of what it sees, lse the logarithm of how many. */
TEST(ops_values_attention_means)
{
    Bench b = bench(MODE_EVAL);
    Node q = tokens(&b, "q", 2), v = tokens(&b, "v", 2);
    AttentionAttr a = {.heads = 2, .scale = 1, .dropout = 0.9F}, causal = a;

    causal.causal = true;
    Node y = out(op_attention(q, q, v, a), "y"), z = out(op_attention(q, q, v, causal), "z");

    start(&b, STANDARD_VISIBLE); /* of 3, 1, 5 rows 2, 1, 5 are seen */
    for (int i = 0; i < 18; i++)
        ref_real(b.r, v)[i] = i * i;
    ref_run(b.r);
    const real *yv = ref_real(b.r, y), *zv = ref_real(b.r, z);
    const real *lse = ref_real(b.r, node_out(z, 1)), *x = ref_real(b.r, v);
    for (int row = 0; row < 3; row++)
        CHECK_NEAR(yv[row * 2 + 1], (x[1] + x[3]) / 2, 1e-12);
    CHECK_NEAR(zv[0], x[0], 1e-12);
    CHECK_NEAR(zv[4], (x[0] + x[2]) / 2, 1e-12); /* the third row is not seen, not even by itself */
    CHECK_NEAR(zv[6], x[6], 1e-12);
    CHECK_NEAR(zv[5 * 2], (x[8] + x[10]) / 2, 1e-12);
    CHECK_NEAR(lse[5 * 2 + 1], log(2), 1e-12);
    CHECK_NEAR(lse[8 * 2], log(5), 1e-12);
    arena_free(b.a);
}

/* Two query rows too many for their one key: the first ones see nothing. */
TEST(ops_values_attention_sees_nothing)
{
    static const int32_t three[] = {0, 3}, one[] = {0, 1};
    Bench b = bench(MODE_TRAIN);
    Node q = tokens(&b, "q", 2), k = graph_input(b.g, "k", DT_F32, SHAPE(256, 2), CASE_S);
    Node y =
        out(op_attention(q, k, k, (AttentionAttr){.heads = 1, .scale = 1, .causal = true}), "y");

    start(&b, STANDARD_SHORT);
    ref_rows(b.r, CASE_T, (Rows){3, 1, three, NULL, NULL});
    ref_rows(b.r, CASE_S, (Rows){1, 1, one, NULL, NULL});
    ref_set(b.r, k, (float[]){5, 7});
    ref_run(b.r);
    CHECK_VALUES(&b, y, 0, 0, 0, 0, 5, 7);
    CHECK(isinf(ref_real(b.r, node_out(y, 1))[1]) && ref_real(b.r, node_out(y, 1))[1] < 0);
    arena_free(b.a);
}

/* A sequence keeps its bits, its dropout too, wherever it stands in a batch. */
TEST(ops_values_do_not_depend_on_the_batch)
{
    static const int32_t alone[] = {0, 5};
    static const uint32_t sample[] = {0};
    Bench b = bench(MODE_TRAIN);
    Node x = tokens(&b, "x", 6);
    AttentionAttr a = {.heads = 3, .scale = 0.5F, .dropout = 0.4F, .site = 2};
    Node y = out(op_dropout(op_attention(x, x, x, a), 0.3F, 1), "y");
    real all[30], numbers[30];

    start(&b, STANDARD_VISIBLE); /* the third sequence has 5 rows and sample number 0 */
    ref_clock(b.r, 12345, 6);
    fill_any(b.r, x, 1, 1);
    ref_run(b.r);
    for (int i = 0; i < 30; i++) {
        all[i] = ref_real(b.r, y)[4 * 6 + i];
        numbers[i] = ref_real(b.r, x)[4 * 6 + i];
    }
    ref_rows(b.r, CASE_T, (Rows){5, 1, alone, NULL, sample});
    for (int i = 0; i < 30; i++)
        ref_real(b.r, x)[i] = numbers[i];
    ref_run(b.r);
    for (int i = 0; i < 30; i++)
        CHECK(ref_real(b.r, y)[i] == all[i]);
    ref_clock(b.r, 12345, 7);
    ref_run(b.r);
    int same = 0;
    for (int i = 0; i < 30; i++)
        same += ref_real(b.r, y)[i] == all[i];
    CHECK(same < 25);
    arena_free(b.a);
}

TEST(ops_values_dropout_rate)
{
    Bench b = bench(MODE_TRAIN), e = bench(MODE_EVAL);
    Node x = plain(&b, "x", SHAPE(100, 100)), y = out(op_dropout(x, 0.25F, 7), "y");
    int kept = 0;

    CHECK(node_same(op_dropout(x, 0, 7), x));
    Node still = plain(&e, "x", SHAPE(3));
    CHECK(node_same(op_dropout(still, 0.25F, 7), still));
    start(&b, STANDARD_SHORT);
    for (int i = 0; i < 10000; i++)
        ref_real(b.r, x)[i] = 3;
    ref_run(b.r);
    for (int i = 0; i < 10000; i++) {
        CHECK(ref_real(b.r, y)[i] == 0 || fabs(ref_real(b.r, y)[i] - 4) < 1e-12);
        kept += ref_real(b.r, y)[i] != 0;
    }
    CHECK_NEAR(kept, 7500, 200); /* 4.6 standard deviations */
    arena_free(b.a);
    arena_free(e.a);
}

TEST(ops_values_rows)
{
    Bench b = bench(MODE_TRAIN);
    Node x = tokens(&b, "x", 1), p = plain(&b, "p", SHAPE(CASE_EXTRA, 1));
    Node y = out(op_rows_prepend(p, x), "y"), back = out(op_rows_drop(y), "back");
    Node front = out(op_rows_prefix_sum(y), "front"), pad = out(op_rows_pad(x, CASE_X), "pad");
    Node mean = out(op_segment_mean(x), "mean"), at = out(op_row_position(b.g, CASE_X, -1), "at");
    Node first = out(op_row_start(b.g, CASE_X), "first");
    static const int starts[] = {0, 5, 8};

    start(&b, STANDARD_VISIBLE);
    ref_set(b.r, x, (float[]){1, 2, 3, 4, 5, 6, 7, 8, 9});
    ref_set(b.r, p, (float[]){10, 20});
    ref_run(b.r);
    CHECK_VALUES(&b, y, 10, 20, 1, 2, 3, 10, 20, 4, 10, 20, 5, 6, 7, 8, 9);
    CHECK_VALUES(&b, pad, 0, 0, 1, 2, 3, 0, 0, 4, 0, 0, 5, 6, 7, 8, 9);
    CHECK_VALUES(&b, back, 1, 2, 3, 4, 5, 6, 7, 8, 9);
    CHECK_VALUES(&b, front, 30, 60);
    CHECK_VALUES(&b, mean, 1.5, 4, 7);
    for (int i = 0; i < 5; i++)
        CHECK_INT(ref_int(b.r, at)[i], i - 1);
    CHECK_INT(ref_int(b.r, at)[5], -1);
    for (int i = 0; i < 3; i++)
        CHECK_INT(ref_int(b.r, first)[i], starts[i]);
    arena_free(b.a);
}

TEST(ops_values_tables)
{
    Bench b = bench(MODE_TRAIN);
    Node dy = plain(&b, "dy", SHAPE(4, 2)),
         ids = graph_input(b.g, "ids", DT_I32, SHAPE(4), SPACE_NONE);
    Node d = out(op_embed_grad(dy, ids, 3, 1), "d"), y = out(op_gather(dy, ids), "y");
    Node back = out(op_gather_grad(dy, ids, SPACE_NONE, 3), "back");

    start(&b, STANDARD_SHORT);
    ref_set(b.r, dy, (float[]){1, 2, 3, 4, 5, 6, 7, 8});
    for (int i = 0; i < 4; i++)
        ref_int(b.r, ids)[i] = (int[]){2, 1, 2, 0}[i];
    ref_run(b.r);
    CHECK_VALUES(&b, d, 7, 8, 0, 0, 6, 8); /* row 1 is the padding */
    CHECK_VALUES(&b, back, 7, 8, 3, 4, 6, 8);
    CHECK_VALUES(&b, y, 5, 6, 3, 4, 5, 6, 1, 2);
    arena_free(b.a);
}

/* SPDX-License-Identifier: MIT */
