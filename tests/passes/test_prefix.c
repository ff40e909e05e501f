/* test_prefix.c - a frozen beginning, cut off and given back, changes no bit; and where there is none it is said. */
#include "exec/exec.h"
#include "test.h"

#include <string.h>

enum { D = 24, ROWS = 5 };

typedef struct Small {
    Err err;
    Arena *a;
    Graph *g;
    Params *params;
    Run *run;
} Small;

typedef struct Made {
    bool stored;   /* the frozen bias is stored to, as running statistics are */
    bool direct;   /* what trains reads the input too */
    bool two_ends; /* a second frozen value is read */
    bool idle;     /* nothing frozen is read */
    bool pool;     /* the frozen part ends in a pool, which has a second value */
    bool rows;     /* each sample is a sequence of two rows, the first of them frozen */
} Made;

/* x: [ROWS, D] -> [2 ROWS, D] */
static Node two_rows(Small *s, Node x, Space batch)
{
    Node front = graph_param(s->g, "front", SHAPE(1, D), INIT_KAIMING, false);
    Space one = graph_space_each(s->g, "one", batch, 1);

    return op_rows_prepend(front, op_picture_rows(op_as_picture(x), one));
}

/* relu(x w1 + b1) frozen; dropout and w2 train. */
static void build(Small *s, Made how)
{
    s->a = test_arena();
    s->g = graph_new(&s->err, s->a, MODE_TRAIN);
    Space batch = graph_space(s->g, "batch", ROWS, SPACE_NONE);
    Node x = graph_input(s->g, "x", DT_F32, SHAPE(ROWS, D), batch);
    Node t = graph_input(s->g, "t", DT_F32, SHAPE(ROWS, D), batch);
    Node b1 = graph_param(s->g, "b1", SHAPE(D), INIT_KAIMING, false);
    Node w2 = graph_param(s->g, "w2", SHAPE(D, D), INIT_KAIMING, true);
    Node w1 = graph_param(s->g, "w1", SHAPE(D, D), INIT_KAIMING, false);
    Node from = how.rows ? two_rows(s, x, batch) : x;
    Node sum = how.idle ? x : op_add(op_matmul_nt(from, w1), b1);
    Node h = op_activate(sum, ACT_RELU);
    if (how.pool)
        h = op_maxpool2d(op_as_picture(h), (Pool2dAttr){.k = {1, 1}, .stride = {1, 1}});
    Node read = op_dropout(h, 0.25F, 7);
    Node y = op_matmul_nt(how.pool ? op_flatten(read) : read, w2);

    if (how.rows)
        y = op_segment_mean(y);
    if (how.stored)
        graph_store(s->g, b1, op_scale(b1, 0.5F));
    if (how.direct)
        y = op_add(y, op_matmul_nt(x, w2));
    if (how.two_ends)
        y = op_add(y, op_matmul_nt(sum, w2));
    graph_output(s->g, "y", y);
    graph_loss(s->g, "mse", op_mse(y, t));
    check_ok_at(__FILE__, __LINE__, graph_backward(&s->err, s->g), &s->err);
}

static void start(Small *s)
{
    PlanOptions o = {.isa = isa_best(), .threads = 1};
    Plan *plan;
    Pool *pool;

    s->params = params_new(&s->err, s->a);
    check_ok_at(__FILE__, __LINE__, pool_new(&s->err, s->a, 1, &pool), &s->err);
    check_ok_at(__FILE__, __LINE__, plan_make(&s->err, s->a, s->g, &o, &plan), &s->err);
    check_ok_at(__FILE__, __LINE__, params_init_missing(&s->err, s->params, s->g, 3, NULL),
                &s->err);
    check_ok_at(__FILE__, __LINE__, run_new(&s->err, s->a, plan, s->params, pool, 11, &s->run),
                &s->err);
    check_ok_at(__FILE__, __LINE__, run_rows(&s->err, s->run, "batch", &(Rows){.count = ROWS}),
                &s->err);
}

static void fill(Small *s, const char *name, uint64_t key)
{
    float *x = run_input(s->run, name);

    for (uint64_t i = 0; x && i < (uint64_t)ROWS * D; i++)
        x[i] = (float)(2 * random_uniform(1, key, i) - 1);
}

static void step(Small *s)
{
    fill(s, "t", 2);
    if (run_input(s->run, "loss.mse.scale"))
        check_ok_at(__FILE__, __LINE__, run_scalar(&s->err, s->run, "loss.mse.scale", 1.0F / ROWS),
                    &s->err);
    check_ok_at(__FILE__, __LINE__, run_step(&s->err, s->run), &s->err);
}

