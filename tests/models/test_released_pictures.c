/* test_released_pictures.c - released networks, as their files are, on real pictures: EfficientNet-Lite0 and SqueezeNet
 * 1.1 on 120 of ImageNet (decoded, resized and cut as the reference does: its classes, its logits), ResNet-20 on 1000 of
 * CIFAR-10. */
#include "formats/config.h"
#include "golden_case.h"
#include "image/image.h"
#include "models/models.h"
#include "test.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BATCH 20

typedef struct Released {
    Arena *a;
    Model *m;
    Run *run;
} Released;

/* asked: where the tensors fit several networks; else NULL */
static Released open_released(const char *file, const char *asked, const char *variant,
                              const char *loaded)
{
    Err err;
    Released l = {.a = test_arena()};
    ModelShape shape = {.pictures = BATCH};
    PlanOptions po = {.isa = isa_best(), .threads = 2};
    ModelOutputs out;
    LoadReport report;
    Pool *pool;
    Plan *plan;
    Params *p = params_new(&err, l.a);
    Graph *g = graph_new(&err, l.a, MODE_EVAL);

    CHECK_OK(model_open(&err, l.a, test_shared(file), &(ModelOptions){.variant = asked}, &l.m));
    CHECK_TEXT(l.m->variant->name, variant);
    shape.height = shape.width = l.m->pre.size;
    CHECK_OK(model_build(&err, l.m, g, NULL, &shape, &out));
    CHECK_OK(model_load(&err, l.a, l.m, g, p, &report));
    CHECK_TEXT(report.text, loaded);
    CHECK_OK(pool_new(&err, l.a, 2, &pool));
    CHECK_OK(plan_make(&err, l.a, g, &po, &plan));
    CHECK_OK(run_new(&err, l.a, plan, p, pool, 0, &l.run));
    return l;
}

/* Picture `i` of the next run. */
static void put_picture(const Released *l, const char *path, int i)
{
    Err err;
    Arena *a = arena_new(&err, sys_real());
    Bytes file;
    Picture whole, cut;
    const Preprocess *p = &l->m->pre;
    PictureEval how = {.resize = p->resize, .width = p->size, .height = p->size};
    float *to = run_input(l->run, "pixel_values");

    CHECK(filter_parse(p->interpolation, &how.filter));
    CHECK_OK(file_read_all(&err, a, path, 1 << 24, &file));
    CHECK_OK(picture_decode(&err, a, path, file, NULL, &whole));
    CHECK_OK(picture_eval(&err, a, &whole, &how, &cut));
    picture_tensor(&cut, p->mean, p->std, to + (int64_t)i * 3 * p->size * p->size);
    arena_free(a);
}

/* [n, labels] */
static const float *logits(const Released *l, int n)
{
    Err err;

    CHECK_OK(run_rows(&err, l->run, "batch", &(Rows){.count = n}));
    CHECK_OK(run_step(&err, l->run));
    return run_output(l->run, "logits").data;
}

static int best(const float *z, int labels)
{
    int top = 0;

    for (int k = 1; k < labels; k++)
        top = z[k] > z[top] ? k : top;
    return top;
}

/* ---- EfficientNet-Lite0 ---- */

/* A line of the reference: {"image", "top5", "logits"}; false for the lines that sum up. */
static bool read_row(const Released *l, const char *line, size_t n, Config *row)
{
    Err err;
    Writer *w;
    const char *path = path_join(&err, l->a, test_folder(), "row.json");

    CHECK_OK(writer_open(&err, l->a, path, &w));
    CHECK_OK(writer_put(&err, w, line, n));
    CHECK_OK(writer_commit(&err, w));
    CHECK_OK(config_open(&err, l->a, path, row));
    return config_has(row, "image");
}

/* Logits near theirs; their order ours wherever neighbours differ by more than 0.01. */
static void check_row(const Config *row, const float *z)
{
    const Json *top = config_get(row, "top5"), *logit = config_get(row, "logits");

    CHECK(json_count(top) == 5 && json_count(logit) == 5);
    for (size_t i = 0; i < 5; i++) {
        int k = (int)json_double(json_item(top, i));
        double want = json_double(json_item(logit, i));

        check_near_at(__FILE__, __LINE__, json_text(config_get(row, "image")), (double)z[k], want,
                      2e-3);
        if (i == 0)
            continue;
        int before = (int)json_double(json_item(top, i - 1));
        if (json_double(json_item(logit, i - 1)) - want > 0.01)
            CHECK(z[before] > z[k]);
    }
}

/* "n01531178_goldfinch.jpg" -> 11, of lines "file<TAB>class<TAB>synset" */
static int label_of(Bytes labels, const char *name)
{
    const char *at = strstr((const char *)labels.data, name);

    CHECK(at != NULL && at[strlen(name)] == '\t');
    return (int)strtol(at + strlen(name), NULL, 10);
}

