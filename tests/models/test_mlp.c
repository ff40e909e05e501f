/* test_mlp.c - the network of rows of numbers: its gradients are PyTorch's (the source-only case of tests/golden/dann.json),
 * a drawn one is described by its text, and what cannot be is refused. */
#include "formats/config.h"
#include "golden_case.h"
#include "models/models.h"
#include "passes/passes.h"
#include "ref/standard.h"
#include "test.h"

#include <math.h>
#include <string.h>

#define ROWS 4

static void trains(const void *options, const char *name, ParamRule *rule)
{
    (void)options;
    (void)name;
    rule->trainable = true;
}

static Model *drawn(Arena *a, const char *text, int64_t numbers, HeadKind head)
{
    Err err;
    ModelOptions o = {.head = head, .labels = 3, .variant = text, .numbers = numbers};
    Model *m;

    CHECK_OK(model_open(&err, a, NULL, &o, &m));
    return m;
}

/* The case's name of a tensor of ours. */
static const char *theirs(const char *ours)
{
    if (strcmp(ours, "hidden.0.weight") == 0)
        return "hidden.weight";
    return strcmp(ours, "hidden.0.bias") == 0 ? "hidden.bias" : ours;
}

static void fill(Ref *r, Arena *a, Node n, const char *name, int64_t count)
{
    Err err;
    double *u = NEWS(&err, a, double, count);

    golden_uniform(arena_printf(&err, a, "dann.%s", name), count, u);
    for (int64_t i = 0; i < count; i++)
        ref_real(r, n)[i] = u[i];
}

static void check_gradient(Graph *g, Ref *r, Arena *a, Node param, const Json *grads)
{
    Err err;
    const char *name = theirs(graph_node(g, param.id)->name);
    const Json *want = json_member(grads, name);
    Node grad = graph_gradient(g, param);
    int64_t n = ref_count(r, grad);
    double *u = NEWS(&err, a, double, n), projection = 0;

    CHECK(want);
    golden_uniform(arena_printf(&err, a, "gradient of %s", name), n, u);
    for (int64_t i = 0; i < n; i++)
        projection += ref_real(r, grad)[i] * u[i];
    check_near_at(__FILE__, __LINE__, name, projection,
                  json_double(json_member(want, "projection")),
                  1e-9 * json_double(json_member(want, "norm")));
}

TEST(models_mlp_equals_pytorch)
{
    static const Rules rules = {.on_param = trains};
    static const Hook hook = {&rules, NULL, NULL};
    Err err;
    Arena *a = test_arena();
    Model *m = drawn(a, "mlp:5", 7, HEAD_SEQUENCE);
    ModelShape shape = {.sequences = ROWS, .labels = true};
    Graph *g = graph_new(&err, a, MODE_TRAIN);
    uint32_t sample[ROWS] = {0, 1, 2, 3};
    ModelOutputs out;
    Config file;

    CHECK_OK(config_open(&err, a, "tests/golden/dann.json", &file));
    const Json *grads = json_member(json_item(config_get(&file, "cases"), 0), "gradients");
    CHECK_OK(model_build(&err, m, g, &hook, &shape, &out));
    CHECK_OK(graph_backward(&err, g));
    Ref *r = ref_new(g);
    ref_rows(r, out.batch, (Rows){.count = ROWS, .sample = sample});
    fill(r, a, ref_node(r, "input_features"), "x", (int64_t)ROWS * 7);
    for (int i = 0; i < ROWS; i++)
        ref_int(r, ref_node(r, "labels"))[i] = i % 3;
    for (int i = 0; i < graph_param_count(g); i++) {
        Node p = graph_param_at(g, i);

        fill(r, a, p, theirs(graph_node(g, p.id)->name), ref_count(r, p));
    }
    ref_real(r, ref_node(r, "loss.labels.scale"))[0] = 1.0 / ROWS;
    ref_run(r);
    CHECK_INT(graph_param_count(g), 4);
    for (int i = 0; i < 4; i++)
        check_gradient(g, r, a, graph_param_at(g, i), grads);
}

TEST(models_mlp_is_drawn_by_its_text)
{
    Arena *a = test_arena();
    Model *m = drawn(a, "mlp", 9, HEAD_NONE);

    CHECK(m->dim == 50 && m->layers == 1 && m->numbers == 9);
    m = drawn(a, "mlp:100,20", 9, HEAD_SEQUENCE);
    CHECK(m->dim == 20 && m->layers == 2 && m->labels == 3);
    CHECK_INT(model_depth(m, "hidden.1.weight"), 1);
    CHECK(model_is_head(m, "classifier.weight") && !model_is_head(m, "hidden.0.bias"));
    CHECK(model_drawn("mlp") && model_drawn("mlp:7") && !model_drawn("mlps") && !model_drawn("m"));
    CHECK(!model_drawn(NULL));
}

TEST(models_mlp_refuses)
{
    static const char *const bad[] = {"mlp:",   "mlp:0",     "mlp:5,",
                                      "mlp:5x", "mlp:70000", "mlp:1,1,1,1,1,1,1,1,1"};
    Err err = {0};
    Model *m;

    for (size_t i = 0; i < LEN(bad); i++) {
        ModelOptions o = {.head = HEAD_NONE, .variant = bad[i], .numbers = 4};

        CHECK(model_open(&err, test_arena(), NULL, &o, &m));
        CHECK_HAS(err.text, "is no network");
        err = (Err){0};
    }
}

/* SPDX-License-Identifier: MIT */