/* ops, numbers: of the beginning */
static void check_cut(Made how, int ops, int64_t numbers)
{
    Err err = {0};
    Small whole = {0}, alone = {0}, rest = {0};
    Beginning begin;

    build(&whole, how);
    build(&alone, how);
    build(&rest, how);
    CHECK_OK(prefix_find(&err, alone.g, alone.g, &begin));
    CHECK(node_valid(begin.end) && !begin.why);
    CHECK_INT(begin.ops, ops);
    CHECK_INT(begin.size, numbers);
    prefix_alone(alone.g, begin.end);
    CHECK_OK(prefix_find(&err, rest.g, rest.g, &begin));
    prefix_given(rest.g, begin.end);
    start(&whole);
    start(&alone);
    start(&rest);
    CHECK(!run_input(rest.run, "x") && !params_find(alone.params, "nothing"));
    fill(&whole, "x", 1);
    fill(&alone, "x", 1);
    step(&whole);
    step(&alone);
    Tensor kept = run_output(alone.run, PREFIX);
    CHECK_INT(shape_size(&kept.shape), ROWS * numbers);
    memcpy(run_input(rest.run, PREFIX), kept.data, sizeof(float) * ROWS * (size_t)numbers);
    step(&rest);
    Tensor a = run_gradient(whole.run, "w2"), b = run_gradient(rest.run, "w2");
    Tensor y = run_output(whole.run, "y"), z = run_output(rest.run, "y");
    CHECK(memcmp(a.data, b.data, sizeof(float) * D * D) == 0);
    CHECK(memcmp(y.data, z.data, sizeof(float) * ROWS * D) == 0);
}

TEST(passes_prefix_changes_no_bit)
{
    check_cut((Made){0}, 3, D);
}

TEST(passes_prefix_keeps_all_rows_of_a_sample)
{
    check_cut((Made){.rows = true}, 6, 2 * D);
}

/* Of tokens nobody knows beforehand how many a sample has. */
TEST(passes_prefix_of_many_lengths)
{
    Err err = {0};
    Graph *g = graph_new(&err, test_arena(), MODE_EVAL);
    Space batch = graph_space(g, "batch", ROWS, SPACE_NONE);
    Space tokens = graph_space(g, "tokens", 7 * ROWS, batch);
    Beginning begin;

    Node x = graph_input(g, "x", DT_F32, SHAPE(7 * ROWS, D), tokens);
    Node b1 = graph_param(g, "b1", SHAPE(D), INIT_KAIMING, false);
    Node w2 = graph_param(g, "w2", SHAPE(D, D), INIT_KAIMING, true);
    graph_output(g, "y", op_matmul_nt(op_add(x, b1), w2));
    CHECK_OK(prefix_find(&err, g, g, &begin));
    CHECK(!node_valid(begin.end));
    CHECK_HAS(begin.why, "many lengths");
}

TEST(passes_prefix_may_end_in_a_pool)
{
    check_cut((Made){.pool = true}, 5, D);
}

TEST(passes_prefix_ends_before_what_changes)
{
    Err err = {0};
    Small s = {0};
    Beginning begin;

    build(&s, (Made){.stored = true}); /* the bias changes: only the product before it is frozen */
    CHECK_OK(prefix_find(&err, s.g, s.g, &begin));
    CHECK(node_valid(begin.end));
    CHECK_TEXT(graph_node(s.g, begin.end.id)->op->name, "matmul");
}

TEST(passes_prefix_says_why_there_is_none)
{
    Err err = {0};
    Small direct = {0}, ends = {0}, idle = {0};
    Beginning begin;

    build(&direct, (Made){.direct = true});
    CHECK_OK(prefix_find(&err, direct.g, direct.g, &begin));
    CHECK(!node_valid(begin.end));
    CHECK_HAS(begin.why, "inputs themselves");
    build(&ends, (Made){.two_ends = true});
    CHECK_OK(prefix_find(&err, ends.g, ends.g, &begin));
    CHECK(!node_valid(begin.end));
    CHECK_HAS(begin.why, "one value");
    build(&idle, (Made){.idle = true});
    CHECK_OK(prefix_find(&err, idle.g, idle.g, &begin));
    CHECK(!node_valid(begin.end));
    CHECK_HAS(begin.why, "no part of it stays as it is");
}

/* SPDX-License-Identifier: MIT */
