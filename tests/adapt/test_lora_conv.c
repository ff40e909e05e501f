/* test_lora_conv.c - LoRA on convolutions against PEFT's numbers (tests/golden/lora_conv.json): outputs, gradients,
 * the merged weight; and what has no such form. */
#include "adapt/adapt.h"
#include "formats/config.h"
#include "golden_case.h"
#include "ref/standard.h"
#include "test.h"

#include <math.h>
#include <string.h>

static const MethodTarget target = {.layers = 1, .lora_targets = "conv"};

typedef struct Case {
    Arena *a;
    const Json *row;
    const char *name;
} Case;

static Shape shape_at(const Case *c, const char *key)
{
    const Json *list = json_member(c->row, key);
    Shape s = {.rank = (int)json_count(list)};

    for (int i = 0; i < s.rank; i++)
        s.dim[i] = (int64_t)json_double(json_item(list, (size_t)i));
    return s;
}

static double *recipe(const Case *c, const char *what, int64_t n)
{
    Err err;
    double *u = NEWS(&err, c->a, double, n + 1);

    CHECK(u);
    golden_uniform(arena_printf(&err, c->a, "%s.%s", c->name, what), n, u);
    return u;
}

/* Where element i of a row-major [B, C, H, W] lies in memory. */
static int64_t lies(const Shape *s, int64_t i)
{
    int64_t w = i % s->dim[3], h = i / s->dim[3] % s->dim[2];
    int64_t c = i / s->dim[3] / s->dim[2] % s->dim[1], b = i / s->dim[3] / s->dim[2] / s->dim[1];

    return ((b * s->dim[2] + h) * s->dim[3] + w) * s->dim[1] + c;
}

static void fill(const Case *c, Ref *r, const char *node, const char *what)
{
    Node n = ref_node(r, node);
    const Shape *s = &node_desc(n)->shape;
    double *u = recipe(c, what, shape_size(s));
    bool picture = strcmp(what, "x") == 0 || strcmp(what, "t") == 0;

    for (int64_t i = 0; i < shape_size(s); i++)
        ref_real(r, n)[picture ? lies(s, i) : i] = u[i];
}

static void check(const Case *c, const real *x, const Shape *s, const char *what, double within)
{
    Err err;
    const Json *want = json_member(c->row, what);
    double *u = recipe(c, arena_printf(&err, c->a, "%s.p", what), shape_size(s));
    double norm = 0, projection = 0, wanted = json_double(json_member(want, "norm"));
    bool picture = strcmp(what, "y") == 0;

    for (int64_t i = 0; i < shape_size(s); i++) {
        double v = x[picture ? lies(s, i) : i];

        norm += v * v;
        projection += v * u[i];
    }
    check_near_at(__FILE__, __LINE__, what, sqrt(norm), wanted, within * wanted);
    check_near_at(__FILE__, __LINE__, what, projection,
                  json_double(json_member(want, "projection")), within * wanted);
}

static Node build(const Case *c, Graph *g, const Method *m, Node *y)
{
    Shape x = shape_at(c, "x"), w = shape_at(c, "w"), out = shape_at(c, "out");
    Conv2d how = {.out = w.dim[0],
                  .k = (int)w.dim[2],
                  .stride = (int)json_double(json_member(c->row, "stride")),
                  .pad = (int)json_double(json_item(json_member(c->row, "pad"), 0)),
                  .bias = true};

    *y = nn_conv2d(nn_root(g, m->hooks), "conv", graph_input(g, "x", DT_F32, x, SPACE_NONE), how);
    graph_output(g, "y", *y);
    graph_loss(g, "mse", op_mse(*y, graph_input(g, "t", DT_F32, out, SPACE_NONE)));
    return *y;
}

