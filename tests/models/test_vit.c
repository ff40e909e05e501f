/* test_vit.c - vision transformers by the names of their libraries: folders of transformers saved and read again, files of
 * timm told by their tensors, pictures of other sizes, and what is refused. */
#include "formats/config.h"
#include "models/models.h"
#include "test.h"

#include <string.h>

#define TINY                                                                                       \
    "\"model_type\": \"vit\", \"hidden_size\": 16, \"num_hidden_layers\": 2, "                     \
    "\"num_attention_heads\": 2, \"intermediate_size\": 24, \"image_size\": 32, \"patch_size\": 8"

static const char *const insects[] = {"ants", "bees", "wasps"};

typedef struct Vit {
    Model *m;
    Graph *g;
    Params *p;
} Vit;

static void write_file(const char *folder, const char *name, const char *text)
{
    Err err;
    Writer *w;

    CHECK_OK(writer_open(&err, test_arena(), path_join(&err, test_arena(), folder, name), &w));
    CHECK_OK(writer_put(&err, w, text, strlen(text)));
    CHECK_OK(writer_commit(&err, w));
}

static Status open_vit(Err *e, const char *path, const ModelOptions *o, int64_t side, Vit *out)
{
    Arena *a = test_arena();
    ModelShape shape = {.pictures = 2, .height = side, .width = side};
    ModelOutputs outputs;
    LoadReport report;

    *out = (Vit){.g = graph_new(e, a, MODE_EVAL), .p = params_new(e, a)};
    TRY(model_open(e, a, path, o, &out->m));
    TRY(model_build(e, out->m, out->g, NULL, &shape, &outputs));
    TRY(model_load(e, a, out->m, out->g, out->p, &report));
    return params_init_missing(e, out->p, out->g, 3, NULL);
}

static void check_same(const Vit *have, const Vit *want)
{
    CHECK_INT(params_count(have->p), params_count(want->p));
    for (int i = 0; i < params_count(want->p); i++) {
        const Param *q = params_at(want->p, i), *p = params_find(have->p, q->name);

        check_at(__FILE__, __LINE__, p && shape_equal(&p->shape, &q->shape), q->name);
        CHECK(memcmp(p->data, q->data, (size_t)shape_size(&p->shape) * sizeof(float)) == 0);
    }
}

/* A folder of transformers with three labels, its weights drawn. */
static Vit saved(const char *folder)
{
    const ModelOptions o = {
        .head = HEAD_PICTURE, .scratch = true, .labels = LEN(insects), .label = insects};
    Err err;
    Vit v;

    write_file(folder, "config.json", "{" TINY "}");
    write_file(folder, "preprocessor_config.json",
               "{\"size\": 48, \"resample\": 3, \"image_mean\": [0.4, 0.5, 0.6], \"do_normalize\": "
               "true, \"image_processor_type\": \"ViTFeatureExtractor\"}");
    CHECK_OK(open_vit(&err, folder, &o, 32, &v));
    CHECK_OK(model_save(&err, test_arena(), v.m, v.p, folder));
    return v;
}

TEST(models_vit_folder_of_transformers)
{
    Err err;
    const char *folder = test_folder();
    Vit v = saved(folder), again, features;
    const ModelOptions as_is = {0}, none = {.head = HEAD_NONE};

    CHECK_INT(v.m->pre.size, 48);
    CHECK_OK(open_vit(&err, folder, &as_is, 32, &again));
    check_same(&again, &v);
    CHECK(params_find(again.p, "vit.encoder.layer.1.attention.attention.query.weight") != NULL);
    CHECK_TEXT(again.m->architecture, "ViTForImageClassification");
    CHECK_TEXT(again.m->label[2], "wasps");
    CHECK_INT(again.m->head, HEAD_PICTURE);
    CHECK_INT(again.m->pre.size, 48);
    CHECK_INT(again.m->pre.resize, 48);
    CHECK(again.m->pre.squash);
    CHECK_TEXT(again.m->pre.interpolation, "bicubic");
    CHECK_NEAR(again.m->pre.mean[2], 0.6, 1e-7);
    CHECK_NEAR(again.m->pre.std[0], 0.5, 0);
    CHECK_OK(open_vit(&err, folder, &none, 32, &features));
    CHECK_INT(params_count(features.p), params_count(v.p) - 2);
    CHECK(params_find(features.p, "encoder.layer.0.layernorm_before.bias") != NULL);
}

