/* test_pictures.c - networks of pictures opened and saved: folders of timm, bare files told by their tensors, what is
 * saved loads again bit for bit; and every kind of mismatch refused. */
#include "formats/config.h"
#include "models/models.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>

static const char *const insects[] = {"ants", "bees", "wasps"};

typedef struct Net3 { /* a model with its numbers */
    Model *m;
    Graph *g;
    Params *p;
} Net3;

static const char *temp(const char *name)
{
    Err err;
    const char *path = path_join(&err, test_arena(), test_folder(), name);

    CHECK(path != NULL);
    return path;
}

static Status open_net(Err *e, const char *path, const ModelOptions *o, Net3 *out, const char *text)
{
    Arena *a = test_arena();
    ModelShape shape = {.pictures = 2, .height = 32, .width = 32};
    ModelOutputs unused;
    LoadReport report;

    *out = (Net3){.g = graph_new(e, a, MODE_EVAL), .p = params_new(e, a)};
    TRY(model_open(e, a, path, o, &out->m));
    TRY(model_build(e, out->m, out->g, NULL, &shape, &unused));
    TRY(model_load(e, a, out->m, out->g, out->p, &report));
    if (text)
        CHECK_TEXT(report.text, text);
    return params_init_missing(e, out->p, out->g, 3, NULL);
}

static Net3 fresh(const char *variant, int labels)
{
    Err err;
    Net3 n;
    ModelOptions o = {.scratch = true,
                      .variant = variant,
                      .labels = labels,
                      .label = labels == LEN(insects) ? insects : NULL};

    CHECK_OK(open_net(&err, NULL, &o, &n, "nothing: all weights are new"));
    return n;
}

static void write_file(const char *path, const char *text)
{
    Err err;
    Writer *w;

    CHECK_OK(writer_open(&err, test_arena(), path, &w));
    CHECK_OK(writer_put(&err, w, text, strlen(text)));
    CHECK_OK(writer_commit(&err, w));
}

/* The numbers as a bare file, each name after `prefix`. */
static const char *bare(const Net3 *n, const char *name, const char *prefix)
{
    Err err;
    Arena *a = test_arena();
    NamedTensor *t = NEWS(&err, a, NamedTensor, params_count(n->p));
    const char *path = temp(name);

    for (int i = 0; i < params_count(n->p); i++) {
        const Param *p = params_at(n->p, i);

        t[i] = (NamedTensor){arena_printf(&err, a, "%s%s", prefix, p->name),
                             {DT_F32, p->shape, p->data}};
    }
    CHECK_OK(safetensors_write(&err, a, path, t, params_count(n->p), NULL));
    return path;
}

static void check_same(const Net3 *have, const Net3 *want)
{
    CHECK_INT(params_count(have->p), params_count(want->p));
    for (int i = 0; i < graph_param_count(want->g);
         i++) { /* in the order of building: names may differ */
        const char *x = graph_node(have->g, graph_param_at(have->g, i).id)->name;
        const char *y = graph_node(want->g, graph_param_at(want->g, i).id)->name;
        const Param *p = params_find(have->p, x), *q = params_find(want->p, y);

        CHECK(p && q && shape_equal(&p->shape, &q->shape));
        CHECK(memcmp(p->data, q->data, (size_t)shape_size(&p->shape) * sizeof(float)) == 0);
    }
}

TEST(models_pictures_bare_file)
{
    const ModelOptions as_is = {0}, other = {.variant = "resnet32"}, features = {.head = HEAD_NONE},
                       two = {.labels = 2};
    Err err;
    Net3 n = fresh("resnet20", 10), again;
    const char *path = bare(&n, "x.safetensors", "module.");

    CHECK_OK(
        open_net(&err, path, &as_is, &again, "backbone 95 of 95 tensors; head 2 of 2 tensors"));
    CHECK_TEXT(again.m->variant->name, "resnet20");
    CHECK_INT(again.m->labels, 10);
    CHECK_TEXT(again.m->label[9], "LABEL_9");
    check_same(&again, &n);
    CHECK_OK(
        open_net(&err, test_folder(), &as_is, &again, NULL)); /* the only file of weights there */
    CHECK_OK(
        open_net(&err, path, &two, &again, "backbone 95 of 95 tensors; linear new: 2 classes"));
    CHECK_OK(open_net(&err, path, &features, &again, "backbone 95 of 95 tensors"));
    CHECK_INT(open_net(&err, path, &other, &again, NULL), E_DATA);
    CHECK_HAS(err.text, "another network");
    CHECK_HAS(err.text, "resnet20");
    CHECK_HAS(err.text, "resnet32");
}

