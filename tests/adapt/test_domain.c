/* test_domain.c - domain adaptation: a step of domain-adversarial training against PyTorch's (tests/golden/dann.json), the
 * ramp of its strength, its options and what they refuse. */
#include "adapt/domain.h"
#include "formats/config.h"
#include "golden_case.h"
#include "passes/passes.h"
#include "ref/standard.h"
#include "test.h"

#include <math.h>
#include <string.h>

typedef struct Built {
    Graph *g;
    Ref *r;
} Built;

static void trains(const void *options, const char *name, ParamRule *rule)
{
    (void)options;
    (void)name;
    rule->trainable = true;
}

static void fill(Ref *r, Arena *a, const char *name)
{
    Err err;
    Node n = ref_node(r, name);
    const Shape *s = &node_desc(n)->shape;
    double *u = NEWS(&err, a, double, shape_size(s));

    golden_uniform(arena_printf(&err, a, "dann.%s", name), shape_size(s), u);
    for (int64_t i = 0; i < shape_size(s); i++)
        ref_real(r, n)[i] = u[i];
}

/* The network of tools/golden/dann.py, on rows of the source and then of the target. */
static Built build(Arena *a, const Domain *d, int64_t sources, int64_t targets)
{
    static const Rules rules = {.on_param = trains};
    static const Hook hook = {&rules, NULL, NULL};
    Err err;
    Graph *g = graph_new(&err, a, MODE_TRAIN);
    int64_t n = sources + targets;
    Net root = nn_root(g, &hook);
    Node h = op_activate(
        nn_linear(root, "hidden", graph_input(g, "x", DT_F32, SHAPE(n, 7), SPACE_NONE), 5),
        ACT_SIGMOID);
    Node z = nn_linear(root, "classifier", h, 3);
    Node y = graph_input(g, "labels", DT_I32, SHAPE(n), SPACE_NONE);

    graph_loss(g, "labels", op_xent(z, y, NO_NODE, 0));
    domain_build(d, g, &(DomainParts){h, z});
    CHECK_OK(graph_backward(&err, g));
    Ref *r = ref_new(g);
    fill(r, a, "x");
    for (int i = 0; i < graph_param_count(g); i++)
        fill(r, a, graph_node(g, graph_param_at(g, i).id)->name);
    for (int64_t i = 0; i < n; i++) {
        ref_int(r, y)[i] = i < sources ? (int32_t)(i % 3) : -1;
        ref_int(r, ref_node(r, DOMAIN_LABELS))[i] = i >= sources;
    }
    ref_real(r, ref_node(r, "loss.labels.scale"))[0] = 1.0 / (double)sources;
    ref_real(r, ref_node(r, "loss.domain.scale"))[0] = 1.0 / (double)sources;
    return (Built){g, r};
}

static void check_gradient(const Built *b, Arena *a, const char *name, const Json *want)
{
    Err err;
    Node grad = graph_gradient(b->g, ref_node(b->r, name));
    const Json *shape = json_member(want, "shape");
    int64_t n = ref_count(b->r, grad);
    double *u = NEWS(&err, a, double, n), norm = 0, projection = 0, within;

    CHECK_INT(node_desc(grad)->shape.rank, (int64_t)json_count(shape));
    golden_uniform(arena_printf(&err, a, "gradient of %s", name), n, u);
    for (int64_t i = 0; i < n; i++) {
        double v = ref_real(b->r, grad)[i];

        norm += v * v;
        projection += v * u[i];
    }
    within = 1e-9 * json_double(json_member(want, "norm"));
    check_near_at(__FILE__, __LINE__, name, sqrt(norm), json_double(json_member(want, "norm")),
                  within);
    check_near_at(__FILE__, __LINE__, name, projection,
                  json_double(json_member(want, "projection")), within);
}

TEST(adapt_domain_dann_equals_pytorch)
{
    Err err;
    Arena *a = test_arena();
    Config file;
    Domain *d;

    CHECK_OK(config_open(&err, a, "tests/golden/dann.json", &file));
    CHECK_OK(domain_parse(&err, a, "dann:hidden=6", &d));
    const Json *cases = config_get(&file, "cases"), *rows = config_get(&file, "rows");
    Built b = build(a, d, (int64_t)json_double(json_item(rows, 0)),
                    (int64_t)json_double(json_item(rows, 1)));
    CHECK_INT((int64_t)json_count(cases), 3);
    for (size_t i = 0; i < json_count(cases); i++) {
        const Json *row = json_item(cases, i), *grads = json_member(row, "gradients");

        ref_real(b.r, ref_node(b.r, DOMAIN_STRENGTH))[0] =
            json_double(json_member(row, "strength"));
        ref_run(b.r);
        double loss = ref_real(b.r, ref_node(b.r, "loss.domain"))[0] *
                      ref_real(b.r, ref_node(b.r, "loss.domain.scale"))[0];
        check_near_at(__FILE__, __LINE__, "domain", loss, json_double(json_member(row, "domain")),
                      1e-9);
        CHECK_INT((int64_t)json_count(grads), 8);
        for (size_t k = 0; k < json_count(grads); k++)
            check_gradient(&b, a, json_key(grads, k), json_member(grads, json_key(grads, k)));
    }
}

TEST(adapt_domain_strength_follows_the_paper)
{
    Err err;
    Domain *d;

    CHECK_OK(domain_parse(&err, test_arena(), "dann:strength=0.5", &d));
    for (int64_t step = 0; step <= 200; step++) {
        double p = (double)step / 200, want = 0.5 * (2 / (1 + exp(-10 * p)) - 1);

        check_near_at(__FILE__, __LINE__, "strength", domain_strength(d, 0.5, step, 200), want,
                      1e-14);
    }
    CHECK_OK(domain_parse(&err, test_arena(), "dann:ramp=0,hidden=0", &d));
    CHECK(domain_strength(d, 0.1, 0, 200) == 0.1 && d->hidden == 0);
}

TEST(adapt_domain_options)
{
    static const struct {
        const char *text, *says;
    } bad[] = {
        {"dan", "no domain adaptation \"dan\""},
        {"dann:strong=1", "no option \"strong\""},
        {"dann:strength", "strength wants a number"},
        {"dann:strength=1|", "strength wants a number"},
        {"dann:strength=-1", "strength wants a number"},
        {"dann:strength=1|2|3|4|5|6|7|8|9|10|11|12|13|14|15|16|17", "16 strengths at most"},
        {"dann:hidden=nan", "hidden wants a number"},
    };
    Err err = {0};
    Domain *d;

    CHECK_OK(domain_parse(&err, test_arena(), "dann:strength=0.01|0.1|1", &d));
    CHECK(d->strengths == 3 && d->strength[1] == 0.1);
    for (size_t i = 0; i < LEN(bad); i++) {
        CHECK(domain_parse(&err, test_arena(), bad[i].text, &d));
        CHECK_HAS(err.text, bad[i].says);
        err = (Err){0};
    }
}

/* SPDX-License-Identifier: MIT */
