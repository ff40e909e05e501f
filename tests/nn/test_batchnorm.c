/* test_batchnorm.c - the layer's names and modes, and its running statistics over steps: PyTorch's numbers (2.11,
 * double), whatever else is frozen, for every run of the same parameters, and in memory of their own. */
#include "exec/exec.h"
#include "nn/nn.h"
#include "test.h"

#include <math.h>
#include <string.h>

enum { C = 2, B = 2, PIXELS = 3 };

static void train_all(const void *options, const char *name, ParamRule *rule)
{
    (void)options;
    rule->trainable = true;
    rule->fixed_statistics = strstr(name, "fixed") != NULL;
}

static const Rules all_rules = {.on_param = train_all};
static const Hook all = {&all_rules, NULL, NULL};

typedef struct Small {
    Err err;
    Arena *a;
    Graph *g;
    Params *params;
    Run *run;
} Small;

static void build(Small *s, Mode mode, const Hook *hooks, const char *name)
{
    s->a = test_arena();
    s->g = graph_new(&s->err, s->a, mode);
    Space batch = graph_space(s->g, "batch", B, SPACE_NONE);
    Node x = graph_input(s->g, "x", DT_F32, SHAPE(B, C, 1, PIXELS), batch);

    graph_output(s->g, "y", nn_batchnorm(nn_root(s->g, hooks), name, x, 1e-3F, 0.1F));
    check_ok_at(__FILE__, __LINE__, graph_finish(&s->err, s->g), &s->err);
}

static void start(Small *s, Params *params, int threads)
{
    PlanOptions o = {.isa = isa_best(), .threads = threads};
    Plan *plan;
    Pool *pool;

    s->params = params ? params : params_new(&s->err, s->a);
    check_ok_at(__FILE__, __LINE__, pool_new(&s->err, s->a, threads, &pool), &s->err);
    check_ok_at(__FILE__, __LINE__, plan_make(&s->err, s->a, s->g, &o, &plan), &s->err);
    check_ok_at(__FILE__, __LINE__, params_init_missing(&s->err, s->params, s->g, 3, NULL),
                &s->err);
    check_ok_at(__FILE__, __LINE__, run_new(&s->err, s->a, plan, s->params, pool, 11, &s->run),
                &s->err);
}

static const float first[] = {1, 2, 3, 4, 5, 7, 0, 1, 0, 2, 0, -4};
static const float second[] = {2, -1, 0.5F, 3, 1, 1, 4, 0, -2, 2, 0.25F, 0.5F};

static void step(Small *s, const float *x)
{
    check_ok_at(__FILE__, __LINE__, run_rows(&s->err, s->run, "batch", &(Rows){.count = B}),
                &s->err);
    memcpy(run_input(s->run, "x"), x, sizeof first);
    check_ok_at(__FILE__, __LINE__, run_step(&s->err, s->run), &s->err);
}

static void check_param(Small *s, const char *name, double a, double b)
{
    const float *x = params_find(s->params, name)->data;

    CHECK_NEAR(x[0], a, 1e-6);
    CHECK_NEAR(x[1], b, 1e-6);
}

static const NodeInfo *op_of(const Graph *g)
{
    return graph_node(g, graph_output_at(g, 0, NULL).id);
}

