/* test_pictures.c - references of the ops on pictures against PyTorch's numbers (2.11, double), and what they
 * refuse.  Numbers are in memory's order: B, H, W, C. */
#include "passes/passes.h"
#include "ref/standard.h"

#include "test.h"

#include <math.h>

#define TOL 1e-7 /* attributes are floats */

typedef struct Bench {
    Graph *g;
    Ref *r;
} Bench;

static Bench bench(Mode mode)
{
    Err err = {0};
    Bench b = {.g = graph_new(&err, test_arena(), mode)};

    standard_spaces(b.g);
    return b;
}

static Node plain(Bench *b, const char *name, Shape s)
{
    return graph_input(b->g, name, DT_F32, s, SPACE_NONE);
}

static Node out(Node n)
{
    graph_output(n.g, "out", n);
    return n;
}

static void set(Bench *b, Node n, const float *x)
{
    if (!b->r)
        b->r = ref_new(b->g);
    ref_set(b->r, n, x);
}

static void check_values(Bench *b, Node n, const double *want, int64_t count)
{
    CHECK_INT(ref_count(b->r, n), count);
    for (int64_t i = 0; i < count; i++)
        CHECK_NEAR(ref_real(b->r, n)[i], want[i], TOL);
}
#define CHECK_VALUES(b, n, ...)                                                                    \
    check_values((b), (n), (double[]){__VA_ARGS__}, LEN(((double[]){__VA_ARGS__})))

static const float square[] = {1, 5, 5, 2, 3, 5, 0, 5, -1, 2, 2, 2, 0, -3, 2, 9};

TEST(ops_pictures_activations_at_their_corners)
{
    static const Act kind[] = {ACT_RELU6, ACT_HARDSIGMOID, ACT_HARDSWISH};
    static const double value[3][8] = {{0, 0, 0, 0, 1, 3, 6, 6},
                                       {0, 0, 1.0 / 3, 0.5, 2.0 / 3, 1, 1, 1},
                                       {0, 0, -1.0 / 3, 0, 2.0 / 3, 3, 6, 7}};
    static const double slope[3][8] = {{0, 0, 0, 0, 1, 1, 0, 0},
                                       {0, 0, 1.0 / 6, 1.0 / 6, 1.0 / 6, 0, 0, 0},
                                       {0, 0, 1.0 / 6, 0.5, 5.0 / 6, 1, 1, 1}};

    for (int k = 0; k < 3; k++) {
        Bench b = bench(MODE_TRAIN);
        Node x = plain(&b, "x", SHAPE(8)), dy = plain(&b, "dy", SHAPE(8));
        Node y = out(op_activate(x, kind[k])), d = out(op_activate_grad(x, dy, kind[k]));

        set(&b, x, (float[]){-4, -3, -1, 0, 1, 3, 6, 7});
        set(&b, dy, (float[]){1, 1, 1, 1, 1, 1, 1, 1});
        ref_run(b.r);
        check_values(&b, y, value[k], 8);
        check_values(&b, d, slope[k], 8);
    }
}

TEST(ops_pictures_maximum_goes_back_to_the_first)
{
    Bench b = bench(MODE_TRAIN);
    Node x = plain(&b, "x", SHAPE(1, 1, 4, 4)), dy = plain(&b, "dy", SHAPE(1, 1, 2, 2));
    Pool2dAttr stem = {.k = {3, 3}, .stride = {2, 2}, .pad = {1, 1, 1, 1}};
    Pool2dAttr sparse = {.k = {2, 2}, .stride = {3, 3}, .pad = {1, 1, 1, 1}, .ceil = true};
    Node y = out(op_maxpool2d(x, stem)), z = out(op_maxpool2d(x, sparse));
    Node yd = out(op_maxpool2d_grad(dy, node_out(y, 1), (PoolGradAttr){stem, 4, 4}));
    Node zd = out(op_maxpool2d_grad(dy, node_out(z, 1), (PoolGradAttr){sparse, 4, 4}));

    set(&b, x, square);
    set(&b, dy, (float[]){1, 1, 1, 1});
    ref_run(b.r);
    CHECK_VALUES(&b, y, 5, 5, 5, 9);
    CHECK_VALUES(&b, yd, 0, 2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);
    CHECK_VALUES(&b, z, 1, 5, 0, 9);
    CHECK_VALUES(&b, zd, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1);
}