static int run_rows_of(const Released *l, const Config *row, int n, Bytes labels)
{
    Err err;
    int right = 0;

    for (int i = 0; i < n; i++)
        put_picture(l,
                    test_shared(arena_printf(&err, l->a, "data/images/imagenet-samples/%s",
                                             json_text(config_get(&row[i], "image")))),
                    i);
    const float *z = logits(l, n);
    for (int i = 0; i < n; i++, z += 1000) {
        check_row(&row[i], z);
        right += best(z, 1000) == label_of(labels, json_text(config_get(&row[i], "image")));
    }
    return right;
}

TEST(models_released_efficientnet_lite0)
{
    Err err;
    Bytes rows, labels;
    Config row[BATCH];
    int n = 0, right = 0, seen = 0;
    const char *at;
    Released l = open_released(
        "data/models/efficientnet-lite0-imagenet/efficientnet-lite0-57934424.pth", NULL,
        "tf_efficientnet_lite0", "backbone 245 of 245 tensors; head 2 of 2 tensors");

    CHECK_OK(file_read_all(&err, l.a, test_shared("golden/released/efficientnet-lite0.jsonl"),
                           1 << 20, &rows));
    CHECK_OK(file_read_all(&err, l.a, test_shared("data/images/imagenet-samples/labels.tsv"),
                           1 << 20, &labels));
    for (at = (const char *)rows.data; *at; at += strcspn(at, "\n") + 1) {
        n += read_row(&l, at, strcspn(at, "\n"), &row[n]);
        if (n == BATCH) {
            right += run_rows_of(&l, row, n, labels);
            seen += n;
            n = 0;
        }
    }
    CHECK_INT(seen, 120);
    CHECK_INT(n, 0);
    CHECK_INT(right, 106);
}

/* ---- SqueezeNet 1.1 ---- */

#define SQUEEZENET "data/models/squeezenet1_1-imagenet/squeezenet1_1.caffe-bgr.safetensors"

/* Its tensors are torchvision's; only who loads them knows that these read blue first. */
TEST(models_released_squeezenet_is_one_of_two)
{
    Err err;
    Model *m;

    CHECK_INT(model_open(&err, test_arena(), test_shared(SQUEEZENET), &(ModelOptions){0}, &m),
              E_DATA);
    CHECK_HAS(err.text, "fit several networks");
    CHECK_HAS(err.text, "squeezenet1_1 (torchvision");
    CHECK_HAS(err.text, "squeezenet1_1_caffe (");
}

/* PyTorch with the same weights, on pictures that PIL resized, has 74 of 120 right too. */
TEST(models_released_squeezenet)
{
    Err err;
    Bytes labels;
    int n = 0, right = 0, seen = 0, label[BATCH];
    Released l = open_released(SQUEEZENET, "squeezenet1_1_caffe", "squeezenet1_1_caffe",
                               "backbone 50 of 50 tensors; head 2 of 2 tensors");

    CHECK_INT(l.m->pre.resize, 259);
    CHECK_OK(file_read_all(&err, l.a, test_shared("data/images/imagenet-samples/labels.tsv"),
                           1 << 20, &labels));
    for (const char *at = (const char *)labels.data; *at; at += strcspn(at, "\n") + 1) {
        const char *name = arena_strndup(&err, l.a, at, strcspn(at, "\t\n"));

        if (!strstr(name, ".jpg"))
            continue;
        label[n] = label_of(labels, name);
        put_picture(
            &l, test_shared(arena_printf(&err, l.a, "data/images/imagenet-samples/%s", name)), n++);
        if (n < BATCH)
            continue;
        const float *z = logits(&l, n);
        for (int i = 0; i < n; i++)
            right += best(z + (int64_t)i * 1000, 1000) == label[i];
        seen += n;
        n = 0;
    }
    CHECK_INT(seen, 120);
    CHECK_INT(n, 0);
    CHECK_INT(right, 74);
}

/* ---- ResNet-20 ---- */

static int count_right(const Released *l, const char *folder, int label)
{
    Err err;
    char **names;
    size_t files;
    int right = 0;

    CHECK_OK(dir_list(&err, l->a, folder, &names, &files));
    CHECK_INT((int)files % BATCH, 0);
    for (size_t i = 0; i < files; i += BATCH) {
        for (int k = 0; k < BATCH; k++)
            put_picture(l, path_join(&err, l->a, folder, names[i + (size_t)k]), k);
        const float *z = logits(l, BATCH);
        for (int k = 0; k < BATCH; k++)
            right += best(z + k * 10, 10) == label;
    }
    return right;
}

/* 91.78 % of the test set by the file itself; these pictures went through JPEG. */
TEST(models_released_resnet20)
{
    Err err;
    char **classes;
    size_t n;
    int right = 0;
    Released l = open_released("data/models/resnet20-cifar10/resnet20-12fca82f.th", NULL,
                               "resnet20", "backbone 95 of 95 tensors; head 2 of 2 tensors");
    const char *folder =
        arena_printf(&err, l.a, "%s", test_shared("data/images/cifar10-subset/test"));

    CHECK_OK(dir_list(&err, l.a, folder, &classes, &n));
    CHECK_INT((int)n, 10);
    for (size_t i = 0; i < n; i++)
        right += count_right(&l, path_join(&err, l.a, folder, classes[i]), (int)i);
    CHECK_INT(right, 819);
}

/* SPDX-License-Identifier: MIT */
