/* Building graphs: sticky errors, one parameter per name, order, gradients only where something trains. */
#include "passes/passes.h"
#include "test.h"

#include <string.h>

static Graph *open_graph(Err *err)
{
    return graph_new(err, test_arena(), MODE_TRAIN);
}

TEST(graph_one_name_is_one_parameter)
{
    Err err = {0};
    Graph *g = open_graph(&err);
    Node a = graph_param(g, "w", SHAPE(3, 4), INIT_ZERO, true);
    Node b = graph_param(g, "w", SHAPE(3, 4), INIT_ZERO, true);

    CHECK(node_same(a, b));
    CHECK_INT(graph_param_count(g), 1);
    graph_path(g, "encoder.layer.0");
    CHECK(!node_valid(graph_param(g, "w", SHAPE(4, 3), INIT_ZERO, true)));
    CHECK_INT(graph_finish(&err, g), E_DATA);
    CHECK_HAS(err.text, "[3, 4]");
    CHECK_HAS(err.text, "[4, 3]");
    CHECK_HAS(err.text, "encoder.layer.0");
}

TEST(graph_the_first_error_sticks_and_later_calls_do_nothing)
{
    Err err = {0};
    Graph *g = open_graph(&err);
    Node x = graph_input(g, "x", DT_F32, SHAPE(2, 3), SPACE_NONE);
    Node w = graph_param(g, "w", SHAPE(5, 4), INIT_ZERO, true);
    Node y = op_matmul_nt(x, w);
    int nodes = graph_count(g);

    CHECK(!node_valid(y));
    CHECK(!node_valid(op_add(y, y)));
    CHECK(!node_valid(op_scale(x, 2)));
    CHECK_INT(graph_count(g), nodes);
    CHECK_INT(graph_finish(&err, g), E_DATA);
    CHECK_HAS(err.text, "matmul");
}

TEST(graph_rows_of_two_spaces_never_meet)
{
    Err err = {0};
    Graph *g = open_graph(&err);
    Space batch = graph_space(g, "batch", 4, SPACE_NONE);
    Space tokens = graph_space(g, "tokens", 4, batch);
    Node x = graph_input(g, "x", DT_F32, SHAPE(4, 3), tokens);
    Node y = graph_input(g, "y", DT_F32, SHAPE(4, 3), batch);

    CHECK(!node_valid(op_add(x, y)));
    CHECK_INT(graph_finish(&err, g), E_DATA);
    CHECK_HAS(err.text, "tokens");
}

TEST(graph_gradients_only_where_something_trains)
{
    Err err = {0};
    Graph *g = open_graph(&err);
    Node x = graph_input(g, "x", DT_F32, SHAPE(2, 3), SPACE_NONE);
    Node frozen = graph_param(g, "frozen", SHAPE(3, 3), INIT_KAIMING, false);
    Node w = graph_param(g, "w", SHAPE(3, 3), INIT_KAIMING, true);
    Node top = graph_param(g, "top", SHAPE(3, 3), INIT_KAIMING, false);
    Node lonely = graph_param(g, "lonely", SHAPE(3), INIT_ZERO, true);
    Node h = op_matmul_nt(x, frozen);
    Node y = op_matmul_nt(op_matmul_nt(h, w), top);
    int forward, *order, n;

    graph_loss(g, "sum", op_sum_to(y, SHAPE0));
    forward = graph_count(g);
    CHECK_OK(graph_backward(&err, g));
    CHECK(node_valid(graph_gradient(g, w)));
    CHECK(!node_valid(graph_gradient(g, frozen)));
    CHECK(!node_valid(graph_gradient(g, top)));
    CHECK(!node_valid(graph_gradient(g, lonely)));
    /* nothing reads h backwards: only w's gradient does */
    for (int id = forward; id < graph_count(g); id++)
        for (int i = 0; i < graph_node(g, id)->ins; i++)
            CHECK(graph_node(g, id)->in[i].id != frozen.id);
    CHECK_OK(graph_order(&err, g, graph_arena(g), &order, &n));
    for (int i = 0; i < n; i++)
        CHECK(order[i] != lonely.id);
}

TEST(graph_extended_spaces_are_shared_and_counted)
{
    Err err = {0};
    Graph *g = open_graph(&err);
    Space batch = graph_space(g, "batch", 4, SPACE_NONE);
    Space tokens = graph_space(g, "tokens", 40, batch);
    Space longer = graph_space_extended(g, tokens, 5);

    CHECK_INT(graph_space_extended(g, tokens, 5), longer);
    CHECK(graph_space_extended(g, tokens, 6) != longer);
    CHECK_INT(graph_space_info(g, longer)->capacity, 40 + 4 * 5);
    CHECK_INT(graph_space_info(g, longer)->groups, batch);
    CHECK_OK(graph_finish(&err, g));
    graph_space_extended(g, batch, 1);
    CHECK_INT(graph_finish(&err, g), E_DATA);
    CHECK_HAS(err.text, "batch");
}

/* SPDX-License-Identifier: MIT */