TEST(models_vit_pictures_of_another_size)
{
    const ModelOptions as_is = {0};
    Err err;
    Vit v = saved(test_folder()), again;

    CHECK_OK(open_vit(&err, test_folder(), &as_is, 48, &again)); /* the table stays as it is */
    check_same(&again, &v);
    CHECK_INT(open_vit(&err, test_folder(), &as_is, 4, &again), E_DATA);
    CHECK_HAS(err.text, "patch_embeddings.projection");
}

TEST(models_vit_depths)
{
    static const struct {
        const char *name;
        int depth;
    } cases[] = {
        {"vit.embeddings.cls_token", 0},
        {"vit.embeddings.patch_embeddings.projection.weight", 0},
        {"vit.encoder.layer.0.output.dense.bias", 1},
        {"vit.encoder.layer.1.layernorm_after.weight", 2},
        {"vit.layernorm.weight", 3},
        {"classifier.weight", 3},
    };
    Vit v = saved(test_folder());

    for (size_t i = 0; i < LEN(cases); i++)
        CHECK_INT(model_depth(v.m, cases[i].name), cases[i].depth);
    CHECK(model_is_head(v.m, "classifier.bias") && !model_is_head(v.m, "vit.layernorm.bias"));
}

/* A bare file is told by its tensors. */
TEST(models_vit_file_of_timm)
{
    const ModelOptions tiny = {.scratch = true, .variant = "vit_tiny_patch16_224", .labels = 3},
                       as_is = {0};
    Err err;
    Vit v, again;
    const char *folder = path_join(&err, test_arena(), test_folder(), "saved");
    const char *file = path_join(&err, test_arena(), folder, "model.safetensors");

    CHECK_OK(open_vit(&err, NULL, &tiny, 224, &v));
    CHECK_OK(model_save(&err, test_arena(), v.m, v.p, folder));
    CHECK_OK(open_vit(&err, file, &as_is, 224, &again));
    CHECK_TEXT(again.m->variant->name, "vit_tiny_patch16_224");
    check_same(&again, &v);
    CHECK_OK(open_vit(&err, folder, &as_is, 224, &again));
    check_same(&again, &v);
    CHECK_TEXT(json_text(config_get(&again.m->config, "global_pool")), "token");
}

TEST(models_vit_refuses)
{
    static const struct {
        const char *file, *text, *why;
    } cases[] = {
        {"config.json", "{" TINY ", \"num_channels\": 1}", "only pictures of 3 channels"},
        {"config.json", "{" TINY ", \"qkv_bias\": false}", "without biases"},
        {"config.json", "{" TINY ", \"hidden_act\": \"mish\"}", "\"mish\" is not known"},
        {"config.json", "{\"model_type\": \"vit\", \"num_attention_heads\": 7}", "7 heads"},
        {"config.json", "{\"model_type\": \"vit\", \"image_size\": 8}", "less than a patch"},
        {"config.json", "{\"model_type\": \"vit\", \"image_size\": [32, 32]}", "image_size"},
        {"config.json", "{\"model_type\": \"vit\", \"num_hidden_layers\": 0}", "outside"},
        {"preprocessor_config.json", "{\"do_resize\": false}", "without this step"},
        {"preprocessor_config.json", "{\"do_center_crop\": true}", "do_center_crop"},
        {"preprocessor_config.json", "{\"rescale_factor\": 0.5}", "1 / 255"},
        {"preprocessor_config.json", "{\"resample\": 0}", "nearest"},
        {"preprocessor_config.json", "{\"resample\": 6}", "outside"},
        {"preprocessor_config.json", "{\"size\": {\"shortest_edge\": 224}}", "\"height\""},
        {"preprocessor_config.json", "{\"size\": {\"height\": 32, \"width\": 64}}", "square"},
        {"preprocessor_config.json", "{\"size\": \"large\"}", "size"},
        {"preprocessor_config.json", "{\"image_std\": [1, 0, 1]}", "image_std"},
        {"preprocessor_config.json", "{\"size\":", "preprocessor_config.json"},
    };
    const ModelOptions o = {.head = HEAD_PICTURE, .scratch = true, .labels = 2};
    const char *folder = test_folder();

    for (size_t i = 0; i < LEN(cases); i++) {
        Err err = {0};
        Vit v;

        write_file(folder, "config.json", "{" TINY "}");
        write_file(folder, "preprocessor_config.json", "{}");
        write_file(folder, cases[i].file, cases[i].text);
        check_at(__FILE__, __LINE__, open_vit(&err, folder, &o, 32, &v) != E_OK, cases[i].text);
        CHECK_HAS(err.text, cases[i].why);
        CHECK_HAS(err.text, cases[i].file);
    }
}

/* SPDX-License-Identifier: MIT */