TEST(models_pictures_ambiguous_file)
{
    const ModelOptions as_is = {0}, tf = {.variant = "tf_efficientnet_lite0"};
    Err err;
    Net3 n = fresh("efficientnet_lite0", 3), again;
    const char *path = bare(&n, "x.safetensors", "");

    CHECK_INT(open_net(&err, path, &as_is, &again, NULL), E_DATA);
    CHECK_HAS(err.text, "fit several networks");
    CHECK_HAS(err.text, "efficientnet_lite0 (timm");
    CHECK_HAS(err.text, "tf_efficientnet_lite0 (timm");
    CHECK_HAS(err.text, "--model efficientnet_lite0 --weights");
    CHECK_OK(open_net(&err, path, &tf, &again, "backbone 245 of 245 tensors; head 2 of 2 tensors"));
    CHECK_NEAR(again.m->eps, 1e-3, 1e-9);
    check_same(&again, &n);
}

TEST(models_pictures_unknown_file)
{
    Err err;
    Net3 n = fresh("resnet20", 3), again;
    Param *stem = params_find(n.p, "conv1.weight");
    Shape was = stem->shape;

    stem->shape = SHAPE(16, 9, 3, 1);
    CHECK_INT(open_net(&err, bare(&n, "shape.safetensors", ""), &(ModelOptions){0}, &again, NULL),
              E_DATA);
    CHECK_HAS(err.text, "of no network of pictures that is known");
    stem->shape = was;
    stem->name = "conv1.wait";
    CHECK_INT(open_net(&err, bare(&n, "name.safetensors", ""), &(ModelOptions){0}, &again, NULL),
              E_DATA);
    CHECK_HAS(err.text, "of no network of pictures that is known");
}

/* Auxiliary classifiers belong to the file's own head: whole or not at all, and a new head leaves them out. */
TEST(models_pictures_auxiliary)
{
    Err err = {0};
    Net3 n = fresh("googlenet", 3), again;
    ModelOptions five = {.labels = 5};
    Param *p;

    CHECK_OK(open_net(&err, bare(&n, "without.safetensors", ""), &(ModelOptions){0}, &again,
                      "backbone 285 of 285 tensors; head 2 of 2 tensors"));
    CHECK(!again.m->optional);
    CHECK_OK(params_add(&err, n.p, "aux1.fc2.bias", SHAPE(3), &p));
    memset(p->data, 0, 3 * sizeof(float));
    const char *part = bare(&n, "part.safetensors", "module.");
    CHECK_INT(open_net(&err, part, &(ModelOptions){0}, &again, NULL), E_DATA);
    CHECK_HAS(err.text, "\"aux1.conv.conv.weight\" is missing");
    CHECK_OK(open_net(&err, part, &five, &again, "backbone 285 of 285 tensors; fc new: 5 classes"));
    CHECK(params_find(again.p, "aux1.fc2.bias") == NULL);
}

