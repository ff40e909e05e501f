/* test_table.c - the rows of ops.def: a file, cases with attributes, a sound description; refusals of shapes. */
#include "ref/standard.h"

#include "test.h"

#include <stdio.h>
#include <string.h>

/* xent_grad is in xent.c, rows_drop in rows.c: the file has the row's name, or its beginning up to a _ */
static bool has_file(const OpDef *op)
{
    char name[64];

    snprintf(name, sizeof name, "%s", op->name);
    for (char *cut = name; cut; cut = strrchr(name, '_')) {
        char path[100];

        if (cut != name)
            *cut = 0;
        snprintf(path, sizeof path, "src/ops/%s.c", name);
        if (path_kind(sys_real(), path) == PATH_FILE)
            return true;
    }
    return false;
}

TEST(ops_table_rows_are_whole)
{
    for (int i = 0; i < op_count(); i++) {
        const OpDef *op = op_at(i);

        check_at(__FILE__, __LINE__, has_file(op), op->name);
        check_at(__FILE__, __LINE__, op->shape && op->ref && op->case_count >= 3, op->name);
        CHECK(op->outputs >= 1 && op->outputs <= OP_OUT_MAX && op->inputs <= OP_IN_MAX);
        for (int k = 0; k < OP_OUT_MAX; k++)
            CHECK(op->inplace[k] <= op->inputs && (k < op->outputs || op->inplace[k] == 0));
        for (int c = 0; c < op->case_count; c++)
            CHECK((op->cases[c].attr != NULL) == (op->attr_size > 0));
        for (int j = 0; j < i; j++)
            CHECK(strcmp(op->name, op_at(j)->name) != 0);
    }
}

/* What may be overwritten must have the size of what overwrites it. */
TEST(ops_table_inplace_sizes_agree)
{
    for (int i = 0; i < op_count(); i++) {
        const OpDef *op = op_at(i);

        for (int c = 0; c < op->case_count; c++) {
            Err err = {0};
            Arena *a = arena_new(&err, sys_real());
            CaseGraph k = case_graph(a, op, &op->cases[c]);

            for (int o = 0; o < op->outputs; o++) {
                if (op->inplace[o] == 0)
                    continue;
                const Desc *from = node_desc(k.in[op->inplace[o] - 1]);
                const Desc *to = node_desc(node_out(k.y, o));
                CHECK(shape_equal(&from->shape, &to->shape) && from->dtype == to->dtype &&
                      from->space == to->space);
            }
            arena_free(a);
        }
    }
}

TEST(ops_table_costs_are_positive)
{
    for (int i = 0; i < op_count(); i++) {
        const OpDef *op = op_at(i);
        Err err = {0};
        Arena *a = arena_new(&err, sys_real());
        CaseGraph k = case_graph(a, op, &op->cases[0]);
        Ref *r = ref_new(k.g);

        standard_rows(r, STANDARD_LONG);
        OpCall c = ref_call(r, k.y.id);
        CHECK(!op->flops || op->flops(&c) > 0);
        memset(c.in_rows, 0, sizeof c.in_rows); /* as a plan asks, at capacity */
        memset(c.out_rows, 0, sizeof c.out_rows);
        CHECK(!op->flops || op->flops(&c) > 0);
        arena_free(a);
    }
}

/* ---- refusals name both shapes and rows ---- */

typedef struct Place {
    Arena *a;
    Graph *g;
    Node t, s, b, m, plain, scalar,
        ids; /* over tokens, others, sequences, labelled rows; [4, 6]; []; i32 */
} Place;

static Place place(void)
{
    Err err = {0};
    Place p = {.a = arena_new(&err, sys_real())};

    p.g = graph_new(&err, p.a, MODE_TRAIN);
    standard_spaces(p.g);
    p.t = graph_input(p.g, "t", DT_F32, SHAPE(CASE_T_CAPACITY, 6), CASE_T);
    p.s = graph_input(p.g, "s", DT_F32, SHAPE(256, 6), CASE_S);
    p.b = graph_input(p.g, "b", DT_F32, SHAPE(8, 6), CASE_B);
    p.m = graph_input(p.g, "m", DT_F32, SHAPE(40, 6), CASE_M);
    p.plain = graph_input(p.g, "plain", DT_F32, SHAPE(4, 6), SPACE_NONE);
    p.scalar = graph_input(p.g, "scalar", DT_F32, SHAPE0, SPACE_NONE);
    p.ids = graph_input(p.g, "ids", DT_I32, SHAPE(CASE_T_CAPACITY), CASE_T);
    return p;
}

