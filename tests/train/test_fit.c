/* test_fit.c - the loop on the smallest network with running statistics, two batches an update: the best epoch
 * brings back what trains and what is stored to alike, and an interrupted run ends in the same bits. */
#include "nn/nn.h"
#include "test.h"
#include "train/train.h"

#include <math.h>
#include <stdio.h>

enum { D = 3, ROWS = 4, SAMPLES = 10 };

typedef struct Small {
    Err err;
    Arena *a;
    Graph *g;
    Params *params;
    Run *run;
    Fit fit;
    Samples samples;
    int evaluated, best; /* the epoch that scores best */
    volatile sig_atomic_t stop;
    int64_t stop_at;
    float running[8]; /* after each epoch */
} Small;

static Status fill(Err *e, void *set, Run *r, const int64_t *sample, int64_t n)
{
    float *x = run_input(r, "x"), *t = run_input(r, "t");

    (void)set;
    TRY(run_rows(e, r, "batch", &(Rows){.count = n}));
    for (int64_t i = 0; i < n * D; i++) {
        x[i] = (float)random_uniform(1, (uint64_t)sample[i / D], (uint64_t)(i % D));
        t[i] = (float)random_uniform(2, (uint64_t)sample[i / D], (uint64_t)(i % D));
    }
    return E_OK;
}

static Status evaluate(Err *e, void *arg, FitScore *out)
{
    Small *s = arg;

    (void)e;
    s->running[s->evaluated++] = params_find(s->params, "bn.running_mean")->data[0];
    *out = (FitScore){1, s->evaluated == s->best ? 2 : 1};
    return E_OK;
}

static void on_event(void *arg, const Event *event)
{
    Small *s = arg;

    if (s->stop_at && event->kind == EVENT_STEP && event->step == s->stop_at)
        s->stop = 1;
}

static void build(Small *s)
{
    Optim optim;

    s->g = graph_new(&s->err, s->a, MODE_TRAIN);
    Space batch = graph_space(s->g, "batch", ROWS, SPACE_NONE);
    Node x = graph_input(s->g, "x", DT_F32, SHAPE(ROWS, D, 1, 1), batch);
    Node t = graph_input(s->g, "t", DT_F32, SHAPE(ROWS, D), batch);
    Node w = graph_param(s->g, "w", SHAPE(D, D), INIT_KAIMING, true);

    x = nn_batchnorm(nn_root(s->g, NULL), "bn", x, 1e-5F, 0.1F);
    graph_loss(s->g, "mse", op_mse(op_matmul_nt(op_avgpool_all(x), w), t));
    check_ok_at(__FILE__, __LINE__, graph_backward(&s->err, s->g), &s->err);
    check_ok_at(__FILE__, __LINE__, optim_parse(&s->err, "adamw:lr=0.1", &optim), &s->err);
    check_ok_at(__FILE__, __LINE__,
                optim_build(&s->err, s->g, &optim, &(OptimBuild){.accumulate = true}), &s->err);
    s->fit.optim = optim;
}

static Status run(Small *s, const char *folder)
{
    PlanOptions o = {.isa = isa_best(), .threads = 1};
    StoreKey key = {"run", "data", "config", false};
    Plan *plan;
    Pool *pool;

    s->a = test_arena();
    build(s);
    s->params = params_new(&s->err, s->a);
    check_ok_at(__FILE__, __LINE__, pool_new(&s->err, s->a, 1, &pool), &s->err);
    check_ok_at(__FILE__, __LINE__, plan_make(&s->err, s->a, s->g, &o, &plan), &s->err);
    check_ok_at(__FILE__, __LINE__, params_init_missing(&s->err, s->params, s->g, 3, NULL),
                &s->err);
    check_ok_at(__FILE__, __LINE__, run_new(&s->err, s->a, plan, s->params, pool, 11, &s->run),
                &s->err);
    s->samples = (Samples){.n = SAMPLES, .fill = fill};
    s->fit.run = s->run;
    s->fit.params = s->params;
    s->fit.graph = s->g;
    s->fit.train = &s->samples;
    s->fit.loss = "mse";
    s->fit.evaluate = evaluate;
    s->fit.evaluate_arg = s;
    s->fit.events = (Events){on_event, s, &s->stop};
    s->fit.opt = (FitOptions){.epochs = 4, .batch = ROWS, .accumulate = 2, .seed = 5};
    check_ok_at(__FILE__, __LINE__,
                store_open(&s->err, s->a, folder, &key, &s->fit.events, &s->fit.store), &s->err);
    return fit(&s->err, s->a, &s->fit);
}

TEST(train_fit_brings_back_running_statistics_of_the_best_epoch)
{
    Small s = {.best = 2};
    Err err = {0};

    CHECK_OK(run(&s, test_folder()));
    CHECK_INT(s.fit.best_epoch, 2);
    CHECK(fabsf(s.running[1] - s.running[3]) > 1e-4F);
    CHECK_NEAR(params_find(s.params, "bn.running_mean")->data[0], s.running[1], 0);
}

TEST(train_fit_goes_on_with_running_statistics)
{
    Small whole = {.best = 4}, first = {.best = 4, .stop_at = 5}, second = {.best = 4};
    const char *folder = test_folder();
    char other[600];
    Err err = {0};

    snprintf(other, sizeof other, "%s/other", folder);
    CHECK_OK(run(&whole, folder));
    CHECK_INT(run(&first, other), E_STOPPED);
    second.evaluated = first.evaluated;
    CHECK_OK(run(&second, other));
    CHECK_INT((int64_t)second.fit.weights_hash, (int64_t)whole.fit.weights_hash);
    CHECK_NEAR(second.running[3], whole.running[3], 0);
}

/* SPDX-License-Identifier: MIT */