/* Inception v3 with its auxiliary classifier, saved for timm, which is told to build it. */
TEST(models_pictures_save_auxiliary)
{
    Err err = {0};
    ModelOptions o = {.scratch = true, .variant = "inception_v3", .labels = 3, .label = insects};
    ModelShape shape = {.pictures = 1, .height = 299, .width = 299};
    Net3 n = {.g = graph_new(&err, test_arena(), MODE_EVAL), .p = params_new(&err, test_arena())};
    ModelOutputs unused;
    Model *again;

    CHECK_OK(model_open(&err, test_arena(), NULL, &o, &n.m));
    n.m->new_head = false;
    n.m->optional = true;
    CHECK_OK(model_build(&err, n.m, n.g, NULL, &shape, &unused));
    CHECK_OK(params_init_missing(&err, n.p, n.g, 3, NULL));
    CHECK_OK(model_save(&err, test_arena(), n.m, n.p, temp("saved")));
    CHECK_OK(model_open(&err, test_arena(), temp("saved"), &(ModelOptions){0}, &again));
    CHECK(again->optional && !again->new_head);
    CHECK_TEXT(again->variant->name, "inception_v3");
    Config c = again->config, args = {0};
    CHECK(!config_has(&c, "library"));
    CHECK_OK(config_part(&err, &c, "model_args", &args));
    CHECK(config_has(&args, "aux_logits"));
    CHECK(weights_find(again->weights, "AuxLogits.fc.weight") != NULL);
    /* other classes: a new head, and nothing of the auxiliary one is kept */
    CHECK_OK(model_open(&err, test_arena(), temp("saved"), &(ModelOptions){.labels = 5}, &again));
    Graph *bare = graph_new(&err, test_arena(), MODE_EVAL);
    Params *p = params_new(&err, test_arena());
    LoadReport report;
    CHECK_OK(model_build(&err, again, bare, NULL, &shape, &unused));
    CHECK_OK(model_load(&err, test_arena(), again, bare, p, &report));
    CHECK_OK(params_init_missing(&err, p, bare, 3, NULL));
    CHECK_OK(model_save(&err, test_arena(), again, p, temp("other")));
    CHECK_OK(model_open(&err, test_arena(), temp("other"), &(ModelOptions){0}, &again));
    CHECK(!again->optional && !config_has(&again->config, "model_args"));
}

/* ---- folders ---- */

static Net3 save_and_open(const Net3 *n, const char *folder, const char *text)
{
    Err err;
    Net3 again;

    CHECK_OK(model_save(&err, test_arena(), n->m, n->p, folder));
    CHECK_OK(open_net(&err, folder, &(ModelOptions){0}, &again, text));
    CHECK_INT(again.m->head, n->m->head);
    CHECK_INT(again.m->labels, n->m->labels);
    for (int i = 0; i < n->m->labels; i++)
        CHECK_TEXT(again.m->label[i], n->m->label[i]);
    CHECK_INT(again.m->problem, n->m->problem);
    CHECK_INT(again.m->pre.size, n->m->pre.size);
    CHECK_INT(again.m->pre.resize, n->m->pre.resize);
    CHECK_TEXT(again.m->pre.interpolation, n->m->pre.interpolation);
    CHECK(memcmp(again.m->pre.mean, n->m->pre.mean, sizeof n->m->pre.mean) == 0);
    CHECK(memcmp(again.m->pre.std, n->m->pre.std, sizeof n->m->pre.std) == 0);
    CHECK(again.m->eps == n->m->eps && again.m->momentum == n->m->momentum);
    check_same(&again, n);
    return again;
}

static Config config_of(const char *folder)
{
    Err err;
    Config c;

    CHECK_OK(
        config_open(&err, test_arena(), path_join(&err, test_arena(), folder, "config.json"), &c));
    return c;
}

TEST(models_pictures_save_timm)
{
    Net3 n = fresh("resnet18", 3);
    const char *folder = temp("saved");
    Net3 again = save_and_open(&n, folder, "backbone 100 of 100 tensors; head 2 of 2 tensors");
    Config c = config_of(folder), p = {0};
    Err err;

    CHECK_OK(config_part(&err, &c, "pretrained_cfg", &p));
    CHECK_TEXT(json_text(config_get(&c, "architecture")), "resnet18");
    CHECK_TEXT(json_text(json_item(config_get(&c, "label_names"), 2)), "wasps");
    CHECK_INT((int)json_double(config_get(&c, "num_classes")), 3);
    CHECK_INT((int)json_double(config_get(&c, "num_features")), 512);
    CHECK(!config_has(&c, "library") && !config_has(&c, "model_args"));
    CHECK_TEXT(json_text(config_get(&p, "first_conv")), "conv1");
    CHECK_TEXT(json_text(config_get(&p, "classifier")), "fc");
    CHECK_INT((int)json_double(json_item(config_get(&p, "input_size"), 1)), 224);
    CHECK_NEAR(json_double(config_get(&p, "crop_pct")), 0.875, 0);
    CHECK_NEAR(json_double(json_item(config_get(&p, "mean"), 0)), 0.485, 1e-9);
    save_and_open(&again, temp("again"), "backbone 100 of 100 tensors; head 2 of 2 tensors");
}