/* The node was refused with a message that has both parts; the place starts afresh. */
static void refused(Place *p, Node n, const char *part, const char *other)
{
    Err err = {0};

    CHECK(!node_valid(n));
    CHECK(graph_finish(&err, p->g) == E_DATA);
    CHECK_HAS(err.text, part);
    CHECK_HAS(err.text, other);
    arena_free(p->a);
    *p = place();
}

TEST(ops_shapes_of_products_and_elements)
{
    Place p = place();

    refused(&p, op_matmul_nt(p.t, graph_param(p.g, "w", SHAPE(5, 7), INIT_ZERO, true)), "[256, 6]",
            "[5, 7]");
    refused(&p, op_matmul(p.t, p.s, NO_NODE, true, false), "over the rows \"tokens\"",
            "over the rows \"others\"");
    refused(&p, op_matmul(p.plain, p.plain, p.scalar, false, true), "matmul's bias",
            "wanted 1 dimensions");
    refused(&p, op_matmul(p.scalar, p.plain, NO_NODE, false, false), "[]", "[4, 6]");
    refused(&p, op_matmul_nt(p.ids, p.plain), "I32", "wanted F32");
    refused(&p, op_add(p.t, p.s), "\"tokens\"", "\"others\"");
    refused(&p, op_mul(p.t, p.plain), "\"tokens\"", "[4, 6]");
    refused(&p, op_add(p.plain, p.t), "[4, 6]", "[256, 6]");
    refused(&p, op_add(p.scalar, p.plain), "[]", "[4, 6]");
    refused(&p, op_sum_to(p.plain, SHAPE(5)), "[4, 6]", "[5]");
    refused(&p, op_fill(p.g, SHAPE(9, 6), CASE_T, 0), "[9, 6]", "256 rows");
    refused(&p, op_activate_grad(p.t, p.s, ACT_RELU), "\"tokens\"", "\"others\"");
    refused(&p, op_dropout(p.t, 1.5F, 0), "1.5", "below 1");
    arena_free(p.a);
}

TEST(ops_shapes_of_rows_and_attention)
{
    Place p = place();
    AttentionAttr four = {.heads = 4, .scale = 1}, two = {.heads = 2, .scale = 1};

    refused(&p, op_layernorm(p.t, graph_param(p.g, "w", SHAPE(5), INIT_ONE, true), p.b, 1e-5F),
            "weight", "wanted [6]");
    refused(&p, op_attention(p.t, p.t, p.t, four), "6 columns", "4 heads");
    refused(&p, op_attention(p.t, p.t, p.s, two), "\"tokens\"", "\"others\"");
    refused(&p, op_attention(p.m, p.m, p.m, two), "labelled", "not grouped");
    refused(&p, op_attention(p.plain, p.plain, p.plain, two), "plain rows", "not grouped");
    refused(&p, op_embed(p.t, p.ids, -1), "table", "\"tokens\"");
    refused(&p, op_gather(p.t, p.b), "index", "wanted I32");
    refused(&p, op_segment_mean(p.m), "labelled", "not grouped");
    refused(&p, op_segment_mean_grad(p.m, CASE_T), "labelled", "tokens");
    refused(&p, op_row_position(p.g, CASE_M, 0), "labelled", "not grouped");
    refused(&p, op_rows_drop(p.t), "in front", "tokens");
    refused(&p, op_rows_pad(p.s, CASE_X), "others", "tokens+2");
    refused(&p, op_rows_prepend(p.t, p.s), "\"tokens\"", "\"others\"");
    refused(&p, op_gather_grad(p.t, p.ids, CASE_T, 9), "9 rows", "256");
    arena_free(p.a);
}