TEST(ops_pictures_averages_with_and_without_padding)
{
    static const double value[2][9] = {
        {7.0 / 2, 11.0 / 3, 7.0 / 2, 1, 8.0 / 3, 16.0 / 3, -1.5, 8.0 / 3, 9},
        {14.0 / 9, 22.0 / 9, 7.0 / 6, 2.0 / 3, 8.0 / 3, 8.0 / 3, -0.5, 4.0 / 3, 2.25}};
    static const double first[2][4] = {{0.25, 7.0 / 12, 1.0 / 3, 11.0 / 6},
                                       {1.0 / 9, 1.0 / 3, 2.0 / 9, 13.0 / 18}};

    for (int count = 0; count < 2; count++) {
        Bench b = bench(MODE_TRAIN);
        Node x = plain(&b, "x", SHAPE(1, 1, 4, 4)), dy = plain(&b, "dy", SHAPE(1, 1, 3, 3));
        Pool2dAttr a = {.k = {3, 3},
                        .stride = {2, 2},
                        .pad = {1, 1, 1, 1},
                        .ceil = true,
                        .count_pad = count == 1};
        Node y = out(op_avgpool2d(x, a)), d = out(op_avgpool2d_grad(dy, (PoolGradAttr){a, 4, 4}));

        set(&b, x, square);
        set(&b, dy, (float[]){1, 2, 3, 4, 5, 6, 7, 8, 9});
        ref_run(b.r);
        check_values(&b, y, value[count], 9);
        for (int i = 0; i < 4; i++)
            CHECK_NEAR(ref_real(b.r, d)[i], first[count][i], TOL);
    }
}

TEST(ops_pictures_batchnorm)
{
    Bench b = bench(MODE_TRAIN);
    Node x = plain(&b, "x", SHAPE(2, 2, 1, 3)), w = plain(&b, "w", SHAPE(2)),
         c = plain(&b, "c", SHAPE(2));
    Node mean = plain(&b, "mean", SHAPE(2)), var = plain(&b, "var", SHAPE(2));
    Node y = out(op_batchnorm(x, w, c, mean, var, 1e-3F));
    Node z = out(op_batchnorm_train(x, w, c, 1e-3F));
    Node next = out(op_running(mean, node_out(z, 1), 0.1F)),
         next_var = out(op_running(var, node_out(z, 3), 0.1F));

    set(&b, x, (float[]){1, 2, 3, 4, 5, 7, 0, 1, 0, 2, 0, -4});
    set(&b, w, (float[]){2, -1});
    set(&b, c, (float[]){0.5F, 1});
    set(&b, mean, (float[]){1, -2});
    set(&b, var, (float[]){4, 0.5F});
    ref_run(b.r);
    CHECK_VALUES(&b, y, 0.5, -4.651205866406831, 2.4997500468652363, -7.476808799610247,
                 4.4995000937304725, -11.71521319941537, -0.49987502343261814, -3.2384043998051233,
                 -0.49987502343261814, -4.651205866406831, -0.49987502343261814,
                 3.8256029332034154);
    CHECK_VALUES(&b, z, -0.028196847051013885, 1, 2.084590541153042, 0.39700471909797663,
                 4.197377929357097, -0.5074882022550584, -1.0845905411530417, 1.3014976404510117,
                 -1.0845905411530417, 1, -1.0845905411530417, 2.80898584270607);
    CHECK_VALUES(&b, next, 1.05, -1.6);
    CHECK_VALUES(&b, next_var, 4.03, 1.77);
}

/* A step that blew up, or one number's variance, must not spoil what was learned of the data before. */
TEST(ops_pictures_running_averages_keep_numbers)
{
    Bench b = bench(MODE_TRAIN);
    Node old = plain(&b, "old", SHAPE(3)), new = plain(&b, "new", SHAPE(3));
    Node y = out(op_running(old, new, 0.5F));

    set(&b, old, (float[]){1, 2, 3});
    set(&b, new, (float[]){NAN, INFINITY, 4});
    ref_run(b.r);
    CHECK_VALUES(&b, y, 1, 2, 3.5);
}

TEST(ops_pictures_dropped_samples)
{
    enum { N = 2000 };
    Bench b = bench(MODE_TRAIN), e = bench(MODE_EVAL);
    Node x = plain(&b, "x", SHAPE(N, 2, 1, 1)), y = out(op_drop_path(x, 0.25F, 3));
    Node other = plain(&e, "x", SHAPE(N, 2, 1, 1));
    static float three[2 * N];
    int kept = 0;

    CHECK(node_same(op_drop_path(other, 0.25F, 3), other) && node_same(op_drop_path(x, 0, 3), x));
    for (int i = 0; i < 2 * N; i++)
        three[i] = 3;
    set(&b, x, three);
    ref_run(b.r);
    for (int i = 0; i < 2 * N; i += 2) {
        real v = ref_real(b.r, y)[i];

        CHECK(v == ref_real(b.r, y)[i + 1] && (v == 0 || fabs(v - 4) < 1e-12));
        kept += v != 0;
    }
    CHECK_NEAR(kept, 1500, 90); /* 4.6 standard deviations */
}

/* ---- refusals ---- */

typedef struct Place {
    Graph *g;
    Node x, c, wide, flat,
        other; /* [8, 3, 5, 4] over sequences; [3]; [5]; [8, 3] over them; no rows */
} Place;

