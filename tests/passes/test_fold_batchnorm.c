/* test_fold_batchnorm.c - residual blocks with and without the passes fold_batchnorm and fold_conv: the same bits of outputs, gradients and running
 * statistics, for every activation, trained, trained over fixed statistics and in evaluation; and less to do. */
#include "exec/exec.h"
#include "nn/nn.h"
#include "test.h"

#include <string.h>

enum { B = 3, C = 24, SIDE = 7 };

typedef struct Made {
    Mode mode;
    Act kind;
    bool fixed;  /* statistics */
    bool frozen; /* weights of batchnorms */
    bool bare;   /* biases and no batchnorms */
    bool shown;  /* the sum of the first block is an output too */
} Made;

typedef struct Block {
    Err err;
    Graph *g;
    Params *params;
    Plan *plan;
    Run *run;
} Block;

static bool is_trained(const Made *how, const char *name)
{
    return how->mode == MODE_TRAIN && !strstr(name, "running") &&
           !(how->frozen && strstr(name, "bn"));
}

static void train_all(const void *options, const char *name, ParamRule *rule)
{
    const Made *how = options;

    rule->trainable = is_trained(how, name);
    rule->fixed_statistics = how->fixed;
}

static const Rules all_rules = {.on_param = train_all};

/* bn(x), or in its place x */
static Node norm(Net n, const char *name, Node x, const Made *how)
{
    return how->bare ? x : nn_batchnorm(n, name, x, 1e-3F, 0.1F);
}

/* f(bn(conv)), bn(conv), its sum with another bn(conv) or with itself, f; and a sum without f */
static void build(Block *b, Made how)
{
    const Hook hook = {&all_rules, &how, NULL};
    Conv2d narrow = {.out = C, .k = 1, .bias = how.bare}, wide = narrow;

    wide.k = 3;
    wide.pad = 1;

    b->g = graph_new(&b->err, test_arena(), how.mode);
    Net n = nn_root(b->g, &hook);
    Space batch = graph_space(b->g, "batch", B + 2, SPACE_NONE);
    Node in = graph_input(b->g, "x", DT_F32, SHAPE(B + 2, 3, SIDE, SIDE), batch);
    Node target = graph_input(b->g, "t", DT_F32, SHAPE(B + 2, C), batch);
    Node x = norm(n, "stem.bn", nn_conv2d(n, "stem", in, wide), &how);

    x = op_activate(x, how.kind);
    for (int i = 0; i < 3; i++) {
        Net at = nn_at(n, "block.%d", i);
        Node y = norm(at, "bn1", nn_conv2d(at, "conv1", x, narrow), &how);

        wide.groups = i == 1 ? C : 1; /* depthwise */
        y = nn_conv2d(at, "conv2", op_activate(y, how.kind), wide);
        y = norm(at, "bn2", y, &how);
        if (i == 0)
            x = norm(at, "bn3", nn_conv2d(at, "conv3", x, narrow), &how);
        x = i == 1 ? op_add(x, y) : op_add(y, x);
        if (how.shown && i == 0)
            graph_output(b->g, "shown", x);
        x = i == 2 ? x : op_activate(x, how.kind);
    }
    x = op_avgpool_all(x);
    graph_output(b->g, "y", x);
    graph_loss(b->g, "mse", op_mse(x, target));
    if (how.mode == MODE_TRAIN)
        check_ok_at(__FILE__, __LINE__, graph_backward(&b->err, b->g), &b->err);
}

static void start(Block *b, const char *except)
{
    PlanOptions o = {.isa = isa_best(), .threads = 2, .except = except};
    Arena *a = graph_arena(b->g);
    Pool *pool;

    b->params = params_new(&b->err, a);
    check_ok_at(__FILE__, __LINE__, pool_new(&b->err, a, 2, &pool), &b->err);
    check_ok_at(__FILE__, __LINE__, params_init_missing(&b->err, b->params, b->g, 3, NULL),
                &b->err);
    for (int i = 0; i < params_count(b->params); i++) { /* weights and biases that do something */
        Param *p = params_at(b->params, i);

        for (int64_t k = 0; p->shape.rank == 1 && k < shape_size(&p->shape); k++)
            p->data[k] += (float)random_uniform(7, (uint64_t)i, (uint64_t)k) - 0.4F;
    }
    check_ok_at(__FILE__, __LINE__, plan_make(&b->err, a, b->g, &o, &b->plan), &b->err);
    check_ok_at(__FILE__, __LINE__, run_new(&b->err, a, b->plan, b->params, pool, 11, &b->run),
                &b->err);
    check_ok_at(__FILE__, __LINE__, run_rows(&b->err, b->run, "batch", &(Rows){.count = B}),
                &b->err);
}

static void step(Block *b)
{
    float *x = run_input(b->run, "x"), *t = run_input(b->run, "t");

    for (uint64_t i = 0; i < (uint64_t)B * 3 * SIDE * SIDE; i++)
        x[i] = (float)random_normal(1, 1, i);
    for (uint64_t i = 0; i < (uint64_t)B * C; i++)
        t[i] = (float)random_normal(1, 2, i);
    if (run_input(b->run, "loss.mse.scale"))
        check_ok_at(__FILE__, __LINE__, run_scalar(&b->err, b->run, "loss.mse.scale", 1), &b->err);
    check_ok_at(__FILE__, __LINE__, run_step(&b->err, b->run), &b->err);
}