/* Whatever names the weights came with, timm's are saved; what differs from timm's constructor stands in model_args. */
TEST(models_pictures_save_renames)
{
    Err err;
    Net3 lite, again;

    write_file(temp("config.json"), "{\"architecture\": \"tf_efficientnet_lite0\", \"library\": "
                                    "\"efficientnet-lite-pytorch\", \"num_classes\": 3}");
    CHECK_OK(open_net(&err, test_folder(), &(ModelOptions){.scratch = true}, &lite, NULL));
    CHECK_TEXT(lite.m->variant->library, "efficientnet-lite-pytorch");
    CHECK(params_find(lite.p, "_blocks.3._expand_conv.weight") != NULL);
    CHECK_INT(model_depth(lite.m, "_blocks.3._expand_conv.weight"), 4);
    CHECK(model_is_head(lite.m, "_fc.weight"));
    const char *folder = temp("saved");
    again = save_and_open(&lite, folder, "backbone 245 of 245 tensors; head 2 of 2 tensors");
    CHECK(params_find(again.p, "blocks.2.0.conv_pw.weight") != NULL);
    CHECK_TEXT(again.m->variant->library, "timm");
    Config c = config_of(folder), args = {0};
    CHECK_OK(config_part(&err, &c, "model_args", &args));
    CHECK_NEAR(json_double(config_get(&args, "bn_momentum")), 0.01, 1e-9);
    CHECK_INT((int)json_count(args.json), 1);
}

TEST(models_pictures_save_own_library)
{
    Net3 n = fresh("resnet20", 3);
    const char *folder = temp("saved");
    Config c;

    save_and_open(&n, folder, "backbone 95 of 95 tensors; head 2 of 2 tensors");
    c = config_of(folder);
    CHECK_TEXT(json_text(config_get(&c, "architecture")), "resnet20");
    CHECK_TEXT(json_text(config_get(&c, "library")), "pytorch_resnet_cifar10");
}

/* A new classifier of SqueezeNet has no ReLU, and a saved folder says so. */
TEST(models_pictures_save_head_without_relu)
{
    Net3 n = fresh("squeezenet1_1_caffe", 3), again;
    const char *folder = temp("saved");
    Config c;

    CHECK(!n.m->clipped_head);
    again = save_and_open(&n, folder, "backbone 50 of 50 tensors; head 2 of 2 tensors");
    CHECK(!again.m->clipped_head && !again.m->new_head);
    CHECK_TEXT(again.m->variant->name, "squeezenet1_1_caffe");
    c = config_of(folder);
    CHECK_TEXT(json_text(config_get(&c, "head_activation")), "none");
    CHECK_TEXT(json_text(config_get(&c, "library")), "caffe");
}

TEST(models_pictures_save_features)
{
    Err err;
    Net3 n;
    ModelOptions o = {.scratch = true, .variant = "resnet20", .head = HEAD_NONE};

    CHECK_OK(open_net(&err, NULL, &o, &n, NULL));
    CHECK_INT(n.m->labels, 0);
    save_and_open(&n, temp("saved"), "backbone 95 of 95 tensors");
}