TEST(nn_batchnorm_names_and_modes)
{
    static const char *const name[] = {"bn.weight", "bn.bias", "bn.running_mean", "bn.running_var"};
    static const Init init[] = {INIT_ONE, INIT_ZERO, INIT_ZERO, INIT_ONE};
    Small s = {0};

    build(&s, MODE_TRAIN, &all, "bn");
    CHECK_INT(graph_param_count(s.g), 4);
    for (int i = 0; i < 4; i++) {
        const NodeInfo *n = graph_node(s.g, graph_param_at(s.g, i).id);

        CHECK_TEXT(n->name, name[i]);
        CHECK(n->trainable == (i < 2) && n->init == init[i]);
        CHECK(graph_changes(s.g, name[i]));
    }
    CHECK(op_of(s.g)->op == &opdef_batchnorm_train);
    build(&s, MODE_EVAL, &all, "bn");
    CHECK(op_of(s.g)->op == &opdef_batchnorm && graph_store_count(s.g) == 0);
    build(&s, MODE_TRAIN, &all, "fixed"); /* by the method's rule */
    CHECK(op_of(s.g)->op == &opdef_batchnorm && graph_store_count(s.g) == 0);
    build(&s, MODE_TRAIN, NULL, "bn"); /* frozen, but nobody says that its statistics are */
    CHECK(op_of(s.g)->op == &opdef_batchnorm_train && graph_store_count(s.g) == 2);
}

TEST(nn_batchnorm_moves_running_statistics)
{
    for (int threads = 1; threads < 4; threads += 2) {
        Small s = {0};

        build(&s, MODE_TRAIN, NULL, "bn");
        start(&s, NULL, threads);
        step(&s, first);
        check_param(&s, "bn.running_mean", 0.15, 0.2);
        check_param(&s, "bn.running_var", 1.33, 2.22);
        step(&s, second); /* the second micro-batch of an update moves them too */
        check_param(&s, "bn.running_mean", 0.2308333333333334, 0.2716666666666667);
        check_param(&s, "bn.running_var", 1.5930416666666667, 2.202166666666667);
    }
}

/* The evaluation was planned first, on numbers of a mapped file. */
TEST(nn_batchnorm_evaluates_by_what_training_left)
{
    static const float weight[C] = {1, 1}, zero[C], one[C] = {1, 1};
    Small eval = {0}, train = {0};
    Err err = {0};
    Params *params;

    build(&eval, MODE_EVAL, NULL, "bn");
    build(&train, MODE_TRAIN, NULL, "bn");
    CHECK((params = params_new(&err, eval.a)));
    CHECK_OK(params_map(&err, params, "bn.weight", SHAPE(C), weight));
    CHECK_OK(params_map(&err, params, "bn.bias", SHAPE(C), zero));
    CHECK_OK(params_map(&err, params, "bn.running_mean", SHAPE(C), zero));
    CHECK_OK(params_map(&err, params, "bn.running_var", SHAPE(C), one));
    start(&eval, params, 1);
    start(&train, params, 1);
    step(&train, first);
    step(&train, second);
    CHECK(zero[0] == 0 && one[1] == 1); /* what is mapped is never written */
    step(&eval, second);
    const float *y = run_output(eval.run, "y").data;
    CHECK_NEAR(y[0], 1.4012606084337662, 2e-6);
    CHECK_NEAR(y[1], -0.8567411194991069, 2e-6);
    CHECK_NEAR(y[11], 0.1538316295824084, 2e-6);
}

/* Such an update is left out; what the data before taught must not go with it. */
TEST(nn_batchnorm_keeps_its_statistics_in_a_step_that_blows_up)
{
    Small s = {0};
    float bad[LEN(first)];

    memcpy(bad, second, sizeof bad);
    bad[2] = NAN;
    bad[3] = INFINITY;
    build(&s, MODE_TRAIN, NULL, "bn");
    start(&s, NULL, 1);
    step(&s, first);
    step(&s, bad);
    check_param(&s, "bn.running_mean", 0.15, 0.2);
    check_param(&s, "bn.running_var", 1.33, 2.22);
}

TEST(nn_batchnorm_of_one_place_runs_once)
{
    Small s = {0};
    Err err = {0};

    build(&s, MODE_TRAIN, NULL, "bn");
    nn_batchnorm(nn_root(s.g, NULL), "bn", graph_output_at(s.g, 0, NULL), 1e-3F, 0.1F);
    CHECK(graph_finish(&err, s.g) == E_DATA);
    CHECK_HAS(err.text, "\"bn.running_mean\" is stored to twice");
}

/* SPDX-License-Identifier: MIT */
