/* test_net.c - places and their names, hooks in turn, and what layers refuse. */
#include "nn/nn.h"
#include "test.h"

#include <string.h>

static Graph *graph(Mode mode)
{
    static Arena *a;
    Err err;

    arena_free(a);
    CHECK(a = arena_new(&err, sys_real()));
    Graph *g = graph_new(&err, a, mode);
    CHECK(g != NULL);
    return g;
}

static Node rows(Graph *g, int64_t dim)
{
    Space batch = graph_space(g, "batch", 3, SPACE_NONE);
    Space tokens = graph_space(g, "tokens", 9, batch);

    return graph_input(g, "x", DT_F32, SHAPE(9, dim), tokens);
}

static const char *param_name(const Graph *g, int i)
{
    return graph_node(g, graph_param_at(g, i).id)->name;
}

TEST(nn_net_names)
{
    Graph *g = graph(MODE_EVAL);
    Net root = nn_root(g, NULL);
    Node x = rows(g, 4);

    CHECK_TEXT(nn_at(nn_at(root, "layer.%d", 3), "out").path, "layer.3.out");
    CHECK_TEXT(nn_at(root, "%s", "").path, "");
    CHECK_TEXT(nn_at(nn_at(root, "a"), "%s", "").path, "a");
    nn_linear(nn_at(root, "layer.%d", 3), "dense", x, 5);
    nn_layernorm(root, "norm", x, 1e-5F);
    CHECK_INT(graph_param_count(g), 4);
    CHECK_TEXT(param_name(g, 0), "layer.3.dense.weight");
    CHECK_TEXT(param_name(g, 1), "layer.3.dense.bias");
    CHECK_TEXT(param_name(g, 2), "norm.weight");
    CHECK(!graph_node(g, graph_param_at(g, 0).id)->trainable); /* nothing trains without a hook */
}

/* ---- hooks: each in its turn ---- */

static void train_all(const void *options, const char *name, ParamRule *rule)
{
    (void)options;
    (void)name;
    rule->trainable = true;
}

static void but_biases(const void *options, const char *name, ParamRule *rule)
{
    rule->trainable &= strstr(name, options) == NULL;
}

static Node times(const void *options, Net at, Node x)
{
    (void)at;
    return op_scale(x, *(const float *)options);
}

TEST(nn_net_hooks_in_turn)
{
    static const Rules first = {.on_param = train_all, .on_input = times};
    static const Rules second = {.on_param = but_biases};
    static const float two = 2;
    const Hook later = {&second, "bias", NULL}, hooks = {&first, &two, &later};
    Err err;
    Graph *g = graph(MODE_EVAL);

    nn_linear(nn_root(g, &hooks), "dense", rows(g, 4), 5);
    CHECK_OK(graph_finish(&err, g));
    CHECK(graph_node(g, graph_param_at(g, 0).id)->trainable);
    CHECK(!graph_node(g, graph_param_at(g, 1).id)->trainable);
    int scales = 0;
    for (int i = 0; i < graph_count(g); i++) {
        const NodeInfo *n = graph_node(g, i);

        scales += n->kind == NODE_OP && strcmp(n->op->name, "scale") == 0;
    }
    CHECK_INT(scales, 1);
}

/* ---- dropout's key is the place ---- */

static uint32_t site_of(Graph *g, Node n)
{
    CHECK(strcmp(graph_node(g, n.id)->op->name, "dropout") == 0);
    return ((const DropoutAttr *)graph_node(g, n.id)->attr)->site;
}

TEST(nn_net_dropout_sites)
{
    Graph *g = graph(MODE_TRAIN);
    Net root = nn_root(g, NULL);
    Node x = rows(g, 4);
    uint32_t a = site_of(g, nn_dropout(nn_at(root, "layer.0"), "dropout", x, 0.1F));
    uint32_t b = site_of(g, nn_dropout(nn_at(root, "layer.1"), "dropout", x, 0.1F));

    CHECK(a != b);
    g = graph(MODE_TRAIN);
    root = nn_root(g, NULL);
    x = op_scale(rows(g, 4), 2); /* built after other nodes: the same key */
    CHECK(site_of(g, nn_dropout(root, "layer.1.dropout", x, 0.1F)) == b);
    Node same = nn_dropout(root, "none", x, 0);
    CHECK(node_same(same, x));
}

TEST(nn_net_attention_refuses_heads)
{
    Err err = {0};
    Graph *g = graph(MODE_EVAL);
    Node x = rows(g, 10);

    nn_attention(nn_at(nn_root(g, NULL), "layer.0.self"), x, x, x, (Attention){.heads = 3});
    CHECK(graph_finish(&err, g) != E_OK);
    CHECK_HAS(err.text, "10 channels cannot be split into 3 heads");
    CHECK_HAS(err.text, "layer.0.self");
}

/* ---- convolutions ---- */

static Node pictures(Graph *g, int64_t channels, int64_t height, int64_t width)
{
    Space batch = graph_space(g, "batch", 3, SPACE_NONE);

    return graph_input(g, "pixel_values", DT_F32, SHAPE(3, channels, height, width), batch);
}

