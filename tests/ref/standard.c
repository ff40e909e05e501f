/* standard.c - the spaces CASE_B .. CASE_S and what runs in them. */
#include "ref/standard.h"

#include "test.h"

#include <stdio.h>

#define SEQUENCES 3

typedef struct Standard {
    int32_t tokens[SEQUENCES + 1], others[SEQUENCES + 1]; /* offsets */
    int32_t visible[SEQUENCES], others_visible[SEQUENCES];
    uint32_t sample[SEQUENCES];
    int64_t labelled;
    bool all_visible;
} Standard;

static const Standard standards[STANDARD_COUNT] = {
    [STANDARD_SHORT] = {.tokens = {0, 3, 4, 9},
                        .others = {0, 2, 6, 11},
                        .sample = {0, 1, 2},
                        .labelled = 4,
                        .all_visible = true},
    [STANDARD_VISIBLE] = {.tokens = {0, 3, 4, 9},
                          .others = {0, 2, 6, 11},
                          .visible = {2, 1, 5},
                          .others_visible = {2, 3, 4},
                          .sample = {7, 4000000000U, 0},
                          .labelled = 5},
    [STANDARD_LONG] = {.tokens = {0, 70, 71, 201},
                       .others = {0, 130, 131, 254},
                       .visible = {70, 1, 97},
                       .others_visible = {130, 1, 64},
                       .sample = {5, 6, 1},
                       .labelled = 33},
};

void standard_spaces(Graph *g)
{
    CHECK_INT(graph_space(g, "sequences", 8, SPACE_NONE), CASE_B);
    CHECK_INT(graph_space(g, "tokens", CASE_T_CAPACITY, CASE_B), CASE_T);
    CHECK_INT(graph_space(g, "labelled", 40, SPACE_NONE), CASE_M);
    CHECK_INT(graph_space_extended(g, CASE_T, CASE_EXTRA), CASE_X);
    CHECK_INT(graph_space(g, "others", 256, CASE_B), CASE_S);
    CHECK_INT(graph_space_each(g, "each", CASE_B, CASE_EACH), CASE_E);
}

void standard_rows(Ref *r, int which)
{
    const Standard *s = &standards[which];
    bool all = s->all_visible;

    ref_rows(r, CASE_S,
             (Rows){s->others[SEQUENCES], SEQUENCES, s->others, all ? NULL : s->others_visible,
                    s->sample});
    ref_rows(
        r, CASE_T,
        (Rows){s->tokens[SEQUENCES], SEQUENCES, s->tokens, all ? NULL : s->visible, s->sample});
    ref_rows(r, CASE_M, (Rows){.count = s->labelled});
}

CaseGraph case_graph(Arena *a, const OpDef *op, const OpCase *c)
{
    Err err = {0};
    CaseGraph k = {.g = graph_new(&err, a, MODE_TRAIN), .op = op, .c = c};
    char name[20];

    CHECK(k.g != NULL);
    standard_spaces(k.g);
    for (int i = 0; i < op->inputs; i++) {
        Shape s = c->in[i];
        Space space = SPACE_NONE;

        k.in[i] = NO_NODE;
        if (s.rank == 0 && i >= op->inputs - op->optional)
            continue;
        if (s.rank && s.dim[0] < 0) {
            space = (Space)-s.dim[0];
            s.dim[0] = graph_space_info(k.g, space)->capacity;
        }
        snprintf(name, sizeof name, "in%d", i);
        k.in[i] = graph_input(k.g, name, c->fill[i] >= CASE_INDEX ? DT_I32 : DT_F32, s, space);
    }
    k.y = graph_add(k.g, op, k.in, op->inputs, c->attr);
    for (int i = 0; i < op->outputs; i++) {
        snprintf(name, sizeof name, "out%d", i);
        graph_output(k.g, name, node_out(k.y, i));
    }
    CHECK_OK(graph_finish(&err, k.g));
    return k;
}

void fill_any(Ref *r, Node n, uint64_t seed, uint64_t purpose)
{
    real *x = ref_real(r, n);

    for (int64_t i = 0; i < ref_count(r, n); i++)
        x[i] = (real)(float)(2 * random_uniform(seed, purpose, (uint64_t)i) - 1);
}

static void fill_int(Ref *r, Node n, int64_t below, bool some_missing, uint64_t seed,
                     uint64_t purpose)
{
    int32_t *x = ref_int(r, n);

    for (int64_t i = 0; i < ref_count(r, n); i++) {
        x[i] = (int32_t)(random_uniform(seed, purpose, (uint64_t)i) * (double)below);
        if (some_missing && i % 3 == 1)
            x[i] = -1;
    }
}

void case_fill(Ref *r, const CaseGraph *k, uint64_t seed)
{
    Node token_row = {.g = k->g, .id = -1};

    for (int i = 0; i < k->op->inputs; i++) {
        CaseFill fill = k->c->fill[i];

        if (!node_valid(k->in[i]))
            continue;
        if (node_space(k->in[i]) == CASE_T)
            token_row = k->in[i];
        if (fill == CASE_INDEX || fill == CASE_LABEL) {
            int64_t below = k->c->below;

            if (below == 0)
                below = node_valid(token_row) ? ref_value(r, token_row).shape.dim[0]
                                              : standards[STANDARD_SHORT].tokens[SEQUENCES];
            fill_int(r, k->in[i], below, fill == CASE_LABEL, seed, (uint64_t)i);
            continue;
        }
        fill_any(r, k->in[i], seed, (uint64_t)i);
        real *x = ref_real(r, k->in[i]);
        for (int64_t j = 0; fill != CASE_ANY && j < ref_count(r, k->in[i]); j++)
            x[j] = fill == CASE_HOLES && j % 3 == 2 ? 0 : (real)(float)(0.6 + 0.5 * x[j]);
    }
}

/* SPDX-License-Identifier: MIT */