static void check_same(Tensor a, Tensor b, const char *what)
{
    check_at(__FILE__, __LINE__, a.data && b.data && shape_equal(&a.shape, &b.shape), what);
    check_at(__FILE__, __LINE__,
             memcmp(a.data, b.data, sizeof(float) * (size_t)shape_size(&a.shape)) == 0, what);
}

static PlanSummary summary(const Block *b)
{
    PlanSummary s;

    plan_summary(b->plan, &s);
    return s;
}

/* How many operations fewer when the passes of `less` but not those of `more` are left out. */
static int compare_passes(Made how, const char *less, const char *more)
{
    Block with = {0}, without = {0};

    build(&with, how);
    build(&without, how);
    start(&with, less);
    start(&without, more);
    for (int i = 0; i < 2; i++) {
        step(&with);
        step(&without);
    }
    check_same(run_output(with.run, "y"), run_output(without.run, "y"), "y");
    for (int i = 0; i < params_count(with.params); i++) {
        const Param *p = params_at(with.params, i), *q = params_at(without.params, i);
        Tensor d = run_gradient(with.run, p->name);

        check_same((Tensor){DT_F32, p->shape, p->data}, (Tensor){DT_F32, q->shape, q->data},
                   p->name);
        if (d.data)
            check_same(d, run_gradient(without.run, p->name), p->name);
        check_at(__FILE__, __LINE__, (d.data != NULL) == is_trained(&how, p->name), p->name);
    }
    CHECK(summary(&with).value_bytes <= summary(&without).value_bytes);
    return summary(&without).nodes - summary(&with).nodes;
}

static int compare(Made how)
{
    return compare_passes(how, "fold_conv", "fold");
}

static bool tells(Act kind) /* its slope by its output */
{
    return kind == ACT_RELU || kind == ACT_RELU6;
}

/* Four activations follow a batchnorm, two a sum with one; a third sum has none. */
TEST(passes_fold_batchnorm_in_evaluation)
{
    for (Act kind = ACT_RELU; kind <= ACT_HARDSWISH; kind++)
        CHECK_INT(compare((Made){.mode = MODE_EVAL, .kind = kind}), 4 + 2 * 2 + 1);
}

/* A batchnorm still computes its statistics; its gradient finds four slopes. */
TEST(passes_fold_batchnorm_in_training)
{
    for (Act kind = ACT_RELU; kind <= ACT_HARDSWISH; kind++)
        CHECK_INT(compare((Made){.mode = MODE_TRAIN, .kind = kind}), 4 + (tells(kind) ? 2 : 0));
}

TEST(passes_fold_batchnorm_over_fixed_statistics)
{
    for (Act kind = ACT_RELU; kind <= ACT_HARDSWISH; kind++)
        CHECK_INT(compare((Made){.mode = MODE_TRAIN, .kind = kind, .fixed = true}),
                  tells(kind) ? 4 + 2 * 2 + 1 : 3); /* the sums alone */
}

/* Nothing of the batchnorms learns: their gradients take four slopes. */
TEST(passes_fold_batchnorm_over_frozen_ones)
{
    for (Act kind = ACT_RELU; kind <= ACT_HARDSWISH; kind++)
        CHECK_INT(compare((Made){.mode = MODE_TRAIN, .kind = kind, .fixed = true, .frozen = true}),
                  tells(kind) ? 4 + 2 * 2 + 1 + 4 : 3);
}

TEST(passes_fold_batchnorm_leaves_what_is_read_elsewhere)
{
    CHECK_INT(compare((Made){.mode = MODE_EVAL, .kind = ACT_RELU, .shown = true}),
              4 + 1 + 2 + 1); /* the sum alone is folded */
    CHECK_INT(compare((Made){.mode = MODE_TRAIN, .kind = ACT_RELU, .shown = true}), 4 + 0 + 1);
}

/* Eight convolutions end in what fold_batchnorm made, or in the one batchnorm that it left. */
TEST(passes_fold_conv_in_evaluation)
{
    for (Act kind = ACT_RELU; kind <= ACT_HARDSWISH; kind++) {
        Made how = {.mode = MODE_EVAL, .kind = kind};

        CHECK_INT(compare_passes(how, NULL, "fold_conv"), 8);
        CHECK_INT(compare_passes(how, NULL, "fold"), 8 + 9);
    }
}

/* What the batch's statistics are of has to be there; so has what a weight's gradient reads. */
TEST(passes_fold_conv_in_training)
{
    for (Act kind = ACT_RELU; kind <= ACT_HARDSWISH; kind++) {
        Made how = {.mode = MODE_TRAIN, .kind = kind};

        CHECK_INT(compare_passes(how, NULL, "fold_conv"), 0);
        how.fixed = true;
        CHECK_INT(compare_passes(how, NULL, "fold_conv"), 0);
        how.frozen = true;
        CHECK_INT(compare_passes(how, NULL, "fold_conv"), 8);
    }
}

/* Four activations and three residuals follow convolutions. */
TEST(passes_fold_conv_without_batchnorms)
{
    for (Act kind = ACT_RELU; kind <= ACT_HARDSWISH; kind++) {
        Made how = {.mode = MODE_EVAL, .kind = kind, .bare = true};

        CHECK_INT(compare_passes(how, NULL, "fold_conv"), 4 + 3);
        how.mode = MODE_TRAIN;
        CHECK_INT(compare_passes(how, NULL, "fold_conv"), tells(kind) ? 4 + 3 : 3);
    }
}

/* SPDX-License-Identifier: MIT */
