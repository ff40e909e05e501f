/* test_method.c - methods as text: what trains under each, how fast, and what is refused. */
#include "adapt/adapt.h"
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A model of two layers: "stem.x", "layer.0.x", "layer.1.x", "top.x" and the head "classifier.x". */
static int depth(const void *model, const char *name)
{
    (void)model;
    if (strncmp(name, "stem.", 5) == 0)
        return 0;
    return strncmp(name, "layer.", 6) == 0 ? (int)strtol(name + 6, NULL, 10) + 1 : 3;
}

static bool is_head(const void *model, const char *name)
{
    (void)model;
    return strncmp(name, "classifier.", 11) == 0;
}

static const MethodTarget target = {
    .layers = 2, .depth = depth, .is_head = is_head, .lora_targets = "query|value"};

static Method *parse(const char *text)
{
    static Arena *a; /* reachable when the test's process ends */
    Err err;
    Method *m;

    if (!a)
        a = arena_new(&err, sys_real());
    CHECK_OK(method_parse(&err, a, text, &target, &m));
    return m;
}

static void refuses(const char *text, const char *why)
{
    Err err = {0};
    Arena *a = arena_new(&err, sys_real());
    Method *m;

    CHECK_INT(method_parse(&err, a, text, &target, &m), E_USAGE);
    CHECK_HAS(err.text, why);
    arena_free(a);
}

TEST(adapt_method_what_trains)
{
    Method *full = parse("full"), *head = parse("head"), *freeze = parse("freeze:1");
    Method *lora = parse("lora"), *ia3 = parse("ia3:targets=key"), *bitfit = parse("bitfit");

    CHECK(method_trains(full, "stem.x") && method_trains(full, "classifier.weight"));
    CHECK(!method_trains(head, "layer.1.x") && method_trains(head, "classifier.weight"));
    CHECK(!method_trains(freeze, "stem.x") && !method_trains(freeze, "layer.0.x"));
    CHECK(method_trains(freeze, "layer.1.x") && method_trains(freeze, "top.x"));
    CHECK(method_trains(lora, "layer.0.query.lora_A.weight"));
    CHECK(!method_trains(lora, "layer.0.query.weight"));
    CHECK(method_trains(lora, "classifier.bias"));
    CHECK(method_trains(ia3, "layer.0.key.ia3_l") && !method_trains(ia3, "layer.0.key.weight"));
    CHECK(method_trains(bitfit, "layer.0.key.bias") && method_trains(bitfit, "classifier.weight"));
    CHECK(!method_trains(bitfit, "layer.0.key.weight"));
}

/* Statistics move with the scales that do. */
TEST(adapt_method_norm)
{
    const Hook *h = parse("norm")->hooks;
    ParamRule scale = {.of_norm = true}, other = {0};

    h->rules->on_param(h->options, "stem.x", &scale);
    CHECK(scale.trainable && !scale.fixed_statistics);
    h->rules->on_param(h->options, "stem.x", &other);
    CHECK(!other.trainable);
}

/* What a layer knows of the data moves as its weights do. */
TEST(adapt_method_running_statistics)
{
    static const struct {
        const char *method, *name;
        bool fixed;
    } want[] = {{"full", "stem.running_mean", false},
                {"head", "stem.running_mean", true},
                {"freeze:1", "stem.running_var", true},
                {"freeze:1", "top.running_var", false},
                {"lora", "layer.0.running_mean", true}};

    for (size_t i = 0; i < LEN(want); i++) {
        ParamRule rule = {0};
        const Hook *h = parse(want[i].method)->hooks;

        h->rules->on_param(h->options, want[i].name, &rule);
        check_at(__FILE__, __LINE__, rule.fixed_statistics == want[i].fixed, want[i].name);
    }
}

TEST(adapt_method_layer_decay)
{
    Method *m = parse("full:layer_decay=0.5");

    CHECK_NEAR((double)method_rate(m, "classifier.weight"), 1, 0);
    CHECK_NEAR((double)method_rate(m, "layer.1.x"), 0.5, 0);
    CHECK_NEAR((double)method_rate(m, "layer.0.x"), 0.25, 0);
    CHECK_NEAR((double)method_rate(m, "stem.x"), 0.125, 0);
    CHECK_NEAR((double)method_rate(parse("full"), "stem.x"), 1, 0);
}

TEST(adapt_method_lora_options)
{
    const LoraOptions *o =
        parse("lora:rank=4,alpha=8,dropout=0.1,targets=query|output.dense,layer_decay=0.9")
            ->options;

    CHECK_INT(o->rank, 4);
    CHECK_NEAR((double)o->alpha, 8, 0);
    CHECK_NEAR((double)o->dropout, 0.1, 1e-7);
    CHECK_INT(o->targets, 2);
    CHECK_TEXT(o->target[1], "output.dense");
    o = parse("lora")->options;
    CHECK_INT(o->targets, 2);
    CHECK_TEXT(o->target[0], "query");
}

TEST(adapt_method_refuses)
{
    refuses("magic", "there is no method \"magic\"");
    refuses("magic", "lora:rank=8");
    refuses("full:rank=3", "no option \"rank\"");
    refuses("freeze:3", "0 to 2");
    refuses("freeze:-1", "0 to 2");
    refuses("freeze:x", "0 to 2");
    refuses("lora:rank=0", "rank wants a number");
    refuses("lora:rank=2.5", "whole number");
    refuses("lora:dropout=1", "dropout wants");
    refuses("lora:alpha=nan", "alpha wants");
    refuses("lora:targets=", "targets");
    refuses("lora:size=3", "no option \"size\"");
    refuses("full:layer_decay=0", "layer_decay wants");
    refuses("full:layer_decay=1.5", "layer_decay wants");
}

TEST(adapt_method_patterns)
{
    CHECK(name_matches("*", "") && name_matches("*", "a.b"));
    CHECK(name_matches("*.lora_?.weight", "x.lora_A.weight"));
    CHECK(!name_matches("*.lora_?.weight", "x.lora_AB.weight"));
    CHECK(!name_matches("*.lora_?.weight", "x.lora_A.weight.y"));
    CHECK(name_matches("a*b*c", "aXbYbZc") && !name_matches("a*b*c", "aXbYbZ"));
    CHECK(!name_matches("", "a") && name_matches("", ""));
}

/* SPDX-License-Identifier: MIT */