static Place place(void)
{
    Err err = {0};
    Place p = {.g = graph_new(&err, test_arena(), MODE_TRAIN)};

    standard_spaces(p.g);
    p.x = graph_input(p.g, "x", DT_F32, SHAPE(8, 3, 5, 4), CASE_B);
    p.c = graph_input(p.g, "c", DT_F32, SHAPE(3), SPACE_NONE);
    p.wide = graph_input(p.g, "wide", DT_F32, SHAPE(5), SPACE_NONE);
    p.flat = graph_input(p.g, "flat", DT_F32, SHAPE(8, 3), CASE_B);
    p.other = graph_input(p.g, "other", DT_F32, SHAPE(8, 3), SPACE_NONE);
    return p;
}

static void refused(Place *p, Node n, const char *part, const char *other)
{
    Err err = {0};

    CHECK(!node_valid(n));
    CHECK(graph_finish(&err, p->g) == E_DATA);
    CHECK_HAS(err.text, part);
    CHECK_HAS(err.text, other);
    *p = place();
}

TEST(ops_pictures_refusals)
{
    Place p = place();
    Pool2dAttr half = {.k = {2, 2}, .stride = {2, 2}}, big = half, padded = half, still = half;

    big.k[0] = 6;
    padded.pad[2] = 2;
    still.stride[1] = 0;
    refused(&p, op_batchnorm(p.flat, p.c, p.c, p.c, p.c, 0), "batchnorm's x",
            "wanted 4 dimensions");
    refused(&p, op_batchnorm(p.x, p.c, p.wide, p.c, p.c, 0), "batchnorm's bias", "wanted [3]");
    refused(&p, op_batchnorm(p.x, p.c, p.c, p.c, p.flat, 0), "variance", "wanted 1 dimensions");
    refused(&p, op_batchnorm_train(p.x, p.wide, p.c, 0), "weight is [5]", "wanted [3]");
    refused(&p, op_sum_positions(p.c), "sum_positions' x", "wanted 4 dimensions");
    refused(&p, op_running(p.c, p.wide, 0.1F), "[3]", "[5]");
    refused(&p, op_running(p.c, p.c, 1.5F), "momentum of 1.5", "between 0 and 1");
    refused(&p, op_maxpool2d(p.x, big), "no window of 6 x 2", "[8, 3, 5, 4]");
    refused(&p, op_maxpool2d(p.x, padded), "pads the height by 2", "windows of 2 allow 0 to 1");
    refused(&p, op_avgpool2d(p.x, still), "strides 2 and 0", "avgpool2d");
    refused(&p, op_avgpool2d(p.c, half), "avgpool2d's x", "wanted 4 dimensions");
    refused(&p, op_avgpool2d_grad(p.x, (PoolGradAttr){half, 9, 9}), "[8, 3, 5, 4]",
            "no pooling of");
    refused(&p, op_avgpool_all(p.flat), "avgpool_all's x", "wanted 4 dimensions");
    refused(&p, op_scale_channels(p.x, p.other), "factors is [8, 3]", "\"sequences\"");
    refused(&p, op_scale_channels(p.x, p.c), "factors", "wanted 2 dimensions");
    refused(&p, op_drop_path(p.x, 1, 0), "drop_path of 1", "below 1");
    refused(&p, op_drop_path(graph_input(p.g, "s", DT_F32, SHAPE0, SPACE_NONE), 0.5F, 0), "samples",
            "[]");
}

/* What lies last in memory are the channels: ops along the last axis would take something else for the width. */
TEST(ops_pictures_are_no_rows)
{
    Place p = place();
    Node w = graph_param(p.g, "w", SHAPE(4, 4), INIT_ZERO, true);
    Node four = graph_param(p.g, "four", SHAPE(4), INIT_ZERO, true);

    refused(&p, op_matmul_nt(p.x, w), "matmul's a is a picture", "[8, 3, 5, 4]");
    four = graph_param(p.g, "four", SHAPE(4), INIT_ZERO, true);
    refused(&p, op_add(p.x, four), "cannot spread [4] over pictures", "[8, 3, 5, 4]");
    four = graph_param(p.g, "four", SHAPE(4), INIT_ZERO, true);
    refused(&p, op_layernorm(p.x, four, four, 1e-5F), "layernorm's x is a picture", "wanted rows");
    refused(&p, op_softmax(p.x), "softmax's x is a picture", "wanted rows");
    refused(&p, op_l2norm(p.x, 0), "l2norm's x is a picture", "wanted rows");
    refused(&p, op_sum_to(p.x, SHAPE(4)), "sum_to cannot sum", "[8, 3, 5, 4]");
}

TEST(ops_pictures_statistics_do_not_learn_by_gradients)
{
    Err err = {0};
    Place p = place();
    Node mean = graph_param(p.g, "mean", SHAPE(3), INIT_ZERO, true);

    graph_loss(p.g, "sum", op_sum_to(op_batchnorm(p.x, p.c, p.c, mean, p.c, 0), SHAPE0));
    CHECK(graph_backward(&err, p.g) == E_DATA);
    CHECK_HAS(err.text, "do not learn by gradients");
}

/* SPDX-License-Identifier: MIT */
