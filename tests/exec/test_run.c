/* Plans and runs: memory shared by lifetime changes no bit, effects happen once, capacity is a limit. */
#include "exec/exec.h"
#include "test.h"

#include <string.h>

typedef struct Small { /* a two-layer network on grouped rows */
    Err err;
    Arena *a;
    Graph *g;
    Params *params;
    Pool *pool;
    Run *run;
    Node w1, w2;
} Small;

enum { D = 24, ROWS = 9, CAPACITY = 16 };

static void build(Small *s, Mode mode, bool update)
{
    Node loss;

    s->a = test_arena();
    s->g = graph_new(&s->err, s->a, mode);
    Space batch = graph_space(s->g, "batch", 4, SPACE_NONE);
    Space tokens = graph_space(s->g, "tokens", CAPACITY, batch);
    Node x = graph_input(s->g, "x", DT_F32, SHAPE(CAPACITY, D), tokens);
    Node t = graph_input(s->g, "t", DT_F32, SHAPE(CAPACITY, D), tokens);
    s->w1 = graph_param(s->g, "w1", SHAPE(D, D), INIT_KAIMING, true);
    Node b1 = graph_param(s->g, "b1", SHAPE(D), INIT_KAIMING, true);
    s->w2 = graph_param(s->g, "w2", SHAPE(D, D), INIT_KAIMING, true);
    Node h = op_activate(op_add(op_matmul_nt(x, s->w1), b1), ACT_GELU);
    Node y = op_matmul_nt(op_dropout(h, 0.25F, 7), s->w2);

    loss = op_mse(y, t);
    graph_output(s->g, "y", y);
    graph_loss(s->g, "mse", loss);
    check_ok_at(__FILE__, __LINE__, graph_backward(&s->err, s->g), &s->err);
    if (!update)
        return;
    graph_segment(s->g, SEG_UPDATE);
    Node one = op_fill(s->g, SHAPE0, SPACE_NONE, 1);
    Node hyper = graph_input(s->g, "hyper", DT_F32, SHAPE(4), SPACE_NONE);
    Node m = graph_state(s->g, "m", SHAPE(D, D), INIT_ZERO);
    Node v = graph_state(s->g, "v", SHAPE(D, D), INIT_ZERO);
    Node p = op_adamw(s->w1, graph_gradient(s->g, s->w1), m, v, one, hyper,
                      (AdamwAttr){0.9F, 0.999F, 1e-8F, 1, 1});
    graph_store(s->g, s->w1, p);
    graph_store(s->g, m, node_out(p, 1));
    graph_store(s->g, v, node_out(p, 2));
}

static void open_run(Small *s, bool keep_all)
{
    PlanOptions o = {.isa = isa_best(), .threads = 2, .keep_all = keep_all};
    Plan *plan;

    s->params = params_new(&s->err, s->a);
    check_ok_at(__FILE__, __LINE__, pool_new(&s->err, s->a, 2, &s->pool), &s->err);
    check_ok_at(__FILE__, __LINE__, plan_make(&s->err, s->a, s->g, &o, &plan), &s->err);
    check_ok_at(__FILE__, __LINE__, params_init_missing(&s->err, s->params, s->g, 3, NULL),
                &s->err);
    check_ok_at(__FILE__, __LINE__, run_new(&s->err, s->a, plan, s->params, s->pool, 11, &s->run),
                &s->err);
}

static const int32_t offsets[] = {0, 4, 5, ROWS};

static void fill(Small *s)
{
    Rows rows = {.count = ROWS, .groups = 3, .offset = offsets};
    float *x = run_input(s->run, "x"), *t = run_input(s->run, "t");

    check_ok_at(__FILE__, __LINE__, run_rows(&s->err, s->run, "tokens", &rows), &s->err);
    for (int i = 0; i < ROWS * D; i++) {
        x[i] = (float)(2 * random_uniform(1, 1, (uint64_t)i) - 1);
        t[i] = (float)(2 * random_uniform(1, 2, (uint64_t)i) - 1);
    }
    check_ok_at(__FILE__, __LINE__, run_scalar(&s->err, s->run, "loss.mse.scale", 1.0F / ROWS),
                &s->err);
}

