/* test_transplant.c - the first blocks of one network in another: which tensors, whose memory, and what is refused. */
#include "models/models.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>

typedef struct Small {
    Arena *a;
    Model *m;
    Graph *g;
    Params *p;
} Small;

/* A rule under which blocks from `first` on train. */
static void from_first(const void *first, const char *name, ParamRule *rule)
{
    rule->trainable = strtol(strpbrk(name, "1234567"), NULL, 10) > *(const int *)first;
}

static Small small(const char *variant, const int *frozen)
{
    static const Rules rules = {.on_param = from_first};
    ModelOptions o = {.head = HEAD_PICTURE, .labels = 3, .variant = variant, .scratch = true};
    ModelShape shape = {.pictures = 1, .height = 28, .width = 28};
    Hook hook = {&rules, frozen, NULL};
    ModelOutputs out;
    Err err = {0};
    Small s = {.a = test_arena()};

    CHECK_OK(model_open(&err, s.a, NULL, &o, &s.m));
    s.g = graph_new(&err, s.a, MODE_TRAIN);
    CHECK_OK(model_build(&err, s.m, s.g, frozen ? &hook : NULL, &shape, &out));
    s.p = params_new(&err, s.a);
    return s;
}

static bool same(const Param *x, const Param *y)
{
    return memcmp(x->data, y->data, (size_t)shape_size(&x->shape) * sizeof *x->data) == 0;
}

TEST(models_transplant_takes_the_first_blocks_whole)
{
    Err err = {0};
    Small from = small("alexnet_small", NULL);
    int made, given;

    CHECK_INT(model_blocks(from.m), 6);
    CHECK_OK(params_init_missing(&err, from.p, from.g, 1, &made));
    CHECK_INT(made, 14);
    for (int i = 0; i < params_count(from.p); i++) /* biases of both would be 0 */
        params_at(from.p, i)->data[0] += 1;
    for (int n = 0; n <= 6; n++) {
        Small to = small("alexnet_small", &n);

        CHECK_OK(model_transplant(&err, to.m, to.g, from.p, n, to.p, &given));
        CHECK_INT(given, 2 * n);
        CHECK_OK(params_init_missing(&err, to.p, to.g, 2, &made));
        CHECK_INT(made, 14 - 2 * n);
        for (int i = 0; i < params_count(to.p); i++) {
            Param *p = params_at(to.p, i), *have = params_find(from.p, p->name);
            bool taken = model_depth(to.m, p->name) < n;

            CHECK_INT(same(p, have), taken);
            CHECK_INT(p->data == have->data, taken && !p->owned);
        }
    }
}

TEST(models_transplant_copies_what_trains)
{
    static const int none;
    Err err = {0};
    Small from = small("alexnet_small", NULL), to = small("alexnet_small", &none);
    int made, given;

    CHECK_OK(params_init_missing(&err, from.p, from.g, 1, &made));
    CHECK_OK(model_transplant(&err, to.m, to.g, from.p, 3, to.p, &given));
    for (int i = 0; i < given; i++) {
        Param *p = params_at(to.p, i), *have = params_find(from.p, p->name);

        CHECK(p->owned && p->data != have->data && same(p, have));
    }
}

TEST(models_transplant_says_what_does_not_fit)
{
    Err err = {0};
    Small from = small("resnet20", NULL), to = small("alexnet_small", NULL);
    int made, given;

    CHECK_INT(model_transplant(&err, to.m, to.g, from.p, 7, to.p, &given), E_USAGE);
    CHECK_HAS(err.text, "the first 7 layers cannot be taken");
    CHECK_HAS(err.text, "0 to 6: alexnet_small");
    CHECK_INT(model_transplant(&err, to.m, to.g, from.p, -1, to.p, &given), E_USAGE);
    CHECK_OK(params_init_missing(&err, from.p, from.g, 1, &made));
    CHECK_INT(model_transplant(&err, to.m, to.g, from.p, 1, to.p, &given), E_DATA);
    CHECK_HAS(err.text, "\"conv1.weight\" has another shape");
    CHECK_INT(model_transplant(&err, from.m, from.g, to.p, 2, params_new(&err, to.a), &given),
              E_DATA);
    CHECK_HAS(err.text, "no tensor \"conv1.weight\"");
}

/* SPDX-License-Identifier: MIT */