TEST(models_pictures_refuses_config)
{
    static const struct {
        const char *config, *why;
    } cases[] = {
        {"{}", "names no model"},
        {"{\"architecture\": \"resnet19\"}", "no network \"resnet19\""},
        {"{\"architecture\": 3}", "expected a text"},
        {"{\"architecture\": \"resnet18\", \"library\": \"mxnet\"}", "no network \"resnet18\""},
        {"{\"architecture\": \"resnet18\", \"num_classes\": -1}", "outside 0"},
        {"{\"architecture\": \"resnet18\", \"num_classes\": 3, \"label_names\": [\"a\", \"b\"]}",
         "2 names for 3 classes"},
        {"{\"architecture\": \"resnet18\", \"num_classes\": 2, \"label_names\": [\"a\", 1]}",
         "name 1 is not a text"},
        {"{\"architecture\": \"resnet18\", \"problem_type\": \"tagging\"}", "\"tagging\""},
        {"{\"architecture\": \"resnet18\", \"image_size\": 0}", "outside 1"},
        {"{\"architecture\": \"resnet18\", \"pretrained_cfg\": 1}", "expected an object"},
        {"{\"architecture\": \"resnet18\", \"pretrained_cfg\": {\"input_size\": [1, 8, 8]}}",
         "only pictures of 3 channels"},
        {"{\"architecture\": \"resnet18\", \"pretrained_cfg\": {\"input_size\": [3, 8, 9]}}",
         "only square pictures"},
        {"{\"architecture\": \"resnet18\", \"pretrained_cfg\": {\"input_size\": [3, 8]}}",
         "a list of 3 numbers"},
        {"{\"architecture\": \"resnet18\", \"pretrained_cfg\": {\"input_size\": [3, 1e9, 1e9]}}",
         "item 1 is no number from 1 to 16384"},
        {"{\"architecture\": \"resnet18\", \"pretrained_cfg\": {\"crop_pct\": 0}}", "outside"},
        {"{\"architecture\": \"resnet18\", \"pretrained_cfg\": {\"crop_mode\": \"border\"}}",
         "\"border\" is not supported"},
        {"{\"architecture\": \"resnet18\", \"pretrained_cfg\": {\"interpolation\": \"random\"}}",
         "\"random\" is not supported"},
        {"{\"architecture\": \"resnet18\", \"pretrained_cfg\": {\"std\": [1, 1, 0]}}",
         "item 2 is no number"},
        {"{\"architecture\": \"resnet18\", \"pretrained_cfg\": {\"mean\": \"imagenet\"}}",
         "a list of 3 numbers"},
        {"{\"architecture\": \"resnet18\", \"model_args\": {\"output_stride\": 8}}",
         "\"output_stride\""},
        {"{\"architecture\": \"resnet18\", \"model_args\": {\"bn_eps\": \"x\"}}",
         "expected a number"},
        {"{\"architecture\": \"resnet18\", \"model_args\": {\"aux_logits\": true}}",
         "\"aux_logits\""},
        {"{\"architecture\": \"resnet18\", \"head_activation\": \"relu\"}",
         "\"relu\" is not supported"},
        {"{\"architecture\": \"squeezenet1_1\", \"head_activation\": \"tanh\"}",
         "\"tanh\" is not supported"},
    };
    Net3 n;

    for (size_t i = 0; i < LEN(cases); i++) {
        Err err = {0};

        write_file(temp("config.json"), cases[i].config);
        CHECK(open_net(&err, test_folder(), &(ModelOptions){.scratch = true}, &n, NULL) != E_OK);
        CHECK_HAS(err.text, cases[i].why);
        CHECK_HAS(err.text, "config.json");
    }
}

TEST(models_pictures_refuses_weights)
{
    Err err;
    Net3 n = fresh("resnet20", 3), again;
    const char *folder = temp("saved");

    CHECK_OK(model_save(&err, test_arena(), n.m, n.p, folder));
    write_file(temp("saved/config.json"), "{\"architecture\": \"resnet32\", \"library\": "
                                          "\"pytorch_resnet_cifar10\", \"num_classes\": 3}");
    CHECK_INT(open_net(&err, folder, &(ModelOptions){0}, &again, NULL), E_DATA);
    CHECK_HAS(err.text, "\"layer1.3.conv1.weight\" is missing");
    write_file(temp("saved/config.json"), "{\"architecture\": \"resnet20\", \"library\": "
                                          "\"pytorch_resnet_cifar10\", \"num_classes\": 4}");
    CHECK_INT(open_net(&err, folder, &(ModelOptions){0}, &again, NULL), E_DATA);
    CHECK_HAS(err.text, "\"linear.weight\" has the wrong shape");
    CHECK_INT(open_net(&err, folder, &(ModelOptions){.variant = "resnet18"}, &again, NULL), E_DATA);
    CHECK_HAS(err.text, "\"resnet18\" was asked for");
    CHECK_INT(open_net(&err, folder, &(ModelOptions){.head = HEAD_TOKEN}, &again, NULL),
              E_UNAVAILABLE);
    CHECK_INT(
        open_net(&err, NULL, &(ModelOptions){.scratch = true, .variant = "resnet19"}, &again, NULL),
        E_UNAVAILABLE);
    CHECK_HAS(err.text, "resnet18, resnet34");
}

/* SPDX-License-Identifier: MIT */