TEST(ops_shapes_of_losses_and_updates)
{
    Place p = place();
    AdamwAttr adamw = {0};
    SgdAttr sgd = {0};

    refused(&p, op_xent(p.s, p.ids, NO_NODE, 0), "\"tokens\"", "\"others\"");
    refused(&p, op_xent(p.t, p.ids, NO_NODE, 1), "smoothing of 1", "below 1");
    refused(&p, op_xent(p.t, p.ids, p.scalar, 0), "weights", "wanted 1 dimensions");
    refused(&p, op_span_xent(p.t, p.ids, 0), "target", "each sequence");
    refused(&p, op_softmax(p.scalar), "softmax", "[]");
    refused(&p,
            op_xent(graph_input(p.g, "none", DT_F32, SHAPE(CASE_T_CAPACITY, 0), CASE_T), p.ids,
                    NO_NODE, 0),
            "[256, 0]", "no classes");
    refused(&p, op_mse(p.t, p.s), "\"tokens\"", "\"others\"");
    refused(&p, op_bce(p.plain, p.scalar), "[4, 6]", "[]");
    refused(&p, op_clip(p.plain, p.scalar), "[4, 6]", "wanted 0 dimensions");
    refused(&p, op_adamw(p.plain, p.plain, p.plain, p.scalar, p.scalar, p.plain, adamw), "adamw",
            "[4, 6]");
    refused(&p, op_sgd(p.plain, p.plain, p.plain, p.scalar, p.plain, sgd), "rates", "wanted [4]");
    arena_free(p.a);
}

static Node conv(const Place *p, Shape x, Shape w, Conv2dAttr a)
{
    return op_conv2d(graph_input(p->g, "pictures", DT_F32, x, SPACE_NONE),
                     graph_param(p->g, "w", w, INIT_ZERO, true), NO_NODE, a);
}

TEST(ops_shapes_of_convolutions)
{
    static const Conv2dAttr one = {{1, 1}, {0}, {1, 1}, 1}, two = {{1, 1}, {0}, {1, 1}, 2},
                            still = {{0, 1}, {0}, {1, 1}, 1};
    Place p = place();

    refused(&p, op_conv2d(p.plain, p.plain, NO_NODE, one), "conv2d's x", "wanted 4 dimensions");
    refused(&p, conv(&p, SHAPE(2, 3, 5, 5), SHAPE(4, 2, 3, 3), one), "[2, 3, 5, 5]",
            "[4, 2, 3, 3]");
    refused(&p, conv(&p, SHAPE(2, 4, 5, 5), SHAPE(3, 2, 3, 3), two), "2 groups", "[3, 2, 3, 3]");
    refused(&p, conv(&p, SHAPE(2, 4, 5, 2), SHAPE(3, 4, 3, 3), one), "[2, 4, 5, 2]", "fit into");
    refused(&p, conv(&p, SHAPE(2, 4, 5, 5), SHAPE(3, 4, 3, 3), still), "strides 0, 1", "groups");
    refused(&p, conv(&p, SHAPE(2, 4, 5, 5), SHAPE(0, 4, 3, 3), one), "[0, 4, 3, 3]", "wanted");
    Node x = graph_input(p.g, "x", DT_F32, SHAPE(8, 4, 5, 5), CASE_B);
    Node dy = graph_input(p.g, "dy", DT_F32, SHAPE(8, 3, 3, 3), SPACE_NONE);
    refused(&p, op_conv2d_grad_w(dy, x, one, &SHAPE(3, 4, 3, 3)), "[8, 3, 3, 3]", "\"sequences\"");
    dy = graph_input(p.g, "dy", DT_F32, SHAPE(8, 3, 3, 3), SPACE_NONE);
    Node w = graph_param(p.g, "w", SHAPE(3, 4, 3, 3), INIT_ZERO, true);
    refused(&p, op_conv2d_grad_x(dy, w, one, 6, 5), "[8, 3, 3, 3]", "wanted [8, 3, 4, 3]");
    arena_free(p.a);
}

TEST(ops_constructors_pass_invalid_nodes_quietly)
{
    Place p = place();
    Err err = {0};
    AttentionAttr one = {.heads = 1};

    CHECK(!node_valid(op_add(p.t, NO_NODE)));
    CHECK(!node_valid(op_matmul(NO_NODE, p.plain, NO_NODE, false, true)));
    CHECK(!node_valid(op_sum_to(NO_NODE, SHAPE0)));
    CHECK(!node_valid(op_dropout(NO_NODE, 0.5F, 1)));
    CHECK(!node_valid(op_attention(NO_NODE, NO_NODE, NO_NODE, one)));
    CHECK(!node_valid(op_attention(p.t, NO_NODE, p.t, one)));
    CHECK(!node_valid(op_xent(p.t, NO_NODE, NO_NODE, 0)));
    CHECK(!node_valid(node_out(op_layernorm(NO_NODE, p.t, p.t, 1), 1)));
    CHECK_OK(graph_finish(&err, p.g));
    arena_free(p.a);
}

/* SPDX-License-Identifier: MIT */