TEST(nn_conv2d_names_and_shapes)
{
    Err err;
    Graph *g = graph(MODE_EVAL);
    Net root = nn_root(g, NULL);
    Node x = pictures(g, 6, 9, 8);
    Node y = nn_conv2d(root, "conv1", x, (Conv2d){.out = 4, .k = 3, .stride = 2, .pad = 1});
    Node z =
        nn_conv2d(root, "conv2", y,
                  (Conv2d){.out = 10, .k = 3, .groups = 2, .dilation = 2, .pad = 2, .bias = true});

    CHECK_OK(graph_finish(&err, g));
    CHECK_TEXT(param_name(g, 0), "conv1.weight");
    CHECK_TEXT(param_name(g, 1), "conv2.weight");
    CHECK_TEXT(param_name(g, 2), "conv2.bias");
    CHECK_TEXT(SHAPE_TEXT(&node_desc(graph_param_at(g, 1))->shape), "[10, 2, 3, 3]");
    CHECK_TEXT(SHAPE_TEXT(&node_desc(y)->shape), "[3, 4, 5, 4]");
    CHECK_TEXT(SHAPE_TEXT(&node_desc(z)->shape), "[3, 10, 5, 4]");
    CHECK_INT(node_space(z), node_space(x));
}

static void check_same(int64_t size, int k, int stride, int before, int after)
{
    Graph *g = graph(MODE_EVAL);
    Node y = nn_conv2d(nn_root(g, NULL), "conv", pictures(g, 2, size, size),
                       (Conv2d){.out = 2, .k = k, .stride = stride, .same = true});
    const Conv2dAttr *a = graph_node(g, y.id)->attr;

    CHECK_INT(node_dim(y, 2), (size + stride - 1) / stride);
    CHECK_INT(node_dim(y, 3), (size + stride - 1) / stride);
    CHECK_INT(a->pad[0], before);
    CHECK_INT(a->pad[1], before);
    CHECK_INT(a->pad[2], after);
    CHECK_INT(a->pad[3], after);
}

/* As TensorFlow has it: 224 with a window of 3 and stride 2 is padded at the end alone. */
/* Windows of one row, padded across only, and of one column, padded down only. */
TEST(nn_conv2d_rows_and_columns)
{
    Err err;
    Graph *g = graph(MODE_EVAL);
    Net root = nn_root(g, NULL);
    Conv2d row = {.out = 4, .k = 1, .k_across = 7, .pad_across = 3};
    Conv2d column = {.out = 2, .k = 7, .pad = 3, .k_across = 1};
    Node y = nn_conv2d(root, "row", pictures(g, 3, 5, 6), row);
    Node z = nn_conv2d(root, "column", y, column);

    CHECK_OK(graph_finish(&err, g));
    CHECK_TEXT(SHAPE_TEXT(&node_desc(graph_param_at(g, 0))->shape), "[4, 3, 1, 7]");
    CHECK_TEXT(SHAPE_TEXT(&node_desc(graph_param_at(g, 1))->shape), "[2, 4, 7, 1]");
    CHECK_TEXT(SHAPE_TEXT(&node_desc(y)->shape), "[3, 4, 5, 6]");
    CHECK_TEXT(SHAPE_TEXT(&node_desc(z)->shape), "[3, 2, 5, 6]");
}

TEST(nn_conv2d_same)
{
    check_same(224, 3, 2, 0, 1);
    check_same(225, 3, 2, 1, 1);
    check_same(112, 5, 2, 1, 2);
    check_same(7, 3, 1, 1, 1);
    check_same(10, 1, 3, 0, 0);
    check_same(9, 2, 1, 0, 1);
}

static Node twice(const void *options, Net at, Node x, Node w, Conv2dAttr attr, Node y)
{
    (void)options;
    CHECK_TEXT(at.path, "conv");
    return op_add(y, op_conv2d(x, w, NO_NODE, attr));
}

TEST(nn_conv2d_hook)
{
    static const Rules rules = {.on_conv = twice};
    const Hook hooks = {&rules, NULL, NULL};
    Err err;
    Graph *g = graph(MODE_EVAL);
    Node y =
        nn_conv2d(nn_root(g, &hooks), "conv", pictures(g, 2, 5, 5), (Conv2d){.out = 2, .k = 3});

    CHECK_OK(graph_finish(&err, g));
    CHECK_TEXT(graph_node(g, y.id)->op->name, "add");
}

TEST(nn_conv2d_refuses)
{
    Err err = {0};
    Graph *g = graph(MODE_EVAL);

    nn_conv2d(nn_root(g, NULL), "conv", pictures(g, 3, 5, 5),
              (Conv2d){.out = 4, .k = 1, .groups = 2});
    CHECK(graph_finish(&err, g) != E_OK);
    CHECK_HAS(err.text, "3 channels in 2 groups");
    g = graph(MODE_EVAL);
    nn_conv2d(nn_root(g, NULL), "layer1.0.conv", pictures(g, 3, 5, 5), (Conv2d){.out = 4, .k = 7});
    CHECK(graph_finish(&err, g) != E_OK);
    CHECK_HAS(err.text, "[4, 3, 7, 7]");
    CHECK_HAS(err.text, "[3, 3, 5, 5]");
    CHECK_HAS(err.text, "layer1.0.conv");
}

/* SPDX-License-Identifier: MIT */
