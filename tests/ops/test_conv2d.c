/* test_conv2d.c - the references of convolution against PyTorch's numbers (tests/golden/conv2d.json). */
#include "formats/config.h"
#include "golden_case.h"
#include "ref/standard.h"

#include "test.h"

#include <math.h>

static Shape shape_at(const Json *row, const char *key)
{
    const Json *list = json_member(row, key);
    Shape s = {.rank = (int)json_count(list)};

    for (int i = 0; i < s.rank; i++)
        s.dim[i] = (int64_t)json_double(json_item(list, (size_t)i));
    return s;
}

static double *numbers(Arena *a, const Json *row, const char *what, int64_t n)
{
    Err err;
    double *u = NEWS(&err, a, double, n + 1);
    const char *name = arena_printf(&err, a, "%s.%s", json_text(json_member(row, "name")), what);

    CHECK(u && name);
    golden_uniform(name, n, u);
    return u;
}

/* Where element i of a row-major [B, C, H, W] lies in memory. */
static int64_t lies(const Shape *s, int64_t i)
{
    int64_t w = i % s->dim[3], h = i / s->dim[3] % s->dim[2];
    int64_t c = i / s->dim[3] / s->dim[2] % s->dim[1], b = i / s->dim[3] / s->dim[2] / s->dim[1];

    return ((b * s->dim[2] + h) * s->dim[3] + w) * s->dim[1] + c;
}

static void fill(Ref *r, Node n, const Json *row, const char *what, bool picture)
{
    const Shape *s = &node_desc(n)->shape;
    double *u = numbers(graph_arena(n.g), row, what, shape_size(s));

    for (int64_t i = 0; i < shape_size(s); i++)
        ref_real(r, n)[picture ? lies(s, i) : i] = u[i];
}

static void check_numbers(Ref *r, Node n, const Json *row, const char *what, bool picture)
{
    Err err;
    Arena *a = graph_arena(n.g);
    const Shape *s = &node_desc(n)->shape;
    const Json *want = json_member(row, what);
    double *u = numbers(a, row, arena_printf(&err, a, "%s.p", what), shape_size(s));
    double norm = 0, projection = 0, wanted = json_double(json_member(want, "norm"));

    for (int64_t i = 0; i < shape_size(s); i++) {
        double x = ref_real(r, n)[picture ? lies(s, i) : i];

        norm += x * x;
        projection += x * u[i];
    }
    what = arena_printf(&err, a, "%s of %s", what, json_text(json_member(row, "name")));
    check_near_at(__FILE__, __LINE__, what, sqrt(norm), wanted, 1e-10 * wanted);
    check_near_at(__FILE__, __LINE__, what, projection,
                  json_double(json_member(want, "projection")), 1e-10 * wanted);
}

static void check_row(const Json *row)
{
    Err err;
    Arena *a = arena_new(&err, sys_real());
    Graph *g = graph_new(&err, a, MODE_TRAIN);
    Shape shape = shape_at(row, "x"), weight = shape_at(row, "w"), pad = shape_at(row, "pad");
    int s = (int)json_double(json_member(row, "stride"));
    int d = (int)json_double(json_member(row, "dilation"));
    Conv2dAttr attr = {.stride = {s, s}, .dilation = {d, d}};

    for (int i = 0; i < 4; i++)
        attr.pad[i] = (int)pad.dim[i];
    attr.groups = (int)json_double(json_member(row, "groups"));
    Node x = graph_input(g, "x", DT_F32, shape, SPACE_NONE);
    Node w = graph_input(g, "w", DT_F32, weight, SPACE_NONE);
    Node b = graph_input(g, "b", DT_F32, SHAPE(weight.dim[0]), SPACE_NONE);
    Node y = op_conv2d(x, w, b, attr);
    const Shape *out = &node_desc(y)->shape, wanted = shape_at(row, "out");
    CHECK_TEXT(SHAPE_TEXT(out), SHAPE_TEXT(&wanted));
    Node dy = graph_input(g, "dy", DT_F32, *out, SPACE_NONE);
    Node dx = op_conv2d_grad_x(dy, w, attr, shape.dim[2], shape.dim[3]);
    Node dw = op_conv2d_grad_w(dy, x, attr, &weight);
    graph_output(g, "y", y), graph_output(g, "dx", dx), graph_output(g, "dw", dw);
    Ref *r = ref_new(g);
    fill(r, x, row, "x", true), fill(r, w, row, "w", false), fill(r, b, row, "b", false);
    fill(r, dy, row, "dy", true);
    ref_run(r);
    check_numbers(r, y, row, "y", true);
    check_numbers(r, dx, row, "dx", true);
    check_numbers(r, dw, row, "dw", false);
    arena_free(a);
}

TEST(ops_conv2d_equals_pytorch)
{
    Err err;
    Arena *a = arena_new(&err, sys_real());
    Config c;

    CHECK_OK(config_open(&err, a, "tests/golden/conv2d.json", &c));
    const Json *cases = config_get(&c, "cases");
    CHECK(json_count(cases) >= 10);
    for (size_t i = 0; i < json_count(cases); i++)
        check_row(json_item(cases, i));
    arena_free(a);
}

/* SPDX-License-Identifier: MIT */