static void check_merged(const Case *c, const Method *m)
{
    static const char *const names[][2] = {
        {"conv.weight", "w"}, {"conv.lora_A.weight", "A"}, {"conv.lora_B.weight", "B"}};
    Err err;
    Params *p = params_new(&err, c->a);
    int merged;

    for (size_t i = 0; i < LEN(names); i++) {
        Shape s = shape_at(c, names[i][1]);
        double *u = recipe(c, names[i][1], shape_size(&s));
        Param *one;

        CHECK_OK(params_add(&err, p, names[i][0], s, &one));
        for (int64_t k = 0; k < shape_size(&s); k++)
            one->data[k] = (float)u[k];
    }
    CHECK_OK(method_merge(&err, m, p, &merged));
    CHECK_INT(merged, 1);
    const Param *w = params_find(p, "conv.weight");
    real *wide = NEWS(&err, c->a, real, shape_size(&w->shape));
    for (int64_t k = 0; k < shape_size(&w->shape); k++)
        wide[k] = (double)w->data[k];
    check(c, wide, &w->shape, "merged", 1e-6);
}

static void check_case(const Case *c)
{
    Err err;
    Graph *g = graph_new(&err, c->a, MODE_TRAIN);
    Method *m;
    Node y;

    CHECK_OK(method_parse(&err, c->a, "lora:rank=3,alpha=6", &target, &m));
    build(c, g, m, &y);
    CHECK_OK(method_check(&err, m, g));
    CHECK_OK(graph_backward(&err, g));
    Ref *r = ref_new(g);
    fill(c, r, "x", "x"), fill(c, r, "t", "t");
    fill(c, r, "conv.weight", "w"), fill(c, r, "conv.bias", "b");
    fill(c, r, "conv.lora_A.weight", "A"), fill(c, r, "conv.lora_B.weight", "B");
    ref_real(r, ref_node(r, "loss.mse.scale"))[0] = 1;
    ref_run(r);
    Node da = graph_gradient(g, ref_node(r, "conv.lora_A.weight"));
    Node db = graph_gradient(g, ref_node(r, "conv.lora_B.weight"));
    check(c, ref_real(r, y), &node_desc(y)->shape, "y", 1e-6); /* the factor is a float */
    check(c, ref_real(r, da), &node_desc(da)->shape, "dA", 1e-6);
    check(c, ref_real(r, db), &node_desc(db)->shape, "dB", 1e-6);
    CHECK(!node_valid(graph_gradient(g, ref_node(r, "conv.weight"))));
    check_merged(c, m);
}

TEST(adapt_lora_conv_equals_peft)
{
    Err err;
    Case c = {.a = test_arena()};
    Config file;

    CHECK_OK(config_open(&err, c.a, "tests/golden/lora_conv.json", &file));
    const Json *cases = config_get(&file, "cases");
    CHECK_INT((int64_t)json_count(cases), 2);
    for (size_t i = 0; i < json_count(cases); i++) {
        c.row = json_item(cases, i);
        c.name = json_text(json_member(c.row, "name"));
        check_case(&c);
    }
}

/* Tensors that the method brings, or -1 when the graph refuses. */
static int brought(const char *text, Conv2d how, Err *err)
{
    Arena *a = test_arena();
    Graph *g = graph_new(err, a, MODE_TRAIN);
    Node x = graph_input(g, "x", DT_F32, SHAPE(1, 4, 6, 6), SPACE_NONE);
    Method *m;
    int n = 0;

    check_ok_at(__FILE__, __LINE__, method_parse(err, a, text, &target, &m), err);
    nn_conv2d(nn_root(g, m->hooks), "conv", x, how);
    if (graph_finish(err, g))
        return -1;
    for (int i = 0; i < graph_param_count(g); i++)
        n += strstr(graph_node(g, graph_param_at(g, i).id)->name, "lora_") != NULL;
    return n;
}

TEST(adapt_lora_conv_groups)
{
    Conv2d plain = {.out = 4, .k = 3, .pad = 1}, deep = {.out = 4, .k = 3, .pad = 1, .groups = 4};
    Err err = {0};

    CHECK_INT(brought("lora:targets=all-conv", plain, &err), 2);
    CHECK_INT(brought("lora:targets=all-conv", deep, &err), 0);
    CHECK_INT(brought("lora:targets=all-linear", plain, &err), 0);
    CHECK_INT(brought("lora:targets=conv", deep, &err), -1);
    CHECK_HAS(err.text, "in groups");
    CHECK_HAS(err.text, "conv");
}

/* SPDX-License-Identifier: MIT */