TEST(exec_sharing_memory_changes_no_bit)
{
    Small shared = {0}, kept = {0};

    build(&shared, MODE_TRAIN, false);
    build(&kept, MODE_TRAIN, false);
    open_run(&shared, false);
    open_run(&kept, true);
    fill(&shared);
    fill(&kept);
    for (uint32_t step = 0; step < 3; step++) {
        Err err = {0};

        run_clock(shared.run, step);
        run_clock(kept.run, step);
        CHECK_OK(run_step(&err, shared.run));
        CHECK_OK(run_step(&err, kept.run));
        Tensor a = run_gradient(shared.run, "w1"), b = run_gradient(kept.run, "w1");
        Tensor y = run_output(shared.run, "y"), z = run_output(kept.run, "y");
        CHECK(a.data && b.data && y.data && z.data);
        CHECK(memcmp(a.data, b.data, D * D * sizeof(float)) == 0);
        CHECK_INT(y.shape.dim[0], ROWS);
        CHECK(memcmp(y.data, z.data, ROWS * D * sizeof(float)) == 0);
    }
}

TEST(exec_the_gradient_is_the_slope_of_the_loss)
{
    Small s = {0};
    Err err = {0};
    float h = 1e-3F, loss[2];

    build(&s, MODE_EVAL, false);
    open_run(&s, false);
    fill(&s);
    CHECK_OK(run_step(&err, s.run));
    float slope = ((float *)run_gradient(s.run, "w1").data)[5];
    float *w = params_find(s.params, "w1")->data;
    for (int k = 0; k < 2; k++) {
        w[5] += k ? -2 * h : h;
        CHECK_OK(run_step(&err, s.run));
        loss[k] = *(float *)run_output(s.run, "loss.mse").data / ROWS;
    }
    CHECK_NEAR((double)((loss[0] - loss[1]) / (2 * h)), (double)slope, 2e-3);
}

TEST(exec_an_update_changes_the_parameter_in_place_and_once)
{
    Small s = {0};
    Err err = {0};
    int64_t n;

    build(&s, MODE_TRAIN, true);
    open_run(&s, false);
    fill(&s);
    float *w = params_find(s.params, "w1")->data, before = w[3];
    float *hyper = run_input(s.run, "hyper");
    hyper[0] = 1e-2F, hyper[1] = 0, hyper[2] = 0.1F, hyper[3] = 0.001F;
    CHECK_OK(run_step(&err, s.run));
    CHECK_NEAR((double)w[3], (double)before, 0); /* a step alone moves nothing */
    CHECK_OK(run_update(&err, s.run));
    CHECK_NEAR((double)(before > w[3] ? before - w[3] : w[3] - before), 1e-2,
               1e-4); /* Adam's first move is lr */
    float *m = run_state(s.run, "m", &n);
    CHECK_INT(n, D * D);
    CHECK(m[3] != 0);
    CHECK_INT(run_state_count(s.run), 2);
}

TEST(exec_more_rows_than_planned_are_refused)
{
    Small s = {0};
    Err err = {0};
    int32_t offset[] = {0, CAPACITY + 1};
    Rows rows = {.count = CAPACITY + 1, .groups = 1, .offset = offset};

    build(&s, MODE_EVAL, false);
    open_run(&s, false);
    CHECK_INT(run_step(&err, s.run), E_INTERNAL);
    CHECK_HAS(err.text, "no rows");
    CHECK_INT(run_rows(&err, s.run, "tokens", &rows), E_INTERNAL);
    CHECK_HAS(err.text, "17");
}

TEST(exec_a_missing_or_misshapen_parameter_is_named)
{
    Small s = {0};
    Err err = {0};
    PlanOptions o = {.isa = isa_best(), .threads = 1};
    Plan *plan;
    Run *run;

    build(&s, MODE_EVAL, false);
    s.params = params_new(&err, s.a);
    CHECK_OK(pool_new(&err, s.a, 1, &s.pool));
    CHECK_OK(plan_make(&err, s.a, s.g, &o, &plan));
    CHECK_INT(run_new(&err, s.a, plan, s.params, s.pool, 0, &run), E_DATA);
    CHECK_HAS(err.text, "w1");
    CHECK_OK(params_add(&err, s.params, "w1", SHAPE(D, 2), NULL));
    CHECK_INT(run_new(&err, s.a, plan, s.params, s.pool, 0, &run), E_DATA);
    CHECK_HAS(err.text, "[24, 2]");
}

/* SPDX-License-Identifier: MIT */
